"""As alerts_test.py, for faults that take longer to be seen, some minutes in all. Not in tests/run:
tests/monitoring/run --all runs it."""

import contextlib
import os
import random
import signal
import socket
import threading

import process
import shim
import suite
from alerts import CAPACITY, MEETINGS, Again, AlertsCase
from operators import Operators

GATEWAY = {'job': 'baliprocess-gateway'}
MEMBERSHIP = {'job': 'baliprocess-membership'}
ON_POSTGRES = {'job': 'baliprocess-meetings'}


class StoreIsGone(AlertsCase):
    # No collector is at that port.
    flags = ['--otlp_endpoint', 'http://127.0.0.1:1', '--trace_ratio', '1']
    # Nor is there such a folder.
    membership_flags = ['--ship_changes', '/nowhere/shipped']

    def start_another(self):
        """Starts another process of meetings, which waits for the store."""
        another = process.Process('meetings', self.suite.directory, [
            *self.suite.meetings.flags], 'another').start(wait=False)
        self.addCleanup(another.kill)
        return another

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
        public = self.suite.client()
        # Some of what it does by itself it hasn't done yet.
        self.suite.meetings.stop()
        self.suite.meetings.start()
        self.postgres.kill()
        another = self.start_another()
        self.prometheus.follow([*self.suite.processes(), another])
        self.suite.capacity.stop()
        with Again(lambda: stranger.call('ListMembers', timeout=2)), Again(self.say_nonsense), \
                Again(lambda: public.call('ListMeetings', timeout=5)):
            self.assert_fires('ReloadFailed', what='certificate', **GATEWAY)
            self.assert_fires('CertificateUnreadable', file=self.certificate, **GATEWAY)
            self.assert_fires('ProcessNotReady', need='store', **ON_POSTGRES)
            self.assert_fires('StoreFails', **ON_POSTGRES)
            self.assert_fires('StoreConnectsFail', **ON_POSTGRES)
            self.assert_fires('StoreNotListening', **ON_POSTGRES)
            self.assert_fires('StartTakesLong', **ON_POSTGRES)
            self.assert_fires('UpstreamUnhealthy', service=CAPACITY, **GATEWAY)
            self.assert_fires('RefusalsRise', reason='TOKEN_INVALID', **GATEWAY)
            self.assert_fires('HandshakesFail', **GATEWAY)
            self.assert_fires('SpansDropped', **GATEWAY)
            self.assert_fires('BackgroundWorkFails', part='settling of decisions', **ON_POSTGRES)
            self.assert_fires('CallsFailForDays', grpc_service=MEETINGS, **GATEWAY)
            self.assert_fires('BackgroundWorkStands', part='age of the change log', deadline=120,
                              **ON_POSTGRES)
            self.assert_fires('StoreShippingStands', deadline=150, **MEMBERSHIP)


class StoreIsSlow(AlertsCase):
    meetings_flags = ['--store_connections', '2']

    def test_faults(self):
        client = self.suite.client('SECRETARIAT')
        client.call('UpdateBody', allow_missing=True, body={
            'name': 'bodies/ahg', 'kind': 'AD_HOC_GROUP', 'display_name': 'Ad Hoc Group'})
        client.call('UpdateMeeting', allow_missing=True, meeting={
            'name': 'meetings/m', 'body': 'bodies/ahg', 'display_name': 'A meeting'})
        self.await_peace()
        self.commit_slowly()
        self.lock()

    def commit_slowly(self):
        """The server stands still most of the time, though never for so long that it is given up."""
        running = threading.Event()  # never set

        def stand_still():
            self.postgres.freeze()
            running.wait(1.5)
            self.postgres.thaw()

        writer = self.suite.client('SECRETARIAT')
        with Again(stand_still, 0.2), Again(lambda: writer.call(
                'UpdateMeeting', timeout=10,
                meeting={'name': 'meetings/m', 'ordinal': random.randint(1, 1000)})):
            self.assert_fires('StoreCommitsSlow', **ON_POSTGRES)
            self.assert_fires('CallsSlow', grpc_method='UpdateMeeting', **ON_POSTGRES)

    def lock(self):
        """Whoever reads waits for it, and those behind have no connection, or no thread."""
        lock = self.postgres.lock(self.database, 'meetings')
        reader = self.suite.client()
        with contextlib.ExitStack() as stack:
            for _ in range(60):
                stack.enter_context(Again(lambda: reader.call('ListMeetings', timeout=60)))
            stack.callback(lock.release)  # before their end is waited for
            self.assert_fires('StoreConnectionsExhausted', **ON_POSTGRES)
            self.assert_fires('ThreadsBusy', **ON_POSTGRES)


class OnSmallDisk(process.Process):
    """With a disk of its own, in memory, which nobody else sees."""

    def __init__(self, name, directory, flags):
        self.disk = os.path.join(directory, 'disk')
        os.mkdir(self.disk)
        super().__init__(name, directory, [
            *flags, '--store', os.path.join(self.disk, name + '.db')], 'on-disk')

    def command(self):
        user = [] if os.geteuid() == 0 else ['--map-root-user']
        return ['unshare', *user, '--mount', 'sh', '-c',
                'mount -t tmpfs -o size=64m tmpfs "$0" && exec "$@"', self.disk, *super().command()]

    def fill(self, megabytes):
        """So many more."""
        with open('/proc/{}/root{}/filler'.format(self.pid, self.disk), 'ab') as file:
            file.write(bytes(megabytes << 20))


class WithWrongClock(process.Process):
    """By the shim of tests/faults."""

    def __init__(self, name, directory, flags):
        store = os.path.join(directory, 'shimmed.db')
        self.shim = shim.Shim(store)
        super().__init__(name, directory, [*flags, '--store', store], 'with-wrong-clock')

    def spawn_options(self):
        return {'env': self.shim.environment()}


class ProcessesFail(AlertsCase):
    def start(self, kind):
        """Another process of meetings, which is watched, too: and its address for operators."""
        identities = suite.identities()
        one = kind('meetings', self.suite.directory, [
            *identities.server_flags('meetings'), '--tls_client_ca', identities.ca,
            '--peer_ca', identities.ca, '--peers', 'membership=' + self.suite.membership.address,
            '--admin_listen', '127.0.0.1:0'])
        self.addCleanup(self.prometheus.follow, self.suite.processes())
        self.addCleanup(one.kill)
        one.start()
        self.await_peace()
        self.prometheus.follow([*self.suite.processes(), one])
        address = Operators(one).address
        process.wait_for(lambda: self.prometheus.query(
            'bali_ready{{instance="{}"}}'.format(address)) == [1], 'it is watched')
        return one, address

    def test_a_disk_that_fills(self):
        one, address = self.start(OnSmallDisk)
        one.fill(55)
        self.assert_fires('StoreDiskLow', instance=address)
        self.assertFalse(self.prometheus.firing('StoreDiskNearlyFull'))
        one.fill(6)
        self.assert_fires('StoreDiskNearlyFull', instance=address)

    def test_a_clock_that_is_set(self):
        one, address = self.start(WithWrongClock)
        with one.shim.clock_off_by(9000 * shim.HOUR):
            self.assert_fires('ClockNotTrusted', instance=address)
        self.assert_ends('ClockNotTrusted')

    def test_loops(self):
        """The gateway runs for moments only, with much to do."""
        self.await_peace()
        stopped = threading.Event()  # never set

        def stand_still():
            os.kill(self.suite.gateway.pid, signal.SIGSTOP)
            stopped.wait(0.15)
            os.kill(self.suite.gateway.pid, signal.SIGCONT)

        with contextlib.ExitStack() as stack:
            for _ in range(20):
                client = self.suite.client()
                stack.enter_context(Again(lambda one=client: one.call('ListMembers'), 0.001))
            stack.enter_context(Again(stand_still, 0.006))
            self.assert_fires('LoopTurnsSlow', **GATEWAY)

    def test_restarts(self):
        """Membership ends again and again; meetings, which asks it, is refused meanwhile."""
        membership = self.suite.membership
        self.await_peace()
        instance = Operators(membership).address
        membership.flags += ['--admin_listen', instance]
        started = threading.Event()  # never set
        meetings = self.suite.client('SECRETARIAT')
        with Again(lambda: meetings.call('CreateMeeting', timeout=1, meeting={
                'body': 'bodies/none', 'display_name': 'A meeting'})):
            for _ in range(3):
                membership.kill()
                membership.start()
                started.wait(1.5)  # a start is known by its second
            self.assert_fires('ProcessRestarts', instance=instance, **MEMBERSHIP)
            membership.kill()
            self.assert_fires('PeerCallsFail', service='membership', **ON_POSTGRES)


if __name__ == '__main__':
    suite.main()
