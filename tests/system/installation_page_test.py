"""docs/operate/installation.md and hardening.md: their commands for one machine, run as they stand there, in
one shell from the first to the last. Ports and folders are this test's; what systemd does on the page is done here."""

import json
import os
import re
import subprocess
import tempfile
import unittest
import urllib.request

import deployed
import manual
import process
import suite

PAGE = 'installation.md'
PORTS = {'8443': 'GATEWAY_PORT', '9440': 'ADMIN_PORT', '7401': 'MEMBERSHIP_PORT', '7402': 'MEETINGS_PORT',
         '7403': 'CAPACITY_PORT', '9441': 'MEMBERSHIP_ADMIN_PORT', '9442': 'MEETINGS_ADMIN_PORT',
         '9443': 'CAPACITY_ADMIN_PORT'}
DONE = '--- status '
PROGRAMS = {'baliprocess-' + name for name in ('gateway', 'membership', 'meetings', 'capacity')}


class Shell:
    """A bash that runs one block after the other, each of which must succeed."""

    def __init__(self, environment, replaced):
        self.replaced = replaced  # what stands for what on the page
        self._bash = subprocess.Popen(
            ['bash'], cwd=suite.ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, start_new_session=True)

    def run(self, block):
        """What the block prints. Its first command that fails is its end."""
        for shown, here in self.replaced.items():
            block = block.replace(shown, here)
        self._bash.stdin.write('set -e; trap \'echo "{0}failed"\' ERR\n{1}\necho "{0}0"\n'.format(
            DONE, block))
        self._bash.stdin.flush()
        printed = ''
        for line in self._bash.stdout:
            if line.startswith(DONE):
                if line.strip() != DONE + '0':
                    break
                return printed
            printed += line
        raise AssertionError(block + printed)

    def close(self):
        self._bash.stdin.close()
        self._bash.stdout.close()
        self._bash.wait(timeout=30)


class Server:
    """A Prometheus or an Alertmanager."""

    def __init__(self, name, directory, *flags):
        log = os.path.join(directory, name + '.log')
        self._process = process.spawn(
            [name, '--web.listen-address=127.0.0.1:0', *flags], log, cwd=directory)

        def port():
            with open(log, encoding='utf-8') as file:
                return re.search(r'(?i)msg="?listening on"? address=\S+?:(\d+)', file.read())

        self.port = process.wait_for(port, name + ' listens').group(1)
        process.wait_for(self._is_ready, name + ' is ready')

    def _is_ready(self):
        try:
            return bool(self.ask('-/ready'))
        except OSError:
            return False

    def ask(self, path):
        with urllib.request.urlopen('http://127.0.0.1:{}/{}'.format(self.port, path), timeout=10) as reply:
            return reply.read()

    def close(self):
        self._process.kill()
        self._process.wait()


class InstallationPage(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.suite = deployed.Deployed()
        cls.addClassCleanup(cls.suite.close)
        directory = tempfile.TemporaryDirectory(prefix='bali-installation-')
        cls.addClassCleanup(directory.cleanup)
        cls.directory = directory.name
        folders = {name: os.path.join(cls.directory, name.lower()) for name in ('PROMETHEUS', 'BACKUPS')}
        os.mkdir(folders['PROMETHEUS'])
        environment = {**os.environ, **folders, **cls.suite.ports, 'SKIP_BUILD': '1',
                       'STATE_DIR': cls.suite.state}
        replaced = {'$PWD/run': cls.suite.state, 'trial/': cls.directory + '/trial/',
                    'mkdir trial': 'mkdir {}/trial'.format(cls.directory),
                    ':7501': ':' + deployed.free_port(),
                    'in 9440 9441 9442 9443': 'in ' + ' '.join(
                        cls.suite.ports[PORTS[shown]] for shown in ('9440', '9441', '9442', '9443')),
                    '(7401|7402|7403|944[0-3])': '({})'.format('|'.join(
                        cls.suite.ports[name] for name in PORTS.values() if name != 'GATEWAY_PORT')),
                    **{host + shown: host + cls.suite.ports[name] for shown, name in PORTS.items()
                       for host in ('localhost:', '127.0.0.1:')}}
        cls.shell = Shell(environment, replaced)
        cls.addClassCleanup(cls.shell.close)
        cls.settings = folders['PROMETHEUS']

    def run_section(self, title):
        """What each of its blocks prints."""
        return [self.shell.run(block) for block in manual.blocks(PAGE, title)]

    def test_1_install(self):
        printed, = self.run_section('Install')
        self.assertIn('== Ready', printed)

    def test_2_it_runs(self):
        self.assertEqual(self.run_section('See whether it runs'), ['ready\n' * 4])

    def test_3_certificates_are_renewed(self):
        self.run_section('Who proves what by what')

    def test_4_the_record(self):
        printed, = self.run_section('The first record')
        self.assertIn('bodies/sg', printed)
        self.assertNotRegex(printed, r'[1-9]\d* (created|updated)')

    def edit(self, name, changes):
        path = os.path.join(self.settings, name)
        with open(path, encoding='utf-8') as file:
            text = file.read()
        for shown, here in changes.items():
            self.assertIn(shown, text)
            text = text.replace(shown, here)
        with open(path, 'w', encoding='utf-8') as file:
            file.write(text)

    def test_5_watched(self):
        configure, ask, alert = manual.blocks(PAGE, 'Watch it')
        self.shell.run(configure)
        alertmanager = Server('prometheus-alertmanager', self.directory, '--cluster.listen-address=',
                              '--config.file=' + os.path.join(self.settings, 'alertmanager.yml'),
                              '--storage.path=alerts')
        self.addCleanup(alertmanager.close)
        self.edit('prometheus.yml', {'localhost:9093': '127.0.0.1:' + alertmanager.port,
                                     'scrape_interval: 15s': 'scrape_interval: 1s',
                                     'scrape_timeout: 10s': 'scrape_timeout: 1s'})
        prometheus = Server('prometheus', self.directory, '--storage.tsdb.path=data',
                            '--config.file=' + os.path.join(self.settings, 'prometheus.yml'))
        self.addCleanup(prometheus.close)
        self.shell.replaced.update({'localhost:9090': '127.0.0.1:' + prometheus.port,
                                    'localhost:9093': '127.0.0.1:' + alertmanager.port})
        self.wait_until_all_are_up_and_ready(ask)
        known = json.loads(prometheus.ask('api/v1/alertmanagers'))['data']['activeAlertmanagers']
        self.assertEqual(len(known), 1)
        self.assertIn('Trial', self.shell.run(alert))

    def wait_until_all_are_up_and_ready(self, ask):
        def found():
            values = re.findall(r'^(?:up|bali_ready)\{.*job="([^"]*)".* => 1 @', self.shell.run(ask),
                                re.MULTILINE)
            return len(values) == 2 * len(PROGRAMS) and set(values) == PROGRAMS

        process.wait_for(found, 'all four are scraped and ready')

    def test_6_backed_up_and_restored(self):
        back_up, restore = manual.blocks(PAGE, 'Back it up')
        os.mkdir(os.path.join(self.directory, 'backups'))
        self.assertEqual(self.shell.run(back_up).count(' bytes, change '), 3)
        self.assertIn(' 0 differ', self.shell.run(restore))

    def test_7_nothing_is_wrong(self):
        """By the commands of hardening.md, which tell it when something is."""
        for block in manual.blocks('hardening.md', 'Everywhere'):
            if 'Max core file size' in block:
                continue  # of this machine's other programs
            with self.subTest(block):
                self.assertEqual(self.shell.run('(set +e\n{}\ntrue)'.format(block)), '')
        key = os.path.join(self.suite.state, 'gateway/tls.key')
        os.chmod(key, 0o604)
        find = next(block for block in manual.blocks('hardening.md', 'Everywhere') if 'find' in block)
        self.assertEqual(self.shell.run(find), key + '\n')

    def test_8_the_programs_end(self):
        ended = self.suite.up('--stop')
        self.assertEqual(ended.returncode, 0, ended.stderr)


if __name__ == '__main__':
    suite.main()
