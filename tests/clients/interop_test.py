"""gRPC's interoperability tests through the gateway: servers and clients of several makers, one
table of cases and clients.

The cases are those of gRPC's interop-test-descriptions.md which need no Google account and compress
nothing, since requests are taken uncompressed here.
"""

import concurrent.futures
import contextlib
import http.server
import json
import os
import subprocess
import tempfile
import threading
import unittest

import contract
import interop_commands
import interop_python
import oracles
import process
import suite

HERE = os.path.dirname(os.path.abspath(__file__))
CASES = ['empty_unary', 'large_unary', 'client_streaming', 'server_streaming', 'ping_pong',
         'empty_stream', 'custom_metadata', 'status_code_and_message', 'special_status_message',
         'unimplemented_method', 'unimplemented_service', 'cancel_after_begin',
         'cancel_after_first_response', 'timeout_on_sleeping_server']
CLIENTS = ['gRPC C++', 'gRPC Python', 'grpc-js', 'buf grpc', 'buf grpcweb', 'connect-web', 'curl']

STREAMS = 'a browser sends no stream'
COMMAND = 'a command that is ended shows no status'
ONLY_ONE = 'HTTP and JSON have no streams of requests'
# What clients can't express, and why.
UNABLE = {
    'buf grpc': {'cancel_after_begin': COMMAND, 'cancel_after_first_response': COMMAND,
                 'timeout_on_sleeping_server': 'its time-out is the command\'s, not the call\'s'},
    'connect-web': {'client_streaming': STREAMS, 'ping_pong': STREAMS, 'empty_stream': STREAMS,
                    'cancel_after_begin': STREAMS},
    'curl': {'client_streaming': ONLY_ONE, 'ping_pong': ONLY_ONE, 'empty_stream': ONLY_ONE,
             'cancel_after_begin': ONLY_ONE, 'cancel_after_first_response': COMMAND,
             'custom_metadata': 'HTTP and JSON have no metadata of services',
             'unimplemented_service': 'no path leads to a service that isn\'t there',
             'timeout_on_sleeping_server': 'HTTP has no deadlines'}}
UNABLE['buf grpcweb'] = UNABLE['buf grpc']

MODULES = os.path.join(suite.ROOT, 'proto/node_modules')
PAGE = """<!doctype html><script type="importmap">{}</script>
<script type="module" src="/web.js"></script>"""


def of_program(command):
    """How cases went that a program tells in lines `CASE: HOW`."""
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    if ran.returncode != 0:
        raise RuntimeError(ran.stderr)
    return dict(line.split(': ', 1) for line in ran.stdout.splitlines())


class Page(http.server.ThreadingHTTPServer):
    """Serves web.js, what it imports, and what it asks for; takes its results."""

    def __init__(self):
        super().__init__(('127.0.0.1', 0), _PageHandler)
        self.addresses = []
        self.results = None
        self.told = threading.Event()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def origin(self):
        return 'http://127.0.0.1:{}'.format(self.server_port)

    def file(self, path):
        """What a path leads to: content and media type."""
        if path == '/':
            imports = {}
            for package in ('@connectrpc/connect', '@connectrpc/connect-web', '@bufbuild/protobuf'):
                with open(os.path.join(MODULES, package, 'package.json'), encoding='utf-8') as file:
                    for name, target in json.load(file)['exports'].items():
                        imports[package + name[1:]] = '/modules/{}/{}'.format(
                            package, target['import'])
            return PAGE.format(json.dumps({'imports': imports})).encode(), 'text/html'
        if path == '/addresses':
            return json.dumps(self.addresses).encode(), 'application/json'
        if path.startswith('/modules/'):
            name, kind = os.path.join(MODULES, path[len('/modules/'):]), 'text/javascript'
        elif path == '/web.js':
            name, kind = os.path.join(HERE, 'interop/web.js'), 'text/javascript'
        elif path == '/protoset':
            name, kind = os.environ['BALI_PROTOSET'], 'application/octet-stream'
        else:
            return None, None
        with open(name, 'rb') as file:
            return file.read(), kind


class _PageHandler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def log_message(self, *_):
        pass

    def _reply(self, status, content=b'', kind='text/plain'):
        self.send_response(status)
        self.send_header('content-type', kind)
        self.send_header('content-length', str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def do_GET(self):
        content, kind = self.server.file(self.path)
        if content is None:
            return self._reply(404)
        return self._reply(200, content, kind)

    def do_POST(self):
        self.server.results = json.loads(self.rfile.read(int(self.headers['content-length'])))
        self._reply(204)
        self.server.told.set()


@unittest.skipUnless(os.path.exists(os.path.join(process.BIN, 'interop_server')) and
                     contract.has_service(interop_python.SERVICE),
                     'built without Debian\'s package grpc-proto')
class Interoperability(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.TemporaryDirectory(prefix='bali-interop-')
        cls.addClassCleanup(cls.directory.cleanup)
        cls.page = Page()
        cls.addClassCleanup(cls.page.server_close)
        cls.addClassCleanup(cls.page.shutdown)
        flags = ['--cors_origins', cls.page.origin]
        cls.gateways = {
            'C++': oracles.Judged(interop_python.SERVICE, address=cls.start_cpp_server(),
                                  gateway_flags=flags),
            'Python': oracles.Judged(interop_python.SERVICE, interop_python.handlers(),
                                     gateway_flags=flags)}

    @classmethod
    def start_cpp_server(cls):
        port = os.path.join(cls.directory.name, 'port')
        server = process.spawn([os.path.join(process.BIN, 'interop_server'), port],
                               os.path.join(cls.directory.name, 'log'))
        cls.addClassCleanup(server.wait)
        cls.addClassCleanup(server.kill)

        def told():
            with open(port, encoding='ascii') as file:
                return file.read().strip()
        process.wait_for(lambda: os.path.exists(port) and told(), 'the server listens')
        return '127.0.0.1:' + told()

    def run_browser(self):
        """How cases went in Chromium, by the gateways' addresses."""
        self.page.addresses = [gateway.address for gateway in self.gateways.values()]
        browser = process.spawn(
            ['chromium-headless-shell', '--no-sandbox', '--disable-gpu', '--no-first-run',
             '--disable-background-networking', '--disable-dev-shm-usage',
             '--user-data-dir=' + os.path.join(self.directory.name, 'browser'),
             self.page.origin + '/'], os.path.join(self.directory.name, 'browser.log'))
        try:
            self.assertTrue(self.page.told.wait(60), 'the page told nothing')
        finally:
            browser.kill()
            browser.wait()
        return self.page.results

    def run_client(self, client, address):
        """How each case of a client went, but for those in the browser."""
        if client == 'gRPC Python':
            with contextlib.closing(interop_python.Client(address)) as python:
                return python.run()
        if client == 'gRPC C++':
            return of_program([os.path.join(process.BIN, 'interop_client'), address])
        if client == 'grpc-js':
            return of_program(['node', os.path.join(HERE, 'interop/client.js'), address])
        if client == 'curl':
            return interop_commands.Curl(address).run()
        return interop_commands.BufCurl(address, client.split()[1],
                                        os.environ['BALI_PROTOSET']).run()

    def results(self):
        """How each case went, by client and server."""
        in_browser = self.run_browser()
        pairs = [(client, server) for client in CLIENTS if client != 'connect-web'
                 for server in self.gateways]
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            found = dict(zip(pairs, pool.map(
                lambda pair: self.run_client(pair[0], self.gateways[pair[1]].address), pairs)))
        for server, gateway in self.gateways.items():
            found['connect-web', server] = in_browser[gateway.address]
        return found

    def test_cases_by_clients(self):
        found = self.results()
        wrong = []
        cells = {}
        for client in CLIENTS:
            for case in CASES:
                results = {server: found[client, server].get(case) for server in self.gateways}
                expected = None if case in UNABLE.get(client, {}) else 'ok'
                cells[case, client] = '-' if expected is None else 'ok'
                for server, result in results.items():
                    if result != expected:
                        cells[case, client] = 'FAILS'
                        wrong.append((case, client, server, result))
        self.show(cells)
        self.assertEqual(wrong, [])

    def show(self, cells):
        print('\nEach cell is of two servers, {}'.format(' and '.join(self.gateways)))
        print('{:28}'.format('') + ''.join('{:13}'.format(client) for client in CLIENTS))
        for case in CASES:
            print('{:28}'.format(case) +
                  ''.join('{:13}'.format(cells[case, client]) for client in CLIENTS))
        for client, cases in UNABLE.items():
            for case, why in cases.items():
                print('- {}, {}: {}'.format(client, case, why), flush=True)


if __name__ == '__main__':
    suite.main()
