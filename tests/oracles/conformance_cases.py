"""The cases of the conformance suite: what is asked, and what is expected of the answer."""

import collections
import glob
import os

import yaml
from google.protobuf import json_format

import contract
import oracles
from conformance_server import SERVICE, message, packed

UNARY, CLIENT_STREAM, SERVER_STREAM, HALF_DUPLEX, FULL_DUPLEX = range(1, 6)  # of StreamType
METHODS = {UNARY: 'Unary', CLIENT_STREAM: 'ClientStream', SERVER_STREAM: 'ServerStream',
           HALF_DUPLEX: 'BidiStream', FULL_DUPLEX: 'BidiStream'}
GRPC, GRPC_WEB = 2, 3  # of Protocol
HTTP1, HTTP2 = 1, 2  # of HTTPVersion
IDENTITY = 1  # of Compression
PROTO = 1  # of Codec
OF_CLIENTS = 1  # of TestMode
# The limit that cases of large messages are about.
MESSAGE_LIMIT = 200 << 10
# How much of a deadline may have passed when the service is told of it.
TIMEOUT_GRACE_MS = 500

# A way to ask a case: with messages of Protocol Buffers, uncompressed. The gateway takes no others,
# as the suite allows for, and what it answers to others are cases, too.
Way = collections.namedtuple('Way', 'protocol http')
WAYS = [Way(GRPC, HTTP2), Way(GRPC_WEB, HTTP2), Way(GRPC_WEB, HTTP1)]


def label(way):
    return '{}, HTTP/{}'.format({GRPC: 'gRPC', GRPC_WEB: 'gRPC-Web'}[way.protocol],
                                {HTTP1: '1.1', HTTP2: '2'}[way.http])


class Case:
    """One case of one suite."""

    def __init__(self, suite, test):
        self._suite = suite
        self.request = test.request
        self.name = '{}: {} '.format(suite.name, test.request.test_name)
        self.method = test.request.method or METHODS[test.request.stream_type]
        self.path = '/{}/{}'.format(test.request.service or SERVICE, self.method)
        self.messages = [contract.unpack(one) for one in test.request.request_messages]
        self._expand(test.expand_requests)
        self.expected = test.expected_response if test.HasField('expected_response') \
            else self._defined()
        self.allowed_codes = {self.expected.error.code, *test.other_allowed_error_codes}

    def applies(self, way):
        """Whether the case is meant for a way."""
        suite = self._suite
        if suite.mode == OF_CLIENTS and way.protocol != GRPC:
            return False  # about cancelling, which a library does
        if suite.relevant_codecs and PROTO not in suite.relevant_codecs:
            return False
        if way.http == HTTP1 and self.request.stream_type == FULL_DUPLEX:
            return False  # HTTP/1.1 doesn't reply before a request is whole
        return all(not relevant or asked in relevant for relevant, asked in (
            (suite.relevant_protocols, way.protocol),
            (suite.relevant_http_versions, way.http),
            (suite.relevant_compressions, IDENTITY)))

    def _expand(self, sizes):
        """Pads messages to what is said of their sizes."""
        for one, size in zip(self.messages, sizes):
            if size.HasField('size_relative_to_limit'):
                wanted = MESSAGE_LIMIT + size.size_relative_to_limit
                while one.ByteSize() < wanted:
                    short = wanted - one.ByteSize()
                    one.request_data += b'x' * max(1, short - 5)

    def _defined(self):
        """What is expected where a case doesn't say it: what it tells the service to do."""
        kind = self.request.stream_type
        first = self.messages[0] if self.messages else None
        definition = first.response_definition if first is not None else None
        expected = message('ClientResponseResult')()
        if definition is None:
            definition = message('UnaryResponseDefinition')()
        expected.response_headers.extend(definition.response_headers)
        expected.response_trailers.extend(definition.response_trailers)
        alternates = kind == FULL_DUPLEX
        info = self._info(self.messages[:1] if alternates else self.messages)
        if definition.HasField('error'):
            expected.error.CopyFrom(definition.error)
        if kind in (UNARY, CLIENT_STREAM):
            if not definition.HasField('error'):
                expected.payloads.add(data=definition.response_data, request_info=info)
        else:
            for number, data in enumerate(definition.response_data):
                if number > 0:
                    info = message('ConformancePayload.RequestInfo')()
                    if alternates and number < len(self.messages):
                        info.requests.append(packed(self.messages[number]))
                expected.payloads.add(data=data, request_info=info)
        if expected.HasField('error') and not expected.payloads:
            expected.error.details.append(packed(info))
        return expected

    def _info(self, messages):
        info = message('ConformancePayload.RequestInfo')(
            request_headers=self.request.request_headers,
            requests=[packed(one) for one in messages])
        if self.request.HasField('timeout_ms'):
            info.timeout_ms = self.request.timeout_ms
        return info


def _present(value):
    """YAML's nothing is an empty message."""
    if isinstance(value, dict):
        return {name: {} if part is None else _present(part) for name, part in value.items()}
    return [_present(part) for part in value] if isinstance(value, list) else value


def cases():
    """All cases, in the order of the files."""
    found = []
    for path in sorted(glob.glob(os.path.join(oracles.file('grpc-conformance'), '*.yaml'))):
        with open(path, encoding='utf-8') as file:
            suite = json_format.ParseDict(_present(yaml.safe_load(file)), message('TestSuite')())
        found += [Case(suite, test) for test in suite.test_cases]
    return found


def differences(case, actual):
    """What of an answer isn't as expected; empty when all is. Not compared is how many messages
    couldn't be sent, which is about a client."""
    expected = case.expected
    found = _error_differences(case, actual.error if actual.HasField('error') else None)
    headers, trailers = actual.response_headers, actual.response_trailers
    if actual.HasField('error') and not actual.payloads:
        headers = trailers = [*headers, *trailers]  # an answer may be nothing but trailers
    found += _missing('header', expected.response_headers, headers)
    found += _missing('trailer', expected.response_trailers, trailers)
    if len(expected.payloads) != len(actual.payloads):
        found.append('{} messages, not {}'.format(len(actual.payloads), len(expected.payloads)))
    for wanted, payload in zip(expected.payloads, actual.payloads):
        if wanted.data != payload.data:
            found.append('other data')
        found += _info_differences(wanted.request_info, payload.request_info)
    if expected.HasField('http_status_code') and \
            expected.http_status_code != actual.http_status_code:
        found.append('HTTP status {}'.format(actual.http_status_code))
    return found


def _error_differences(case, error):
    expected = case.expected
    if not expected.HasField('error'):
        return ['an error: {}'.format(error)] if error else []
    if error is None:
        return ['no error']
    found = []
    if error.code not in case.allowed_codes:
        found.append('error code {}: {}'.format(error.code, error.message))
    if expected.error.HasField('message') and expected.error.message != error.message:
        found.append('error message {!r}'.format(error.message))
    if not expected.error.details:
        return found
    if len(error.details) != len(expected.error.details):
        return found + ['{} error details'.format(len(error.details))]
    for wanted, detail in zip(expected.error.details, error.details):
        wanted, detail = contract.unpack(wanted), contract.unpack(detail)
        if wanted.DESCRIPTOR is not detail.DESCRIPTOR:
            found.append('error detail {}'.format(detail))
        elif wanted.DESCRIPTOR.name == 'RequestInfo':
            found += _info_differences(wanted, detail)
        elif wanted != detail:
            found.append('error detail {}'.format(detail))
    return found


def _info_differences(wanted, told):
    found = _missing('request header', wanted.request_headers, told.request_headers)
    if [contract.unpack(one) for one in wanted.requests] != \
            [contract.unpack(one) for one in told.requests]:
        found.append('other requests')
    if wanted.HasField('timeout_ms'):
        earliest = max(0, wanted.timeout_ms - TIMEOUT_GRACE_MS)
        if not told.HasField('timeout_ms'):
            found.append('no timeout')
        elif not earliest <= told.timeout_ms <= wanted.timeout_ms:
            found.append('a timeout above {} ms'.format(wanted.timeout_ms)
                         if told.timeout_ms > wanted.timeout_ms else 'a timeout too short')
    return found


def _missing(what, wanted, present):
    """Headers that aren't there with all of their values; these may come as one, with commas."""
    values = collections.defaultdict(list)
    for header in present:
        values[header.name.lower()] += header.value
    return ['{} {} is {}'.format(what, header.name, values[header.name.lower()])
            for header in wanted
            if list(header.value) != values[header.name.lower()] and
            ', '.join(header.value) != ', '.join(values[header.name.lower()])]
