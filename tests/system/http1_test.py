"""HTTP/1.1 as Python's own client and curl speak it, over TLS, beside gRPC on one port."""

import http.client
import json
import ssl
import subprocess
import unittest

import suite


class Http1(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.suite = suite.Suite().start()
        cls.addClassCleanup(cls.suite.close)
        cls.token = cls.suite.identities.token('SECRETARIAT')
        for name, text, region in (('aus', 'Australia', 'AU'), ('idn', 'Indonesia', 'ID')):
            cls.suite.client('SECRETARIAT').call('CreateMember', member_id=name, member={
                'kind': 'STATE', 'category': 'FULL_MEMBER', 'display_name': text,
                'region_code': region})

    def connect(self, protocols=None):
        context = ssl.create_default_context(cafile=self.suite.identities.ca)
        if protocols:
            context.set_alpn_protocols(protocols)
        host, port = self.suite.gateway.address.split(':')
        connection = http.client.HTTPSConnection(host, int(port), timeout=30, context=context)
        self.addCleanup(connection.close)
        connection.connect()
        return connection

    def ask(self, connection, method, path, body=None, **options):
        headers = {'authorization': 'Bearer ' + self.token, **options.pop('headers', {})}
        connection.request(method, path, body=body, headers=headers, **options)
        reply = connection.getresponse()
        return reply.status, reply.headers, reply.read()

    def curl(self, *arguments):
        command = ['curl', '--silent', '--show-error', '--fail-with-body', '--max-time', '30',
                   '--cacert', self.suite.identities.ca, '-H', 'Authorization: Bearer ' + self.token,
                   *arguments]
        return subprocess.run(command, capture_output=True, check=False, timeout=60)

    def url(self, path):
        return 'https://{}{}'.format(self.suite.gateway.address, path)

    def test_connection_is_kept(self):
        connection = self.connect()
        socket = connection.sock
        for name in ('aus', 'idn', 'aus'):
            status, _, body = self.ask(connection, 'GET', '/v1/members/' + name)
            self.assertEqual(status, 200, body)
            self.assertEqual(json.loads(body)['name'], 'members/' + name)
            self.assertIs(connection.sock, socket)

    def test_alpn(self):
        self.assertIsNone(self.connect().sock.selected_alpn_protocol())
        both = self.connect(['http/1.1', 'h2'])
        self.assertEqual(both.sock.selected_alpn_protocol(), 'h2')
        one = self.connect(['http/1.1'])
        self.assertEqual(one.sock.selected_alpn_protocol(), 'http/1.1')
        self.assertEqual(self.ask(one, 'GET', '/v1/members/aus')[0], 200)

    def test_bodies_with_length_and_in_chunks(self):
        connection = self.connect()
        headers = {'content-type': 'application/json'}
        body = json.dumps({'kind': 'STATE', 'category': 'FULL_MEMBER', 'displayName': 'Fiji',
                           'regionCode': 'FJ'}).encode()
        status, _, reply = self.ask(connection, 'POST', '/v1/members?member_id=fji', body,
                                    headers=headers)
        self.assertEqual(status, 200, reply)
        other = body.replace(b'Fiji', b'Nauru').replace(b'FJ', b'NR')
        parts = (other[at:at + 7] for at in range(0, len(other), 7))
        status, _, reply = self.ask(connection, 'POST', '/v1/members?member_id=nru', parts,
                                    headers=headers, encode_chunked=True)
        self.assertEqual(status, 200, reply)
        self.assertEqual(json.loads(reply)['displayName'], 'Nauru')

    def test_head_has_no_body(self):
        connection = self.connect()
        status, headers, body = self.ask(connection, 'HEAD', '/v1/members/aus')
        self.assertEqual((status, body), (200, b''))
        self.assertIn('content-length', headers)
        self.assertEqual(self.ask(connection, 'GET', '/v1/members/aus')[0], 200)

    def test_errors_keep_the_connection(self):
        connection = self.connect()
        socket = connection.sock
        status, _, body = self.ask(connection, 'GET', '/v1/members/none')
        self.assertEqual(status, 404)
        self.assertEqual(json.loads(body)['code'], 5)
        status, _, _ = self.ask(connection, 'POST', '/v1/members', b'{}',
                                headers={'authorization': 'Bearer nonsense'})
        self.assertEqual(status, 401)
        self.assertEqual(self.ask(connection, 'GET', '/v1/members/aus')[0], 200)
        self.assertIs(connection.sock, socket)

    def test_curl(self):
        for version in ('--http1.0', '--http1.1', '--http2'):
            result = self.curl(version, self.url('/v1/members/aus'))
            self.assertEqual(result.returncode, 0, (version, result.stderr, result.stdout))
            self.assertEqual(json.loads(result.stdout)['displayName'], 'Australia')
        # More than curl sends without asking first.
        result = self.curl('--http1.1', '-H', 'Content-Type: application/json', '-H',
                           'Expect: 100-continue', '--data', json.dumps({'display_name': 'x' * 5000}),
                           '-w', '\n%{http_code}', self.url('/v1/members?validate_only=true'))
        self.assertTrue(result.stdout.endswith(b'\n400'), result.stdout)

    def test_stream_ends_with_a_word_when_the_gateway_ends(self):
        connection = self.connect()
        connection.request('GET', '/v1/membership:watchChanges',
                           headers={'authorization': 'Bearer ' + self.token})
        reply = connection.getresponse()
        self.assertEqual(reply.status, 200)
        self.assertEqual(reply.headers['transfer-encoding'], 'chunked')
        self.suite.client('SECRETARIAT').call('CreateMember', member_id='png', member={
            'kind': 'STATE', 'category': 'FULL_MEMBER', 'display_name': 'Papua New Guinea',
            'region_code': 'PG'})
        while b'members/png' not in reply.readline():
            pass
        idle = self.connect()
        self.assertEqual(self.ask(idle, 'GET', '/v1/members/aus')[0], 200)
        self.suite.gateway.terminate()
        last = json.loads(reply.read().splitlines()[-1])  # raises when the reply isn't whole
        self.assertIn('shutting down', json.dumps(last))
        self.assertEqual(idle.sock.recv(1), b'')
        self.assertEqual(self.suite.gateway.wait(), 0)
        self.suite.start_gateway()
        self.suite.wait_until_serving()


if __name__ == '__main__':
    suite.main()
