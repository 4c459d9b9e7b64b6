"""Callers and watchers of one service beside a fault, and the account of what they saw.

    with Load(trio, MeetingsMutator) as load:
        ...                      # the fault
    figures = load.account()     # must be Figures without a loss
"""

import collections
import contextlib
import threading
import time

import client as calls
import contract
import linearizability as lin
import process
from history import History, is_unknown, type_of, value_of
from mutators import Names, PATIENCE

CALLERS = 6
WATCHERS = 2
CATCH_UP = 20  # seconds

Figures = collections.namedtuple(
    'Figures', 'operations acknowledged lost missed repeated double wrong undecided')


def add(some):
    """The sums of Figures."""
    return Figures(*map(sum, zip(*some)))


def key_of(change):
    """What tells a change from all others."""
    return change.resource, change.kind, contract.unpack(change.after).etag


class Watcher(threading.Thread):
    """Watches from the oldest change on, and goes on from its last token whenever it was cut
    off."""

    def __init__(self, trio, service, mark):
        super().__init__(daemon=True)
        self.seen = []  # keys of changes
        self.token = ''
        self._mark = mark
        self._steps = []  # (mark, token, how many were seen)
        self.refusals = []  # of tokens
        self._trio = trio
        self._service = service
        self._over = threading.Event()
        self._call = None

    def run(self):
        while not self._over.is_set():
            client = self._trio.client(self._service)
            fields = {'resume_token': self.token} if self.token else {'from_start': True}
            self._call = client.start_stream(self._service + '/WatchChanges', **fields)
            if not self._over.is_set():
                self._read(self._call)
            client.close()
            self._over.wait(0.02)

    def _read(self, call):
        try:
            for response in call:
                self.seen += map(key_of, response.changes)
                self.token = response.resume_token
                self._steps.append((self._mark(), self.token, len(self.seen)))
        except calls.grpc.RpcError as error:
            if not is_unknown(calls.CallError(error)):
                self.refusals.append(calls.CallError(error))
                self._over.set()

    def at(self, mark):
        """(token, changes seen) of the last message that came before the mark was there."""
        _, token, count = max((step for step in self._steps if step[0] <= mark),
                              default=(0, '', 0), key=lambda step: step[2])
        return token, self.seen[:count]

    def times(self):
        """When each change was seen first, by resource and etag, where the mark is a clock."""
        found = {}
        seen = 0
        for mark, _, count in self._steps[:]:
            for resource, _, etag in self.seen[seen:count]:
                found.setdefault((resource, etag), mark)
            seen = count
        return found

    def stop(self):
        self._over.set()
        if self._call is not None:
            self._call.cancel()
        self.join()


class _Caller(threading.Thread):
    def __init__(self, load, index):
        super().__init__(daemon=True)
        self._load = load
        self.mutator = load.mutator(index)

    def run(self):
        try:
            self._call()
        except Exception as error:  # whatever it is, the account tells it
            self._load.unexpected.append(error)

    def _call(self):
        load = self._load
        while not load.over.wait(load.pause):
            if self.mutator.client is None:
                self.mutator.client = load.trio.client(load.service)
            try:
                self.mutator.step()
            except calls.CallError as error:
                if not is_unknown(error):
                    raise
                # On a connection of its own: nothing waits for a back-off.
                self.mutator.client.close()
                self.mutator.client = None
                load.over.wait(0.01)


class Load:
    """A context manager: calls are made within. `patience` is the share of the calls that aren't
    answered which are made again until they are; a caller waits for `pause` seconds between
    changes."""

    def __init__(self, trio, kind, seed=0, callers=CALLERS, watchers=WATCHERS,
                 mark=lambda: 0, patience=PATIENCE, pause=0):
        self.trio = trio
        self.kind = kind
        self.service = kind.SERVICE
        self.seed = seed
        self.pause = pause
        self._patience = patience
        self.history = History(mark)
        self.names = Names()
        self.over = threading.Event()
        self.unexpected = []
        self.before = {}  # states of resources that were there before
        self._callers = [_Caller(self, index) for index in range(callers)]
        self.watchers = [Watcher(trio, self.service, mark) for _ in range(watchers)]

    def __enter__(self):
        for change in self.trio.client(self.service).changes(self.service):
            self.before[change.resource] = _state_behind(change)
        for one in self.watchers + self._callers:
            one.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        for one in self._callers:
            one.join()

    def mutator(self, index):
        """A caller that shares the history and the resources with the others."""
        made = self.kind(self.history, self.names, index, self.seed, self.over)
        made.patience = self._patience
        return made

    def unanswered(self):
        """The errors of calls that weren't answered: how many, by (code, reason, whether they said
        that the call may be made again)."""
        return collections.Counter((error.code, error.reason, error.retry)
                                   for error in self.errors())

    def errors(self):
        """Those of calls that weren't answered."""
        return [error for one in self._callers for error in one.mutator.unanswered]

    def given_up(self):
        """The errors of those that weren't made again until they were answered."""
        return [error for one in self._callers for error in one.mutator.given_up]

    def await_operations(self, count, deadline=30):
        """Until so many more have been made."""
        wanted = len(self.history.operations()) + count
        process.wait_for(lambda: len(self.history.operations()) >= wanted,
                         '{} more operations'.format(count), deadline)

    def account(self):
        """The Figures, when the callers have ended and the service serves. Problems are told by
        `problems`."""
        client = self.trio.client(self.service)
        names = {one.resource for one in self.history.operations()}
        for name in names:
            read(self.history, client, name)
        changes = client.changes(self.service)
        log = [key_of(change) for change in changes]
        self._let_watchers_catch_up(len(log))
        verdict = lin.check(self.history.operations(), self.before)
        acknowledged = acknowledged_of(self.history.operations())
        there = {(resource, etag) for resource, _, etag in log}
        self.problems = [
            *verdict.wrong, *verdict.undecided, *self.history.contradictions, *self.unexpected,
            *self.kind.check(client, names & {one[0] for one in log}),
            *(one for watcher in self.watchers for one in watcher.refusals)]
        missed, repeated = zip(*(compare(log, watcher.seen) for watcher in self.watchers))
        return Figures(
            len(self.history.operations()), len(acknowledged),
            sum((one.resource, one.new_etag) not in there for one in acknowledged),
            sum(missed), sum(repeated), doubles(changes) + len(self.history.contradictions),
            len(verdict.wrong), len(verdict.undecided))

    def stop_watchers(self):
        for watcher in self.watchers:
            watcher.stop()

    def _let_watchers_catch_up(self, count):
        end = time.monotonic() + CATCH_UP
        for watcher in self.watchers:
            while len(watcher.seen) < count and watcher.is_alive() and time.monotonic() < end:
                time.sleep(0.01)
        self.stop_watchers()


@contextlib.contextmanager
def all_of(loads):
    """All of them, as one context."""
    with contextlib.ExitStack() as stack:
        for one in loads:
            stack.enter_context(one)
        yield


def read(history, client, name):
    """The last word on a resource goes into a history, too."""
    method = 'Get' + type_of(name)
    try:
        history.call(client, method, client.request(method, name=name))
    except calls.CallError as error:
        if error.reason != 'RESOURCE_NOT_FOUND':
            raise


def seen_from(client, service, token, count):
    """The keys of the changes that a watch shows behind a token, so many of them."""
    fields = {'resume_token': token} if token else {'from_start': True}
    found = []
    if count > 0:
        for response in client.receive(service + '/WatchChanges', timeout=CATCH_UP, **fields):
            found += map(key_of, response.changes)
            if len(found) >= count:
                break
    return found


def _state_behind(change):
    after = contract.unpack(change.after)
    kind = lin.DELETED if after.HasField('delete_time') else lin.LIVE
    try:
        return kind, after.etag, value_of(after)
    except KeyError:
        return kind, after.etag, None


def acknowledged_of(operations):
    """The mutations that were accepted."""
    return [one for one in operations if one.outcome == lin.OK and one.method != 'get']


def compare(log, seen):
    """How many changes of the log weren't seen, and how many were seen that aren't the next one:
    again, out of order, or of no log."""
    missed = repeated = at = 0
    places = {key: place for place, key in enumerate(log)}
    for key in seen:
        place = places.get(key, -1)
        if place < at:
            repeated += 1
            continue
        missed += place - at
        at = place + 1
    return missed + len(log) - at, repeated


def doubles(changes):
    """How many changes brought a resource to a content that it had been brought to before. Each
    mutation writes something new; what deletes, undeletes, merges or parts leaves it as it is."""
    seen = set()
    found = 0
    for change in changes:
        after = contract.unpack(change.after)
        if after.DESCRIPTOR.name not in _WRITTEN:
            continue
        written = _WRITTEN[after.DESCRIPTOR.name]
        if change.HasField('before') and \
                written(contract.unpack(change.before)) == written(after):
            continue
        key = change.resource, written(after)
        found += key in seen
        seen.add(key)
    return found


# What mutations write, by type.
_WRITTEN = {**dict.fromkeys(('ExternalForum', 'Seat', 'Statement', 'Document'), value_of),
            'Practitioner': lambda one: one.agency}
