"""The three services without gateway and TLS, on unix sockets, so that they start at once and keep
their addresses; each may have a shim (shim.py)."""

import os
import shutil
import tempfile
import time

import client
import forge
import process
import suite
from shim import HOUR, Shim

NAMES = ('membership', 'meetings', 'capacity')


def plain_flags(identities, name, address_of):
    """What a service needs without TLS, but for its store. `address_of` tells where a peer is."""
    flags = ['--jwks', identities.jwks]
    peers = NAMES[:NAMES.index(name)]
    if peers:
        flags += ['--peers', ','.join('{}={}'.format(peer, address_of(peer)) for peer in peers)]
    if name == 'capacity':
        flags += ['--identity_key_file', identities.identity_key]
    return flags


class Service(process.Process):
    """One service on a store of its own. Its shim stays while it is killed and started again."""

    def __init__(self, name, directory, flags, with_log):
        super().__init__(name, directory, flags, address='unix:{}/{}.sock'.format(directory, name))
        self.store = os.path.join(directory, name + '.db')
        self.flags = ['--store', self.store] + self.flags
        self.shim = Shim(self.store, with_log)

    def spawn_options(self):
        return {'env': self.shim.environment()}

    def restart(self):
        self.kill()
        return self.start()

    def store_files(self):
        """Those that there are."""
        return [self.store + suffix for suffix in ('', '-wal', '-journal')
                if os.path.exists(self.store + suffix)]


class Trio:
    """A context manager: started within, gone behind. `logged` are the services whose shims keep a
    log for power cuts; `flags` are more flags of each service by name."""

    def __init__(self, logged=(), flags=None):
        self.directory = tempfile.mkdtemp(prefix='bali-trio-')
        self.identities = suite.identities()
        self._token = self._new_token()
        self._clients = []
        for name in NAMES:
            setattr(self, name, self._new(name, name in logged, (flags or {}).get(name, [])))

    def _new_token(self):
        """It is good by clocks that are a day behind or two years ahead."""
        now = int(time.time())
        return forge.token({'alg': 'RS256',
                            'kid': forge.key_id(self.identities.file('rsa/jwks.json'))},
                           forge.claims(sub='secretariat@test', iat=now - 24 * HOUR,
                                        exp=now + 20000 * HOUR),
                           forge.rs256(self.identities.rsa_key))

    def _new(self, name, with_log, more):
        flags = plain_flags(self.identities, name, lambda peer: 'unix:{}/{}.sock'.format(
            self.directory, peer))
        return Service(name, self.directory, flags + more, with_log)

    def services(self):
        return [getattr(self, name) for name in NAMES]

    def __enter__(self):
        try:
            for one in self.services():
                one.start()
            self.await_serving()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.close_clients()
        for one in self.services():
            one.kill()
        shutil.rmtree(self.directory)

    def close_clients(self):
        """Ends the connections of all clients that were given so far. An idle one in Python answers
        nothing for seconds, for which a service that stops waits."""
        for one in self._clients:
            one.close()
        self._clients = []

    def client(self, service):
        """Of one service, by name."""
        made = client.Client(getattr(self, service).address, token=self._token)
        self._clients.append(made)
        return made

    def await_serving(self):
        """Until each says that it is healthy, with its peers."""
        process.wait_for(lambda: all(health(one) == 'SERVING' for one in self.services()),
                         'all services serve')


def health(service):
    """What a service says of itself; '' when it doesn't answer."""
    asker = client.Client(service.address)
    try:
        return asker.health(timeout=5)
    except client.CallError:
        return ''
    finally:
        asker.close()
