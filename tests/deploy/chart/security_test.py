#!/usr/bin/python3
"""Who may see and reach what, in the documents that the chart makes."""

import json
import os
import unittest

import chart


def _secrets(spec):
    """The secrets that a pod sees: a dict of name to the keys of it, None for all keys."""
    seen = {}
    for volume in spec.get('volumes', []):
        secret = volume.get('secret')
        if secret:
            keys = {item['key'] for item in secret['items']} if 'items' in secret else None
            known = seen.get(secret['secretName'], set())
            seen[secret['secretName']] = None if keys is None or known is None else known | keys
    for container in spec['containers']:
        for variable in container.get('env', []):
            reference = variable.get('valueFrom', {}).get('secretKeyRef')
            if reference:
                seen.setdefault(reference['name'], set()).add(reference['key'])
    return seen


def _each_pod():
    for profile in chart.profiles():
        for owner, spec in chart.pod_specs(chart.documents(profile)):
            yield profile, owner, spec


class Secrets(unittest.TestCase):
    def test_no_secret_is_made(self):
        for profile in chart.profiles():
            self.assertEqual(chart.of_kind(chart.documents(profile), 'Secret'), [])

    def test_each_process_sees_its_own_certificate_alone(self):
        names = {'sqlite': 'bali-{}-tls', 'postgres': 'record-baliprocess-{}-tls',
                 'sqlite-full': 'record-{}-tls', 'full': 'bali-{}-tls'}
        self.assertEqual(sorted(names), chart.profiles())
        for profile, owner, spec in _each_pod():
            seen = _secrets(spec)
            if owner == 'verify' or owner == 'backup' and profile.startswith('sqlite'):
                owner = 'operator'
            for program in chart.PROGRAMS + ('operator',):
                keys = seen.get(names[profile].format(program), set())
                if owner == program:
                    self.assertTrue(keys, (profile, owner))
                else:
                    # Clients of the gateway see who signed its certificate.
                    self.assertLessEqual(keys, {'ca.crt', 'authority.pem'}, (profile, owner))

    def test_capacity_alone_sees_the_identity_key(self):
        for profile, owner, spec in _each_pod():
            self.assertEqual('bali-identity-key' in _secrets(spec), owner == 'capacity', profile)

    def test_an_identity_key_is_replaced_beside_the_old_one(self):
        found = chart.documents('full')
        folder = '/etc/baliprocess/identity/'
        self.assertEqual(chart.settings(found, 'capacity')['identity_key_file'],
                         folder + 'identity.key,' + folder + 'previous.key')
        spec = dict(chart.pod_specs(found))['capacity']
        (volume,) = [v for v in spec['volumes'] if v['name'] == 'identity']
        self.assertEqual(volume['secret']['items'],
                         [{'key': 'identity.key', 'path': 'identity.key'},
                          {'key': 'old.key', 'path': 'previous.key'}])

    def test_each_service_sees_its_own_store_alone(self):
        for profile, owner, spec in _each_pod():
            stores = {name for name in _secrets(spec) if name.endswith('-store')}
            if owner != 'backup':
                self.assertLessEqual(stores, {'bali-{}-store'.format(owner)}, profile)

    def test_each_dump_sees_one_store_alone(self):
        containers = dict(chart.pod_specs(chart.documents('postgres')))['backup']['containers']
        self.assertEqual([container['name'] for container in containers],
                         list(chart.PROGRAMS[:3]))
        for container in containers:
            self.assertEqual(set(_secrets({'containers': [container]})),
                             {'bali-{}-store'.format(container['name'])})

    def test_a_dump_checks_the_server_as_services_do(self):
        specs = dict(chart.pod_specs(chart.documents('postgres')))
        (service,) = specs['membership']['containers']
        wanted = {variable['name']: variable['value'] for variable in service['env']}
        self.assertEqual(set(wanted), {'PGSSLMODE', 'PGSSLROOTCERT'})
        for container in specs['backup']['containers']:
            env = {variable['name']: variable.get('value') for variable in container['env']}
            self.assertEqual({name: env[name] for name in wanted}, wanted)
            folder = os.path.dirname(wanted['PGSSLROOTCERT'])
            self.assertIn(folder, [mount['mountPath'] for mount in container['volumeMounts']])

    def test_of_the_secret_of_tokens_pods_see_what_is_named(self):
        for name, spec in chart.pod_specs(chart.documents('full')):
            keys = _secrets(spec).get('bali-issuers', set())
            self.assertEqual(keys, {'jwks.json', 'issuers.json', 'desk.json'}
                             if name in chart.PROGRAMS else set(), name)

    def test_a_password_is_a_file(self):
        said = chart.settings(chart.documents('postgres'), 'meetings')
        self.assertEqual(said['store_password_file'], '/etc/baliprocess/store/password')


class Pods(unittest.TestCase):
    def test_pods_are_restricted(self):
        for profile, owner, spec in _each_pod():
            with self.subTest(profile + ' ' + owner):
                self.assertIs(spec['automountServiceAccountToken'], False)
                self.assertIs(spec['enableServiceLinks'], False)
                self.assertIs(spec['securityContext']['runAsNonRoot'], True)
                self.assertEqual(spec['securityContext']['seccompProfile'],
                                 {'type': 'RuntimeDefault'})
                for container in spec['containers']:
                    if container['name'] == 'sidecar':  # of the values
                        continue
                    own = container['securityContext']
                    self.assertIs(own['allowPrivilegeEscalation'], False)
                    self.assertIs(own['readOnlyRootFilesystem'], True)
                    self.assertEqual(own['capabilities'], {'drop': ['ALL']})

    def test_probes_ask_the_port_for_operators(self):
        found = chart.documents('sqlite')
        for program in chart.PROGRAMS:
            container = chart.program_container(found, program)
            ports = {port['name']: port['containerPort'] for port in container['ports']}
            asked = {name: container[name + 'Probe']['httpGet']
                     for name in ('startup', 'liveness', 'readiness')}
            self.assertEqual(asked, {'startup': {'path': '/livez', 'port': 'operators'},
                                     'liveness': {'path': '/livez', 'port': 'operators'},
                                     'readiness': {'path': '/readyz/own', 'port': 'operators'}})
            said = chart.settings(found, program)
            self.assertEqual(said['admin_listen'], '0.0.0.0:%d' % ports['operators'])
            self.assertEqual(said['listen'], '0.0.0.0:%d' % ports['calls'])

    def test_a_probe_may_be_another(self):
        probe = chart.program_container(chart.documents('full'), 'capacity')['livenessProbe']
        self.assertEqual(probe, {'tcpSocket': {'port': 'calls'}})

    def test_replicas(self):
        for document in chart.of_kind(chart.documents('sqlite'), 'StatefulSet'):
            self.assertEqual(document['spec']['replicas'], 1)
        for document in chart.of_kind(chart.documents('postgres'), 'Deployment'):
            self.assertEqual(document['spec']['replicas'], 2)
            self.assertEqual(document['spec']['strategy']['rollingUpdate']['maxUnavailable'], 0)
        for document in chart.of_kind(chart.documents('full'), 'Deployment'):
            # No more pods than nodes, where each has a node of its own.
            self.assertEqual(document['spec']['strategy']['rollingUpdate'],
                             {'maxUnavailable': 1, 'maxSurge': 0})
        scaled = {chart.component(d): 'replicas' in d['spec']
                  for d in chart.of_kind(chart.documents('full'), 'Deployment', 'StatefulSet')}
        self.assertEqual(scaled, {'membership': False, 'meetings': True, 'capacity': False,
                                  'gateway': False})


class Certificates(unittest.TestCase):
    def test_a_certificate_has_the_name_by_which_its_process_is_asked(self):
        found = chart.documents('postgres')
        names = {chart.component(d): d['spec'].get('dnsNames', [])
                 for d in chart.of_kind(found, 'Certificate')}
        upstream = chart.settings(found, 'gateway')['upstream']
        for address in upstream.split(','):
            name, _, place = address.partition('=')
            self.assertIn(place.split(':')[0], names[name])
        for caller in chart.settings(found, 'membership')['client_names'].split(','):
            self.assertTrue(any(caller in hosts for hosts in names.values()), caller)

    def test_the_authority_keeps_its_key(self):
        (authority,) = [d for d in chart.of_kind(chart.documents('postgres'), 'Certificate')
                        if d['spec'].get('isCA')]
        self.assertEqual(authority['spec']['privateKey']['rotationPolicy'], 'Never')

    def test_operators_may_ask_services(self):
        found = chart.documents('sqlite-full')
        for service in chart.PROGRAMS[:3]:
            names = chart.settings(found, service)['client_names'].split(',')
            self.assertEqual(names[-1], 'operator.suite.example.org')
        (made,) = [d for d in chart.of_kind(found, 'Certificate')
                   if chart.component(d) == 'operator']
        self.assertIn('operator.suite.example.org', made['spec']['dnsNames'])
        nobody = chart.documents('sqlite', '--set', 'certificates.secrets.operator=,'
                                 'backup.enabled=false,verify.enabled=false')
        self.assertNotIn('operator', chart.settings(nobody, 'capacity')['client_names'])

    def test_what_clients_see_may_be_another(self):
        said = chart.settings(chart.documents('sqlite-full'), 'gateway')
        self.assertEqual(said['tls_cert'], '/etc/baliprocess/public-tls/tls.crt')
        self.assertEqual(said['upstream_cert'], '/etc/baliprocess/tls/tls.crt')
        public = [d for d in chart.of_kind(chart.documents('sqlite-full'), 'Certificate')
                  if d['metadata']['name'].endswith('-public')]
        self.assertEqual(public[0]['spec']['dnsNames'], ['suite.example.org'])
        self.assertEqual(public[0]['spec']['issuerRef'],
                         {'name': 'public', 'kind': 'ClusterIssuer'})


class Schema(unittest.TestCase):
    def test_it_refuses_unknown_keys_everywhere(self):
        with open(os.path.join(chart.CHART, 'values.schema.json'), encoding='utf-8') as file:
            schema = json.load(file)

        def walk(place, where):
            if isinstance(place, list):
                for index, part in enumerate(place):
                    walk(part, '{}/{}'.format(where, index))
            if not isinstance(place, dict):
                return
            if place.get('type') in ('object', ['object', 'null']):
                # Open alone are objects of Kubernetes' own, which the API server judges.
                self.assertTrue('additionalProperties' in place or '$comment' in place, where)
            for key, part in place.items():
                walk(part, where + '/' + key)

        walk(schema, '')


if __name__ == '__main__':
    unittest.main()
