"""A person who asks for erasure is in no byte of any store afterwards: not in the record, its
history, kept replies or what the engine has freed. Nor is it in a store that was restored from a
backup of before: the service erases it again by its list of erasures, which names nobody.

Logs of transactions (PostgreSQL's WAL archive) and backups are older than the erasure; the README
says what to do with them.
"""

import glob
import os
import tempfile
import unittest
import uuid

import postgres
import process
import suite

OFFICIAL = 'Qvarnheim Official'
TITLE = 'Qvarnheim Deputy'
GUEST = 'Qvarnheim Guest'
TRAINED = 'Qvarnheim Trained'
MARK = b'Qvarnheim'


def has_mark(path):
    with open(path, 'rb') as file:
        return MARK in file.read()


def bytes_below(directory):
    """The files below a directory that have the mark."""
    found = []
    for parent, _, names in os.walk(directory):
        for name in names:
            path = os.path.join(parent, name)
            if has_mark(path):
                found.append(os.path.relpath(path, directory))
    return found


def record(client):
    """People in every place that holds one: changed, deleted, restored, in replies that are kept."""
    def call(method, /, **fields):
        return client.call(method, request_id=str(uuid.uuid4()), **fields)

    call('CreateOfficial', official_id='one', official={
        'display_name': OFFICIAL, 'member': 'members/aus',
        'contact': {'email': 'qvarnheim@example.org'},
        'citations': [{'title': 'A letter of ' + OFFICIAL}]})
    call('UpdateOfficial', official={'name': 'officials/one', 'honorific': 'Dr'})
    call('CreateAppointment', parent='officials/one', appointment_id='a', appointment={
        'post': 1, 'body': 'bodies/ahg', 'title': TITLE, 'on_behalf_of': 'members/aus'})
    call('DeleteAppointment', name='officials/one/appointments/a')
    call('CreateMeeting', meeting_id='m', meeting={'body': 'bodies/ahg', 'display_name': 'M'})
    call('BatchCreateDelegations', parent='meetings/m', requests=[
        {'parent': 'meetings/m', 'delegation_id': 'g',
         'delegation': {'participant': {'display_name': GUEST}}}])
    call('CreateDelegate', parent='meetings/m/delegations/g', delegate_id='d',
         delegate={'person': {'display_name': GUEST}})
    call('CreateStatement', parent='meetings/m', statement_id='s',
         statement={'topic': 'x', 'speaker': {'display_name': GUEST}})
    call('UpdateStatement', statement={'name': 'meetings/m/statements/s', 'summary': 'y'})
    call('DeleteStatement', name='meetings/m/statements/s')
    call('CreateStatement', parent='meetings/m', statement_id='t',
         statement={'topic': 'x', 'speaker': {'display_name': GUEST}})
    call('CreatePractitioner', practitioner_id='p', practitioner={
        'member': 'members/aus', 'identity': {'full_name': TRAINED}})


def erase(client):
    client.call('EraseOfficial', name='officials/one')
    client.call('meetings/EraseNames', display_name=GUEST)
    client.call('ErasePractitioner', name='practitioners/p')


class OnSqlite(unittest.TestCase):
    def test_no_byte_is_left(self):
        found = suite.Suite().start()
        self.addCleanup(found.close)
        found.load()
        client = found.client('SECRETARIAT')
        record(client)
        self.assertTrue(self.left(found), 'the test finds what there is')
        erase(client)
        # A store belongs to one process; when that ends, what is in the WAL goes to the file.
        for process in found.processes():
            process.stop()
        self.assertEqual(self.left(found), [])

    def left(self, found):
        return [name for name in bytes_below(found.directory) if '.db' in name]


NAMES = ('membership', 'meetings', 'capacity')


class Restored(unittest.TestCase):
    """Persons that were erased before a backup, and after it."""

    def start(self, **stores):
        found = suite.Suite(**stores).start()
        self.addCleanup(found.close)
        found.load()
        return found

    def lists(self, directory):
        """Flags for a list of each service."""
        return {name + '_flags': ['--erasure_list', os.path.join(directory, name + '.list')]
                for name in NAMES}

    @staticmethod
    def record(client):
        """Another one, erased at once; all that others test; and what is removed later."""
        client.call('CreateOfficial', official_id='before', official={
            'display_name': OFFICIAL, 'member': 'members/aus'})
        client.call('EraseOfficial', name='officials/before')
        record(client)
        client.call('CreateExternalForum', external_forum_id='f',
                    external_forum={'display_name': 'Qvarnheim Forum'})

    @staticmethod
    def erase(client):
        erase(client)
        client.call('DeleteExternalForum', name='externalForums/f')
        client.call('PurgeDeleted', name='externalForums/f', reason='Made by mistake',
                    request_id=str(uuid.uuid4()))

    def balictl(self, found, *arguments):
        result = process.run('balictl', *arguments, environment={
            'BALI_CA': found.identities.ca, 'BALI_CERT': found.identities.certificate('client'),
            'BALI_KEY': found.identities.key('client'),
            'BALI_TOKEN': found.identities.token('OPERATOR')})
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        return result.stdout

    def check(self, found, client, directory):
        """What is there when the services serve again."""
        for one in found.services():
            self.assertIn('was erased again', one.log())
            self.assertNotIn("can't be done", one.log())
            self.assertIn(' 0 not done', self.balictl(found, 'verify', '--server', one.address))
        self.assertTrue(client.call('GetOfficial', name='officials/one').erase_time.seconds)
        self.assertEqual(
            client.call('meetings/GetStatement', name='meetings/m/statements/t').speaker
            .display_name, '(name erased)')
        lists = glob.glob(directory + '/*.list') + glob.glob(directory + '/*.erasures')
        self.assertEqual(len(lists), 6)
        for path in lists:
            with open(path, 'rb') as file:
                text = file.read()
            self.assertIn(b'"erased":', text)
            for name in (MARK, b'officials/', b'practitioners/'):
                self.assertNotIn(name, text)


class RestoredOnSqlite(Restored):
    def test_what_was_erased_is_erased_again(self):
        directory = self.enterContext(tempfile.TemporaryDirectory())
        found = self.start(**self.lists(directory))
        client = found.client('SECRETARIAT')
        self.record(client)
        servers = [flag for one in found.services() for flag in ('--server', one.address)]
        self.balictl(found, 'backup', directory, *servers)
        backups = {name: glob.glob('{}/{}-*.db'.format(directory, name))[0] for name in NAMES}
        self.erase(client)
        for one in found.services():
            self.balictl(found, 'erasures', os.path.join(directory, one.name + '.erasures'),
                         '--server', one.address)
        for one in found.services():
            store = one.flags[one.flags.index('--store') + 1]
            one.stop()
            for path in glob.glob(store + '*'):
                os.remove(path)
            self.balictl(found, 'restore', backups[one.name], '--store', store)
            # Of practitioners capacity keeps hashes alone.
            self.assertEqual(has_mark(store), one.name != 'capacity', one.name)
            one.start()
        self.check(found, found.client('SECRETARIAT'), directory)
        for one in found.processes():
            one.stop()
        self.assertEqual([name for name in bytes_below(found.directory) if '.db' in name], [])


class RestoredOnPostgres(Restored):
    def test_what_was_erased_is_erased_again(self):
        directory = self.enterContext(tempfile.TemporaryDirectory())
        server = postgres.Postgres()
        self.addCleanup(server.remove)
        databases = [server.create_database() for _ in range(3)]
        found = self.start(store=databases[0][1], meetings_store=databases[1][1],
                           capacity_store=databases[2][1], **self.lists(directory))
        client = found.client('SECRETARIAT')
        self.record(client)
        for database, _ in databases:
            server.dump(database, os.path.join(directory, database + '.dump'))
        self.erase(client)
        for one in found.services():
            self.balictl(found, 'erasures', os.path.join(directory, one.name + '.erasures'),
                         '--server', one.address)
        for one, (database, _) in zip(found.services(), databases):
            one.stop()
            server.restore(database, os.path.join(directory, database + '.dump'))
            one.start()
        self.check(found, found.client('SECRETARIAT'), directory)
        for name, _ in databases:
            server.query('VACUUM FULL', name)
        server.query('CHECKPOINT')
        self.assertEqual(bytes_below(os.path.join(server.directory, 'data', 'base')), [])


class OnPostgres(unittest.TestCase):
    def test_no_byte_is_left(self):
        server = postgres.Postgres()
        self.addCleanup(server.remove)
        databases = [server.create_database() for _ in range(3)]
        found = suite.Suite(store=databases[0][1], meetings_store=databases[1][1],
                            capacity_store=databases[2][1]).start()
        self.addCleanup(found.close)
        found.load()
        client = found.client('SECRETARIAT')
        record(client)
        self.assertTrue(self.left(server, databases), 'the test finds what there is')
        erase(client)
        self.assertEqual(self.left(server, databases), [])

    def left(self, server, databases):
        for name, _ in databases:
            server.query('VACUUM FULL', name)
        server.query('CHECKPOINT')
        return bytes_below(os.path.join(server.directory, 'data', 'base'))


if __name__ == '__main__':
    suite.main()
