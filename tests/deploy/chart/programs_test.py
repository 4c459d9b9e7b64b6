#!/usr/bin/python3
"""The programs started as the chart says, with files, names and probes as a node has them; the pods
of `helm test` and the Job that loads the record run against them. Needs root, BALI_BIN, and
tests/system in PYTHONPATH."""

import os
import subprocess
import tempfile
import time
import unittest

import chart
import node
import postgres

_OPTIONS = ('load.enabled=true', 'load.token.existingSecret=bali-token',
            'tests.token.existingSecret=bali-token', 'gateway.service.port=8443')
_PASSWORD = 'a-password-that-no-log-may-show'


def _address(program):
    return '127.0.7.%d' % (1 + chart.PROGRAMS.index(program))


def _host(program):
    return 'suite-baliprocess-{}.record.svc'.format(program)


def _openssl(*arguments, **options):
    return subprocess.run(['openssl', *arguments], check=True, capture_output=True, **options).stdout


def _read(path):
    with open(path, 'rb') as file:
        return file.read()


def _certificates(directory, secret):
    """A secret for each program, named as `secret` has it."""
    ca = os.path.join(directory, 'ca')
    _openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes',
             '-days', '2', '-subj', '/CN=ca', '-keyout', ca + '.key', '-out', ca + '.crt')
    secrets = {}
    for program in chart.PROGRAMS:
        path = os.path.join(directory, program)
        _openssl('req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes',
                 '-subj', '/O=test', '-keyout', path + '.key', '-out', path + '.csr')
        _openssl('x509', '-req', '-in', path + '.csr', '-CA', ca + '.crt', '-CAkey', ca + '.key',
                 '-set_serial', str(1 + chart.PROGRAMS.index(program)), '-days', '2', '-extfile',
                 '/dev/stdin', '-out', path + '.crt',
                 input='subjectAltName=DNS:{}'.format(_host(program)).encode())
        secrets[secret.format(program)] = {
            'tls.crt': _read(path + '.crt'), 'tls.key': _read(path + '.key'),
            'ca.crt': _read(ca + '.crt')}
    return secrets


def _tokens(directory):
    balictl = os.path.join(node.BIN, 'balictl')
    subprocess.run([balictl, 'keygen', '--dir', directory], check=True, capture_output=True)
    token = subprocess.run(
        [balictl, 'token', '--key', os.path.join(directory, 'signing-key.pem'), '--subject', 'test',
         '--role', 'secretariat', '--ttl', '1h'], check=True, capture_output=True).stdout
    return {'bali-jwks': {'jwks.json': _read(os.path.join(directory, 'jwks.json'))},
            'bali-token': {'token': token}, 'bali-identity-key': {'identity.key': os.urandom(32)}}


class Sqlite(unittest.TestCase):
    """What is tried with each profile."""

    profile = 'sqlite'
    certificates = 'bali-{}-tls'  # as the values of the profile name secrets
    options = _OPTIONS

    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        keys = os.path.join(directory.name, 'keys')
        os.mkdir(keys)
        self.node = node.Node(directory.name, {_host(p): _address(p) for p in chart.PROGRAMS},
                              {**_certificates(keys, self.certificates), **_tokens(keys),
                               **self.more_secrets()})
        self.addCleanup(self.node.leave)
        self.specs = dict(chart.pod_specs(self.documents()))

    def documents(self, *options):
        return chart.documents(self.profile, '--set', ','.join(self.options + options))

    def more_secrets(self):
        return {}

    def start(self, program):
        found = self.documents('listenAddress=' + _address(program))
        for document in chart.of_kind(found, 'ConfigMap'):
            for key, content in document['data'].items():
                self.node.add(document['metadata']['name'], key, content.encode())
        self.node.start(program, dict(chart.pod_specs(found))[program])

    def await_ready(self, program):
        container = self.specs[program]['containers'][0]
        end = time.monotonic() + 60
        while self.node.probe(_address(program), container, 'readiness') != 200:
            if time.monotonic() > end:
                self.fail('{} is not ready: {}'.format(program, self.node.log(program)[-2000:]))
            time.sleep(0.05)
        self.assertEqual(self.node.probe(_address(program), container, 'liveness'), 200)
        self.assertEqual(self.node.probe(_address(program), container, 'startup'), 200)

    def check_pod(self, name):
        for container in self.specs[name]['containers']:
            container = dict(container)
            container['args'] = [
                word.replace('/usr/share/baliprocess/data', os.path.join(chart.ROOT, 'deploy/data'))
                for word in container['args']]
            made = self.node.run(name, self.specs[name], container)
            self.assertEqual(made.returncode, 0, container['name'] + made.stdout + made.stderr)

    def test_from_the_start_to_the_end(self):
        for program in chart.PROGRAMS:
            self.start(program)
        for program in chart.PROGRAMS:
            self.await_ready(program)
        self.check_pod('load')
        self.check_pod('test')
        self.assertEqual(self.node.stop(), [0, 0, 0, 0])
        for program in chart.PROGRAMS:
            self.assertNotIn(_PASSWORD, self.node.log(program))


class OnPostgres(Sqlite):
    profile = 'postgres'
    certificates = 'suite-baliprocess-{}-tls'
    options = _OPTIONS + (
        'tokens.oidcIssuer=', 'tokens.existingConfigMap=bali-jwks', 'tokens.rolesClaim=roles',
        'postgres.sslMode=disable', 'postgres.authority.existingConfigMap=') + tuple(
            '{0}.store.url=postgresql://{0}@127.0.0.1/{0}'.format(program)
            for program in chart.PROGRAMS[:3])

    def more_secrets(self):
        """Starts a server whose users need a password."""
        server = postgres.Postgres(port=5432)
        self.addCleanup(server.remove)
        for service in chart.PROGRAMS[:3]:
            server.query("CREATE ROLE {} LOGIN PASSWORD '{}'".format(service, _PASSWORD))
            server.query("CREATE DATABASE {0} OWNER {0} TEMPLATE template0 ENCODING 'UTF8' "
                         "LC_COLLATE 'C' LC_CTYPE 'C'".format(service))
        path = server.query('SHOW hba_file').strip()
        with open(path, 'w', encoding='ascii') as file:
            file.write('local all postgres trust\nhost all all 127.0.0.1/32 scram-sha-256\n')
        server.query('SELECT pg_reload_conf()')
        return {'bali-{}-store'.format(service): {'password': _PASSWORD.encode()}
                for service in chart.PROGRAMS[:3]}


if __name__ == '__main__':
    node.enter()
    unittest.main()
