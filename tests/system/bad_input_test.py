"""Bad input through the gateway: the right code, the reason, and the field that is wrong."""

import unittest

import suite
import contract
import http2
from client import CallError

GET_MEMBER = '/{}/GetMember'.format(contract.SERVICE)
CITED = {'title': 'A source'}


def setUpModule():
    global SUITE
    # Plaintext on loopback, for frames by hand.
    SUITE = suite.Suite(plaintext_gateway=True).start()
    SUITE.load()
    unittest.addModuleCleanup(SUITE.close)


class BadInput(unittest.TestCase):
    def setUp(self):
        self.client = SUITE.client('SECRETARIAT')
        self.changes_before = len(self.client.changes())

    def tearDown(self):
        self.assertEqual(len(self.client.changes()), self.changes_before, 'something was written')

    def refused(self, code, reason, method, /, client=None, **fields):
        with self.assertRaises(CallError) as caught:
            (client or self.client).call(method, **fields)
        error = caught.exception
        self.assertEqual((error.code, error.reason), (code, reason), error)
        self.assertEqual(error.domain, 'baliprocess.net')
        return error

    def invalid(self, wrong, method, /, **fields):
        """Refused for these fields, all of them and no others."""
        error = self.refused('INVALID_ARGUMENT', 'INVALID_FIELDS', method, **fields)
        self.assertEqual(set(error.fields), set(wrong), error)
        for field, rule in error.fields.items():
            self.assertTrue(rule)
            self.assertIn(field, error.message)
        return error

    def breaks(self, rule, method, /, **fields):
        error = self.refused('FAILED_PRECONDITION', 'RULE_BROKEN', method, **fields)
        self.assertEqual(error.metadata['rule'], rule)
        return error


class Names(BadInput):
    def test_unknown(self):
        for method, name in (('GetMember', 'members/xyz'), ('GetSeat', 'bodies/ahg/seats/none'),
                             ('DeleteBody', 'bodies/none'), ('GetOfficial', 'officials/nobody')):
            error = self.refused('NOT_FOUND', 'RESOURCE_NOT_FOUND', method, name=name)
            self.assertEqual(error.metadata['resource'], name)

    def test_malformed(self):
        for name in ('', 'aus', 'members', 'members/', '/members/aus', 'members/AUS', 'members/-',
                     'members/aus/', 'members/aus/x', 'bodies/aus', 'members/a b', 'members/a%20b',
                     'members/../aus', 'members/' + 'a' * 64, 'members/-a', 'members/1'):
            self.invalid(['name'], 'GetMember', name=name)

    def test_malformed_id(self):
        organisation = {'kind': 'ORGANISATION', 'category': 'OBSERVER', 'display_name': 'X'}
        for member_id in ('A', 'a b', '1a', 'a-', 'a/b', '-', 'é', 'a' * 64):
            self.invalid(['member_id'], 'CreateMember', member_id=member_id, member=organisation)

    def test_unknown_parent(self):
        seat = {'member': 'members/aus', 'role': 'PARTICIPANT'}
        self.refused('NOT_FOUND', 'RESOURCE_NOT_FOUND', 'CreateSeat', parent='bodies/none',
                     seat=seat)
        self.refused('NOT_FOUND', 'RESOURCE_NOT_FOUND', 'ListSeats', parent='bodies/none')

    def test_unknown_reference(self):
        error = self.refused('FAILED_PRECONDITION', 'REFERENCE_NOT_FOUND', 'CreateSeat',
                             parent='bodies/ahg',
                             seat={'member': 'members/xyz', 'role': 'PARTICIPANT'})
        self.assertEqual((error.metadata['resource'], error.metadata['field']),
                         ('members/xyz', 'seat.member'))

    def test_referred_to(self):
        error = self.refused('FAILED_PRECONDITION', 'STILL_REFERENCED', 'DeleteMember',
                             name='members/aus')
        self.assertTrue(error.metadata['referrer'])


class Fields(BadInput):
    def body(self, **fields):
        return {'kind': 'WORKING_GROUP', 'display_name': 'A group', **fields}

    def test_dates_that_do_not_exist(self):
        for day in ({'year': 2023, 'month': 2, 'day': 30}, {'year': 2023, 'month': 2, 'day': 29},
                    {'year': 2023, 'month': 13}, {'year': 2023, 'day': 1}, {'year': -1},
                    {'year': 10000}, {'month': 2, 'day': 1}):
            self.invalid(['as_of'], 'GetComposition', body='bodies/ahg', as_of=day)
            self.invalid(['body.term.start_date'], 'CreateBody',
                         body=self.body(term={'start_date': day}))

    def test_end_before_start(self):
        for start, end in (((2024, 5, 3), (2024, 5, 2)), ((2024, 6), (2024, 5)), ((2024,), (2023,)),
                           ((2024, 1, 1), (2023,))):
            error = self.refused(
                'INVALID_ARGUMENT', 'INVALID_FIELDS', 'CreateBody',
                body=self.body(term={'start_date': contract.date(*start),
                                     'end_date': contract.date(*end)}))
            self.assertEqual([field.rsplit('.', 1)[0] for field in error.fields], ['body.term'])

    def test_unknown_enum_numbers(self):
        self.invalid(['body.kind'], 'CreateBody', body=self.body(kind=77))
        self.invalid(['body.kind'], 'CreateBody', body=self.body(kind=-1))
        self.invalid(['body.visibility'], 'CreateBody', body=self.body(visibility=9))
        self.invalid(['seat.role'], 'CreateSeat', parent='bodies/ahg',
                     seat={'member': 'members/aus', 'role': 99})

    def test_nul_and_control_characters(self):
        for bad in ('A\0group', '\0', 'bell\7', 'escape\x1b[31m', 'delete\x7f'):
            self.invalid(['body.display_name'], 'CreateBody', body=self.body(display_name=bad))
        self.invalid(['body.citations[1].title'], 'CreateBody',
                     body=self.body(citations=[CITED, {'title': 'x\0'}]))
        self.invalid(['name'], 'GetMember', name='members/aus\0')
        self.invalid(['filter'], 'ListMembers', filter='display_name = "a\0"')

    def test_all_violations_at_once(self):
        error = self.invalid(
            ['request_id', 'member.kind', 'member.category', 'member.display_name',
             'member.region_code', 'member.citations[0].uri', 'member.term.end_date'],
            'CreateMember', request_id='not-a-uuid',
            member={'category': 44, 'region_code': 'au', 'term': {'end_date': {'month': 13}},
                    'citations': [{'title': 'x', 'uri': 'javascript:alert(1)'}]})
        self.assertIn('region_code', error.message)

    def test_violations_beyond_what_headers_carry_are_counted(self):
        citation = {'title': '', 'uri': 'no', 'date': {'year': 2024, 'month': 13}}
        error = self.refused('INVALID_ARGUMENT', 'INVALID_FIELDS', 'CreateMember', member_id='xx',
                             member={'kind': 'STATE', 'display_name': 'x',
                                     'citations': [citation] * 100})
        told = len(error.fields)
        self.assertGreater(told, 30)
        # Beside three of each citation, the category.
        self.assertEqual(told + int(error.metadata['violations_left_out']), 301)

    def test_too_long_and_too_many(self):
        self.invalid(['body.display_name'], 'CreateBody', body=self.body(display_name='x' * 301))
        self.invalid(['body.citations'], 'CreateBody', body=self.body(citations=[CITED] * 101))
        self.invalid(['names'], 'BatchGetMembers', names=['members/aus'] * 1001)
        self.invalid(['names'], 'BatchGetMembers')

    def test_missing_resource(self):
        self.invalid(['body'], 'CreateBody')
        self.invalid(['body'], 'UpdateBody')

    def test_update_masks(self):
        body = {'name': 'bodies/ahg', 'display_name': 'X'}
        for path in ('nothing', 'term.nothing', '', 'display_name.x', 'citations.0'):
            self.invalid(['update_mask'], 'UpdateBody', body=body, update_mask={'paths': [path]})

    def test_request_id_used_for_something_else(self):
        request_id = '6f2f1a0e-8f0b-4c57-9f5e-6d8f3a1c2b4d'
        self.client.call('CreateExternalForum', external_forum_id='once', request_id=request_id,
                         external_forum={'display_name': 'Once'})
        self.changes_before += 1
        error = self.refused('ALREADY_EXISTS', 'REQUEST_ID_REUSED', 'CreateExternalForum',
                             external_forum_id='twice', request_id=request_id,
                             external_forum={'display_name': 'Twice'})
        self.assertEqual(error.metadata['request_id'], request_id)

    def test_etag_of_another_version(self):
        self.refused('ABORTED', 'ETAG_MISMATCH', 'UpdateBody',
                     body={'name': 'bodies/ahg', 'display_name': 'X', 'etag': 'old'})

    def test_existing(self):
        error = self.refused('ALREADY_EXISTS', 'RESOURCE_EXISTS', 'CreateBody', body_id='ahg',
                             body=self.body())
        self.assertEqual(error.metadata['resource'], 'bodies/ahg')


class Rules(BadInput):
    def test_body_cycle(self):
        self.breaks('body_cycle', 'UpdateBody', update_mask={'paths': ['parent_body']},
                    body={'name': 'bodies/bali-process', 'parent_body': 'bodies/ahg'})
        self.breaks('body_cycle', 'UpdateBody', update_mask={'paths': ['parent_body']},
                    body={'name': 'bodies/ahg', 'parent_body': 'bodies/ahg'})

    def test_chair_beyond_the_limit(self):
        self.breaks('too_many_chairs', 'CreateSeat', parent='bodies/wg-disruption',
                    seat={'member': 'members/aus', 'role': 'CHAIR'})

    def test_overlapping_seats(self):
        self.breaks('seat_overlap', 'CreateSeat', parent='bodies/ahg',
                    seat={'member': 'members/aus', 'role': 'PARTICIPANT'})

    def test_seats_of_another_body(self):
        self.invalid(['ended_seat'], 'RecordSuccession', parent='bodies/sg',
                     ended_seat='bodies/ahg/seats/aus', end_date=contract.date(2024, 5, 31),
                     seat={'member': 'members/nzl', 'role': 'PARTICIPANT',
                           'term': {'start_date': contract.date(2024, 6, 1)}})
        self.invalid(['names[0]'], 'BatchGetSeats', parent='bodies/sg',
                     names=['bodies/ahg/seats/aus'])
        self.invalid(['requests[1].parent'], 'BatchCreateSeats', parent='bodies/sg', requests=[
            {'parent': 'bodies/sg', 'seat': {'member': 'members/vnm', 'role': 'PARTICIPANT'}},
            {'parent': 'bodies/mc', 'seat': {'member': 'members/vnm', 'role': 'PARTICIPANT'}}])


class Queries(BadInput):
    def test_filters(self):
        for bad in ('nothing = 1', 'contact.email = "x"', 'display_name', 'display_name =',
                    'kind = NOTHING', 'create_time > "yesterday"', 'display_name = "open',
                    '(kind = STATE', 'kind = STATE)', 'kind ~ STATE', 'AND',
                    '"; DROP TABLE members'):
            self.invalid(['filter'], 'ListMembers', filter=bad)

    def test_deep_filter(self):
        deep = '(' * 9990 + 'kind = STATE' + ')' * 9990
        self.assertGreater(len(deep), 19000)
        self.invalid(['filter'], 'ListMembers', filter=deep)
        self.invalid(['filter'], 'ListMembers', filter='(' * 10000)
        self.invalid(['filter'], 'ListMembers', filter='-' * 10000 + 'kind = STATE')
        self.invalid(['filter'], 'ListMembers', filter='NOT ' * 4990 + 'kind = STATE')

    def test_order_and_page_size(self):
        self.invalid(['order_by'], 'ListMembers', order_by='nothing')
        self.invalid(['order_by'], 'ListMembers', order_by='display_name upwards')
        self.invalid(['page_size'], 'ListMembers', page_size=-1)

    def test_page_tokens(self):
        token = self.client.call('ListMembers', page_size=2).next_page_token
        self.assertTrue(token)
        self.assertTrue(self.client.call('ListMembers', page_size=3, page_token=token).members)
        def refused(client=None, method='ListMembers', page_token=token, **fields):
            self.refused('INVALID_ARGUMENT', 'INVALID_PAGE_TOKEN', method, client=client,
                         page_token=page_token, **fields)
        refused(filter='kind = STATE')
        refused(order_by='display_name')
        refused(show_deleted=True)
        refused(method='ListBodies')
        refused(method='ListChanges')
        refused(client=SUITE.client('OBSERVER'))
        refused(client=SUITE.client())
        refused(client=SUITE.client(token=SUITE.identities.sign('--subject', 'another', '--role',
                                                                'secretariat')))
        for damaged in ('x', token[:-1], token + 'A', token.swapcase(), 'A' * len(token)):
            refused(page_token=damaged)

    def test_resume_tokens(self):
        for token in ('x', self.client.call('ListMembers', page_size=2).next_page_token):
            with self.assertRaises(CallError) as caught:
                self.client.watch(resume_token=token).next()
            self.assertEqual((caught.exception.code, caught.exception.reason),
                             ('INVALID_ARGUMENT', 'INVALID_PAGE_TOKEN'))


class Bytes(BadInput):
    def refused_bytes(self, code, reason, body, method='CreateBody'):
        with self.assertRaises(CallError) as caught:
            self.client.raw('/{}/{}'.format(contract.SERVICE, method), body)
        self.assertEqual((caught.exception.code, caught.exception.reason), (code, reason))

    def test_not_protobuf(self):
        for body in (b'{"name": "members/aus"}', b'\xff' * 100, b'\x0a\xff', b'\x0a\x05abc',
                     b'\x07', b'\x0b' * 200):
            self.refused_bytes('INVALID_ARGUMENT', 'MALFORMED_REQUEST', body, 'GetMember')

    def test_invalid_utf8(self):
        for text in (b'members/\xff', b'\xc3', b'\xed\xa0\x80', b'\xc0\xaf', b'\xf5\x80\x80\x80'):
            body = b'\x0a' + bytes([len(text)]) + text
            self.refused_bytes('INVALID_ARGUMENT', 'MALFORMED_REQUEST', body, 'GetMember')

    def test_nested_deeply(self):
        message = b''
        for _ in range(200):  # more than Protocol Buffers follow
            message = b'\xa3\x06' + message + b'\xa4\x06'
        self.refused_bytes('INVALID_ARGUMENT', 'MALFORMED_REQUEST', message, 'GetMember')

    def test_oversized(self):
        self.refused_bytes('RESOURCE_EXHAUSTED', 'TOO_LARGE', b'\x0a' * (5 << 20))
        self.assertTrue(self.client.call('GetMember', name='members/aus').uid)

    def test_large_but_allowed_is_judged_by_its_fields(self):
        body = {'kind': 'WORKING_GROUP', 'display_name': 'x' * (3 << 20)}
        self.invalid(['body.display_name'], 'CreateBody', body=body)


class Frames(unittest.TestCase):
    """What a gRPC library wouldn't send."""

    def setUp(self):
        self.connection = http2.Connection(SUITE.gateway.address)
        self.request = http2.grpc_frame(
            SUITE.client().request('GetMember', name='members/aus').SerializeToString())

    def tearDown(self):
        # The connection has taken no harm.
        self.check(self.connection.call(GET_MEMBER, self.request), '0')
        self.connection.__exit__()

    def check(self, reply, status, reason=''):
        self.assertEqual((reply.fields.get(':status'), reply.grpc_status, reply.reason),
                         ('200', status, reason))

    def test_paths(self):
        service = contract.SERVICE
        for path in ('//{}/GetMember'.format(service),
                     '/{}//GetMember'.format(service), '/{}/GetMember/'.format(service),
                     '/{}/GetMember?x=1'.format(service), '/{}/GetMember?'.format(service),
                     '/{}/Get%4dember'.format(service), '/{}%2fGetMember'.format(service),
                     '/{}/GetMember%00'.format(service), '/{}/GetMember#x'.format(service),
                     '/{}/getmember'.format(service), '/{}/GetMember;x'.format(service),
                     '/./{}/GetMember'.format(service), '/x/../{}/GetMember'.format(service),
                     '/{}/'.format(service), '/{}'.format(service), '/', '//', '/%', '/?',
                     '/none.Such/Method', '/' + 'x' * 3000):
            with self.subTest(path=path[:80]):
                self.check(self.connection.call(path, self.request), '12', 'UNKNOWN_METHOD')

    def test_paths_without_slash(self):
        """Malformed (RFC 9113 8.3.1), so the stream is reset with PROTOCOL_ERROR."""
        for path in ('{}/GetMember'.format(contract.SERVICE), 'GetMember', '*', ''):
            with self.subTest(path=path):
                self.assertEqual(self.connection.call(path, self.request).reset, 1)

    def test_methods_and_content_types(self):
        reply = self.connection.call(GET_MEMBER, self.request, method='GET')
        self.assertNotEqual(reply.grpc_status, '0')
        self.assertEqual(reply.fields[':status'], '405')
        reply = self.connection.call(GET_MEMBER, self.request, content_type='text/plain')
        self.assertEqual(reply.fields[':status'], '415')

    def test_message_framing(self):
        for body in (self.request[:-1],   # less than the length says
                     b'\0\0\0', b''):     # no message
            with self.subTest(body=body):
                reply = self.connection.call(GET_MEMBER, body)
                self.assertNotIn(reply.grpc_status, ('0', '2', None), vars(reply))

    def test_length_beyond_the_limit(self):
        reply = self.connection.call(GET_MEMBER, b'\0\x7f\xff\xff\xff')
        self.check(reply, '8', 'TOO_LARGE')

    def test_compression_nobody_announced(self):
        reply = self.connection.call(GET_MEMBER, http2.grpc_frame(b'x', flag=1))
        self.assertNotIn(reply.grpc_status, ('0', '2', None), vars(reply))

    def test_unknown_message_encoding(self):
        reply = self.connection.call(GET_MEMBER, http2.grpc_frame(b'x', flag=1),
                                     fields=[('grpc-encoding', 'rot13')])
        self.assertNotIn(reply.grpc_status, ('0', '2', None), vars(reply))

    def test_timeout_that_is_none(self):
        reply = self.connection.call(GET_MEMBER, self.request, fields=[('grpc-timeout', 'soon')])
        self.check(reply, '3', 'MALFORMED_REQUEST')

    def test_two_tokens(self):
        token = 'Bearer ' + SUITE.identities.token('SECRETARIAT')
        reply = self.connection.call(GET_MEMBER, self.request, fields=[
            ('authorization', token), ('authorization', token)])
        self.check(reply, '16', 'TOKEN_INVALID')


if __name__ == '__main__':
    suite.main()
