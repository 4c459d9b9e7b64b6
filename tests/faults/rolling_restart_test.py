"""Every process of the suite is restarted in its turn, the gateway by handing over its socket,
while others call by gRPC and by JSON over HTTP/1.1: no call that may be made twice fails.

Two processes of each service, on PostgreSQL. BALI_FAULT_SECONDS is how long each process is given
between restarts at least: a little by default, for ordinary runs. Prints the calls and what failed.
"""

import http.client
import json
import os
import socket
import ssl
import sys
import time
import unittest

import process
import suite
from callers import Callers
from operators import Operators
from postgres import Postgres
from victim import Victim

PAUSE = min(5.0, float(os.environ.get('BALI_FAULT_SECONDS', '0.5')))
RATE = 60
CALLS = (('GetMember', {'name': 'members/aus'}), ('ListMeetings', {'page_size': 2}),
         ('ListStrategies', {'page_size': 2}))
PATHS = ('/v1/members/aus', '/v1/meetings?page_size=2', '/v1/strategies?page_size=2')


class JsonCallers(Callers):
    """GETs on connections that are kept, one after the other, and what became of them. A connection
    that the gateway closes before a byte of a reply has come is no failure: a GET is sent again
    then (RFC 9110 9.2.2), once, and counted."""

    def __init__(self, address, identities, count, pause):
        super().__init__(count, pause)
        self._address = address
        self._context = ssl.create_default_context(cafile=identities.ca)
        self._headers = {'authorization': 'Bearer ' + identities.token('SECRETARIAT')}
        self.answered = 0
        self.again = 0

    def _connect(self):
        host, port = self._address.rsplit(':', 1)
        return http.client.HTTPSConnection(host, int(port), timeout=20, context=self._context)

    def _ask(self, connection, path):
        connection.request('GET', path, headers=self._headers)
        reply = connection.getresponse()
        text = reply.read()
        if reply.status != 200:
            raise ValueError('{} {}'.format(reply.status, text))
        json.loads(text)

    def _ask_twice(self, connection, path):
        used = connection.sock is not None
        try:
            self._ask(connection, path)
        except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
            if not used:
                raise
            with self._lock:
                self.again += 1
            connection.close()
            self._ask(connection, path)

    def _run(self, turn):
        connection = self._connect()
        while self._next():
            turn += 1
            path = PATHS[turn % len(PATHS)]
            try:
                self._ask_twice(connection, path)
                with self._lock:
                    self.answered += 1
            except (OSError, ValueError, http.client.HTTPException) as error:
                with self._lock:
                    self.failures.append('{}: {!r}'.format(path, error))
                connection.close()
        connection.close()


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
        others = JsonCallers(self.suite.gateway.address, self.suite.identities, 4, 0.05)
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
