#!/usr/bin/python3
"""Who reaches whom, by the NetworkPolicies that the chart makes: as they are written, and as a network
that enforces them judges."""

import ipaddress
import unittest

import chart

_NAMESPACE = 'kubernetes.io/metadata.name'
_PORTS = (53, 5353, 5432, 7401, 7402, 7403, 8443, 9440)
# Others than the release's pods: namespace, labels and address.
_OTHERS = {
    'beside': ('record', {'app': 'another'}, '10.0.1.1'),
    'stranger': ('elsewhere', {}, '10.0.1.2'),
    'prometheus': ('monitoring', {}, '10.0.1.3'),
    'dns': ('kube-system', {}, '10.0.1.4'),
    'server': (None, {}, '10.1.0.7'),  # PostgreSQL, outside of the cluster
    'world': (None, {}, '203.0.113.9'),
}
_SERVER = '[{"ipBlock":{"cidr":"10.1.0.0/16"}}]'


def _selects(selector, labels):
    for rule in selector.get('matchExpressions', []):
        if rule['operator'] == 'In':
            agrees = labels.get(rule['key']) in rule['values']
        elif rule['operator'] == 'Exists':
            agrees = rule['key'] in labels
        else:
            raise AssertionError('no judgement of ' + rule['operator'])
        if not agrees:
            return False
    return all(labels.get(key) == value for key, value in selector.get('matchLabels', {}).items())


class _Network:
    """`documents` are those of a release in the namespace `record`."""

    def __init__(self, documents):
        self.policies = [d['spec'] for d in chart.of_kind(documents, 'NetworkPolicy')]
        self.pods = dict(_OTHERS)
        for number, (name, labels) in enumerate(chart.pod_labels(documents)):
            self.pods[name] = ('record', labels, '10.0.0.{}'.format(number + 1))

    def _is(self, peer, name):
        namespace, labels, address = self.pods[name]
        if 'ipBlock' in peer:
            return ipaddress.ip_address(address) in ipaddress.ip_network(peer['ipBlock']['cidr'])
        if namespace is None:
            return False
        if 'namespaceSelector' in peer:
            if not _selects(peer['namespaceSelector'], {_NAMESPACE: namespace}):
                return False
        elif namespace != 'record':
            return False
        return _selects(peer.get('podSelector', {}), labels)

    def _lets(self, direction, name, other, port):
        """Whether the policies of a pod let it take (ingress) or make (egress) a connection."""
        namespace, labels, _ = self.pods[name]
        own = [policy for policy in self.policies
               if namespace == 'record' and _selects(policy['podSelector'], labels)
               and direction.capitalize() in policy['policyTypes']]
        peers = {'ingress': 'from', 'egress': 'to'}[direction]
        for rule in [rule for policy in own for rule in policy.get(direction, [])]:
            if 'ports' in rule and port not in [entry['port'] for entry in rule['ports']]:
                continue
            if peers not in rule or any(self._is(peer, other) for peer in rule[peers]):
                return True
        return not own

    def reached(self):
        """All of the connections between pods of the release, or of one with others, that may be."""
        return {'{} -> {}:{}'.format(source, target, port)
                for source in self.pods for target in self.pods for port in _PORTS
                if source != target and not (source in _OTHERS and target in _OTHERS)
                and self._lets('egress', source, target, port)
                and self._lets('ingress', target, source, port)}


_SERVICES = chart.PROGRAMS[:3]


def _wanted(backup, others=(), dns_ports=(53,)):
    ports = {'membership': 7401, 'meetings': 7402, 'capacity': 7403, 'gateway': 8443}
    asked = {'gateway': ('membership', 'meetings', 'capacity'), 'capacity': ('membership', 'meetings'),
             'meetings': ('membership',), 'backup': backup, 'verify': _SERVICES, 'load': ('gateway',), 'test': ('gateway',),
             **{name: ('gateway',) for name in _OTHERS}}
    pairs = {'{} -> {}:{}'.format(source, target, ports[target])
             for source, targets in asked.items() for target in targets}
    pairs |= {'prometheus -> {}:9440'.format(program) for program in chart.PROGRAMS}
    pairs |= {'{} -> dns:{}'.format(source, port) for port in dns_ports
              for source in chart.PROGRAMS + ('backup', 'verify', 'load', 'test')}
    return pairs | set(others)


class Judged(unittest.TestCase):
    maxDiff = None
    load = ('--set', 'load.enabled=true,load.token.existingSecret=bali-token')

    def reached(self, profile, *arguments):
        return _Network(chart.documents(profile, *self.load, *arguments)).reached()

    def test_sqlite(self):
        self.assertEqual(self.reached('sqlite'),
                         _wanted((*_SERVICES, 'gateway')))

    def test_without_a_backup(self):
        wanted = {pair for pair in _wanted(()) if 'backup' not in pair}
        self.assertEqual(self.reached('sqlite', '--set', 'backup.enabled=false'), wanted)

    def test_without_a_verification(self):
        wanted = {pair for pair in _wanted((*_SERVICES, 'gateway')) if 'verify' not in pair}
        self.assertEqual(self.reached('sqlite', '--set', 'verify.enabled=false'), wanted)

    def test_postgres(self):
        # Keys of tokens are by URL, at port 443.
        wanted = _wanted(('gateway',), {'{} -> server:5432'.format(source) for source in
                                        ('membership', 'meetings', 'capacity', 'backup')})
        self.assertEqual(self.reached('postgres', '--set-json', 'networkPolicy.postgres=' + _SERVER),
                         wanted)

    def test_a_dns_that_listens_elsewhere(self):
        wanted = _wanted((*_SERVICES, 'gateway'), dns_ports=(53, 5353))
        self.assertEqual(self.reached('sqlite', '--set', 'networkPolicy.dnsPorts={53,5353}'), wanted)


class Network(unittest.TestCase):
    @staticmethod
    def policies(profile, *arguments):
        return {d['metadata']['name'].split('baliprocess-')[-1]: d['spec'] for d in
                chart.of_kind(chart.documents(profile, *arguments), 'NetworkPolicy')}

    @staticmethod
    def sources(policy, port):
        """What may come to a port: the rules' `from`, or None where one lets everybody in."""
        found = []
        for rule in policy.get('ingress', []):
            if any(entry['port'] == port for entry in rule['ports']):
                if 'from' not in rule:
                    return None
                found += rule['from']
        return found

    def test_nothing_is_open_by_itself(self):
        policy = self.policies('sqlite')['default-deny']
        self.assertEqual(policy['policyTypes'], ['Ingress', 'Egress'])
        self.assertNotIn('ingress', policy)
        self.assertNotIn('egress', policy)

    def test_services_are_for_those_who_ask_them(self):
        wanted = {'membership': ['gateway', 'meetings', 'capacity'],
                  'meetings': ['gateway', 'capacity'], 'capacity': ['gateway']}
        ports = {'membership': 7401, 'meetings': 7402, 'capacity': 7403}
        for name, callers in wanted.items():
            (source,) = self.sources(self.policies('sqlite')[name], ports[name])
            self.assertEqual(source['podSelector']['matchExpressions'][0]['values'],
                             callers + ['backup', 'verify'])
            names = chart.settings(chart.documents('sqlite'), name)['client_names'].split(',')
            self.assertEqual(names, ['record-baliprocess-{}.record.svc'.format(caller)
                                     for caller in callers + ['operator']])

    def test_the_gateway_is_for_everybody_or_for_clients(self):
        self.assertIsNone(self.sources(self.policies('sqlite')['gateway'], 8443))
        self.assertIn({'namespaceSelector': {}},
                      self.sources(self.policies('full')['gateway'], 8443))

    def test_the_port_for_operators_is_for_monitoring_and_the_kubelet(self):
        monitoring = {'namespaceSelector':
                      {'matchLabels': {'kubernetes.io/metadata.name': 'monitoring'}}}
        for name in chart.PROGRAMS:
            self.assertEqual(self.sources(self.policies('sqlite')[name], 9440), [monitoring])
            self.assertEqual(self.sources(self.policies('full')[name], 9440),
                             [monitoring, {'ipBlock': {'cidr': '10.0.0.0/24'}}])
            closed = self.policies('sqlite', '--set-json', 'networkPolicy.monitoring=[]')[name]
            self.assertEqual(self.sources(closed, 9440), [])

    def test_only_those_reach_out_who_must(self):
        def ports(policy):
            return {entry['port'] for rule in policy['egress'] for entry in rule['ports']}
        self.assertEqual(ports(self.policies('sqlite')['membership']), {53})
        self.assertEqual(ports(self.policies('sqlite')['meetings']), {53, 7401})
        self.assertEqual(ports(self.policies('sqlite')['gateway']), {53, 7401, 7402, 7403})
        self.assertEqual(ports(self.policies('postgres')['membership']), {53, 443, 5432})
        self.assertEqual(ports(self.policies('full')['gateway']), {53, 443, 4317, 7401, 7402, 7403})
        self.assertEqual(ports(self.policies('sqlite')['jobs']), {53, 8443})
        self.assertEqual(ports(self.policies('full')['jobs']), {53, 443, 8443})
        self.assertEqual(ports(self.policies('full')['backup']), {443, 5432, 6432})
        for policy in (self.policies('sqlite')['backup-asks'], self.policies('postgres')['verify-asks']):
            self.assertEqual(ports(policy), {53, 7401, 7402, 7403})
        self.assertNotIn('backup', self.policies('sqlite'))

    def test_it_may_be_left_out(self):
        self.assertEqual(self.policies('sqlite', '--set', 'networkPolicy.enabled=false'), {})


if __name__ == '__main__':
    unittest.main()
