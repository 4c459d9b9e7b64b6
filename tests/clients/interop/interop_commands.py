"""gRPC's interoperability tests by commands: buf curl, and curl with JSON over HTTP/1.1."""

import base64
import json
import os
import subprocess

import suite
from interop_python import INITIAL, MESSAGE, RECEIVED, SENT, SERVICE, SPECIAL, TRAILING

OTHER_SERVICE = 'grpc.testing.UnimplementedService'
BUF = os.path.join(suite.ROOT, 'proto/node_modules/.bin/buf')
TIMEOUT = 20


def body(size):
    return base64.b64encode(bytes(size)).decode()


def size_of(reply):
    return len(base64.b64decode(reply.get('payload', {}).get('body', '')))


def documents(text):
    """The JSON documents that stand one behind the other."""
    decoder, found = json.JSONDecoder(), []
    while text.strip():
        document, end = decoder.raw_decode(text.strip())
        found.append(document)
        text = text.strip()[end:]
    return found


def ping(number):
    return {'payload': {'body': body(SENT[number])}, 'responseParameters': [
        {'size': RECEIVED[number]}]}


class Commands:
    """Runs cases; each returns what is wrong, or nothing."""

    def run(self):
        """How each case went, by its name: `ok` or what is wrong."""
        cases = [name[5:] for name in dir(self) if name.startswith('case_')]
        return {name: getattr(self, 'case_' + name)() or 'ok' for name in cases}

    def case_empty_unary(self):
        return self.fits('EmptyCall', [{}], lambda replies: replies == [{}])

    def case_large_unary(self):
        request = {'responseSize': 314159, 'payload': {'body': body(271828)}}
        return self.fits('UnaryCall', [request],
                         lambda replies: [size_of(one) for one in replies] == [314159])

    def case_server_streaming(self):
        request = {'responseParameters': [{'size': size} for size in RECEIVED]}
        return self.fits('StreamingOutputCall', [request],
                         lambda replies: [size_of(one) for one in replies] == RECEIVED)

    def _failure(self, text):
        request = {'responseStatus': {'code': 2, 'message': text}}
        return self.fails('UnaryCall', 'UNKNOWN', text, request) or \
            self.fails('StreamingOutputCall', 'UNKNOWN', text, request)

    def case_status_code_and_message(self):
        return self._failure(MESSAGE)

    def case_special_status_message(self):
        return self._failure(SPECIAL)

    def case_unimplemented_method(self):
        return self.fails('UnimplementedCall', 'UNIMPLEMENTED')


class BufCurl(Commands):
    """buf curl, by `grpc` or `grpcweb`, over HTTP/2."""

    def __init__(self, address, protocol, protoset):
        self._address = address
        # Of trailers that come in the body it says nothing.
        self._told = [INITIAL[0]] + ([TRAILING[0]] if protocol == 'grpc' else [])
        self._command = [BUF, 'curl', '--protocol', protocol, '--http2-prior-knowledge',
                         '--schema', protoset + '#format=binpb', '-d', '@-', '--emit-defaults']

    def _url(self, method, service=SERVICE):
        return 'http://{}/{}/{}'.format(self._address, service, method)

    def _ask(self, url, requests, *flags):
        return subprocess.run([*self._command, *flags, url], text=True, capture_output=True,
                              input='\n'.join(map(json.dumps, requests)), check=False,
                              timeout=TIMEOUT)

    def fits(self, method, requests, good, *flags):
        ran = self._ask(self._url(method), requests, *flags)
        if ran.returncode != 0:
            return ran.stderr
        return None if good(documents(ran.stdout)) else 'another reply: ' + ran.stdout[:200]

    def fails(self, method, code, text=None, request=None, service=SERVICE):
        ran = self._ask(self._url(method, service), [request or {}])
        if ran.returncode == 0:
            return 'no error'
        error = json.loads(ran.stderr)
        if error['code'].upper() != code:
            return ran.stderr
        return None if text in (None, error.get('message')) else 'another message'

    def case_unimplemented_service(self):
        return self.fails('UnimplementedCall', 'UNIMPLEMENTED', service=OTHER_SERVICE)

    def case_client_streaming(self):
        requests = [{'payload': {'body': body(size)}} for size in SENT]
        return self.fits('StreamingInputCall', requests,
                         lambda replies: replies == [{'aggregatedPayloadSize': sum(SENT)}])

    def case_empty_stream(self):
        return self.fits('FullDuplexCall', [], lambda replies: replies == [])

    def case_ping_pong(self):
        with subprocess.Popen([*self._command, self._url('FullDuplexCall')], text=True,
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE) as command:
            sizes = []
            for number in range(len(SENT)):
                command.stdin.write(json.dumps(ping(number)) + '\n')
                command.stdin.flush()
                sizes.append(size_of(self._next(command.stdout)))
            _, errors = command.communicate(timeout=TIMEOUT)
        return errors or (None if sizes == RECEIVED else 'another reply')

    @staticmethod
    def _next(lines):
        """The JSON document that comes next."""
        text = ''
        for line in lines:
            text += line
            if line.rstrip() == '}' or line.startswith('{') and line.rstrip().endswith('}'):
                break
        return json.loads(text or '{}')

    def case_custom_metadata(self):
        flags = ['-v', '-H', '{}: {}'.format(*INITIAL),
                 '-H', '{}: {}'.format(TRAILING[0], base64.b64encode(TRAILING[1]).decode())]
        for method, request in (('UnaryCall', {'responseSize': 1}), ('FullDuplexCall', ping(0))):
            ran = self._ask(self._url(method), [request], *flags)
            told = [line.lower() for line in ran.stderr.splitlines() if line.startswith('buf: <')]
            if ran.returncode != 0 or \
                    not all(any(name in line for line in told) for name in self._told):
                return ran.stderr[-500:]
        return None


class Curl(Commands):
    """curl: JSON over HTTP/1.1."""

    HTTP_STATUS = {'UNKNOWN': (500, 2), 'UNIMPLEMENTED': (501, 12)}

    def __init__(self, address):
        self._address = address

    def _ask(self, method, request):
        """The HTTP status, and the documents of the reply."""
        ran = subprocess.run(
            ['curl', '-sS', '--http1.1', '--data-binary', '@-', '-H',
             'content-type: application/json', '-w', '\n%{http_code}',
             'http://{}/json/{}/{}'.format(self._address, SERVICE, method)],
            input=json.dumps(request), text=True, capture_output=True, check=True, timeout=TIMEOUT)
        text, status = ran.stdout.rsplit('\n', 1)
        return int(status), documents(text)

    def fits(self, method, requests, good):
        status, replies = self._ask(method, requests[0])
        return None if status == 200 and good(replies) else '{}: {}'.format(status, replies)[:300]

    def fails(self, method, code, text=None, request=None):
        status, [error] = self._ask(method, request or {})
        if (status, error.get('code')) != self.HTTP_STATUS[code]:
            return '{}: {}'.format(status, error)
        return None if text in (None, error.get('message')) else 'another message'
