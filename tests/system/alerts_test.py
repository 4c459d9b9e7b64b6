"""The alerts of deploy/monitoring fire for faults of the real processes, with their times made short.

BALI_ALERTS=all has more of them fire, and waits until some end; it takes a minute and a half.
"""

import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time
import unittest

import postgres
import process
import suite
from client import CallError, Client
from operators import Operators
from prometheus import Prometheus

# A minute of a rule is a second here.
DIVISOR = 60
ALL = os.environ.get('BALI_ALERTS') == 'all'
CAPACITY = 'baliprocess.capacity.v1.CapacityService'


def certificate(directory, days):
    """The paths of a certificate of the gateway that ends in so many days, and of its key."""
    identities = suite.identities()
    base = os.path.join(directory, 'gateway')
    shutil.copy(identities.key('gateway'), base + '.key')
    request = subprocess.run(['openssl', 'req', '-new', '-key', base + '.key', '-subj', '/CN=gateway',
                              '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'],
                             check=True, capture_output=True).stdout
    subprocess.run(['openssl', 'x509', '-req', '-CA', identities.ca, '-CAkey',
                    identities.file('ca/ca.key'), '-days', str(days), '-copy_extensions', 'copy',
                    '-out', base + '.part'], input=request, check=True, capture_output=True)
    os.replace(base + '.part', base + '.crt')
    return base + '.crt', base + '.key'


class Again:
    """Somebody who does something ten times a second, whatever becomes of it."""

    def __init__(self, work):
        self._over = threading.Event()
        self._do = work
        self._thread = threading.Thread(target=self._work, daemon=True)

    def _work(self):
        while not self._over.wait(0.1):
            try:
                self._do()
            except (CallError, OSError):
                pass

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self._thread.join()


class AlertsCase(unittest.TestCase):
    """`flags` are of all processes, or of one."""

    membership_flags = []
    flags = []

    @classmethod
    def setUpClass(cls):
        # First, since it takes a while until it looks for targets.
        cls.prometheus = Prometheus(('membership', 'meetings', 'capacity', 'gateway'), DIVISOR)
        suite.look_after(cls.prometheus)
        cls.addClassCleanup(cls.prometheus.close)
        cls.directory = tempfile.mkdtemp(prefix='bali-alerts-')
        cls.addClassCleanup(shutil.rmtree, cls.directory)
        cls.postgres = postgres.Postgres()
        cls.addClassCleanup(cls.postgres.remove)
        _, cls.store = cls.postgres.create_database()
        cls.certificate, key = certificate(cls.directory, 800)
        cls.suite = suite.Suite(
            meetings_store=cls.store, flags=['--admin_listen', '127.0.0.1:0', *cls.flags],
            membership_flags=cls.membership_flags,
            gateway_flags=['--tls_cert', cls.certificate, '--tls_key', key])
        cls.addClassCleanup(cls.suite.close)
        cls.suite.start()
        cls.prometheus.wait_until_ready()
        cls.prometheus.follow(cls.suite.processes())

    def await_peace(self):
        process.wait_for(lambda: self.prometheus.query('sum(bali_ready)') == [4], 'all are scraped')
        process.wait_for(lambda: not self.prometheus.names_of_firing(), 'no alert fires')

    def assert_fires(self, name, **labels):
        try:
            process.wait_for(lambda: self.prometheus.firing(name, **labels), 'it fires', 60)
        except TimeoutError:
            self.fail('{} {} does not fire, but {}'.format(
                name, labels, self.prometheus.names_of_firing()))

    def assert_ends(self, name, **labels):
        process.wait_for(lambda: not self.prometheus.firing(name, **labels), name + ' ends', 60)


class AlertsTest(AlertsCase):
    membership_flags = ['--stalled_reader_timeout', '10m']

    def lag(self):
        """Has a watch of membership lag: its reader takes nothing, and has little room for what it is
        told."""
        identities = suite.identities()
        reader = Client(self.suite.membership.address, identities.credentials('client'),
                        identities.token('OBSERVER'), options=[('grpc.http2.bdp_probe', 0)])
        self.addCleanup(reader.close)
        watch = reader.start_stream('WatchChanges')
        writer = self.suite.client('SECRETARIAT')
        membership = Operators(self.suite.membership)

        def lags():
            for _ in range(20):
                writer.call('UpdateBody', allow_missing=True, body={
                    'name': 'bodies/told', 'kind': 'TASK_FORCE', 'display_name': 'Told',
                    'mandate': '{:.7f}'.format(time.monotonic()) * 300})
            return membership.metrics()['bali_watch_lag_seconds'] > 1

        process.wait_for(lags, 'the watch lags')
        return watch

    def test_faults(self):
        """All at once, so that it doesn't take long. Each alert names the process that it is about."""
        watch = self.lag()  # which is no alert yet
        self.await_peace()
        certificate(self.directory, 2)
        self.suite.capacity.kill()
        self.postgres.freeze()
        public = self.suite.client()
        with Again(lambda: public.call('ListStrategies', timeout=2)):
            self.assert_fires('ProcessDown', job='baliprocess-capacity')
            self.assert_fires('NoHealthyAddress', job='baliprocess-gateway', need=CAPACITY)
            self.assert_fires('CallsFailFast', job='baliprocess-gateway', grpc_service=CAPACITY)
        self.assert_fires('ProgramMissing', program='capacity')
        self.assert_fires('ProcessNotReady', job='baliprocess-meetings', need='store')
        for name in ('CertificateEndsSoon', 'CertificateAlmostEnded'):
            self.assert_fires(name, job='baliprocess-gateway', file=self.certificate)
        self.assert_fires('WatchLags', job='baliprocess-membership')

        self.postgres.thaw()
        self.assert_ends('ProcessNotReady', need='store')
        if ALL:
            watch.cancel()
            certificate(self.directory, 800)
            self.suite.start_capacity()
            self.prometheus.follow(self.suite.processes())
            for name in ('ProcessDown', 'ProgramMissing', 'NoHealthyAddress', 'WatchLags',
                         'CertificateEndsSoon', 'CertificateAlmostEnded', 'CallsFailFast'):
                self.assert_ends(name)


@unittest.skipUnless(ALL, 'BALI_ALERTS=all runs it')
class MoreAlertsTest(AlertsCase):
    # No collector is at that port.
    flags = ['--drain_delay', '5m', '--otlp_endpoint', 'http://127.0.0.1:1', '--trace_ratio', '1']

    def start_another(self):
        """Starts another process of meetings, which waits for the store."""
        another = process.Process('meetings', self.suite.directory, [
            *self.suite.meetings.flags], 'another').start(wait=False)
        self.addCleanup(another.kill)
        self.prometheus.follow([*self.suite.processes(), another])

    def say_nonsense(self):
        """As a client that speaks no TLS."""
        host, port = self.suite.gateway.address.split(':')
        with socket.create_connection((host, int(port)), timeout=5) as connection:
            connection.sendall(b'GET / HTTP/1.0\r\n\r\n')
            connection.recv(100)

    def test_faults(self):
        self.await_peace()
        with open(self.certificate, 'w', encoding='ascii'):
            pass  # empty from now on
        stranger = self.suite.client(token='nonsense')
        self.postgres.kill()
        self.start_another()
        self.suite.capacity.terminate()
        gateway = {'job': 'baliprocess-gateway'}
        meetings = {'job': 'baliprocess-meetings'}
        with Again(lambda: stranger.call('ListMembers', timeout=2)), Again(self.say_nonsense):
            self.assert_fires('ReloadFailed', what='certificate', **gateway)
            self.assert_fires('CertificateUnreadable', file=self.certificate, **gateway)
            self.assert_fires('ProcessNotReady', need='store', **meetings)
            self.assert_fires('StoreFails', **meetings)
            self.assert_fires('StoreConnectsFail', **meetings)
            self.assert_fires('StoreNotListening', **meetings)
            self.assert_fires('StartTakesLong', **meetings)
            self.assert_fires('DrainTakesLong', job='baliprocess-capacity')
            self.assert_fires('UpstreamUnhealthy', service=CAPACITY, **gateway)
            self.assert_fires('RefusalsRise', reason='TOKEN_INVALID', **gateway)
            self.assert_fires('HandshakesFail', **gateway)
            self.assert_fires('SpansDropped', **gateway)
            self.assert_fires('BackgroundWorkFails', part='settling of decisions', **meetings)


if __name__ == '__main__':
    suite.main()
