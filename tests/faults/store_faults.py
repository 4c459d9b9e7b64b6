"""Faults of a service and its store, each under callers and watchers (load.py); what came of them."""

import errno
import os
import shutil
import time

import client as calls
import contract
import crash_store
import linearizability as lin
import load
import process
import shim
from history import History
from power_cut import KINDS, Recording

# What each call may fail with.
ERRORS = {'pwrite': (errno.EIO, errno.ENOSPC, shim.SHORT), 'fdatasync': (errno.EIO, errno.ENOSPC),
          'ftruncate': (errno.EIO,), 'open': (errno.EMFILE, errno.EIO), 'pread': (errno.EIO,)}
NOTICED = 10  # seconds within which health tells of a fault, and that it is over
_UP = 30


def kills(trio, kinds, count, chance):
    """SIGKILL of a service at a random moment under callers of all, each kind in turn. The loads."""
    loads = [load.Load(trio, kind, chance.random()) for kind in kinds]
    with load.all_of(loads):
        for number in range(count):
            time.sleep(chance.uniform(0, 0.4))  # the random moment
            service = getattr(trio, loads[number % len(loads)].service)
            service.kill()
            while chance.random() < 0.1:  # killed while it starts
                service.start(wait=False)
                time.sleep(chance.uniform(0, 0.1))
                service.kill()
            service.start()
        for one in loads:
            one.await_operations(1)
        await_serving(trio)
    return loads


def await_serving(trio):
    process.wait_for(lambda: all(trio.serves(one) for one in trio.services()),
                     'all services serve', _UP)


class PowerCuts:
    """Cuts of one recording of a service under callers."""

    def __init__(self, trio, kind, chance):
        self._trio = trio
        self._service = getattr(trio, kind.SERVICE)
        self._chance = chance
        self._service.kill()
        self._recording = Recording(self._service)
        self._service.start()
        await_serving(trio)
        self._load = load.Load(trio, kind, chance.random(), mark=self._recording.mark)

    def run(self, seconds, count, served):
        """(count of cuts, acknowledged at these, problems): of the cuts of each kind, `served` are
        looked at through the service, the others in the files alone."""
        with self._load:
            time.sleep(seconds)  # as long as the recording is to be
            self._service.kill()
        self._load.stop_watchers()
        self._recording.end()
        places = self._recording.places()
        cuts = sorted((self._chance.choice(places), kind, number < served)
                      for kind in KINDS for number in range(count))
        acknowledged, problems = 0, []
        for at, kind, is_served in cuts:
            image = self._recording.cut(at, kind, self._chance)
            some, found = self._served(at, image) if is_served else self._looked_at(at, image)
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
        store = crash_store.Store(path, types)
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
        for watcher in self._load.watchers:
            token, seen = watcher.at(at)
            found = load.seen_from(client, self._service.name, token, len(log) - len(seen))
            if seen + found != log:
                problems.append('a watcher: {} of the log'.format(load.compare(log, seen + found)))
        return len(acknowledged), problems
