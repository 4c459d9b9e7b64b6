"""The facts that meetings keeps."""

from facts import contains, enum, equal, fact, only, ymd
from facts_membership import ORGANISATIONS, STATES


def _meeting(client, body, **fields):
    """The meeting of a body with these fields."""
    conditions = ['body = "bodies/{}"'.format(body)]
    conditions += ['{} = {}'.format(name, value) for name, value in fields.items()]
    return only(client.all('ListMeetings', 'meetings', filter=' AND '.join(conditions)))


def _steering_group(client):
    return _meeting(client, 'sg', ordinal=18)


def _ad_hoc_group(client):
    return _meeting(client, 'ahg', ordinal=17)


def _present(client, meeting):
    """The delegations that were there, those who are members by member."""
    found = client.all('ListDelegations', 'delegations', parent=meeting.name,
                       filter='attendance = PRESENT')
    return {one.participant.member or one.participant.body: one for one in found}


def _item(client, meeting, topic):
    """The item of the agenda with this topic."""
    return only(client.all('ListAgendaItems', 'agenda_items', parent=meeting.name,
                           filter='topics : "{}"'.format(topic)))


def _presenters(item):
    return {one.presenter.official or one.presenter.body for one in item.presenters}


def _official(client, name):
    return only(client.all('ListOfficials', 'officials',
                           filter='display_name = "{}"'.format(name))).name


def _statement(client, speaker, topic):
    statement = only(client.all(
        'ListStatements', 'statements', parent='meetings/-',
        filter='speaker.official = "{}" AND topic : "{}"'.format(_official(client, speaker), topic)))
    assert statement.citations[0].uri, 'the source is missing'
    return statement


def _outcomes(client, meeting, kind):
    """The texts that were put on record at a meeting."""
    found = client.all('ListDecisions', 'decisions',
                       filter='meeting = "{}" AND kind = {} AND state = ON_RECORD'.format(
                           meeting.name, kind))
    equal({enum(one, 'procedure') for one in found}, {'NOTED'})
    return ' '.join(one.text for one in found)


def _is_without_date(meeting):
    return not meeting.HasField('start_date') and not meeting.HasField('end_date')


@fact('F4', 'conferences by ordinal')
def conferences(client):
    found = client.all('ListMeetings', 'meetings', filter='body = "bodies/mc"',
                       order_by='ordinal')
    equal([one.ordinal for one in found], [8, 9])


@fact('F12', 'thirteen states at the Ad Hoc Group meeting')
def states(client):
    present = _present(client, _ad_hoc_group(client))
    equal(set(present) - {'members/' + one for one in ORGANISATIONS},
          {'members/' + one for one in STATES})
    equal({enum(one, 'capacity') for one in present.values()}, {'BODY_MEMBER'})


@fact('F13', 'three organisations at the Ad Hoc Group meeting, and nobody missing')
def organisations(client):
    meeting = _ad_hoc_group(client)
    present = _present(client, meeting)
    equal(set(present) - {'members/' + one for one in STATES},
          {'members/' + one for one in ORGANISATIONS})
    gap = client.call('GetAttendanceGap', meeting=meeting.name)
    equal((gap.present_count, len(gap.missing)), (16, 0))


@fact('F14', 'who came to the Steering Group: six members, and the office as a body')
def steering_group_attendance(client):
    meeting = _steering_group(client)
    capacities = {who: enum(one, 'capacity') for who, one in _present(client, meeting).items()}
    equal(capacities.pop('bodies/rso', None), 'BODY')
    equal(capacities, {'members/' + one: 'BODY_MEMBER'
                       for one in ('aus', 'idn', 'nzl', 'tha', 'iom', 'unhcr')})
    gap = client.call('GetAttendanceGap', meeting=meeting.name)
    equal((gap.present_count, len(gap.missing)), (6, 0))


@fact('F15', 'the 18th meeting of the Steering Group')
def steering_group_meeting(client):
    equal(enum(_steering_group(client), 'state'), 'CONCLUDED')


@fact('F16', 'the 17th meeting of the Ad Hoc Group')
def ad_hoc_group_meeting(client):
    equal(enum(_ad_hoc_group(client), 'state'), 'CONCLUDED')


@fact('F17', 'both over the same two days in Kuala Lumpur, held together')
def days(client):
    both = [_steering_group(client), _ad_hoc_group(client)]
    for one in both:
        equal((ymd(one.start_date), ymd(one.end_date)), ((2024, 5, 2), (2024, 5, 3)))
        equal((one.venue.city, one.venue.region_code), ('Kuala Lumpur', 'MY'))
        contains(one.citations[0].note, "isn't stated")
    equal(list(both[0].colocated_with), [both[1].name])
    conflicts = client.call('ListConflicts', period={'start_date': both[0].start_date,
                                                     'end_date': both[0].end_date})
    equal(len(conflicts.conflicts), 0)
    calendar = client.call('ExportCalendar', filter='start_date = "2024-05-02"').file.data
    equal((calendar.count(b'DTSTART;VALUE=DATE:20240502\r\n'),
           calendar.count(b'DTEND;VALUE=DATE:20240504\r\n')), (2, 2))


@fact('F20', 'Bell and Tharyat co-chaired the Ad Hoc Group meeting')
def co_chairs(client):
    equal({(one.official, one.on_behalf_of) for one in _ad_hoc_group(client).chairs},
          {(_official(client, 'Lynn Bell'), 'members/aus'),
           (_official(client, 'Tri Tharyat'), 'members/idn')})


@fact('F22', 'the 8th conference: Adelaide, February 2023, no day')
def eighth_conference(client):
    meeting = _meeting(client, 'mc', ordinal=8)
    equal(ymd(meeting.start_date), (2023, 2, 0))
    equal((meeting.venue.city, meeting.venue.region_code), ('Adelaide', 'AU'))


@fact('F23', 'the 9th conference: ahead, without date and place')
def ninth_conference(client):
    meeting = _meeting(client, 'mc', ordinal=9)
    equal(enum(meeting, 'state'), 'PLANNED')
    assert _is_without_date(meeting) and not meeting.HasField('venue'), 'more than is known'


@fact('F24', 'both meetings discussed the Adelaide Strategy')
def strategy(client):
    found = client.all('ListAgendaItems', 'agenda_items', parent='meetings/-',
                       filter='strategy_areas : "strategies/adelaide"')
    equal({one.name.split('/agendaItems/')[0] for one in found},
          {_steering_group(client).name, _ad_hoc_group(client).name})


@fact('F25', 'both meetings looked back on the time since the 8th conference')
def review_period(client):
    conference = _meeting(client, 'mc', ordinal=8).name
    equal({_steering_group(client).review_since, _ad_hoc_group(client).review_since},
          {conference})


@fact('F26', 'an interview with both Co-Chairs')
def interview(client):
    document = only(client.all('ListDocuments', 'documents', parent='meetings/-',
                               filter='kind = PRESS'))
    contains(document.display_name, 'interview', 'Co-Chairs')
    assert document.citations, 'the source is missing'


@fact('F27', 'the office told the Ad Hoc Group of its capability initiatives of 2023')
def office_update(client):
    item = _item(client, _ad_hoc_group(client), 'capability initiatives of 2023')
    equal(_presenters(item),
          {_official(client, 'David Scott'), _official(client, 'Fuad Adriansyah')})
    equal({one.on_behalf_of.body for one in item.presenters}, {'bodies/rso'})


@fact('F28', 'the groups and the business forum told the Ad Hoc Group of plans and delivery')
def group_updates(client):
    meeting = _ad_hoc_group(client)
    found = client.all('ListAgendaItems', 'agenda_items', parent=meeting.name,
                       filter='topics : "work plans" OR topics : "delivery of activities"')
    agenda = client.call('GetAgenda', meeting=meeting.name)
    numbers = {entry.number for entry in agenda.entries
               if entry.agenda_item.name in {one.name for one in found}}
    parts = [entry.agenda_item for entry in agenda.entries
             if any(entry.number == number or entry.number.startswith(number + '.')
                    for number in numbers)]
    equal({one.presenter.body or one.on_behalf_of.body
           for part in parts for one in part.presenters},
          {'bodies/' + one for one in ('wg-disruption', 'teg-returns', 'wg-tip', 'tfpp', 'gabf')})


@fact('F29', 'what the region faces: travel, technology, movement by land, sea and air')
def situation(client):
    item = _item(client, _ad_hoc_group(client), 'criminal use of emerging technology')
    contains(' '.join(item.topics), 'travel', 'land, sea and air')


@fact('F30', 'movements in the Andaman Sea, a concern')
def andaman_sea(client):
    contains(_item(client, _ad_hoc_group(client),
                   'irregular maritime movements in the Andaman Sea').summary, 'concern')


@fact('F32', 'Bell on the value of the forum')
def value_of_the_forum(client):
    contains(_statement(client, 'Lynn Bell', 'value of the forum').summary, 'governments')


@fact('F48', 'the Co-Chairs acknowledged the support of the office')
def acknowledgement(client):
    contains(_outcomes(client, _ad_hoc_group(client), 'ACKNOWLEDGEMENT'), 'acknowledged',
             'capacity building', 'policy dialogue', 'roundtable of February 2024')


@fact('F49', 'Tharyat on regional responses')
def regional_responses(client):
    contains(_statement(client, 'Tri Tharyat', 'Regional responses').summary, 'workshops')


@fact('F50', 'the groups held annual meetings, without a date')
def annual_meetings(client):
    found = client.all('ListMeetings', 'meetings', filter='display_name : "Annual meeting"')
    equal({one.body for one in found},
          {'bodies/' + one for one in ('wg-disruption', 'teg-returns', 'wg-tip', 'tfpp')})
    assert all(_is_without_date(one) for one in found), 'a date that nobody stated'
    equal({enum(one, 'state') for one in found}, {'CONCLUDED'})


@fact('F56', 'the group on trafficking spoke of cyber scam centres')
def scam_centres(client):
    item = _item(client, _ad_hoc_group(client),
                 'trafficking for forced criminality in cyber scam centres')
    equal(_presenters(item), {'bodies/wg-tip'})


@fact('F58', "the task force's annual meeting is aligned with that of the group on trafficking")
def aligned_meetings(client):
    filter_ = 'body = "bodies/{}" AND display_name : "Annual meeting"'
    task_force, group = (only(client.all('ListMeetings', 'meetings', filter=filter_.format(body)))
                         for body in ('tfpp', 'wg-tip'))
    equal(list(task_force.colocated_with), [group.name])


@fact('F60', 'the Tech Forum: Bali, August 2023, no day')
def tech_forum(client):
    meeting = _meeting(client, 'gabf')
    equal(meeting.display_name, 'GABF Tech Forum')
    equal(ymd(meeting.start_date), (2023, 8, 0))
    equal((meeting.venue.city, meeting.venue.region_code), ('Bali', 'ID'))


@fact('F61', 'what came of the Tech Forum')
def tech_forum_outcomes(client):
    contains(_outcomes(client, _meeting(client, 'gabf'), 'CONCLUSION'), 'technology drives',
             'possible answer', 'governments and businesses', 'campaigns that raise awareness')


@fact('F66', 'the Co-Chairs proposed a strategy for coordination with other forums')
def proposal(client):
    contains(_outcomes(client, _ad_hoc_group(client), 'PROPOSAL'), 'proposed',
             'closer coordination', 'regional forums')


@fact('F67', 'closing words by Tharyat')
def closing_words(client):
    contains(_statement(client, 'Tri Tharyat', 'Cooperation').summary, 'closing words')
