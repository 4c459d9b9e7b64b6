"""What was lost, missed, repeated or done twice, once all is over."""

import collections
import sys
import time

import contract
from watchers import seen
from writers import type_of

_PATIENCE = 10  # seconds for the last changes to reach the watchers


class Account:
    """Compares the change log of a service with what its writers were told and its watchers saw.

    acknowledged  mutations that were acknowledged
    lost          of these, those that the log lacks
    double        mutations that had two effects
    unasked       changes that nobody asked for
    broken        changes that don't begin where the one before, of the same resource, ended
    phantom       changes that a watcher saw, and the log lacks
    missed        changes that a watcher ought to have seen, and didn't
    repeated      changes that a watcher saw twice, or in another order than the log's
    """

    FIELDS = ('acknowledged', 'lost', 'double', 'unasked', 'broken', 'phantom', 'missed',
              'repeated')

    def __init__(self, client, service, writers, watchers):
        self._log = self._log_since(client, service, writers.asked(service))
        self._places = {seen(change): at for at, change in enumerate(self._log)}
        self.acknowledged = self.lost = self.unasked = 0
        self.broken = self._broken()
        self.phantom = self.missed = self.repeated = 0
        self._judge_writers(writers, service)
        for watcher in watchers.of[service]:
            self._judge_watcher(watcher)

    @staticmethod
    def _log_since(client, service, asked):
        """From the first change that these writers made."""
        changes = client.changes(service, filter='type = "{}"'.format(type_of(service)))
        first = next((at for at, change in enumerate(changes)
                      if contract.unpack(change.after).display_name in asked), len(changes))
        return changes[first:]

    def _judge_writers(self, writers, service):
        told = writers.acknowledged(service)
        there = {(place.resource, place.etag) for place in self._places}
        tags = collections.Counter(contract.unpack(change.after).display_name
                                   for change in self._log)
        self.acknowledged = len(told)
        self.lost = sum((one.resource, one.etag) not in there for one in told)
        self.double = sum(count - 1 for count in tags.values())
        self.unasked = len(set(tags) - writers.asked(service))

    def _broken(self):
        last = {}
        broken = 0
        for change in self._log:
            before = contract.unpack(change.before).etag if change.HasField('before') else None
            broken += before != last.get(change.resource)
            last[change.resource] = contract.unpack(change.after).etag
        return broken

    def _judge_watcher(self, watcher):
        """The first part begins with the log, the others where they begin; the last ends with it."""
        self._await_last(watcher)
        for number, part in enumerate(watcher.parts):
            self.phantom += sum(one not in self._places for one in part)
            self._judge_part([self._places[one] for one in part if one in self._places],
                             begins=number == 0, ends=number == len(watcher.parts) - 1)

    def _judge_part(self, places, begins, ends):
        expected = 0 if begins or not places else places[0]
        for place in places:
            if place < expected:
                self.repeated += 1
            else:
                self.missed += place - expected
                expected = place + 1
        if ends and (begins or places):
            self.missed += len(self._log) - expected

    def _await_last(self, watcher):
        """What is on its way arrives."""
        end = time.monotonic() + _PATIENCE
        while self._log and time.monotonic() < end:
            part = watcher.parts[-1]
            if part and part[-1] == seen(self._log[-1]):
                return
            time.sleep(0.02)

    def counts(self):
        return {field: getattr(self, field) for field in self.FIELDS}


def settle(name, replicas, writers, watchers, *remarks):
    """Prints the counts of all services together, and returns them without `acknowledged`: all
    must be 0. To be called when the writers have ended and the watchers still watch."""
    total = collections.Counter(dict.fromkeys(Account.FIELDS, 0))
    for service in replicas.of:
        account = Account(replicas.client(service, -1), service, writers, watchers)
        for field, count in account.counts().items():
            total[field] += count
    words = ['{} {}'.format(field, total[field]) for field in Account.FIELDS]
    words += ['tried again {}'.format(writers.again()), *remarks]
    print('{}: {}'.format(name, ', '.join(words)), file=sys.stderr)
    if total.pop('acknowledged') == 0:
        raise AssertionError('nothing was acknowledged')
    return dict(total)


NOTHING = {field: 0 for field in Account.FIELDS if field != 'acknowledged'}
