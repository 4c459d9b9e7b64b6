"""Every process of the suite is restarted in its turn, the gateway by handing over its socket,
while others call by gRPC and by JSON over HTTP/1.1: no call that may be made twice fails.

Two processes of each service, on PostgreSQL. BALI_FAULT_SECONDS is how long each process is given
between restarts at least: a little by default, for ordinary runs. Prints the calls and what failed.
"""

import os
import socket
import sys
import time
import unittest

import process
import suite
from json_callers import JsonCallers
from operators import Operators
from postgres import Postgres
from victim import Victim

PAUSE = min(5.0, float(os.environ.get('BALI_FAULT_SECONDS', '0.5')))
RATE = 60
CALLS = (('GetMember', {'name': 'members/aus'}), ('ListMeetings', {'page_size': 2}),
         ('ListStrategies', {'page_size': 2}))
PATHS = ('/v1/members/aus', '/v1/meetings?page_size=2', '/v1/strategies?page_size=2')


class RollingRestart(unittest.TestCase):
    def setUp(self):
        postgres = Postgres()
        self.addCleanup(postgres.remove)
        stores = [postgres.create_database()[1] for _ in range(3)]
        self.suite = suite.Suite(stores[0], replicas=2, meetings_store=stores[1],
                                 capacity_store=stores[2], doubles=True,
                                 gateway_flags=('--admin_listen', '127.0.0.1:0')).start()
        self.addCleanup(self.suite.close)
        self.suite.load()
        self.listener = socket.create_server(('127.0.0.1', 0), backlog=128)
        self.addCleanup(self.listener.close)
        self._gateways = 0

    def take_over(self):
        """Another gateway on the socket, and the one before it ends."""
        before = self.suite.gateway
        self._gateways += 1
        one = process.InheritingGateway(before, self.listener, 'gateway-{}'.format(self._gateways))
        self.addCleanup(one.kill)
        self.suite.gateway = one.start()
        self.await_all()
        self.assertEqual(before.stop(), 0)

    def await_all(self):
        Operators(self.suite.gateway).await_in_use(one.address for one in self.suite.services())

    def test_every_process(self):
        self.take_over()
        others = JsonCallers(self.suite.gateway.address, self.suite.identities, PATHS, 4, 0.05)
        with Victim(self.suite, rate=RATE, watches=0, calls=CALLS, timeout=20) as callers, others:
            began = time.monotonic()
            for one in self.suite.services():
                time.sleep(PAUSE)
                self.assertEqual(one.stop(), 0, one.label)
                one.start()
                self.await_all()
            for _ in range(2):
                time.sleep(PAUSE)
                self.take_over()
            time.sleep(PAUSE)
            took = time.monotonic() - began
        print('{} restarts in {:.0f} s: {} calls of gRPC, {} failed, slowest {:.2f} s; {} of JSON, '
              '{} failed, {} sent again'.format(
                  len(self.suite.services()) + 2, took, callers.answered, len(callers.failures),
                  callers.slowest, others.answered, len(others.failures), others.again),
              file=sys.stderr)
        self.assertEqual(callers.failures, [])
        self.assertEqual(others.failures, [])
        self.assertGreater(callers.answered, RATE)
        self.assertGreater(others.answered, RATE)


if __name__ == '__main__':
    suite.main()
