"""The alerts of deploy/monitoring fire for faults of the real processes, with their times made short.

BALI_ALERTS=all has more of them fire, and waits until they end; it takes a minute or two.
"""

import os
import shutil
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
CAPACITY = 'baliprocess.capacity.v1.CapacityService'


def certificate(directory, days):
    """The paths of a certificate of the gateway that ends in so many days, and of its key."""
    identities = suite.identities()
    base = os.path.join(directory, 'gateway')
    shutil.copy(identities.file('tls/gateway.key'), base + '.key')
    request = subprocess.run(['openssl', 'req', '-new', '-key', base + '.key', '-subj', '/CN=gateway',
                              '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'],
                             check=True, capture_output=True).stdout
    subprocess.run(['openssl', 'x509', '-req', '-CA', identities.ca, '-CAkey',
                    identities.file('tls/ca.key'), '-days', str(days), '-copy_extensions', 'copy',
                    '-out', base + '.part'], input=request, check=True, capture_output=True)
    os.replace(base + '.part', base + '.crt')
    return base + '.crt', base + '.key'


class Calls:
    """Somebody who calls a method again and again, whatever becomes of it."""

    def __init__(self, client, method, **fields):
        self._over = threading.Event()
        self._call = lambda: client.call(method, timeout=2, **fields)
        self._thread = threading.Thread(target=self._work, daemon=True)

    def _work(self):
        while not self._over.wait(0.1):
            try:
                self._call()
            except CallError:
                pass

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self._thread.join()


class AlertsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.mkdtemp(prefix='bali-alerts-')
        cls.addClassCleanup(shutil.rmtree, cls.directory)
        cls.postgres = postgres.Postgres()
        cls.addClassCleanup(cls.postgres.remove)
        _, store = cls.postgres.create_database()
        cls.short_lived = certificate(cls.directory, 800)
        cls.suite = suite.Suite(
            meetings_store=store, flags=['--admin_listen', '127.0.0.1:0'],
            membership_flags=['--stalled_reader_timeout', '10m'],
            gateway_flags=['--tls_cert', cls.short_lived[0], '--tls_key', cls.short_lived[1]])
        cls.suite.start()
        cls.prometheus = Prometheus(cls.suite.processes(), DIVISOR)
        suite.look_after(cls.prometheus)

    def assert_fires(self, name, **labels):
        process.wait_for(lambda: self.prometheus.firing(name, **labels),
                         '{} {} fires; what does: {}'.format(
                             name, labels, self.prometheus.names_of_firing()))

    def assert_ends(self, name, **labels):
        process.wait_for(lambda: not self.prometheus.firing(name, **labels), name + ' ends', 60)

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
        process.wait_for(lambda: self.prometheus.query('sum(bali_ready)') == [4], 'all are scraped')
        process.wait_for(lambda: not self.prometheus.names_of_firing(), 'no alert fires')

        certificate(self.directory, 2)
        self.suite.capacity.kill()
        self.postgres.freeze()
        with Calls(self.suite.client(), 'ListStrategies'):
            self.assert_fires('ProcessDown', job='baliprocess-capacity')
            self.assert_fires('NoHealthyAddress', job='baliprocess-gateway', need=CAPACITY)
            self.assert_fires('CallsFailFast', job='baliprocess-gateway', grpc_service=CAPACITY)
        self.assert_fires('ProgramMissing', program='capacity')
        self.assert_fires('ProcessNotReady', job='baliprocess-meetings', need='store')
        for name in ('CertificateEndsSoon', 'CertificateAlmostEnded'):
            self.assert_fires(name, job='baliprocess-gateway', file=self.short_lived[0])
        self.assert_fires('WatchLags', job='baliprocess-membership')

        self.postgres.thaw()
        self.assert_ends('ProcessNotReady', need='store')
        if os.environ.get('BALI_ALERTS') == 'all':
            watch.cancel()
            certificate(self.directory, 800)
            self.suite.start_capacity()
            self.prometheus.follow(self.suite.processes())
            for name in ('ProcessDown', 'ProgramMissing', 'NoHealthyAddress', 'WatchLags',
                         'CertificateEndsSoon', 'CertificateAlmostEnded', 'CallsFailFast'):
                self.assert_ends(name)


if __name__ == '__main__':
    suite.main()
