"""The suite as an installation has it: a CA, keys, tokens, the services and the gateway.

Every test program starts its own in a temporary directory, on free ports of loopback. Logs are
shown when a test fails.
"""

import atexit
import functools
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

# Children are started beside threads of gRPC, which needs to know nothing of them.
os.environ.setdefault('GRPC_ENABLE_FORK_SUPPORT', '0')
os.environ.setdefault('GRPC_VERBOSITY', 'NONE')

import grpc  # noqa: E402

import client  # noqa: E402
import process  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
DATA = os.path.join(ROOT, 'deploy/data/bali-process-2024')
_LOG_TAIL = 25
_SKIPPED = 77

_suites = []


def _contents(path):
    with open(path, 'rb') as file:
        return file.read()


class Identities:
    """A CA, certificates and signing keys, made as deploy/up makes them; and an RSA key more."""

    def __init__(self, directory):
        self.directory = directory
        path = process.BIN + os.pathsep + os.environ['PATH']
        subprocess.run([os.path.join(ROOT, 'deploy/make-identities'), directory, 'membership',
                        'meetings', 'capacity', 'gateway', 'client'], check=True,
                       env={**os.environ, 'PATH': path})
        self.signing_key = self.file('ca/signing-key.pem')
        self.ca = self.file('public/ca.crt')
        self.identity_key = self.file('capacity/identity.key')
        self.rsa_key = self.file('rsa/signing-key.pem')
        process.run('balictl', 'keygen', '--dir', self.file('rsa'),
                    '--alg', 'RS256').check_returncode()
        self.jwks = self.file('jwks.json')
        keys = []
        for source in ('public/jwks.json', 'rsa/jwks.json'):
            with open(self.file(source), encoding='utf-8') as file:
                keys += json.load(file)['keys']
        with open(self.jwks, 'w', encoding='utf-8') as file:
            json.dump({'keys': keys}, file)
        self._tokens = {}

    def file(self, name):
        return os.path.join(self.directory, name)

    def certificate(self, name):
        """The file, of a process."""
        return self.file(name + '/tls.crt')

    def key(self, name):
        return self.file(name + '/tls.key')

    def credentials(self, certificate=None):
        """To connect with: the CA, and a client certificate where one is asked for."""
        if certificate is None:
            return grpc.ssl_channel_credentials(_contents(self.ca))
        return grpc.ssl_channel_credentials(_contents(self.ca), _contents(self.key(certificate)),
                                            _contents(self.certificate(certificate)))

    def sign(self, *flags, key=None):
        """A token by balictl."""
        result = process.run('balictl', 'token', '--key', key or self.signing_key, *flags)
        if result.returncode != 0:
            raise RuntimeError(result.stderr)
        return result.stdout.strip()

    def token(self, role):
        """The token of a role; None for PUBLIC, who has none. The member is Australia."""
        if role is None or role == 'PUBLIC':
            return None
        if role not in self._tokens:
            member = ['--member', 'aus'] if role == 'MEMBER' else []
            self._tokens[role] = self.sign('--subject', role.lower() + '@test', '--role',
                                           role.lower(), *member)
        return self._tokens[role]

    def server_flags(self, name):
        return ['--jwks', self.jwks, '--tls_cert', self.certificate(name),
                '--tls_key', self.key(name)]


@functools.lru_cache(maxsize=None)
def identities():
    """Those of all suites of this program."""
    directory = tempfile.mkdtemp(prefix='bali-identities-')
    atexit.register(shutil.rmtree, directory)
    return Identities(directory)


class Suite:
    """The services and the gateway over TLS, unless told otherwise. Stores may be given, and
    membership may have replicas; the other services are one process each, or with `doubles` two."""

    def __init__(self, store=None, replicas=1, membership_flags=(), gateway_flags=(),
                 plaintext_gateway=False, meetings_store=None, capacity_store=None,
                 meetings_flags=(), capacity_flags=(), flags=(), doubles=False):
        self.directory = tempfile.mkdtemp(prefix='bali-system-')
        self.identities = identities()
        self.store = store or os.path.join(self.directory, 'membership.db')
        self._meetings_store = meetings_store or os.path.join(self.directory, 'meetings.db')
        self._capacity_store = capacity_store or os.path.join(self.directory, 'capacity.db')
        self._membership_flags = list(membership_flags)
        self._gateway_flags = list(gateway_flags)
        self._meetings_flags = list(meetings_flags)
        self._capacity_flags = list(capacity_flags)
        self._flags = list(flags)  # of all processes
        self._plaintext_gateway = plaintext_gateway
        self._clients = []
        self.replicas = [self._new_membership(i) for i in range(replicas)]
        self._has_doubles = doubles
        self.doubles = []  # of meetings and capacity
        self.meetings = None
        self.capacity = None
        self.gateway = None
        _suites.append(self)

    def _new_membership(self, index):
        label = 'membership' if index == 0 else 'membership{}'.format(index + 1)
        flags = self.identities.server_flags('membership') + [
            '--store', self.store, '--tls_client_ca', self.identities.ca]
        return process.Process('membership', self.directory,
                               flags + self._flags + self._membership_flags, label)

    def _new_asking(self, name, store, peers, *flags, label=None):
        """A service that asks others, its peers."""
        return process.Process(name, self.directory, self.identities.server_flags(name) + [
            '--store', store, '--tls_client_ca', self.identities.ca,
            '--peer_ca', self.identities.ca,
            '--peers', ','.join('{}={}'.format(one.name, one.address) for one in peers),
            *self._flags, *flags], label)

    def _new_meetings(self, membership=None, label=None):
        return self._new_asking('meetings', self._meetings_store, [membership or self.membership],
                                *self._meetings_flags, label=label)

    def _new_capacity(self, membership=None, meetings=None, label=None, identity_key=None):
        return self._new_asking('capacity', self._capacity_store,
                                [membership or self.membership, meetings or self.meetings],
                                '--identity_key_file',
                                identity_key or self.identities.identity_key,
                                *self._capacity_flags, label=label)

    def _start_doubles(self):
        """They ask the last replica of membership."""
        meetings = self._new_meetings(self.replicas[-1], label='meetings2').start()
        self.doubles = [meetings, self._new_capacity(self.replicas[-1], meetings,
                                                     label='capacity2').start()]

    def _new_gateway(self):
        upstream = ','.join(name + '=' + '+'.join(
            one.address for one in self.services() if one.name == name)
            for name in ('membership', 'meetings', 'capacity'))
        flags = ['--upstream', upstream,
                 '--upstream_ca', self.identities.ca,
                 '--upstream_cert', self.identities.certificate('gateway'),
                 '--upstream_key', self.identities.key('gateway')]
        if self._plaintext_gateway:
            flags += ['--jwks', self.identities.jwks]
        else:
            flags += self.identities.server_flags('gateway')
        # Tests are faster than people.
        flags += ['--rates', 'none']
        return process.Process('gateway', self.directory,
                               flags + self._flags + self._gateway_flags)

    @property
    def membership(self):
        return self.replicas[0]

    def services(self):
        return self.replicas + [one for one in (self.meetings, self.capacity) if one] + self.doubles

    def processes(self):
        return self.services() + ([self.gateway] if self.gateway else [])

    def start(self):
        """Starts everything and waits until a call goes through."""
        for replica in self.replicas:
            replica.start()
        self.start_meetings()
        self.start_capacity()
        if self._has_doubles:
            self._start_doubles()
        self.start_gateway()
        self.wait_until_serving()
        return self

    def start_meetings_alone(self):
        """With the service that it asks, and without a gateway."""
        self.membership.start()
        return self.start_meetings()

    def start_meetings(self):
        if self.meetings is None:
            self.meetings = self._new_meetings()
        return self.meetings.start()

    def start_capacity(self, identity_key=None):
        """With the key of a file, or of two, when it has another than identities have."""
        if self.capacity is None:
            self.capacity = self._new_capacity(identity_key=identity_key)
        return self.capacity.start()

    def start_gateway(self):
        if self.meetings is None:
            self.start_meetings()
        if self.capacity is None:
            self.start_capacity()
        if self.gateway is None:
            self.gateway = self._new_gateway()
        return self.gateway.start()

    def wait_until_serving(self):
        public = self.client()
        process.wait_for(lambda: self._answers(public), 'the gateway reaches the services')

    @staticmethod
    def _answers(public):
        try:
            public.call('ListMembers', page_size=1, timeout=5)
            public.call('ListMeetings', page_size=1, timeout=5)
            public.call('ListStrategies', page_size=1, timeout=5)
            return True
        except client.CallError as error:
            if error.code not in ('UNAVAILABLE', 'DEADLINE_EXCEEDED'):
                raise
            return False

    def kill_all(self):
        for one in self.processes():
            one.kill()

    def client(self, role=None, token=None):
        """A client of the gateway."""
        credentials = None if self._plaintext_gateway else self.identities.credentials()
        return self._new_client(self.gateway.address, credentials,
                                token or self.identities.token(role))

    def direct_client(self, role=None, token=None, replica=0, service='membership'):
        """A client of a service itself, with a certificate as the gateway has one."""
        one = self.replicas[replica] if service == 'membership' else getattr(self, service)
        return self._new_client(one.address,
                                self.identities.credentials('client'),
                                token or self.identities.token(role))

    def _new_client(self, address, credentials, token):
        made = client.Client(address, credentials, token)
        self._clients.append(made)
        return made

    def balictl(self, *arguments, role='SECRETARIAT', stdin=None, timeout=60):
        environment = {'BALI_SERVER': self.gateway.address, 'BALI_CA': self.identities.ca,
                       'BALI_PROFILE': ''}  # not that of whoever runs the tests
        if self._plaintext_gateway:
            environment['BALI_PLAINTEXT'] = '1'
        token = self.identities.token(role)
        if token:
            environment['BALI_TOKEN'] = token
        return process.run('balictl', *arguments, environment=environment, stdin=stdin,
                           timeout=timeout)

    def load(self):
        """Loads the record of 2024, as deploy/up does."""
        result = self.balictl('import', DATA)
        if result.returncode != 0:
            raise RuntimeError(result.stdout + result.stderr)
        return result

    def close(self):
        for one in self._clients:
            one.close()
        self.kill_all()

    def remove(self):
        self.close()
        shutil.rmtree(self.directory)

    def show_logs(self):
        for one in self.processes():
            if os.path.exists(one.log_file):
                with open(one.log_file, encoding='utf-8', errors='replace') as file:
                    lines = [line for line in file if '"code":"OK"' not in line]
                print('--- the end of {}, successful calls left out'.format(one.log_file))
                print(''.join(lines[-_LOG_TAIL:]), end='')


def look_after(one):
    """Has `main` close something at the end, and show its logs when a test failed: it has `close`,
    `show_logs` and `remove`, as a Suite."""
    _suites.append(one)


def main():
    """Runs the tests of the calling program; shows and keeps the logs when one fails. Ends with
    _SKIPPED when all were skipped, which ctest tells apart."""
    program = unittest.main(exit=False, verbosity=2)
    failed = not program.result.wasSuccessful()
    sys.stdout.flush()
    for suite in _suites:
        if failed:
            suite.close()
            suite.show_logs()
        else:
            suite.remove()
    if failed:
        sys.exit(1)
    sys.exit(_SKIPPED if len(program.result.skipped) == program.result.testsRun else 0)
