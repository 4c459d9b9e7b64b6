#!/usr/bin/python3
"""The chart as helm renders it, for each set of values in ci/."""

import base64
import copy
import json
import os
import re
import shutil
import subprocess
import tempfile
import unittest

import yaml

import chart
import page
import typed

# Kubernetes that the chart says it runs on at least, and what it had.
_OLDEST = ('--kube-version', '1.20.2')


def flags_of(program):
    """The flags that a program knows, by its --help."""
    path = os.path.join(os.environ['BALI_BIN'], program)
    said = subprocess.run([path, '--help'], capture_output=True, text=True, check=True).stdout
    return set(re.findall(r'^  --([a-z0-9_]+)$', said, re.MULTILINE))


class Rendering(unittest.TestCase):
    def test_helm_lints_every_profile(self):
        for profile in chart.profiles():
            with self.subTest(profile):
                made = chart.helm('lint', '--strict', chart.CHART, '--values',
                                  chart.values_file(profile))
                self.assertEqual(made.returncode, 0, made.stdout + made.stderr)

    def test_every_document_has_its_type(self):
        for profile in chart.profiles():
            with self.subTest(profile):
                self.assertEqual(typed.errors(chart.documents(profile)), '')

    def test_an_unknown_field_and_a_wrong_type_are_seen(self):
        for profile, kind, path, value in (
                ('sqlite', 'StatefulSet', ('spec', 'template', 'spec', 'readOnly'), True),
                ('full', 'ServiceMonitor', ('spec', 'endpoint'), []),
                ('postgres', 'Certificate', ('spec', 'secret'), 'x'),
                ('sqlite-full', 'TLSRoute', ('spec', 'host'), 'x'),
                ('sqlite', 'Service', ('spec', 'type'), 7)):
            with self.subTest(kind):
                document = copy.deepcopy(
                    chart.of_kind(chart.documents(profile), kind)[0])
                place = document
                for key in path[:-1]:
                    place = place[key]
                place[path[-1]] = value
                self.assertIn(path[-1], typed.errors([document]))

    def test_every_port_names_its_protocol(self):
        """As applying on the server's side wants it, and balancers."""
        for profile in chart.profiles():
            for service in chart.of_kind(chart.documents(profile), 'Service'):
                for port in service['spec']['ports']:
                    with self.subTest(profile, service=service['metadata']['name']):
                        self.assertEqual(port.get('protocol'), 'TCP')
                        self.assertIn(port.get('appProtocol'), ('grpc', 'https', 'http'))
            for _, spec in chart.pod_specs(chart.documents(profile)):
                for container in spec['containers']:
                    for port in container.get('ports', ()):
                        self.assertEqual(port.get('protocol'), 'TCP', container['name'])

    def test_names_are_unique(self):
        for profile in chart.profiles():
            names = [(d['kind'], d['metadata']['name']) for d in chart.documents(profile)]
            self.assertEqual(len(names), len(set(names)), profile)
            # So two releases in one namespace don't take each other's names.
            wanted = 'record' if profile == 'sqlite-full' else 'record-baliprocess'
            for _, name in names:
                self.assertTrue(name.startswith(wanted + '-'), name)

    def test_versions_of_an_old_kubernetes(self):
        # Without a server helm believes that there are policy/v1 and autoscaling/v2.
        found = chart.documents('full', *_OLDEST)
        versions = {d['kind']: d['apiVersion'] for d in found}
        self.assertEqual(versions['CronJob'], 'batch/v1beta1')
        text = json.dumps(found) + json.dumps(chart.documents('sqlite', *_OLDEST))
        for field in ('unhealthyPodEvictionPolicy', 'timeZone', 'RetentionPolicy'):
            self.assertNotIn(field, text)

    def test_monitoring_files_are_those_of_deploy_monitoring(self):
        made = subprocess.run(
            [os.path.join(chart.ROOT, 'deploy/kubernetes/copy-monitoring'), '--check'],
            capture_output=True, text=True, check=False)
        self.assertEqual(made.returncode, 0, made.stdout + made.stderr)

    def test_alerts_and_dashboards(self):
        files = os.path.join(chart.CHART, 'files')
        found = chart.documents('sqlite', '--set', 'monitoring.rules.enabled=true', '--set',
                                'monitoring.rules.runbooks=https://wiki.example.org',
                                '--set', 'monitoring.dashboards.enabled=true')
        self.assertEqual(typed.errors(found), '')
        rules = json.dumps(chart.of_kind(found, 'PrometheusRule')[0])
        self.assertIn('https://wiki.example.org', rules)
        self.assertNotIn('docs/operate/runbooks', rules)
        boards = [d for d in chart.of_kind(found, 'ConfigMap')
                  if 'grafana_dashboard' in d['metadata']['labels']]
        wanted = sorted(os.listdir(os.path.join(files, 'dashboards')))
        self.assertEqual(sorted(key for d in boards for key in d['data']), wanted)


class Upgrades(unittest.TestCase):
    def test_what_kubernetes_lets_nobody_change_stays(self):
        def fixed(*values):
            return {d['metadata']['name']:
                    [d['spec'].get(key) for key in ('selector', 'serviceName',
                                                    'volumeClaimTemplates', 'podManagementPolicy')]
                    for d in chart.of_kind(chart.documents('sqlite', *values), 'StatefulSet',
                                           'Deployment')}

        self.assertEqual(fixed(), fixed('--set', 'commonLabels.team=other,image.tag=9.9.9,'
                                        'defaults.pod.labels.a=b,commonAnnotations.c=d,'
                                        'defaults.shipping.enabled=true'))

    def test_a_new_chart_alone_restarts_nothing(self):
        with tempfile.TemporaryDirectory() as directory:
            newer = os.path.join(directory, 'baliprocess')
            shutil.copytree(chart.CHART, newer)
            path = os.path.join(newer, 'Chart.yaml')
            with open(path, encoding='utf-8') as file:
                text = file.read()
            with open(path, 'w', encoding='utf-8') as file:
                file.write(re.sub('^version: .*', 'version: 9.9.9', text, flags=re.MULTILINE))
            made = chart.template('postgres', chart=newer)
        self.assertEqual(made.returncode, 0, made.stderr)
        self.assertIn('baliprocess-9.9.9', made.stdout)
        self.assertEqual(_templates(yaml.safe_load_all(made.stdout)),
                         _templates(chart.documents('postgres')))


class Page(unittest.TestCase):
    def test_commands_of_helm(self):
        titles = ('Install', 'Upgrade and go back', 'Change it',
                  'Replace the key of practitioners', 'Restore with SQLite as it was at a moment',
                  'Lists of erasures with PostgreSQL')
        lines = [line for title in titles for line in '\n'.join(page.blocks(title)).splitlines()]
        made = [line for line in lines if line.startswith(('helm install', 'helm upgrade'))]
        self.assertEqual(len(made), 7, lines)
        for line in made:
            profile = 'postgres' if 'erasures' in line else 'sqlite'
            line = line.replace('--reuse-values', '--values ' + chart.values_file(profile))
            words = line.replace('helm install', 'template').replace(
                'helm upgrade', 'template').split()
            done = subprocess.run([chart.HELM, *words], cwd=chart.ROOT, capture_output=True,
                                  text=True, check=False)
            self.assertEqual(done.returncode, 0, done.stderr)

    def test_a_key_is_added_beside_the_one_that_there_is(self):
        (key, *_) = page.blocks('Replace the key of practitioners')
        with tempfile.TemporaryDirectory() as directory:
            ((words, _),) = page.calls(key, directory)
            with open(os.path.join(directory, 'identity-2.key'), 'rb') as file:
                made = file.read()
        self.assertEqual(words[:5], ['-n', 'record', 'patch', 'secret', 'bali-identity-key'])
        data = json.loads(words[-1])['data']
        self.assertEqual({name: base64.b64decode(text) for name, text in data.items()},
                         {'identity-2.key': made})

    def test_a_volume_that_is_enlarged_has_the_name_that_the_chart_gives_it(self):
        with tempfile.TemporaryDirectory() as directory:
            (resize, remove) = page.calls(page.blocks('Change it')[0].partition('helm')[0], directory)
        (name,) = [d['metadata']['name'] for d in chart.of_kind(chart.documents('sqlite'),
                                                                 'StatefulSet')
                   if chart.component(d) == 'meetings']
        self.assertEqual(resize[0][3:5], ['pvc', 'records-{}-0'.format(name)])
        self.assertIn('resources', json.loads(resize[0][-1])['spec'])
        self.assertEqual(remove[0][3:], ['statefulset', name, '--cascade=orphan'])

    def test_a_list_of_erasures_is_where_the_page_reads_it(self):
        found = chart.documents('postgres', '--set', 'defaults.erasures.enabled=true')
        (name,) = [d['metadata']['name'] for d in chart.of_kind(found, 'StatefulSet')
                   if chart.component(d) == 'membership']
        with tempfile.TemporaryDirectory() as directory:
            ((words, _),) = page.calls(page.blocks('Lists of erasures with PostgreSQL')[1], directory)
        self.assertEqual(words[2:], ['exec', name + '-0', '--', 'cat',
                                     chart.settings(found, 'membership')['erasure_list']])

    def test_words_that_name_values(self):
        with open(os.path.join(chart.CHART, 'values.schema.json'), encoding='utf-8') as file:
            known = json.load(file)['properties']
        for title in ('Watch it', 'Change it', 'Back up', 'What else', 'Secrets', 'PostgreSQL'):
            for name in re.findall(r'`(\w+)\.(\w+)[.\w]*[`:]', page.section(title)):
                if name[0] in known and '$ref' not in known[name[0]]:
                    self.assertIn(name[1], known[name[0]]['properties'])

    def test_the_table_of_values_is_up_to_date(self):
        made = subprocess.run([os.path.join(chart.HERE, 'values_table.py'), '--check'],
                              capture_output=True, text=True, check=False)
        self.assertEqual(made.returncode, 0, made.stderr)

    def notes(self, profile, values=''):
        made = chart.helm('install', 'record', chart.CHART, '--namespace', 'record', '--values',
                          chart.values_file(profile), '--dry-run=client', '--set', values)
        self.assertEqual(made.returncode, 0, made.stderr)
        return made.stdout

    def test_notes_tell_what_to_type(self):
        notes = self.notes('postgres')
        for line in ('kubectl -n record rollout status deployment/record-baliprocess-membership',
                     'helm -n record test record --logs',
                     'get secret record-baliprocess-gateway-tls'):
            self.assertIn(line, notes)

    def test_notes_tell_what_can_not_be_restored(self):
        for shipping, told in ((), 'in membership, meetings, capacity: set shipping.enabled'), (
                ('membership', 'capacity'), 'in meetings: set shipping.enabled'), (
                    chart.PROGRAMS[:3], ''):
            notes = self.notes('sqlite', ','.join(
                service + '.shipping.enabled=true' for service in shipping))
            self.assertIn(told, notes)
            self.assertEqual('between two backups' in notes, bool(told))

    def test_notes_tell_who_is_there_again_after_a_restore(self):
        notes = self.notes('postgres', 'meetings.erasures.enabled=true,'
                           'capacity.settings.erasure_list=/elsewhere/list')
        self.assertIn('in membership: set erasures.enabled', notes)
        self.assertIn('rollout status statefulset/record-baliprocess-meetings', notes)
        self.assertNotIn('set erasures.enabled', self.notes('postgres', 'defaults.erasures.enabled=true'))
        self.assertNotIn('set erasures.enabled', self.notes('sqlite'))


class Settings(unittest.TestCase):
    def test_every_flag_is_one_of_the_program(self):
        for profile in chart.profiles():
            found = chart.documents(profile)
            for program in chart.PROGRAMS:
                with self.subTest(profile + ' ' + program):
                    passed = set(chart.settings(found, program))
                    for argument in chart.program_container(found, program)['args']:
                        passed.add(argument.lstrip('-').split('=')[0])
                    self.assertLessEqual(passed, flags_of(program))

    def test_services_with_a_volume_list_what_they_erase(self):
        for program in ('membership', 'meetings', 'capacity'):
            listed = chart.settings(chart.documents('sqlite'), program)['erasure_list']
            self.assertEqual(listed, '/var/lib/baliprocess/{}.erasures'.format(program))
            self.assertNotIn('erasure_list', chart.settings(chart.documents('postgres'), program))
            own = chart.settings(chart.documents(
                'sqlite', '--set', program + '.settings.erasure_list=/elsewhere/list'), program)
            self.assertEqual(own['erasure_list'], '/elsewhere/list')

    def test_replicas_list_what_they_erase_in_volumes_of_their_own(self):
        found = chart.documents('full')
        self.assertEqual(chart.settings(found, 'membership')['erasure_list'],
                         '/erasures/membership.erasures')
        self.assertNotIn('erasure_list', chart.settings(found, 'meetings'))
        (made,) = chart.of_kind(found, 'StatefulSet')
        self.assertEqual(chart.component(made), 'membership')
        self.assertEqual(made['spec']['podManagementPolicy'], 'Parallel')
        self.assertEqual(made['spec']['minReadySeconds'], 10)
        # A replica that is taken away keeps its list.
        self.assertEqual(made['spec']['persistentVolumeClaimRetentionPolicy'],
                         {'whenDeleted': 'Retain', 'whenScaled': 'Retain'})
        (claim,) = made['spec']['volumeClaimTemplates']
        self.assertEqual((claim['metadata']['name'], claim['metadata']['annotations']),
                         ('erasures', {'backup': 'hourly'}))
        self.assertEqual(claim['spec'], {
            'accessModes': ['ReadWriteOncePod'], 'storageClassName': 'local',
            'resources': {'requests': {'storage': '100Mi'}}})
        mounts = {mount['name']: mount['mountPath'] for mount in
                  chart.program_container(found, 'membership')['volumeMounts']}
        self.assertEqual(mounts['erasures'], '/erasures')
        self.assertNotIn('records', mounts)
        (scaled,) = [d['spec']['scaleTargetRef']['kind']
                     for d in chart.of_kind(found, 'HorizontalPodAutoscaler')
                     if chart.component(d) == 'membership']
        self.assertEqual(scaled, 'StatefulSet')
        self.assertEqual(chart.of_kind(chart.documents('postgres'), 'StatefulSet'), [])

    def test_what_changes_is_shipped_where_that_is_asked_for(self):
        found = chart.documents('sqlite-full')
        said = {program: (chart.settings(found, program).get('ship_changes'),
                          chart.settings(found, program).get('keep_shipped'))
                for program in chart.PROGRAMS}
        self.assertEqual(said, {'membership': ('/shipped', '168h'), 'meetings': ('/shipped', '720h'),
                                'capacity': (None, None), 'gateway': (None, None)})
        claims = {}
        for program, spec in chart.pod_specs(found):
            for volume in spec['volumes']:
                if volume['name'] == 'shipped':
                    claims[program] = volume['persistentVolumeClaim']['claimName']
                    mounts = {mount['name']: mount for mount in spec['containers'][0]['volumeMounts']}
                    self.assertEqual(mounts['shipped'], {'name': 'shipped', 'mountPath': '/shipped'})
        self.assertEqual(claims, {'membership': 'shipped', 'meetings': 'record-meetings-shipped'})

    def test_the_claim_of_what_is_shipped_outlives_the_release(self):
        (claim,) = chart.of_kind(chart.documents('sqlite-full'), 'PersistentVolumeClaim')
        self.assertEqual(claim['metadata']['name'], 'record-meetings-shipped')
        self.assertEqual(claim['metadata']['annotations'],
                         {'helm.sh/resource-policy': 'keep', 'backup': 'never'})
        self.assertEqual(claim['spec'], {
            'accessModes': ['ReadWriteMany'], 'storageClassName': 'slow',
            'resources': {'requests': {'storage': '1Ti'}}})

    def test_the_schema_knows_the_flags_that_may_be_set(self):
        with open(os.path.join(chart.CHART, 'values.schema.json'), encoding='utf-8') as file:
            definitions = json.load(file)['definitions']
        common = None
        for program in chart.PROGRAMS:
            known = set(definitions[program + 'Settings']['propertyNames']['enum'])
            self.assertEqual(known, flags_of(program) - _SET_BY_THE_CHART - _NOT_IN_PODS)
            common = known if common is None else common & known
        self.assertEqual(set(definitions['settings']['propertyNames']['enum']), common)

    def test_a_change_of_settings_rolls_the_pods_and_no_others(self):
        before = _annotations(chart.documents('sqlite'))
        after = _annotations(chart.documents('sqlite', '--set', 'meetings.settings.max_streams=7'))
        self.assertEqual([name for name in before if before[name] != after[name]], ['meetings'])

    def test_numbers_are_written_out(self):
        self.assertEqual(chart.settings(chart.documents('full'), 'gateway')['max_body_bytes'],
                         '134217728')
        self.assertEqual(chart.settings(chart.documents('full'), 'gateway')['repeat_ratio'], '0.1')

    def test_the_grace_is_longer_than_the_drain(self):
        for profile in chart.profiles():
            found = chart.documents(profile)
            for program in chart.PROGRAMS:
                said = chart.settings(found, program)
                drain = int(said['drain_delay'][:-1]) + int(said['drain_deadline'][:-1])
                for owner, spec in chart.pod_specs(found):
                    if owner == program:
                        self.assertGreater(spec['terminationGracePeriodSeconds'], drain)


_SET_BY_THE_CHART = {
    'listen', 'admin_listen', 'admin_allow_remote', 'drain_delay', 'drain_deadline', 'tls_cert',
    'tls_key', 'jwks', 'issuers', 'oidc_issuer', 'oidc_client_id', 'token_issuer', 'token_audience',
    'roles_claim', 'member_claim', 'store', 'store_password_file', 'tls_client_ca', 'client_names', 'peers',
    'peer_ca', 'identity_key_file', 'upstream', 'upstream_ca', 'upstream_cert', 'upstream_key',
    'client_certificates', 'client_ca', 'client_identities', 'internal_signing_key',
    'ship_changes', 'keep_shipped', 'otlp_endpoint', 'config'}
_NOT_IN_PODS = {'help', 'version', 'port_file', 'print_schema', 'allow_plaintext'}


def _templates(found):
    return {chart.component(d): d['spec']['template']
            for d in chart.of_kind([d for d in found if d], 'Deployment', 'StatefulSet')}


def _annotations(found):
    return {name: made['metadata']['annotations'] for name, made in _templates(found).items()}


if __name__ == '__main__':
    unittest.main()
