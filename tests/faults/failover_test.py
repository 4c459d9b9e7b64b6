"""A PostgreSQL that hangs or dies and its standby, under callers and watchers of membership: writes
go on at the new primary, a service ends when it is told to, and what a new primary lacks is never
passed over in silence.

Prints the counts and the seconds until writes. BALI_FAULT_SECONDS: how long what is hung stays so.
"""

import os
import sys
import time
import unittest

import process
import suite
from loads import Loads
from postgres import Postgres
from postgres_pair import Pair
from replicas import Replicas
from tokens import Tokens

SECONDS = max(1.0, float(os.environ.get('BALI_FAULT_SECONDS', '1')))
PROMOTED_AFTER = 0.3
MAX_WITHOUT_WRITES = 5
# Of a service that has calls which wait for a store that hangs.
DRAIN = 2
DRAIN_FLAG = ('--drain_deadline', '{}s'.format(DRAIN))
# Beyond the drain deadline: what a busy machine needs.
MARGIN = 2


class HungPrimary(unittest.TestCase):
    """Under more callers than a replica has connections: all of these hang."""

    def setUp(self):
        self.pair = Pair()
        self.addCleanup(self.pair.remove)
        _, url = self.pair.create_database()
        self.replicas = Replicas({'membership': url}, flags=('--store_connections', '8'))
        self.addCleanup(self.replicas.close)

    def test_another_is_promoted(self):
        with Loads(self.replicas, callers=20) as loads:
            time.sleep(SECONDS)
            self.pair.primary.freeze()
            hung = time.monotonic()
            time.sleep(PROMOTED_AFTER)
            self.pair.standby.promote()
            promoted = time.monotonic()
            process.wait_for(lambda: loads.first_after(promoted), 'writes', 30)
            time.sleep(SECONDS)
            without = loads.longest_gap(hung, time.monotonic())
            # As operators fence it: awake, it would be a primary beside the other.
            self.pair.primary.kill()
            loads.await_writes()
        again = loads.first_after(promoted) - promoted
        loads.settle(self, 'primary hung, standby promoted',
                     'writes again {:.2f} s after the promotion'.format(again),
                     'without writes for {:.2f} s'.format(without))
        self.assertLess(again, MAX_WITHOUT_WRITES)


class Ends(unittest.TestCase):
    """SIGTERM while the store doesn't answer."""

    def setUp(self):
        self.server = Postgres()
        self.addCleanup(self.server.remove)
        self.database, url = self.server.create_database()
        self.replicas = Replicas({'membership': url}, count=1, flags=DRAIN_FLAG)
        self.addCleanup(self.replicas.close)
        self.service, = self.replicas.of['membership']

    def end(self, what):
        began = time.monotonic()
        self.service.terminate()
        try:
            self.service.wait(20)
        finally:
            took = time.monotonic() - began
            print('{}: SIGTERM ends it in {:.2f} s'.format(what, took), file=sys.stderr)
        self.assertLess(took, DRAIN + MARGIN)

    def test_while_calls_hang(self):
        with Loads(self.replicas):
            self.server.freeze()
            time.sleep(0.5)  # calls and the listener wait now
            self.end('primary hung')

    def test_while_it_starts(self):
        self.service.stop()
        self.server.freeze()
        self.service.start(wait=False)
        time.sleep(0.5)
        self.end('primary hung at the start')

    def test_while_another_has_the_turn(self):
        session = self.server.session(self.database)
        self.addCleanup(session.close)
        keys = self.turn()
        self.service.stop()
        session.run('BEGIN; SELECT pg_advisory_xact_lock({})'.format(keys))
        self.service.start(wait=False)
        process.wait_for(lambda: self.server.query(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted") != '0',
                         'the service waits for its turn', 10)
        self.end('another has the turn at the start')

    def turn(self):
        """The key of the lock by which writers take turns, as one that is looked at in passing."""
        with Loads(self.replicas):
            return process.wait_for(lambda: self.server.query(
                'SELECT (classid::bigint << 32) | objid::bigint FROM pg_locks '
                "WHERE locktype = 'advisory' AND objsubid = 1 LIMIT 1"), 'writers take turns')


class LossyFailover(unittest.TestCase):
    """The standby that is promoted lacks the last changes."""

    LOST = 10

    def setUp(self):
        self.pair = Pair(synchronous=False)
        self.addCleanup(self.pair.remove)
        _, url = self.pair.create_database()
        self.replicas = Replicas({'membership': url}, count=1)
        self.addCleanup(self.replicas.close)

    def fail_over(self):
        tokens = Tokens(self.replicas)
        tokens.write(self.LOST)
        self.pair.catch_up()
        self.pair.standby.detach()
        tokens.write(self.LOST)
        self.pair.primary.kill()
        self.pair.standby.promote()
        return tokens

    def test_lossy_failover(self):
        tokens = self.fail_over()
        # More than was lost, so that the numbers of the lost ones are used again.
        tokens.diverge(self.LOST, 2 * self.LOST)
        tokens.judge(self, 'lossy failover')
        tokens.judge_standing(self)

    def test_fewer_than_were_lost(self):
        tokens = self.fail_over()
        tokens.diverge(self.LOST, self.LOST // 2)
        tokens.judge(self, 'lossy failover, fewer changes since')
        tokens.judge_standing(self)


if __name__ == '__main__':
    suite.main()
