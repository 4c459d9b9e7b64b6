"""What only shows when something fails: the installed Python package on a server that fails.
python_package_test.py runs this in the environment with the package."""

import concurrent.futures
import os
import tempfile
import unittest

import grpc

import baliprocess
from baliprocess import channel
from baliprocess import dates
from baliprocess import errors


class Failing(grpc.GenericRpcHandler):
    """Answers methods with the failures that were given, then with an empty reply."""

    def __init__(self):
        self.failures = []
        self.requests = []
        self.tokens = []

    def service(self, details):
        self.tokens.append(dict(details.invocation_metadata).get('authorization'))
        if details.method.endswith('WatchChanges'):
            return grpc.unary_stream_rpc_method_handler(self._stream)
        return grpc.unary_unary_rpc_method_handler(self._answer)

    def _answer(self, request, context):
        self.requests.append(request)
        if self.failures:
            self._fail(context)
        return b''

    def _stream(self, request, context):
        self.requests.append(request)
        self._fail(context)
        yield b''

    def _fail(self, context):
        code, reason = self.failures.pop(0)
        status = errors._status.Status()
        status.details.add().Pack(errors._details.ErrorInfo(reason=reason, domain='baliprocess.net'))
        context.set_trailing_metadata([('grpc-status-details-bin', status.SerializeToString())])
        context.abort(code, 'it failed')


class WhenItFails(unittest.TestCase):
    def setUp(self):
        self.failing = Failing()
        server = grpc.server(concurrent.futures.ThreadPoolExecutor(4), handlers=[self.failing])
        self.address = '127.0.0.1:{}'.format(server.add_insecure_port('127.0.0.1:0'))
        server.start()
        self.addCleanup(server.stop, 0)
        self.bali = self.connect()

    def connect(self, **settings):
        bali = baliprocess.connect(self.address, plaintext=True, **settings)
        self.addCleanup(bali.close)
        return bali

    def fails(self, *failures):
        self.failing.failures = list(failures)

    def test_a_repeat_has_the_request_id_of_the_first(self):
        create = self.bali.membership.CreateMember
        self.fails((grpc.StatusCode.UNAVAILABLE, 'TEMPORARILY_UNAVAILABLE'),
                   (grpc.StatusCode.ABORTED, 'CONFLICT'))
        create(member_id='aus')
        create(member_id='aus')
        ids = [create.request_type.FromString(one).request_id for one in self.failing.requests]
        self.assertEqual((len(ids), len(set(ids[:3])), len(set(ids))), (4, 1, 2))

    def test_an_id_that_is_given_is_kept(self):
        given = '6f9619ff-8b86-4d01-b42d-00c04fc964ff'
        create = self.bali.membership.CreateMember
        create(member_id='aus', request_id=given)
        self.assertEqual(create.request_type.FromString(self.failing.requests[0]).request_id, given)

    def test_what_does_not_pass_is_told_at_once(self):
        for failure in ((grpc.StatusCode.ABORTED, 'ETAG_MISMATCH'),
                        (grpc.StatusCode.NOT_FOUND, 'RESOURCE_NOT_FOUND')):
            self.fails(failure)
            with self.assertRaises(baliprocess.Error) as told:
                self.bali.membership.GetMember(name='members/aus')
            self.assertEqual((told.exception.reason, told.exception.domain),
                             (failure[1], 'baliprocess.net'))
        self.assertEqual(len(self.failing.requests), 2)

    def test_a_history_that_is_gone_is_told(self):
        self.fails((grpc.StatusCode.OUT_OF_RANGE, 'HISTORY_COMPACTED'))
        with self.assertRaises(baliprocess.HistoryCompacted):
            next(self.bali.membership.watch(resume_token='old'))

    def test_a_server_that_never_answered_ends_a_watch(self):
        self.fails((grpc.StatusCode.UNAVAILABLE, 'TEMPORARILY_UNAVAILABLE'))
        with self.assertRaises(baliprocess.Error):
            next(self.bali.membership.watch())

    def test_a_token_file_may_be_replaced(self):
        path = os.path.join(self.enterContext(tempfile.TemporaryDirectory()), 'token')
        channel._LOOKS_AT_FILE, looks = 0, channel._LOOKS_AT_FILE
        self.addCleanup(setattr, channel, '_LOOKS_AT_FILE', looks)
        for token in ('first', 'second'):
            with open(path, 'w', encoding='ascii') as file:
                file.write(token + '\n')
            if token == 'first':
                bali = self.connect(token_file=path)
            bali.membership.GetMember(name='members/aus')
        os.remove(path)
        bali.membership.GetMember(name='members/aus')
        self.assertEqual(self.failing.tokens, ['Bearer first', 'Bearer second', 'Bearer second'])

    def test_a_token_stays_on_this_machine_without_tls(self):
        for server in ('192.0.2.1:8443', 'bali.example:8443', '127.0.0.1.example:1'):
            with self.assertRaises(ValueError, msg=server):
                baliprocess.open_channel(server, plaintext=True, token='secret')
        baliprocess.open_channel('[::1]:8443', plaintext=True, token='secret').close()

    def test_dates(self):
        for text in ('2024', '2024-05', '2024-05-02'):
            self.assertEqual(dates.text(dates.date(text)), text)
        self.assertEqual(dates.text(dates.Date()), '')
        for text in ('', '24', '2024-5', '02/05/2024', '2024-05-02T00:00'):
            with self.assertRaises(ValueError, msg=text):
                dates.date(text)


if __name__ == '__main__':
    unittest.main()
