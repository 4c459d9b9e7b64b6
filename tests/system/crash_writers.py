"""Callers that change things without pause while the service is killed under them.

Each keeps a log of its mutations: the request, and the reply where one came. Every mutation has a
request_id, and writes it into the resource too, so that its effect can be told from all others.
"""

import random
import threading
import uuid

import client

# The seats of a batch, each for another member.
ORGANISATIONS = ['org-a', 'org-b', 'org-c']


class Mutation:
    def __init__(self, method, request):
        self.method = method
        self.request = request
        self.reply = None  # when acknowledged
        self.attempts = 0

    @property
    def request_id(self):
        return self.request.request_id

    @property
    def acknowledged(self):
        return self.reply is not None


class Rounds:
    """Tells writers where the service is, whenever it is up again."""

    def __init__(self):
        self._changed = threading.Condition()
        self._number = 0
        self.over = False

    def begin(self):
        with self._changed:
            self._number += 1
            self._changed.notify_all()

    def finish(self):
        with self._changed:
            self.over = True
            self._changed.notify_all()

    def await_after(self, number):
        """The number of a round after `number`, once it has begun."""
        with self._changed:
            self._changed.wait_for(lambda: self.over or self._number > number)
            return self._number


class Writer(threading.Thread):
    def __init__(self, index, seed, address, token, rounds):
        super().__init__(daemon=True)
        self.mutations = []
        self.unexpected = []
        self._prefix = 'w{:02}'.format(index)
        self._random = random.Random('{}/{}'.format(seed, index))
        self._address = address
        self._token = token
        self._rounds = rounds
        self._live = {}  # etags of resources whose state is known, by name
        self._created = 0
        self._batches = 0

    def run(self):
        number = 0
        unsure = None
        while True:
            number = self._rounds.await_after(number)
            if self._rounds.over:
                return
            # A channel of its own for each round: nothing waits for a back-off.
            service = client.Client(self._address, token=self._token)
            if unsure is None or self._send(service, unsure):
                unsure = self._write(service)
            service.close()
            # Half of what wasn't acknowledged is sent again, as a good client would.
            if unsure is not None and self._random.random() < 0.5:
                unsure = None

    def _write(self, service):
        """Writes until the service is gone; the mutation that wasn't acknowledged."""
        while True:
            mutation = self._next(service)
            self.mutations.append(mutation)
            if not self._send(service, mutation):
                return mutation

    def _send(self, service, mutation):
        mutation.attempts += 1
        try:
            mutation.reply = service.call(mutation.method, mutation.request)
        except client.CallError as error:
            if error.code != 'UNAVAILABLE':
                self.unexpected.append((mutation, error))
            return False
        if mutation.method in ('CreateExternalForum', 'UpdateExternalForum'):
            self._live[mutation.reply.name] = mutation.reply.etag
        return True

    def _next(self, service):
        choice = self._random.random()
        if not self._live or choice < 0.35:
            return self._new_forum(service)
        if choice < 0.45:
            return self._new_seats(service)
        # Its state is unknown until there is a reply.
        name = self._random.choice(list(self._live))
        etag = self._live.pop(name)
        return self._change(service, name, etag) if choice < 0.85 else \
            self._remove(service, name, etag)

    def _request_id(self):
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    def _new_forum(self, service):
        self._created += 1
        request_id = self._request_id()
        return Mutation('CreateExternalForum', service.request(
            'CreateExternalForum', request_id=request_id,
            external_forum_id='{}-{}'.format(self._prefix, self._created),
            external_forum={'display_name': 'A forum', 'purpose': request_id}))

    def _change(self, service, name, etag):
        request_id = self._request_id()
        return Mutation('UpdateExternalForum', service.request(
            'UpdateExternalForum', request_id=request_id, update_mask={'paths': ['purpose']},
            external_forum={'name': name, 'etag': etag, 'purpose': request_id}))

    def _remove(self, service, name, etag):
        return Mutation('DeleteExternalForum', service.request(
            'DeleteExternalForum', request_id=self._request_id(), name=name, etag=etag))

    def _new_seats(self, service):
        """Seats of three members for a year in which nobody else sits."""
        self._batches += 1
        request_id = self._request_id()
        year = {'year': 1000 + self._batches}
        body = 'bodies/' + self._prefix
        requests = [{'parent': body, 'seat_id': 'batch-{}-{}'.format(self._batches, member),
                     'seat': {'member': 'members/' + member, 'role': 'PARTICIPANT',
                              'term': {'start_date': year, 'end_date': year},
                              'basis': request_id}}
                    for member in ORGANISATIONS]
        return Mutation('BatchCreateSeats', service.request(
            'BatchCreateSeats', request_id=request_id, parent=body, requests=requests))

    def set_up(self, service):
        service.call('CreateBody', body_id=self._prefix,
                     body={'kind': 'WORKING_GROUP', 'display_name': 'A group'})
