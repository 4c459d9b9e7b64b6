"""Meetings: what was on their agendas, who came, what was said and decided, and what is to be done."""

import datetime

import forum
import words
from book import exact

# Body, months in which it meets, days that a meeting takes, number of its first meeting here.
CALENDAR = [('steering-group', (5,), 1, 12), ('ad-hoc-group', (5, 10), 2, 21), ('wg-disruption', (3,), 2, 4),
            ('wg-trafficking', (3,), 2, 9), ('experts', (8,), 3, 1)]
CONFERENCE_MONTH = 11
TITLES = {body: name for body, _, name, *_ in forum.BODIES}
# Those that have decided by silence, so that each state of a decision is there.
SILENT = 'ad-hoc-group'


def write(book, years, expert_meetings):
    ordinals = {body: first for body, _, _, first in CALENDAR}
    ordinals['conference'] = 6
    numbers = {}
    # The meetings of the year after are planned already.
    for year in [*years, years[-1] + 1]:
        for body, month, days in _plan(year):
            ordinal = ordinals[body]
            ordinals[body] += 1
            _meeting(book, body, ordinal, datetime.date(year, month, book.random.randrange(2, 25)), days, numbers)
        for number in range(expert_meetings):
            _expert_meeting(book, year, number)
    _special_meetings(book)
    _silences(book)


def _plan(year):
    plan = [(body, month, days) for body, months, days, _ in CALENDAR for month in months]
    if year % 2 == 0:
        plan.append(('conference', CONFERENCE_MONTH, 2))
    return sorted(plan, key=lambda entry: entry[1])


def _th(number):
    ends = {1: 'st', 2: 'nd', 3: 'rd'}
    return '{}{}'.format(number, 'th' if number % 100 in (11, 12, 13) else ends.get(number % 10, 'th'))


def _meeting(book, body, ordinal, start, days, numbers):
    """A meeting of a body with all that belongs to it. What is to come has an agenda alone."""
    code, region, _, city, zone = book.random.choice(words.STATES)
    end = start + datetime.timedelta(days=days - 1)
    past = book.is_past(end)
    meeting = book.add(
        'meetings/meetings', 'meetings/{}-{}'.format(body, ordinal), body='bodies/' + body, ordinal=ordinal,
        displayName='{} meeting of the {}'.format(_th(ordinal), TITLES[body]),
        startDate=exact(start), endDate=exact(end), startTime={'hours': 9}, endTime={'hours': 17}, timeZone=zone,
        format='HYBRID' if body == 'experts' else 'IN_PERSON', venue={'city': city, 'regionCode': region},
        chairs=[{'onBehalfOf': 'members/' + other} for other in ('aus', 'idn')],
        summary='What was done since the meeting before, and what comes next.' if past else None,
        state='CONCLUDED' if past else 'PLANNED')
    items = _agenda(book, meeting)
    if not past:
        return
    _delegations(book, meeting, code)
    _papers(book, meeting, items, end)
    book.add('meetings/statements', meeting + '/statements/' + code,
             speaker={'displayName': words.person(book.random)}, onBehalfOf={'member': 'members/' + code},
             agendaItem=items['discussion'], topic='Welcome of the host',
             summary='That the region gains when what works is shared.')
    _decide(book, body, meeting, items, end, numbers)


def _agenda(book, meeting):
    def item(name, position, kind, title, **more):
        return book.add('meetings/agendaItems', '{}/agendaItems/{}'.format(meeting, name), displayName=title,
                        kind=kind, position=position, **more)
    subject = book.random.choice(words.SUBJECTS)
    items = {
        'opening': item('opening', 1, 'FORMALITY', 'Opening and adoption of the agenda'),
        'reports': item('reports', 2, 'REPORT', 'Reports'),
        'discussion': item('discussion', 3, 'DISCUSSION', 'Discussion: ' + subject, topics=[subject],
                           strategyAreas=['strategies/harbour/areas/' + book.random.choice(words.AREAS)[0]]),
        'decisions': item('decisions', 4, 'DECISION_POINT', 'Decisions'),
    }
    item('other-business', 5, 'OTHER_BUSINESS', 'Other business')
    for position, body in enumerate(('support-office', 'wg-disruption', 'wg-trafficking'), 1):
        item('report-' + body, position, 'REPORT', 'Report of the ' + TITLES[body], parentItem=items['reports'],
             presenters=[{'presenter': {'body': 'bodies/' + body}}])
    return items


def _delegations(book, meeting, host):
    come = book.random.sample(words.STATES, 14)
    for code, *_ in come:
        attendance = book.random.choices(('PRESENT', 'REMOTE', 'APOLOGIES', 'ABSENT'), (10, 2, 1, 1))[0]
        delegation = _delegation(book, meeting, code, attendance if code != host else 'PRESENT')
        if attendance in ('PRESENT', 'REMOTE'):
            _delegates(book, delegation, code)
    for code, *_ in words.ORGANISATIONS + words.OBSERVERS[:1]:
        _delegation(book, meeting, code, 'PRESENT')
    book.add('meetings/delegations', meeting + '/delegations/coastal-states', attendance='PRESENT',
             participant={'externalForum': 'externalForums/coastal-states'})


def _delegation(book, meeting, code, attendance):
    return book.add('meetings/delegations', '{}/delegations/{}'.format(meeting, code),
                    participant={'member': 'members/' + code}, attendance=attendance,
                    credentials=book.random.choice(('NOT_SUBMITTED', 'SUBMITTED', 'ACCEPTED')))


def _delegates(book, delegation, code):
    officials = {state for state, *_ in words.IN_OWN_SCRIPT}
    head = {'official': 'officials/{}-1'.format(code)} if code in officials else \
        {'displayName': words.person(book.random)}
    for number, role in enumerate(('HEAD', 'DELEGATE', 'ADVISER')[:book.random.randrange(1, 4)]):
        book.add('meetings/delegates', '{}/delegates/{}'.format(delegation, role.lower()), member='members/' + code,
                 person=head if number == 0 else {'displayName': words.person(book.random)},
                 title='Head of Division' if number == 0 else 'Officer', role=role)


def _papers(book, meeting, items, day):
    for name, kind, title, visibility, item in (
            ('agenda', 'AGENDA', 'Agenda as adopted', 'PUBLIC', None),
            ('minutes', 'MINUTES', 'Record of the meeting', 'MEMBERS', None),
            ('paper', 'PAPER', 'Paper for the discussion', 'MEMBERS', items['discussion'])):
        document = '{}/documents/{}'.format(meeting, name)
        text = '{}\n\nDemonstration data: this paper was made up.\n'.format(title)
        book.add('meetings/documents', document, visibility=visibility, displayName=title, kind=kind,
                 languageCode='en', agendaItem=item, **book.attach(document, text, day))


def _decide(book, body, meeting, items, day, numbers):
    numbers[body] = numbers.get(body, 0) + 1
    subject = book.random.choice(words.SUBJECTS)
    slug = meeting.split('/')[1]
    decision = book.add(
        'meetings/decisions', 'decisions/{}-1'.format(slug), body='bodies/' + body, meeting=meeting,
        agendaItem=items['decisions'], displayName='Work on ' + subject, procedure='CONSENSUS', kind='RESOLUTION',
        text='The {} asks the Support Office to offer training on {}.'.format(TITLES[body], subject),
        state='ADOPTED', number=numbers[body], adoptDate=exact(day), visibility='PUBLIC')
    book.add('meetings/decisions', 'decisions/{}-2'.format(slug), body='bodies/' + body, meeting=meeting,
             displayName='Thanks to the host', text='The meeting thanked its host.', procedure='NOTED',
             kind='ACKNOWLEDGEMENT', state='ON_RECORD', adoptDate=exact(day), visibility='PUBLIC')
    due = day + datetime.timedelta(days=180)
    done = book.is_past(due) and book.random.random() < 0.9
    book.add('meetings/actionItems', 'actionItems/' + slug, body='bodies/' + body, meeting=meeting, decision=decision,
             displayName='Offer training on ' + subject, dueDate=exact(due), leadBody=forum.SUPPORT_OFFICE,
             supportingMembers=['members/' + book.random.choice(words.STATES)[0]],
             state='COMPLETED' if done else 'OPEN', closeDate=exact(due) if done else None)


def _expert_meeting(book, year, number):
    """Online, in a month that is known without its day."""
    start = datetime.date(year, 1 + number % 12, 15)
    past = book.is_past(start + datetime.timedelta(days=31))
    meeting = book.add(
        'meetings/meetings', 'meetings/experts-online-{}-{}'.format(year, number + 1), body='bodies/experts',
        displayName='Experts online: ' + words.SUBJECTS[number % len(words.SUBJECTS)], format='ONLINE',
        startDate={'year': start.year, 'month': start.month}, state='CONCLUDED' if past else 'PLANNED')
    if past:
        for code in ('bgd', 'fji', 'kor', 'pak', 'png'):
            _delegation(book, meeting, code, 'REMOTE')


def _special_meetings(book):
    today = book.today
    running = book.add(
        'meetings/meetings', 'meetings/wg-disruption-today', body='bodies/wg-disruption', state='CONVENED',
        displayName='Extraordinary meeting of the Working Group on Disruption', startDate=exact(today),
        endDate=exact(today + datetime.timedelta(days=1)), timeZone='Asia/Bangkok', format='HYBRID',
        venue={'city': 'Chiang Mai', 'regionCode': 'TH'}, chairs=[{'onBehalfOf': 'members/tha'}])
    _agenda(book, running)
    for code, *_ in words.STATES[:12]:
        # Attendance is there to be recorded.
        book.add('meetings/delegations', '{}/delegations/{}'.format(running, code),
                 participant={'member': 'members/' + code}, credentials='SUBMITTED')
    book.add('meetings/meetings', 'meetings/business-forum-next', body='bodies/business-forum', state='PLANNED',
             displayName='Next meeting of the Government and Business Forum', startDate={'year': today.year + 1})
    book.add('meetings/meetings', 'meetings/business-forum-undated', body='bodies/business-forum', state='POSTPONED',
             stateReason='The host asked for another date.', displayName='Round table with fishing companies')
    book.add('meetings/meetings', 'meetings/experts-cancelled', body='bodies/experts', state='CANCELLED',
             stateReason='Too few had registered.', displayName='Experts on transit visas',
             startDate={'year': today.year, 'month': 2})


def _silences(book):
    eligible = ['members/' + code for code in forum.STEERING]

    def silence(name, title, state, opened, ends, **more):
        book.add('meetings/decisions', 'decisions/' + name, body='bodies/' + SILENT, displayName=title,
                 text='The Ad Hoc Group agrees to this: {}.'.format(title[0].lower() + title[1:]),
                 procedure='SILENCE', kind='RESOLUTION', state=state, silenceOpenTime=book.moment(*opened),
                 silenceEndTime=book.moment(*ends), eligibleMembers=eligible, timeZone='Asia/Bangkok', **more)
    silence('silence-soon', 'Terms of the study on returns', 'SILENCE_OPEN', (-2,), (1, 18))
    silence('silence-later', 'Guests at the next meeting', 'SILENCE_OPEN', (-1,), (6,),
            reservations=[{'member': 'members/tha', 'text': 'Thailand would have liked fewer guests.',
                           'reserveTime': book.moment(-1, 5)}])
    silence('silence-broken', 'A common form of statistics', 'BROKEN', (-40,), (-33,),
            breaks=[{'member': 'members/nzl', 'kind': 'AMENDMENT', 'text': 'The form should name its sources.'}])
    silence('silence-broken-again', 'A common form of statistics, with its sources', 'ADOPTED', (-30,), (-23,),
            number=9001, adoptDate=exact(book.today - datetime.timedelta(days=23)), follows='decisions/silence-broken')
    book.add('meetings/decisions', 'decisions/draft', body='bodies/' + SILENT, displayName='Rules for observers',
             text='Observers may speak after members.', procedure='SILENCE', state='DRAFT')
    for name, days in (('overdue', -20), ('due', 5), ('later', 60)):
        book.add('meetings/actionItems', 'actionItems/' + name, body='bodies/' + SILENT, state='OPEN',
                 displayName={'overdue': 'Send the list of focal points', 'due': 'Comment on the study on returns',
                              'later': 'Nominate experts'}[name],
                 dueDate=exact(book.today + datetime.timedelta(days=days)), leadMember='members/nzl')
