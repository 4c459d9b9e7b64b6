"""Meetings while membership is away: what needs it says so and writes nothing, the rest goes on."""

import time
import unittest
import uuid

import suite
import contract
import process
from client import CallError

DEADLINE = 5  # seconds, of each call
MAY_2 = {'year': 2024, 'month': 5, 'day': 2}
ABSENT = ('UNAVAILABLE', 'TEMPORARILY_UNAVAILABLE')

# What has to ask membership: references to it, and what depends on who belonged to a body.
NEEDS_MEMBERSHIP = [
    ('CreateMeeting', {'meeting_id': 'new', 'meeting': {
        'body': 'bodies/ahg', 'display_name': 'New'}}),
    ('UpdateMeeting', {'meeting': {'name': 'meetings/m', 'chairs': [
        {'official': 'officials/one'}]}}),
    # Its delegations may be something else at another date.
    ('UpdateMeeting', {'meeting': {'name': 'meetings/m', 'start_date': {'year': 2023}}}),
    ('UpdateMeeting', {'meeting': {'name': 'meetings/none', 'body': 'bodies/ahg',
                                   'display_name': 'None'}, 'allow_missing': True}),
    ('UndeleteMeeting', {'name': 'meetings/deleted'}),
    ('CreateAgendaItem', {'parent': 'meetings/m', 'agenda_item_id': 'new', 'agenda_item': {
        'display_name': 'New', 'presenters': [{'presenter': {'official': 'officials/one'}}]}}),
    ('CreateDelegation', {'parent': 'meetings/m', 'delegation_id': 'idn', 'delegation': {
        'participant': {'member': 'members/idn'}}}),
    ('BatchCreateDelegations', {'parent': 'meetings/m', 'requests': [
        {'delegation': {'participant': {'display_name': 'A guest'}}},
        {'delegation': {'participant': {'member': 'members/nzl'}}}]}),
    ('CreateStatement', {'parent': 'meetings/m', 'statement_id': 'new', 'statement': {
        'topic': 'New', 'speaker': {'official': 'officials/one'}}}),
    ('CreateDecision', {'decision_id': 'new', 'decision': {
        'body': 'bodies/ahg', 'display_name': 'New', 'text': 'New', 'procedure': 'CONSENSUS'}}),
    ('OpenSilence', {'name': 'decisions/draft', 'silence_end_time': {
        'seconds': int(time.time()) + 3600}}),
    ('CreateActionItem', {'action_item_id': 'new', 'action_item': {
        'body': 'bodies/ahg', 'display_name': 'New'}}),
    ('UpdateActionItem', {'action_item': {
        'name': 'actionItems/item', 'supporting_members': ['members/idn']}}),
]

READS = [
    ('GetMeeting', {'name': 'meetings/m'}),
    ('ListMeetings', {'filter': 'body = "bodies/ahg"'}),
    ('BatchGetMeetings', {'names': ['meetings/m']}),
    ('ListDelegations', {'parent': 'meetings/-'}),
    ('GetDecision', {'name': 'decisions/silent'}),
    ('GetAgenda', {'meeting': 'meetings/m'}),
    ('ExportCalendar', {}),
    ('ListConflicts', {'period': {'start_date': {'year': 2024}, 'end_date': {'year': 2024}}}),
]

# Changes that ask membership for nothing.
NEEDS_NOTHING = [
    ('UpdateMeeting', {'meeting': {'name': 'meetings/m', 'ordinal': 17}}),
    ('CreateAgendaItem', {'parent': 'meetings/m', 'agenda_item': {'display_name': 'Own'}}),
    ('UpdateDelegation', {'delegation': {
        'name': 'meetings/m/delegations/aus', 'attendance': 'PRESENT'}}),
    ('BreakSilence', {'name': 'decisions/silent', 'member': 'members/aus', 'kind': 'OBJECTION'}),
    ('AddProgressNote', {'name': 'actionItems/item', 'text': 'Half done'}),
    ('ConveneMeeting', {'name': 'meetings/m'}),
    ('DeleteMeeting', {'name': 'meetings/other'}),
]


class AbsentMembership(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.suite = suite.Suite(meetings_flags=('--wait_for_peer', '0')).start()
        cls.addClassCleanup(cls.suite.close)
        cls.client = cls.suite.client('SECRETARIAT')
        for member, region in (('aus', 'AU'), ('idn', 'ID'), ('nzl', 'NZ')):
            cls.client.call('CreateMember', member_id=member, member={
                'kind': 'STATE', 'category': 'FULL_MEMBER', 'display_name': member,
                'region_code': region})
        cls.client.call('CreateBody', body_id='ahg', body={
            'kind': 'AD_HOC_GROUP', 'display_name': 'Ad Hoc Group', 'decision_rules': {
                'silence_procedure': True, 'minimum_silence': {'seconds': 60}}})
        cls.client.call('CreateSeat', parent='bodies/ahg', seat={
            'member': 'members/aus', 'role': 'PARTICIPANT'})
        cls.client.call('CreateOfficial', official_id='one', official={'display_name': 'One'})
        cls.set_up_meetings()
        cls.changes = len(cls.client.changes('meetings'))
        cls.membership = len(cls.client.changes())
        cls.suite.membership.kill()
        cls.requests = [(method, cls.client.request(method, request_id=str(uuid.uuid4()), **fields))
                        for method, fields in NEEDS_MEMBERSHIP]

    @classmethod
    def set_up_meetings(cls):
        for meeting in ('m', 'other', 'deleted'):
            cls.client.call('CreateMeeting', meeting_id=meeting, meeting={
                'body': 'bodies/ahg', 'display_name': meeting, 'start_date': MAY_2})
        cls.client.call('DeleteMeeting', name='meetings/deleted')
        cls.client.call('CreateDelegation', parent='meetings/m', delegation_id='aus',
                        delegation={'participant': {'member': 'members/aus'}})
        for decision in ('draft', 'silent'):
            cls.client.call('CreateDecision', decision_id=decision, decision={
                'body': 'bodies/ahg', 'display_name': decision, 'text': 'A text',
                'procedure': 'SILENCE', 'visibility': 'PUBLIC'})
        cls.client.call('OpenSilence', name='decisions/silent',
                        silence_end_time={'seconds': int(time.time()) + 3600})
        cls.client.call('CreateActionItem', action_item_id='item', action_item={
            'body': 'bodies/ahg', 'display_name': 'Item'})

    def check_absent(self, method, request):
        begun = time.monotonic()
        with self.assertRaises(CallError) as caught:
            self.client.call(method, request, timeout=DEADLINE)
        self.assertEqual((caught.exception.code, caught.exception.reason), ABSENT)
        self.assertLess(time.monotonic() - begun, DEADLINE)

    def test_1_what_needs_it_is_refused_and_writes_nothing(self):
        for method, request in self.requests:
            for validate_only in (False, True):
                with self.subTest(method=method, validate_only=validate_only):
                    asked = type(request).FromString(request.SerializeToString())
                    asked.validate_only = validate_only
                    self.check_absent(method, asked)
        self.assertEqual(len(self.client.changes('meetings')), self.changes)
        self.assertEqual(list(self.client.call('ListAgendaItems', parent='meetings/-')
                              .agenda_items), [])
        self.assertEqual(len(self.client.call('ListDelegations', parent='meetings/-')
                             .delegations), 1)

    def test_2_reads_go_on(self):
        for role in ('SECRETARIAT', 'MEMBER', 'PUBLIC'):
            for method, fields in READS:
                if {role, 'PUBLIC'} & contract.access(contract.method('meetings', method)).roles:
                    with self.subTest(method=method, role=role):
                        self.suite.client(role).call(method, timeout=DEADLINE, **fields)
        watch = self.client.receive(contract.method('meetings', 'WatchChanges'), from_start=True)
        self.assertFalse(next(watch).changes)
        self.assertTrue(next(watch).changes)
        watch.close()
        # But for the one that is about who belonged.
        self.check_absent('GetAttendanceGap',
                          self.client.request('GetAttendanceGap', meeting='meetings/m'))

    def test_3_what_needs_nothing_of_it_goes_on(self):
        for method, fields in NEEDS_NOTHING:
            with self.subTest(method=method):
                self.client.call(method, timeout=DEADLINE, **fields)
        self.assertEqual(len(self.client.changes('meetings')), self.changes + len(NEEDS_NOTHING))

    def test_4_afterwards_the_same_requests_are_done_once(self):
        self.suite.membership.start()
        self.suite.wait_until_serving()
        begun = len(self.client.changes('meetings'))
        for method, request in self.requests:
            with self.subTest(method=method):
                process.wait_for(lambda: self.is_done(method, request), 'membership is reached', 10)
                again = self.client.call(method, request)
                self.assertEqual(again, self.client.call(method, request))
        # One change each, but for the batch of two.
        self.assertEqual(len(self.client.changes('meetings')), begun + len(self.requests) + 1)
        self.assertEqual(len(self.client.changes()), self.membership)
        gap = self.client.call('GetAttendanceGap', meeting='meetings/m')
        self.assertEqual((gap.present_count, len(gap.missing)), (1, 0))

    def is_done(self, method, request):
        try:
            self.client.call(method, request, timeout=DEADLINE)
            return True
        except CallError as error:
            if error.code != 'UNAVAILABLE':
                raise
            return False


if __name__ == '__main__':
    suite.main()
