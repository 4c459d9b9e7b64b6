"""Attacks on the gateway, with a victim beside: others keep their calls and watches, no process
grows, the attacker is cut off or refused, with a line in the log and a metric, and what it costs is
bounded.

BALI_FAULT_SECONDS is how long each attack takes: a little by default, for ordinary runs.
"""

import json
import os
import subprocess
import sys
import time
import unittest

import process
import suite
from attack_table import ROWS, TOGETHER
from attacks_http1 import SMUGGLED, SMUGGLED_OTHERWISE
from link import TextLink
from measure import Usage
from operators import Operators
from victim import Victim

SECONDS = float(os.environ.get('BALI_FAULT_SECONDS', '1'))
# Of a core, what an attack may cost the gateway once each connection was cut.
CPU_SHARE_AFTER = 0.05
MEMORY = 64 << 20
# Of a service: what the gateway lets all clients leave unread there, and what is under way.
SERVICE_MEMORY = 80 << 20
# Some of the machine is the victim's, and on a busy machine measures are rough.
RATE = 40
SHARE = 0.8  # of its calls a second that the victim keeps
BODIES = 250  # of 4 KB each: a page of them is a MiB


# Timeouts that take no longer than tests have time.
FLAGS = ('--admin_listen', '127.0.0.1:0', '--reply_timeout', '2s', '--handshake_timeout', '2s',
         '--header_timeout', '2s', '--request_timeout', '2s')
# Balancers, for the gateway without TLS.
PROXIES = '127.9.0.0/16'


class PlainGateway(process.Process):
    """Another gateway to the services, without TLS and behind balancers."""

    def __init__(self, beside):
        flags = beside.flags[:]
        for name in ('--tls_cert', '--tls_key'):
            at = flags.index(name)
            del flags[at:at + 2]
        flags += ['--trusted_proxies', PROXIES, '--client_address', 'proxy-protocol']
        super().__init__('gateway', os.path.dirname(beside.log_file), flags, 'gateway-plain')


def setUpModule():
    global SUITE, PLAIN, QUIET
    SUITE = suite.Suite(gateway_flags=FLAGS).start()
    PLAIN = PlainGateway(SUITE.gateway).start()
    unittest.addModuleCleanup(PLAIN.kill)
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


class Attacker:
    """An attack in a process of its own, from addresses of its own."""

    _used = 0

    def __init__(self, row, seconds):
        Attacker._used += 1
        self.row = row
        network = 9 if row.name in ('slow_proxy_headers', 'proxies_without_header') else 0
        self.addresses = ['127.{}.{}.{}'.format(network, i + 1, Attacker._used)
                          for i in range(row.addresses)]
        self.gateway = PLAIN if row.plain else SUITE.gateway
        self._operators = Operators(self.gateway)
        self._metrics = self._operators.metrics()
        self._log_size = self._operators.log_size()
        here = os.path.dirname(os.path.abspath(__file__))
        token = SUITE.identities.sign('--subject', 'attacker{}@test'.format(Attacker._used),
                                      '--role', 'observer')
        self._process = subprocess.Popen(
            [sys.executable, os.path.join(here, 'attacks.py'), row.name, self.gateway.address,
             '' if row.plain else SUITE.identities.ca, str(seconds), str(row.connections),
             ','.join(self.addresses)],
            stdout=subprocess.PIPE, text=True, env={**os.environ, 'BALI_ATTACK_TOKEN': token})

    def is_running(self):
        return self._process.poll() is None

    def result(self):
        return json.loads(self._process.communicate()[0])

    def line(self):
        """That the gateway has logged about the attacker."""
        for line in self._operators.log_lines(self._log_size):
            trace = self.row.trace
            if line.get('peer') in self.addresses and line['message'] == trace.message and \
                    trace.words in json.dumps(line):
                return line
        return None

    def grown(self):
        """The metrics of the trace, and by how much they have grown."""
        trace = self.row.trace
        return {name: value - self._metrics.get(name, 0)
                for name, value in self._operators.metrics().items()
                if name.startswith(trace.metric + '{') and trace.label in name and
                value > self._metrics.get(name, 0)}


class Attacks(unittest.TestCase):
    def under_attack(self, rows, work=lambda: None):
        seconds = max([SECONDS] + [row.seconds for row in rows])
        with Victim(SUITE, rate=RATE) as victim:
            usage = Usage(SUITE.processes() + [PLAIN])
            began = time.monotonic()
            attackers = [Attacker(row, seconds) for row in rows]
            while any(one.is_running() for one in attackers):
                work()
                usage.sample()
                time.sleep(0.05)
            took = time.monotonic() - began
            cpu = usage.cpu('gateway') - QUIET * took
            results = [one.result() for one in attackers]
            usage.sample()
        for one, result in zip(attackers, results):
            print('{}: {}'.format(one.row.name, result), file=sys.stderr)
        print('  {:.2f} s of CPU; the victim kept {:.2f} of its calls, slowest {:.2f} s; grew by {}'
              .format(cpu, victim.share, victim.slowest, usage.grown()), file=sys.stderr)
        self.assertEqual(victim.failures, [])
        self.assertGreaterEqual(victim.share, SHARE)
        for label, growth in usage.peak_growth.items():
            bound = MEMORY if label.startswith('gateway') else SERVICE_MEMORY
            self.assertLess(growth, bound, label)
        for one, result in zip(attackers, results):
            with self.subTest(attack=one.row.name):
                self.check_end(one, result)
        if all(row.cpu for row in rows):
            bound = sum(row.cpu * row.connections for row in rows)
            self.assertLess(cpu, bound + CPU_SHARE_AFTER * seconds)

    def test_readers(self):
        writer = SUITE.client('SECRETARIAT')

        def write_some():
            for _ in range(10):
                writer.call('UpdateBody', allow_missing=True, body={
                    'name': 'bodies/written', 'kind': 'TASK_FORCE', 'display_name': 'Written',
                    'mandate': 'x' * 4000 + str(time.monotonic())})

        self.under_attack(TOGETHER['readers'], write_some)

    def check_end(self, one, result):
        row = one.row
        if row.cut:
            self.assertGreaterEqual(result['cut'], row.connections, result)
        if row.reset:
            self.assertGreater(result['ended'], 0, result)
        if row.last_words:
            words = set(result['last_words']) - {'None'}
            self.assertTrue(words and words <= {str(word) for word in row.last_words}, result)
        line = process.wait_for(one.line, 'the log tells: {}'.format(row.trace), 5)
        grown = process.wait_for(one.grown, 'it is counted: {}'.format(row.trace), 5)
        print('  {}: {}; {}'.format(row.name, line['message'] + ', ' + line.get('reason', ''), grown),
              file=sys.stderr)


class Smuggling(unittest.TestCase):
    """What two programs may read in two ways is refused, and what stands behind it isn't read."""

    HIDDEN = 'grpc_method="GetBody"'

    def calls(self, gateway):
        return sum(value for name, value in Operators(gateway).metrics().items()
                   if name.startswith('grpc_server_started_total') and self.HIDDEN in name)

    def statuses(self, gateway, data):
        """Of all replies to these bytes, until the gateway closes the connection."""
        link = TextLink(gateway.address, '' if gateway is PLAIN else SUITE.identities.ca,
                        '127.0.9.1')
        link.send(data)
        received = b''
        try:
            while True:
                received += link.read(5)
        except ConnectionResetError:
            pass
        link.close()
        return [int(line.split()[1]) for line in received.split(b'\r\n')
                if line.startswith(b'HTTP/1.1 ')]

    def test_nothing_hides_in_a_request(self):
        wanted = [(name, 400, data) for name, data in SMUGGLED.items()] + [
            (str(status), status, data) for status, data in SMUGGLED_OTHERWISE.items()]
        for gateway in (SUITE.gateway, PLAIN):
            before = self.calls(gateway)
            for name, status, data in wanted:
                with self.subTest(what=name, gateway=gateway.label):
                    self.assertEqual(self.statuses(gateway, data), [status])
            self.assertEqual(self.calls(gateway), before)
        self.assertNotIn('bodies/hidden', SUITE.membership.log())


def attack_test(rows):
    return lambda self: self.under_attack(rows)


for _row in ROWS:
    _name = 'test_' + _row.name + ('_of_many_addresses' if _row.addresses > 1 else '')
    setattr(Attacks, _name, attack_test([_row]))
for _name, _rows in TOGETHER.items():
    if _name != 'readers':
        setattr(Attacks, 'test_' + _name, attack_test(_rows))


if __name__ == '__main__':
    suite.main()
