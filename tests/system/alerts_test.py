"""The alerts of deploy/monitoring fire for faults of the real processes, with their times made short.

With BALI_ALERTS=all it waits until some end. More faults are in more_alerts_test.py; tests/monitoring/run
runs all.
"""

import os
import socket
import time

import process
import suite
from alerts import CAPACITY, Again, AlertsCase, certificate
from client import Client
from operators import Operators


class AlertsTest(AlertsCase):
    membership_flags = ['--stalled_reader_timeout', '10m']
    gateway_flags = ['--max_connections_per_address', '20']

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

    def connect(self):
        """Once more; nobody ends what was connected."""
        host, port = self.suite.gateway.address.split(':')
        self.connections.append(socket.create_connection((host, int(port)), timeout=5))

    def leave(self):
        for connection in self.connections:
            connection.close()

    def test_faults(self):
        """All at once, so that it doesn't take long. Each alert names the process that it is about."""
        self.connections = []
        self.addCleanup(self.leave)
        self.assert_fires('Watchdog')
        self.assert_fires('BackupOld', job='baliprocess-membership')  # there was none
        self.await_peace()
        watch = self.lag()  # which is no alert yet
        certificate(self.directory, 2)
        self.suite.capacity.kill()
        self.postgres.freeze()
        public = self.suite.client()
        with Again(lambda: public.call('ListStrategies', timeout=2)), Again(self.connect, 0.3):
            self.assert_fires('ProcessDown', job='baliprocess-capacity', program='capacity')
            self.assert_fires('NoHealthyAddress', job='baliprocess-gateway', need=CAPACITY)
            self.assert_fires('CallsFailFast', job='baliprocess-gateway', grpc_service=CAPACITY)
            self.assert_fires('ConnectionsRefused', job='baliprocess-gateway')
            self.assert_fires('CallsFailSlowly', job='baliprocess-gateway', grpc_service=CAPACITY)
        self.assert_fires('ProgramMissing', program='capacity')
        self.assert_fires('ProcessNotReady', job='baliprocess-meetings', need='store')
        self.assert_fires('StoreHostDropped', job='baliprocess-meetings')
        for name in ('CertificateEndsSoon', 'CertificateAlmostEnded'):
            self.assert_fires(name, job='baliprocess-gateway', file=self.certificate)
        self.assert_fires('WatchLags', job='baliprocess-membership')

        self.postgres.thaw()
        self.assert_ends('ProcessNotReady', need='store')
        if os.environ.get('BALI_ALERTS') == 'all':
            watch.cancel()
            self.leave()
            certificate(self.directory, 800)
            self.suite.start_capacity()
            self.prometheus.follow(self.suite.processes())
            for name in ('ProcessDown', 'ProgramMissing', 'NoHealthyAddress', 'WatchLags',
                         'CertificateEndsSoon', 'CertificateAlmostEnded', 'CallsFailFast',
                         'CallsFailSlowly', 'ConnectionsRefused', 'StoreHostDropped'):
                self.assert_ends(name)


if __name__ == '__main__':
    suite.main()
