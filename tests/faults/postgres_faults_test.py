"""All three services, two replicas each, on one PostgreSQL that fails under writers and watchers:
killed, its sessions ended, held up by others in other databases, full, restored from a dump.

Nothing acknowledged is lost, no change is missed or comes twice, nothing is done twice. Prints the
counts. BALI_FAULT_SECONDS is how long each fault lasts: a little by default, for ordinary runs.
"""

import os
import tempfile
import time
import unittest

import process
import suite
from account import NOTHING, settle
from histories import History
from postgres import Postgres
from replicas import SERVICES, Replicas
from watchers import Watchers, seen
from writers import Writers, type_of

SECONDS = max(2.0, float(os.environ.get('BALI_FAULT_SECONDS', '1')))
BACK = 10  # seconds until writes are acknowledged once PostgreSQL is up
MAX_LAG = 1.5


class PostgresFaults(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Postgres(['max_prepared_transactions=5'])
        cls.addClassCleanup(cls.server.remove)
        cls.replicas = Replicas({name: cls.server.create_database()[1] for name in SERVICES})
        cls.addClassCleanup(cls.replicas.close)

    def under_fault(self, name, fault, watchers_of=2):
        """`fault` is called with the writers and watchers at work; it returns remarks."""
        with Watchers(self.replicas, watchers_of) as watchers:
            with Writers(self.replicas) as writers:
                self.await_writes(writers, time.monotonic())
                remarks = fault(writers, watchers)
                self.await_writes(writers, time.monotonic())
            counts = settle(name, self.replicas, writers, watchers, *remarks)
        self.assertEqual(writers.refused(), [])
        self.assertEqual([one.refused for one in watchers.all() if one.refused], [])
        self.assertEqual(sum(one.compacted() for one in watchers.all()), 0)
        self.assertEqual(counts, NOTHING)

    def await_writes(self, writers, since):
        """Until all services acknowledge again; seconds."""
        began = time.monotonic()
        for service in self.replicas.of:
            process.wait_for(lambda name=service: writers.first_after(since, name),
                             service + ' acknowledges', BACK)
        return time.monotonic() - began

    def test_killed(self):
        def fault(writers, _):
            waits = []
            end = time.monotonic() + SECONDS
            while not waits or time.monotonic() < end:
                self.server.kill()
                self.server.start()
                waits.append(self.await_writes(writers, time.monotonic()))
                time.sleep(0.3)
            return ['{} kills'.format(len(waits)),
                    'writes again after {:.2f} s at most'.format(max(waits))]

        self.under_fault('PostgreSQL killed', fault)

    def test_sessions_are_ended(self):
        def fault(writers, _):
            ended = 0
            end = time.monotonic() + SECONDS
            while time.monotonic() < end:
                ended += int(self.server.query(
                    'SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE '
                    "backend_type = 'client backend' AND pid <> pg_backend_pid()"))
                time.sleep(0.2)
            return ['{} sessions ended'.format(ended), 'failed tries {}'.format(
                dict(writers.failures()))]

        self.under_fault('sessions ended', fault)

    def test_transaction_elsewhere(self):
        session = self.server.session()
        self.addCleanup(session.close)
        session.run('CREATE TABLE held (n INT)')

        def fault(writers, watchers):
            session.run('BEGIN; INSERT INTO held VALUES (1)')
            self.lags = self.measure_lags(writers, watchers)
            session.run('ROLLBACK')
            return ['{} {:.2f} s late at most'.format(*one) for one in self.lags.items()]

        self.under_fault('transaction open in another database', fault)
        self.assertLess(max(self.lags.values()), MAX_LAG)

    def test_prepared_transaction_elsewhere(self):
        self.server.query('CREATE TABLE forgotten (n INT)')

        def fault(writers, watchers):
            self.server.query("BEGIN; INSERT INTO forgotten VALUES (1); PREPARE TRANSACTION 'one'")
            self.lags = self.measure_lags(writers, watchers)
            self.server.query("ROLLBACK PREPARED 'one'")
            return ['{} {:.2f} s late at most'.format(*one) for one in self.lags.items()]

        self.under_fault('prepared transaction in another database', fault)
        self.assertLess(max(self.lags.values()), MAX_LAG)

    def measure_lags(self, writers, watchers):
        """How much later than writers watchers learn of changes, and the log has them: seconds."""
        began = time.monotonic()
        time.sleep(SECONDS)
        log = max(self.log_lag(service, writers) for service in self.replicas.of)
        until = time.monotonic() - MAX_LAG
        watch = 0.0
        for service in self.replicas.of:
            told = [one for one in writers.acknowledged(service) if began < one.time < until]
            for watcher in watchers.of[service]:
                times = {(one.resource, one.etag): moment
                         for one, moment in dict(watcher.times).items()}
                watch = max([watch] + [
                    times.get((one.resource, one.etag), time.monotonic()) - one.time
                    for one in told])
        return {'watch': watch, 'log': log}

    def log_lag(self, service, writers):
        """How old the newest change is that the log lacks."""
        told = writers.acknowledged(service)
        newest = self.replicas.client(service).call(
            service + '/ListChanges', newest_first=True, page_size=200,
            filter='type = "{}"'.format(type_of(service))).changes
        there = {(one.resource, one.etag) for one in map(seen, newest)}
        lacking = []
        for one in reversed(told[-200:]):
            if (one.resource, one.etag) in there:
                break
            lacking.append(one)
        return time.monotonic() - lacking[-1].time if lacking else 0.0


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
        with Watchers(self.replicas) as watchers:
            with Writers(self.replicas, self.CALLERS, pause=0) as writers:
                time.sleep(SECONDS)
            counts = settle('connections exhausted', self.replicas, writers, watchers,
                            '{} of others, {} its own at first'.format(others, own))
        self.assertEqual(writers.failures(), {})
        self.assertEqual(writers.refused(), [])
        self.assertEqual(counts, NOTHING)

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
            history = History(replicas)
            history.write(self.BEHIND)
            server.dump(database, file)
            history.write(self.BEHIND)
            replicas.of['membership'][0].stop()
            server.restore(database, file)
        replicas.of['membership'][0].start()
        # More than was lost, so that the numbers of the lost ones are used again.
        history.diverge(self.BEHIND, 2 * self.BEHIND)
        history.judge(self, 'restored from a dump')


if __name__ == '__main__':
    suite.main()
