"""IATI files of generated records, judged by IATI's own schema and rules.

These lie outside of the project: BALI_ORACLES names the folder that has them as `iati`.
"""

import datetime
import json
import random
import unittest

from lxml import etree

import iati_rules
import suite

ORGANISATION = 'XM-DAC-47125'
CONTACT = {'contact_email': 'iati@example.org', 'contact_phone': '+628123456789',
           'contact_uri': 'https://example.org'}
TODAY = datetime.datetime.now(datetime.timezone.utc).date()
FUNDERS = [{'member': 'members/aus'}, {'member': 'members/iom'}, {'display_name': 'A Foundation'}]
REGIONS = ['', 'GB', 'ID', 'XK', 'TW', 'TL', 'AU']
COUNTRIES = '/usr/share/iso-codes/json/iso_3166-1.json'
# Codes of IATI's lists that there are for a commitment.
FLOW_TYPES = {'ODA': '10', 'OTHER_OFFICIAL': '21', 'EXPORT_CREDIT': '22', 'PRIVATE_FINANCE': '30',
              'OTHER_FLOW': '50'}
FINANCE_TYPES = {'STANDARD_GRANT': '110', 'INTEREST_SUBSIDY': '210', 'STANDARD_LOAN': '421',
                 'REIMBURSABLE_GRANT': '422'}
AID_TYPES = {'GENERAL_BUDGET_SUPPORT': 'A01', 'SECTOR_BUDGET_SUPPORT': 'A02',
             'CORE_SUPPORT': 'B01', 'MULTILATERAL_CORE': 'B02', 'SPECIFIC_PROGRAMME': 'B03',
             'POOLED_FUNDING': 'B04', 'PROJECT': 'C01', 'DONOR_PERSONNEL': 'D01',
             'TECHNICAL_ASSISTANCE': 'D02', 'SCHOLARSHIP': 'E01', 'ADMINISTRATION': 'G01'}


def money(units):
    return {'currency_code': 'AUD', 'units': units, 'nanos': 500000000}


class Records:
    """Fills the suite with what a body might have, by chance, but the same each time."""

    def __init__(self, secretariat):
        self._client = secretariat
        self._chance = random.Random(20240502)
        self._areas = [area.name for area in secretariat.all(
            'ListStrategyAreas', 'strategy_areas', parent='strategies/-')]

    def date(self, years=(-3, 2)):
        """None, a year, a month or a day, in the past or ahead."""
        day = TODAY + datetime.timedelta(days=self._chance.randint(365 * years[0],
                                                                   365 * years[1]))
        precision = self._chance.choice(['none', 'year', 'month', 'day', 'day', 'day'])
        return {'none': None, 'year': {'year': day.year},
                'month': {'year': day.year, 'month': day.month},
                'day': {'year': day.year, 'month': day.month, 'day': day.day}}[precision]

    def pick(self, values):
        return self._chance.choice(sorted(values))

    def create(self, kind, number, fields, **more):
        fields = {name: value for name, value in fields.items() if value not in (None, '')}
        field = ''.join('_' + c.lower() if c.isupper() else c for c in kind)[1:]
        request = {field: fields, field + '_id': 'i{}'.format(number), **more}
        return self._client.call('Create' + kind, **request).name

    def budgets(self):
        """Of a year, of a month, of what isn't known to the day and may be more than a year."""
        year = self._chance.randint(2022, 2030)
        spans = [({'year': year}, {'year': year}),
                 ({'year': year, 'month': 2}, {'year': year, 'month': 2}),
                 ({'year': year, 'month': 7, 'day': 1}, {'year': year + 1, 'month': 6, 'day': 30}),
                 ({'year': year, 'month': 7}, {'year': year + 1})]
        return [{'period': {'start_date': start, 'end_date': end}, 'amount': money(5),
                 'status': self._chance.choice(['INDICATIVE', 'COMMITTED', 0])}
                for start, end in self._chance.sample(spans, self._chance.randint(0, 4))]

    def partners(self):
        every = [{'party': {'member': 'members/phl'}},
                 {'party': {'body': 'bodies/ahg'}, 'role': 'host'},
                 {'party': {'display_name': 'A company <Ltd> & sons'}}]
        return self._chance.sample(every, self._chance.randint(0, 3))

    def term(self):
        start = self.date((-3, 0))
        return {'start_date': start, 'end_date': self.date((1, 2)) if start else None}

    def fill(self, body, dated=True, funded=True):
        """A body's records: without any day at all unless `dated`."""
        programmes = [self.create('Programme', '{}{}'.format(body, number), {
            'body': 'bodies/' + body, 'display_name': 'Programme', 'budgets': self.budgets(),
            'term': self.term() if dated else None, 'uri': 'https://example.org/p'})
            for number in range(3)]
        activities = [self.activity(body, '{}{}'.format(body, number), programmes, dated)
                      for number in range(25)]
        for number in range(5):
            self.create('Publication', '{}{}'.format(body, number), {
                'body': 'bodies/' + body, 'kind': 'REPORT', 'display_name': 'Report',
                'publish_date': self.date((-3, 0)) if dated else None,
                'activity': self.pick(activities), 'uri': 'https://example.org/r.pdf',
                'language_code': self.pick(['en', 'zh-Hant', 'id'])})
        if funded:
            for number in range(12):
                self.commitment(body, '{}{}'.format(body, number), programmes, dated)

    def activity(self, body, number, programmes, dated):
        start = self.date() if dated else None
        return self.create('Activity', number, {
            'body': 'bodies/' + body, 'kind': 'WORKSHOP', 'display_name': 'Activity ' + number,
            'start_date': start, 'end_date': dict(start, year=start['year'] + 1) if start else None,
            'state': self.pick(['PLANNED', 'UNDERWAY', 'COMPLETED', 'CANCELLED']),
            'venue': {'region_code': self.pick(REGIONS)}, 'partners': self.partners(),
            'programme': self.pick(programmes + ['']), 'budgets': self.budgets(),
            'areas': self._chance.sample(self._areas, self._chance.randint(0, 3)),
            'summary': self.pick(['', 'A\nsummary']), 'uri': self.pick(['', 'https://example.org'])})

    def commitment(self, body, number, programmes, dated):
        amount = self._chance.choice([None, money(90)])
        name = self.create('Commitment', number, {
            'body': 'bodies/' + body, 'kind': self.pick(['PLEDGE', 'COMMITMENT']),
            'funder': self._chance.choice(FUNDERS), 'amount': amount,
            'commit_date': self.date() if dated else None,
            'flow_type': self.pick([*FLOW_TYPES, 'FLOW_TYPE_UNSPECIFIED']),
            'finance_type': self.pick([*FINANCE_TYPES, 'FINANCE_TYPE_UNSPECIFIED']),
            'aid_type': self.pick([*AID_TYPES, 'AID_TYPE_UNSPECIFIED']),
            'purposes': [{'text': 'x', 'programme': self.pick(programmes)}]})
        for payment in range(self._chance.randint(0, 3)):
            day = dated and self.date()
            if day:
                self.create('Disbursement', payment, {'amount': money(7), 'disburse_date': day},
                            parent=name)


@unittest.skipUnless(iati_rules.directory(), 'BALI_ORACLES isn\'t set: IATI\'s schema and rules '
                     'aren\'t here, and NO export was judged by them')
class Iati(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.standard = iati_rules.Standard(iati_rules.directory())
        cls.suite = suite.Suite().start()
        cls.addClassCleanup(cls.suite.close)
        cls.suite.load()
        cls.secretariat = cls.suite.client('SECRETARIAT')
        for member, value in (('aus', 'AU-5'), ('iom', 'XM-DAC-47066'), ('phl', 'a b|c')):
            cls.secretariat.call('UpdateMember', member={
                'name': 'members/' + member,
                'external_identifiers': [{'scheme': 'IATI', 'value': value}]})
        records = Records(cls.secretariat)
        records.fill('rso')
        records.fill('ahg', funded=False)
        cls.secretariat.call('CreateBody', body_id='new', body={
            'kind': 'TASK_FORCE', 'display_name': 'New'})
        records.fill('new', dated=False)

    def export(self, body, role='SECRETARIAT', **more):
        return self.suite.client(role).call(
            'ExportIati', body='bodies/' + body, organisation_identifier=ORGANISATION, **more)

    def file(self, body, **more):
        return etree.fromstring(self.export(body, **more).activity_file.data)

    def test_1_every_export_is_right(self):
        bodies = [body.name.split('/')[1]
                  for body in self.secretariat.all('ListBodies', 'bodies')]
        judged = 0
        for body in bodies:
            for role in ('SECRETARIAT', 'MEMBER', None):
                exported = self.export(body, role, **CONTACT)
                for text in (exported.organisation_file.data, exported.activity_file.data):
                    if text:
                        self.assertEqual(self.standard.violations(text), [], (body, role))
                        judged += 1
        print('{} files, rules applied {} times'.format(judged, self.standard.judged), flush=True)
        self.assertGreater(judged, len(bodies) * 3)

    def test_0_every_kind_of_rule_is_known(self):
        kinds = self.standard.kinds()
        print('{} rules'.format(sum(kinds.values())), flush=True)
        self.assertEqual(set(kinds) - set(iati_rules.KINDS), set())
        self.assertGreaterEqual(sum(kinds.values()), 107)

    def test_2_the_rules_notice(self):
        """What would be wrong is told, by rules of different kinds."""
        text = self.export('rso').activity_file.data
        self.assertEqual(self.standard.violations(text), [])
        tomorrow = str(TODAY + datetime.timedelta(days=1))
        for rule, path, attribute, value in (
                ('11.2.1', '//transaction/transaction-date', 'iso-date', tomorrow),
                ('11.2.2', '//transaction/value', 'value-date', tomorrow),
                ('11.1.4', "//activity-date[@type='2']", 'iso-date', tomorrow),
                ('11.1.1', '//iati-activity', 'last-updated-datetime', tomorrow + 'T00:00:00Z'),
                ('8.6.3', '//budget/period-end', 'iso-date', '1999-01-01'),
                ('7.5.3', '//budget/period-start', 'iso-date', '1999-01-01'),
                ('7.8.1', '//budget/value', 'currency', None),
                ('2.1.2', '//sector', 'percentage', '7.00'),
                ('2.1.1', '//sector', 'percentage', None),
                ('12.3.1', '//sector', 'percentage', '101'),
                ('1.7.1', '//related-activity', 'ref', ' x'),
                ('1.14.13', '//reporting-org', 'ref', 'XM-DAC-4/7'),
                ('1.14.8', '//reporting-org', 'ref', 'ours'),
                ('1.1.21', '//reporting-org', 'ref', 'XM-DAC-1'),
                ('8.10.2', '//actual', 'value', 'many'),
                ('4.1.1', '//iati-activity', '{http://www.w3.org/XML/1998/namespace}lang', None)):
            document = etree.fromstring(text)
            element = document.xpath(path)[0]
            if value is None:
                del element.attrib[attribute]
            else:
                element.set(attribute, value)
            broken = self.standard.violations(etree.tostring(document, encoding='unicode'))
            self.assertIn(rule, [one.split(':')[0] for one in broken], broken)

    def test_3_what_is_not_a_transaction_is_named(self):
        exported = self.export('rso')
        reported = set(etree.fromstring(exported.activity_file.data).xpath(
            '//transaction/@ref'))
        omitted = {one.resource: one.reason for one in exported.omissions}
        commitments = self.secretariat.all('ListCommitments', 'commitments',
                                           filter='body = "bodies/rso"')
        payments = [payment for commitment in commitments for payment in self.secretariat.all(
            'ListDisbursements', 'disbursements', parent=commitment.name)]
        for record in commitments + payments:
            self.assertNotEqual(record.name in reported, record.name in omitted, record.name)
        reasons = type(exported).DESCRIPTOR.enum_types_by_name['Reason'].values_by_name
        ahead = {name for name, reason in omitted.items()
                 if reason == reasons['IN_FUTURE'].number}
        self.assertTrue(ahead & {one.name for one in commitments})
        self.assertTrue(ahead & {one.name for one in payments})
        planned = self.file('rso').xpath('//planned-disbursement')
        self.assertEqual(len(planned), len(ahead & {one.name for one in payments}))

    def test_4_what_donors_publish_is_there(self):
        file = self.file('rso', **CONTACT)
        for path in ('//contact-info[email][telephone][website]', "//budget[@status='1']",
                     "//budget[@status='2']", '//budget[not(@status)]', '//planned-disbursement',
                     '//transaction/flow-type', '//transaction/finance-type',
                     '//transaction/aid-type', '//recipient-region'):
            self.assertTrue(file.xpath(path), path)
        self.assertFalse(self.file('rso').xpath('//contact-info'))
        # Of those on record, what IATI takes for an identifier.
        self.assertEqual(set(file.xpath('//participating-org/@ref')),
                         {ORGANISATION, 'AU-5', 'XM-DAC-47066'})

    def test_5_codes_are_of_their_lists(self):
        with open(COUNTRIES, encoding='utf-8') as file:
            countries = {one['alpha_2'] for one in json.load(file)['3166-1']} | {'XK'}
        file = self.file('rso')
        found = set(file.xpath('//recipient-country/@code'))
        self.assertTrue({'GB', 'XK', 'TW', 'TL'} <= found <= countries, found)
        for commitment in self.secretariat.all('ListCommitments', 'commitments'):
            enums = commitment.DESCRIPTOR.enum_types_by_name
            for transaction in file.xpath("//transaction[@ref='{}']".format(commitment.name)):
                for element, enum, number, codes in (
                        ('flow-type', 'FlowType', commitment.flow_type, FLOW_TYPES),
                        ('finance-type', 'FinanceType', commitment.finance_type, FINANCE_TYPES),
                        ('aid-type', 'AidType', commitment.aid_type, AID_TYPES)):
                    code = codes.get(enums[enum].values_by_number[number].name)
                    self.assertEqual(transaction.xpath(element + '/@code'), [code] if code else [])


if __name__ == '__main__':
    suite.main()
