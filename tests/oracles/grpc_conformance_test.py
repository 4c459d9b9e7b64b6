"""The public conformance suite for servers of gRPC and gRPC-Web, through the gateway: a service that
does what its cases say stands behind it. Each case is asked in each way that it is meant for.
"""

import collections
import unittest

import conformance_cases as suite_cases
import conformance_clients
import conformance_server
import oracles
import suite

# What fails, and why. A case that isn't here has to pass, and one that is here has to fail.
KNOWN_TO_FAIL = {}


@oracles.needs('grpc-conformance', conformance_server.SERVICE)
class Conformance(unittest.TestCase):
    def test_cases(self):
        judged = oracles.Judged(conformance_server.SERVICE, conformance_server.handlers(),
                                gateway_flags=['--max_message_bytes',
                                               str(suite_cases.MESSAGE_LIMIT)])
        grpc_client = conformance_clients.GrpcClient(judged.address)
        raw = conformance_clients.RawClient(judged.address)
        self.addCleanup(grpc_client.close)
        self.addCleanup(raw.close)
        passed, asked = collections.Counter(), collections.Counter()
        failed = {}
        for case in suite_cases.cases():
            for way in suite_cases.WAYS:
                if not case.applies(way):
                    continue
                by_library = way.protocol == suite_cases.GRPC and \
                    not case.request.HasField('raw_request')
                client = grpc_client if by_library else raw
                wrong = suite_cases.differences(case, client.ask(case, way))
                asked[way] += 1
                passed[way] += not wrong
                if wrong:
                    failed['{} ({})'.format(case.name, suite_cases.label(way))] = wrong
        for way in suite_cases.WAYS:
            print('{}: {} of {} pass'.format(suite_cases.label(way), passed[way], asked[way]))
        for name, wrong in failed.items():
            print('{}: {}'.format(name, '; '.join(wrong)), flush=True)
        self.assertEqual(set(failed), set(KNOWN_TO_FAIL))


if __name__ == '__main__':
    suite.main()
