"""Records of every type with every field set: exported, imported into an empty suite and exported
again they are equal byte for byte, and a second import writes nothing. Lists as CSV come back
unchanged."""

import json
import os
import tempfile
import time
import unittest

from google.protobuf import json_format

import contract
import generated
import postgres
import suite

SERVICES = ('membership', 'meetings', 'capacity')


def files(directory):
    """The content of each file below a directory."""
    found = {}
    for parent, _, names in os.walk(directory):
        for name in names:
            path = os.path.join(parent, name)
            with open(path, 'rb') as file:
                found[os.path.relpath(path, directory)] = file.read()
    return found


def paths_of(message, prefix=''):
    """The paths of all fields that an export has, those of citations only once."""
    found = set()
    for field in message.fields:
        path = prefix + field.json_name
        kinds = generated.rules(field).kinds
        if kinds:
            found |= {'{}.{}'.format(path, field.message_type.fields_by_name[kind].json_name)
                      for kind in kinds}
            continue
        if not generated.is_recorded(field) and field.json_name != 'content':
            continue
        if path.count('.') < 3 and field.message_type and \
                field.message_type.full_name.startswith('baliprocess.'):
            found |= paths_of(field.message_type, path + '.')
        else:
            found.add(path)
    return found


def paths_in(value, prefix=''):
    """The paths of all fields of a JSON object."""
    found = set()
    for name, part in value.items():
        found.add(prefix + name)
        for element in part if isinstance(part, list) else [part]:
            if isinstance(element, dict):
                found |= paths_in(element, prefix + name + '.')
    return found


class RoundTrip:
    """On either engine."""

    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.mkdtemp(dir=suite.identities().directory)
        cls.records = generated.Generator().records()
        generated.write(cls.path('made'), cls.records)
        cls.first = cls.start()
        cls.done(cls.first, 'import', 'made')
        cls.use(cls.first.client('SECRETARIAT'))
        cls.done(cls.first, 'export', 'first')
        cls.second = cls.start()
        cls.done(cls.second, 'import', 'first')
        cls.done(cls.second, 'export', 'second')

    @classmethod
    def use(cls, secretariat):
        """Brings records into states by methods."""
        for number, meeting in enumerate(('postponed', 'cancelled')):
            secretariat.call('CreateMeeting', meeting_id=meeting, meeting={
                'body': 'bodies/x0', 'display_name': meeting, 'ordinal': 90 + number,
                'start_date': {'year': 2024, 'month': 6, 'day': 3}})
        secretariat.call('PostponeMeeting', name='meetings/postponed', reason='A storm')
        secretariat.call('CancelMeeting', name='meetings/cancelled', reason='No quorum')
        secretariat.call('CreateDelegation', parent='meetings/postponed', delegation_id='vnm',
                         delegation={'participant': {'member': 'members/vnm'}})
        for method in ('SubmitCredentials', 'ReturnCredentials'):
            secretariat.call(method, name='meetings/postponed/delegations/vnm', note=method)
        secretariat.call('CreateSeat', parent='bodies/x0', seat_id='now', seat={
            'member': 'members/aus', 'role': 'PARTICIPANT', 'term': {'start_date': {'year': 2025},
                                                          'end_date': {'year': 2039}}})
        expires = int(time.time()) + 30 * 86400
        for decision in ('lying', 'broken'):
            secretariat.call('CreateDecision', decision_id=decision, decision={
                'body': 'bodies/x0', 'display_name': decision, 'text': 'Agreed',
                'procedure': 'SILENCE'})
            secretariat.call('OpenSilence', name='decisions/' + decision,
                             silence_end_time={'seconds': expires})
        secretariat.call('AssociateReservation', name='decisions/lying', member='members/aus',
                         text='But')
        secretariat.call('BreakSilence', name='decisions/broken', member='members/aus',
                         kind='OBJECTION', text='No')

    @classmethod
    def start(cls):
        running = suite.Suite(**cls.stores()).start()
        cls.addClassCleanup(running.close)
        return running

    @classmethod
    def stores(cls):
        return {}

    @classmethod
    def path(cls, name):
        return os.path.join(cls.directory, name)

    @classmethod
    def done(cls, running, command, name):
        ran = running.balictl(command, cls.path(name), timeout=120)
        if ran.returncode != 0:
            raise AssertionError(ran.stdout + ran.stderr)
        return ran.stdout

    def changes(self, running):
        secretariat = running.client('SECRETARIAT')
        return {service: len(secretariat.changes(service)) for service in SERVICES}

    def check_writes_nothing(self, running, name):
        before = self.changes(running)
        self.assertNotRegex(self.done(running, 'import', name), 'created|updated|failed')
        self.assertEqual(self.changes(running), before)

    def test_1_every_field_is_exported(self):
        for message in generated.resource_types().values():
            with open(os.path.join(self.path('first'), generated.file_of(message)),
                      encoding='utf-8') as file:
                records = json.load(file)
            self.assertGreaterEqual(len(records), generated.VARIANTS, message.name)
            # The default of the type isn't exported, and records of persons have no other.
            found = {'visibility', 'content.uploadTime', 'content.version', 'content.uploader'}.union(
                *(paths_in(record) for record in records))
            self.assertEqual(paths_of(message) - found, set(), message.name)

    def test_2_what_was_made_is_exported(self):
        for kind in self.records.values():
            default = contract.default_visibility(kind[0].DESCRIPTOR.full_name)
            with open(os.path.join(self.path('first'), generated.file_of(kind[0].DESCRIPTOR)),
                      encoding='utf-8') as file:
                exported = {record['name']: record for record in json.load(file)}
            for record in kind:
                made = json_format.MessageToDict(record)
                if record.visibility == default:
                    del made['visibility']
                self.assertEqual(exported[record.name], made)

    def test_3_an_empty_suite_becomes_equal(self):
        first, second = files(self.path('first')), files(self.path('second'))
        self.assertEqual(first.keys(), second.keys())
        for name, content in first.items():
            self.assertEqual(second[name], content, name)

    def test_4_a_second_import_writes_nothing(self):
        self.check_writes_nothing(self.second, 'first')
        self.check_writes_nothing(self.first, 'made')

    def test_5_what_the_server_fills_in_may_be_left_out(self):
        generated.write(self.path('short'), {
            kind: [generated.leave_out(record) for record in records]
            for kind, records in self.records.items()})
        self.check_writes_nothing(self.first, 'short')

    def test_5a_lists_are_read_again_unchanged(self):
        before = self.changes(self.first)
        for message in generated.resource_types().values():
            collections = generated.pattern_of(message).split('/')[:-1]
            into = '/'.join('-' if '{' in part else part for part in collections)
            ran = self.first.balictl('list', into, '--output', 'csv')
            self.assertEqual(ran.returncode, 0, ran.stderr)
            path = self.path('list.csv')
            with open(path, 'w', encoding='utf-8', newline='') as file:
                file.write(ran.stdout)
            told = self.first.balictl('import', path, '--into', into)
            self.assertEqual(told.returncode, 0, into + ': ' + told.stderr)
            self.assertNotRegex(told.stdout, 'created|updated|failed')
        self.assertEqual(self.changes(self.first), before)

    def write_list(self, agency):
        """A workshop's list of participants, as a spreadsheet gives it."""
        people = ['Nguyen Van Binh', 'Tran Thi Hoa', 'Le Minh Duc']
        self.write('list/capacity/practitioners.json', [
            {'name': 'practitioners/w{}'.format(i), 'member': 'members/vnm', 'agency': agency,
             'identity': {'fullName': name, 'birthDate': {'year': 1980}}}
            for i, name in enumerate(people)])
        self.write('list/capacity/participations.json', [
            {'name': 'activities/x1/participations/w{}'.format(i),
             'practitioner': 'practitioners/w{}'.format(i)} for i in range(len(people))])

    def write(self, name, records):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), 'w', encoding='utf-8') as file:
            json.dump(records, file)

    def test_6_a_list_of_participants_is_imported_again(self):
        self.write_list('Police')
        self.assertIn('3 created', self.done(self.first, 'import', 'list'))
        self.check_writes_nothing(self.first, 'list')
        secretariat = self.first.client('SECRETARIAT')
        secretariat.call('MergePractitioner', name='practitioners/w2', into='practitioners/w0')
        self.check_writes_nothing(self.first, 'list')
        kept = secretariat.call('GetParticipation', name='activities/x1/participations/w2')
        self.assertEqual((kept.agency, kept.member), ('Police', 'members/vnm'))
        self.write_list('Customs')
        told = self.done(self.first, 'import', 'list')
        self.assertIn('practitioners/w2: left as it is: merged into practitioners/w0', told)
        self.assertIn('practitioners.json: 2 updated, 1 merged into others', told)
        self.assertIn('participations.json: 3 unchanged', told)


class OnSqlite(RoundTrip, unittest.TestCase):
    pass


class OnPostgres(postgres.Stores, RoundTrip, unittest.TestCase):
    pass


if __name__ == '__main__':
    suite.main()
