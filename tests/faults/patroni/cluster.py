"""Three nodes of PostgreSQL under Patroni, with an etcd, on loopback.

Replication is synchronous, so that what is acknowledged is on two nodes. Patroni talks the second
version of etcd's API, in which it renews its leader key only if it is its own still. (In the third it
writes the key unconditionally: a node that was frozen for longer than the key lives takes the key
away from the new leader when it wakes, and what the new one has acknowledged is lost. Patroni's
remedy is a watchdog, which there isn't here.)
"""

import json
import os
import shutil
import signal
import urllib.request

import postgres
import process
from postgres_pair import free_port

_TTL = 20  # seconds for which a leader is believed in: the least that Patroni advises
_LOCAL = 'http://127.0.0.1:{}'
# Proxies are for elsewhere.
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Node:
    """One Patroni with its PostgreSQL."""

    def __init__(self, name, directory, etcd_port):
        self.name = name
        self.port = free_port()
        self.api = free_port()
        self._directory = os.path.join(directory, name)
        os.mkdir(self._directory)
        if postgres.user():
            shutil.chown(self._directory, postgres.user())
        self._data = os.path.join(self._directory, 'data')
        self._settings = os.path.join(directory, name + '.yml')
        self._log = os.path.join(directory, name + '.log')
        self._patroni = None
        with open(self._settings, 'w', encoding='utf-8') as file:
            json.dump(self._make_settings(etcd_port), file)  # which is YAML, too

    def _make_settings(self, etcd_port):
        address = '127.0.0.1:{}'
        password = postgres.Postgres.password
        return {
            'scope': 'bali', 'name': self.name,
            'restapi': {'listen': address.format(self.api),
                        'connect_address': address.format(self.api)},
            'etcd': {'hosts': [address.format(etcd_port)]},
            'bootstrap': {
                'dcs': {'ttl': _TTL, 'loop_wait': 5, 'retry_timeout': 5, 'synchronous_mode': True,
                        'postgresql': {'use_pg_rewind': True, 'parameters': {
                            'wal_log_hints': 'on', 'max_connections': 200}}},
                'initdb': [{'encoding': 'UTF8'}, {'locale': 'C'}]},
            'postgresql': {
                'listen': address.format(self.port), 'connect_address': address.format(self.port),
                'data_dir': self._data, 'bin_dir': os.path.dirname(postgres.program('postgres')),
                'pgpass': os.path.join(self._directory, 'pgpass'),
                'parameters': {'unix_socket_directories': self._directory,
                               'shared_buffers': '32MB'},
                'pg_hba': ['local all all trust', 'host all all 127.0.0.1/32 trust',
                           'host replication all 127.0.0.1/32 trust'],
                'authentication': {
                    'superuser': {'username': 'postgres', 'password': password},
                    'replication': {'username': 'replicator', 'password': password}}}}

    def start(self):
        self._patroni = process.spawn(['patroni', self._settings], self._log, postgres.user())

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
        self._etcd_port = free_port()
        self._etcd = None
        self.nodes = {name: Node(name, self._directory, self._etcd_port)
                      for name in ('n1', 'n2', 'n3')}

    def start(self):
        self._start_etcd()
        for node in self.nodes.values():
            node.start()
        self.await_whole()

    def _start_etcd(self):
        here = _LOCAL.format(self._etcd_port)
        peers = _LOCAL.format(free_port())
        self._etcd = process.spawn([
            'etcd', '--data-dir', os.path.join(self._directory, 'etcd'), '--enable-v2',
            '--listen-client-urls', here, '--advertise-client-urls', here,
            '--listen-peer-urls', peers, '--initial-advertise-peer-urls', peers,
            '--initial-cluster', 'default=' + peers], os.path.join(self._directory, 'etcd.log'))
        process.wait_for(lambda: _ask(here + '/health'), 'etcd answers')

    def members(self, without=()):
        """As a node sees them, by name; {} if none answers."""
        for node in self.nodes.values():
            answer = node.name not in without and _ask(_LOCAL.format(node.api) + '/cluster')
            if answer:
                return {one['name']: one for one in answer['members']}
        return {}

    def leader(self, without=()):
        """The node that is the primary, if there is one."""
        return next((self.nodes[name] for name, one in self.members(without).items()
                     if one['role'] == 'leader' and one['state'] == 'running' and
                     name not in without), None)

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

    def switch_over(self):
        """The synchronous standby becomes the leader."""
        leader = self.leader()
        standby = next(name for name, one in self.members().items()
                       if one['role'] == 'sync_standby')
        request = urllib.request.Request(
            _LOCAL.format(leader.api) + '/switchover', method='POST',
            data=json.dumps({'leader': leader.name, 'candidate': standby}).encode())
        with _opener.open(request, timeout=60) as reply:
            reply.read()

    def query(self, sql):
        """On the primary."""
        return postgres.query(postgres.psql(
            '-h', '127.0.0.1', '-p', str(self.leader().port), '-U', 'postgres'), sql)

    def url(self, database):
        return 'postgresql://postgres:{}@{}/{}'.format(
            postgres.Postgres.password,
            ','.join('127.0.0.1:{}'.format(node.port) for node in self.nodes.values()), database)

    def remove(self):
        for node in self.nodes.values():
            node.remove()
        if self._etcd is not None:
            self._etcd.kill()
            self._etcd.wait()
        shutil.rmtree(self._directory)


def _ask(url):
    try:
        with _opener.open(url, timeout=3) as reply:
            return json.load(reply)
    except OSError:
        return None
