"""What operators have of the real processes: the pages of --admin_listen, and traces of calls
through the gateway, a service and the service that it asks."""

import http.client
import json
import re
import threading
import unittest
from concurrent import futures

import grpc

import process
import suite
from client import CallError

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
        tracing = ['--otlp_endpoint', cls.collector.endpoint, '--trace_ratio', '0']
        cls.suite = suite.Suite(
            membership_flags=tracing, meetings_flags=tracing,
            gateway_flags=tracing + ['--admin_listen', '127.0.0.1:0'])
        cls.addClassCleanup(cls.suite.close)
        cls.suite.start()

    def get(self, path, method='GET'):
        found = re.search(r'"serving operators".*"port":(\d+)', self.suite.gateway.log())
        connection = http.client.HTTPConnection('127.0.0.1', int(found.group(1)), timeout=10)
        self.addCleanup(connection.close)
        connection.request(method, path)
        reply = connection.getresponse()
        return reply.status, reply.read().decode()

    def numbers(self):
        _, text = self.get('/metrics')
        return {name: float(value) for name, value in
                re.findall(r'^([a-z].*) (\S+)$', text, re.MULTILINE)}

    def test_pages(self):
        self.assertEqual(self.get('/healthz'), (200, 'ok\n'))
        process.wait_for(lambda: self.get('/readyz')[0] == 200, 'the gateway is ready')
        status, text = self.get('/config')
        settings = json.loads(text)
        self.assertEqual((status, settings['trace_ratio']),
                         (200, {'value': '0', 'source': 'command line'}))
        self.assertIn('gateway.key', settings['tls_key']['value'])
        self.assertNotIn('PRIVATE', text)
        self.assertEqual(self.get('/nowhere')[0], 404)
        self.assertEqual(self.get('/healthz', 'POST')[0], 405)

    def test_numbers(self):
        name = ('grpc_server_handled_total{grpc_type="unary",'
                'grpc_service="baliprocess.membership.v1.MembershipService",'
                'grpc_method="GetMember",grpc_code="NotFound"}')
        with self.assertRaises(CallError):
            self.suite.client().call('GetMember', name='members/none')
        process.wait_for(lambda: self.numbers().get(name) == 1, 'the call is counted')
        numbers = self.numbers()
        self.assertGreater(numbers['gateway_tls_handshakes_total{result="ok"}'], 0)
        healthy = {value for key, value in numbers.items()
                   if key.startswith('gateway_upstream_healthy{')}
        self.assertEqual(healthy, {1})

    def test_calls_in_flight(self):
        watch = self.suite.client('OBSERVER').watch()
        self.addCleanup(watch.cancel)

        def watched():
            calls = json.loads(self.get('/calls')[1])['calls']
            return [call for call in calls if call['method'].endswith('/WatchChanges')
                    and call['subject'] == 'observer@test']

        found = process.wait_for(watched, 'the stream is listed')
        self.assertEqual(found[0]['upstream'], self.suite.membership.address)

    def test_trace_of_a_call(self):
        client = self.suite.client('SECRETARIAT')
        client.call('ListMembers', page_size=1)
        with self.assertRaises(CallError):
            client.call('GetMember', name='members/none',
                        metadata=[('traceparent', '00-{}-{}-01'.format(TRACE, SPAN))])
        # Of the call before it there is none: nobody asked, and no trace is recorded by chance.
        spans = process.wait_for(
            lambda: len(self.collector.of_trace(TRACE)) == 3 and self.collector.of_trace(TRACE),
            'three spans come')
        by_part = {(span['service'], span['kind']): span for span in spans}
        gateway = by_part['gateway', 'server']
        attempt = by_part['gateway', 'client']
        service = by_part['membership', 'server']
        self.assertEqual(gateway['parent'], SPAN)
        self.assertEqual(attempt['parent'], gateway['id'])
        self.assertEqual(service['parent'], attempt['id'])
        self.assertEqual({span['method'] for span in spans}, {'GetMember'})
        self.assertRegex(service['version'], r'^\d+\.\d+')
        self.assertEqual({span['trace'] for span in self.collector.spans}, {TRACE})

    def test_readiness_follows_a_service(self):
        process.wait_for(lambda: self.get('/readyz')[0] == 200, 'the gateway is ready')
        self.suite.capacity.stop()
        self.addCleanup(self.suite.wait_until_serving)
        self.addCleanup(self.suite.start_capacity)
        process.wait_for(lambda: self.get('/readyz')[0] == 503, 'the gateway is not ready')
        services = json.loads(self.get('/readyz')[1])['services']
        self.assertEqual(services['baliprocess.capacity.v1.CapacityService'], 'no healthy address')
        self.assertEqual(services['baliprocess.membership.v1.MembershipService'], 'ready')


class RefusalTest(unittest.TestCase):
    def test_addresses_that_are_not_loopback(self):
        for flags, code in ((['--admin_listen', '0.0.0.0:0'], 'remote'),
                            (['--otlp_endpoint', '127.0.0.1:4317'], 'http://'),
                            (['--trace_ratio', '1.5'], 'from 0 to 1')):
            result = process.run('gateway', '--listen', '127.0.0.1:0', '--upstream',
                                 'membership=127.0.0.1:1', *flags)
            with self.subTest(flags=flags):
                self.assertEqual(result.returncode, 1)
                self.assertIn(code, result.stderr)


if __name__ == '__main__':
    suite.main()
