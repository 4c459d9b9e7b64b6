#!/usr/bin/python3
"""The programs started as the chart says, with files, names and probes as a node has them, and with
secrets made by the commands of docs/operate/kubernetes.md. The Job that loads the record and the
pods of `helm test` run against them. Needs root, BALI_BIN, and tests/system in PYTHONPATH."""

import os
import tempfile
import unittest

import chart
import node
import page
import postgres
import process

_OPTIONS = ('load.enabled=true', 'load.token.existingSecret=bali-token',
            'tests.token.existingSecret=bali-token', 'gateway.service.port=8443')


def _address(program):
    return '127.0.7.%d' % (1 + chart.PROGRAMS.index(program))


def _host(program):
    return 'record-baliprocess-{}.record.svc'.format(program)


class Sqlite(unittest.TestCase):
    """What is tried with each profile."""

    profile = 'sqlite'
    options = _OPTIONS
    passwords = ()

    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.node = node.Node(directory.name, {_host(p): _address(p) for p in chart.PROGRAMS},
                              {**page.run('Secrets', directory.name),
                               **self.more_secrets(directory.name)})
        self.addCleanup(self.node.leave)
        self.specs = dict(chart.pod_specs(self.documents()))

    def documents(self, *options):
        return chart.documents(self.profile, '--set', ','.join(self.options + options))

    def more_secrets(self, _):
        return {}

    def start(self, program):
        found = self.documents('listenAddress=' + _address(program))
        for document in chart.of_kind(found, 'ConfigMap'):
            for key, content in document['data'].items():
                self.node.add(document['metadata']['name'], key, content.encode())
        self.node.start(program, dict(chart.pod_specs(found))[program])

    def await_ready(self, program):
        container = self.specs[program]['containers'][0]
        process.wait_for(
            lambda: self.node.probe(_address(program), container, 'readiness') == 200,
            program + ' is ready')
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
            for password in self.passwords:
                self.assertNotIn(password, self.node.log(program))


class OnPostgres(Sqlite):
    profile = 'postgres'
    options = _OPTIONS + (
        'tokens.oidcIssuer=', 'tokens.existingConfigMap=bali-jwks', 'tokens.rolesClaim=roles',
        'postgres.sslMode=disable', 'postgres.authority.existingConfigMap=',
        'certificates.source=secrets') + tuple(
            'certificates.secrets.{0}=bali-{0}-tls'.format(program)
            for program in chart.PROGRAMS) + tuple(
                '{0}.store.url=postgresql://{0}@127.0.0.1/{0}'.format(service)
                for service in chart.PROGRAMS[:3])

    def more_secrets(self, directory):
        """Starts a server whose users need a password."""
        server = postgres.Postgres(port=5432)
        self.addCleanup(server.remove)
        secrets = page.run('PostgreSQL', directory,
                           {'PGHOST': '127.0.0.1', 'PGUSER': 'postgres', 'PGDATABASE': 'postgres'})
        with open(server.query('SHOW hba_file').strip(), 'w', encoding='ascii') as file:
            file.write('local all postgres trust\nhost all all 127.0.0.1/32 scram-sha-256\n')
        server.query('SELECT pg_reload_conf()')
        self.passwords = [secrets['bali-{}-store'.format(service)]['password'].decode()
                          for service in chart.PROGRAMS[:3]]
        return secrets


if __name__ == '__main__':
    node.enter()
    unittest.main()
