"""The facts of the public statement of May 2024 that membership keeps, each as a question.

The numbers are those of the fact table that the data set was made from. A check asks through the
API, as of the days of the meetings, and raises AssertionError when the answer is another.
"""

import contract

AS_OF = contract.date(2024, 5, 2)
STATES = {'aus': 'AU', 'bgd': 'BD', 'idn': 'ID', 'mys': 'MY', 'mdv': 'MV', 'nzl': 'NZ',
          'pak': 'PK', 'phl': 'PH', 'lka': 'LK', 'tha': 'TH', 'are': 'AE', 'usa': 'US',
          'vnm': 'VN'}
ORGANISATIONS = {'iom', 'unhcr', 'unodc'}

_checks = []


def _fact(number, title):
    def keep(check):
        _checks.append((number, title, check))
        return check
    return keep


def checks():
    return list(_checks)


def _equal(found, wanted):
    assert found == wanted, 'found {!r} instead of {!r}'.format(found, wanted)


def _contains(text, *parts):
    for part in parts:
        assert part.lower() in text.lower(), '{!r} says nothing of {!r}'.format(text, part)


def _enum(message, field):
    number = getattr(message, field)
    return message.DESCRIPTOR.fields_by_name[field].enum_type.values_by_number[number].name


def _only_body(client, filter_):
    """The one body that the filter finds."""
    bodies = client.all('ListBodies', 'bodies', filter=filter_)
    _equal(len(bodies), 1)
    return bodies[0]


def _named_body(client, name):
    body = _only_body(client, 'display_name = "{}"'.format(name))
    _equal(body.parent_body, 'bodies/bali-process')
    return body


def _composition(client, body):
    return client.call('GetComposition', body=body.name, as_of=AS_OF)


def _members(composition):
    return {entry.member for entry in composition.entries
            if _enum(entry, 'membership') == 'IS_MEMBER'}


def _chairs(composition):
    return {entry.member for entry in composition.entries if _enum(entry, 'chair') == 'YES'}


def _officer(client, body, official):
    composition = _composition(client, body)
    found = [officer for officer in composition.officers if officer.display_name == official]
    _equal(len(found), 1)
    _equal(_enum(found[0], 'in_post'), 'YES')
    return found[0], client.call('GetOfficial', name=found[0].official)


@_fact('F1', 'the forum itself')
def forum(client):
    body = _only_body(client, 'kind = FORUM')
    _equal(body.display_name, 'Bali Process')
    _equal(body.parent_body, '')
    _contains(body.other_names[0].text, 'People Smuggling', 'Trafficking in Persons')


@_fact('F2', 'the Steering Group, what it is for and what it belongs to')
def steering_group(client):
    body = _only_body(client, 'kind = STEERING_GROUP')
    _equal((body.short_name, body.parent_body), ('SG', 'bodies/bali-process'))
    _contains(body.mandate, 'needs of the region', 'agenda of Ministerial Conferences',
              'Ad Hoc Group', 'strategic direction')


@_fact('F3', 'the Ad Hoc Group')
def ad_hoc_group(client):
    _equal(_only_body(client, 'kind = AD_HOC_GROUP').short_name, 'AHG')


@_fact('F4', 'the Ministerial Conference, a series')
def ministerial_conference(client):
    body = _only_body(client, 'kind = CONFERENCE')
    _equal(body.display_name, 'Ministerial Conference')
    _contains(body.mandate, 'numbered')


@_fact('F5', 'the Regional Support Office')
def support_office(client):
    body = _only_body(client, 'kind = SUPPORT_OFFICE')
    _equal((body.display_name, body.short_name), ('Regional Support Office', 'RSO'))


@_fact('F6', 'the Government and Business Forum')
def business_forum(client):
    _equal(_only_body(client, 'kind = BUSINESS_FORUM').short_name, 'GABF')


@_fact('F7', 'the working group on disruption')
def disruption_group(client):
    body = _named_body(client, 'Working Group on the Disruption of People Smuggling and '
                               'Trafficking in Persons Networks')
    _equal(_enum(body, 'kind'), 'WORKING_GROUP')


@_fact('F8', 'the experts group on returns, also called a working group')
def returns_group(client):
    body = _named_body(client, 'Technical Experts Group on Returns and Reintegration')
    _equal(_enum(body, 'kind'), 'EXPERTS_GROUP')
    _equal([name.text for name in body.other_names],
           ['Working Group on Returns and Reintegration'])


@_fact('F9', 'the working group on trafficking')
def trafficking_group(client):
    _equal(_named_body(client, 'Working Group on Trafficking in Persons').short_name, 'WG TIP')


@_fact('F10', 'the task force on planning and preparedness')
def task_force(client):
    body = _named_body(client, 'Task Force on Planning and Preparedness')
    _equal((body.short_name, _enum(body, 'kind')), ('TFPP', 'TASK_FORCE'))


@_fact('F11', 'SOMTC, an outside forum')
def external_forum(client):
    forums = client.all('ListExternalForums', 'external_forums', filter='short_name = "SOMTC"')
    _equal([one.display_name for one in forums],
           ['ASEAN Senior Officials Meeting on Transnational Crime'])


@_fact('F12', 'thirteen states in the Ad Hoc Group')
def states(client):
    group = _only_body(client, 'kind = AD_HOC_GROUP')
    found = client.all('ListMembers', 'members', filter='kind = STATE')
    here = _members(_composition(client, group))
    _equal({one.name: one.region_code for one in found if one.name in here},
           {'members/' + state: code for state, code in STATES.items()})


@_fact('F13', 'three organisations in the Ad Hoc Group')
def organisations(client):
    group = _only_body(client, 'kind = AD_HOC_GROUP')
    found = client.all('ListMembers', 'members', filter='kind = ORGANISATION')
    here = _members(_composition(client, group))
    _equal({one.name for one in found if one.name in here},
           {'members/' + one for one in ORGANISATIONS})


@_fact('F14', 'who came to the Steering Group: members, and the office, which is none')
def steering_group_attendance(client):
    present = ['members/' + one for one in ('aus', 'idn', 'nzl', 'tha', 'iom', 'unhcr')]
    found = client.call('BatchGetMembers', names=present).members
    _equal([one.name for one in found], present)
    _equal({_enum(one, 'category') for one in found}, {'FULL_MEMBER'})
    _equal(client.call('GetBody', name='bodies/rso').short_name, 'RSO')
    members = client.all('ListMembers', 'members')
    _equal([one.name for one in members if 'Regional Support Office' in one.display_name], [])


@_fact('F18', 'Lynn Bell, Senior Official Co-Chair on behalf of Australia')
def lynn_bell(client):
    officer, official = _officer(client, _only_body(client, 'kind = FORUM'), 'Lynn Bell')
    _equal((_enum(officer, 'post'), officer.on_behalf_of), ('CO_CHAIR', 'members/aus'))
    _contains(officer.title, 'Senior Official')
    _contains(official.position_title, 'Ambassador', 'Modern Slavery', 'People Smuggling',
              'Human Trafficking')


@_fact('F19', 'Tri Tharyat, Senior Official Co-Chair on behalf of Indonesia')
def tri_tharyat(client):
    officer, official = _officer(client, _only_body(client, 'kind = FORUM'), 'Tri Tharyat')
    _equal((_enum(officer, 'post'), officer.on_behalf_of), ('CO_CHAIR', 'members/idn'))
    _contains(official.position_title, 'Director', 'Multilateral Cooperation')
    assert official.other_names, 'the other name is missing'


@_fact('F20', 'the two who co-chaired the Ad Hoc Group meeting, and their states in the chair')
def co_chairs(client):
    composition = _composition(client, _only_body(client, 'kind = FORUM'))
    _equal({officer.display_name for officer in composition.officers
            if _enum(officer, 'post') == 'CO_CHAIR' and _enum(officer, 'in_post') == 'YES'},
           {'Lynn Bell', 'Tri Tharyat'})
    for kind in ('FORUM', 'AD_HOC_GROUP'):
        _equal(_chairs(_composition(client, _only_body(client, 'kind = ' + kind))),
               {'members/aus', 'members/idn'})


@_fact('F21', 'the Co-Managers of the office, David Scott and Fuad Adriansyah')
def co_managers(client):
    composition = _composition(client, _only_body(client, 'kind = SUPPORT_OFFICE'))
    _equal({(officer.display_name, officer.on_behalf_of) for officer in composition.officers
            if _enum(officer, 'post') == 'CO_MANAGER' and _enum(officer, 'in_post') == 'YES'},
           {('David Scott', 'members/aus'), ('Fuad Adriansyah', 'members/idn')})


@_fact('F46', 'New Zealand and Viet Nam chair the working group on disruption')
def disruption_chairs(client):
    body = _only_body(client, 'display_name : "Disruption"')
    _equal(_chairs(_composition(client, body)), {'members/nzl', 'members/vnm'})


@_fact('F57', 'the task force works with SOMTC')
def liaison(client):
    body = _only_body(client, 'short_name = "TFPP"')
    found = client.all('ListLiaisons', 'liaisons', parent=body.name)
    _equal([one.external_forum for one in found], ['externalForums/somtc'])
    _contains(found[0].purpose, 'collaboration')


@_fact('F59', 'the task force prepares for mass migration')
def mass_migration(client):
    _contains(_only_body(client, 'short_name = "TFPP"').mandate, 'mass migration',
              'coordinate operational')
