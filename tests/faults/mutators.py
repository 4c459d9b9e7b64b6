"""Callers that change one service without pause, each change told apart from all others.

A Mutator makes one change after the other and keeps them in a History. What it writes is new each
time, so that a lost or a double effect shows. Half of the calls that aren't answered are made
again, with the same request_id, as a good client does.
"""

import functools
import hashlib
import random
import threading
import uuid

import client as calls
from history import Plan, is_unknown

MEMBERS = ['org-a', 'org-b', 'org-c']
BODY = 'bodies/faults'
MEETING = 'meetings/faults'
PATIENCE = 0.5  # how many of the calls that weren't answered are made again
# Of changes that others have made meanwhile.
REFUSALS = ('NOT_FOUND', 'ALREADY_EXISTS', 'ABORTED', 'FAILED_PRECONDITION')


class Names:
    """Resources of one collection that several callers change, and the last etags they know."""

    def __init__(self):
        self._lock = threading.Lock()
        self._etags = {}

    def learn(self, resource):
        with self._lock:
            self._etags[resource.name] = resource.etag

    def any(self, chance):
        """(name, etag) of one; None when there is none."""
        with self._lock:
            if not self._etags:
                return None
            name = chance.choice(list(self._etags))
            return name, self._etags[name]


class Mutator:
    """One caller. `index` tells it from others, `seed` repeats its choices."""

    TYPE = None  # the message of a standard resource of the service
    TYPES = ()  # all that are made
    TAG = None  # its text field that is written
    PARENT = ''

    def __init__(self, kept, names, index, seed, over):
        self.history = kept  # a History
        self.over = over  # an event
        self.chance = random.Random('{}/{}'.format(seed, index))
        self.patience = PATIENCE
        self.unanswered = []  # the errors of these
        self.given_up = []  # of those that weren't made again until they were answered
        self.client = None  # of the service; given when there is one, and anew when it restarts
        self._names = names
        self._prefix = 'w{:08x}'.format(self.chance.getrandbits(32))
        self._made = 0
        self._singular = ''.join('_' + letter.lower() if letter.isupper() else letter
                                 for letter in self.TYPE).lstrip('_')

    def new_id(self):
        self._made += 1
        return '{}-{}'.format(self._prefix, self._made)

    def request_id(self):
        return str(uuid.UUID(int=self.chance.getrandbits(128), version=4))

    def tag(self):
        return '{:032x}'.format(self.chance.getrandbits(128))

    def step(self):
        """Makes one change, or reads. Raises CallError when that wasn't answered; refusals are
        kept and no errors."""
        known = self._names.any(self.chance)
        choice = self.chance.random()
        if known is None or choice < 0.25:
            self.create()
        elif choice < 0.5:
            self.update(*known)
        elif choice < 0.6:
            self.update(known[0], '')
        elif choice < 0.7:
            self.delete(*known)
        elif choice < 0.8:
            self.call('Undelete', name=known[0])
        elif choice < 0.9:
            self.call('Get', name=known[0])
        else:
            self.special()

    def create(self):
        fields = {self._singular: {**self.fields(), self.TAG: self.tag()},
                  self._singular + '_id': self.new_id()}
        if self.PARENT:
            fields['parent'] = self.PARENT
        return self.call('Create', **fields)

    def update(self, name, etag):
        return self.call('Update', update_mask={'paths': [self.TAG]}, **{
            self._singular: {'name': name, 'etag': etag, self.TAG: self.tag()}})

    def delete(self, name, etag):
        return self.call('Delete', name=name, etag=etag)

    def call(self, verb, **fields):
        """A standard method of the type; its reply, or None when it was refused."""
        if verb != 'Get':
            fields['request_id'] = self.request_id()
        reply = self.send(verb + self.TYPE, **fields)
        if reply is not None:
            self._names.learn(reply)
        return reply

    def send(self, method, /, **fields):
        """Any unary method, once, or until it is answered; its reply, or None when refused."""
        request = self.client.request(method, **fields)
        call = functools.partial(self.history.call, self.client, method, request)
        return self.insist(call, call)

    def insist(self, action, again):
        """Does `action`, which calls a method. When it isn't answered, raises the error, or does
        `again` until that is answered or all is over. None when it was refused."""
        try:
            return action()
        except calls.CallError as error:
            if self._is_refusal(error):
                return None
            if self.chance.random() >= self.patience:
                self.given_up.append(error)
                raise
        while True:
            try:
                return again()
            except calls.CallError as error:
                if self._is_refusal(error):
                    return None
                if self.over.wait(0.01):
                    self.given_up.append(error)
                    raise

    def _is_refusal(self, error):
        """Else the call wasn't answered. Raises what should have been accepted."""
        if is_unknown(error):
            self.unanswered.append(error)
            return False
        if error.code not in REFUSALS:
            raise error
        return True

    def fields(self):
        """What a new resource of the type must have."""
        raise NotImplementedError

    def special(self):
        """A change that isn't one of a standard resource."""
        raise NotImplementedError

    @staticmethod
    def check(client, names):
        """What is wrong with resources beyond what history tells, as texts."""
        del client, names
        return []


class MembershipMutator(Mutator):
    """External forums, and seats that are made three at a time."""

    SERVICE = 'membership'
    TYPE = 'ExternalForum'
    TYPES = ('ExternalForum', 'Seat')
    TAG = 'purpose'

    def fields(self):
        return {'display_name': 'A forum'}

    def special(self):
        """Seats for a year in which hardly anybody sits."""
        tag = self.tag()
        year = {'year': self.chance.randint(1, 9000)}
        self.send('BatchCreateSeats', parent=BODY, request_id=self.request_id(), requests=[
            {'parent': BODY, 'seat_id': '{}-{}'.format(self.new_id(), member),
             'seat': {'member': 'members/' + member, 'role': 'PARTICIPANT', 'basis': tag,
                      'term': {'start_date': year, 'end_date': year}}} for member in MEMBERS])


class MeetingsMutator(Mutator):
    """Statements, and documents that are uploaded in pieces."""

    SERVICE = 'meetings'
    TYPE = 'Statement'
    TYPES = ('Statement', 'Document')
    TAG = 'summary'
    PARENT = MEETING
    PIECE = 64 << 10

    def fields(self):
        return {'topic': 'A topic', 'speaker': {'display_name': 'Somebody'}}

    def special(self):
        document = self.send('CreateDocument', parent=MEETING, document_id=self.new_id(),
                             document={'display_name': 'Minutes'}, request_id=self.request_id())
        if document is None:
            return
        for _ in range(2):
            content = self.chance.randbytes(self.chance.randint(1, 3 * self.PIECE))
            self.insist(functools.partial(self.upload, document.name, content),
                        functools.partial(self.go_on, document.name, content))

    def upload(self, name, content, offset=0):
        """An upload that began elsewhere goes on at an offset. It is one operation: a document's
        versions are told by the contents' hashes, and a content is a new version once."""
        sha256 = hashlib.sha256(content).hexdigest()
        messages = [self.client.request('UploadDocument', name=name, size_bytes=len(content),
                                        sha256=sha256, offset=offset,
                                        content={'content_type': 'text/plain'})]
        messages += [self.client.request('UploadDocument',
                                         content={'data': content[at:at + self.PIECE]})
                     for at in range(offset, len(content), self.PIECE)]
        return self.history.run(lambda: self.client.send('UploadDocument', messages),
                                [Plan(name, 'update')], '{} {}'.format(name, sha256))

    @staticmethod
    def check(client, names):
        """The bytes of documents are those that were uploaded."""
        return [name for name in names if '/documents/' in name
                for version in client.call('GetDocument', name=name).versions
                if version.sha256 != hashlib.sha256(b''.join(
                    part.data for part in client.receive(
                        'DownloadDocument', name=name, version=version.version))).hexdigest()]

    def go_on(self, name, content):
        done = self.client.call('GetUpload', name=name,
                                sha256=hashlib.sha256(content).hexdigest())
        if done.complete:
            return self.history.call(self.client, 'GetDocument',
                                     self.client.request('GetDocument', name=name))
        return self.upload(name, content, done.received_bytes)


class CapacityMutator(Mutator):
    """Practitioners, and two of them that are merged and parted."""

    SERVICE = 'capacity'
    TYPE = 'Practitioner'
    TYPES = ('Practitioner',)
    TAG = 'agency'

    def fields(self):
        return {'member': 'members/org-a', 'identity': {'full_name': 'Person ' + self.tag()}}

    def special(self):
        """They are this caller's own, so that no third one is merged with them."""
        pair = [self.send('CreatePractitioner', practitioner_id=self.new_id(),
                          request_id=self.request_id(),
                          practitioner={**self.fields(), 'agency': self.tag()})
                for _ in range(2)]
        if None in pair:
            return
        merged = self.send('MergePractitioner', name=pair[0].name, into=pair[1].name,
                           etag=pair[0].etag, request_id=self.request_id())
        if merged is not None and self.chance.random() < 0.5:
            self.send('UnmergePractitioner', name=merged.name, etag=merged.etag,
                      request_id=self.request_id())


MUTATORS = (MembershipMutator, MeetingsMutator, CapacityMutator)


def set_up(trio, services=('membership', 'meetings')):
    """What mutators of these services need: members, a body with the silence procedure, a
    meeting."""
    membership = trio.client('membership')
    for member in MEMBERS:
        membership.call('CreateMember', member_id=member, member={
            'kind': 'ORGANISATION', 'category': 'FULL_MEMBER', 'display_name': member})
    membership.call('CreateBody', body_id='faults', body={
        'kind': 'WORKING_GROUP', 'display_name': 'A group', 'decision_rules': {
            'silence_procedure': True, 'minimum_silence': {'seconds': 60}}})
    membership.call('BatchCreateSeats', parent=BODY, requests=[
        {'parent': BODY, 'seat_id': member, 'seat': {
            'member': 'members/' + member, 'role': 'PARTICIPANT',
            'term': {'start_date': {'year': 2020}}}} for member in MEMBERS])
    if 'meetings' in services:
        trio.client('meetings').call('CreateMeeting', meeting_id='faults', meeting={
            'body': BODY, 'display_name': 'A meeting'})
