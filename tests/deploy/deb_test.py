"""The Debian package on a clean machine, step by step: see tests/deploy/deb."""

import contextlib
import os
import re
import shutil
import tempfile
import time
import unittest

import manual
import package
import process
import suite
from machine import Machine

SERVICES = ['membership', 'meetings', 'capacity', 'gateway']  # in the order of their starts
OPERATORS_PORTS = {'gateway': 9440, 'membership': 9441, 'meetings': 9442, 'capacity': 9443}
IDENTITIES = '/etc/baliprocess/identities/'
PUBLIC = {'ca.crt', 'jwks.json'}
RECORD = '/var/lib/baliprocess/'
BACKUPS = '/var/backups/baliprocess/'
TIMERS = ['baliprocess-identities.timer', 'baliprocess-backup.timer']
FAST = ['-o', 'Dpkg::Options::=--force-unsafe-io']  # without an fsync for each file
EXPOSURE = 13  # of 100, by systemd-analyze: what has a network can't have much less


def unit(service):
    return 'baliprocess-{}.service'.format(service)


class DebianPackage(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        directory = tempfile.mkdtemp(prefix='bali-packages-')
        cls.addClassCleanup(shutil.rmtree, directory)
        os.chmod(directory, 0o755)
        first = package.make(directory)
        cls.packages = ['/packages/' + os.path.basename(path)
                        for path in (first, package.make_upgrade(first))]
        cls.machine = Machine(directory)
        cls.addClassCleanup(cls.machine.close)
        cls.machine.prepare('apt-get', 'update')
        cls.machine.prepare('apt-get', 'install', '-y', '--no-install-recommends',
                            '--download-only', cls.packages[0])
        cls.machine.boot()

    def apt(self, *arguments):
        began = time.monotonic()
        text = self.machine.output('apt-get', '-y', '--no-install-recommends', *FAST, *arguments,
                                   DEBIAN_FRONTEND='noninteractive')
        print('apt-get {}: {:.1f} s'.format(' '.join(arguments), time.monotonic() - began),
              flush=True)
        return text

    def property_of(self, name, service):
        return self.machine.output('systemctl', 'show', '--value', '--property', name,
                                   unit(service))

    def log(self, service):
        return self.machine.output('journalctl', '-o', 'cat', '-u', unit(service))

    def check_all_run(self):
        for service in SERVICES:
            self.assertEqual(self.property_of('ActiveState', service), 'active', service)

    def await_all(self):
        process.wait_for(lambda: all(self.property_of('ActiveState', service) == 'active'
                                     for service in SERVICES), 'all run')

    def check_started_in_order(self):
        self.check_all_run()
        starts = [int(self.property_of('ActiveEnterTimestampMonotonic', service))
                  for service in SERVICES]
        self.assertEqual(starts, sorted(starts))

    def check_none_runs(self):
        for service in SERVICES:
            self.assertNotEqual(self.machine.run('pgrep', '-x', service).returncode, 0, service)

    def balictl(self, *arguments):
        return self.machine.output('sh', '-ec', '. /etc/baliprocess/balictl.env; exec balictl "$@"',
                                   'sh', *arguments)

    def asks_for_facts(self):
        return self.machine.run_beside(
            '/usr/bin/python3', os.path.join(suite.ROOT, 'tests/deploy/ask_facts.py'),
            '127.0.0.1:8443', self.machine.path(IDENTITIES + 'public/ca.crt'),
            self.machine.path(IDENTITIES + 'operator/secretariat.token'))

    def check_facts(self):
        asked = self.asks_for_facts()
        print(asked.stdout.strip(), flush=True)
        self.assertEqual(asked.returncode, 0, asked.stdout)

    def follow(self, title, number=0):
        """Runs commands of the package's page."""
        return self.machine.output('bash', '-euc', manual.blocks('package.md', title)[number])

    @contextlib.contextmanager
    def settings(self, service, old, new):
        """A service has other settings meanwhile, once it is started anew."""
        path = self.machine.path('/etc/baliprocess/{}.conf'.format(service))
        with open(path, 'r+', encoding='utf-8') as file:
            good = file.read()
            self.assertIn(old, good)
            file.seek(0)
            file.write(good.replace(old, new, 1))
            file.truncate()
        yield
        with open(path, 'w', encoding='utf-8') as file:
            file.write(good)

    def sums(self, directory):
        return self.machine.output('find', directory, '-type', 'f', '-exec', 'sha256sum', '{}', '+')

    def files(self, directory):
        if not os.path.exists(self.machine.path(directory)):
            return set()
        return set(self.machine.output('find', directory, '-type', 'f').split())

    def may_read(self, service, path):
        return self.machine.succeeds(
            'setpriv', '--reuid', 'baliprocess-' + service, '--regid', 'baliprocess-' + service,
            '--init-groups', 'test', '-r', path)

    def test_01_installs_and_starts(self):
        self.apt('install', self.packages[0])
        self.check_started_in_order()
        for name in ['baliprocess.target', 'baliprocess-gateway.socket'] + TIMERS:
            self.assertTrue(self.machine.succeeds('systemctl', 'is-active', name), name)
        self.assertTrue(self.machine.succeeds('systemctl', 'is-enabled', 'baliprocess.target'))
        self.assertEqual(self.machine.output('dpkg', '--verify', 'baliprocess'), '')

    def test_02_units_are_sound(self):
        names = [unit(service) for service in SERVICES]
        names += ['baliprocess.target', 'baliprocess-gateway.socket', unit('identities'),
                  unit('backup')] + TIMERS
        self.assertEqual(self.machine.output('systemd-analyze', 'verify', '--man=no', *names), '')

    def test_03_units_are_confined(self):
        for service in SERVICES + ['backup']:
            judged = self.machine.output(
                'systemd-analyze', 'security', '--offline=true',
                '--threshold={}'.format(EXPOSURE), '--no-pager',
                '/usr/lib/systemd/system/' + unit(service))
            print(re.search('Overall exposure.*', judged).group(), flush=True)
        for service in SERVICES:
            status = self.machine.output(
                'cat', '/proc/{}/status'.format(self.property_of('MainPID', service)))
            for line in ('NoNewPrivs:\t1', 'Seccomp:\t2', 'CapBnd:\t' + 16 * '0'):
                self.assertIn(line, status, service)

    def test_04_each_process_has_its_own_user_key_and_store(self):
        for service in SERVICES:
            pid = self.property_of('MainPID', service)
            self.assertEqual(self.machine.output('ps', '-o', 'user:32=', '-p', pid),
                             'baliprocess-' + service)
        secrets = [path for path in self.files('/etc/baliprocess/') | self.files(RECORD)
                   if os.path.basename(path) not in PUBLIC | {'balictl.env', 'backup.env'}]
        self.assertGreater(len(secrets), 4 * len(SERVICES))
        for service in SERVICES + ['backup']:
            own = {path for path in secrets if self.may_read(service, path)}
            wanted = {path for path in secrets if re.search('/{}[./]'.format(service), path)}
            self.assertEqual(own, wanted, service)
        for path in self.files(RECORD):
            self.assertEqual(os.stat(self.machine.path(path)).st_mode & 0o077, 0, path)

    def test_05_takes_the_record(self):
        self.balictl('import', '/usr/share/baliprocess/data/bali-process-2024')
        self.check_facts()

    def test_06_the_log_is_in_the_journal(self):
        for service in SERVICES:
            self.assertIn('"message":"serving"', self.log(service), service)
            self.assertNotIn('"level":"error"', self.log(service), service)

    def test_07_operators_see_that_all_is_ready(self):
        for service in SERVICES:
            page = 'http://127.0.0.1:{}/readyz'.format(OPERATORS_PORTS[service])
            process.wait_for(lambda: self.machine.run_beside('curl', '-sf', page).returncode == 0,
                             page)

    def test_08_reloads_and_comes_back(self):
        for service in SERVICES:
            self.machine.output('systemctl', 'reload', unit(service))
            process.wait_for(lambda: 'reading anew' in self.log(service),
                             service + ' reads anew')
            before = self.property_of('MainPID', service)
            self.machine.output('systemctl', 'kill', '--signal=KILL', unit(service))
            process.wait_for(lambda: self.property_of('MainPID', service) not in ('0', before)
                             and self.property_of('ActiveState', service) == 'active',
                             service + ' is back')
        self.check_facts()

    def test_09_who_connects_while_the_gateway_restarts_waits(self):
        connects = int(self.machine.output('bash', '-ec', """
            systemctl restart baliprocess-gateway.service &
            for ((connects = 0; ; connects++)); do
              kill -0 $! 2>/dev/null || break
              : </dev/tcp/127.0.0.1/8443
            done
            wait $!
            echo $connects"""))
        print('{} connections during a restart'.format(connects), flush=True)
        self.assertGreater(connects, 0)

    def test_10_a_certificate_is_renewed_without_a_restart(self):
        before = self.property_of('MainPID', 'gateway')
        self.machine.output('bash', '-euc', """
            cd /etc/baliprocess/identities/gateway
            openssl req -new -key tls.key -subj /CN=gateway | openssl x509 -req -out new.crt -days 9 \\
              -CA ../public/ca.crt -CAkey ../ca/ca.key -extfile <(echo subjectAltName=IP:127.0.0.1)
            cat new.crt >tls.crt
            rm new.crt""")
        self.machine.output('systemctl', 'start', unit('identities'))
        certificate = IDENTITIES + 'gateway/tls.crt'
        self.assertTrue(self.machine.succeeds('openssl', 'x509', '-noout', '-checkend', '2592000',
                                              '-in', certificate))
        self.assertTrue(self.may_read('gateway', certificate))
        self.machine.output('systemctl', 'reload', unit('gateway'))
        self.check_facts()
        self.assertEqual(self.property_of('MainPID', 'gateway'), before)

    def test_11_clients_come_to_another_port(self):
        self.follow('Where clients come from')
        for address in ('127.0.0.1', '[::1]'):
            asked = self.machine.run_beside(
                'curl', '-sf', '--cacert', self.machine.path(IDENTITIES + 'public/ca.crt'),
                '--resolve', 'localhost:443:' + address, 'https://localhost/v1/bodies')
            self.assertEqual(asked.returncode, 0, address)
        self.machine.output('rm', '-r', '/etc/systemd/system/baliprocess-gateway.socket.d')
        self.machine.output('systemctl', 'daemon-reload')
        self.machine.output('systemctl', 'restart', 'baliprocess-gateway.socket')
        self.await_all()
        self.check_facts()

    def test_12_keys_that_became_known_are_replaced(self):
        old = self.machine.output('cat', IDENTITIES + 'operator/secretariat.token')
        authority = self.sums(IDENTITIES + 'public/ca.crt')
        for number in (1, 2):  # of tokens, of the CA
            self.follow('Certificates and tokens', number)
            process.wait_for(lambda: self.asks_for_facts().returncode == 0, 'facts are told')
        self.assertNotEqual(self.sums(IDENTITIES + 'public/ca.crt'), authority)
        self.machine.output('sh', '-c', 'echo {} >/var/tmp/token'.format(old))
        refused = self.machine.run('sh', '-c', '. /etc/baliprocess/balictl.env; '
                                   'balictl list bodies --token_file /var/tmp/token')
        self.assertIn('UNAUTHENTICATED', refused.stdout)

    def test_13_backs_up_and_restores(self):
        self.follow('Back up')
        copies = [os.path.basename(path) for path in self.files(BACKUPS) if path.endswith('.db')]
        self.assertEqual(sorted(name.split('-')[0] for name in copies), sorted(SERVICES[:3]))
        for path in self.files(BACKUPS):
            for service in SERVICES:
                self.assertFalse(self.may_read(service, path))
        # What is written afterwards isn't there any more when the copies are back.
        self.balictl('call', 'CreateExternalForum', '{"external_forum_id": "after", '
                     '"external_forum": {"display_name": "After the backup"}}')
        self.follow('Back up', 1)
        self.machine.output('sh', '-c', 'rm -r /var/lib/baliprocess/*/before')
        self.assertNotIn('After the backup', self.balictl('list', 'externalForums'))
        self.check_facts()

    def test_13_the_page_of_installation_holds_here_too(self):
        script = ['export IDENTITIES=/etc/baliprocess/identities BACKUPS=/var/tmp/copies',
                  'export PATH=/usr/lib/baliprocess:$PATH', 'mkdir /var/tmp/copies', 'cd /var/tmp']
        for title in ('See whether it runs', 'The first record', 'Back it up'):
            script += manual.blocks('installation.md', title)
        printed = self.machine.output('bash', '-euc', '\n'.join(script).replace(
            'deploy/data/', '/usr/share/baliprocess/data/'))
        self.assertEqual(printed.count('ready\n'), 4)
        self.assertIn('bodies/sg', printed)
        self.assertIn(' 0 differ', printed)
        for name in ('rules.yaml', 'prometheus.yaml', 'alertmanager.yaml', 'dashboards/operators.json'):
            self.machine.output('test', '-f', '/usr/share/baliprocess/monitoring/' + name)
        for line in self.machine.output('ls', '-l', '/etc/baliprocess').splitlines():
            if line.endswith('.conf'):
                self.assertRegex(line, '^-rw-r-----')

    def test_14_an_upgrade_restarts_in_order_and_keeps_what_is_there(self):
        with open(self.machine.path('/etc/baliprocess/gateway.conf'), 'a',
                  encoding='utf-8') as file:
            file.write('log_level = debug\n')
        self.machine.output('sh', '-ec', """
            cd /etc/baliprocess
            chown root: membership.conf
            chmod 644 membership.conf
            dpkg-statoverride --update --add root baliprocess-meetings 644 $PWD/meetings.conf""")
        before = {service: self.property_of('MainPID', service) for service in SERVICES}
        kept = self.sums('/etc/baliprocess')
        self.apt('install', self.packages[1])
        self.assertEqual(self.machine.output('dpkg-query', '-W', '-f', '${Version}',
                                             'baliprocess'), package.VERSIONS[1])
        self.assertEqual(self.sums('/etc/baliprocess'), kept)
        self.assertFalse(self.may_read('meetings', '/etc/baliprocess/membership.conf'))
        self.assertTrue(self.may_read('membership', '/etc/baliprocess/meetings.conf'))
        self.machine.output('dpkg-statoverride', '--remove', '/etc/baliprocess/meetings.conf')
        self.check_started_in_order()
        for service in SERVICES:
            self.assertNotEqual(self.property_of('MainPID', service), before[service])
        self.check_facts()

    def test_15_an_upgrade_starts_nothing_that_was_disabled(self):
        self.machine.output('systemctl', 'disable', '--now', unit('capacity'))
        self.apt('install', '--reinstall', self.packages[1])
        self.assertEqual(self.property_of('ActiveState', 'capacity'), 'inactive')
        self.machine.output('systemctl', 'enable', '--now', unit('capacity'))
        self.check_all_run()

    def test_16_an_upgrade_tells_what_does_not_start_and_leaves_the_rest(self):
        asking = self.property_of('MainPID', 'capacity')
        with self.settings('meetings', 'listen =', 'no_such_setting = 1\nlisten ='):
            said = self.apt('install', '--reinstall', self.packages[1])
            self.assertIn("baliprocess-meetings doesn't start", said)
            self.assertEqual(self.property_of('ActiveState', 'meetings'), 'failed')
            self.assertEqual(self.property_of('MainPID', 'capacity'), asking)
        self.machine.output('systemctl', 'start', 'baliprocess.target')
        self.await_all()

    def test_17_a_database_that_is_away_holds_up_neither_upgrade_nor_boot(self):
        with self.settings('membership', 'store = ', 'store = postgresql://127.0.0.1:1/m\n# '):
            said = self.apt('install', '--reinstall', self.packages[1])
            self.assertIn('baliprocess-membership starts, and waits', said)
            self.machine.reboot()
            for service in SERVICES[1:]:
                process.wait_for(lambda: self.property_of('ActiveState', service) == 'active',
                                 service + ' runs')
            self.assertEqual(self.property_of('ActiveState', 'membership'), 'activating')
            self.assertEqual(self.property_of('TimeoutStartUSec', 'membership'), 'infinity')
            page = self.machine.run_beside('curl', '-s', 'http://127.0.0.1:9441/readyz').stdout
            self.assertRegex(page, '"start": "(?!ready)')
            self.assertFalse(self.machine.succeeds('systemctl', 'start', unit('backup')))
            self.assertEqual(self.property_of('SubState', 'backup'), 'auto-restart')
            self.machine.output('systemctl', 'stop', unit('backup'))
        self.machine.output('systemctl', 'restart', unit('membership'))
        self.check_facts()

    def test_18_the_target_stops_and_starts_all(self):
        self.machine.output('systemctl', 'stop', 'baliprocess.target')
        process.wait_for(lambda: all(self.property_of('ActiveState', service) == 'inactive'
                                     for service in SERVICES), 'all are stopped')
        self.machine.output('systemctl', 'start', 'baliprocess.target')
        self.await_all()
        self.check_facts()

    def test_19_removal_leaves_the_record_and_the_settings(self):
        before = self.sums('/etc/baliprocess')
        self.apt('remove', 'baliprocess')
        self.check_none_runs()
        self.assertFalse(os.path.exists(self.machine.path('/usr/lib/baliprocess')))
        self.assertEqual(self.sums('/etc/baliprocess'), before)
        self.assertIn(RECORD + 'membership/membership.db', self.files(RECORD))
        self.apt('install', self.packages[1])
        self.assertEqual(self.sums('/etc/baliprocess'), before)
        self.check_all_run()
        self.check_facts()

    def test_20_purge_leaves_the_record_unless_asked(self):
        key = IDENTITIES + 'capacity/identity.key'
        before = self.sums(key)
        said = self.apt('purge', 'baliprocess')
        for words in ('The record stays in', 'Backups stay in', 'found again stays in'):
            self.assertIn(words, said)
        self.check_none_runs()
        self.assertEqual(self.files('/etc/baliprocess'), {key})
        self.assertIn(RECORD + 'membership/membership.db', self.files(RECORD))
        self.apt('install', self.packages[1])
        self.assertEqual(self.sums(key), before)
        self.check_all_run()
        self.check_facts()

    def purge_with_the_record(self):
        self.machine.output('sh', '-c', 'echo baliprocess baliprocess/purge_record boolean true | '
                            'debconf-set-selections')
        said = self.apt('purge', 'baliprocess')
        self.check_none_runs()
        self.assertFalse(os.path.exists(self.machine.path(RECORD)))
        return said

    def test_21_purge_deletes_the_record_when_asked_and_leaves_backups_with_their_key(self):
        self.assertIn('Backups stay in', self.purge_with_the_record())
        self.assertEqual(self.files('/etc/baliprocess'), {IDENTITIES + 'capacity/identity.key'})
        self.assertEqual(len(self.files(BACKUPS)), 6)

    def test_22_purge_leaves_nothing_when_there_are_no_backups(self):
        self.apt('install', self.packages[1])
        self.check_all_run()
        self.machine.output('sh', '-c', 'rm -r /var/backups/baliprocess/*')
        self.purge_with_the_record()
        left = self.machine.output(
            'find', '/etc', '/usr', '/var', '/run', '-name', '*baliprocess*',
            '!', '-path', '/var/cache/apt/*').split()
        self.assertEqual(left, [])
        self.assertEqual(self.machine.output('systemctl', '--failed', '--no-legend', '--plain'),
                         '')


if __name__ == '__main__':
    unittest.main()
