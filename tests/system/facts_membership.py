"""The facts that membership keeps."""

import contract
from facts import contains, enum, equal, fact, only

AS_OF = contract.date(2024, 5, 2)
STATES = {'aus': 'AU', 'bgd': 'BD', 'idn': 'ID', 'mys': 'MY', 'mdv': 'MV', 'nzl': 'NZ',
          'pak': 'PK', 'phl': 'PH', 'lka': 'LK', 'tha': 'TH', 'are': 'AE', 'usa': 'US',
          'vnm': 'VN'}
ORGANISATIONS = {'iom', 'unhcr', 'unodc'}


def _only_body(client, filter_):
    """The one body that the filter finds."""
    return only(client.all('ListBodies', 'bodies', filter=filter_))


def _named_body(client, name):
    body = _only_body(client, 'display_name = "{}"'.format(name))
    equal(body.parent_body, 'bodies/bali-process')
    return body


def _composition(client, body):
    return client.call('GetComposition', body=body.name, as_of=AS_OF)


def _members(composition):
    return {entry.member for entry in composition.entries
            if enum(entry, 'membership') == 'IS_MEMBER'}


def _chairs(composition):
    return {entry.member for entry in composition.entries if enum(entry, 'chair') == 'YES'}


def _officer(client, body, official):
    composition = _composition(client, body)
    found = only([one for one in composition.officers if one.display_name == official])
    equal(enum(found, 'in_post'), 'YES')
    return found, client.call('GetOfficial', name=found.official)


@fact('F1', 'the forum itself')
def forum(client):
    body = _only_body(client, 'kind = FORUM')
    equal(body.display_name, 'Bali Process')
    equal(body.parent_body, '')
    contains(body.other_names[0].text, 'People Smuggling', 'Trafficking in Persons')


@fact('F2', 'the Steering Group, what it is for and what it belongs to')
def steering_group(client):
    body = _only_body(client, 'kind = STEERING_GROUP')
    equal((body.short_name, body.parent_body), ('SG', 'bodies/bali-process'))
    contains(body.mandate, 'needs of the region', 'agenda of Ministerial Conferences',
             'Ad Hoc Group', 'strategic direction')


@fact('F3', 'the Ad Hoc Group')
def ad_hoc_group(client):
    equal(_only_body(client, 'kind = AD_HOC_GROUP').short_name, 'AHG')


@fact('F4', 'the Ministerial Conference, a series')
def ministerial_conference(client):
    body = _only_body(client, 'kind = CONFERENCE')
    equal(body.display_name, 'Ministerial Conference')
    contains(body.mandate, 'numbered')


@fact('F5', 'the Regional Support Office')
def support_office(client):
    body = _only_body(client, 'kind = SUPPORT_OFFICE')
    equal((body.display_name, body.short_name), ('Regional Support Office', 'RSO'))


@fact('F6', 'the Government and Business Forum')
def business_forum(client):
    equal(_only_body(client, 'kind = BUSINESS_FORUM').short_name, 'GABF')


@fact('F7', 'the working group on disruption')
def disruption_group(client):
    body = _named_body(client, 'Working Group on the Disruption of People Smuggling and '
                               'Trafficking in Persons Networks')
    equal(enum(body, 'kind'), 'WORKING_GROUP')


@fact('F8', 'the experts group on returns, also called a working group')
def returns_group(client):
    body = _named_body(client, 'Technical Experts Group on Returns and Reintegration')
    equal(enum(body, 'kind'), 'EXPERTS_GROUP')
    equal([name.text for name in body.other_names],
          ['Working Group on Returns and Reintegration'])


@fact('F9', 'the working group on trafficking')
def trafficking_group(client):
    equal(_named_body(client, 'Working Group on Trafficking in Persons').short_name, 'WG TIP')


@fact('F10', 'the task force on planning and preparedness')
def task_force(client):
    body = _named_body(client, 'Task Force on Planning and Preparedness')
    equal((body.short_name, enum(body, 'kind')), ('TFPP', 'TASK_FORCE'))


@fact('F11', 'SOMTC, an outside forum')
def external_forum(client):
    forums = client.all('ListExternalForums', 'external_forums', filter='short_name = "SOMTC"')
    equal([one.display_name for one in forums],
          ['ASEAN Senior Officials Meeting on Transnational Crime'])


@fact('F12', 'thirteen states in the Ad Hoc Group')
def states(client):
    group = _only_body(client, 'kind = AD_HOC_GROUP')
    found = client.all('ListMembers', 'members', filter='kind = STATE')
    here = _members(_composition(client, group))
    equal({one.name: one.region_code for one in found if one.name in here},
          {'members/' + state: code for state, code in STATES.items()})


@fact('F13', 'three organisations in the Ad Hoc Group')
def organisations(client):
    group = _only_body(client, 'kind = AD_HOC_GROUP')
    found = client.all('ListMembers', 'members', filter='kind = ORGANISATION')
    here = _members(_composition(client, group))
    equal({one.name for one in found if one.name in here},
          {'members/' + one for one in ORGANISATIONS})


@fact('F14', 'who came to the Steering Group: members, and the office, which is none')
def steering_group_attendance(client):
    present = ['members/' + one for one in ('aus', 'idn', 'nzl', 'tha', 'iom', 'unhcr')]
    found = client.call('BatchGetMembers', names=present).members
    equal([one.name for one in found], present)
    equal({enum(one, 'category') for one in found}, {'FULL_MEMBER'})
    equal(_members(_composition(client, _only_body(client, 'kind = STEERING_GROUP'))), set(present))
    equal(client.call('GetBody', name='bodies/rso').short_name, 'RSO')
    members = client.all('ListMembers', 'members')
    equal([one.name for one in members if 'Regional Support Office' in one.display_name], [])


@fact('F18', 'Lynn Bell, Senior Official Co-Chair on behalf of Australia')
def lynn_bell(client):
    officer, official = _officer(client, _only_body(client, 'kind = FORUM'), 'Lynn Bell')
    equal((enum(officer, 'post'), officer.on_behalf_of), ('CO_CHAIR', 'members/aus'))
    contains(officer.title, 'Senior Official')
    contains(official.position_title, 'Ambassador', 'Modern Slavery', 'People Smuggling',
             'Human Trafficking')


@fact('F19', 'Tri Tharyat, Senior Official Co-Chair on behalf of Indonesia')
def tri_tharyat(client):
    officer, official = _officer(client, _only_body(client, 'kind = FORUM'), 'Tri Tharyat')
    equal((enum(officer, 'post'), officer.on_behalf_of), ('CO_CHAIR', 'members/idn'))
    contains(official.position_title, 'Director', 'Multilateral Cooperation')
    assert official.other_names, 'the other name is missing'


@fact('F20', 'the two who co-chaired the Ad Hoc Group meeting, and their states in the chair')
def co_chairs(client):
    composition = _composition(client, _only_body(client, 'kind = FORUM'))
    equal({officer.display_name for officer in composition.officers
           if enum(officer, 'post') == 'CO_CHAIR' and enum(officer, 'in_post') == 'YES'},
          {'Lynn Bell', 'Tri Tharyat'})
    for kind in ('FORUM', 'AD_HOC_GROUP'):
        equal(_chairs(_composition(client, _only_body(client, 'kind = ' + kind))),
              {'members/aus', 'members/idn'})


@fact('F21', 'the Co-Managers of the office, David Scott and Fuad Adriansyah')
def co_managers(client):
    composition = _composition(client, _only_body(client, 'kind = SUPPORT_OFFICE'))
    equal({(officer.display_name, officer.on_behalf_of) for officer in composition.officers
           if enum(officer, 'post') == 'CO_MANAGER' and enum(officer, 'in_post') == 'YES'},
          {('David Scott', 'members/aus'), ('Fuad Adriansyah', 'members/idn')})


@fact('F46', 'New Zealand and Viet Nam chair the working group on disruption')
def disruption_chairs(client):
    body = _only_body(client, 'display_name : "Disruption"')
    equal(_chairs(_composition(client, body)), {'members/nzl', 'members/vnm'})


@fact('F57', 'the task force works with SOMTC')
def liaison(client):
    body = _only_body(client, 'short_name = "TFPP"')
    found = client.all('ListLiaisons', 'liaisons', parent=body.name)
    equal([one.external_forum for one in found], ['externalForums/somtc'])
    contains(found[0].purpose, 'collaboration')


@fact('F59', 'the task force prepares for mass migration')
def mass_migration(client):
    contains(_only_body(client, 'short_name = "TFPP"').mandate, 'mass migration',
             'coordinate operational')
