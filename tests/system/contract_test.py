"""What holds of the contracts as a whole, whatever method or field is added to them."""

import itertools
import re
import subprocess
import sys
import unittest
from pathlib import Path

import client
import contract

PROTO = Path(__file__).resolve().parents[2] / 'proto'
NUMBERS = {'int32', 'int64', 'uint32', 'uint64', 'sint32', 'sint64', 'double', 'float'}


def type_name(field):
    """The type of a field as a .proto file writes it."""
    known = {field.TYPE_INT32: 'int32', field.TYPE_INT64: 'int64', field.TYPE_UINT32: 'uint32',
             field.TYPE_UINT64: 'uint64', field.TYPE_SINT32: 'sint32', field.TYPE_SINT64: 'sint64',
             field.TYPE_DOUBLE: 'double', field.TYPE_FLOAT: 'float'}
    return known.get(field.type, '')


def behaviors(field):
    enum = {1: 'OPTIONAL', 2: 'REQUIRED', 3: 'OUTPUT_ONLY', 4: 'INPUT_ONLY', 5: 'IMMUTABLE'}
    return {enum.get(value, '') for value in contract.option(field, 'google.api.field_behavior')}


def given_fields(message, seen):
    """The fields of a request that callers give, those of the messages inside it too."""
    if message.full_name in seen or not message.full_name.startswith('baliprocess.'):
        return
    seen.add(message.full_name)
    for field in message.fields:
        rules = contract.option(field, 'baliprocess.api.v1.field')
        if 'OUTPUT_ONLY' in behaviors(field) and not rules.recorded:
            continue
        yield field, rules
        if field.message_type is not None:
            yield from given_fields(field.message_type, seen)


def unique_methods():
    return {method.full_name: method for method in contract.all_methods().values()}.values()


def http_rules(method):
    """The HTTP method and template of each binding of a method."""
    rule = contract.option(method, 'google.api.http')
    for one in [rule, *rule.additional_bindings]:
        kind = one.WhichOneof('pattern')
        if kind:
            yield kind, getattr(one, kind)


def segments(template):
    """A template as a list of literals and wildcards, and its verb."""
    template = re.sub(r'\{[^=}]*\}', '*', template)
    template = re.sub(r'\{[^=}]*=([^}]*)\}', r'\1', template)
    path, _, verb = template.partition(':')
    return path.strip('/').split('/'), verb


def clash(a, b):
    """Whether a path exists that both templates match."""
    (left, left_verb), (right, right_verb) = segments(a), segments(b)
    return left_verb == right_verb and len(left) == len(right) and all(
        x == y or '*' in (x, y) for x, y in zip(left, right))


class ContractTest(unittest.TestCase):
    def test_every_number_has_bounds(self):
        unbounded = []
        seen = set()
        for method in unique_methods():
            for field, rules in given_fields(method.input_type, seen):
                # A page_size beyond the largest means the largest (AIP-158).
                if type_name(field) not in NUMBERS or field.name == 'page_size':
                    continue
                if not (rules.HasField('minimum') and rules.HasField('maximum')):
                    unbounded.append(field.full_name)
        self.assertEqual(unbounded, [])

    def test_no_two_http_templates_match_one_path(self):
        bound = [(kind, template, method.name) for method in unique_methods()
                 for kind, template in http_rules(method)]
        self.assertGreater(len(bound), 250)
        self.assertEqual(
            [(one, other) for one, other in itertools.combinations(bound, 2)
             if one[0] == other[0] and clash(one[1], other[1])], [])

    def test_every_method_is_bound_to_http(self):
        self.assertEqual([method.full_name for method in unique_methods()
                          if not list(http_rules(method))], [])

    def test_documents_and_files_answer_by_their_own_media_type(self):
        bodies = {}
        for method in unique_methods():
            rule = contract.option(method, 'google.api.http')
            for one in [rule, *rule.additional_bindings]:
                answer = method.output_type
                if one.response_body:
                    answer = answer.fields_by_name[one.response_body].message_type
                if answer.full_name == 'google.api.HttpBody':
                    bodies.setdefault(method.name, []).append(one.response_body)
        self.assertEqual(bodies, {
            'DownloadDocument': [''], 'ExportCalendar': ['file'],
            'ExportSubscribedCalendar': [''],
            'ExportIati': ['activity_file', 'organisation_file']})
        upload = contract.method('meetings', 'UploadDocument')
        rule = contract.option(upload, 'google.api.http')
        self.assertEqual(upload.input_type.fields_by_name[rule.body].message_type.full_name,
                         'google.api.HttpBody')

    def test_templates_clash_when_a_wildcard_takes_the_others_literal(self):
        self.assertTrue(clash('/v1/{name=members/*}', '/v1/members/{id}'))
        self.assertTrue(clash('/v1/{name=members/*}', '/v1/members/all'))
        self.assertFalse(clash('/v1/{name=members/*}', '/v1/{name=members/*}:erase'))
        self.assertFalse(clash('/v1/{name=members/*}', '/v1/{name=bodies/*}'))
        self.assertFalse(clash('/v1/members', '/v1/{name=members/*}'))

    def test_what_reads_is_got_and_what_writes_is_not(self):
        for method in unique_methods():
            for kind, _ in itertools.islice(http_rules(method), 1):
                self.assertEqual(kind == 'get', contract.changes_nothing(method), method.name)

    def test_standard_changes_may_be_repeated(self):
        for method in unique_methods():
            options = method.GetOptions()
            if re.match('(Update|Delete|Undelete)[A-Z]', method.name):
                self.assertEqual(options.idempotency_level, options.IDEMPOTENT, method.name)

    def test_a_request_needs_an_id_where_a_repeat_would_hurt(self):
        needing = {method.name for method in unique_methods()
                   for field in method.input_type.fields
                   if field.name == 'request_id' and 'REQUIRED' in behaviors(field)}
        self.assertEqual(needing, client.NEED_REQUEST_ID)

    def test_only_what_callers_do_not_give_is_recorded(self):
        for message in contract.messages():
            for field in message.fields:
                if contract.option(field, 'baliprocess.api.v1.field').recorded:
                    self.assertIn('OUTPUT_ONLY', behaviors(field), field.full_name)

    def test_signatures_name_fields_of_the_request(self):
        for method in unique_methods():
            for signature in contract.option(method, 'google.api.method_signature'):
                for name in filter(None, signature.split(',')):
                    self.assertIn(name, method.input_type.fields_by_name, method.full_name)

    def test_enums_are_inside_messages(self):
        found = [path.name for path in PROTO.glob('baliprocess/*/v1/*.proto')
                 if re.search(r'^enum ', path.read_text(), re.M)]
        self.assertEqual(found, [])

    def test_every_file_names_its_go_package(self):
        for path in PROTO.glob('baliprocess/*/v1/*.proto'):
            package = path.parent.parent.name
            self.assertIn(f'option go_package = "baliprocess.net/go/{package}/v1;{package}v1";',
                          path.read_text(), path.name)

    def test_the_standard_part_is_as_it_is_written(self):
        done = subprocess.run([sys.executable, PROTO / 'standard_methods.py', '--check'],
                              capture_output=True, text=True)
        self.assertEqual((done.stdout, done.returncode), ('', 0), done.stderr)


if __name__ == '__main__':
    unittest.main()
