"""Attacks on the gateway, with a victim beside: others' calls are answered, their watches stand, no
process grows, the attacker is cut off and logged, and what it costs is bounded.

BALI_FAULT_SECONDS is how long each attack takes: a little by default, for ordinary runs.
"""

import json
import os
import subprocess
import sys
import time
import unittest

import suite
from measure import Usage
from victim import Victim

SECONDS = float(os.environ.get('BALI_FAULT_SECONDS', '1'))
# What an attack may cost the gateway: until each connection is cut, and of a core after that.
CPU_PER_CONNECTION = 0.3
CPU_SHARE_AFTER = 0.05
# Some of the machine is the victim's, and on a busy machine measures are rough.
MEMORY = 64 << 20
RATE = 40
BODIES = 250  # of 4 KB each: a page of them is a MiB

# Those that send no more than a client might are refused call by call.
NOT_CUT = ('bad_binary_field', 'large_headers', 'gzip_bomb')
# Those that hold what others need, on many connections, and what is logged of it.
HELD = {'unfinished_large': 'too many bytes of unfinished messages',
        'unfinished_small': 'too many unfinished calls',
        'unread_replies': None, 'unread_pages': None, 'unread_socket': None}
FLOODS = ('ping', 'ping_ack', 'settings', 'large_settings', 'window_flips', 'window_update',
          'table_flips', 'goaway',
          'priority', 'priority_update', 'unknown', 'empty_data', 'padded_data', 'one_byte_data',
          'padded_one_byte_data', 'data_after_reset', 'rst_of_closed', 'tiny_windows',
          'header_references', 'ignored_references', 'trailer_references', 'continued_references', 'rapid_reset', 'too_many_streams',
          'bad_tokens', 'key_updates')


def sources(name, addresses):
    """The attack's own addresses, with commas."""
    last = 1 + (FLOODS + NOT_CUT + tuple(HELD)).index(name)
    return ','.join('127.0.{}.{}'.format(i + 1, last) for i in range(addresses))


def attack(name, seconds, connections, addresses=1):
    """Starts it in a process of its own."""
    here = os.path.dirname(os.path.abspath(__file__))
    return subprocess.Popen(
        [sys.executable, os.path.join(here, 'attacks.py'), name, SUITE.gateway.address,
         SUITE.identities.ca, str(seconds), str(connections), sources(name, addresses)],
        stdout=subprocess.PIPE, text=True)


def setUpModule():
    global SUITE, QUIET
    SUITE = suite.Suite(gateway_flags=('--reply_timeout', '2s')).start()
    SUITE.load()
    writer = SUITE.client('SECRETARIAT')
    for i in range(BODIES):
        writer.call('UpdateBody', allow_missing=True, body={
            'name': 'bodies/large-{}'.format(i), 'kind': 'TASK_FORCE', 'display_name': 'Large',
            'mandate': 'x' * 4000})
    # What the victim costs by itself.
    with Victim(SUITE, rate=RATE):
        usage = Usage(SUITE.processes())
        time.sleep(1)
        QUIET = usage.cpu('gateway')


class Attacks(unittest.TestCase):
    def under_attack(self, name, connections=1, addresses=1, seconds=SECONDS, watched=()):
        with Victim(SUITE, rate=RATE) as victim:
            usage = Usage(SUITE.processes())
            began = time.monotonic()
            process = attack(name, seconds, connections, addresses)
            while process.poll() is None:
                usage.sample()
                time.sleep(0.05)
            took = time.monotonic() - began
            cpu = usage.cpu('gateway') - QUIET * took
            result = json.loads(process.communicate()[0])
            usage.sample()
        print('{}: {:.2f} s of CPU, {}, slowest {:.2f} s, grew by {}'.format(
            name, cpu, result, victim.slowest,
            {label: growth >> 20 for label, growth in usage.peak_growth.items()}), file=sys.stderr)
        self.assertEqual(victim.failures, [])
        self.assertGreater(victim.answered, 0)
        for label in watched or usage.peak_growth:
            self.assertLess(usage.peak_growth[label], MEMORY, label)
        return cpu, result

    def check_flood(self, name):
        connections = 2
        cpu, result = self.under_attack(name, connections)
        self.assertGreaterEqual(result['cut'], connections, result)
        self.assertLess(cpu, CPU_PER_CONNECTION * connections + CPU_SHARE_AFTER * SECONDS, result)
        self.assertIn('client cut off', SUITE.gateway.log())


def flood_test(name):
    return lambda self: self.check_flood(name)


def bounded_test(name, connections=1, logged=None):
    def test(self):
        self.under_attack(name, connections)
        if logged:
            self.assertIn(logged, SUITE.gateway.log())
    return test


for _name in FLOODS:
    setattr(Attacks, 'test_' + _name, flood_test(_name))
for _name in NOT_CUT:
    setattr(Attacks, 'test_' + _name, bounded_test(_name))
# It is the gateway's bounds that bite: services hear nothing of these calls.
for _name, _line in HELD.items():
    if not _name.startswith('unread'):
        setattr(Attacks, 'test_' + _name, bounded_test(_name, connections=15, logged=_line))


def end_of_unread(self):
    _, result = self.under_attack('unread_replies', 15, seconds=max(SECONDS, 5))
    self.assertGreater(result['ended'], 0)


Attacks.test_unread_replies = end_of_unread


def unread_test(name, addresses):
    def test(self):
        self.under_attack(name, 300, addresses, max(SECONDS, 2))
        self.assertIn('"call refused","peer":"{}"'.format(sources(name, 1)), SUITE.gateway.log())
    return test


Attacks.test_unread_pages = unread_test('unread_pages', 1)
Attacks.test_unread_pages_of_many_addresses = unread_test('unread_pages', 8)
Attacks.test_unread_socket = unread_test('unread_socket', 1)


if __name__ == '__main__':
    suite.main()
