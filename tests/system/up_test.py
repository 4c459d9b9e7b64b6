"""deploy/up: starts the suite, prints it, changes nothing when run again, stops."""

import os
import re
import socket
import subprocess
import time
import unittest

import deployed
import suite

_FAST = 10  # seconds; it takes about one


class Up(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.suite = deployed.Deployed()
        cls.addClassCleanup(cls.suite.close)
        cls.state = cls.suite.state
        cls.up, cls.cli, cls.pids = cls.suite.up, cls.suite.cli, cls.suite.pids
        cls.first = cls.up()

    def check_ok(self, result):
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)

    def test_1_prints_what_is_there_and_where(self):
        self.check_ok(self.first)
        text = self.first.stdout
        for words in ('Bali Process', 'Steering Group', 'Ad Hoc Group', 'Regional Support Office',
                      '2024-05-02', 'Lynn Bell', 'Tri Tharyat', 'New Zealand', 'Viet Nam',
                      '127.0.0.1:' + self.suite.ports['GATEWAY_PORT'],
                      '127.0.0.1:' + self.suite.ports['MEMBERSHIP_PORT'],
                      '127.0.0.1:' + self.suite.ports['MEETINGS_PORT'],
                      '127.0.0.1:' + self.suite.ports['CAPACITY_PORT'],
                      os.path.join(self.state, 'operator/secretariat.token'), 'balictl', 'buf curl',
                      'meetings/sg-18', 'meetings/ahg-17', '6 there, nobody missing',
                      '16 there, nobody missing', 'Update by the Regional Support Office',
                      'Support by the Regional Support Office',
                      'left out meetings/mc-9: it has no date', 'PRACTITIONERS_TRAINED    348',
                      'Adelaide Strategy for Cooperation (strategies/adelaide)',
                      'Victim protection and migration management'):
            self.assertIn(words, text)
        with open(re.search(r'^calendar +(\S+)$', text, re.MULTILINE).group(1),
                  encoding='utf-8') as calendar:
            self.assertIn('SUMMARY:18th Steering Group meeting', calendar.read())
        self.assertEqual(set(self.pids()), {'membership', 'meetings', 'capacity', 'gateway'})

    def test_1_every_process_is_ready(self):
        for name in ('ADMIN_PORT', 'MEMBERSHIP_ADMIN_PORT', 'MEETINGS_ADMIN_PORT',
                     'CAPACITY_ADMIN_PORT'):
            asked = self.cli('health', '--admin', '127.0.0.1:' + self.suite.ports[name])
            self.check_ok(asked)
            self.assertEqual(asked.stdout, 'ready\n')

    def test_2_the_token_is_for_its_owner(self):
        for name in ('operator/secretariat.token', 'ca/signing-key.pem', 'capacity/identity.key',
                     'ca/ca.key'):
            mode = os.stat(os.path.join(self.state, name)).st_mode
            self.assertEqual(mode & 0o077, 0, name)

    def test_3_again_changes_nothing_and_is_fast(self):
        before = self.pids()
        begun = time.monotonic()
        again = self.up()
        duration = time.monotonic() - begun
        print('the second run took {:.1f} s'.format(duration), flush=True)
        self.check_ok(again)
        self.assertLess(duration, _FAST)
        self.assertEqual(self.pids(), before)
        self.assertNotRegex(again.stdout, r'[1-9]\d* (created|updated)')
        report = re.search('== Bodies.*', self.first.stdout, re.DOTALL).group()
        self.assertEqual(re.search('== Bodies.*', again.stdout, re.DOTALL).group(), report)

    def test_4_the_printed_command_works(self):
        exports = re.search(r'^\s*export (.*)$', self.first.stdout, re.MULTILINE)
        command = re.search(r'^\s*(\S*balictl (?:list|get) .*)$', self.first.stdout, re.MULTILINE)
        script = 'export {}\n{}'.format(exports.group(1), command.group(1)) if exports else \
            command.group(1)
        ran = subprocess.run(['bash', '-ec', script], cwd=suite.ROOT, capture_output=True,
                             text=True, check=False, timeout=30)
        self.assertEqual(ran.returncode, 0, ran.stderr)
        self.assertIn('members/nzl', ran.stdout)

    def test_5_what_was_changed_since_stays(self):
        changed = self.cli('call', 'UpdateBody', '{"body": {"name": "bodies/rso", '
                           '"mandate": "changed by its users"}}')
        self.check_ok(changed)
        self.check_ok(self.up())
        self.assertIn('changed by its users', self.cli('get', 'bodies/rso').stdout)

    def test_6_stops_and_starts_with_its_data(self):
        stopped = self.pids()
        self.check_ok(self.up('--stop'))
        for pid in stopped.values():
            self.assertFalse(os.path.exists('/proc/{}'.format(pid)))
        self.check_ok(self.up('--stop'))
        started = self.up()
        self.check_ok(started)
        self.assertNotRegex(started.stdout, r'[1-9]\d* created')

    def test_7_says_why_it_fails(self):
        self.check_ok(self.up('--stop'))
        with socket.create_server(('127.0.0.1', int(self.suite.ports['GATEWAY_PORT']))):
            failed = self.up()
        self.assertNotEqual(failed.returncode, 0)
        self.assertIn('gateway', failed.stderr)
        self.assertNotEqual(self.up('--nonsense').returncode, 0)

    def test_8_fresh_starts_over(self):
        with open(os.path.join(self.state, 'public/jwks.json'), encoding='utf-8') as file:
            keys = file.read()
        self.check_ok(self.up('--fresh'))
        with open(os.path.join(self.state, 'public/jwks.json'), encoding='utf-8') as file:
            self.assertNotEqual(file.read(), keys)
        self.check_ok(self.up('--stop'))


if __name__ == '__main__':
    suite.main()
