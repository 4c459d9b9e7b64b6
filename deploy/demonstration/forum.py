"""Membership: the forum, its members and bodies, who sat in them and acted for them."""

import words
from book import exact, term

SUPPORT_OFFICE = 'bodies/support-office'
# Id, kind, name, acronym, what it answers to, what it is for.
BODIES = [
    ('forum', 'FORUM', 'Demonstration Process', 'DP', None,
     'Brings invented governments and organisations together, so that the suite can be tried.'),
    ('conference', 'CONFERENCE', 'Ministerial Conference', 'MC', 'forum', 'Sets the direction every other year.'),
    ('steering-group', 'STEERING_GROUP', 'Steering Group', 'SG', 'conference',
     'Prepares conferences and decides who joins other groups.'),
    ('ad-hoc-group', 'AD_HOC_GROUP', 'Ad Hoc Group', 'AHG', 'conference',
     'Senior officials review what the working groups and the office have done.'),
    ('wg-disruption', 'WORKING_GROUP', 'Working Group on Disruption', 'WGD', 'ad-hoc-group',
     'Plans operations against smuggling networks.'),
    ('wg-trafficking', 'WORKING_GROUP', 'Working Group on Trafficking in Persons', 'WGTIP', 'ad-hoc-group',
     'Shares what protects victims and brings offenders to court.'),
    ('experts', 'EXPERTS_GROUP', 'Technical Experts Group on Returns', 'TEGR', 'ad-hoc-group',
     'Compares how returns and reintegration are done.'),
    ('business-forum', 'BUSINESS_FORUM', 'Government and Business Forum', 'GBF', 'forum',
     'Where ministers and business leaders meet.'),
    ('support-office', 'SUPPORT_OFFICE', 'Support Office', 'SO', 'forum',
     'Trains practitioners and supports all bodies.'),
]
MEETING_BODIES = ('conference', 'steering-group', 'ad-hoc-group', 'wg-disruption', 'wg-trafficking', 'experts')
STEERING = ('aus', 'idn', 'tha', 'nzl')


def write(book, years):
    first = years[0]
    _members(book, first)
    _bodies(book, first)
    _seats(book, years)
    _officials(book, first)
    book.add('membership/externalForums', 'externalForums/coastal-states',
             displayName='Conference of Coastal States', shortName='CCS',
             purpose='Invented neighbours, with whom the forum keeps in touch.')
    book.add('membership/liaisons', 'bodies/forum/liaisons/coastal-states',
             externalForum='externalForums/coastal-states', purpose='Exchange of agendas.',
             term=term({'year': first}))


def _members(book, first):
    for code, region, name, _, _ in words.STATES:
        # Of some it isn't known since when.
        since = None if code in ('mdv', 'npl') else {'year': first - book.random.randrange(2, 18)}
        book.add('membership/members', 'members/' + code, kind='STATE', category='FULL_MEMBER',
                 displayName=name, regionCode=region, term=term(since) or None)
    for code, region, name in words.OBSERVERS:
        book.add('membership/members', 'members/' + code, kind='STATE', category='OBSERVER',
                 displayName=name, regionCode=region, term=term({'year': first - 1}))
    for code, name, short in words.ORGANISATIONS:
        book.add('membership/members', 'members/' + code, kind='ORGANISATION', category='OBSERVER',
                 displayName=name, shortName=short)


def _bodies(book, first):
    silence = {'consensus': True, 'silenceProcedure': True, 'minimumSilence': '172800s'}
    for body, kind, name, short, parent, mandate in BODIES:
        book.add('membership/bodies', 'bodies/' + body, kind=kind, displayName=name, shortName=short,
                 parentBody=parent and 'bodies/' + parent, mandate=mandate, maxChairs=2,
                 term=term({'year': first - 4}), timeZone='Asia/Bangkok',
                 decisionRules=silence if body in ('steering-group', 'ad-hoc-group') else {'consensus': True})
    # One that has done its task.
    book.add('membership/bodies', 'bodies/task-force', kind='TASK_FORCE', displayName='Task Force on Online Scams',
             shortName='TFOS', parentBody='bodies/ad-hoc-group', maxChairs=2,
             mandate='Described how persons are recruited for online scams.',
             term=term({'year': first, 'month': 3}, {'year': first, 'month': 11, 'day': 30}))
    for code in ('idn', 'phl', 'tha'):
        book.add('membership/seats', 'bodies/task-force/seats/' + code, member='members/' + code,
                 role='CHAIR' if code == 'phl' else 'PARTICIPANT',
                 term=term({'year': first, 'month': 3}, {'year': first, 'month': 11, 'day': 30}))


def _seats(book, years):
    first = years[0]
    for code, *_ in words.STATES:
        if code not in ('aus', 'idn'):
            _seat(book, 'ad-hoc-group', code, 'PARTICIPANT')
        if code in STEERING:
            _seat(book, 'steering-group', code, 'CHAIR' if code in ('aus', 'idn') else 'PARTICIPANT')
        if book.random.random() < 0.5 and code not in ('tha', 'mys', 'nzl', 'vnm'):
            # Of those that joined in the middle, some by a month alone.
            since = {'year': first, 'month': book.random.randrange(1, 12)}
            _seat(book, 'wg-disruption', code, 'PARTICIPANT', term(since))
        if book.random.random() < 0.5 and code not in ('phl', 'lka'):
            _seat(book, 'wg-trafficking', code, 'PARTICIPANT')
        if code in ('bgd', 'fji', 'kor', 'pak', 'png'):
            _seat(book, 'experts', code, 'CHAIR' if code == 'fji' else 'PARTICIPANT')
    for code in ('aus', 'idn'):
        _seat(book, 'ad-hoc-group', code, 'CHAIR')
        _seat(book, 'conference', code, 'CHAIR')
    for code, *_ in words.OBSERVERS + words.ORGANISATIONS:
        _seat(book, 'ad-hoc-group', code, 'BODY_OBSERVER')
    _chairs_in_turn(book, 'wg-disruption', ('tha', 'mys', 'nzl', 'vnm'), years)
    _chairs_in_turn(book, 'wg-trafficking', ('phl', 'lka'), years)


def _seat(book, body, code, role, of=None):
    book.add('membership/seats', 'bodies/{}/seats/{}'.format(body, code), member='members/' + code,
             role=role, term=of)


def _chairs_in_turn(book, body, codes, years):
    """Each chairs for two years; a member that chairs a second time has another seat."""
    for turn, start in enumerate(range(years[0], years[-1] + 1, 2)):
        code = codes[turn % len(codes)]
        end = exact(book.today.replace(year=start + 1, month=12, day=31)) if start + 1 < years[-1] else None
        book.add('membership/seats', 'bodies/{}/seats/{}-{}'.format(body, code, start),
                 member='members/' + code, role='CHAIR', term=term({'year': start, 'month': 1, 'day': 1}, end))


def _officials(book, first):
    for code, name, latin, language in words.IN_OWN_SCRIPT:
        official = book.add('membership/officials', 'officials/{}-1'.format(code), displayName=latin,
                            otherNames=[{'text': name, 'languageCode': language}],
                            positionTitle='Director', member='members/' + code)
        book.add('membership/appointments', official + '/appointments/focal-point', post='FOCAL_POINT',
                 body='bodies/ad-hoc-group', onBehalfOf='members/' + code, term=term({'year': first}))
    for code in ('aus', 'idn'):
        official = book.add('membership/officials', 'officials/{}-1'.format(code),
                            displayName=words.person(book.random), honorific='Ambassador',
                            positionTitle='Ambassador', member='members/' + code)
        book.add('membership/appointments', official + '/appointments/co-chair', post='CO_CHAIR',
                 title='Senior Official Co-Chair', body='bodies/forum', onBehalfOf='members/' + code,
                 term=term({'year': first}))
