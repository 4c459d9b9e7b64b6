"""The facts that capacity-building keeps."""

from facts import contains, enum, equal, fact, only, ymd

GROUPS = {'bodies/' + one for one in ('wg-disruption', 'teg-returns', 'wg-tip', 'tfpp')}
AREAS = ['Law enforcement', 'Stakeholder engagement',
         'Information sharing and public information campaigns',
         'Irregular migration and related transnational crime', 'Border management',
         'Victim protection and migration management', 'Returns and reintegration',
         'Coordination and support']


def _is_cited(resource):
    assert resource.citations and resource.citations[0].uri, 'the source is missing'


def _priority(client, name, body='bodies/bali-process'):
    priority = only(client.all('ListPriorities', 'priorities',
                               filter='display_name : "{}"'.format(name)))
    equal(priority.body, body)
    _is_cited(priority)
    return priority


def _priority_ahead(client, name):
    """One that was set looking ahead to the ninth conference."""
    priority = _priority(client, name)
    conference = client.call('GetMeeting', name=priority.target_meeting)
    equal((conference.body, conference.ordinal), ('bodies/mc', 9))
    return priority


def _figure(client, measure, value):
    """What a source reports for the office in 2023, beside what the records yield."""
    year = {'year': 2023}
    figures = client.call('GetFigures', body='bodies/rso',
                          period={'start_date': year, 'end_date': year})
    entry = only([one for one in figures.entries if enum(one, 'measure') == measure])
    reported = only(entry.reported)
    equal(reported.reported_figure.value, value)
    _is_cited(reported.reported_figure)
    # No dialogue, workshop or paper of 2023 is on record by itself.
    equal((enum(entry.computed, 'disclosure'), entry.computed.value), ('EXACT', 0))
    equal(reported.difference, value)
    return reported.reported_figure


def _activity(client, **fields):
    """The activity with these fields."""
    return only(client.all('ListActivities', 'activities', filter=' AND '.join(
        '{} = {}'.format(name, value) for name, value in fields.items())))


def _commitment(client):
    return only(client.all('ListCommitments', 'commitments', filter='body = "bodies/rso"'))


def _operation(client):
    return _activity(client, kind='OPERATION')


def _partners(client, *members):
    """Members who are partners for targeted investigations, within the operation."""
    found = [one for one in client.all(
        'ListPartnerships', 'partnerships',
        filter='operation = "{}"'.format(_operation(client).name))
        if set(one.parties) == {'members/' + member for member in members}]
    equal(enum(only(found), 'kind'), 'TARGETED_INVESTIGATION')


@fact('F24', 'the Adelaide Strategy and its eight areas')
def adelaide_strategy(client):
    strategy = only(client.all('ListStrategies', 'strategies',
                               filter='body = "bodies/bali-process"'))
    equal(strategy.display_name, 'Adelaide Strategy for Cooperation')
    equal(strategy.name, 'strategies/adelaide')  # as agenda items call it
    areas = client.all('ListStrategyAreas', 'strategy_areas', parent=strategy.name,
                       order_by='position')
    equal([one.display_name for one in areas], AREAS)


@fact('F31', 'rebuilding connections within the forum and with others')
def connections(client):
    contains(_priority(client, 'Rebuild connections').summary, 'within the forum',
             'other regional forums')


@fact('F33', '17 dialogues')
def dialogues(client):
    _figure(client, 'DIALOGUES', 17)


@fact('F34', '7 workshops and trainings')
def workshops(client):
    _figure(client, 'WORKSHOPS_AND_TRAININGS', 7)


@fact('F35', '348 practitioners; whether persons or attendances is left open')
def practitioners(client):
    contains(_figure(client, 'PRACTITIONERS_TRAINED', 348).note, 'persons', 'attendances')


@fact('F36', 'from 14 member states, more than were at the meeting')
def member_states(client):
    _figure(client, 'MEMBER_STATES_REACHED', 14)


@fact('F37', '12 papers and reports')
def publications(client):
    _figure(client, 'PUBLICATIONS', 12)


@fact('F38', 'the refreshed website, 2023, no month')
def website(client):
    activity = _activity(client, body='"bodies/rso"', kind='DIGITAL')
    contains(activity.display_name, 'refreshed website')
    equal((ymd(activity.start_date), enum(activity, 'state')), ((2023, 0, 0), 'COMPLETED'))


@fact('F39', 'a part in 8 meetings')
def meetings_supported(client):
    _figure(client, 'MEETINGS_SUPPORTED', 8)


@fact('F40', 'seen at 21 events of others')
def external_events(client):
    _figure(client, 'EXTERNAL_EVENTS', 21)


@fact('F41', "the office's strategy for 2024 to 2026")
def office_strategy(client):
    strategy = only(client.all('ListStrategies', 'strategies', filter='body = "bodies/rso"'))
    equal((ymd(strategy.term.start_date), ymd(strategy.term.end_date)),
          ((2024, 0, 0), (2026, 0, 0)))


@fact('F42', "the office's work plan, shaped with members")
def office_work_plan(client):
    plan = only(client.all('ListWorkPlans', 'work_plans', filter='body = "bodies/rso"'))
    contains(plan.development, 'members of the forum together')


@fact('F43', "New Zealand's commitment: no amount, no date")
def commitment(client):
    found = _commitment(client)
    equal(found.funder.member, 'members/nzl')
    assert not found.HasField('amount'), 'an amount that nobody stated'
    assert not found.HasField('commit_date'), 'a date that nobody stated'


@fact('F44', 'its three purposes')
def purposes(client):
    secondments, relationships, group = _commitment(client).purposes
    equal(client.call('GetProgramme', name=secondments.programme).display_name,
          'RSO Secondments Programme')
    contains(relationships.text, 'strategic relationships')
    contains(client.call('GetBody', name=group.body).display_name, 'Disruption')


@fact('F45', 'the Secondments Programme of the office')
def programme(client):
    equal(only(client.all('ListProgrammes', 'programmes', filter='body = "bodies/rso"'))
          .display_name, 'RSO Secondments Programme')


@fact('F47', 'the roundtable on the Andaman Sea: February 2024, in no figure of 2023')
def roundtable(client):
    activity = _activity(client, body='"bodies/rso"', kind='ROUNDTABLE')
    contains(activity.display_name, 'Maritime People Smuggling', 'Andaman Sea')
    equal((ymd(activity.start_date), enum(activity, 'state')), ((2024, 2, 0), 'COMPLETED'))


@fact('F50', 'the groups reported on their current work plans')
def progress_reports(client):
    reports = client.all('ListProgressReports', 'progress_reports', parent='workPlans/-',
                         filter='meeting = "meetings/ahg-17"')
    plans = [client.call('GetWorkPlan', name=one.name.split('/progressReports/')[0])
             for one in reports]
    equal(sorted(one.body for one in plans), sorted(GROUPS))
    equal({enum(one, 'state') for one in plans}, {'CURRENT'})
    equal({ymd(one.report_date) for one in reports}, {(2024, 5, 0)})


@fact('F51', 'their co-chairs presented the plans ahead')
def forward_plans(client):
    plans = client.all('ListWorkPlans', 'work_plans',
                       filter='state = PROPOSED AND presenting_meetings : "meetings/ahg-17"')
    equal(sorted(one.body for one in plans), sorted(GROUPS | {'bodies/rso'}))


@fact('F52', 'the 12-month Joint Period of Action')
def operation(client):
    found = _operation(client)
    equal((found.body, found.display_name, found.duration_months),
          ('bodies/wg-disruption', 'Joint Period of Action', 12))
    assert not found.HasField('start_date'), 'a date that nobody stated'


@fact('F53', 'New Zealand and Viet Nam investigate together')
def new_zealand_and_viet_nam(client):
    _partners(client, 'nzl', 'vnm')


@fact('F54', 'Thailand and Sri Lanka investigate together')
def thailand_and_sri_lanka(client):
    _partners(client, 'tha', 'lka')


@fact('F55', 'the experts group on returns is being reinvigorated')
def returns_group(client):
    plan = only(client.all('ListWorkPlans', 'work_plans',
                           filter='body = "bodies/teg-returns" AND state = CURRENT'))
    report = only(client.all('ListProgressReports', 'progress_reports', parent=plan.name))
    contains(report.summary, 'reinvigorated', 'practical', 'solutions')


@fact('F56', 'scam centres, a priority of the group on trafficking')
def scam_centres(client):
    contains(_priority(client, 'scam centres', 'bodies/wg-tip').summary, 'forced criminality',
             'effective', 'coordinated')


@fact('F62', 'ahead: regional cooperation and shared expertise')
def regional_cooperation(client):
    contains(_priority_ahead(client, 'Regional cooperation').summary, 'expertise',
             'good practice')


@fact('F63', 'ahead: coordination with the office, the groups and the private sector')
def coordinated_work(client):
    contains(_priority_ahead(client, 'Coordinated work').summary, 'support office',
             'working groups', 'private sector', 'Government and Business Forum')


@fact('F64', 'ahead: civil society and lived experience')
def civil_society(client):
    contains(_priority_ahead(client, 'Civil society').summary, 'lived experience')


@fact('F65', 'ahead: activities that complement those of related forums')
def related_forums(client):
    contains(_priority_ahead(client, 'related forums').summary, 'complement')
