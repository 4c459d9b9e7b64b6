"""Capacity-building through the gateway: a list of participants outlasts SIGKILL and names nobody,
the public isn't told of few persons, and membership may be away."""

import os
import time
import unittest
import uuid

import process
import suite
from client import CallError
from facts import enum

YEAR = {'start_date': {'year': 2023}, 'end_date': {'year': 2023}}
WORKSHOP = 'activities/by-test'
PEOPLE = ['Nguyễn Văn Bình', 'Trần Thị Hoa', 'Lê Minh Đức']  # who came; Viet Nam sends them
DEADLINE = 5


def practitioner(name):
    return {'member': 'members/vnm', 'identity': {'full_name': name, 'birth_date': {'year': 1980}}}


class Capacity(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.suite = suite.Suite(capacity_flags=('--wait_for_peer', '0')).start()
        cls.addClassCleanup(cls.suite.close)
        cls.suite.load()
        cls.record_workshop(cls.suite.client('SECRETARIAT'))
        cls.suite.kill_all()
        cls.suite.start()
        cls.client = cls.suite.client('SECRETARIAT')

    @classmethod
    def record_workshop(cls, client):
        client.call('CreateActivity', activity_id='by-test', activity={
            'body': 'bodies/rso', 'kind': 'WORKSHOP', 'display_name': 'Workshop',
            'state': 'COMPLETED', 'start_date': {'year': 2023, 'month': 3}})
        cls.listed = []
        for number, name in enumerate(PEOPLE):
            made = client.call('CreatePractitioner', practitioner_id='p{}'.format(number),
                               practitioner=practitioner(name))
            cls.listed.append(client.call(
                'CreateParticipation', parent=WORKSHOP, participation_id='p{}'.format(number),
                participation={'practitioner': made.name}))

    def figure(self, role, measure):
        figures = self.suite.client(role).call('GetFigures', body='bodies/rso', period=YEAR,
                                               timeout=DEADLINE)
        return next(one for one in figures.entries if enum(one, 'measure') == measure)

    def count(self, role):
        return self.suite.client(role).call('CountPractitioners', period=YEAR, group_by='MEMBER')

    def test_1_the_list_survives(self):
        found = self.client.all('ListParticipations', 'participations', parent=WORKSHOP)
        self.assertEqual(found, self.listed)
        self.assertEqual({one.member for one in found}, {'members/vnm'})
        entry = self.figure('SECRETARIAT', 'PRACTITIONERS_TRAINED')
        self.assertEqual((enum(entry.computed, 'disclosure'), entry.computed.value), ('EXACT', 3))
        # Of the 348 that were reported.
        self.assertEqual([one.difference for one in entry.reported], [345])
        records = self.client.all('ListFigureRecords', 'records', body='bodies/rso', period=YEAR,
                                  measure='PRACTITIONERS_TRAINED')
        self.assertEqual([one.name for one in records], [one.name for one in self.listed])

    def test_2_no_name_is_kept_and_people_are_found_again(self):
        """By the same key as before the processes died."""
        for directory, _, files in os.walk(self.suite.directory):
            for name in files:
                with open(os.path.join(directory, name), 'rb') as file:
                    kept = file.read()
                for person in PEOPLE:
                    self.assertNotIn(person.encode(), kept, name)
        self.client.call('CreatePractitioner', practitioner_id='again',
                         practitioner=practitioner('Binh, NGUYEN Van'))
        groups = self.client.all('FindDuplicatePractitioners', 'groups')
        self.assertEqual([[one.name for one in group.practitioners] for group in groups],
                         [['practitioners/again', 'practitioners/p0']])

    def test_3_the_public_is_told_of_fewer_than_five(self):
        counts = self.count('PUBLIC')
        for count, disclosure in (
                (counts.groups[0].numbers.practitioners, 'FEWER_THAN_FIVE'),
                (self.figure('PUBLIC', 'MEMBER_STATES_REACHED').computed, 'FEWER_THAN_FIVE'),
                # From these one could work out the first.
                (counts.groups[0].numbers.attendances, 'WITHHELD'),
                (counts.total.practitioners, 'WITHHELD'),
                (self.figure('PUBLIC', 'PRACTITIONERS_TRAINED').computed, 'WITHHELD')):
            self.assertEqual((enum(count, 'disclosure'), count.value), (disclosure, 0))
        # What was reported was published; how far it is from the few isn't told.
        reported = self.figure('PUBLIC', 'PRACTITIONERS_TRAINED').reported
        self.assertEqual([one.reported_figure.value for one in reported], [348])
        self.assertFalse(reported[0].HasField('difference'))
        self.assertEqual(self.count('MEMBER').total.practitioners.value, 3)
        # Nor do the names of records tell.
        self.assertEqual(self.suite.client().all(
            'ListFigureRecords', 'records', body='bodies/rso', period=YEAR,
            measure='PRACTITIONERS_TRAINED'), [])

    def test_4_without_membership_figures_work_and_participants_wait(self):
        request = {'parent': WORKSHOP, 'participation_id': 'late', 'request_id': str(uuid.uuid4()),
                   'participation': {'practitioner': 'practitioners/again'}}
        changes = len(self.client.changes('capacity'))
        self.suite.membership.kill()
        begun = time.monotonic()
        with self.assertRaises(CallError) as caught:
            self.client.call('CreateParticipation', timeout=DEADLINE, **request)
        self.assertEqual((caught.exception.code, caught.exception.reason),
                         ('UNAVAILABLE', 'TEMPORARILY_UNAVAILABLE'))
        self.assertLess(time.monotonic() - begun, DEADLINE)
        self.assertEqual(len(self.client.changes('capacity')), changes)
        self.assertEqual(self.figure('SECRETARIAT', 'PRACTITIONERS_TRAINED').computed.value, 3)
        self.suite.membership.start()

        def is_done():
            try:
                self.client.call('CreateParticipation', timeout=DEADLINE, **request)
                return True
            except CallError as error:
                if error.code != 'UNAVAILABLE':
                    raise
                return False
        suite.process.wait_for(is_done, 'capacity reaches membership again')
        self.assertEqual(len(self.client.changes('capacity')), changes + 1)

    def test_5_people_who_were_merged_are_exported_and_imported(self):
        self.client.call('MergePractitioner', name='practitioners/again', into='practitioners/p0')
        first = self.export(self.suite)
        changes = len(self.client.changes('capacity'))
        again = self.suite.balictl('import', os.path.dirname(first))
        self.assertEqual(again.returncode, 0, again.stderr)
        self.assertNotRegex(again.stdout, 'created|updated')
        self.assertEqual(len(self.client.changes('capacity')), changes)
        other = suite.Suite().start()
        self.addCleanup(other.close)
        imported = other.balictl('import', os.path.dirname(first))
        self.assertEqual(imported.returncode, 0, imported.stderr)
        second = self.export(other)
        for name in os.listdir(first):
            with open(os.path.join(first, name), encoding='utf-8') as one, \
                    open(os.path.join(second, name), encoding='utf-8') as two:
                self.assertEqual(one.read(), two.read(), name)

    @staticmethod
    def export(from_suite):
        directory = os.path.join(from_suite.directory, 'export')
        ran = from_suite.balictl('export', directory)
        if ran.returncode != 0:
            raise RuntimeError(ran.stderr)
        return os.path.join(directory, 'capacity')


class IdentityKeys(unittest.TestCase):
    """The key of identities is replaced: persons are found by both keys, and then by the new one."""

    def setUp(self):
        self.suite = suite.Suite()
        self.addCleanup(self.suite.close)
        self.keys = {}
        for name in ('old', 'new'):
            self.keys[name] = os.path.join(self.suite.directory, name + '.key')
            with open(self.keys[name], 'wb') as file:
                file.write(os.urandom(32))
        self.suite.start_meetings_alone()
        self.suite.direct_client('SECRETARIAT').call('CreateMember', member_id='vnm', member={
            'kind': 'STATE', 'category': 'FULL_MEMBER', 'display_name': 'Viet Nam',
            'region_code': 'VN'})

    def restart(self, *names):
        """With these keys, the newest first."""
        if self.suite.capacity is not None:
            self.suite.capacity.stop()
        self.suite.capacity = None
        self.suite.start_capacity(','.join(self.keys[name] for name in names))
        self.client = self.suite.direct_client('SECRETARIAT', service='capacity')

    def enter(self, practitioner_id, name):
        self.client.call('CreatePractitioner', practitioner_id=practitioner_id,
                         practitioner=practitioner(name))

    def duplicates(self):
        groups = self.client.all('FindDuplicatePractitioners', 'groups')
        return [[one.name.split('/')[1] for one in group.practitioners] for group in groups]

    def test_a_key_is_replaced(self):
        self.restart('old')
        self.enter('binh', 'Nguyen Van Binh')
        self.enter('an', 'Tran Thi An')
        self.restart('new', 'old')
        self.enter('binh-again', 'Nguyen Van Binh')
        self.enter('an-again', 'Tran Thi An')
        self.assertEqual(self.duplicates(), [['an', 'an-again'], ['binh', 'binh-again']])
        # Entered again, a person is known by the new key.
        self.client.call('UpdatePractitioner', practitioner={
            'name': 'practitioners/an', **practitioner('Tran Thi An')})
        self.restart('new')
        self.enter('an-at-last', 'Tran Thi An')
        self.enter('binh-at-last', 'Nguyen Van Binh')
        # By the old hashes, binh is still found beside who was entered with both.
        self.assertEqual(self.duplicates(), [['an', 'an-again', 'an-at-last'],
                                             ['binh', 'binh-again', 'binh-at-last']])

    def test_a_third_key_is_refused(self):
        with self.assertRaises(process.StartError) as caught:
            self.restart('new', 'old', 'old')
        self.assertIn('two files at most', caught.exception.log)


if __name__ == '__main__':
    suite.main()
