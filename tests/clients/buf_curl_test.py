"""buf curl, a client of another maker in another language, through the gateway over TLS."""

import json
import os
import subprocess
import unittest

import suite
import contract

BUF = os.path.join(suite.ROOT, 'proto/node_modules/.bin/buf')


class BufCurl(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.suite = suite.Suite().start()
        cls.addClassCleanup(cls.suite.close)
        cls.suite.load()

    def command(self, method, request, role=None, *flags, schema='.'):
        command = [BUF, 'curl', '--protocol', 'grpc', '--cacert', self.suite.identities.ca,
                   '--schema', schema, '-d', json.dumps(request), *flags]
        token = self.suite.identities.token(role)
        if token:
            command += ['-H', 'authorization: Bearer ' + token]
        return command + ['https://{}/{}/{}'.format(self.suite.gateway.address, contract.SERVICE,
                                                    method)]

    def curl(self, *arguments, **options):
        return subprocess.run(self.command(*arguments, **options), capture_output=True, text=True,
                              check=False, timeout=60, cwd=os.path.join(suite.ROOT, 'proto'))

    def test_reads_without_a_token(self):
        ran = self.curl('GetMember', {'name': 'members/aus'})
        self.assertEqual(ran.returncode, 0, ran.stderr)
        self.assertEqual(json.loads(ran.stdout)['displayName'], 'Australia')

    def test_reads_by_the_descriptors_that_the_gateway_has(self):
        """The file behind /descriptors.binpb, instead of the sources."""
        ran = self.curl('GetMember', {'name': 'members/aus'},
                        schema=os.environ['BALI_PROTOSET'] + '#format=binpb')
        self.assertEqual(ran.returncode, 0, ran.stderr)
        self.assertEqual(json.loads(ran.stdout)['displayName'], 'Australia')

    def test_lists_with_a_filter(self):
        ran = self.curl('ListSeats', {'parent': 'bodies/wg-disruption', 'filter': 'role = CHAIR'})
        self.assertEqual([seat['member'] for seat in json.loads(ran.stdout)['seats']],
                         ['members/nzl', 'members/vnm'])

    def test_writes_with_a_token(self):
        forum = {'displayName': 'A forum', 'shortName': 'AF'}
        ran = self.curl('CreateExternalForum',
                        {'externalForumId': 'by-buf', 'externalForum': forum}, 'SECRETARIAT')
        self.assertEqual(ran.returncode, 0, ran.stderr)
        read = self.suite.client().call('GetExternalForum', name='externalForums/by-buf')
        self.assertEqual(read.short_name, 'AF')

    def test_error_with_details(self):
        ran = self.curl('GetMember', {'name': 'members/AUS'})
        self.assertNotEqual(ran.returncode, 0)
        error = json.loads(ran.stderr)
        self.assertEqual(error['code'], 'invalid_argument')
        self.assertEqual({detail['type'] for detail in error['details']},
                         {'google.rpc.ErrorInfo', 'google.rpc.BadRequest'})
        self.assertIn('name', error['message'])

    def test_refused_without_a_token(self):
        ran = self.curl('ListChanges', {})
        self.assertEqual(json.loads(ran.stderr)['code'], 'unauthenticated')

    def test_watches(self):
        """A server stream that the client ends: the record from its start, read as it comes."""
        command = self.command('WatchChanges', {'fromStart': True}, 'OBSERVER')
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              cwd=os.path.join(suite.ROOT, 'proto')) as watch:
            self.addCleanup(watch.kill)
            decoder, text, seen = json.JSONDecoder(), '', []
            while len(seen) < 30:
                line = watch.stdout.readline()
                self.assertTrue(line, 'the stream ended')
                text = (text + line).lstrip()
                try:
                    message, end = decoder.raw_decode(text)
                except ValueError:
                    continue
                text = text[end:]
                seen += [change['resource'] for change in message.get('changes', [])]
            watch.kill()
        wanted = [change.resource for change in self.suite.client('SECRETARIAT').changes()]
        self.assertEqual(seen, wanted[:len(seen)])


if __name__ == '__main__':
    suite.main()
