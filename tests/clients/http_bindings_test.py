"""Every HTTP binding of every method: google-gax's transcoding makes a request for it of a gRPC
request, and the reply, or the error, is the one by gRPC.

What changes something is done by HTTP; the gRPC call that follows has the same request_id, and is
told what the first one was. Only the contract says what is asked.
"""

import collections
import hashlib
import os
import re
import unittest
import uuid

import grpc
from google.protobuf import json_format

import contract
import gax
import generated
import http2
import suite
from client import CallError

# Changes that follow each other, so that each meets what it is about.
ORDER = ['Create', 'Update', '', 'BatchDelete', 'Delete', 'Undelete', 'Merge', 'Unmerge', 'Erase',
         'Purge']
# Encrypted anew for each reply.
TOKENS = ('next_page_token', 'resume_token')
# What narrows a reply to nothing, what a change would be refused for, and what is set elsewhere.
UNSAID = ('filter', 'order_by', 'page_token', 'etag', 'update_mask', 'validate_only',
          'allow_missing', 'resume_token', 'as_recorded', 'content', 'parent', 'types')
CONTENT = b'%PDF-1.4 uploaded'

Outcome = collections.namedtuple('Outcome', 'code message')


def rank(method):
    """Where a method stands among all: those that only read are the first."""
    if contract.changes_nothing(method):
        return 0
    ranks = [i for i, verb in enumerate(ORDER, 1) if verb and method.name.startswith(verb)]
    return ranks[0] if ranks else ORDER.index('') + 1


def bindings():
    """(method, number of the binding, its rule), in the order in which they are called."""
    methods = sorted((method for service in contract.services() for method in service.methods),
                     key=rank)
    for method in methods:
        rule = contract.option(method, 'google.api.http')
        for number, one in enumerate([rule, *rule.additional_bindings]):
            yield method, number, one


def template(rule):
    return getattr(rule, rule.WhichOneof('pattern'))


class Requests:
    """Requests made from the contract, about the records of `generated`."""

    def __init__(self, secretariat, records):
        self._generator = generated.Generator()
        link = secretariat.call('CreateCalendarLink', calendar_link={'display_name': 'x'})
        self._secret = link.secret
        self._records = records | {'baliprocess.net/CalendarLink': [link] * generated.VARIANTS}
        self._records['*'] = self._records['baliprocess.net/Member']
        self._types = {found[0].DESCRIPTOR: kind for kind, found in self._records.items()
                       if kind != '*'}
        self._names = [record.name for found in self._records.values() for record in found]
        self._variant = 0

    def make(self, method, rule):
        """A request that the binding of a rule can carry."""
        self._variant += 1
        request = contract.class_of(method.input_type)()
        self._fill(request, self._variant % generated.VARIANTS)
        if method.client_streaming:
            request.content.content_type = 'application/pdf'
            request.size_bytes, request.offset = len(CONTENT), 0
            request.sha256 = hashlib.sha256(CONTENT).hexdigest()
        for path, pattern in re.findall(r'\{([^=}]+)(?:=([^}]*))?\}', template(rule)):
            *parents, field = path.split('.')
            message = request
            for parent in parents:
                message = getattr(message, parent)
            setattr(message, field, self._value(field, pattern))
        for inner in getattr(request, 'requests', []):
            if 'parent' in inner.DESCRIPTOR.fields_by_name:
                inner.parent = request.parent
        return request

    def _value(self, field, pattern):
        """What fills a variable of a path. What is below others is below the first ones."""
        if not pattern:  # a calendar that a link opens
            return self._secret
        shape = re.compile(pattern.replace('*', '[^/]+') + '$')
        names = [name for name in self._names if shape.match(name)]
        return names[0 if field == 'parent' else self._variant % len(names)]

    def _fill(self, request, variant):
        """Says all that a caller may say."""
        others = request.DESCRIPTOR.fields_by_name
        for field in request.DESCRIPTOR.fields:
            if field.name in UNSAID:
                continue
            kind = contract.option(field, 'google.api.resource_reference').type
            if field.name == 'request_id':
                request.request_id = str(uuid.uuid4())
            elif field.name == 'requests':
                self._fill(request.requests.add(), variant)
            elif field.message_type in self._types:
                self._resource(request, field, variant)
            elif field.name.endswith('_id') and field.name[:-3] in others:
                setattr(request, field.name, 'made-{}'.format(self._variant))
            elif kind in self._records and field.label == field.LABEL_REPEATED:
                getattr(request, field.name).extend(
                    record.name for record in self._records[kind][:2])
            elif kind in self._records:
                setattr(request, field.name, self._records[kind][0].name)
            else:
                self._generator.set(request, field, variant)

    def _resource(self, request, field, variant):
        record = getattr(request, field.name)
        record.CopyFrom(self._records[self._types[field.message_type]][variant])
        if request.DESCRIPTOR.name.startswith('Create'):
            record.ClearField('name')


def grpc_name(number):
    return next(code.name for code in grpc.StatusCode if code.value[0] == number)


def failure(status):
    details = [contract.unpack(detail)
               for detail in sorted(status.details, key=lambda detail: detail.type_url)]
    return Outcome(grpc_name(status.code), (status.message, details))


def body_field(method):
    """What gets the google.api.HttpBody of a reply; None for a method whose replies are JSON."""
    if method.output_type.full_name == 'google.api.HttpBody':
        return lambda reply: reply
    name = contract.option(method, 'google.api.http').response_body
    return (lambda reply: getattr(reply, name)) if name else None


def comparable(method, message):
    """A reply without what is another for each reply: of what is done twice for want of a
    request_id, all that the server sets."""
    twice = not contract.changes_nothing(method) and \
        'request_id' not in method.input_type.fields_by_name
    for field, value in message.ListFields():
        of_server = generated.OUTPUT_ONLY in generated.behaviors(field)
        if field.name in TOKENS or twice and (of_server or field.name in ('name', 'etag')):
            message.ClearField(field.name)
        elif field.name == 'changes':
            for change in value:
                comparable(method, change)
    return message


class Bindings(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.suite = suite.Suite(plaintext_gateway=True).start()
        cls.addClassCleanup(cls.suite.close)
        records = generated.Generator().records()
        directory = os.path.join(suite.identities().directory, 'bindings')
        generated.write(directory, records)
        ran = cls.suite.balictl('import', directory, timeout=120)
        if ran.returncode != 0:
            raise AssertionError(ran.stdout + ran.stderr)
        cls.secretariat = cls.suite.client('SECRETARIAT')
        cls.requests = Requests(cls.secretariat, records)
        cls.token = 'Bearer ' + cls.suite.identities.token('SECRETARIAT')

    def test_each_binding_answers_as_grpc_does(self):
        made = [(method, number, self.requests.make(method, rule))
                for method, number, rule in bindings()]
        calls = [(method.full_name, number, json_format.MessageToDict(request))
                 for method, number, request in made]
        files = {service.file.name for service in contract.services()}
        outcomes = collections.Counter()
        with http2.Connection(self.suite.gateway.address, window=1 << 30) as self.connection:
            for (method, number, request), http in zip(made, gax.transcode(calls, sorted(files))):
                with self.subTest(method=method.full_name, binding=number, http=http):
                    self.assertIsInstance(http, gax.HttpRequest)
                    by_http = self.by_http(method, request, http)
                    self.assertEqual(by_http, self.by_grpc(method, request))
                    outcomes[by_http.code] += 1
        print('{} bindings, of which answered: {}'.format(len(made), dict(outcomes)), flush=True)
        self.assertGreater(outcomes['OK'], 0.75 * len(made))

    def by_http(self, method, request, http):
        """The outcome of a request of HTTP; of a watch, with its first message."""
        body, kind = http.body, 'application/json'
        if method.client_streaming:
            body, kind = CONTENT, request.content.content_type
        fields = [('authorization', self.token)] + (
            [] if body is None else [('content-type', kind)])
        stream = self.connection.open(http.path, fields, http.method, content_type=None,
                                      end=body is None)
        if body is not None:
            self.connection.send(stream, body)
        watches = method.name == 'WatchChanges'
        reply = self.connection.reply(
            stream, until=(lambda data: b'\n' in data) if watches else None)
        if watches and reply.fields[':status'] == '200':
            self.connection.reset(stream)
        if reply.fields[':status'] != '200':
            error = json_format.Parse(reply.data, contract.message('google.rpc.Status')())
            return failure(error)
        if body_field(method) is not None:
            return Outcome('OK', (reply.fields['content-type'], reply.data))
        message = contract.class_of(method.output_type)()
        first = reply.data.split(b'\n')[0] if watches else reply.data
        return Outcome('OK', comparable(method, json_format.Parse(first, message)))

    def by_grpc(self, method, request):
        """The outcome of the call by gRPC, in the same form."""
        try:
            if method.client_streaming:
                # What is uploaded already can't be uploaded again.
                document = self.secretariat.call('meetings/GetDocument', name=request.name)
                return Outcome('OK', comparable(method, document))
            if not method.server_streaming:
                return Outcome('OK', comparable(method, self.secretariat.call(method, request)))
            replies = self.secretariat.receive(method, request)
            if method.name == 'WatchChanges':
                first = next(replies)
                replies.close()
                return Outcome('OK', comparable(method, first))
            parts = [body_field(method)(reply) for reply in replies]
            return Outcome('OK', (parts[0].content_type, b''.join(part.data for part in parts)))
        except CallError as error:
            return failure(error.status)


if __name__ == '__main__':
    suite.main()
