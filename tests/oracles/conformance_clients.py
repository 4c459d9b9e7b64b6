"""Clients of the conformance suite: gRPC's own for Python, and HTTP itself for gRPC-Web and for
requests that no library would send. Each gives a ClientResponseResult.
"""

import base64
import io
import struct
import threading
import time
import urllib.parse

import grpc
import pycurl

import contract
import http2
from conformance_cases import (CLIENT_STREAM, FULL_DUPLEX, GRPC_WEB, HTTP1, SERVER_STREAM, UNARY)
from conformance_server import message, metadata

TIMEOUT = 10  # seconds for a call without a deadline; none takes as long
TRAILERS = 0x80  # a flag of a frame
# What an HTTP status is without a gRPC status (gRPC's http-grpc-status-mapping.md).
CODES_OF_HTTP = {400: 13, 401: 16, 403: 7, 404: 12, 429: 14, 502: 14, 503: 14, 504: 14}
UNKNOWN = 2


def add_headers(headers, fields):
    """Adds (name, value) pairs to Headers of a result."""
    by_name = {}
    for name, value in fields:
        text = value if isinstance(value, str) else base64.b64encode(value).decode()
        by_name.setdefault(name.lower(), []).append(text)
    for name, values in by_name.items():
        headers.add(name=name, value=values)


def set_error(result, code, text, details):
    result.error.code = code
    result.error.message = text
    if details:
        status = contract.message('google.rpc.Status').FromString(details)
        result.error.details.extend(status.details)


class GrpcClient:
    """gRPC for Python."""

    def __init__(self, address):
        self._channel = grpc.insecure_channel(address)

    def close(self):
        self._channel.close()

    def ask(self, case, _):
        result = message('ClientResponseResult')()
        request = case.request
        kind = request.stream_type
        self._replied = threading.Semaphore(0)
        takes_stream = kind not in (UNARY, SERVER_STREAM)
        gives_stream = kind not in (UNARY, CLIENT_STREAM)
        stub = getattr(self._channel, '{}_{}'.format('stream' if takes_stream else 'unary',
                                                     'stream' if gives_stream else 'unary'))(
            case.path, lambda sent: sent.SerializeToString(),
            message(case.method + 'Response').FromString)
        start = stub if gives_stream else stub.future
        call = start(
            self._requests(case) if takes_stream else case.messages[0],
            timeout=request.timeout_ms / 1000 if request.HasField('timeout_ms') else TIMEOUT,
            metadata=metadata(request.request_headers))
        self._call = call
        if not takes_stream:
            self._cancel_later(request)
        try:
            for reply in call if gives_stream else self._only(call):
                if case.method != 'Unimplemented':
                    result.payloads.append(reply.payload)
                self._replied.release()
                if len(result.payloads) == request.cancel.after_num_responses > 0:
                    call.cancel()
        except (grpc.RpcError, grpc.FutureCancelledError):
            pass
        self._replied.release()
        add_headers(result.response_headers, call.initial_metadata() or ())
        trailers = call.trailing_metadata() or ()
        add_headers(result.response_trailers, trailers)
        if call.code() is not grpc.StatusCode.OK:
            set_error(result, call.code().value[0], call.details() or '',
                      dict(trailers).get('grpc-status-details-bin'))
        return result

    @staticmethod
    def _only(call):
        yield call.result()

    def _requests(self, case):
        for one in case.messages:
            time.sleep(case.request.request_delay_ms / 1000)
            yield one
            if case.request.stream_type == FULL_DUPLEX:
                self._replied.acquire(timeout=TIMEOUT)
        if case.request.cancel.HasField('before_close_send'):
            self._call.cancel()
        self._cancel_later(case.request)

    def _cancel_later(self, request):
        if request.cancel.HasField('after_close_send_ms'):
            threading.Timer(request.cancel.after_close_send_ms / 1000, self._call.cancel).start()


class RawClient:
    """HTTP by hand for HTTP/2, and libcurl for HTTP/1.1: gRPC-Web, and raw requests. (Debian's
    libcurl loses replies of HTTP/2 that come before a request is whole.)"""

    def __init__(self, address):
        self._address = address
        self._curl = pycurl.Curl()

    def close(self):
        self._curl.close()

    def ask(self, case, way):
        send = self._by_http1 if way.http == HTTP1 else self._by_http2
        if case.request.HasField('raw_request'):
            raw = case.request.raw_request
            headers = [(header.name, value) for header in raw.headers for value in header.value]
            parts = [_frame(_content(item.payload), item.flags) for item in raw.stream.items]
            if raw.HasField('unary'):
                parts = [_content(raw.unary)]
            return _result(send(raw.verb, raw.uri, headers, parts, case), way, case)
        headers = [('content-type', 'application/grpc-web+proto'), ('x-grpc-web', '1')]
        headers += [(header.name.lower(), value) for header in case.request.request_headers
                    for value in header.value]
        if case.request.HasField('timeout_ms'):
            headers.append(('grpc-timeout', '{}m'.format(case.request.timeout_ms)))
        parts = [_frame(one.SerializeToString()) for one in case.messages]
        return _result(send('POST', case.path, headers, parts, case), way, case)

    def _by_http2(self, verb, path, headers, parts, case):
        with http2.Connection(self._address, TIMEOUT, window=1 << 30) as connection:
            stream = connection.open(path, headers, verb, content_type=None, end=not parts)
            reply = http2.Reply()
            for number, part in enumerate(parts):
                time.sleep(case.request.request_delay_ms / 1000)
                last = number == len(parts) - 1
                connection.send_all(stream, part, reply, end=last)
                if case.request.stream_type == FULL_DUPLEX and not last:
                    connection.reply(
                        stream, lambda data, wanted=number + 1: len(_split(data)) >= wanted, reply)
            connection.reply(stream, reply=reply)
        head, trailers = (reply.blocks + [[], []])[:2]
        status = int(dict(head)[':status'])
        return status, [field for field in head if field[0] != ':status'], reply.data, trailers

    def _by_http1(self, verb, path, headers, parts, case):
        self._curl.reset()
        head, data = [], []
        for option, value in (
                (pycurl.URL, 'http://' + self._address + path), (pycurl.CUSTOMREQUEST, verb),
                (pycurl.UPLOAD, 1), (pycurl.HTTP_VERSION, pycurl.CURL_HTTP_VERSION_1_1),
                (pycurl.HTTPHEADER, ['{}: {}'.format(*one) for one in headers] + ['Expect:']),
                (pycurl.READFUNCTION, _reader(parts, case.request.request_delay_ms / 1000)),
                (pycurl.HEADERFUNCTION, lambda line: head.append(line.decode('latin-1'))),
                (pycurl.WRITEFUNCTION, data.append), (pycurl.TIMEOUT, TIMEOUT)):
            self._curl.setopt(option, value)
        self._curl.perform()
        fields = [tuple(part.strip() for part in line.split(':', 1))
                  for line in head if ':' in line and not line.startswith('HTTP/')]
        return self._curl.getinfo(pycurl.RESPONSE_CODE), fields, b''.join(data), []


def _reader(parts, delay):
    """What libcurl reads a body with: a part at a time, after the delay."""
    current = io.BytesIO()

    def read(size):
        nonlocal current
        data = current.read(size)
        if data or not parts:
            return data
        time.sleep(delay)
        current = io.BytesIO(parts.pop(0))
        return current.read(size)
    return read


def _split(data):
    """The (flags, content) of the frames that are whole."""
    frames = []
    while len(data) >= 5:
        flags, length = struct.unpack('>BI', data[:5])
        if len(data) < 5 + length:
            break
        frames.append((flags, data[5:5 + length]))
        data = data[5 + length:]
    return frames


def _frame(content, flags=0):
    return struct.pack('>BI', flags, len(content)) + content


def _content(payload):
    """The bytes of MessageContents. What is to be compressed is empty in all cases, and means
    nothing to who refuses it."""
    kind = payload.WhichOneof('data')
    if kind == 'binary_message':
        return contract.unpack(payload.binary_message).SerializeToString()
    value = getattr(payload, kind) if kind else b''
    return value.encode() if isinstance(value, str) else value


def _result(answer, way, case):
    """What came, as a client of gRPC or of gRPC-Web understands it."""
    http_status, headers, data, trailers = answer
    result = message('ClientResponseResult')(http_status_code=http_status)
    reply = message(case.method + 'Response')
    for flags, content in _split(data) if http_status == 200 else []:
        if flags & TRAILERS and way.protocol == GRPC_WEB:
            trailers = [tuple(line.split(': ', 1)) for line in content.decode().splitlines()]
        else:
            result.payloads.append(reply.FromString(content).payload)
    add_headers(result.response_headers, headers)
    add_headers(result.response_trailers, trailers)
    found = dict(headers) | dict(trailers)
    if http_status != 200:
        set_error(result, CODES_OF_HTTP.get(http_status, UNKNOWN), 'HTTP status', None)
    elif 'grpc-status' not in found:
        set_error(result, UNKNOWN, 'no grpc-status', None)
    elif found['grpc-status'] != '0':
        details = found.get('grpc-status-details-bin', '')
        set_error(result, int(found['grpc-status']),
                  urllib.parse.unquote(found.get('grpc-message', '')),
                  base64.b64decode(details + '=' * (-len(details) % 4)))
    return result
