"""The life of the processes: drain, restart, outages, replicas."""

import socket
import threading
import unittest
import uuid

import suite
import contract
import http2
import process
from client import CallError
from operators import Operators
from postgres import Postgres

SERVICE = contract.SERVICE


def create_forum(client, forum_id, **fields):
    return client.call('CreateExternalForum', external_forum_id=forum_id,
                       external_forum={'display_name': forum_id}, **fields)


def resources(changes):
    return [change.resource for change in changes]


class HealthWatch:
    """grpc.health.v1.Health/Watch on a channel."""

    def __init__(self, client, service=''):
        request = contract.message('grpc.health.v1.HealthCheckRequest')(service=service)
        self._reply = contract.message('grpc.health.v1.HealthCheckResponse')
        stub = client.channel.unary_stream('/grpc.health.v1.Health/Watch')
        self._stream = stub(request.SerializeToString(), timeout=30)

    def next(self):
        return self._reply.ServingStatus.Name(self._reply.FromString(next(self._stream)).status)


class Lifecycle(unittest.TestCase):
    def start(self, *arguments, **options):
        started = suite.Suite(*arguments, **options).start()
        self.addCleanup(started.close)
        return started

    def start_postgres(self):
        postgres = Postgres()
        self.addCleanup(postgres.remove)
        return postgres


class Drain(Lifecycle):
    @staticmethod
    def await_log(one, text):
        process.wait_for(lambda: text in one.log(), 'the log says ' + text)

    def test_membership_finishes_a_call_in_flight(self):
        postgres = self.start_postgres()
        database, url = postgres.create_database()
        started = self.start(url)
        client = started.client('SECRETARIAT')
        lock = postgres.lock(database, 'external_forums')
        call = client.start('CreateExternalForum', external_forum_id='late',
                            external_forum={'display_name': 'Late'})
        process.wait_for(lambda: postgres.waiting_for_locks() == 1, 'the call waits for the lock')
        started.membership.terminate()
        self.await_log(started.membership, 'draining')
        lock.release()
        self.assertEqual(call.result(20).name, 'externalForums/late')
        self.assertEqual(started.membership.wait(), 0)
        started.membership.start()
        started.wait_until_serving()
        self.assertEqual(client.call('GetExternalForum', name='externalForums/late').display_name,
                         'Late')

    def test_membership_gives_up_after_the_deadline(self):
        postgres = self.start_postgres()
        database, url = postgres.create_database()
        started = self.start(url, membership_flags=['--drain_deadline', '200ms'])
        lock = postgres.lock(database, 'external_forums')
        call = started.client('SECRETARIAT').start(
            'CreateExternalForum', external_forum_id='late',
            external_forum={'display_name': 'Late'})
        process.wait_for(lambda: postgres.waiting_for_locks() == 1, 'the call waits for the lock')
        started.membership.terminate()
        self.assertIn(call.code().name, ('UNAVAILABLE', 'CANCELLED'))
        lock.release()
        self.assertEqual(started.membership.wait(), 0)

    def test_gateway_finishes_a_call_in_flight(self):
        started = self.start(plaintext_gateway=True)
        request = started.client().request('ListMembers', page_size=1).SerializeToString()
        with http2.Connection(started.gateway.address) as connection:
            stream = connection.open('/{}/ListMembers'.format(SERVICE))
            connection.ping()
            started.gateway.terminate()
            self.await_log(started.gateway, 'the end was asked for')
            connection.send(stream, http2.grpc_frame(request))
            self.assertEqual(connection.reply(stream).grpc_status, '0')
            self.assertTrue(connection.goaway)
        self.assertEqual(started.gateway.wait(), 0)

    def test_health(self):
        started = self.start()
        for client, one in ((started.client(), started.gateway),
                            (started.direct_client(), started.membership)):
            with self.subTest(program=one.name):
                self.assertEqual(client.health(), 'SERVING')
                self.assertEqual(client.health(SERVICE), 'SERVING')
                with self.assertRaises(CallError) as caught:
                    client.health('no.such.Service')
                self.assertEqual(caught.exception.code, 'NOT_FOUND')
                watches = [HealthWatch(client), HealthWatch(client, SERVICE)]
                for watch in watches:
                    self.assertEqual(watch.next(), 'SERVING')
                one.terminate()
                for watch in watches:
                    self.assertEqual(watch.next(), 'NOT_SERVING')
                self.assertEqual(one.wait(), 0)

    def test_a_service_that_is_about_to_leave_takes_calls_and_says_so(self):
        started = self.start(membership_flags=['--drain_delay', '60s', '--admin_listen',
                                               '127.0.0.1:0'])
        client = started.direct_client('SECRETARIAT')
        operators = Operators(started.membership)
        process.wait_for(operators.is_ready, 'membership is ready')
        started.membership.terminate()
        process.wait_for(lambda: client.health() == 'NOT_SERVING', 'health says that it leaves')
        self.assertFalse(operators.is_ready())
        self.assertTrue(operators.json('/readyz')['draining'])
        create_forum(client, 'late')
        # A second signal says that it has waited enough.
        started.membership.terminate()
        self.assertEqual(started.membership.wait(timeout=10), 0)

    def test_who_drains_is_never_ready_again(self):
        flags = ['--drain_delay', '300ms', '--admin_listen', '127.0.0.1:0']
        started = self.start(flags=flags)
        for one in (started.gateway, started.membership):
            with self.subTest(program=one.name):
                operators = Operators(one)
                process.wait_for(operators.is_ready, one.name + ' is ready')
                one.terminate()
                statuses = []
                while one.is_running():
                    try:
                        statuses.append(operators.get('/readyz')[0])
                    except OSError:
                        pass  # its port is gone
                self.assertIn(503, statuses)
                self.assertNotIn(200, statuses[statuses.index(503):])
                self.assertEqual(one.wait(), 0)

    def test_watch_resumes_after_restarts_missing_nothing(self):
        # A deadline that is never waited for: watches are ended, not awaited.
        flags = ['--drain_deadline', '10m']
        started = self.start(membership_flags=flags, gateway_flags=flags)
        for one in (started.membership, started.gateway, started.membership):
            client = started.client('OBSERVER')
            watch = client.watch()
            writer = started.client('SECRETARIAT')
            names = ['r{}-{}'.format(uuid.uuid4().hex[:6], number) for number in range(30)]
            for name in names[:10]:
                create_forum(writer, name)
            one.terminate()
            seen, error = watch.end()
            self.assertEqual(error.code, 'UNAVAILABLE', error)
            self.assertEqual(one.wait(), 0)
            one.start()
            started.wait_until_serving()
            for name in names[10:20]:
                create_forum(writer, name)
            resumed = started.client('OBSERVER').watch(resume_token=watch.token)
            for name in names[20:]:
                create_forum(writer, name)
            seen += resumed.changes(len(names) - len(seen))
            self.assertEqual(resources(seen), ['externalForums/' + name for name in names])
            resumed.cancel()


class Outages(Lifecycle):
    def test_membership_down(self):
        started = self.start(gateway_flags=['--wait_for_service', '500ms'])
        client = started.client('OBSERVER')
        started.membership.kill()
        with self.assertRaises(CallError) as caught:
            client.call('ListMembers')
        self.assertEqual((caught.exception.code, caught.exception.reason),
                         ('UNAVAILABLE', 'TEMPORARILY_UNAVAILABLE'))
        self.assertEqual(client.health(), 'SERVING')
        self.assertEqual(client.health(SERVICE), 'NOT_SERVING')
        # The gateway judges without it.
        with self.assertRaises(CallError) as caught:
            started.client().call('ListChanges')
        self.assertEqual(caught.exception.reason, 'TOKEN_MISSING')
        started.membership.start()
        started.wait_until_serving()
        self.assertEqual(client.health(SERVICE), 'SERVING')

    def test_membership_hangs(self):
        """Accepts connections and says nothing."""
        with socket.create_server(('127.0.0.1', 0)) as silent:
            started = suite.Suite()
            self.addCleanup(started.close)
            started.replicas[0].address = '127.0.0.1:{}'.format(silent.getsockname()[1])
            gateway = started.start_gateway()
            with self.assertRaises(CallError) as caught:
                started.client().call('ListMembers', timeout=20)
            self.assertIn(caught.exception.code, ('UNAVAILABLE', 'DEADLINE_EXCEEDED'))
            gateway.kill()

    def test_deadlines_pass_through(self):
        postgres = self.start_postgres()
        database, url = postgres.create_database()
        started = self.start(url)
        lock = postgres.lock(database, 'external_forums')
        with self.assertRaises(CallError) as caught:
            create_forum(started.client('SECRETARIAT'), 'never', timeout=0.5)
        self.assertEqual(caught.exception.code, 'DEADLINE_EXCEEDED')
        lock.release()

    def test_idle_watch_hears_of_a_change(self):
        started = self.start()
        watches = [started.client(role).watch() for role in
                   ('OBSERVER', 'MEMBER', 'SECRETARIAT', 'OPERATOR')]
        create_forum(started.client('SECRETARIAT'), 'heard')
        for watch in watches:
            change = watch.changes(1)[0]
            self.assertEqual((change.resource, change.kind), ('externalForums/heard', 1))
            self.assertEqual(contract.unpack(change.after).display_name, 'heard')


class Replicas(Lifecycle):
    def test_two_replicas_on_one_database(self):
        postgres = self.start_postgres()
        started = self.start(postgres.create_database()[1], replicas=2)
        watches = [started.direct_client('OBSERVER', replica=0).watch(),
                   started.direct_client('OBSERVER', replica=1).watch(),
                   started.client('OBSERVER').watch()]
        writers = [started.direct_client('SECRETARIAT', replica=0),
                   started.direct_client('SECRETARIAT', replica=1), started.client('SECRETARIAT')]
        threads = [threading.Thread(target=self.write, args=(writer, 'w{}'.format(index)))
                   for index, writer in enumerate(writers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        wanted = resources(started.client('SECRETARIAT').changes())
        self.assertEqual(len(wanted), 30)
        for watch in watches:
            self.assertEqual(resources(watch.changes(30)), wanted)

    @staticmethod
    def write(writer, prefix):
        for number in range(10):
            create_forum(writer, '{}-{}'.format(prefix, number), request_id=str(uuid.uuid4()))

    def test_one_replica_dies(self):
        postgres = self.start_postgres()
        started = self.start(postgres.create_database()[1], replicas=2)
        client = started.client('SECRETARIAT')
        started.replicas[0].kill()
        started.wait_until_serving()
        for number in range(50):
            create_forum(client, 'forum-{}'.format(number))
        watch = client.watch()
        started.replicas[0].start()
        create_forum(started.direct_client('SECRETARIAT', replica=0), 'from-the-other')
        self.assertEqual(resources(watch.changes(1)), ['externalForums/from-the-other'])


if __name__ == '__main__':
    suite.main()
