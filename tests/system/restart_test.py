"""Nothing needs a restart; and when there is one, no call fails."""

import os
import shutil
import signal
import socket
import subprocess
import threading
import time
import unittest

import client
import process
import suite


class Callers:
    """Calls one after the other, on connections of their own, and what became of them."""

    def __init__(self, started, address, count):
        self.failures = []
        self.calls = 0
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._clients = [client.Client(address, started.identities.credentials(),
                                       started.identities.token('SECRETARIAT'))
                         for _ in range(count)]
        self._threads = [threading.Thread(target=self._run, args=(one,))
                         for one in self._clients]
        for thread in self._threads:
            thread.start()

    def _run(self, one):
        while not self._stop.is_set():
            try:
                one.call('ListMembers', page_size=1, timeout=20)
            except client.CallError as error:
                with self._lock:
                    self.failures.append(str(error))
            with self._lock:
                self.calls += 1

    def await_calls(self, count):
        wanted = self.calls + count
        process.wait_for(lambda: self.calls >= wanted, '{} more calls'.format(count))

    def end(self):
        self._stop.set()
        for thread in self._threads:
            thread.join()
        for one in self._clients:
            one.close()


class Restart(unittest.TestCase):
    def setUp(self):
        self.suite = suite.Suite().start()
        self.addCleanup(self.suite.close)
        self.suite.gateway.stop()
        self.listener = socket.create_server(('127.0.0.1', 0))
        self.addCleanup(self.listener.close)
        self._gateways = 0

    def new_gateway(self):
        self._gateways += 1
        one = process.InheritingGateway(self.suite.gateway, self.listener,
                                        'gateway-{}'.format(self._gateways))
        self.addCleanup(one.kill)
        return one.start()

    def test_a_gateway_takes_over_and_no_call_fails(self):
        gateway = self.new_gateway()
        callers = Callers(self.suite, gateway.address, 8)
        try:
            for _ in range(3):
                callers.await_calls(100)
                successor = self.new_gateway()
                self.assertEqual(gateway.stop(), 0)
                gateway = successor
            callers.await_calls(100)
        finally:
            callers.end()
        print('{} calls over 3 restarts, {} failed'.format(callers.calls, len(callers.failures)))
        self.assertEqual(callers.failures, [])

    def test_connections_wait_while_there_is_no_gateway(self):
        gateway = self.new_gateway()
        callers = Callers(self.suite, gateway.address, 4)
        try:
            callers.await_calls(50)
            self.assertEqual(gateway.stop(), 0)
            self.new_gateway()
            callers.await_calls(50)
        finally:
            callers.end()
        self.assertEqual(callers.failures, [])


class Reload(unittest.TestCase):
    def setUp(self):
        self.suite = suite.Suite(gateway_flags=('--drain_delay', '60s')).start()
        self.addCleanup(self.suite.close)

    def certificate(self):
        return subprocess.run(
            ['openssl', 's_client', '-connect', self.suite.gateway.address, '-alpn', 'h2'],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
            timeout=20).stdout.split('-----END CERTIFICATE-----')[0]

    def test_a_new_certificate_is_shown_at_a_hangup(self):
        before = self.certificate()
        self.assertIn('-----BEGIN CERTIFICATE-----', before)
        identities = self.suite.identities
        self.addCleanup(self.swap, identities)
        self.swap(identities)
        os.kill(self.suite.gateway.pid, signal.SIGHUP)
        process.wait_for(lambda: self.certificate() != before, 'another certificate is shown')
        self.suite.client().call('ListMembers', page_size=1)
        self.assertTrue(self.suite.gateway.is_running())

    @staticmethod
    def swap(identities):
        """Exchanges the gateway's certificate and key for a client's."""
        for end in ('crt', 'key'):
            one, other = (identities.file('{}/tls.{}'.format(name, end))
                          for name in ('gateway', 'client'))
            shutil.move(one, one + '.kept')
            shutil.move(other, one)
            shutil.move(one + '.kept', other)

    def test_a_gateway_that_will_drain_serves_until_then(self):
        gateway = self.suite.gateway
        gateway.terminate()
        process.wait_for(lambda: 'the end was asked for' in gateway.log(), 'it has heard')
        public = self.suite.client()
        public.call('ListMembers', page_size=1)
        self.assertTrue(gateway.is_running())
        start = time.monotonic()
        gateway.terminate()  # the second ends the delay
        self.assertEqual(gateway.wait(), 0)
        self.assertLess(time.monotonic() - start, 30)


if __name__ == '__main__':
    suite.main()
