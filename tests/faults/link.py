"""Connections to the gateway that attacks are made on."""

import re
import socket
import ssl
import struct

import http2
from http2 import GOAWAY, RST_STREAM, SETTINGS, frame


_ESTABLISHED = 1  # the first byte of tcp_info


def connect(address, source, narrow=False):
    """`narrow`: next to nothing is in the system's buffers at either end."""
    host, port = address.rsplit(':', 1)
    connection = socket.socket()
    if narrow:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 536)
    connection.settimeout(5)
    try:
        connection.bind((source, 0))
        connection.connect((host, int(port)))
    except OSError:
        connection.close()
        raise
    return connection


def connect_with_tls(address, source, ca, protocol, narrow=False):
    """`protocol` is offered by ALPN."""
    context = ssl.create_default_context(cafile=ca)
    context.set_alpn_protocols([protocol])
    plain = connect(address, source, narrow)
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        return context.wrap_socket(plain, server_hostname='localhost')
    except OSError:
        plain.close()
        raise


class TextLink:
    """A connection on which HTTP/1.1 is spoken, or whatever; without a CA in plaintext."""

    NARROW = False

    def __init__(self, address, ca, source):
        self.socket = connect_with_tls(address, source, ca, 'http/1.1', self.NARROW) if ca else \
            connect(address, source, self.NARROW)
        self.last_word = None  # the last status of HTTP
        self._head = b''

    def send(self, data):
        self.socket.sendall(data)

    def read(self, wait=0.0, most=1 << 16):
        """What has come, of which no more than `most` is taken. Raises when the gateway has closed
        the connection."""
        self.socket.settimeout(wait or 0.000001)
        try:
            data = self.socket.recv(most)
        except (TimeoutError, ssl.SSLWantReadError):
            return b''
        finally:
            self.socket.settimeout(5)
        if not data:
            raise ConnectionResetError('closed')
        text = self._head + data
        for status in re.findall(rb'HTTP/1\.1 (\d{3}) ', text):
            self.last_word = int(status)
        self._head = text[-12:]
        return data

    def check(self):
        """Raises when the gateway has closed the connection, also where there is more to read."""
        if self.socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] != _ESTABLISHED:
            raise ConnectionResetError('closed')

    def send_all(self, data, over):
        """Sends what may take long, since nothing is read here, unless the attack is over before."""
        self.socket.settimeout(0.2)
        while data and not over():
            try:
                data = data[self.socket.send(data):]
            except (TimeoutError, ssl.SSLWantWriteError):
                self.check()

    def finish(self):
        """Reads what is there of the last words."""
        while self.read(0.5):
            pass

    def close(self):
        self.socket.close()


class NarrowTextLink(TextLink):
    """One whose system keeps next to nothing for who doesn't read."""

    NARROW = True


class Link:
    """A connection to the gateway that has been greeted."""

    def __init__(self, address, ca, source):
        self.socket = connect_with_tls(address, source, ca, 'h2')
        self.stream = -1
        self.last_word = None  # the code of GOAWAY
        self.ended = 0  # streams that the gateway reset with CANCEL
        self._unread = b''
        self.send(http2.PREFACE + frame(SETTINGS))

    def send(self, data):
        self.socket.sendall(data)

    def finish(self):
        for _ in self.read():
            pass

    def next_stream(self):
        self.stream += 2
        return self.stream

    def read(self, wait=0.0):
        """Takes what has come: (kind, flags, stream, payload) of each frame."""
        self.socket.settimeout(wait or 0.000001)
        try:
            while True:
                more = self.socket.recv(1 << 16)
                if not more:
                    raise ConnectionResetError('closed')
                self._unread += more
        except (TimeoutError, ssl.SSLWantReadError):
            pass
        finally:
            self.socket.settimeout(5)
            yield from self._frames()

    def _frames(self):
        while len(self._unread) >= 9:
            end = 9 + int.from_bytes(self._unread[:3], 'big')
            if len(self._unread) < end:
                return
            kind, flags, stream = struct.unpack('>BBI', self._unread[3:9])
            payload = self._unread[9:end]
            self._unread = self._unread[end:]
            if kind == GOAWAY:
                self.last_word = struct.unpack('>II', payload[:8])[1]
            if kind == RST_STREAM and payload == struct.pack('>I', 8):
                self.ended += 1
            yield kind, flags, stream, payload

    def close(self):
        self.socket.close()
