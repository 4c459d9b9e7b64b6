"""Three replicas of membership on one PostgreSQL, one of them killed or paused under load: no call
that may be made twice fails, the replica is left alone soon and used again once it is back.

Prints the tries of each call, and the seconds until the replica is left alone and until it is back.
BALI_FAULT_SECONDS is how long each fault lasts: a little by default, for ordinary runs.
"""

import http.client
import os
import re
import signal
import sys
import threading
import time
import unittest

import process
import suite
from postgres import Postgres
from victim import Victim

SECONDS = max(4.0, float(os.environ.get('BALI_FAULT_SECONDS', '1')))
RATE = 80
MAX_ATTEMPTS = 1.2
# What the gateway promises for a replica that stops answering, and for what comes back: an attempt
# to connect every two seconds, more or less. The rest is for busy machines.
LEFT_ALONE = 2 + 1
BACK = 5 + 5


class Attempts(threading.Thread):
    """What the gateway sends to each address of membership, looked at ten times a second."""

    def __init__(self, gateway):
        super().__init__(daemon=True)
        found = re.search(r'"serving operators".*"port":(\d+)', gateway.log())
        self._port = int(found.group(1))
        self._over = threading.Event()
        self.samples = []  # (time, attempts by address)

    def _look(self):
        connection = http.client.HTTPConnection('127.0.0.1', self._port, timeout=10)
        connection.request('GET', '/metrics')
        text = connection.getresponse().read().decode()
        connection.close()
        return {address: int(float(number)) for address, number in re.findall(
            r'^gateway_upstream_attempts_total\{.*MembershipService.*address="([^"]+)"\} (\S+)$',
            text, re.MULTILINE)}

    def run(self):
        while not self._over.wait(0.1):
            self.samples.append((time.monotonic(), self._look()))

    def stop(self):
        self._over.set()
        self.join()
        self.samples.append((time.monotonic(), self._look()))

    def total(self):
        return sum(self.samples[-1][1].values()) - sum(self.samples[0][1].values())

    def used(self, address, since, until):
        """When a call was sent there, between these times."""
        times = []
        for (_, before), (now, after) in zip(self.samples, self.samples[1:]):
            if since < now <= until and after.get(address, 0) > before.get(address, 0):
                times.append(now)
        return times


class ReplicaFaults(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.postgres = Postgres()
        cls.addClassCleanup(cls.postgres.remove)
        cls.suite = suite.Suite(cls.postgres.create_database()[1], replicas=3,
                                gateway_flags=('--admin_listen', '127.0.0.1:0')).start()
        cls.addClassCleanup(cls.suite.close)
        cls.suite.load()

    def under_fault(self, name, begin, end):
        replica = self.suite.replicas[1]
        attempts = Attempts(self.suite.gateway)
        attempts.start()
        with Victim(self.suite, rate=RATE, watches=0) as victim:
            time.sleep(1)
            began = time.monotonic()
            begin(replica)
            time.sleep(SECONDS)
            ended = time.monotonic()
            end(replica)
            process.wait_for(lambda: attempts.used(replica.address, ended, time.monotonic()),
                             'the replica is used again', BACK)
            time.sleep(1)
        attempts.stop()
        alone = max(attempts.used(replica.address, began, ended), default=began) - began
        back = min(attempts.used(replica.address, ended, time.monotonic())) - ended
        tries = attempts.total() / victim.answered
        print('{}: {} calls, {:.3f} tries each, left alone after {:.1f} s, back after {:.1f} s, '
              'slowest {:.2f} s'.format(name, victim.answered, tries, alone, back, victim.slowest),
              file=sys.stderr)
        self.assertEqual(victim.failures, [])
        self.assertGreater(victim.answered, RATE)
        self.assertLess(alone, LEFT_ALONE)
        self.assertLess(back, BACK)
        self.assertLess(tries, MAX_ATTEMPTS)
        self.assertNotIn('for abuse', self.suite.gateway.log())

    def test_killed(self):
        self.under_fault('killed', lambda one: one.kill(), lambda one: one.start())

    def test_paused(self):
        self.under_fault('paused', lambda one: os.kill(one.pid, signal.SIGSTOP),
                         lambda one: os.kill(one.pid, signal.SIGCONT))

    def test_restarted(self):
        self.under_fault('restarted', lambda one: one.stop(), lambda one: one.start())

    def test_services_permit_pings(self):
        # Nothing comes on a watch's connection for longer than a service would bear.
        watch = self.suite.client('SECRETARIAT').watch(timeout=60)
        time.sleep(SECONDS + 2)
        self.assertTrue(watch.stands())
        watch.cancel()
        self.assertNotIn('for abuse', self.suite.gateway.log())


if __name__ == '__main__':
    suite.main()
