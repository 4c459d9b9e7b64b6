"""Stores that programs of commit 380d267 left behind, carried over by starting today's on them.

carried/ has what they held: the record of 2024, a meeting with everything below it, a silence that
lies and one that is broken, a workshop with a merged practitioner, money. As SQL of each engine,
packed by gzip. The contract of then had delegates within delegations, and four ways to say who.
"""

import gzip
import os
import sqlite3
import subprocess
import time
import unittest

import contract
import facts
import facts_capacity  # noqa: F401
import facts_meetings  # noqa: F401
import facts_membership  # noqa: F401
import suite
from postgres import Postgres

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'carried')
STORES = {'membership': 'store', 'meetings': 'meetings_store', 'capacity': 'capacity_store'}


def dump(service, engine):
    with gzip.open(os.path.join(HERE, '{}.{}.sql.gz'.format(service, engine)), 'rt',
                   encoding='utf-8') as file:
        return file.read()


class Carried:
    """On either engine."""

    @classmethod
    def setUpClass(cls):
        cls.suite = suite.Suite(**cls.stores())
        cls.addClassCleanup(cls.suite.close)
        cls.suite.start()
        cls.client = cls.suite.client('SECRETARIAT')

    def get(self, method, name):
        return self.client.call(method, name=name)

    def test_the_facts_of_the_record(self):
        numbers = set()
        for number, title, check in facts.checks():
            with self.subTest(number=number, title=title):
                check(self.client)
            numbers.add(number)
        self.assertEqual(numbers, facts.NUMBERS)

    def test_who_took_part(self):
        delegations = self.client.all('ListDelegations', 'delegations', parent='meetings/m')
        self.assertEqual([(one.name.rsplit('/', 1)[1], one.participant.WhichOneof('party'))
                          for one in delegations],
                         [('aus', 'member'), ('guest', 'display_name'), ('rso', 'body')])
        self.assertEqual(facts.enum(delegations[0], 'credentials'), 'SUBMITTED')
        delegates = self.client.all('ListDelegates', 'delegates',
                                    parent='meetings/m/delegations/aus')
        self.assertEqual([(one.person.official, one.person.display_name, one.title,
                           facts.enum(one, 'role'), one.member) for one in delegates],
                         [('officials/aus-1', '', '', 'HEAD', 'members/aus'),
                          ('', 'Somebody else', 'Adviser', 'ROLE_UNSPECIFIED', 'members/aus')])

    def test_who_spoke_and_presented(self):
        spoken = self.get('GetStatement', 'meetings/m/statements/s')
        self.assertEqual((spoken.speaker.display_name, spoken.on_behalf_of.body),
                         ('Somebody', 'bodies/rso'))
        gone = self.get('GetStatement', 'meetings/m/statements/t')
        self.assertTrue(gone.HasField('delete_time'))
        self.client.call('UndeleteStatement', name=gone.name)
        found = self.client.all('ListStatements', 'statements', parent='meetings/m',
                                filter='speaker.official = "officials/aus-1"')
        self.assertEqual([one.on_behalf_of.member for one in found], ['members/aus'])
        presenters = self.get('GetAgendaItem', 'meetings/m/agendaItems/i').presenters
        self.assertEqual([(one.presenter.WhichOneof('party'), one.on_behalf_of.member)
                          for one in presenters],
                         [('official', 'members/aus'), ('body', ''), ('display_name', '')])

    def test_history_is_of_parties_too(self):
        changes = self.client.changes(
            'meetings', filter='resource = "meetings/m/delegations/guest"')
        self.assertEqual([contract.unpack(change.after).participant.display_name
                          for change in changes], ['An expert', 'An expert'])

    def test_silences(self):
        lying = self.get('GetDecision', 'decisions/lying')
        over = lying.silence_end_time.seconds < time.time()
        self.assertEqual(facts.enum(lying, 'state'), 'ADOPTED' if over else 'SILENCE_OPEN')
        self.assertEqual([one.member for one in lying.reservations], ['members/aus'])
        broken = self.get('GetDecision', 'decisions/broken')
        self.assertEqual(facts.enum(broken, 'state'), 'BROKEN')
        self.assertEqual([one.text for one in broken.breaks], ['No'])

    def test_content_is_the_first_version(self):
        document = self.get('GetDocument', 'meetings/m/documents/d')
        self.assertEqual([one.version for one in document.versions], [1])
        parts = self.client.receive('DownloadDocument', name=document.name)
        self.assertEqual(b''.join(part.data for part in parts), b'what was said in 2024')

    def test_persons_and_money(self):
        self.assertEqual(self.get('GetPractitioner', 'practitioners/two').name,
                         'practitioners/one')
        self.client.call('UnmergePractitioner', name='practitioners/two')
        self.client.call('MergePractitioner', name='practitioners/two', into='practitioners/one')
        self.assertEqual(self.get('GetCommitment', 'commitments/f').funder.display_name,
                         'A foundation')
        found = self.client.all('ListCommitments', 'commitments',
                                filter='funder.member = "members/aus"')
        self.assertEqual([one.name for one in found], ['commitments/m'])
        partners = self.get('GetActivity', 'activities/w').partners
        self.assertEqual([(one.party.member, one.party.display_name, one.role)
                          for one in partners],
                         [('members/aus', '', 'host'), ('', 'A university', '')])

    def test_it_goes_on(self):
        self.client.call('UpdateMeeting', meeting={'name': 'meetings/m', 'display_name': 'On'})
        self.client.call('ConveneMeeting', name='meetings/m')
        self.client.call('ReopenMeeting', name='meetings/m', reason='Too early')


class OnSqlite(Carried, unittest.TestCase):
    @classmethod
    def stores(cls):
        directory = os.path.join(suite.identities().directory, 'carried')
        os.makedirs(directory)
        paths = {}
        for service, flag in STORES.items():
            paths[flag] = os.path.join(directory, service + '.db')
            store = sqlite3.connect(paths[flag])
            store.executescript(dump(service, 'sqlite'))
            store.close()
        return paths


class OnPostgres(Carried, unittest.TestCase):
    @classmethod
    def stores(cls):
        server = Postgres()
        cls.addClassCleanup(server.remove)
        urls = {}
        for service, flag in STORES.items():
            name, urls[flag] = server.create_database()
            subprocess.run(server.psql(name), input=dump(service, 'postgres'), text=True,
                           check=True, stdout=subprocess.DEVNULL, timeout=60)
        return urls


if __name__ == '__main__':
    suite.main()
