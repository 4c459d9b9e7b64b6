"""docs/operate/backup.md: its commands do what it says, on SQLite and on PostgreSQL, dumps and
archives. They are run as they stand there."""

import datetime
import os
import re
import shutil
import subprocess
import tempfile
import time
import unittest

import manual
import postgres
import process
import suite
from operators import Operators


def blocks(title):
    return manual.blocks('backup.md', title)


def sequence(client):
    """How many changes there are."""
    return len(client.changes())


class Page(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix='bali-page-')
        self.addCleanup(shutil.rmtree, self.directory)
        self.environment = {}

    def start(self, **stores):
        """A suite with a record, and what the page calls it."""
        one = suite.Suite(**stores).start()
        self.addCleanup(one.close)
        one.load()
        token = os.path.join(self.directory, 'token')
        with open(token, 'w', encoding='ascii') as file:
            file.write(one.identities.token('OPERATOR'))
        self.environment.update({
            'BALI_CA': one.identities.ca, 'BALI_CERT': one.identities.certificate('client'),
            'BALI_KEY': one.identities.key('client'),
            'BALI_TOKEN_FILE': token, 'MEMBERSHIP': one.membership.address,
            'MEETINGS': one.meetings.address, 'CAPACITY': one.capacity.address})
        return one

    def run_block(self, text, user=None):
        """Runs commands of the page; what they print."""
        path = process.BIN + os.pathsep + os.path.dirname(postgres.program('pg_ctl')) + os.pathsep
        command = ['bash', '-ec', text]
        if user:
            command = ['setpriv', '--reuid', user, '--regid', user, '--init-groups'] + command
        # What runs on afterwards mustn't hold this up.
        with tempfile.TemporaryFile('w+') as output:
            code = subprocess.run(
                command, cwd=self.directory, stdout=output, stderr=subprocess.STDOUT, timeout=60,
                env={**os.environ, **self.environment, 'PATH': path + os.environ['PATH']},
                check=False).returncode
            output.seek(0)
            printed = output.read()
        self.assertEqual(code, 0, text + printed)
        return printed

    @staticmethod
    def change(one, name):
        """Something that a backup of before doesn't have."""
        one.client('SECRETARIAT').call(
            'CreateExternalForum', external_forum_id=name,
            external_forum={'display_name': 'After the backup'})

    def test_sqlite(self):
        back_up, restore, verify = blocks('SQLite')
        one = self.start()
        self.environment['BACKUPS'] = os.path.join(self.directory, 'backups')
        self.assertEqual(self.run_block(back_up).count(' bytes, change '), 3)
        # The page says what other store there may be to compare with.
        compare, = blocks('Are two stores the same?')
        kept = sequence(one.direct_client('SECRETARIAT'))
        self.change(one, 'lost')
        one.membership.stop()
        for suffix in ('', '-wal'):
            if os.path.exists(one.store + suffix):
                os.remove(one.store + suffix)
        self.run_block(restore)
        shutil.move(os.path.join(self.directory, 'membership.db'), one.store)
        one.membership.start()
        self.assertEqual(sequence(one.direct_client('SECRETARIAT')), kept)
        self.assertIn('baliprocess.net/Member: ', self.run_block(verify))
        self.environment['OTHER'] = one.membership.address
        self.run_block(compare)

    def test_sqlite_as_it_was_at_any_moment(self):
        restore, = blocks('SQLite as it was at any moment')
        folder = os.path.join(self.directory, 'shipped')
        os.mkdir(folder)
        one = self.start(membership_flags=['--ship_changes', folder, '--keep_shipped', '1h',
                                           '--admin_listen', '127.0.0.1:0'])
        process.wait_for(lambda: Operators(one.membership).metrics()[
            'bali_store_shipping_lag_seconds'] == 0, 'all is shipped', 60)
        kept = sequence(one.direct_client('SECRETARIAT'))
        self.environment.update({'SHIPPED': folder, 'WHEN': datetime.datetime.now(
            datetime.timezone.utc).isoformat()})
        self.change(one, 'lost')
        one.membership.stop()
        for suffix in ('', '-wal'):
            if os.path.exists(one.store + suffix):
                os.remove(one.store + suffix)
        self.assertIn('membership.db: membership, of ', self.run_block(restore))
        shutil.move(os.path.join(self.directory, 'membership.db'), one.store)
        one.membership.start()
        self.assertEqual(sequence(one.direct_client('SECRETARIAT')), kept)
        self.assertIn(' 0 differ', self.run_block(blocks('SQLite')[2]))

    def test_postgresql_ships_its_own_log(self):
        result = process.run('membership', '--store', 'postgresql://127.0.0.1:1/none',
                             '--ship_changes', self.directory, '--jwks', suite.identities().jwks)
        self.assertEqual(result.returncode, 1)
        self.assertIn('--ship_changes is for a SQLite file, and --store names PostgreSQL',
                      result.stderr)

    def test_services_that_take_no_such_certificate_refuse(self):
        one = self.start(membership_flags=['--client_names', 'gateway,meetings,capacity'])
        result = process.run('balictl', 'verify', '--server', one.membership.address,
                             environment=self.environment)
        self.assertEqual(result.returncode, 1)
        # Neither does the gateway pass it on.
        result = process.run('balictl', 'verify', '--server', one.gateway.address,
                             environment=self.environment)
        self.assertIn('UNKNOWN_METHOD', result.stderr)

    def test_erasures(self):
        collect, bring_back = blocks('What was erased since')
        path = os.path.join(self.directory, 'list')
        self.environment.update({'BACKUPS': self.directory, 'LIST': path})
        one = self.start(membership_flags=['--erasure_list', path])
        client = one.client('SECRETARIAT')
        client.call('CreateOfficial', official_id='one', official={
            'display_name': 'Somebody', 'member': 'members/aus'})
        client.call('EraseOfficial', name='officials/one')
        self.assertIn(': 1 lines, 1 added', self.run_block(collect))
        self.assertIn(': 1 lines, 0 added', self.run_block(collect))
        one.membership.stop()
        os.remove(path)
        self.run_block(bring_back)
        one.membership.start()
        self.assertIn('erasures: 1 in the list, 0 not done',
                      self.run_block(blocks('SQLite')[2]))

    def test_a_dump(self):
        dump, restore, verify = blocks('PostgreSQL')[:3]
        server = postgres.Postgres()
        self.addCleanup(server.remove)
        database, url = server.create_database()
        del database
        one = self.start(store=url)
        self.environment.update({'STORE': url, 'SERVER': server.url('postgres'),
                                 'RESTORED': server.url('restored')})
        self.run_block(dump)
        kept = sequence(one.direct_client('SECRETARIAT'))
        self.change(one, 'lost')
        one.membership.stop()
        self.run_block(restore)
        flags = one.membership.flags
        flags[flags.index(url)] = server.url('restored')
        one.membership.start()
        self.assertEqual(sequence(one.direct_client('SECRETARIAT')), kept)
        self.assertIn(' 0 differ', self.run_block(verify))
        refused = process.run('balictl', 'backup', self.directory, '--server',
                              one.membership.address, environment=self.environment)
        self.assertIn('pg_dump', refused.stderr)

    def test_archives(self):
        settings, copy, bring_back = blocks('PostgreSQL')[3:]
        archive = os.path.join(self.directory, 'archive')
        os.mkdir(archive)
        for path in (self.directory, archive):
            os.chmod(path, 0o777)
        server = postgres.Postgres(
            [re.sub(r"^(\w+) = '?(.*?)'?$", r'\1=\2', line).replace('/archive', archive)
             for line in settings.splitlines()])
        self.addCleanup(server.remove)
        _, url = server.create_database()
        one = self.start(store=url)
        self.environment.update({'SERVER': server.url('postgres'), 'ARCHIVE': archive})
        self.run_block(copy, server.user)
        self.change(one, 'kept')
        kept = sequence(one.direct_client('SECRETARIAT'))
        self.environment['WHEN'] = server.query('SELECT now()')
        time.sleep(0.1)  # the server's clock tells what comes afterwards apart
        self.change(one, 'lost')
        one.membership.stop()
        server.query('SELECT pg_switch_wal()')
        process.wait_for(lambda: server.query(
            'SELECT last_archived_wal >= pg_walfile_name(pg_current_wal_lsn() - 1) '
            'FROM pg_stat_archiver') == 't', 'the log is in the archive')
        server.kill()
        # What an installation has in its configuration.
        with open(os.path.join(self.directory, 'base/postgresql.auto.conf'), 'a',
                  encoding='ascii') as file:
            file.write("listen_addresses = ''\nunix_socket_directories = '{}'\n"
                       'max_connections = 200\nfsync = off\n'.format(server.directory))
        self.run_block(bring_back, server.user)
        self.addCleanup(self.run_block, 'pg_ctl -D data -m immediate stop', server.user)
        one.membership.start()
        self.assertEqual(sequence(one.direct_client('SECRETARIAT')), kept)
        self.assertIn(' 0 differ', self.run_block(blocks('PostgreSQL')[2]))


if __name__ == '__main__':
    suite.main()
