"""Watchers that come back with their tokens, and what they saw."""

import collections
import queue
import threading
import time

import contract
from client import CallError
from writers import UNKNOWN, type_of

# What identifies a change: no two changes of a resource leave the same version.
Seen = collections.namedtuple('Seen', 'resource kind etag')


def seen(change):
    """A change of a resource that writers write."""
    return Seen(change.resource, change.kind, contract.unpack(change.after).etag)


class Watcher(threading.Thread):
    """Watches one service, at another replica each time that a watch has ended.

    What it saw is in parts: a new one begins when the history that its token is of was gone, so
    that it had to start anew.
    """

    def __init__(self, replicas, service, index=0):
        super().__init__(daemon=True)
        self._clients = [replicas.client(service, i) for i in range(len(replicas.of[service]))]
        self._service = service
        self._next = index
        self._over = threading.Event()
        self._stands = threading.Event()
        self.token = ''
        self.parts = [[]]  # lists of Seen
        self.times = {}  # when each was first seen
        self.ended = collections.Counter()  # watches, by code
        self.refused = []  # errors that nobody expects

    def run(self):
        while not self._over.is_set():
            client = self._clients[self._next % len(self._clients)]
            self._next += 1
            try:
                self._watch(client)
            except CallError as error:
                self._handle(error)
            except EOFError:
                self.ended['OK'] += 1

    def _handle(self, error):
        self.ended[error.reason or error.code] += 1
        if error.reason == 'HISTORY_COMPACTED':
            self.token = ''
            self.parts.append([])
        elif error.code not in UNKNOWN:
            self.refused.append(error)
        self._over.wait(0.05)

    def _watch(self, client):
        fields = {'resume_token': self.token} if self.token else {}
        watch = client.watch(timeout=3600, service=self._service, types=[type_of(self._service)],
                             **fields)
        try:
            while not self._over.is_set():
                try:
                    response = watch.next(timeout=0.1)
                except queue.Empty:
                    continue
                self._take(response)
        finally:
            watch.cancel()

    def _take(self, response):
        now = time.monotonic()
        for change in response.changes:
            self.parts[-1].append(seen(change))
            self.times.setdefault(self.parts[-1][-1], now)
        self.token = response.resume_token
        self._stands.set()

    def await_standing(self):
        if not self._stands.wait(20):
            raise TimeoutError('no watch of {} stands'.format(self._service))

    def stop(self):
        self._over.set()
        self.join()

    def compacted(self):
        return self.ended['HISTORY_COMPACTED']


class Watchers:
    """A context manager: some watchers of each service, which stand when it is entered."""

    def __init__(self, replicas, per_service=2):
        self.of = {service: [Watcher(replicas, service, i) for i in range(per_service)]
                   for service in replicas.of}

    def __enter__(self):
        for one in self.all():
            one.start()
        for one in self.all():
            one.await_standing()
        return self

    def __exit__(self, *_):
        for one in self.all():
            one.stop()

    def all(self):
        return [one for watchers in self.of.values() for one in watchers]

    def ended(self):
        """How often a watch has ended, by reason."""
        return dict(sum((one.ended for one in self.all()), collections.Counter()))
