"""A channel to the suite, from the same settings as balictl's."""

import collections
import ipaddress
import threading
import time

import grpc

_OPTIONS = [
    ('grpc.max_receive_message_length', 64 << 20),
    ('grpc.keepalive_time_ms', 60000),  # notices a dead peer of a quiet watch
    ('grpc.max_reconnect_backoff_ms', 5000),
]
_LOOKS_AT_FILE = 2  # seconds between them


class TokenFile:
    """The token in a file, which somebody else may replace: it is read again every two seconds. While it
    can't be read, the token of before is used."""

    def __init__(self, path):
        self._path = path
        self._lock = threading.Lock()
        self._next_look = 0
        self._token = self._read()

    def __call__(self):
        with self._lock:
            if time.monotonic() >= self._next_look:
                try:
                    self._token = self._read()
                except OSError:
                    self._next_look = time.monotonic() + _LOOKS_AT_FILE
            return self._token

    def _read(self):
        with open(self._path, encoding='ascii') as file:
            token = file.read().strip()
        self._next_look = time.monotonic() + _LOOKS_AT_FILE
        return token


class _CallDetails(
        collections.namedtuple('_CallDetails',
                               'method timeout metadata credentials wait_for_ready compression'),
        grpc.ClientCallDetails):
    pass


class _WithToken(grpc.UnaryUnaryClientInterceptor, grpc.UnaryStreamClientInterceptor,
                 grpc.StreamUnaryClientInterceptor, grpc.StreamStreamClientInterceptor):
    def __init__(self, token):
        self._token = token

    def _intercept(self, continuation, details, request):
        metadata = list(details.metadata or ())
        metadata.append(('authorization', 'Bearer ' + self._token()))
        return continuation(
            _CallDetails(details.method, details.timeout, metadata, details.credentials,
                         details.wait_for_ready, details.compression), request)

    intercept_unary_unary = intercept_unary_stream = _intercept
    intercept_stream_unary = intercept_stream_stream = _intercept


def _is_loopback(server):
    host = server.rpartition(':')[0].strip('[]')
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == 'localhost' or server.startswith('unix:')


def _contents(path):
    if path is None:
        return None
    with open(path, 'rb') as file:
        return file.read()


def open_channel(server, ca=None, token=None, token_file=None, cert=None, key=None, plaintext=False,
                 options=()):
    """A grpc.Channel to `server` (`host:port`), for generated stubs too.

    ca          a file with the authorities that the server's certificate must come from; without it, those
                that gRPC comes with
    token       the token itself, or a function that returns it
    token_file  a file with the token; it may be replaced meanwhile
    cert, key   files with the client's certificate and key, for servers that ask for one
    plaintext   without TLS. A token is then sent to this machine only: ValueError for another one
    """
    if (cert is None) != (key is None):
        raise ValueError('cert and key belong together')
    if token and token_file:
        raise ValueError('either a token or a file with it')
    source = TokenFile(token_file) if token_file else token
    if plaintext and source and not _is_loopback(server):
        raise ValueError("a token isn't sent in plaintext to another machine")
    options = [*_OPTIONS, *options]
    if plaintext:
        channel = grpc.insecure_channel(server, options)
    else:
        channel = grpc.secure_channel(
            server, grpc.ssl_channel_credentials(_contents(ca), _contents(key), _contents(cert)),
            options)
    if not source:
        return channel
    return grpc.intercept_channel(channel, _WithToken(source if callable(source) else
                                                      lambda: source))
