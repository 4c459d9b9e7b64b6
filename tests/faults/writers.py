"""Callers that change things without pause while something happens to the store.

Each mutation has a request_id, which is the display_name of what it leaves as well, so that its
effect can be told from all others. It is repeated, at the replicas in turn, until it is
acknowledged or refused.
"""

import collections
import random
import threading
import time
import uuid

from client import CallError

# What is written in each service: the method's noun, the field, and what the resource must have.
KINDS = {
    'membership': ('ExternalForum', 'external_forum', {}),
    'meetings': ('ActionItem', 'action_item', {'body': 'bodies/all'}),
    'capacity': ('Strategy', 'strategy', {'body': 'bodies/all'}),
}
# The call may have taken effect or not: it is made again.
UNKNOWN = {'UNAVAILABLE', 'DEADLINE_EXCEEDED', 'CANCELLED'}
_UPDATES = 4  # of a resource, before the next is made
_PATIENCE = 3  # seconds for a try

# What the caller was told: the change that it must find in the log, and when it was told.
Acknowledged = collections.namedtuple('Acknowledged', 'request_id resource etag time')


def type_of(service):
    return 'baliprocess.net/' + KINDS[service][0]


class Writer(threading.Thread):
    def __init__(self, replicas, service, index, pause):
        super().__init__(daemon=True)
        self._clients = [replicas.client(service, i) for i in range(len(replicas.of[service]))]
        self._next = index
        self._noun, self._field, self._fixed = KINDS[service]
        self._pause = pause
        self.over = threading.Event()
        self.acknowledged = []
        self.asked = set()  # request_ids
        self.again = 0  # tries beyond the first of each mutation
        self.failures = collections.Counter()  # tries with an unknown outcome, by code
        self.refused = []  # errors that say that nothing was done

    def run(self):
        resource = None
        updates = 0
        while not self.over.wait(self._pause):
            updates = updates + 1 if resource is not None else 0
            if updates > _UPDATES:
                resource, updates = None, 0
            resource = self._write(resource)

    def _write(self, before):
        """The resource as it is afterwards; None when that isn't known."""
        request_id = str(uuid.UUID(int=random.getrandbits(128), version=4))
        self.asked.add(request_id)
        if before is None:
            method, fields = 'Create' + self._noun, {
                self._field: {'display_name': request_id, **self._fixed}}
        else:
            method, fields = 'Update' + self._noun, {
                self._field: {'name': before.name, 'etag': before.etag,
                              'display_name': request_id},
                'update_mask': {'paths': ['display_name']}}
        return self._insist(method, request_id, fields)

    def _insist(self, method, request_id, fields):
        tries = 0
        while not self.over.is_set():
            client = self._clients[self._next % len(self._clients)]
            tries += 1
            self.again += tries > 1
            try:
                reply = client.call(method, request_id=request_id, timeout=_PATIENCE, **fields)
            except CallError as error:
                if error.code not in UNKNOWN:
                    self.refused.append(error)
                    return None
                self.failures[error.code] += 1
                self._next += 1
                self.over.wait(0.02)
                continue
            self.acknowledged.append(
                Acknowledged(request_id, reply.name, reply.etag, time.monotonic()))
            return reply
        return None


class Writers:
    """A context manager: some writers of each service, and what they were told."""

    def __init__(self, replicas, per_service=4, pause=0.005):
        self._writers = {service: [Writer(replicas, service, i, pause)
                                   for i in range(per_service)] for service in replicas.of}

    def __enter__(self):
        for one in self.all():
            one.start()
        return self

    def __exit__(self, *_):
        for one in self.all():
            one.over.set()
        for one in self.all():
            one.join()

    def all(self):
        return [one for writers in self._writers.values() for one in writers]

    def acknowledged(self, service=None):
        """In the order in which they were told."""
        return sorted((one for writer in self._of(service) for one in writer.acknowledged),
                      key=lambda one: one.time)

    def _of(self, service):
        return self._writers[service] if service else self.all()

    def asked(self, service):
        return set().union(*(writer.asked for writer in self._of(service)))

    def refused(self):
        return [error for writer in self.all() for error in writer.refused]

    def failures(self):
        return sum((writer.failures for writer in self.all()), collections.Counter())

    def again(self):
        return sum(writer.again for writer in self.all())

    def first_after(self, moment, service=None):
        """When the first mutation was acknowledged that was told after this; None: none was."""
        return next((one.time for one in self.acknowledged(service) if one.time > moment), None)

    def longest_gap(self, since, until):
        """Seconds without an acknowledgement, at most, between these times."""
        times = [since] + [one.time for one in self.acknowledged()
                           if since < one.time < until] + [until]
        return max(after - before for before, after in zip(times, times[1:]))
