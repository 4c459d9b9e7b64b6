"""Three replicas of membership on one PostgreSQL, one of them at fault under load: killed, paused,
slow, or answering UNAVAILABLE half the time. No call that may be made twice fails, no other is made
twice, the replica is left alone soon and used again once it is back.

Prints the tries of each call, and the seconds until the replica is left alone and until it is back.
BALI_FAULT_SECONDS is how long each fault lasts: a little by default, for ordinary runs.
"""

import os
import signal
import sys
import threading
import time
import unittest
import uuid

import process
import suite
from callers import Callers
from client import CallError
from operators import Operators
from postgres import Postgres
from victim import READ, Victim

SECONDS = max(4.0, float(os.environ.get('BALI_FAULT_SECONDS', '1')))
RATE = 80
MAX_ATTEMPTS = 1.2
# What the gateway promises for a replica that stops answering, and for what comes back: an attempt
# to connect every two seconds, more or less. The rest is for busy machines.
LEFT_ALONE = 2 + 1
BACK = 5 + 5
# A replica that answers isn't left alone altogether: it has less than this part of a fair share.
LITTLE = 0.7
WINDOW = 1.0  # seconds in which shares are counted
# Safe to be made twice: the second by what it does.
SAFE = (READ, ('UpdateBody', {'allow_missing': True, 'body': {
    'name': 'bodies/safe', 'kind': 'TASK_FORCE', 'display_name': 'Safe'}}))


class Attempts(threading.Thread):
    """What the gateway sends to each address of membership, looked at ten times a second."""

    def __init__(self, gateway):
        super().__init__(daemon=True)
        self._operators = Operators(gateway)
        self._over = threading.Event()
        self.samples = [(time.monotonic(), self._look())]  # (time, attempts by address)
        self._unavailable = self._look('unavailable')

    def _look(self, what='attempts'):
        """A metric of membership's addresses."""
        return {name.split('address="')[1].split('"')[0]: int(number)
                for name, number in self._operators.metrics().items()
                if name.startswith('gateway_upstream_{}_total{{'.format(what)) and
                'Membership' in name}

    def unavailable(self, address):
        """How many calls ended so there."""
        return self._look('unavailable')[address] - self._unavailable[address]

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
        samples = self.samples[:]
        for (_, before), (now, after) in zip(samples, samples[1:]):
            if since < now <= until and after.get(address, 0) > before.get(address, 0):
                times.append(now)
        return times

    def shares(self, address, since, until):
        """Of all calls, in parts of a fair share, how many went there: (time, share) of windows
        that begin and end between these times."""
        found = []
        samples = self.samples[:]
        for end, after in samples:
            begun = [one for one in samples if since <= one[0] <= end - WINDOW]
            if end > until or not begun:
                continue
            before = begun[-1][1]
            all_calls = sum(after.values()) - sum(before.values())
            if all_calls > 0:
                here = after.get(address, 0) - before.get(address, 0)
                found.append((end, here / all_calls * len(after)))
        return found


class Writers(Callers):
    """Calls that mustn't be made twice, each with an id that logs have."""

    def __init__(self, started, count=2, pause=0.1):
        super().__init__(count, pause)
        self._started = started
        self.made = []
        self.unavailable = 0

    def _run(self, index):
        client = self._started.client('SECRETARIAT')
        while self._next():
            name = 'once-' + uuid.uuid4().hex
            try:
                client.call('CreateBody', body={'kind': 'TASK_FORCE', 'display_name': name},
                            body_id=name[:20], metadata=[('x-request-id', name)])
            except CallError as error:
                with self._lock:
                    if error.code == 'UNAVAILABLE':
                        self.unavailable += 1
                    else:
                        self.failures.append(str(error))
            with self._lock:
                self.made.append(name)

    def times(self, logs):
        """How often each call has reached whoever writes these logs."""
        return {name: sum(log.count('"{}"'.format(name)) for log in logs) for name in self.made}


class Front(process.Process):
    """A process before a replica that makes it seem at fault (faulty_front.py)."""

    def __init__(self, replica, identities):
        super().__init__('front', os.path.dirname(replica.log_file), [])
        self._arguments = [replica.address, identities.ca, identities.certificate('membership'),
                           identities.key('membership')]

    def command(self):
        here = os.path.dirname(os.path.abspath(__file__))
        return [sys.executable, os.path.join(here, 'faulty_front.py'), *self._arguments,
                self.port_file]


class FrontedSuite(suite.Suite):
    """The second replica is behind a front, for the gateway."""

    front = None

    def _new_gateway(self):
        if self.front is None:
            self.front = Front(self.replicas[1], self.identities).start()
        gateway = super()._new_gateway()
        at = gateway.flags.index('--upstream') + 1
        gateway.flags[at] = gateway.flags[at].replace(self.replicas[1].address,
                                                      self.front.address)
        return gateway

    def processes(self):
        return super().processes() + ([self.front] if self.front else [])


class Faults:
    """What both kinds of faults have in common: a load of calls, and what is asked of it."""

    KIND = suite.Suite

    @classmethod
    def setUpClass(cls):
        cls.postgres = Postgres()
        cls.addClassCleanup(cls.postgres.remove)
        cls.suite = cls.KIND(cls.postgres.create_database()[1], replicas=3,
                             gateway_flags=('--admin_listen', '127.0.0.1:0')).start()
        cls.addClassCleanup(cls.suite.close)
        cls.suite.load()

    def load(self, name, begin, end, is_back):
        """Calls before, during and behind the fault: what was sent where, and when the fault began
        and ended."""
        attempts = Attempts(self.suite.gateway)
        attempts.start()
        with Victim(self.suite, rate=RATE, watches=0, calls=SAFE) as victim, \
                Writers(self.suite) as writers:
            time.sleep(1)
            began = time.monotonic()
            begin()
            time.sleep(SECONDS)
            ended = time.monotonic()
            end()
            process.wait_for(lambda: is_back(attempts, ended), 'the replica is used again', BACK)
            time.sleep(1)
        attempts.stop()
        tries = attempts.total() / (victim.answered + len(writers.made))
        repeated = {name: count for name, count in writers.times(self.logs()).items() if count > 1}
        print('{}: {} calls, {:.3f} tries each, slowest {:.2f} s; {} that mustn\'t be repeated, {} '
              'of them unavailable'.format(name, victim.answered, tries, victim.slowest,
                                           len(writers.made), writers.unavailable), file=sys.stderr)
        self.assertEqual(victim.failures, [])
        self.assertEqual(writers.failures, [])
        self.assertEqual(repeated, {})
        self.assertGreater(victim.answered, RATE)
        self.assertLess(tries, MAX_ATTEMPTS)
        self.assertNotIn('for abuse', self.suite.gateway.log())
        return attempts, began, ended


class ReplicaFaults(Faults, unittest.TestCase):
    def logs(self):
        return [one.log() for one in self.suite.replicas]

    def under_fault(self, name, begin, end):
        replica = self.suite.replicas[1]
        attempts, began, ended = self.load(
            name, lambda: begin(replica), lambda: end(replica),
            lambda seen, since: seen.used(replica.address, since, time.monotonic()))
        alone = max(attempts.used(replica.address, began, ended), default=began) - began
        back = min(attempts.used(replica.address, ended, time.monotonic())) - ended
        print('  left alone after {:.1f} s, back after {:.1f} s'.format(alone, back),
              file=sys.stderr)
        self.assertLess(alone, LEFT_ALONE)
        self.assertLess(back, BACK)

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


class AnsweringReplicaFaults(Faults, unittest.TestCase):
    """It answers still, so that it isn't left alone altogether: it gets little."""

    KIND = FrontedSuite

    def logs(self):
        """What is sent to the second replica the front knows."""
        return [one.log() for one in (self.suite.replicas[0], self.suite.replicas[2],
                                      self.suite.front)]

    def under_fault(self, name, fault):
        front = self.suite.front

        def is_back(seen, since):
            return any(share >= LITTLE for _, share in
                       seen.shares(front.address, since, time.monotonic()))

        attempts, began, ended = self.load(
            name, lambda: os.kill(front.pid, fault), lambda: os.kill(front.pid, signal.SIGHUP),
            is_back)
        during = attempts.shares(front.address, began, ended)
        alone = min(end for end, share in during if share < LITTLE) - began
        back = min(end for end, share in attempts.shares(front.address, ended, time.monotonic())
                   if share >= LITTLE) - ended
        shares = [share for end, share in during if end > began + LEFT_ALONE]
        print('  has little after {:.1f} s, {:.2f} of a fair share then; back after {:.1f} s; {} '
              'calls ended with UNAVAILABLE there'.format(alone, sum(shares) / len(shares), back,
                                                    attempts.unavailable(front.address)),
              file=sys.stderr)
        self.assertLess(alone, LEFT_ALONE)
        self.assertLess(sum(shares) / len(shares), LITTLE)
        self.assertLess(back, BACK)
        return attempts.unavailable(front.address)

    def test_slow(self):
        self.under_fault('slow', signal.SIGUSR1)

    def test_unavailable_half_the_time(self):
        ended = self.under_fault('unavailable half the time', signal.SIGUSR2)
        self.assertGreater(ended, 0)


if __name__ == '__main__':
    suite.main()
