"""What a test of a whole year needs: callers, dates, calls that are refused; and the whole record
and its history, to be compared."""

import collections
import hashlib
import re
import time
import uuid

import contract
import suite
from client import CallError

SERVICES = ('membership', 'meetings', 'capacity')
# Methods of which one call is several changes, or may be none.
WRITES_SEVERAL = re.compile(r'\.(Batch|RecordSuccession|ReorderAgenda|DissolveBody|RestoreBody|'
                            r'Merge|Unmerge|Erase)')


def date(text):
    """A date of as many parts as the text has: `2025-03`."""
    return dict(zip(('year', 'month', 'day'), map(int, text.split('-'))))


def term(start='', end=''):
    found = {}
    if start:
        found['start_date'] = date(start)
    if end:
        found['end_date'] = date(end)
    return found


def seconds_from_now(seconds):
    """A moment as a Timestamp; silences end at one."""
    moment = time.time() + seconds
    return {'seconds': int(moment), 'nanos': int(moment % 1 * 1e6) * 1000}


def enum(message, field):
    """The name of the value of an enum."""
    return message.DESCRIPTOR.fields_by_name[field].enum_type.values_by_number[
        getattr(message, field)].name


def names(resources):
    """The last parts of names."""
    return [one.name.rsplit('/', 1)[1] for one in resources]


def list_methods():
    """Methods that list resources, each with the field that has them."""
    for service in contract.services():
        for method in service.methods:
            if not method.name.startswith('List'):
                continue
            for field in method.output_type.fields:
                kind = field.message_type
                if kind and contract.option(kind, 'google.api.resource').type:
                    yield method, field, kind


def whole_record(client):
    """The bytes of every resource, deleted ones too, by name."""
    found = {}
    for method, field, kind in list_methods():
        request = {'page_size': 1000, 'show_deleted': True}
        parent = contract.option(kind, 'google.api.resource').pattern[0].split('/')[:-2]
        if parent:
            request['parent'] = '/'.join('-' if part[0] == '{' else part for part in parent)
        for one in client.all(method, field.name, **request):
            found[one.name] = one.SerializeToString()
    return found


def whole_history(client):
    """All changes of each service. Tokens differ whenever they are made."""
    found = {service: client.changes(service) for service in SERVICES}
    for changes in found.values():
        for change in changes:
            change.resume_token = ''
    return found


def written_by(history):
    """How many changes each method has made."""
    return collections.Counter(change.method for changes in history.values()
                               for change in changes)


def bytes_of(history):
    return {service: [change.SerializeToString() for change in changes]
            for service, changes in history.items()}


class Year:
    """A suite with the record of 2024, whose tests are the parts of one story, in their order."""

    @classmethod
    def setUpClass(cls):
        cls.suite = suite.Suite(**cls.stores()).start()
        cls.addClassCleanup(cls.suite.close)
        cls.suite.load()
        cls.clients = {'secretariat': cls.suite.client('SECRETARIAT'),
                       'public': cls.suite.client()}
        cls.before = written_by(whole_history(cls.clients['secretariat']))
        cls.done = collections.Counter()

    @classmethod
    def stores(cls):
        return {}

    def client(self, who):
        """The client of the secretariat, of the public, or of a member such as `aus`."""
        if who not in self.clients:
            token = self.suite.identities.sign('--subject', who + '@test', '--role', 'member',
                                               '--member', who)
            self.clients[who] = self.suite.client(token=token)
        return self.clients[who]

    def by(self, who, method, **fields):
        """A call of somebody, which must be acknowledged."""
        reply = self.client(who).call(method, **fields)
        self.count(method)
        return reply

    def do(self, method, **fields):
        """A call of the secretariat."""
        return self.by('secretariat', method, **fields)

    def refused(self, why, who, method, **fields):
        """A call that must be refused: because of a rule, or else for a reason."""
        with self.assertRaises(CallError) as caught:
            self.client(who).call(method, **fields)
        error = caught.exception
        self.assertEqual(error.metadata.get('rule') or error.reason, why, error)

    def upload(self, name, content):
        client = self.client('secretariat')
        client.send('UploadDocument', [client.request(
            'UploadDocument', name=name, size_bytes=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
            content={'content_type': 'text/plain', 'data': content})])
        self.count('UploadDocument')

    def download(self, who, name, **version):
        parts = self.client(who).receive('DownloadDocument', name=name, **version)
        return b''.join(part.data for part in parts)

    def record(self):
        return whole_record(self.client('secretariat'))

    def history(self):
        return whole_history(self.client('secretariat'))

    def count(self, method):
        found = contract.all_methods()[method]
        if not contract.changes_nothing(found):
            self.done[found.full_name] += 1

    def update(self, method, field, paths, **fields):
        return self.do(method, **{field: fields, 'update_mask': {'paths': paths}})

    def check_same(self, found, expected):
        """Two whole records are equal; or which resources differ."""
        self.assertEqual([name for name in sorted(found.keys() | expected.keys())
                          if found.get(name) != expected.get(name)], [])

    def check_all_is_written(self, history):
        """Every call that was acknowledged is in the history, once."""
        written = written_by(history) - self.before
        for method, times in self.done.items():
            check = self.assertGreaterEqual if WRITES_SEVERAL.search(method) else self.assertEqual
            check(written[method], times, method)

    def check_history(self, history, record):
        """Each change is there once, each follows from the one before, and the last leads to what
        is recorded."""
        for service, changes in history.items():
            latest = {}
            versions = collections.Counter()
            for change in changes:
                kind = enum(change, 'kind')
                if change.HasField('before'):
                    self.assertEqual(latest[change.resource], change.before.value,
                                     change.resource)
                if change.HasField('after'):
                    versions[change.resource, contract.unpack(change.after).etag] += 1
                    latest[change.resource] = change.after.value
                if kind == 'PURGED':
                    latest.pop(change.resource, None)
            self.assertEqual(set(versions.values()), {1}, service)
            for name, value in latest.items():
                self.assertEqual(record[name], value, name)


def new_id():
    return str(uuid.uuid4())
