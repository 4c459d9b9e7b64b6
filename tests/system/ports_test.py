"""Ports for operators: 9440 where a process has a network of its own, and on one machine 9440 of the
gateway, 9441 of membership, 9442 of meetings, 9443 of capacity. Whatever names them agrees."""

import os
import re
import unittest

import yaml

import suite

MACHINE = {'gateway': 9440, 'membership': 9441, 'meetings': 9442, 'capacity': 9443}
OWN = dict.fromkeys(MACHINE, 9440)


def read(*names):
    with open(os.path.join(suite.ROOT, *names), encoding='utf-8') as file:
        return file.read()


def found(pattern, text):
    """The ports that a text names, by their programs."""
    return {match['name'].lower(): int(match['port']) for match in re.finditer(pattern, text)}


class Ports(unittest.TestCase):
    def test_the_package(self):
        for name, port in MACHINE.items():
            said = re.findall(r'^admin_listen = 127.0.0.1:(\d+)$',
                              read('deploy/systemd/settings', name + '.conf'), re.MULTILINE)
            self.assertEqual(said, [str(port)], name)

    def test_one_machine_without_the_package(self):
        text = read('deploy/up').replace('\nADMIN_PORT', '\nGATEWAY_ADMIN_PORT')
        self.assertEqual(found(r'(?m)^(?P<name>\w+)_ADMIN_PORT=\$\{.*:-(?P<port>\d+)\}', text),
                         MACHINE)

    def test_compose(self):
        services = yaml.safe_load(read('deploy/compose.yaml'))['services']
        for name, port in OWN.items():
            command = ' '.join(services[name]['command'])
            self.assertIn('--admin_listen=0.0.0.0:{}'.format(port), command, name)
        self.assertIn('127.0.0.1:${ADMIN_PORT-9440}:9440', services['gateway']['ports'])
        self.assertRegex(read('Dockerfile'), r'EXPOSE .*\b9440\b')

    def test_the_chart(self):
        folder = 'deploy/kubernetes/baliprocess/templates'
        named = [port for name in os.listdir(os.path.join(suite.ROOT, folder))
                 if name.endswith(('.tpl', '.yaml')) for port in re.findall(r'\b94\d\d\b',
                                                                            read(folder, name))]
        self.assertGreater(len(named), 4)
        self.assertEqual(set(named), {'9440'})

    def test_prometheus(self):
        jobs = yaml.safe_load(read('deploy/monitoring/prometheus.yaml'))['scrape_configs']
        said = ' '.join(job['job_name'] + ' ' + target for job in jobs
                        for config in job.get('static_configs', []) for target in config['targets'])
        pattern = r'baliprocess-(?P<name>\w+) {}:(?P<port>\d+)'
        self.assertEqual(found(pattern.format(r'(?!localhost)[\w.-]+'), said), OWN)
        here = found(pattern.format('localhost'), said)
        self.assertEqual(here, {name: MACHINE[name] for name in here})

    def test_pages(self):
        pattern = r'`(?:127\.0\.0\.1:)?(?P<port>94\d\d)` of (the )?(?P<name>\w+)'
        self.assertEqual(found(pattern, read('docs/operate/package.md')), MACHINE)
        self.assertEqual(found(r'\b(?P<port>94\d\d)\sof\s(the )?(?P<name>\w+)', read('README.md')),
                         MACHINE)


if __name__ == '__main__':
    suite.main()
