"""What callers did and what they were told, for the checker of histories (linearizability.py).

    history = History()
    reply = history.call(client, 'UpdateExternalForum', request)  # raises CallError, as client.call

A call that ends without a word on what became of it (such as UNAVAILABLE) is unknown: it may have
taken effect, or may yet. A refusal is definite. Calls with one request_id are one operation, from
the call of the first until the first reply.
"""

import functools
import threading
import time

import client as calls
import contract
import linearizability as lin

# Refusals, by reason, that say in which state the resource is. Others say nothing.
_REFUSALS = {
    'RESOURCE_NOT_FOUND': lin.MISSING, 'RESOURCE_EXISTS': lin.EXISTS, 'ETAG_MISMATCH': lin.STALE}
_DEFINITE = {'INVALID_ARGUMENT', 'NOT_FOUND', 'ALREADY_EXISTS', 'PERMISSION_DENIED', 'ABORTED',
             'FAILED_PRECONDITION', 'OUT_OF_RANGE', 'UNAUTHENTICATED'}
_STANDARD = ('BatchCreate', 'Create', 'Update', 'Delete', 'Undelete', 'Get')

# What a test writes into a resource and looks for, by type.
_VALUES = {
    'ExternalForum': lambda one: one.purpose,
    'Seat': lambda one: one.basis,
    'Statement': lambda one: one.summary,
    'Document': lambda one: ' '.join(version.sha256 for version in one.versions),
    'Decision': lambda one: '{} {}'.format(one.state, sorted(made.member for made in one.breaks)),
    'Practitioner': lambda one: '{} {}'.format(one.agency, one.merged_into),
}


def value_of(resource):
    return _VALUES[resource.DESCRIPTOR.name](resource)


def is_unknown(error):
    """Whether a call that failed so may have taken effect."""
    return error.code not in _DEFINITE


def type_of(name):
    """The message of the resource that has this name, without its package."""
    return _types()[tuple(name.split('/')[::2])]


@functools.lru_cache(maxsize=None)
def _types():
    patterns = {message.name: contract.option(message, 'google.api.resource').pattern
                for message in contract.messages()}
    return {tuple(pattern[0].split('/')[::2]): name for name, pattern in patterns.items()
            if pattern}


class Plan:
    """One resource that a call is about: what it does there, as of lin.Operation."""

    def __init__(self, resource, method, etag=None, value=None):
        self.resource = resource
        self.method = method
        self.etag = etag or None
        self.value = value


def plans(method, request):
    """What a standard method does: its Plans, one for each resource. Any other method changes the
    resource called `name` in a way that its reply tells."""
    verb = next((one for one in _STANDARD if method.startswith(one)), None)
    if verb == 'BatchCreate':
        return [plan for one in request.requests for plan in plans('Create', one)]
    if verb in ('Create', 'Update'):
        resource = getattr(request, _resource_field(request))
        name = resource.name or _new_name(request)
        return [Plan(name, verb.lower(), resource.etag, value_of(resource))]
    method = verb.lower() if verb else 'update'
    return [Plan(request.name, method, getattr(request, 'etag', None))]


def _resource_field(request):
    return next(field.name for field in request.DESCRIPTOR.fields if field.message_type and
                contract.option(field.message_type, 'google.api.resource').type)


def _new_name(request):
    field = _resource_field(request)
    kind = request.DESCRIPTOR.fields_by_name[field].message_type
    collection = contract.option(kind, 'google.api.resource').pattern[0].split('/')[-2]
    name = '{}/{}'.format(collection, getattr(request, field + '_id'))
    parent = getattr(request, 'parent', '')
    return '{}/{}'.format(parent, name) if parent else name


class History:
    """Of any number of callers. `mark` tells how far something else has come, such as a log: each
    operation notes what it told when the reply was there."""

    def __init__(self, mark=lambda: 0):
        self._mark = mark
        self._lock = threading.Lock()
        self._operations = []
        self._by_request_id = {}  # (operations, reply)
        self.refused = 0  # definitely, in a way that says nothing of the resource
        self.contradictions = []  # texts: a repeated call was told something else

    def operations(self):
        with self._lock:
            return self._operations[:]

    def until(self, mark):
        """The history as it would be, had everything ended when the mark was there: what was
        answered later is unknown."""
        with self._lock:
            earlier = [one for one in self._operations if one.mark <= mark]
            later = [one for one in self._operations if one.mark > mark]
        return earlier + [
            lin.Operation(one.resource, one.method, one.call, one.end, lin.UNKNOWN, one.etag,
                          one.value) for one in later if one.method != 'get']

    def call(self, client, method, /, request, timeout=20):
        """Calls a unary method as client.call does, and keeps what came of it."""
        return self.run(lambda: client.call(method, request, timeout=timeout),
                        plans(method.split('/')[-1], request), getattr(request, 'request_id', ''))

    def run(self, action, planned, request_id=''):
        """Does `action`, which calls a method, about the resources that are planned; its reply."""
        began = time.monotonic_ns()
        try:
            reply = action()
        except calls.CallError as error:
            outcome = lin.UNKNOWN if is_unknown(error) else self._refusal(error, planned)
            self._keep(planned, request_id, began, outcome)
            raise
        self._keep(planned, request_id, began, lin.OK, reply)
        return reply

    def may_happen(self, resource, method='update'):
        """Time alone may change the resource, from now on, once."""
        self._keep([Plan(resource, method)], '', time.monotonic_ns(), lin.UNKNOWN)

    @staticmethod
    def _refusal(error, planned):
        """What a refusal says of the resource, or None."""
        outcome = _REFUSALS.get(error.reason)
        if error.reason == 'WRONG_STATE' and planned[0].method == 'undelete':
            outcome = lin.NOT_DELETED
        # Of a batch, or of a parent, it says nothing of each.
        if len(planned) > 1 or (outcome == lin.MISSING and planned[0].method == 'create'):
            return None
        return outcome

    def _keep(self, planned, request_id, began, outcome, reply=None):
        ended = time.monotonic_ns()
        mark = self._mark()
        with self._lock:
            if outcome is None:
                self.refused += 1
                return
            if planned[0].method == 'get' and reply is not None and \
                    reply.name != planned[0].resource:
                return  # a practitioner that was merged is answered with the one that stands for it
            known, told = self._by_request_id.get(request_id, ([], None))
            if known and outcome in (lin.OK, lin.UNKNOWN):
                if outcome == lin.OK:
                    self._settle(known, told, request_id, (ended, mark), reply)
                return
            made = [lin.Operation(plan.resource, plan.method, began, ended, outcome,
                                  etag=plan.etag, value=plan.value, mark=mark) for plan in planned]
            if outcome == lin.OK:
                _tell(made, reply)
            self._operations += made
            if request_id and outcome in (lin.OK, lin.UNKNOWN):
                self._by_request_id[request_id] = (made, reply)

    def _settle(self, operations, told, request_id, when, reply):
        """A repeated call has a reply: the first, or one more."""
        if told is not None:
            if told != reply:
                self.contradictions.append('{}: {} and {}'.format(request_id, told, reply))
            return
        for operation in operations:
            operation.end, operation.mark = when
            operation.outcome = lin.OK
        _tell(operations, reply)
        self._by_request_id[request_id] = (operations, reply)


def _tell(operations, reply):
    """Notes what a reply tells of each resource."""
    if hasattr(reply, 'etag'):
        resources = [reply]
    else:
        resources = next(value for field, value in reply.ListFields()
                         if field.label == field.LABEL_REPEATED)
    for operation, resource in zip(operations, resources):
        operation.kind = lin.DELETED if resource.HasField('delete_time') else lin.LIVE
        operation.new_etag = resource.etag
        operation.new_value = value_of(resource)
