"""Attacks on the gateway by HTTP/1.1, TLS and the PROXY header. Each is called with a TextLink and
with what says whether the attack is over, and yields how many bytes it has sent.
"""

import itertools
import struct

PORTION = 64 << 10  # what is sent at once
DRIP = 0.3  # seconds between two bytes of who is slow
QUESTION = b'/v1/members:batchGet'  # has a body, and may be asked by everybody


def request(method=b'GET', path=b'/v1/members/aus', fields=(), body=None):
    """Without a body that is given, the head ends where the caller's own begins."""
    head = [method + b' ' + path + b' HTTP/1.1', b'host: suite', *fields]
    if body is not None:
        head.append(b'content-length: %d' % len(body))
    return b'\r\n'.join(head) + b'\r\n\r\n' + (body or b'')


def dripping(begin, one=b'x'):
    """The attack that sends a byte now and then."""
    def attack(link, over):
        link.send(begin)
        yield len(begin)
        while not over():
            link.send(one)
            yield len(one)
            link.read(DRIP)
    return attack


def silent(link, over):
    yield 0
    while not over():
        link.read(DRIP)


def flood(one, begin=b''):
    """The attack that sends the same bytes again and again, and takes what comes back."""
    def attack(link, over):
        link.send(begin)
        data = one * max(PORTION // len(one), 1)
        while not over():
            link.send(data)
            yield len(data)
            while link.read():
                pass
    return attack


def flood_unread(one):
    """As flood, and the replies are left where they are."""
    def attack(link, over):
        data = one * max(PORTION // len(one), 1)
        while not over():
            link.send_all(data, over)
            yield len(data)
    return attack


def single(requests):
    """The attack that sends one thing on each connection, and waits until it is closed."""
    turns = itertools.cycle(requests)

    def attack(link, over):
        data = next(turns)
        link.send(data)
        yield len(data)
        while not over():
            link.read(0.1)
    return attack


POST = (b'content-type: application/json',)
CHUNKED = (*POST, b'transfer-encoding: chunked')
# What stands behind the first request, where whoever reads that in another way takes it for one.
HIDDEN = request(b'GET', b'/v1/bodies/hidden')


def post(*fields, body=b''):
    return request(b'POST', QUESTION, (*POST, *fields)) + body


# Each is to be answered with 400, by its name, and nothing behind it is read.
SMUGGLED = {
    'length and chunks': post(b'content-length: 5', b'transfer-encoding: chunked',
                              body=b'0\r\n\r\n' + HIDDEN),
    'chunks and length': post(b'transfer-encoding: chunked', b'content-length: 4',
                              body=b'4\r\n{}  \r\n0\r\n\r\n' + HIDDEN),
    'two lengths': post(b'content-length: 2', b'content-length: 60', body=b'{}' + HIDDEN),
    'two equal lengths': post(b'content-length: 2', b'content-length: 2', body=b'{}' + HIDDEN),
    'a list of lengths': post(b'content-length: 2, 2', body=b'{}' + HIDDEN),
    'a length with a sign': post(b'content-length: +2', body=b'{}' + HIDDEN),
    'a length below zero': post(b'content-length: -2', body=b'{}' + HIDDEN),
    'a hexadecimal length': post(b'content-length: 0x2', body=b'{}' + HIDDEN),
    'a huge length': post(b'content-length: 18446744073709551618', body=b'{}' + HIDDEN),
    'two codings': post(b'transfer-encoding: chunked', b'transfer-encoding: chunked',
                        body=b'0\r\n\r\n' + HIDDEN),
    'chunks of HTTP/1.0': post(b'transfer-encoding: chunked', body=b'0\r\n\r\n' + HIDDEN).replace(
        b'HTTP/1.1', b'HTTP/1.0', 1),
    'a blank before the colon': post(b'content-length : 2', body=b'{}' + HIDDEN),
    'a folded line': post(b'x: a', b' content-length: 2', body=b'{}' + HIDDEN),
    'LF alone in the head': post(b'content-length: 2\ntransfer-encoding: chunked',
                                 body=b'{}' + HIDDEN),
    'LF alone at the end': request(b'GET')[:-3] + b'\n' + HIDDEN,
    'CR alone in the head': post(b'x: a\rtransfer-encoding: chunked', body=HIDDEN),
    'a zero byte': post(b'content-length: 2\0', body=b'{}' + HIDDEN),
    'two hosts': post(b'host: other', b'content-length: 2', body=b'{}' + HIDDEN),
    'a chunk size that is none': request(b'POST', QUESTION, CHUNKED) + b'xyz\r\n{}\r\n' + HIDDEN,
    'a chunk size with 0x': request(b'POST', QUESTION, CHUNKED) + b'0x2\r\n{}\r\n0\r\n\r\n' + HIDDEN,
    'a chunk size below zero': request(b'POST', QUESTION, CHUNKED) + b'-2\r\n{}\r\n' + HIDDEN,
    'a chunk size of 20 digits': request(b'POST', QUESTION, CHUNKED) +
                                 b'10000000000000000002\r\n{}\r\n' + HIDDEN,
    'a chunk longer than its size': request(b'POST', QUESTION, CHUNKED) +
                                    b'2\r\n{}  \r\n0\r\n\r\n' + HIDDEN,
    'LF alone behind a chunk size': request(b'POST', QUESTION, CHUNKED) +
                                    b'2\n{}\r\n0\r\n\r\n' + HIDDEN,
    'LF alone behind a chunk': request(b'POST', QUESTION, CHUNKED) + b'2\r\n{}\n0\r\n\r\n' + HIDDEN,
    'LF alone in an extension': request(b'POST', QUESTION, CHUNKED) +
                                b'2;a\nb\r\n{}\r\n0\r\n\r\n' + HIDDEN,
    'a quote in an extension': request(b'POST', QUESTION, CHUNKED) +
                               b'2;a="\r\n{}\r\n0\r\n\r\n"' + HIDDEN,
    'an extension without an end': request(b'POST', QUESTION, CHUNKED) + b'2;' + b'x' * 5000,
}
# Of the same kind, with the status that HTTP has for them.
SMUGGLED_OTHERWISE = {
    501: post(b'transfer-encoding: gzip, chunked', body=b'0\r\n\r\n' + HIDDEN),
    431: request(b'POST', QUESTION, CHUNKED) + b'2\r\n{}\r\n0\r\n' + b'x: y\r\n' * 6000,
    505: request().replace(b'HTTP/1.1', b'HTTP/3.0'),
}

CLIENT_HELLO = b'\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'
PROXY_V1 = b'PROXY TCP4 10.1.2.3 10.1.2.4 1234 443\r\n'
PROXY_V2 = b'\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c' + struct.pack(
    '>4B4BHH', 10, 1, 2, 3, 10, 1, 2, 4, 1234, 443)
LONG_QUERY = b'/v1/members?' + b'&'.join(b'a%d=%%41' % i for i in range(1600))
FILTERS = b'/v1/members?filter=' + b'(' * 15000
PREFLIGHT = request(b'OPTIONS', b'/v1/members/aus', (
    b'origin: https://desk.example.org', b'access-control-request-method: GET'))

# Those on a connection of TLS, if the gateway has it.
TEXT = {
    'slow_heads': dripping(b'GET /v1/members HTTP/1.1\r\nhost: suite\r\nx: '),
    'slow_bodies': dripping(request(b'POST', QUESTION, (*POST, b'content-length: 1000')), b' '),
    'slow_chunks': dripping(request(b'POST', QUESTION, CHUNKED), b'1\r\n \r\n'),
    'silent': silent,
    'smuggling': single(list(SMUGGLED.values())),
    'endless_fields': flood(b'x: y\r\n', b'GET /v1/members HTTP/1.1\r\nhost: suite\r\n'),
    'endless_field': flood(b'x', b'GET /v1/members HTTP/1.1\r\nhost: suite\r\nx: '),
    'endless_target': flood(b'x', b'GET /'),
    'endless_trailers': flood(b'x: y\r\n', request(b'POST', QUESTION, CHUNKED) + b'0\r\n'),
    'endless_extension': flood(b'x', request(b'POST', QUESTION, CHUNKED) + b'2;'),
    'one_byte_chunks': flood(b'1\r\n \r\n', request(b'POST', QUESTION, CHUNKED)),
    'unknown_paths': flood(request(path=b'/nothing/here')),
    'unknown_methods': flood(request(b'BREW', b'/v1/members/aus')),
    'preflights': flood(PREFLIGHT),
    'long_queries': flood(request(path=LONG_QUERY)),
    'hard_filters': flood(request(path=FILTERS)),
    'proxy_headers': single([PROXY_V1 + request(), PROXY_V2 + request()]),
}
# Those of readers for whom the system keeps next to nothing.
NARROW = {
    'pages_unread': flood_unread(request(path=b'/openapi.json')),
    'pipelined_unread': flood_unread(request(path=b'/v1/bodies?page_size=1000')),
}
# Those on a bare connection.
BARE = {
    'slow_tls': dripping(CLIENT_HELLO),
    'slow_proxy_headers': dripping(b'PROXY TCP4 ', b'1'),
    'proxies_without_header': single([request()]),
}
