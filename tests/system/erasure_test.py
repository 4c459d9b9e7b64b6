"""A person who asks for erasure is in no byte of any store afterwards: not in the record, its
history, kept replies or what the engine has freed.

Logs of transactions (PostgreSQL's WAL archive) and backups are older than the erasure; the README
says what to do with them.
"""

import os
import sqlite3
import unittest
import uuid

import postgres
import suite

OFFICIAL = 'Qvarnheim Official'
TITLE = 'Qvarnheim Deputy'
GUEST = 'Qvarnheim Guest'
TRAINED = 'Qvarnheim Trained'
MARK = b'Qvarnheim'


def bytes_below(directory):
    """The files below a directory that have the mark."""
    found = []
    for parent, _, names in os.walk(directory):
        for name in names:
            with open(os.path.join(parent, name), 'rb') as file:
                if MARK in file.read():
                    found.append(os.path.relpath(os.path.join(parent, name), directory))
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
        self.assertEqual(self.left(found), [])

    def left(self, found):
        for name in os.listdir(found.directory):
            if name.endswith('.db'):
                store = sqlite3.connect(os.path.join(found.directory, name), timeout=20)
                store.execute('PRAGMA wal_checkpoint(TRUNCATE)')
                store.close()
        return [name for name in bytes_below(found.directory) if '.db' in name]


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
