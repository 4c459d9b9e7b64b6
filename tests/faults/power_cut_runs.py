"""Power cuts of a service under callers: what is left of its store, and what the service makes of
it."""

import os
import sqlite3
import time

import crash_store
import linearizability as lin
import load
from history import History
from power_cut import KINDS, Recording


def passed_over(watchers, at, client, service, log):
    """What is wrong with what watchers see who had come so far when the power was cut, and go on
    from there."""
    for watcher in watchers:
        token, seen = watcher.at(at)
        found = load.seen_from(client, service, token, len(log) - len(seen))
        if seen + found != log:
            yield 'a watcher: {} of the log'.format(load.compare(log, seen + found))


class PowerCuts:
    """Cuts of one recording of a service under callers."""

    def __init__(self, trio, kind, chance):
        self._trio = trio
        self._service = getattr(trio, kind.SERVICE)
        self._chance = chance
        self._service.kill()
        self._recording = Recording(self._service.shim)
        self._service.start()
        trio.await_serving()
        self._load = load.Load(trio, kind, chance.random(), mark=self._recording.mark)

    def run(self, seconds, count, served):
        """Makes `count` cuts of each kind. In all but `served` of the cuts the files alone are
        looked at, in those the service is asked. (How many cuts, acknowledged at these,
        problems.)"""
        with self._load:
            time.sleep(seconds)  # as long as the recording is to be
            self._service.kill()
        self._load.stop_watchers()
        self._recording.end()
        cuts = sorted((self._chance.choice(self._recording.places), kind)
                      for kind in KINDS for _ in range(count))
        asked = self._chance.sample(cuts, served)
        acknowledged, problems = 0, []
        for at, kind in cuts:
            image = self._recording.cut(at, kind, self._chance)
            look = self._served if (at, kind) in asked else self._looked_at
            some, found = look(at, image)
            acknowledged += some
            problems += ['{} at {}: {}'.format(kind, at, one) for one in found]
        return len(cuts), acknowledged, problems

    def _acknowledged(self, at):
        return [one for one in load.acknowledged_of(self._load.history.operations())
                if one.mark <= at]

    def _looked_at(self, at, image):
        """What is wrong with the files."""
        path = os.path.join(self._trio.directory, 'cut.db')
        image.restore(path)
        types = {'baliprocess.net/' + name: 'baliprocess.{}.v1.{}'.format(
            self._load.service, name) for name in self._load.kind.TYPES}
        try:
            store = crash_store.Store(path, types)
        except sqlite3.Error as error:
            return 0, [error]
        there = {(change.resource, change.after.etag) for change in store.changes}
        acknowledged = self._acknowledged(at)
        problems = ['lost: {}'.format(one) for one in acknowledged
                    if (one.resource, one.new_etag) not in there]
        problems += ['broken: ' + name for name in store.chain_breaks()]
        if store.integrity != [('ok',)]:
            problems.append(store.integrity)
        return len(acknowledged), problems

    def _served(self, at, image):
        """What is wrong with what the service says, and with where watchers go on."""
        self._service.kill()
        image.restore(self._service.store)
        self._service.start()
        client = self._trio.client(self._service.name)
        changes = client.changes(self._service.name)
        log = [load.key_of(change) for change in changes]
        before = self._load.history.until(at)
        after = History()
        for name in {one.resource for one in before}:
            load.read(after, client, name)
        acknowledged = self._acknowledged(at)
        there = {(resource, etag) for resource, _, etag in log}
        verdict = lin.check(before + after.operations(), self._load.before)
        problems = verdict.wrong + verdict.undecided + [
            'lost: {}'.format(one) for one in acknowledged
            if (one.resource, one.new_etag) not in there]
        return len(acknowledged), problems + list(
            passed_over(self._load.watchers, at, client, self._service.name, log))
