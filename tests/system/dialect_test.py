"""The suite on engines that speak PostgreSQL's protocol: CockroachDB and YugabyteDB.

A PostgreSQL poses as one of them, by what it answers to SELECT version(). So this shows that the
dialect is taken, that the suite works with it, and that nothing is sent that the engine is known to
lack; not that the engine itself does.
"""

import unittest

import suite
import dialect
import facts
import facts_capacity  # noqa: F401
import facts_meetings  # noqa: F401
import facts_membership  # noqa: F401
from postgres import Postgres

_VERSIONS = {'CockroachDB': 'CockroachDB CCL v24.1.0 (x86_64-pc-linux-gnu)',
             'YugabyteDB': 'PostgreSQL 11.2-YB-2.20.1.3-b0 on x86_64-pc-linux-gnu'}
_STORES = ('store', 'meetings_store', 'capacity_store')


def posing_database(server, version):
    """The URL of a new database that answers with that version."""
    name, url = server.create_database()
    server.query("CREATE FUNCTION public.version() RETURNS TEXT LANGUAGE SQL AS "
                 "$$ SELECT TEXT '{}' $$".format(version), name)
    server.query('ALTER DATABASE {} SET search_path = public, pg_catalog'.format(name))
    return url


class Posing:
    engine = None

    @classmethod
    def setUpClass(cls):
        cls.server = Postgres(['log_statement=all', 'log_line_prefix=%a|'])
        cls.addClassCleanup(cls.server.remove)
        version = _VERSIONS[cls.engine]
        stores = {name: posing_database(cls.server, version) for name in _STORES}
        cls.suite = suite.Suite(replicas=2, **stores).start()
        cls.addClassCleanup(cls.suite.close)
        cls.suite.load()

    def test_the_suite_works_and_sends_nothing_that_the_engine_lacks(self):
        client = self.suite.client('OBSERVER')
        for number, title, check in facts.checks():
            with self.subTest(fact=number, title=title):
                check(client)
        self.assertGreater(len(self.suite.client('SECRETARIAT').changes('membership')), 50)
        for service in ('membership', 'meetings', 'capacity'):
            self.suite.client('SECRETARIAT').call(service + '/EraseNames',
                                                  display_name='Nobody of that name')
        self.suite.kill_all()
        self.suite.start()  # a start on a store that is there
        statements = dialect.statements_in(self.server.log())
        print('{}: {} different statements'.format(self.engine, len(statements)), flush=True)
        self.assertGreater(len(statements), 1000)
        self.assertEqual({statement: why for statement in statements
                          if (why := dialect.lacking(self.engine, statement))}, {})


class OnCockroachDB(Posing, unittest.TestCase):
    engine = 'CockroachDB'


class OnYugabyteDB(Posing, unittest.TestCase):
    engine = 'YugabyteDB'


class TheList(unittest.TestCase):
    """What the suite sends to PostgreSQL itself is refused where it must be."""

    REFUSED = [
        'SELECT pg_advisory_xact_lock(7310859437822)', 'LISTEN baliprocess_commit',
        'NOTIFY baliprocess_commit', 'BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE',
        'CREATE TABLE IF NOT EXISTS changes (seq BIGSERIAL PRIMARY KEY)',
        'CREATE TABLE changes (seq BIGINT)', 'ALTER TABLE changes ADD COLUMN kind BIGINT',
        'SELECT CAST(EXTRACT(EPOCH FROM pg_postmaster_start_time()) AS TEXT)',
        'SELECT pg_snapshot_xmin(pg_current_snapshot())', 'SELECT now()',
        'SET synchronous_commit = off', 'CREATE TEMP TABLE t (x BIGINT)']
    TAKEN = [
        'SELECT name FROM bodies WHERE name IN ($1, $2) AND (a > $3 OR b IS NULL)',
        "INSERT INTO engine_state (key, value) VALUES ('now(', $1) ON CONFLICT (key) DO NOTHING",
        'ALTER TABLE changes ADD COLUMN IF NOT EXISTS kind BIGINT', 'COMMIT',
        'SET LOCAL synchronous_commit = off']

    def test_tells_them_apart(self):
        for engine in _VERSIONS:
            for statement in self.REFUSED:
                self.assertIsNotNone(dialect.lacking(engine, statement), statement)
            for statement in self.TAKEN:
                self.assertIsNone(dialect.lacking(engine, statement), statement)

    def test_reads_a_log(self):
        log = ('baliprocess|LOG:  execute s1: SELECT 1\n\tFROM t\nbaliprocess|DETAIL:  parameters\n'
               'psql|LOG:  statement: SELECT 2\nbaliprocess|LOG:  execute <unnamed>: SELECT 1\n'
               '\tFROM t\nbaliprocess|LOG:  statement: SELECT 3\n')
        self.assertEqual(dialect.statements_in(log), {'SELECT 1 FROM t', 'SELECT 3'})


if __name__ == '__main__':
    suite.main()
