"""Three nodes of PostgreSQL under Patroni, each with an etcd, on loopback.

Their settings are those of deploy/postgres/patroni.yml and etcd.env, and of a node's own environment as
docs/operate/patroni.md has it. What differs: there is no watchdog, which would reset this machine, and
the socket is for everybody, since the tests' user isn't `postgres`.
"""

import functools
import json
import os
import shutil
import signal
import ssl
import subprocess
import urllib.request

import postgres
import process
import suite
from postgres_pair import free_port

NAMES = ('n1', 'n2', 'n3')
DEPLOY = os.path.join(suite.ROOT, 'deploy/postgres')
_HERE = '127.0.0.1:{}'
_CERTIFICATE = 'client'  # of suite.identities(): it is for 127.0.0.1


class Places:
    """Where on loopback is what has addresses of its own in the files that operators have."""

    def __init__(self):
        self._here = {'10.0.0.1{}:{}'.format(number, port): _HERE.format(free_port())
                      for number in range(1, len(NAMES) + 1) for port in (2379, 2380)}

    def settings(self, name, own):
        """The text of a file of deploy/postgres; `own` is what else is to be replaced."""
        with open(os.path.join(DEPLOY, name), encoding='utf-8') as file:
            text = file.read()
        for shown, here in own.items():
            if shown not in text:
                raise RuntimeError('{} has no {}'.format(name, shown))
            text = text.replace(shown, here)
        for shown, here in self._here.items():
            text = text.replace(shown, here)
        return text

    def client_url(self, name):
        """Of the etcd of a node."""
        return 'https://' + self._here['10.0.0.1{}:2379'.format(name[1])]


def copy_certificates(directory):
    identities = suite.identities()
    for source, name in ((identities.ca, 'ca.crt'), (identities.certificate(_CERTIFICATE), 'tls.crt'),
                         (identities.key(_CERTIFICATE), 'tls.key')):
        shutil.copy(source, os.path.join(directory, name))


class Etcd:
    """That of a node."""

    def __init__(self, name, directory, places):
        self._url = places.client_url(name)
        self._log = os.path.join(directory, 'etcd-{}.log'.format(name))
        self._process = None
        own = os.path.join(directory, 'etcd-' + name)
        os.mkdir(own)
        copy_certificates(own)
        self._environment = {**os.environ, 'ETCD_DATA_DIR': os.path.join(own, 'data')}
        for line in places.settings('etcd.env', {'/etc/etcd/': own + '/'}).splitlines():
            if not line.startswith('#'):
                key, value = line.split('=', 1)
                self._environment[key] = value
        first = places.client_url('n1'), self._environment['ETCD_LISTEN_PEER_URLS']
        members = dict(one.split('=') for one in
                       self._environment['ETCD_INITIAL_CLUSTER'].split(','))
        for key in self._environment:
            if key.endswith('_URLS'):
                self._environment[key] = self._environment[key].replace(
                    first[0], self._url).replace(first[1], members[name])
        self._environment['ETCD_NAME'] = name

    def start(self):
        self._process = process.spawn(['etcd'], self._log, env=self._environment)

    def answers(self):
        return _ask(self._url + '/health') == {'health': 'true'}

    def stop(self):
        if self._process is not None:
            self._process.kill()
            self._process.wait()


class Node:
    """One Patroni with its PostgreSQL."""

    def __init__(self, name, directory, places):
        self.name = name
        self.port = free_port()
        self.api = free_port()
        self.directory = os.path.join(directory, name)
        self._data = os.path.join(self.directory, 'data')
        self.settings = os.path.join(self.directory, 'config.yml')
        self._log = os.path.join(directory, name + '.log')
        self._patroni = None
        os.mkdir(self.directory)
        copy_certificates(self.directory)
        with open(self.settings, 'w', encoding='utf-8') as file:
            file.write(places.settings('patroni.yml', {
                '10.0.0.0/24': '127.0.0.1/32', '/etc/patroni/': self.directory + '/',
                '/var/run/postgresql': self.directory, '/var/lib/postgresql/': self.directory + '/',
                'local all postgres peer': 'local all postgres trust', 'mode: required': 'mode: "off"'}))
        if postgres.user():
            for path in [self.directory] + [one.path for one in os.scandir(self.directory)]:
                shutil.chown(path, postgres.user())

    def _environment(self):
        password = postgres.Postgres.password
        return {
            **os.environ, 'HOME': self.directory, 'PATRONI_NAME': self.name,
            'PATRONI_POSTGRESQL_LISTEN': _HERE.format(self.port),
            'PATRONI_POSTGRESQL_CONNECT_ADDRESS': _HERE.format(self.port),
            'PATRONI_POSTGRESQL_DATA_DIR': self._data,
            'PATRONI_POSTGRESQL_BIN_DIR': os.path.dirname(postgres.program('postgres')),
            'PATRONI_RESTAPI_LISTEN': _HERE.format(self.api),
            'PATRONI_RESTAPI_CONNECT_ADDRESS': _HERE.format(self.api),
            'PATRONI_REPLICATION_PASSWORD': password, 'PATRONI_REWIND_PASSWORD': password}

    def start(self):
        self._patroni = process.spawn(['patroni', self.settings], self._log, postgres.user(),
                                      env=self._environment())

    def ask(self, path):
        """What Patroni answers; None: nothing."""
        return _ask('https://' + _HERE.format(self.api) + path)

    def place(self):
        """Where it is, for programs of PostgreSQL, as the superuser."""
        return {'PGHOST': self.directory, 'PGPORT': str(self.port), 'PGUSER': 'postgres'}

    def _processes(self):
        """Patroni's and PostgreSQL's."""
        found = [self._patroni.pid]
        try:
            with open(os.path.join(self._data, 'postmaster.pid'), encoding='ascii') as file:
                found += postgres.processes_of(int(file.readline()))
        except (FileNotFoundError, ValueError):
            pass  # PostgreSQL doesn't run
        return found

    def kill(self):
        if self._patroni is None:
            return
        pids = self._processes()
        postgres.send_all(signal.SIGKILL, pids)
        self._patroni.wait()
        process.wait_for(lambda: not any(map(postgres.lives, pids)), self.name + ' is gone')

    def freeze(self):
        for _ in range(2):  # the second time for those that were started meanwhile
            postgres.send_all(signal.SIGSTOP, self._processes())

    def thaw(self):
        postgres.send_all(signal.SIGCONT, reversed(self._processes()))

    def remove(self):
        self.kill()
        postgres.remove_shared_memory(self._data)

    def log(self):
        with open(self._log, encoding='utf-8') as file:
            return file.read()


class Cluster:
    def __init__(self):
        self._directory = postgres.make_directory()
        places = Places()
        self._etcds = [Etcd(name, self._directory, places) for name in NAMES]
        self.nodes = {name: Node(name, self._directory, places) for name in NAMES}

    def start(self):
        self.start_etcd()
        for node in self.nodes.values():
            node.start()
        self.await_whole()

    def start_etcd(self):
        """All three."""
        for etcd in self._etcds:
            etcd.start()
        for etcd in self._etcds:
            process.wait_for(etcd.answers, 'etcd answers')

    def stop_etcd(self):
        for etcd in self._etcds:
            etcd.stop()

    def members(self, without=()):
        """As a node sees them, by name; {} if none answers."""
        for node in self.nodes.values():
            answer = node.name not in without and node.ask('/cluster')
            if answer:
                return {one['name']: one for one in answer['members']}
        return {}

    def leader(self, without=()):
        """The node that is the primary, if there is one."""
        return next((self.nodes[name] for name, one in self.members(without).items()
                     if one['role'] == 'leader' and one['state'] == 'running' and
                     name not in without), None)

    def synchronous_standby(self):
        """The node without which no commit is acknowledged."""
        return next(self.nodes[name] for name, one in self.members().items()
                    if one['role'] == 'sync_standby')

    def await_whole(self):
        """All nodes are there: a leader, and others that follow it, one of them synchronously."""
        def whole():
            members = self.members()
            roles = [one['role'] for one in members.values()]
            return len(members) == len(self.nodes) and 'leader' in roles and 'sync_standby' in roles and \
                all(one['state'] in ('running', 'streaming') for one in members.values()) and \
                len({one.get('timeline') for one in members.values()}) == 1

        try:
            process.wait_for(whole, 'three nodes run', 120)
        except TimeoutError as error:
            raise RuntimeError('{}: {}\n{}'.format(error, self.members(), '\n'.join(
                node.log()[-2000:] for node in self.nodes.values()))) from None

    def run_tool(self, command):
        """Runs a command of patronictl as an operator on the leader has it."""
        words = command.replace('/etc/patroni/config.yml', self.leader().settings).split()
        return subprocess.run(words, check=True, capture_output=True, text=True, timeout=60).stdout

    def query(self, sql):
        """On the primary."""
        place = self.leader().place()
        return postgres.query(postgres.psql('-h', place['PGHOST'], '-p', place['PGPORT'],
                                            '-U', place['PGUSER']), sql)

    def url(self, service):
        """What --store of a service names; its password is in a file."""
        return 'postgresql://{0}@{1}/{0}?sslmode=verify-full&sslrootcert={2}'.format(
            service, ','.join(_HERE.format(node.port) for node in self.nodes.values()),
            suite.identities().ca)

    def remove(self):
        for node in self.nodes.values():
            node.remove()
        self.stop_etcd()
        shutil.rmtree(self._directory)


@functools.lru_cache(maxsize=None)
def _opener():
    """With a certificate, by which Patroni takes orders, and without proxies, which are for elsewhere."""
    identities = suite.identities()
    context = ssl.create_default_context(cafile=identities.ca)
    context.load_cert_chain(identities.certificate(_CERTIFICATE), identities.key(_CERTIFICATE))
    return urllib.request.build_opener(urllib.request.ProxyHandler({}),
                                       urllib.request.HTTPSHandler(context=context))


def _ask(url):
    try:
        with _opener().open(url, timeout=3) as reply:
            return json.load(reply)
    except OSError:
        return None
