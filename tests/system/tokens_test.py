"""Who is let in: tokens good and bad, and what their callers see.

Each question is put to the gateway and, with a certificate like the gateway's, to the service.
"""

import unittest

import grpc

import suite
import contract
import forge
from client import CallError


def setUpModule():
    global SUITE
    SUITE = suite.Suite().start()
    SUITE.load()
    unittest.addModuleCleanup(SUITE.close)


WAYS = {'gateway': lambda role=None, token=None: SUITE.client(role, token),
        'service': lambda role=None, token=None: SUITE.direct_client(role, token)}


class Tokens(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        identities = SUITE.identities
        cls.rsa = identities.rsa_key
        cls.header = {'alg': 'RS256', 'kid': forge.key_id(identities.file('rsa/jwks.json'))}

    def forged(self, header=None, **changes):
        return forge.token({**self.header, **(header or {})}, forge.claims(**changes),
                           forge.rs256(self.rsa))

    def check_refused(self, token, reason):
        """Refused everywhere, also where no token is needed."""
        for way, connect in WAYS.items():
            for method in ('ListChanges', 'ListMembers'):
                with self.subTest(way=way, method=method):
                    with self.assertRaises(CallError) as caught:
                        connect(token=token).call(method)
                    self.assertEqual((caught.exception.code, caught.exception.reason),
                                     ('UNAUTHENTICATED', reason))
                    self.assertEqual(caught.exception.domain, 'baliprocess.net')

    def test_good_tokens_of_both_keys(self):
        for way, connect in WAYS.items():
            for token in (SUITE.identities.token('SECRETARIAT'), self.forged(),
                          self.forged(aud=['other', 'baliprocess'])):
                with self.subTest(way=way):
                    self.assertTrue(connect(token=token).call('ListChanges').changes)

    def test_expired(self):
        # Beyond what clocks may differ.
        self.check_refused(self.forged(exp=forge.claims()['iat'] - 120), 'TOKEN_EXPIRED')

    def test_without_expiry(self):
        self.check_refused(self.forged(exp=None), 'TOKEN_INVALID')

    def test_not_yet_valid(self):
        self.check_refused(self.forged(nbf=forge.claims()['iat'] + 600), 'TOKEN_INVALID')

    def test_unsigned(self):
        for algorithm in ('none', 'None', 'NONE', ''):
            for header in ({'alg': algorithm}, {'alg': algorithm, 'kid': self.header['kid']}):
                self.check_refused(forge.token(header, forge.claims(), forge.unsigned),
                                   'TOKEN_INVALID')

    def test_without_its_signature(self):
        self.check_refused(self.forged().rsplit('.', 1)[0] + '.', 'TOKEN_INVALID')

    def test_hs256_signed_with_the_rsa_public_key(self):
        secret = forge.public_pem(self.rsa)
        for header in ({**self.header, 'alg': 'HS256'}, {'alg': 'HS256'}, self.header):
            self.check_refused(forge.token(header, forge.claims(), forge.hs256(secret)),
                               'TOKEN_INVALID')

    def test_wrong_audience(self):
        self.check_refused(self.forged(aud='another'), 'TOKEN_INVALID')
        self.check_refused(self.forged(aud=None), 'TOKEN_INVALID')

    def test_wrong_issuer(self):
        self.check_refused(self.forged(iss='another'), 'TOKEN_INVALID')

    def test_unknown_key(self):
        stranger = suite.Identities(SUITE.identities.file('stranger'))
        token = stranger.sign('--subject', 'stranger', '--role', 'secretariat')
        self.check_refused(token, 'TOKEN_INVALID')
        self.check_refused(forge.token(self.header, forge.claims(), forge.rs256(stranger.rsa_key)),
                           'TOKEN_INVALID')
        self.check_refused(self.forged(header={'kid': 'no-such-key'}), 'TOKEN_INVALID')

    def test_changed_after_signing(self):
        observer = self.forged(roles=['observer']).split('.')
        secretariat = self.forged().split('.')
        self.check_refused('.'.join([observer[0], secretariat[1], observer[2]]), 'TOKEN_INVALID')

    def test_garbage(self):
        for token in ('x', 'a.b.c', '..', '.' * 1000, 'e30.e30.e30', '{}', 'A' * 4000):
            self.check_refused(token, 'TOKEN_INVALID')

    def test_another_scheme(self):
        for way, connect in WAYS.items():
            with self.subTest(way=way), self.assertRaises(CallError) as caught:
                connect().call('ListChanges', metadata=[('authorization', 'Basic YTpi')])
            self.assertEqual(caught.exception.code, 'UNAUTHENTICATED')

    def test_none(self):
        for way, connect in WAYS.items():
            with self.subTest(way=way):
                self.assertTrue(connect().call('ListMembers').members)
                with self.assertRaises(CallError) as caught:
                    connect().call('ListChanges')
                self.assertEqual((caught.exception.code, caught.exception.reason),
                                 ('UNAUTHENTICATED', 'TOKEN_MISSING'))

    def test_the_service_wants_a_certificate_of_the_ca(self):
        credentials = SUITE.identities.credentials()
        channel = grpc.secure_channel(SUITE.membership.address, credentials)
        with channel, self.assertRaises(grpc.RpcError) as caught:
            channel.unary_unary('/grpc.health.v1.Health/Check')(b'', timeout=5)
        self.assertEqual(caught.exception.code(), grpc.StatusCode.UNAVAILABLE)


class Visibility(unittest.TestCase):
    def test_visibility(self):
        """What a caller may not see isn't there: officials are for members, contacts for the
        secretariat."""
        for way, connect in WAYS.items():
            with self.subTest(way=way):
                secretariat = connect('SECRETARIAT')
                name = secretariat.call(
                    'ListOfficials', filter='display_name = "Lynn Bell"').officials[0].name
                secretariat.call('UpdateOfficial', official={
                    'name': name, 'contact': {'email': 'bell@example.org'}},
                    update_mask={'paths': ['contact']})
                for role in ('OBSERVER', 'MEMBER', 'OPERATOR'):
                    official = connect(role).call('GetOfficial', name=name)
                    self.assertEqual(official.display_name, 'Lynn Bell')
                    self.assertFalse(official.HasField('contact'))
                self.assertEqual(secretariat.call('GetOfficial', name=name).contact.email,
                                 'bell@example.org')
                public = connect()
                with self.assertRaises(CallError) as caught:
                    public.call('GetOfficial', name=name)
                self.assertEqual((caught.exception.code, caught.exception.reason),
                                 ('NOT_FOUND', 'RESOURCE_NOT_FOUND'))
                self.assertEqual(list(public.call('ListOfficials').officials), [])
                self.assertEqual(list(public.call('GetComposition', body='bodies/bali-process',
                                                  as_of=contract.date(2024, 5, 2)).officers), [])


if __name__ == '__main__':
    suite.main()
