"""What operators have of the real processes: the pages of --admin_listen, and traces of calls
through the gateway, a service and its store."""

import os
import re
import subprocess
import tempfile
import threading
import unittest
from concurrent import futures

import grpc

import process
import suite
from client import CallError
from operators import Operators

TRACE = '0af7651916cd43dd8448eb211c80319c'
SPAN = 'b7ad6b7169203331'


def fields(message):
    """The fields of an encoded message, as pairs of number and value."""
    at = 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = message[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < len(message):
        tag = varint()
        if tag & 7 == 0:
            yield tag >> 3, varint()
        else:
            size = {1: 8, 5: 4}.get(tag & 7) or varint()
            yield tag >> 3, message[at:at + size]
            at += size


def all_of(message, number):
    return [value for field, value in fields(message) if field == number]


def one_of(message, number):
    return (all_of(message, number) or [b''])[0]


class Collector:
    """Takes spans over OTLP/gRPC (opentelemetry/proto/collector/trace/v1)."""

    def __init__(self):
        self.spans = []
        self._lock = threading.Lock()
        self._server = grpc.server(futures.ThreadPoolExecutor(4))
        handler = grpc.unary_unary_rpc_method_handler(self._export)
        self._server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler(
            'opentelemetry.proto.collector.trace.v1.TraceService', {'Export': handler})])
        self.endpoint = 'http://127.0.0.1:{}'.format(self._server.add_insecure_port('127.0.0.1:0'))
        self._server.start()

    def _export(self, request, _):
        with self._lock:
            for ours in all_of(request, 1):
                attributes = {one_of(pair, 1): one_of(one_of(pair, 2), 1)
                              for pair in all_of(one_of(ours, 1), 1)}
                for scoped in all_of(ours, 2):
                    for span in all_of(scoped, 2):
                        self.spans.append({
                            'service': attributes[b'service.name'].decode(),
                            'version': attributes[b'service.version'].decode(),
                            'trace': one_of(span, 1).hex(), 'id': one_of(span, 2).hex(),
                            'parent': one_of(span, 4).hex(),
                            'method': one_of(span, 5).decode().split('/')[-1],
                            'kind': {2: 'server', 3: 'client'}[one_of(span, 6)]})
        return b''

    def of_trace(self, trace):
        with self._lock:
            return [span for span in self.spans if span['trace'] == trace]

    def stop(self):
        self._server.stop(None)


class OperateTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.collector = Collector()
        cls.addClassCleanup(cls.collector.stop)
        cls.suite = suite.Suite(flags=['--otlp_endpoint', cls.collector.endpoint,
                                       '--trace_ratio', '0', '--admin_listen', '127.0.0.1:0'],
                                membership_flags=['--ship_changes', cls.enterClassContext(
                                    tempfile.TemporaryDirectory(prefix='bali-shipped-'))])
        cls.addClassCleanup(cls.suite.close)
        cls.suite.start()
        cls.of = {one.name: Operators(one) for one in cls.suite.processes()}
        cls.gateway = cls.of['gateway']

    def test_pages(self):
        for name, operators in self.of.items():
            with self.subTest(process=name):
                self.assertEqual(operators.get('/livez'), (200, 'ok\n'))
                process.wait_for(operators.is_ready, name + ' is ready')
                settings = operators.json('/config')
                self.assertEqual(settings['trace_ratio'],
                                 {'value': '0', 'source': 'command line'})
                self.assertIn(name + '/tls.key', settings['tls_key']['value'])
                self.assertNotIn('PRIVATE', operators.get('/config')[1])
                self.assertEqual(operators.get('/nowhere')[0], 404)
                self.assertEqual(operators.get('/livez', 'POST')[0], 405)

    def test_numbers(self):
        name = ('grpc_server_handled_total{grpc_type="unary",'
                'grpc_service="baliprocess.membership.v1.MembershipService",'
                'grpc_method="GetMember",grpc_code="NotFound"}')
        with self.assertRaises(CallError):
            self.suite.client().call('GetMember', name='members/none')
        for of in ('gateway', 'membership'):
            process.wait_for(lambda one=of: self.of[one].metrics().get(name) == 1,
                             'the call is counted by ' + of)
        numbers = self.gateway.metrics()
        self.assertGreater(numbers['gateway_tls_handshakes_total{result="ok"}'], 0)
        healthy = {value for key, value in numbers.items()
                   if key.startswith('gateway_upstream_healthy{')}
        self.assertEqual(healthy, {1})

    def test_numbers_of_the_store(self):
        before = self.of['membership'].metrics()
        self.suite.client('SECRETARIAT').call(
            'CreateExternalForum', external_forum_id='counted',
            external_forum={'display_name': 'A forum'})
        after = self.of['membership'].metrics()
        for name in ('bali_store_transaction_seconds_count{kind="write"}',
                     'bali_store_batch_size_count', 'bali_store_commit_seconds_count',
                     'bali_store_write_wait_seconds_count'):
            self.assertGreater(after[name], before[name], name)
        self.assertGreater(after['bali_store_file_bytes{file="store"}'], 0)
        self.assertGreater(after['bali_store_disk_bytes'], after['bali_store_disk_free_bytes'])
        self.assertGreater(after['bali_store_disk_free_bytes'], 0)
        self.assertEqual(after['bali_store_last_backup_timestamp_seconds'], 0)
        self.assertEqual(after['bali_store_info{engine="SQLite"}'], 1)

    def test_numbers_of_a_repeated_request(self):
        request = {'external_forum_id': 'once', 'external_forum': {'display_name': 'A forum'},
                   'request_id': 'b5b3f8d6-4f05-4f0a-9c1e-6d1c0a3f7d21'}
        client = self.suite.client('SECRETARIAT')
        before = self.of['membership'].metrics()['bali_replays_total']
        client.call('CreateExternalForum', **request)
        client.call('CreateExternalForum', **request)
        self.assertEqual(self.of['membership'].metrics()['bali_replays_total'], before + 1)

    def test_numbers_of_the_record(self):
        membership = self.of['membership']
        process.wait_for(lambda: membership.metrics().get('bali_records{type="Seat"}') == 0,
                         'seats are counted')
        name = 'bali_changes_total{type="ExternalForum",kind="CREATED"}'
        before = membership.metrics()[name]
        self.suite.client('SECRETARIAT').call(
            'CreateExternalForum', external_forum={'display_name': 'Another forum'})
        self.assertEqual(membership.metrics()[name], before + 1)

    def test_numbers_of_refusals(self):
        name = 'bali_refusals_total{reason="RESOURCE_NOT_FOUND"}'
        before = self.of['membership'].metrics()[name]
        with self.assertRaises(CallError):
            self.suite.client().call('GetMember', name='members/none')
        process.wait_for(lambda: self.of['membership'].metrics()[name] > before, 'it is counted')

    def test_numbers_of_reloads_begin_at_zero(self):
        for program, what in (('membership', 'certificate'), ('meetings', 'peer_certificate'),
                              ('capacity', 'jwks'), ('gateway', 'upstream_certificate')):
            name = 'bali_reloads_total{{what="{}",result="failed"}}'.format(what)
            self.assertEqual(self.of[program].metrics()[name], 0)

    def test_page_about_asking(self):
        """Its commands for a process do so, at the port that this one has."""
        with open(os.path.join(suite.ROOT, 'docs/operate/ask-a-process.md'), encoding='utf-8') as file:
            page = file.read()
        commands = re.findall(r'(?:exec membership|^   ) (balictl health .*|bash -c .*|curl -s .*?)(?: +#.*)?$',
                              page, re.MULTILINE)
        self.assertEqual([command.split()[0] for command in commands],
                         ['curl', 'balictl', 'bash', 'curl'])
        port = self.of['membership'].address.split(':')[1]
        environment = {**os.environ, 'PATH': process.BIN + os.pathsep + os.environ['PATH']}
        said = [subprocess.run(['bash', '-c', command.replace('9440', port)], env=environment,
                               check=True, capture_output=True, text=True, timeout=20).stdout
                for command in commands]
        self.assertIn('"ready": true', said[0])
        self.assertEqual(said[1], 'ready\n')
        self.assertIn('"in_flight"', said[2])

    def test_every_metric_is_documented(self):
        """By name, kind, processes, labels and meaning."""
        page = os.path.join(suite.ROOT, 'docs', 'operate', 'metrics.md')
        with open(page, encoding='utf-8') as file:
            rows = re.findall(r'^\| `(\w+)` \| (\w+) \| ([\w, ]+) \| ([`\w, ]*) \| (.+) \|$',
                              file.read(), re.MULTILINE)
        documented = {row[0]: row[1:] for row in rows}
        self.assertEqual(len(rows), len(documented), 'a metric is documented twice')
        seen = set()
        for program, operators in self.of.items():
            labels = operators.labels()
            for name, (kind, text) in operators.families().items():
                with self.subTest(metric=name, program=program):
                    said = documented.get(name, ('', '', '', ''))
                    self.assertEqual((said[0], said[3]), (kind, text))
                    where = {'all', program} | ({'services'} if program != 'gateway' else set())
                    self.assertTrue(where & set(said[1].split(', ')), said[1])
                    self.assertLessEqual(labels.get(name, set()),
                                         set(re.findall(r'`(\w+)`', said[2])))
                seen.add(name)
        # These are PostgreSQL's.
        missing = {name for name in set(documented) - seen
                   if not name.startswith('bali_store_') or 'shipping' in name}
        self.assertEqual(missing, set())

    def test_calls_in_flight(self):
        watch = self.suite.client('OBSERVER').watch()
        self.addCleanup(watch.cancel)

        def watched(of):
            calls = self.of[of].json('/calls')['calls']
            return [call for call in calls if call['method'].endswith('/WatchChanges')
                    and call['subject'] == 'observer@test']

        for of, upstream in (('gateway', self.suite.membership.address), ('membership', '')):
            found = process.wait_for(lambda one=of: watched(one), 'the stream is listed by ' + of)
            self.assertEqual(found[0]['upstream'], upstream)
        process.wait_for(lambda: self.of['membership'].metrics()['bali_watches'] >= 1,
                         'the watch is counted')

    def test_trace_of_a_call(self):
        client = self.suite.client('SECRETARIAT')
        client.call('ListMembers', page_size=1)
        with self.assertRaises(CallError):
            client.call('GetMember', name='members/none',
                        metadata=[('traceparent', '00-{}-{}-01'.format(TRACE, SPAN))])
        # Of the call before it there is none: nobody asked, and no trace is recorded by chance.
        spans = process.wait_for(
            lambda: len(self.collector.of_trace(TRACE)) == 4 and self.collector.of_trace(TRACE),
            'four spans come')
        by_part = {(span['service'], span['kind']): span for span in spans}
        gateway = by_part['gateway', 'server']
        attempt = by_part['gateway', 'client']
        service = by_part['membership', 'server']
        store = by_part['membership', 'client']
        self.assertEqual(gateway['parent'], SPAN)
        self.assertEqual(attempt['parent'], gateway['id'])
        self.assertEqual(service['parent'], attempt['id'])
        self.assertEqual(store['parent'], service['id'])
        self.assertEqual(store['method'], 'store read')
        self.assertEqual({span['method'] for span in spans}, {'GetMember', 'store read'})
        self.assertRegex(service['version'], r'^\d+\.\d+')
        self.assertEqual({span['trace'] for span in self.collector.spans}, {TRACE})

    def test_readiness_follows_a_service(self):
        process.wait_for(self.gateway.is_ready, 'the gateway is ready')
        self.suite.capacity.stop()
        self.addCleanup(self.suite.wait_until_serving)
        self.addCleanup(self.suite.start_capacity)
        process.wait_for(lambda: not self.gateway.is_ready(), 'the gateway is not ready')
        needs = self.gateway.json('/readyz')['needs']
        self.assertEqual(needs['baliprocess.capacity.v1.CapacityService'], 'no healthy address')
        self.assertEqual(needs['baliprocess.membership.v1.MembershipService'], 'ready')
        self.assertEqual(needs['baliprocess.meetings.v1.MeetingsService'], 'ready')
        # The door itself is open.
        self.assertEqual(self.gateway.get('/readyz/own')[0], 200)
        client = self.suite.client('SECRETARIAT')
        client.call('ListMembers', page_size=1)
        client.call('ListMeetings', page_size=1)

    def test_readiness_of_a_service_follows_those_it_asks(self):
        meetings = self.of['meetings']
        process.wait_for(meetings.is_ready, 'meetings is ready')
        self.suite.membership.stop()
        self.addCleanup(self.suite.wait_until_serving)
        self.addCleanup(self.suite.membership.start)
        process.wait_for(lambda: not meetings.is_ready(), 'meetings is not ready')
        self.assertNotEqual(meetings.json('/readyz')['needs']['membership'], 'ready')
        self.assertEqual(meetings.json('/readyz')['needs']['store'], 'ready')
        self.assertEqual(meetings.metrics()['bali_need_met{need="membership"}'], 0)
        self.assertEqual(meetings.get('/livez')[0], 200)
        # Calls that need no membership are answered.
        self.assertEqual(meetings.get('/readyz/own')[0], 200)
        self.assertEqual(self.suite.direct_client(service='meetings').health(), 'SERVING')
        self.suite.client('SECRETARIAT').call('ListMeetings', page_size=1)
        self.assertEqual(self.suite.balictl('health', '--own', '--admin', meetings.address)
                         .returncode, 0)
        self.assertEqual(self.suite.balictl('health', '--admin', meetings.address).returncode, 1)


class RefusalTest(unittest.TestCase):
    def test_addresses_that_are_not_loopback(self):
        gateway = ['--upstream', 'membership=127.0.0.1:1', '--jwks', suite.identities().jwks]
        store = ['--store', '/nowhere/membership.db']
        for name, needed, flags, code in (
                ('gateway', gateway, ['--admin_listen', '0.0.0.0:0'], 'remote'),
                ('membership', store, ['--admin_listen', '0.0.0.0:0'], 'remote'),
                ('gateway', gateway, ['--otlp_endpoint', '127.0.0.1:4317'], 'http://'),
                ('gateway', gateway, ['--trace_ratio', '1.5'], 'from 0 to 1')):
            result = process.run(name, '--listen', '127.0.0.1:0', *needed, *flags)
            with self.subTest(flags=flags):
                self.assertEqual(result.returncode, 1)
                self.assertIn(code, result.stderr)


if __name__ == '__main__':
    suite.main()
