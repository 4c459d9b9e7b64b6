"""Capacity building: a strategy, plans, activities and who took part, publications, money, and what was reported."""

import datetime

import forum
import words
from book import exact, term, year_of

STRATEGY = 'strategies/harbour'
OFFICE = forum.SUPPORT_OFFICE
PROGRAMME = 'programmes/training'


def write(book, years, activities, participants):
    _strategy(book, years)
    people = _practitioners(book, participants)
    for year in years:
        _work_plan(book, year)
        trained = _activities(book, year, activities, people, participants)
        _reported(book, year, trained)
        _publication(book, year)
        _operation(book, year)
    _secondments(book, years, people)
    _funding(book, years)


def _strategy(book, years):
    areas = ['{}/areas/{}'.format(STRATEGY, area) for area, _ in words.AREAS]
    book.add('capacity/strategies', STRATEGY, body='bodies/forum', displayName='Harbour Strategy for Cooperation',
             shortName='Harbour Strategy', term=term({'year': years[0]}, {'year': years[-1] + 2}),
             summary='Five areas in which invented members work together.')
    for position, (area, name) in enumerate(words.AREAS, 1):
        book.add('capacity/areas', '{}/areas/{}'.format(STRATEGY, area), displayName=name, position=position)
    book.add('capacity/priorities', 'priorities/scams', body='bodies/ad-hoc-group', areas=areas[:1],
             displayName='Trafficking for online scams', term=term({'year': years[-1]}))
    book.add('capacity/programmes', PROGRAMME, body=OFFICE, displayName='Training of practitioners', areas=areas)


def _practitioners(book, count):
    """Twice as many as one activity takes, so that some come again and again."""
    people = []
    for number in range(2 * count):
        code = book.random.choice(words.STATES)[0]
        people.append((book.add(
            'capacity/practitioners', 'practitioners/p{}'.format(number + 1), member='members/' + code,
            agency=book.random.choice(words.AGENCIES),
            identity={'fullName': '{} {}'.format(words.person(book.random), number + 1),
                      'birthDate': {'year': 1970 + number % 30, 'month': 1 + number % 12, 'day': 1 + number % 28}}),
            code))
    return people


def _work_plan(book, year):
    plan = 'workPlans/office-{}'.format(year)
    state = 'CONCLUDED' if year < book.today.year else 'CURRENT'
    book.add('capacity/workPlans', plan, body=OFFICE, displayName='Work plan for {}'.format(year),
             term=year_of(year), state=state, strategies=[STRATEGY])
    for number, (area, name) in enumerate(words.AREAS, 1):
        done = 'COMPLETED' if year < book.today.year and number != 4 else 'IN_PROGRESS' if number < 4 else 'NOT_STARTED'
        book.add('capacity/items', '{}/items/item-{}'.format(plan, number), displayName='Workshops: ' + name.lower(),
                 areas=['{}/areas/{}'.format(STRATEGY, area)], state=done)
    if year < book.today.year:
        book.add('capacity/progressReports', plan + '/progressReports/autumn', reportDate={'year': year, 'month': 10},
                 summary='Four of five workshops are on their way.',
                 items=[{'item': plan + '/items/item-4', 'state': 'NOT_STARTED', 'note': 'No host was found yet.'}])


def _activities(book, year, count, people, participants):
    """Returns the practitioners who were trained in the year."""
    trained = set()
    for number in range(count):
        # Spread over the year. Half are known to the day, the others to the month.
        start = datetime.date(year, 1 + number * 12 // count, 1 + book.random.randrange(27))
        past = book.is_past(start + datetime.timedelta(days=31))
        kind = ('WORKSHOP', 'TRAINING', 'DIALOGUE', 'ROUNDTABLE')[number % 4]
        subject = words.SUBJECTS[(number + year) % len(words.SUBJECTS)]
        _, region, _, city, _ = book.random.choice(words.STATES)
        activity = book.add(
            'capacity/activities', 'activities/office-{}-{}'.format(year, number + 1), body=OFFICE, kind=kind,
            displayName='{} on {}'.format(kind.capitalize(), subject), topics=[subject],
            startDate=exact(start) if number % 2 else {'year': year, 'month': start.month}, programme=PROGRAMME,
            state='COMPLETED' if past else 'PLANNED', format='IN_PERSON', venue={'city': city, 'regionCode': region},
            areas=['{}/areas/{}'.format(STRATEGY, words.AREAS[number % 5][0])],
            workPlanItem='workPlans/office-{}/items/item-{}'.format(year, 1 + number % 5))
        if past and kind in ('WORKSHOP', 'TRAINING'):
            trained |= _participations(book, activity, people, participants)
    return trained


def _participations(book, activity, people, count):
    came = book.random.sample(people, count)
    for practitioner, code in came:
        book.add('capacity/participations', '{}/participations/{}'.format(activity, practitioner.split('/')[1]),
                 practitioner=practitioner, member='members/' + code, role='TRAINEE', attendance='ATTENDED',
                 courseCompleted=book.random.random() < 0.8)
    return {practitioner for practitioner, _ in came}


def _reported(book, year, trained):
    """What statements say isn't always what records say."""
    if not trained:
        return
    for measure, value in (('PRACTITIONERS_TRAINED', len(trained) + year % 3), ('PUBLICATIONS', 1)):
        book.add('capacity/reportedFigures', 'reportedFigures/office-{}-{}'.format(year, measure.lower().replace('_', '-')),
                 body=OFFICE, period=year_of(year), measure=measure, value=str(value),
                 note='As the annual statement has it.')


def _publication(book, year):
    book.add('capacity/publications', 'publications/report-{}'.format(year), body=OFFICE, kind='REPORT', languageCode='en',
             displayName='The year {} at the Support Office'.format(year), publishDate={'year': year, 'month': 2},
             authors=['Support Office'])


def _operation(book, year):
    operation = book.add(
        'capacity/activities', 'activities/operation-{}'.format(year), body='bodies/wg-disruption', kind='OPERATION',
        displayName='Joint operation of {}'.format(year), startDate={'year': year, 'month': 4}, durationMonths=3,
        state='COMPLETED' if year < book.today.year else 'UNDERWAY')
    book.add('capacity/partnerships', 'partnerships/operation-{}'.format(year), operation=operation,
             kind='INFORMATION_EXCHANGE', parties=sorted('members/' + code for code in ('aus', 'idn', 'mys')),
             term=year_of(year))


def _secondments(book, years, people):
    for year, (practitioner, _) in zip(years, people):
        book.add('capacity/secondments', 'secondments/office-{}'.format(year), programme=PROGRAMME,
                 practitioner=practitioner, hostBody=OFFICE, title='Seconded analyst',
                 term=term({'year': year, 'month': 2, 'day': 1}, {'year': year, 'month': 7, 'day': 31}))


def _funding(book, years):
    for number, code in enumerate(('aus', 'nzl', 'jpn')):
        commitment = book.add(
            'capacity/commitments', 'commitments/{}-{}'.format(code, years[0]), funder={'member': 'members/' + code},
            body=OFFICE, kind='COMMITMENT', commitDate={'year': years[0]}, visibility='PUBLIC',
            amount={'currencyCode': 'AUD', 'units': str(500000 * (number + 1))} if code != 'jpn' else None,
            purposes=[{'text': 'Training of practitioners', 'programme': PROGRAMME}])
        for year in years:
            if code != 'jpn' and year < book.today.year:
                book.add('capacity/disbursements', '{}/disbursements/of-{}'.format(commitment, year),
                         amount={'currencyCode': 'AUD', 'units': '50000'}, disburseDate={'year': year, 'month': 7})
