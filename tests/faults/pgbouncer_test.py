"""Two replicas of membership on a PostgreSQL behind PgBouncer in transaction mode, with pools of one,
two and twenty connections; the notices come directly, or not at all.

They start, serve and write; then PostgreSQL is killed, a listener's connection breaks, and others
who share the pool leave settings behind. Nothing acknowledged is lost. Prints the counts.
BALI_FAULT_SECONDS is how long each is written to.
"""

import os
import time
import unittest

import process
import suite
from loads import Loads
from pooler import Pooler
from postgres import Postgres
from postgres_pair import free_port
from relay import Relay
from replicas import Replicas

SECONDS = max(0.5, float(os.environ.get('BALI_FAULT_SECONDS', '1')) / 2)
# (connections of the pool, whether notices come directly); half of them in ordinary runs.
POOLS = [(1, False), (2, True), (20, False)]
if 'BALI_FAULT_SECONDS' in os.environ:
    POOLS += [(1, True), (2, False), (20, True)]
# What a session that shares the pool leaves behind, which the next one finds.
LEFT_BEHIND = ('SET synchronous_commit = off',
               "SET default_transaction_isolation = 'repeatable read'",
               'SET default_transaction_read_only = on',
               'SET standard_conforming_strings = off',
               "SET bytea_output = 'escape'")


class Pooled(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        # What isn't on disk when it is acknowledged would stay so for long.
        cls.server = Postgres(['wal_writer_delay=10s'], port=free_port())
        cls.addClassCleanup(cls.server.remove)

    def start(self, pool, listen):
        """Two replicas behind a pooler of `pool` connections; `listen`: directly, for notices."""
        self.pool = pool
        self.database, _ = self.server.create_database()
        self.pooler = Pooler(self.server, pool)
        self.addCleanup(self.pooler.remove)
        self.relays = [Relay(self.pooler.port)] + ([Relay(self.server.port)] if listen else [])
        urls = ['postgresql://postgres@127.0.0.1:{}/{}'.format(relay.port, self.database)
                for relay in self.relays]
        self.replicas = Replicas({'membership': urls[0]},
                                 flags=['--store_listen', urls[1]] if listen else ())
        for one in self.relays:
            self.addCleanup(one.close)
        self.addCleanup(self.replicas.close)

    def leave_settings_behind(self):
        """On every connection of the pool; whether they are there still. PgBouncer replaces a
        connection whose user has left in the midst of a transaction."""
        sessions = [self.pooler.session(self.database) for _ in range(self.pool)]
        try:
            for session in sessions:
                session.run('BEGIN')  # from here to COMMIT it has one to itself
                for setting in LEFT_BEHIND:
                    session.run(setting)
            for session in sessions:
                session.run('COMMIT')
            return sessions[0].run('SHOW synchronous_commit') == 'off\n'
        finally:
            for session in sessions:
                session.close()

    def go_through(self, name, pool, listen):
        self.start(pool, listen)
        with Loads(self.replicas) as loads:
            self.kill(loads)
            broken = sum(relay.break_listeners() for relay in self.relays)
            loads.await_writes()
            process.wait_for(self.leave_settings_behind, 'settings stay behind')
            self.kill(loads)
        loads.settle(self, name, '{} listeners broken'.format(broken))

    def kill(self, loads):
        time.sleep(SECONDS)
        self.server.kill()
        self.server.start()
        loads.await_writes()


def _add_tests():
    for pool, listen in POOLS:
        how = 'notices directly' if listen else 'no notices of its own'

        def test(self, pool=pool, listen=listen, how=how):
            self.go_through('a pool of {}, {}'.format(pool, how), pool, listen)

        setattr(Pooled, 'test_pool_of_{}_{}'.format(pool, 'notices' if listen else 'alone'), test)


_add_tests()

if __name__ == '__main__':
    suite.main()
