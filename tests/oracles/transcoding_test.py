"""The compliance suite for HTTP transcoding of gapic-showcase: every call, as google-gax sends it,
comes back unchanged from a service behind the gateway.
"""

import json
import unittest

import grpc
from google.protobuf import json_format

import contract
import gax
import http2
import oracles
import suite

SERVICE = 'google.showcase.v1beta1.Compliance'
PACKAGE = 'google.showcase.v1beta1'
PROTOS = 'google/showcase/v1beta1'
MAX_FLOAT = float.fromhex('0x1.fffffep+127')


def echo(request, _):
    """What the methods of Compliance do: the request is in the reply."""
    return contract.message(PACKAGE + '.RepeatResponse')(request=request)


def handlers():
    return {
        name: grpc.unary_unary_rpc_method_handler(
            echo, request_deserializer=contract.class_of(method.input_type).FromString,
            response_serializer=lambda reply: reply.SerializeToString())
        for name, method in contract.service(SERVICE).methods_by_name.items()
        if name.startswith('Repeat')}


def calls():
    """The suite's calls: (name of the call, name of the method, request)."""
    with open(oracles.file('http-transcoding', 'compliance_suite.json'), encoding='utf-8') as file:
        suites = json_format.Parse(
            file.read(), contract.message(PACKAGE + '.ComplianceSuite')())
    return [('{}, {}'.format(rpc.split('.')[-1], request.name), rpc.split('.')[-1], request)
            for group in suites.group for rpc in group.rpcs for request in group.requests]


def read_float(text):
    """A number. Debian's json_format can't read the largest float from eight digits, in which all
    write it, itself included."""
    return MAX_FLOAT if text == '3.4028235e+38' else float(text)


@oracles.needs('http-transcoding', SERVICE)
class Transcoding(unittest.TestCase):
    def test_every_call_comes_back_unchanged(self):
        judged = oracles.Judged(SERVICE, handlers())
        made = gax.transcode(
            [('{}.{}'.format(SERVICE, method), None, self.as_sent(request))
             for _, method, request in calls()],
            [PROTOS + '/compliance.proto'],
            ['{}={}'.format(PROTOS, oracles.file('http-transcoding'))])
        failed = {}
        with http2.Connection(judged.address) as connection:
            for (name, _, request), http in zip(calls(), made):
                wrong = self.wrong(connection, request, http)
                if wrong:
                    failed[name] = wrong
        print('{} of {} calls come back unchanged'.format(len(made) - len(failed), len(made)))
        self.assertEqual(len(made), 53)
        self.assertEqual(failed, {})

    @staticmethod
    def as_sent(request):
        """ProtoJSON with the fields that are at their defaults, which some paths have room for."""
        return json_format.MessageToDict(request, including_default_value_fields=True)

    @staticmethod
    def wrong(connection, request, http):
        """What is wrong with the answer to a request; None when it is right."""
        if isinstance(http, gax.NoRequest):
            return str(http)
        reply = connection.request(http.method, http.path, http.body,
                                   [('content-type', 'application/json')])
        if reply.fields[':status'] != '200':
            return reply.fields[':status'], reply.data.decode(), http
        back = json_format.ParseDict(json.loads(reply.data, parse_float=read_float),
                                     contract.message(PACKAGE + '.RepeatResponse')())
        return None if back.request == request else (back.request, http)


if __name__ == '__main__':
    suite.main()
