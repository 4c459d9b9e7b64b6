"""Callers and watchers of all services that there are, beside a fault of their store; when they were
told what; and the account.

    with Loads(replicas) as loads:
        ...                                  # the fault
    loads.settle(test, 'what happened')
"""

import collections
import contextlib
import random
import sys
import time

import load
import process
from mutators import MUTATORS

_NOTHING = ('lost', 'missed', 'repeated', 'double', 'wrong', 'undecided')
# What a call is told that may be made again; INTERNAL, say, is for errors of our own.
AGAIN = frozenset({'UNAVAILABLE', 'DEADLINE_EXCEEDED', 'RESOURCE_EXHAUSTED'})
_NEWEST = 200  # changes of the log's end that are looked at


class Loads:
    """`options` are those of each load.Load."""

    def __init__(self, replicas, callers=load.CALLERS, **options):
        self._replicas = replicas
        self._loads = {
            kind.SERVICE: load.Load(replicas, kind, random.random(), callers,
                                    mark=time.monotonic, **options)
            for kind in MUTATORS if kind.SERVICE in replicas.of}
        self._within = contextlib.ExitStack()

    def __enter__(self):
        self._within.enter_context(load.all_of(self._loads.values()))
        self.await_writes()
        return self

    def __exit__(self, *failure):
        self._within.close()

    def _told(self, service=None):
        """When changes were acknowledged, in no order."""
        loads = [self._loads[service]] if service else self._loads.values()
        return [one.mark for some in loads
                for one in load.acknowledged_of(some.history.operations())]

    def first_after(self, moment):
        """When the first change was acknowledged that was told after this; None: none was."""
        return min((told for told in self._told() if told > moment), default=None)

    def await_writes(self, deadline=30):
        """Until all services acknowledge, from now on; seconds."""
        since = time.monotonic()
        for service, one in self._loads.items():
            process.wait_for(
                lambda: one.unexpected or max(self._told(service), default=0) > since,
                service + ' acknowledges', deadline)
            if one.unexpected:
                raise one.unexpected[0]
        return time.monotonic() - since

    def longest_gap(self, since, until):
        """Seconds without an acknowledgement, at most, between these times."""
        times = [since] + sorted(one for one in self._told() if since < one < until) + [until]
        return max(after - before for before, after in zip(times, times[1:]))

    def unanswered(self):
        """How many tries weren't answered, by code."""
        return dict(sum((collections.Counter({code: count}) for one in self._loads.values()
                         for (code, *_), count in one.unanswered().items()),
                        collections.Counter()))

    def errors(self):
        """Those of tries that weren't answered."""
        return [error for one in self._loads.values() for error in one.errors()]

    def given_up(self):
        """The errors of calls that were never answered."""
        return [error for one in self._loads.values() for error in one.given_up()]

    def lags(self, since, most):
        """How much later than callers watchers learn of changes, and the log has them: the longest,
        in seconds. Of changes since a moment, without those of the last `most` seconds, which are
        in time still."""
        log = max(self._log_lag(service) for service in self._loads)
        until = time.monotonic() - most
        watch = 0.0
        for one in self._loads.values():
            told = [operation for operation in load.acknowledged_of(one.history.operations())
                    if since < operation.mark < until]
            for watcher in one.watchers:
                times = watcher.times()
                watch = max([watch] + [
                    times.get((operation.resource, operation.new_etag), time.monotonic()) -
                    operation.mark for operation in told])
        return {'watch': watch, 'log': log}

    def _log_lag(self, service):
        """How old the oldest is of the newest changes that the log lacks."""
        told = sorted(load.acknowledged_of(self._loads[service].history.operations()),
                      key=lambda one: one.mark)
        asked = time.monotonic()
        newest = self._replicas.client(service).call(
            service + '/ListChanges', newest_first=True, page_size=_NEWEST).changes
        there = {(resource, etag) for resource, _, etag in map(load.key_of, newest)}
        return max((asked - one.mark for one in told[-_NEWEST // 2:]
                    if (one.resource, one.new_etag) not in there), default=0.0)

    def settle(self, test, name, *remarks, again=AGAIN):
        """Prints the figures of all services together; nothing may be lost, missed, repeated, done
        twice, or in an order that can't be. `again` is what tries may have been told that weren't
        answered."""
        figures = load.add(one.account() for one in self._loads.values())
        print('{}: {}'.format(name, ', '.join(
            ['{} {}'.format(field, count) for field, count in figures._asdict().items()] +
            ['unanswered tries {}'.format(self.unanswered()), *remarks])), file=sys.stderr)
        test.assertEqual([problem for one in self._loads.values() for problem in one.problems], [])
        test.assertEqual([str(error) for error in self.errors() if error.code not in again], [])
        test.assertGreater(figures.acknowledged, 0)
        test.assertEqual({field: getattr(figures, field) for field in _NOTHING},
                         dict.fromkeys(_NOTHING, 0))
