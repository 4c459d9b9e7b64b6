"""All three services, two replicas each, on one PostgreSQL that fails under callers and watchers:
killed, its sessions ended, held up by others in other databases, full, restored from a dump.

Nothing acknowledged is lost, no change is missed or comes twice, nothing is done twice. Prints the
counts. BALI_FAULT_SECONDS is how long each fault lasts: a little by default, for ordinary runs.
"""

import os
import tempfile
import time
import unittest

import suite
from loads import Loads
from postgres import Postgres
from replicas import Replicas
from tokens import Tokens
from trio import NAMES

SECONDS = max(2.0, float(os.environ.get('BALI_FAULT_SECONDS', '1')))
BACK = 10  # seconds until writes are acknowledged once PostgreSQL is up
MAX_LAG = 1.5


class PostgresFaults(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Postgres(['max_prepared_transactions=5'])
        cls.addClassCleanup(cls.server.remove)
        cls.replicas = Replicas({name: cls.server.create_database()[1] for name in NAMES})
        cls.addClassCleanup(cls.replicas.close)

    def test_killed(self):
        waits = []
        with Loads(self.replicas) as loads:
            end = time.monotonic() + SECONDS
            while not waits or time.monotonic() < end:
                self.server.kill()
                self.server.start()
                waits.append(loads.await_writes(BACK))
                time.sleep(0.3)
        loads.settle(self, 'PostgreSQL killed', '{} kills'.format(len(waits)),
                     'writes again after {:.2f} s at most'.format(max(waits)))

    def test_sessions_are_ended(self):
        ended = 0
        with Loads(self.replicas) as loads:
            end = time.monotonic() + SECONDS
            while time.monotonic() < end:
                ended += int(self.server.query(
                    'SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE '
                    "backend_type = 'client backend' AND pid <> pg_backend_pid()"))
                time.sleep(0.2)
            loads.await_writes(BACK)
        loads.settle(self, 'sessions ended', '{} of them'.format(ended))

    def held_up(self, name, hold, let_go):
        """Others write in another database and don't come to an end."""
        with Loads(self.replicas) as loads:
            began = time.monotonic()
            hold()
            time.sleep(SECONDS)
            lags = loads.lags(began, MAX_LAG)
            let_go()
            loads.await_writes(BACK)
        loads.settle(self, name, *('{} {:.2f} s late at most'.format(*one)
                                   for one in lags.items()))
        self.assertLess(max(lags.values()), MAX_LAG)

    def test_transaction_elsewhere(self):
        session = self.server.session()
        self.addCleanup(session.close)
        session.run('CREATE TABLE held (n INT)')
        self.held_up('transaction open in another database',
                     lambda: session.run('BEGIN; INSERT INTO held VALUES (1)'),
                     lambda: session.run('ROLLBACK'))

    def test_prepared_transaction_elsewhere(self):
        self.server.query('CREATE TABLE forgotten (n INT)')
        self.held_up('prepared transaction in another database',
                     lambda: self.server.query('BEGIN; INSERT INTO forgotten VALUES (1); '
                                               "PREPARE TRANSACTION 'one'"),
                     lambda: self.server.query("ROLLBACK PREPARED 'one'"))


class ConnectionsExhausted(unittest.TestCase):
    """Others take all connections of the server but a few that the service has already."""

    MAX = 20
    CALLERS = 12

    def setUp(self):
        self.server = Postgres(['max_connections={}'.format(self.MAX)])
        self.addCleanup(self.server.remove)
        # Superusers have three connections more.
        self.server.query('CREATE ROLE bali LOGIN')
        name, _ = self.server.create_database()
        self.server.query('ALTER DATABASE {} OWNER TO bali'.format(name))
        self.replicas = Replicas({'membership': self.server.url(name, 'bali')}, count=1)
        self.addCleanup(self.replicas.close)

    def test_calls_wait_for_own_connections(self):
        others = self.take_all_connections()
        own = self.connections() - others
        with Loads(self.replicas, self.CALLERS) as loads:
            time.sleep(SECONDS)
        loads.settle(self, 'connections exhausted',
                     '{} of others, {} its own at first'.format(others, own))
        self.assertEqual(loads.unanswered(), {})

    def connections(self):
        return int(self.server.query(
            "SELECT count(*) FROM pg_stat_activity WHERE usename = 'bali'"))

    def take_all_connections(self):
        """How many."""
        for taken in range(self.MAX):
            session = self.server.session('postgres', '-U', 'bali')
            self.addCleanup(session.close)
            try:
                session.run('SELECT 1')
            except (RuntimeError, BrokenPipeError):
                return taken
        self.fail('there are connections still')


class Restored(unittest.TestCase):
    """A dump is restored over a database that has gone on since: what a watcher saw after the dump
    is gone, so that its token is good for nothing."""

    BEHIND = 10

    def test_restored(self):
        server = Postgres()
        self.addCleanup(server.remove)
        database, url = server.create_database()
        replicas = Replicas({'membership': url}, count=1)
        self.addCleanup(replicas.close)
        with tempfile.TemporaryDirectory() as directory:
            file = os.path.join(directory, 'dump')
            tokens = Tokens(replicas)
            tokens.write(self.BEHIND)
            server.dump(database, file)
            tokens.write(self.BEHIND)
            replicas.of['membership'][0].stop()
            server.restore(database, file)
        replicas.of['membership'][0].start()
        # More than was lost, so that the numbers of the lost ones are used again.
        tokens.diverge(self.BEHIND, 2 * self.BEHIND)
        tokens.judge(self, 'restored from a dump')


if __name__ == '__main__':
    suite.main()
