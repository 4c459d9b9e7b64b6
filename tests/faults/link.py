"""A connection to the gateway that attacks are made on."""

import socket
import ssl
import struct

import http2
from http2 import GOAWAY, RST_STREAM, SETTINGS, frame


def connect(address, source):
    host, port = address.rsplit(':', 1)
    return socket.create_connection((host, int(port)), timeout=5, source_address=(source, 0))


class Link:
    """A connection to the gateway that has been greeted."""

    def __init__(self, address, ca, source):
        context = ssl.create_default_context(cafile=ca)
        context.set_alpn_protocols(['h2'])
        plain = connect(address, source)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            self.socket = context.wrap_socket(plain, server_hostname='localhost')
        except OSError:
            plain.close()
            raise
        self.stream = -1
        self.goaway = None
        self.ended = 0  # streams that the gateway reset with CANCEL
        self._unread = b''
        self.send(http2.PREFACE + frame(SETTINGS))

    def send(self, data):
        self.socket.sendall(data)

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
                self.goaway = struct.unpack('>II', payload[:8])[1]
            if kind == RST_STREAM and payload == struct.pack('>I', 8):
                self.ended += 1
            yield kind, flags, stream, payload

    def close(self):
        self.socket.close()
