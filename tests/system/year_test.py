"""A year of the secretariat, as a script of its calls and those of members; then all processes are
killed. What was acknowledged is there afterwards, byte for byte, and the history has it once."""

import unittest

import contract
import process
import postgres
import suite
from year import Year, bytes_of, date, enum, names, new_id, seconds_from_now, term

BODY = 'bodies/wg-scam'
MEETING = 'meetings/wg-scam-1'
WORKSHOP = 'activities/interviewing'
PERIOD = term('2025', '2025')
GUEST = 'Siti Rahma'


class Story(Year):
    """On either engine."""

    def test_01_a_body_and_its_seats(self):
        self.do('CreateBody', body_id='wg-scam', body={
            'kind': 'WORKING_GROUP', 'display_name': 'Working Group on Online Scams',
            'parent_body': 'bodies/bali-process', 'max_chairs': 2, 'term': term('2025-01-15'),
            'decision_rules': {'consensus': True, 'silence_procedure': True,
                               'minimum_silence': {'seconds': 60}}})
        made = self.do('BatchCreateSeats', parent=BODY, requests=[
            {'seat_id': member, 'seat': {'member': 'members/' + member, 'role': 'PARTICIPANT',
                                         'term': term('2025-01-15')}}
            for member in ('aus', 'idn', 'nzl', 'tha')])
        self.assertEqual(names(made.seats), ['aus', 'idn', 'nzl', 'tha'])
        for member in ('aus', 'idn'):
            self.do('CreateSeat', parent=BODY, seat_id=member + '-chair', seat={
                'member': 'members/' + member, 'role': 'CHAIR', 'term': term('2025-01-15')})
        self.refused('seat_overlap', 'secretariat', 'CreateSeat', parent=BODY, seat={
            'member': 'members/aus', 'role': 'PARTICIPANT', 'term': term('2025-03')})
        self.refused('too_many_chairs', 'secretariat', 'CreateSeat', parent=BODY, seat={
            'member': 'members/nzl', 'role': 'CHAIR', 'term': term('2025-03')})

    def test_02_the_chair_rotates(self):
        succession = {'parent': BODY, 'ended_seat': BODY + '/seats/aus-chair',
                      'end_date': date('2025-06-30'), 'seat_id': 'nzl-chair',
                      'request_id': new_id(),
                      'seat': {'member': 'members/nzl', 'role': 'CHAIR',
                               'term': term('2025-07-01'), 'basis': 'Annual rotation'}}
        done = self.do('RecordSuccession', **succession)
        self.assertEqual(done.ended_seat.term.end_date.month, 6)
        # The reply was lost; the call is repeated.
        self.assertEqual(self.do('RecordSuccession', **succession), done)
        for day, chairs in (('2025-06-30', ['members/aus', 'members/idn']),
                            ('2025-07-01', ['members/idn', 'members/nzl'])):
            composition = self.by('public', 'GetComposition', body=BODY, as_of=date(day))
            self.assertEqual([entry.member for entry in composition.entries
                              if enum(entry, 'chair') == 'YES'], chairs)

    def test_03_officials(self):
        for name, member in (('hana', 'aus'), ('made', 'idn')):
            self.do('CreateOfficial', official_id=name, official={
                'display_name': name.title(), 'member': 'members/' + member,
                'contact': {'email': name + '@example.org'}})
        self.do('CreateAppointment', parent='officials/hana', appointment_id='co-chair',
                appointment={'post': 'CO_CHAIR', 'body': BODY, 'on_behalf_of': 'members/aus',
                             'term': term('2025-01-15', '2025-06-30')})
        focal_point = {'post': 'FOCAL_POINT', 'body': BODY, 'on_behalf_of': 'members/idn'}
        self.by('idn', 'CreateAppointment', parent='officials/made', appointment_id='idn-focal',
                appointment=focal_point)
        self.refused('ACCESS_DENIED', 'aus', 'CreateAppointment', parent='officials/made',
                     appointment=focal_point)

    def test_04_an_observer_is_admitted(self):
        self.do('CreateMember', member_id='fji', member={
            'kind': 'STATE', 'category': 'OBSERVER', 'display_name': 'Fiji', 'region_code': 'FJ',
            'term': term('2024-01-01')})
        self.do('CreateSeat', parent=BODY, seat_id='fji-observer', seat={
            'member': 'members/fji', 'role': 'BODY_OBSERVER',
            'term': term('2025-01-15', '2025-08-31')})
        self.update('UpdateMember', 'member', ['category', 'term', 'earlier_standings',
                                               'admission_basis'],
                    name='members/fji', category='FULL_MEMBER', term=term('2025-09-01'),
                    earlier_standings=[{'category': 'OBSERVER',
                                        'term': term('2024-01-01', '2025-08-31')}],
                    admission_basis='Agreed by the senior officials')
        self.do('CreateSeat', parent=BODY, seat_id='fji', seat={
            'member': 'members/fji', 'role': 'PARTICIPANT', 'term': term('2025-09-01')})

    def test_05_meetings_are_planned(self):
        for ordinal, start, end in ((1, '2025-05-06', '2025-05-07'),
                                    (2, '2025-10-14', '2025-10-15')):
            self.do('CreateMeeting', meeting_id='wg-scam-{}'.format(ordinal), meeting={
                'body': BODY, 'ordinal': ordinal, 'format': 'HYBRID', 'time_zone': 'Asia/Bangkok',
                'display_name': 'Meeting {} of the Working Group'.format(ordinal),
                'start_date': date(start), 'end_date': date(end),
                'venue': {'city': 'Bangkok', 'region_code': 'TH'}})
        self.refused('WRONG_STATE', 'secretariat', 'ConcludeMeeting', name=MEETING)
        self.do('PostponeMeeting', name=MEETING, reason='A cyclone')
        self.refused('WRONG_STATE', 'secretariat', 'ConveneMeeting', name=MEETING)
        moved = self.do('RescheduleMeeting', name=MEETING, start_date=date('2025-06-03'),
                        end_date=date('2025-06-04'))
        self.assertEqual((enum(moved, 'state'), moved.state_reason), ('PLANNED', ''))
        self.assertGreaterEqual(moved.sequence, 2)

    def test_06_an_agenda(self):
        for item, parent in (('opening', ''), ('any-other', ''), ('scams', ''),
                             ('trends', 'scams'), ('victims', 'scams')):
            self.do('CreateAgendaItem', parent=MEETING, agenda_item_id=item, agenda_item={
                'display_name': item.title(), 'kind': 'DISCUSSION',
                'parent_item': MEETING + '/agendaItems/' + parent if parent else ''})
        self.do('ReorderAgenda', parent=MEETING, agenda_items=[
            MEETING + '/agendaItems/' + item for item in ('opening', 'scams', 'any-other')])
        agenda = self.by('public', 'GetAgenda', meeting=MEETING)
        self.assertEqual(
            [(entry.number, entry.agenda_item.display_name) for entry in agenda.entries],
            [('1', 'Opening'), ('2', 'Scams'), ('2.1', 'Trends'), ('2.2', 'Victims'),
             ('3', 'Any-Other')])

    def test_07_delegations(self):
        for meeting, capacity in (('wg-scam-1', 'OBSERVER'), ('wg-scam-2', 'BODY_MEMBER')):
            made = self.by('fji', 'CreateDelegation', parent='meetings/' + meeting,
                           delegation_id='fji',
                           delegation={'participant': {'member': 'members/fji'}})
            self.assertEqual(enum(made, 'capacity'), capacity)
        for member in ('aus', 'idn'):
            self.by(member, 'CreateDelegation', parent=MEETING, delegation_id=member,
                    delegation={'participant': {'member': 'members/' + member}})
        self.do('CreateDelegation', parent=MEETING, delegation_id='ngo', delegation={
            'participant': {'display_name': 'A civil society organisation'}})
        delegation = MEETING + '/delegations/aus'
        self.by('aus', 'CreateDelegate', parent=delegation, delegate_id='aus-head', delegate={
            'person': {'official': 'officials/hana'}, 'member': 'members/aus', 'role': 'HEAD'})
        self.refused('ACCESS_DENIED', 'idn', 'SubmitCredentials', name=delegation)
        self.by('aus', 'SubmitCredentials', name=delegation, note='A letter')
        self.do('ReturnCredentials', name=delegation, note='Not signed')
        self.by('aus', 'SubmitCredentials', name=delegation, note='Signed')
        accepted = self.do('AcceptCredentials', name=delegation)
        self.assertEqual(enum(accepted, 'credentials'), 'ACCEPTED')

    def test_08_the_meeting(self):
        self.do('ConveneMeeting', name=MEETING)
        for member in ('aus', 'idn', 'fji'):
            self.update('UpdateDelegation', 'delegation', ['attendance'],
                        name=MEETING + '/delegations/' + member, attendance='PRESENT')
        self.do('CreateStatement', parent=MEETING, statement_id='opening', statement={
            'topic': 'Opening', 'speaker': {'official': 'officials/hana'},
            'on_behalf_of': {'member': 'members/aus'}, 'summary': 'Welcome'})
        self.do('CreateDocument', parent=MEETING, document_id='minutes', document={
            'display_name': 'Minutes', 'kind': 'MINUTES', 'visibility': 'MEMBERS'})
        for content in (b'Draft minutes\n', b'Minutes\n'):
            self.upload(MEETING + '/documents/minutes', content)
        self.assertEqual(enum(self.do('ConcludeMeeting', name=MEETING), 'state'), 'CONCLUDED')
        self.refused('WRONG_STATE', 'idn', 'UpdateDelegation', delegation={
            'name': MEETING + '/delegations/idn', 'participant': {'member': 'members/idn'},
            'attendance': 'APOLOGIES'})
        # Fiji isn't a member of the body yet.
        gap = self.by('public', 'GetAttendanceGap', meeting=MEETING)
        self.assertEqual((gap.present_count, [one.member for one in gap.missing]),
                         (2, ['members/nzl', 'members/tha']))

    def decide(self, name, procedure, **fields):
        return self.do('CreateDecision', decision_id=name, decision={
            'body': BODY, 'display_name': name, 'text': 'The members will share lists',
            'procedure': procedure, **fields}, as_recorded='state' in fields).name

    def test_09_decisions(self):
        agreed = self.decide('agreed', 'CONSENSUS', meeting=MEETING)
        self.assertEqual(self.do('AdoptDecision', name=agreed).number, 1)
        broken = self.decide('broken', 'SILENCE')
        self.do('OpenSilence', name=broken, silence_end_time=seconds_from_now(3600))
        self.by('tha', 'AssociateReservation', name=broken, member='members/tha',
                text='Subject to domestic law')
        self.refused('not_eligible', 'usa', 'BreakSilence', name=broken,
                     member='members/usa', kind='OBJECTION')
        self.by('nzl', 'BreakSilence', name=broken, member='members/nzl',
                kind='AMENDMENT', text='Lists of numbers')
        again = self.decide('again', 'SILENCE', follows=broken)
        self.refused('INVALID_FIELDS', 'secretariat', 'OpenSilence', name=again,
                     silence_end_time=seconds_from_now(5))

    def test_10_a_silence_ends(self):
        """One that was opened a day ago, and comes from another record."""
        lying = self.decide('lying', 'SILENCE', state='SILENCE_OPEN',
                            silence_open_time=seconds_from_now(-86400),
                            silence_end_time=seconds_from_now(3),
                            eligible_members=['members/aus', 'members/idn'])
        self.by('idn', 'AssociateReservation', name=lying, member='members/idn',
                text='For the record')

        def is_adopted():
            return enum(self.do('GetDecision', name=lying), 'state') == 'ADOPTED'
        process.wait_for(is_adopted, 'the silence ends')
        self.assertEqual(self.do('GetDecision', name=lying).number, 2)
        self.refused('WRONG_STATE', 'aus', 'BreakSilence', name=lying,
                     member='members/aus', kind='OBJECTION')

    def test_11_action_items(self):
        for item in ('share-lists', 'study'):
            self.do('CreateActionItem', action_item_id=item, action_item={
                'body': BODY, 'meeting': MEETING, 'decision': 'decisions/agreed',
                'display_name': item, 'lead_member': 'members/idn', 'due_date': date('2025-10')})
        self.by('idn', 'AddProgressNote', name='actionItems/share-lists', text='Begun')
        self.refused('ACCESS_DENIED', 'aus', 'AddProgressNote', name='actionItems/share-lists',
                     text='Not ours')
        closed = self.do('CompleteActionItem', name='actionItems/share-lists', note='Done')
        self.assertEqual(([note.text for note in closed.progress_notes], enum(closed, 'state')),
                         (['Begun', 'Done'], 'COMPLETED'))
        # What is left is on the agenda of the next meeting.
        agenda = self.do('GetAgenda', meeting='meetings/wg-scam-2')
        self.assertEqual(names(agenda.open_action_items), ['study'])

    def test_12_a_workshop(self):
        """Thirty people come, two of whom were entered twice."""
        self.do('CreateActivity', activity_id='interviewing', activity={
            'body': 'bodies/rso', 'kind': 'WORKSHOP', 'state': 'COMPLETED',
            'display_name': 'Interviewing victims', 'start_date': date('2025-08-12')})
        people = [first + 'a' + second + 'o Praktisi'
                  for first in 'BDFGHJK' for second in 'lmnr']
        people += people[:2]
        self.do('BatchCreatePractitioners', requests=[
            {'practitioner_id': 'w{}'.format(i), 'practitioner': {
                'member': 'members/' + ('idn' if i % 2 else 'vnm'), 'agency': 'Police',
                'identity': {'full_name': name, 'birth_date': date('1980')}}}
            for i, name in enumerate(people)])
        self.do('BatchCreateParticipations', parent=WORKSHOP, requests=[
            {'participation_id': 'w{}'.format(i), 'participation': {
                'practitioner': 'practitioners/w{}'.format(i)}} for i in range(len(people))])
        self.refused('takes_part_already', 'secretariat', 'CreateParticipation', parent=WORKSHOP,
                     participation={'practitioner': 'practitioners/w5'})
        groups = self.do('FindDuplicatePractitioners').groups
        self.assertEqual([names(group.practitioners) for group in groups],
                         [['w0', 'w28'], ['w1', 'w29']])
        self.do('MergePractitioner', name='practitioners/w28', into='practitioners/w0')
        self.do('MergePractitioner', name='practitioners/w29', into='practitioners/w1')
        self.assertEqual(self.trained().computed.value, 28)
        self.do('UnmergePractitioner', name='practitioners/w29')
        self.assertEqual(self.trained().computed.value, 29)

    def trained(self):
        figures = self.do('GetFigures', body='bodies/rso', period=PERIOD)
        return next(one for one in figures.entries
                    if enum(one, 'measure') == 'PRACTITIONERS_TRAINED')

    def test_13_figures_and_money(self):
        self.do('CreateReportedFigure', reported_figure_id='trained-2025', reported_figure={
            'body': 'bodies/rso', 'period': PERIOD, 'measure': 'PRACTITIONERS_TRAINED',
            'value': 31, 'citations': [{'title': 'Annual report 2025'}]})
        self.assertEqual([one.difference for one in self.trained().reported], [2])
        amount = {'currency_code': 'AUD', 'units': 250000}
        self.by('aus', 'CreateCommitment', commitment_id='aus-2025', commitment={
            'funder': {'member': 'members/aus'}, 'body': 'bodies/rso', 'kind': 'COMMITMENT',
            'amount': amount, 'commit_date': date('2025-02-03')})
        for units, month in ((100000, '2025-03-10'), (150000, '2025-09-10')):
            self.do('CreateDisbursement', parent='commitments/aus-2025', disbursement={
                'amount': {'currency_code': 'AUD', 'units': units}, 'disburse_date': date(month)})
        self.refused('beyond_commitment', 'secretariat', 'CreateDisbursement',
                     parent='commitments/aus-2025', disbursement={
                         'amount': {'currency_code': 'AUD', 'units': 1},
                         'disburse_date': date('2025-10-10')})

    def test_14_mistakes_are_put_right(self):
        self.do('ReopenMeeting', name=MEETING, reason='A day too early')
        self.assertEqual(enum(self.do('ConcludeMeeting', name=MEETING), 'state'), 'CONCLUDED')
        corrected = self.do('CorrectDecision', name='decisions/agreed', reason='A slip',
                            text='The members will share lists of numbers')
        self.assertEqual(corrected.corrigenda[0].former_text, 'The members will share lists')
        self.do('DissolveBody', name=BODY, end_date=date('2025-12-31'))
        self.assertEqual(self.do('GetSeat', name=BODY + '/seats/tha').term.end_date.year, 2025)
        self.do('RestoreBody', name=BODY, reason='It was the other body')
        self.assertFalse(self.do('GetSeat', name=BODY + '/seats/tha').term.HasField('end_date'))
        self.do('DeleteActionItem', name='actionItems/study')
        self.do('UndeleteActionItem', name='actionItems/study')
        self.do('DeleteDelegation', name=MEETING + '/delegations/ngo')
        self.do('meetings/PurgeDeleted', name=MEETING + '/delegations/ngo', reason='Never invited')
        self.refused('RESOURCE_NOT_FOUND', 'secretariat', 'UndeleteDelegation',
                     name=MEETING + '/delegations/ngo')

    def test_15_a_name_is_erased(self):
        self.do('CreateStatement', parent=MEETING, statement_id='guest', statement={
            'topic': 'Experience', 'speaker': {'display_name': GUEST}})
        erased = self.do('meetings/EraseNames', display_name=GUEST)
        self.assertEqual(list(erased.resources), [MEETING + '/statements/guest'])
        self.do('ErasePractitioner', name='practitioners/w7')
        self.assertEqual(self.trained().computed.value, 29)

    def test_16_exports(self):
        calendar = self.by('public', 'ExportCalendar', filter='body = "{}"'.format(BODY))
        text = calendar.file.data.decode()
        self.assertEqual(text.count('BEGIN:VEVENT'), 2)
        self.assertIn('20250603', text)
        self.assertNotIn('20250506', text)
        iati = self.do('ExportIati', body='bodies/rso', organisation_identifier='XM-TEST-1')
        self.assertIn(b'250000', iati.activity_file.data)

    def test_17_all_of_it_outlasts_a_kill(self):
        record, history = self.record(), self.history()
        self.check_history(history, record)
        self.check_all_is_written(history)
        last = self.do('AdoptDecision', name=self.decide('last', 'CONSENSUS'))
        self.suite.kill_all()
        self.suite.start()
        self.check_same(self.record(), {**record, last.name: last.SerializeToString()})
        self.check_goes_on(bytes_of(history), self.history(), last)
        minutes = MEETING + '/documents/minutes'
        self.assertEqual(self.download('aus', minutes), b'Minutes\n')
        self.assertEqual(self.download('aus', minutes, version=1), b'Draft minutes\n')
        # And the year goes on.
        self.assertEqual(self.do('AdoptDecision', name=self.decide('next', 'CONSENSUS')).number,
                         last.number + 1)

    def check_goes_on(self, before, history, last):
        """The history is what it was, and goes on with what was done last before the kill."""
        more = history['meetings'][len(before['meetings']):]
        self.assertEqual([change.method.rsplit('.', 1)[1] for change in more],
                         ['CreateDecision', 'AdoptDecision'])
        self.assertEqual(contract.unpack(more[-1].after), last)
        del history['meetings'][-len(more):]
        self.assertEqual(bytes_of(history), before)


class OnSqlite(Story, unittest.TestCase):
    pass


class OnPostgres(postgres.Stores, Story, unittest.TestCase):
    pass


if __name__ == '__main__':
    suite.main()
