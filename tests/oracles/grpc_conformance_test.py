"""The public conformance suite for servers of gRPC and gRPC-Web, through the gateway: a service
that does what its cases say stands behind it. Each case is asked in each way that it is meant for.
"""

import unittest

import conformance_cases
import conformance_clients
import conformance_server
import oracles
import suite

# What fails, and why: by what the names of cases begin with, in whichever way they are asked. A
# case that isn't here has to pass; of those that are here, one has to fail at least.
KNOWN_TO_FAIL = {
    'Deadline Propagation: ':
        'the service is told of 50 ms more than the client has left, so that it is the gateway '
        'which says that the deadline has passed, and says it once',
    'gRPC Unexpected Requests: unexpected-compressed-message ':
        'gRPC says INTERNAL, which here is a defect of ours and has somebody look into it; what a '
        'client gets wrong is INVALID_ARGUMENT',
    'gRPC-Web Unexpected Requests: unexpected-compressed-message ': 'as by gRPC',
}


def known(name):
    """The beginning of a name that is known to fail; empty when it isn't."""
    return next(filter(name.startswith, KNOWN_TO_FAIL), '')


@oracles.needs('grpc-conformance', conformance_server.SERVICE)
class Conformance(unittest.TestCase):
    def test_cases(self):
        judged = oracles.Judged(conformance_server.SERVICE, conformance_server.handlers(),
                                gateway_flags=['--max_message_bytes',
                                               str(conformance_cases.MESSAGE_LIMIT)])
        library = conformance_clients.GrpcClient(judged.address)
        raw = conformance_clients.RawClient(judged.address)
        self.addCleanup(library.close)
        self.addCleanup(raw.close)
        wrong = {}
        for case in conformance_cases.cases():
            for way in filter(case.applies, conformance_cases.WAYS):
                by_library = way.protocol == conformance_cases.GRPC and \
                    not case.request.HasField('raw_request')
                answer = (library if by_library else raw).ask(case, way)
                wrong[case.name, way] = conformance_cases.differences(case, answer)
        self.show(wrong)
        failed = [name for (name, _), found in wrong.items() if found]
        self.assertEqual([], [name for name in failed if not known(name)])
        self.assertEqual(set(KNOWN_TO_FAIL), set(map(known, failed)))

    @staticmethod
    def show(wrong):
        """Prints how many pass in each way, and what fails."""
        for way in conformance_cases.WAYS:
            asked = [found for (_, its_way), found in wrong.items() if its_way == way]
            print('{}: {} of {} pass'.format(conformance_cases.label(way), asked.count([]),
                                             len(asked)))
        for (name, way), found in wrong.items():
            if found:
                print('{}({}): {}'.format(name, conformance_cases.label(way), '; '.join(found)))
        print('Known to fail:')
        for beginning, why in KNOWN_TO_FAIL.items():
            print('{}: {}'.format(beginning.rstrip(' :'), why), flush=True)


if __name__ == '__main__':
    suite.main()
