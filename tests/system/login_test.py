"""balictl login and logout with an issuer of our own making: tokens that the suite takes, refreshed
before they end and forgotten; an issuer that refuses, and one that means harm."""

import base64
import hashlib
import http.server
import json
import os
import ssl
import subprocess
import tempfile
import threading
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request

import process
import suite

DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code'


class Issuer(http.server.ThreadingHTTPServer):
    """What it answers is in `answers`: for each path a list, the last of which stays. An answer is a
    status with an object or bytes, or a function of the handler and the fields of the form. With
    identities it speaks TLS, with a certificate of their authority."""

    daemon_threads = True

    def __init__(self, identities=None):
        super().__init__(('127.0.0.1', 0), Handler)
        self.url = '{}://127.0.0.1:{}'.format('https' if identities else 'http', self.server_address[1])
        if identities:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(identities.certificate('gateway'), identities.key('gateway'))
            self.socket = context.wrap_socket(self.socket, server_side=True)
        self.asked = []
        self.answers = {}
        document = {'issuer': self.url}
        for name, path in (('authorization_endpoint', '/authorize'), ('token_endpoint', '/token'),
                           ('device_authorization_endpoint', '/device'),
                           ('revocation_endpoint', '/revoke')):
            document[name] = self.url + path
        self.document = document
        self.answers['/.well-known/openid-configuration'] = [(200, document)]
        self.answers['/device'] = [(200, {
            'device_code': 'of-the-device', 'user_code': 'ABCD-EFGH', 'expires_in': 60, 'interval': 1,
            'verification_uri': 'https://login.example.org/device'})]
        self.answers['/revoke'] = [(200, b'')]
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def forms(self, path):
        return [form for asked, form in self.asked if asked == path]


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):  # pylint: disable=invalid-name
        self.answer({})

    def do_POST(self):  # pylint: disable=invalid-name
        body = self.rfile.read(int(self.headers['content-length'])).decode()
        self.answer(dict(urllib.parse.parse_qsl(body, keep_blank_values=True)))

    def answer(self, form):
        self.server.asked.append((self.path, form))
        answers = self.server.answers[self.path]
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if callable(answer):
            answer(self)
            return
        status, body = answer
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header('content-length', str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


def endless(handler):
    """Bytes that don't stop as long as somebody takes them."""
    handler.send_response(200)
    handler.end_headers()
    try:
        while True:
            handler.wfile.write(b' ' * 1000)
            time.sleep(0.01)
    except OSError:
        pass


class Login(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.suite = suite.Suite().start()
        cls.addClassCleanup(cls.suite.close)
        cls.suite.load()

    def setUp(self):
        self.issuer = self.start_issuer()
        folder = tempfile.TemporaryDirectory(prefix='bali-login-')
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.sign_in = os.path.join(self.folder, 'baliprocess', 'tokens', 'desk.json')
        self.run_ok('profile', 'set', 'desk', '--server', self.suite.gateway.address, '--ca',
                    self.suite.identities.ca, '--issuer', self.issuer.url, '--client_id', 'balictl')

    def start_issuer(self, *identities):
        issuer = Issuer(*identities)
        self.addCleanup(issuer.server_close)
        self.addCleanup(issuer.shutdown)
        return issuer

    def environment(self):
        kept = {name: value for name, value in os.environ.items() if not name.startswith('BALI_')}
        return {**kept, 'XDG_CONFIG_HOME': self.folder, 'no_proxy': '127.0.0.1'}

    def balictl(self, *words, timeout=60):
        return subprocess.run([os.path.join(process.BIN, 'balictl'), *words], capture_output=True,
                              text=True, timeout=timeout, env=self.environment(), check=False)

    def run_ok(self, *words):
        ran = self.balictl(*words)
        self.assertEqual(ran.returncode, 0, ran.stdout + ran.stderr)
        return ran.stdout

    def tokens(self, subject, ends=3600, **more):
        token = self.suite.identities.sign('--subject', subject, '--role', 'secretariat')
        return {'access_token': token, 'token_type': 'Bearer', 'expires_in': ends, **more}

    def test_by_device_refreshed_and_out(self):
        self.issuer.answers['/token'] = [
            (400, {'error': 'authorization_pending'}),
            (200, self.tokens('ann', ends=30, refresh_token='first')),
            (200, self.tokens('ann-again', refresh_token='second'))]
        ran = self.balictl('login')
        self.assertEqual(ran.returncode, 0, ran.stderr)
        self.assertIn('Open https://login.example.org/device on any device and enter the code ABCD-EFGH',
                      ran.stderr)
        self.assertEqual(self.issuer.forms('/device'),
                         [{'client_id': 'balictl', 'scope': 'openid offline_access'}])
        self.assertEqual(self.issuer.forms('/token')[1],
                         {'client_id': 'balictl', 'grant_type': DEVICE_GRANT,
                          'device_code': 'of-the-device'})
        self.assertEqual(os.stat(self.sign_in).st_mode & 0o777, 0o600)
        self.assertEqual(os.stat(os.path.dirname(self.sign_in)).st_mode & 0o777, 0o700)
        # It ends within a minute, so the first use takes the next one.
        self.run_ok('update', 'members/aus', '--short_name', 'AUS')
        self.assertEqual(self.issuer.forms('/token')[2],
                         {'client_id': 'balictl', 'grant_type': 'refresh_token',
                          'refresh_token': 'first'})
        self.assertIn('updated by ann-again', self.run_ok('history', 'members/aus', '--limit', '1'))
        self.assertEqual(len(self.issuer.forms('/token')), 3)
        self.assertIn('subject  ann-again', self.run_ok('whoami'))
        self.assertRegex(self.run_ok('profiles'), 'desk +yes .* signed in')
        self.assertEqual(self.run_ok('logout'), 'signed out\n')
        self.assertEqual(self.issuer.forms('/revoke'),
                         [{'client_id': 'balictl', 'token': 'second', 'token_type_hint': 'refresh_token'}])
        self.assertFalse(os.path.exists(self.sign_in))
        self.assertIn('nobody', self.run_ok('whoami'))

    def test_an_issuer_with_an_authority_of_its_own(self):
        issuer = self.start_issuer(self.suite.identities)
        self.run_ok('profile', 'set', 'desk', '--issuer', issuer.url)
        # The gateway's authority isn't the issuer's, unless it is said to be.
        ran = self.balictl('login')
        self.assertEqual(ran.returncode, 1, ran.stderr)
        self.assertIn('certificate is of an unknown authority', ran.stderr)
        self.assertIn('--issuer_ca FILE', ran.stderr)
        self.assertEqual(issuer.asked, [])
        issuer.answers['/token'] = [(200, self.tokens('eva', ends=30, refresh_token='first')),
                                    (200, self.tokens('eva-again', refresh_token='second'))]
        self.run_ok('profile', 'set', 'desk', '--issuer_ca', self.suite.identities.ca)
        self.run_ok('login')
        self.assertIn('subject  eva-again', self.run_ok('whoami'))
        ran = self.balictl('logout')
        self.assertEqual((ran.returncode, ran.stderr), (0, ''))
        self.assertEqual([form['token'] for form in issuer.forms('/revoke')], ['second'])

    def test_by_browser(self):
        self.issuer.answers['/token'] = [(200, self.tokens('ben'))]
        with subprocess.Popen([os.path.join(process.BIN, 'balictl'), 'login', '--flow', 'browser'],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              env=self.environment()) as ran:
            self.addCleanup(ran.kill)
            self.assertIn('in a browser', ran.stderr.readline())
            address = urllib.parse.urlsplit(ran.stderr.readline().strip())
            asked = dict(urllib.parse.parse_qsl(address.query))
            self.assertEqual((asked['response_type'], asked['client_id'],
                              asked['code_challenge_method']), ('code', 'balictl', 'S256'))
            for query in ('code=stolen&state=guessed', 'code=stolen', 'code=a&code=b&state=' + asked['state'],
                          'state=' + asked['state']):
                with self.assertRaises(urllib.error.HTTPError) as refused:
                    urllib.request.urlopen(asked['redirect_uri'] + '?' + query, timeout=10)
                self.assertEqual(refused.exception.code, 404)
            with urllib.request.urlopen(asked['redirect_uri'] + '?code=c%2B1&state=' + asked['state'],
                                        timeout=10) as shown:
                self.assertIn(b'Signed in', shown.read())
            told = ran.stderr.read()
            self.assertEqual(ran.wait(30), 0, told)
            self.assertIn('gave nothing to go on with', told)
        form = self.issuer.forms('/token')[0]
        self.assertEqual((form['grant_type'], form['code'], form['redirect_uri']),
                         ('authorization_code', 'c+1', asked['redirect_uri']))
        digest = hashlib.sha256(form['code_verifier'].encode()).digest()
        self.assertEqual(base64.urlsafe_b64encode(digest).rstrip(b'=').decode(), asked['code_challenge'])
        self.assertIn('subject  ben', self.run_ok('whoami'))

    def test_refusals_are_told_in_words(self):
        for error, words in (('access_denied', 'signing in was refused'),
                             ('expired_token', "the code wasn't entered in time"),
                             ('invalid_client', "the issuer doesn't know this client_id"),
                             ('strange\x1b[2J', 'the issuer gives no token (strange?[2J: no)')):
            self.issuer.answers['/token'] = [(400, {'error': error, 'error_description': 'no'})]
            ran = self.balictl('login')
            self.assertEqual(ran.returncode, 1)
            self.assertIn(words, ran.stderr)
            self.assertFalse(os.path.exists(self.sign_in))
        self.issuer.answers['/device'] = [(400, {'error': 'unauthorized_client'})]
        self.assertIn("doesn't let this client_id", self.balictl('login').stderr)

    def test_asks_less_often_when_told_to(self):
        self.issuer.answers['/token'] = [(400, {'error': 'slow_down'}), (200, self.tokens('cat'))]
        start = time.monotonic()
        self.run_ok('login')
        self.assertGreater(time.monotonic() - start, 1 + 6)  # 1 s, then 5 s more

    def test_a_sign_in_that_is_over(self):
        self.issuer.answers['/token'] = [
            (200, self.tokens('dan', ends=0, refresh_token='r')), (400, {'error': 'invalid_grant'})]
        self.run_ok('login')
        ran = self.balictl('list', 'members')
        self.assertEqual(ran.returncode, 1)
        self.assertIn('the sign-in is over: `balictl login`', ran.stderr)
        # What the issuer says doesn't keep anyone signed in here.
        self.issuer.answers['/revoke'] = [(503, b'busy')]
        ran = self.balictl('logout')
        self.assertEqual(ran.returncode, 0)
        self.assertIn("the issuer wasn't told", ran.stderr)
        self.assertFalse(os.path.exists(self.sign_in))

    def test_an_issuer_that_means_harm_is_bounded(self):
        good = dict(self.issuer.document)
        document = '/.well-known/openid-configuration'
        for answer, words in (
                ((200, {**good, 'issuer': 'https://other.example.org'}), 'of another issuer'),
                ((200, {**good, 'token_endpoint': 'http://192.0.2.1/token'}), 'must be https://'),
                ((200, {**good, 'token_endpoint': 'file:///etc/passwd'}), 'token_endpoint'),
                ((200, b'[' * 100000), "isn't a document"),
                ((200, b' ' * ((1 << 20) + 1)), 'issuer'),
                (endless, 'issuer'),
                ((302, b''), 'HTTP 302')):
            self.issuer.answers[document] = [answer]
            ran = self.balictl('login', timeout=20)
            self.assertIn(ran.returncode, (1, 3), words)
            self.assertIn(words, ran.stderr)
        self.issuer.answers[document] = [(200, good)]
        device = self.issuer.answers['/device'][0][1]
        for change in ({'verification_uri': 'javascript:alert(1)'}, {'verification_uri': 'http://192.0.2.1/'},
                       {'verification_uri_complete': 'file:///etc/passwd'}, {'user_code': 'x' * 101},
                       {'user_code': ''}, {'device_code': 7}):
            self.issuer.answers['/device'] = [(200, {**device, **change})]
            ran = self.balictl('login')
            self.assertEqual(ran.returncode, 1, change)
            self.assertNotIn('Open', ran.stderr)
        self.issuer.answers['/device'] = [(200, {**device, 'user_code': 'A\x1b[2J'})]
        for tokens in ({'access_token': 'a b', 'token_type': 'Bearer'}, {'token_type': 'Bearer'},
                       {'access_token': 'a', 'token_type': 'mac'},
                       {'access_token': 'a' * (1 << 15), 'token_type': 'Bearer'}):
            self.issuer.answers['/token'] = [(200, tokens)]
            ran = self.balictl('login')
            self.assertEqual(ran.returncode, 1)
            self.assertIn('no bearer token', ran.stderr)
            self.assertNotIn('\x1b', ran.stderr)
        self.assertFalse(os.path.exists(self.sign_in))


if __name__ == '__main__':
    suite.main()
