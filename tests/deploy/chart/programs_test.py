#!/usr/bin/python3
"""The programs started as the chart says, with files, names and probes as a node has them, and with
secrets made by the commands of docs/operate/kubernetes.md. The Job that loads the record, the
backup and the pods of `helm test` run against them, and what the page says of restoring. Needs root, BALI_BIN, and tests/system in PYTHONPATH."""

import glob
import json
import os
import re
import tempfile
import time
import unittest

import yaml

import chart
import node
import page
import postgres
import process
import typed

_OPTIONS = ('load.enabled=true', 'load.token.existingSecret=bali-token',
            'tests.token.existingSecret=bali-token', 'gateway.service.port=8443', 'backup.keep=2')
_OLD = ['20200101T000000Z', '20210101T000000Z']  # times of backups that were made before


def _address(program):
    return '127.0.7.%d' % (1 + chart.PROGRAMS.index(program))


def _host(program):
    return 'record-baliprocess-{}.record.svc'.format(program)


def _scaled(words):
    """The components that kubectl is told to scale: by their names, or by a selector of components."""
    told = ' '.join(words)
    return [program for program in chart.PROGRAMS if re.search(r'\b{}\b'.format(program), told)]


def _as_of(moment):
    """What the page says of a restore as of a moment."""
    blocks = page.blocks(Sqlite.restore)
    _, restore, claim = (block.strip() for block in page.blocks(
        Sqlite.restore + ' as it was at a moment'))
    for line, found in ((restore.replace('2024-12-31T23:59:59Z', moment), 'balictl restore .*'),
                        (claim, 'persistentVolumeClaim: {claimName: backups}')):
        blocks[0], count = re.subn(found, lambda _, line=line: line, blocks[0])
        if count != 1:
            raise AssertionError('the page has no such line: ' + found)
    return blocks


class Sqlite(unittest.TestCase):
    """What is tried with each profile."""

    profile = 'sqlite'
    options = _OPTIONS + ('defaults.shipping.enabled=true',)
    passwords = ()
    restore = 'Restore with SQLite'
    kind = '.db'
    environment = {}

    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.directory = temporary.name
        addresses = {_host(p): _address(p) for p in chart.PROGRAMS}
        addresses['db1.example.org'] = addresses['db2.example.org'] = '127.0.0.1'
        self.node = node.Node(self.directory, addresses,
                              {**page.run('Secrets', self.directory),
                               **self.more_secrets(self.directory)})
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

    def check_pod(self, name, spec=None):
        """Runs the containers of a pod to their end. What they print."""
        spec = spec or self.specs[name]
        printed = ''
        for container in spec['containers']:
            container = dict(container)
            container['args'] = [
                word.replace('/usr/share/baliprocess/data', os.path.join(chart.ROOT, 'deploy/data'))
                for word in container['args']]
            made = self.node.run(name, spec, container)
            self.assertEqual(made.returncode, 0, container['name'] + made.stdout + made.stderr)
            printed += made.stdout
        return printed

    def ask(self, *arguments):
        """What balictl prints, as the secretariat."""
        (container,) = self.specs['load']['containers']
        return self.check_pod('load', dict(self.specs['load'],
                                           containers=[dict(container, args=list(arguments))]))

    def backups(self):
        folder = self.node.claim('backups')
        os.makedirs(folder, exist_ok=True)
        return folder, sorted(name for name in os.listdir(folder) if not name.endswith('.json'))

    def check_backup(self):
        folder, _ = self.backups()
        for service in chart.PROGRAMS[:3]:
            for time in _OLD:
                with open(os.path.join(folder, service + '-' + time + self.kind), 'wb'):
                    pass
        self.check_pod('backup')
        _, names = self.backups()
        self.assertEqual(len(names), 6)
        for service in chart.PROGRAMS[:3]:
            older, newer = [name for name in names if name.startswith(service)]
            self.assertIn(_OLD[1], older)
            self.assertTrue(newer.endswith(self.kind))

    def obey(self, words, given):
        """Does what kubectl was told, as far as a node is concerned."""
        self.assertEqual(words[:2], ['-n', 'record'])
        if words[2] == 'scale':
            for program in _scaled(words):
                if '--replicas=0' in words:
                    self.assertEqual(self.node.stop(program), [0])
                else:
                    self.start(program)
                    self.await_ready(program)
        elif words[2] == 'apply':
            (made,) = yaml.safe_load_all(given)
            self.assertEqual(typed.errors([made]), '')
            if made['kind'] != 'PersistentVolumeClaim':
                spec = made['spec'] if made['kind'] == 'Pod' else made['spec']['template']['spec']
                self.printed += self.check_pod(made['metadata']['name'], self.on_this_node(spec))
        elif words[2:4] == ['create', 'job'] and words[-1].endswith('-verify'):
            self.printed += self.check_pod('verify')
        else:
            self.assertIn(words[2], ('wait', 'rollout', 'logs', 'delete', 'create'))

    def on_this_node(self, spec):
        return spec

    def follow(self, *blocks):
        """Does what blocks of the page say. What their pods print."""
        self.printed = ''
        for text in blocks:
            for words, given in page.calls(text, self.directory, self.environment):
                self.obey(words, given)
        return self.printed

    def check_records(self):
        printed = self.follow(*page.blocks('Verify'))
        for record in ('Member', 'Meeting', 'Activity'):
            self.assertRegex(printed, record + r': [1-9]\d* records, 0 differ')
        self.assertNotRegex(printed, '[1-9] differ')

    def create_forum(self, name):
        self.ask('call', 'CreateExternalForum',
                 json.dumps({'external_forum': {'display_name': name}}))

    def check_moment(self):
        """A restore as of a moment, from what is shipped since the restore before."""
        for service in chart.PROGRAMS[:3]:
            folder = self.node.claim('record-baliprocess-{}-shipped'.format(service))
            chains = os.path.join(folder, service + '-*', '*.copy')
            process.wait_for(lambda: len(glob.glob(chains)) == 2, service + ' ships again')
        self.create_forum('Before the moment')
        moment = int(time.time()) + 1
        process.wait_for(lambda: time.time() > moment, 'the moment is over')
        self.create_forum('After the moment')
        self.follow(*_as_of(time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(moment))))
        self.check_records()
        forums = self.ask('list', 'externalForums')
        self.assertIn('Before the moment', forums)
        self.assertNotIn('After the moment', forums)

    def test_from_the_start_to_the_end(self):
        for program in chart.PROGRAMS:
            self.start(program)
        for program in chart.PROGRAMS:
            self.await_ready(program)
        self.check_pod('load')
        self.check_pod('test')
        self.ask('call', 'CreateOfficial', json.dumps({'official_id': 'erased', 'official': {
            'display_name': 'Erased later', 'member': 'members/aus'}}))
        self.follow(*page.blocks('Back up'))
        self.check_backup()
        members = self.ask('list', 'members')
        self.create_forum('After the backup')
        self.ask('call', 'EraseOfficial', '{"name": "officials/erased"}')
        self.follow(*page.blocks(self.restore))
        self.check_records()
        self.assertEqual(self.ask('list', 'members'), members)
        self.assertNotIn('After the backup', self.ask('list', 'externalForums'))
        officials = self.ask('list', 'officials')
        self.assertIn('officials/erased', officials)
        self.assertNotIn('Erased later', officials)  # which the backup has
        self.check_moment()
        self.check_pod('test')
        self.assertEqual(self.node.stop(), [0, 0, 0, 0])
        for program in chart.PROGRAMS:
            for password in self.passwords:
                self.assertNotIn(password, self.node.log(program))


class OnPostgres(Sqlite):
    profile = 'postgres'
    restore = 'Restore with PostgreSQL'
    kind = '.dump'
    options = _OPTIONS + (
        'defaults.erasures.enabled=true', 'tokens.oidcIssuer=', 'tokens.existingConfigMap=bali-jwks', 'tokens.rolesClaim=roles',
        'postgres.sslMode=disable', 'postgres.authority.existingConfigMap=',
        'certificates.source=secrets') + tuple(
            'certificates.secrets.{0}=bali-{0}-tls'.format(program)
            for program in chart.PROGRAMS + ('operator',)) + tuple(
                '{0}.store.url=postgresql://{0}@127.0.0.1/{0}'.format(service)
                for service in chart.PROGRAMS[:3])

    def more_secrets(self, directory):
        """Starts a server whose users need a password."""
        server = postgres.Postgres(port=5432)
        self.addCleanup(server.remove)
        self.environment = {'PGHOST': server.directory, 'PGUSER': 'postgres',
                            'PGDATABASE': 'postgres'}
        secrets = page.run('PostgreSQL', directory,
                           {'PGHOST': '127.0.0.1', 'PGUSER': 'postgres', 'PGDATABASE': 'postgres'})
        with open(server.query('SHOW hba_file').strip(), 'w', encoding='ascii') as file:
            file.write('local all postgres trust\nhost all all 127.0.0.1/32 scram-sha-256\n')
        server.query('SELECT pg_reload_conf()')
        self.passwords = [secrets['bali-{}-store'.format(service)]['password'].decode()
                          for service in chart.PROGRAMS[:3]]
        return {**secrets, 'postgres-authority': {'ca.crt': b''}}

    def on_this_node(self, spec):
        """Its server has no certificate."""
        text = json.dumps(spec)
        self.assertIn('"verify-full"', text)
        return json.loads(text.replace('"verify-full"', '"disable"'))

    def check_backup(self):
        folder, _ = self.backups()
        with open(os.path.join(folder, 'meetings-' + _OLD[0] + '.dump.part'), 'wb'):
            pass  # what broke off
        super().check_backup()

    def check_moment(self):
        """Is PostgreSQL's own affair."""


if __name__ == '__main__':
    node.enter()
    unittest.main()
