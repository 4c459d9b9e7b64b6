"""As alerts_test.py, for faults that take longer to be seen, some minutes in all. Not in tests/run:
tests/monitoring/run --all runs it."""

import contextlib
import hashlib
import http.server
import os
import random
import signal
import socket
import threading

import process
import shim
import suite
from alerts import CAPACITY, DIVISOR, MEETINGS, Again, AlertsCase
from client import Client
from operators import Operators
from prometheus import Prometheus

GATEWAY = {'job': 'baliprocess-gateway'}
MEMBERSHIP = {'job': 'baliprocess-membership'}
ON_POSTGRES = {'job': 'baliprocess-meetings'}
MEMBERSHIP_SERVICE = 'baliprocess.membership.v1.MembershipService'
_CHUNK = 1 << 20  # of an upload


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
        self.meet()
        self.commit_slowly()
        self.lock()

    def meet(self):
        """Another program locks the tables of writers in another order than they, so that the server breaks
        off whoever waited first."""
        other = self.postgres.session(self.database)
        self.addCleanup(other.close)
        other.run("SET deadlock_timeout = '1min'")
        writer = self.suite.client('SECRETARIAT')

        def lock_tables():
            other.run('BEGIN; LOCK TABLE changes IN EXCLUSIVE MODE')
            process.wait_for(self.postgres.waiting_for_locks, 'a writer waits', pause=0.02)
            other.run('LOCK TABLE meetings IN ACCESS EXCLUSIVE MODE; COMMIT')

        with Again(lock_tables, 0.01), Again(lambda: writer.call(
                'UpdateMeeting', timeout=10,
                meeting={'name': 'meetings/m', 'ordinal': random.randint(1, 1000)}), 0.01):
            self.assert_fires('StoreConflicts', **ON_POSTGRES)

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


class WithShim(process.Process):
    """That of tests/faults, which shows it a wrong clock, or keeps its backup from being written."""

    def __init__(self, name, directory, flags):
        store = os.path.join(directory, 'shimmed.db')
        self.shim = shim.Shim(store)
        super().__init__(name, directory, [*flags, '--store', store], 'with-shim')

    def spawn_options(self):
        return {'env': self.shim.environment()}


class ReplicaCounter(http.server.ThreadingHTTPServer):
    """In the place of kube-state-metrics, as if the process were the one replica of a Deployment."""

    def __init__(self, one):
        super().__init__(('127.0.0.1', 0), self._Handler)
        self.address = '127.0.0.1:{}'.format(self.server_port)
        self.deployment = 'record-' + one.name
        self._operators = Operators(one)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def close(self):
        self.shutdown()
        self.server_close()

    def available(self):
        try:
            return int(self._operators.get('/readyz/own')[0] == 200)
        except OSError:
            return 0

    class _Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):  # noqa: N802
            self.send_response(200)
            self.end_headers()
            self.wfile.write(
                'kube_deployment_spec_replicas{{deployment="{0}"}} 1\n'
                'kube_deployment_status_replicas_available{{deployment="{0}"}} {1}\n'.format(
                    self.server.deployment, self.server.available()).encode())

        def log_message(self, *_):
            pass


def upload(writer, meeting, size):
    """A document of so many bytes."""
    content = os.urandom(1 << 20) * (size >> 20) or b'x'
    name = writer.call('CreateDocument', parent=meeting, document={'display_name': 'A paper'}).name
    requests = [writer.request('UploadDocument', name=name, size_bytes=len(content),
                               sha256=hashlib.sha256(content).hexdigest(),
                               content={'content_type': 'application/pdf'})]
    requests += [writer.request('UploadDocument', content={'data': content[at:at + _CHUNK]})
                 for at in range(0, len(content), _CHUNK)]
    writer.send('UploadDocument', requests, timeout=120)


class ProcessesFail(AlertsCase):
    # A few calls are repeated, whatever succeeded before.
    gateway_flags = ['--repeat_ratio', '0.01']

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

    def test_a_disk_that_will_be_full(self):
        """By a Prometheus to which four minutes are a second of it, or it would take minutes."""
        one, address = self.start(OnSmallDisk)
        hasty = Prometheus((one.name,), 24 * DIVISOR)
        self.addCleanup(hasty.remove)
        hasty.wait_until_ready()
        hasty.follow([one])
        with Again(lambda: one.fill(1), 1):
            process.wait_for(lambda: hasty.has_fired('StoreDiskFills', instance=address),
                             'it fires', 60)

    def test_a_backup_that_stands(self):
        """And a record that grows meanwhile."""
        one, address = self.start(WithShim)
        identities = suite.identities()
        writer = Client(one.address, identities.credentials('client'), identities.token('SECRETARIAT'))
        self.addCleanup(writer.close)
        self.suite.client('SECRETARIAT').call('UpdateBody', allow_missing=True, body={
            'name': 'bodies/ahg', 'kind': 'AD_HOC_GROUP', 'display_name': 'Ad Hoc Group'})
        meeting = writer.call('CreateMeeting', meeting={
            'body': 'bodies/ahg', 'display_name': 'A meeting'}).name
        with one.shim.held_backups():
            backup = threading.Thread(target=self.back_up_one, args=(one,), daemon=True)
            backup.start()
            process.wait_for(lambda: os.path.exists(one.shim.store + '.backup-under-way'),
                             'the backup has begun')
            for _ in range(5):
                upload(writer, meeting, 60 << 20)
            self.assert_fires('StoreWalGrows', instance=address)
        backup.join()
        upload(writer, meeting, 1)
        self.assert_ends('StoreWalGrows')

    def test_a_clock_that_is_set(self):
        one, address = self.start(WithShim)
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
        """Membership stands still and ends, again and again, with the calls of many; meetings, which asks it, is
        refused meanwhile."""
        membership = self.suite.membership
        counter = ReplicaCounter(membership)
        self.addCleanup(counter.close)
        self.prometheus.scrape(counter.address)
        self.await_peace()
        instance = Operators(membership).address
        membership.flags += ['--admin_listen', instance]
        started = threading.Event()  # never set
        meetings = self.suite.client('SECRETARIAT')
        reader = self.suite.client()
        with contextlib.ExitStack() as stack:
            stack.enter_context(Again(lambda: meetings.call('CreateMeeting', timeout=1, meeting={
                'body': 'bodies/none', 'display_name': 'A meeting'})))
            for _ in range(60):
                stack.enter_context(Again(lambda: reader.call('ListMembers')))
            for _ in range(4):
                os.kill(membership.pid, signal.SIGSTOP)
                started.wait(0.5)
                membership.kill()
                membership.start()
                started.wait(1.5)  # a start is known by its second
            self.assert_fires('ProcessRestarts', instance=instance, **MEMBERSHIP)
            self.assert_fires('RepeatsRefused', service=MEMBERSHIP_SERVICE, **GATEWAY)
            membership.kill()
            self.assert_fires('PeerCallsFail', service='membership', **ON_POSTGRES)
            self.assert_fires('ReplicaMissing', program='membership')


if __name__ == '__main__':
    suite.main()
