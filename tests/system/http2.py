"""HTTP/2 frames by hand, to send what no gRPC library would.

Header fields are sent as HPACK literals (RFC 7541 6.2.2); those received are decoded by libnghttp2,
which the suite needs anyway.
"""

import base64
import ctypes
import select
import socket
import struct

import contract

DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = \
    0, 1, 3, 4, 6, 7, 8, 9
END_STREAM, ACK, END_HEADERS = 1, 1, 4
INITIAL_WINDOW_SIZE = 4  # of SETTINGS
CANCEL = 8  # an error code
_MAX_DATA = 16384  # of a frame
PREFACE = b'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'


class _Field(ctypes.Structure):
    _fields_ = [('name', ctypes.c_void_p), ('value', ctypes.c_void_p),
                ('name_length', ctypes.c_size_t), ('value_length', ctypes.c_size_t),
                ('flags', ctypes.c_uint8)]


class _Inflater:
    def __init__(self):
        self._library = ctypes.CDLL('libnghttp2.so.14')
        self._library.nghttp2_hd_inflate_hd2.restype = ctypes.c_ssize_t
        self._inflater = ctypes.c_void_p()
        self._library.nghttp2_hd_inflate_new(ctypes.byref(self._inflater))

    def inflate(self, block):
        fields = []
        while True:
            field, flags = _Field(), ctypes.c_int()
            used = self._library.nghttp2_hd_inflate_hd2(
                self._inflater, ctypes.byref(field), ctypes.byref(flags), block,
                ctypes.c_size_t(len(block)), 1)
            if used < 0:
                raise ValueError('the header block is broken: {}'.format(used))
            block = block[used:]
            if flags.value & 2:  # a field was read
                fields.append((ctypes.string_at(field.name, field.name_length).decode(),
                               ctypes.string_at(field.value, field.value_length).decode()))
            if flags.value & 1:  # it was the last
                self._library.nghttp2_hd_inflate_end_headers(self._inflater)
                return fields

    def close(self):
        self._library.nghttp2_hd_inflate_del(self._inflater)


def _integer(number):
    """A length with a prefix of seven bits (RFC 7541 5.1)."""
    if number < 127:
        return bytes([number])
    encoded = [127]
    number -= 127
    while number >= 128:
        encoded.append(number % 128 + 128)
        number //= 128
    return bytes(encoded + [number])


def frame(kind, flags=0, stream=0, payload=b''):
    """A frame (RFC 9113 4.1)."""
    return len(payload).to_bytes(3, 'big') + struct.pack('>BBI', kind, flags, stream) + payload


def literal(name, value):
    """A header field, literal and not indexed."""
    name, value = (text.encode('latin-1') if isinstance(text, str) else text
                   for text in (name, value))
    return b'\0' + _integer(len(name)) + name + _integer(len(value)) + value


def grpc_frame(message, flag=0):
    return struct.pack('>BI', flag, len(message)) + message


class Reply:
    """What came back on a stream: all header fields, trailers included, and the data."""

    def __init__(self):
        self.fields = {}
        self.blocks = []  # of fields as they came, in pairs: the head's, and the trailers'
        self.data = b''
        self.ended = False
        self.reset = None  # the error code of a RST_STREAM

    @property
    def grpc_status(self):
        return self.fields.get('grpc-status')

    @property
    def reason(self):
        details = self.fields.get('grpc-status-details-bin', '')
        status = contract.message('google.rpc.Status').FromString(
            base64.b64decode(details + '=' * (-len(details) % 4)))
        for detail in status.details:
            content = contract.unpack(detail)
            if content.DESCRIPTOR.name == 'ErrorInfo':
                return content.reason
        return ''


class Connection:
    """A plaintext connection to `host:port`. The peer may send as many bytes as `window` says, and
    no more are allowed later: without it HTTP/2's 65,535."""

    def __init__(self, address, timeout=10, window=None):
        host, port = address.rsplit(':', 1)
        self._socket = socket.create_connection((host, int(port)), timeout=timeout)
        self._inflater = _Inflater()
        self._stream = -1
        self._block, self._ends = b'', 0  # of headers that aren't whole
        # What the peer has room for: on the connection, at first on a stream, and since on each.
        self._room = self._initial_room = 65535
        self._rooms = {}
        self.goaway = False
        self._socket.sendall(PREFACE)
        settings = struct.pack('>HI', INITIAL_WINDOW_SIZE, window) if window else b''
        self._send(SETTINGS, 0, 0, settings)
        if window:
            self._send(WINDOW_UPDATE, 0, 0, struct.pack('>I', window - 65535))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._socket.close()
        self._inflater.close()

    def _send(self, kind, flags, stream, payload):
        self._socket.sendall(frame(kind, flags, stream, payload))

    def send_frames(self, frames):
        """Bytes that are frames, of whatever kind."""
        self._socket.sendall(frames)

    def open(self, path, fields=(), method='POST', content_type='application/grpc', end=False):
        """Sends the headers of a call, or without a content type those of any request; the number of
        its stream."""
        self._stream += 2
        of_grpc = [('te', 'trailers'), ('content-type', content_type)] if content_type else []
        block = b''.join(literal(name, value) for name, value in [
            (':method', method), (':scheme', 'http'), (':path', path), (':authority', 'suite'),
            *of_grpc, *fields])
        self._send(HEADERS, END_HEADERS | (END_STREAM if end else 0), self._stream, block)
        return self._stream

    def send(self, stream, data, end=True):
        self._send(DATA, END_STREAM if end else 0, stream, data)

    def send_all(self, stream, data, reply, end=True):
        """The same for data of any size, as the peer has room for it. What comes meanwhile is added
        to `reply`; when that has ended, nothing more is sent."""
        while True:
            while not reply.ended and select.select([self._socket], [], [], 0)[0]:
                self._take(stream, reply)
            room = min(_MAX_DATA, self._room, self._room_of(stream))
            if reply.ended:
                return
            if data and room <= 0:
                self._take(stream, reply)
                continue
            part, data = data[:room], data[room:]
            self._room -= len(part)
            self._rooms[stream] -= len(part)
            self.send(stream, part, end and not data)
            if not data:
                return

    def _room_of(self, stream):
        return self._rooms.setdefault(stream, 0) + self._initial_room

    def call(self, path, data=b'\0\0\0\0\0', **options):
        stream = self.open(path, **options)
        self.send(stream, data)
        return self.reply(stream)

    def request(self, method, path, body=None, fields=()):
        """A request of HTTP alone; its reply."""
        stream = self.open(path, fields, method, content_type=None, end=body is None)
        if body is not None:
            self.send(stream, body)
        return self.reply(stream)

    def ping(self):
        """Returns once the peer has handled everything sent so far."""
        self._send(PING, 0, 0, b'12345678')
        while True:
            kind, flags, _, _ = self._receive()
            if kind == PING and flags & ACK:
                return

    def reset(self, stream):
        self._send(RST_STREAM, 0, stream, struct.pack('>I', CANCEL))

    def reply(self, stream, until=None, reply=None):
        """Reads on until the stream has ended, or until `until` says of its data that it's enough. A
        reply of which some has come already may be given."""
        reply = reply or Reply()
        while not reply.ended and not (until and until(reply.data)):
            self._take(stream, reply)
        return reply

    def _take(self, stream, reply):
        """Reads a frame, and adds it to the reply if it is of this stream."""
        kind, flags, number, payload = self._receive()
        if kind in (HEADERS, CONTINUATION):
            # The blocks of other streams count for the decoder too.
            self._block += payload
            self._ends = flags & END_STREAM if kind == HEADERS else self._ends
            if not flags & END_HEADERS:
                return
            fields, self._block = self._inflater.inflate(self._block), b''
            if number == stream:
                reply.fields.update(fields)
                reply.blocks.append(fields)
                reply.ended = bool(self._ends)
        elif kind == DATA and number == stream:
            reply.data += payload
            reply.ended = bool(flags & END_STREAM)
        elif kind == RST_STREAM and number == stream:
            reply.reset = struct.unpack('>I', payload)[0]
            reply.ended = True

    def _receive(self):
        header = self._read(9)
        length = int.from_bytes(header[:3], 'big')
        kind, flags, stream = struct.unpack('>BBI', header[3:])
        payload = self._read(length)
        if kind == SETTINGS and not flags & ACK:
            self._send(SETTINGS, ACK, 0, b'')
            for name, value in struct.iter_unpack('>HI', payload):
                if name == INITIAL_WINDOW_SIZE:
                    self._initial_room = value
        if kind == WINDOW_UPDATE and stream == 0:
            self._room += struct.unpack('>I', payload)[0]
        elif kind == WINDOW_UPDATE:
            self._rooms[stream] = self._rooms.get(stream, 0) + struct.unpack('>I', payload)[0]
        if kind == GOAWAY:
            self.goaway = True
        return kind, flags, stream, payload

    def _read(self, length):
        data = b''
        while len(data) < length:
            more = self._socket.recv(length - len(data))
            if not more:
                raise ConnectionError('the peer has closed the connection')
            data += more
        return data
