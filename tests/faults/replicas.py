"""Replicas of services on stores, without a gateway: nothing repeats a call but its caller."""

import random
import shutil
import tempfile

import mutators
import process
import suite
from trio import NAMES, plain_flags

PATIENCE = 4  # seconds for a call, which is made again then


class Spread:
    """A client of all replicas: each call goes to the next one, so that a repeated one is another
    replica's."""

    def __init__(self, clients):
        self._clients = clients
        self._turns = random.randrange(len(clients))

    def __getattr__(self, name):
        self._turns += 1
        return getattr(self._clients[self._turns % len(self._clients)], name)

    def call(self, name, /, request=None, timeout=PATIENCE, **fields):
        self._turns += 1
        return self._clients[self._turns % len(self._clients)].call(
            name, request, min(timeout, PATIENCE), **fields)

    def close(self):
        for one in self._clients:
            one.close()


class Replicas:
    """`stores` are the URLs of the services that there are, by name: membership is one of them.
    They serve plaintext on loopback, at addresses that they keep over restarts."""

    def __init__(self, stores, count=2, flags=()):
        self._directory = tempfile.mkdtemp(prefix='bali-faults-')
        self._identities = suite.identities()
        self._stores = stores
        self._flags = list(flags)
        self.token = self._identities.token('SECRETARIAT')
        self.of = {name: [] for name in NAMES if name in stores}
        for index in range(count):
            for name in self.of:
                self.of[name].append(self._new(name, index).start())
        self._clients = []
        mutators.set_up(self, self.of)
        suite.look_after(self)

    def _new(self, name, index):
        flags = ['--store', self._stores[name]] + plain_flags(
            self._identities, name, lambda peer: self.of[peer][index].address)
        return process.Process(name, self._directory, flags + self._flags,
                               '{}-{}'.format(name, index + 1))

    def all(self):
        return [one for replicas in self.of.values() for one in replicas]

    def client(self, service):
        """Of all replicas of a service."""
        made = Spread([one.plain_client(self.token) for one in self.of[service]])
        self._clients.append(made)
        return made

    def close(self):
        for one in self._clients:
            one.close()
        self._clients = []
        for one in self.all():
            one.kill()

    def remove(self):
        self.close()
        shutil.rmtree(self._directory, ignore_errors=True)

    def show_logs(self):
        """Without calls: those that failed are what the test is about."""
        for one in self.all():
            print('--- the end of {}'.format(one.log_file))
            print('\n'.join([line for line in one.log().splitlines()
                             if '"component":"access"' not in line][-10:]))
