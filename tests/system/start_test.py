"""How processes start, or say why they don't; how they are configured; what they log."""

import json
import os
import re
import shutil
import sqlite3
import tempfile
import unittest
import uuid

import suite
import process
from client import CallError
from postgres import Postgres


class Refusals(unittest.TestCase):
    """A process that can't do its work says why and ends."""

    @classmethod
    def setUpClass(cls):
        cls.suite = suite.Suite().start()
        cls.addClassCleanup(cls.suite.close)

    def refuses(self, name, code, says, *flags, address='127.0.0.1:0'):
        directory = self.suite.directory
        one = process.Process(name, directory, list(flags), 'refused-' + uuid.uuid4().hex, address)
        self.addCleanup(one.kill)
        with self.assertRaises(process.StartError) as caught:
            one.start()
        self.assertEqual(caught.exception.code, code, caught.exception)
        self.assertRegex(caught.exception.log, says)

    def flags(self, **changes):
        made = {'store': os.path.join(self.suite.directory, uuid.uuid4().hex + '.db'),
                'jwks': self.suite.identities.jwks, **changes}
        return [part for name, value in made.items() if value is not None
                for part in ('--' + name, value)]

    def test_unknown_flag(self):
        self.refuses('membership', 2, 'no-such-flag', '--no-such-flag=1')
        self.refuses('gateway', 2, 'no-such-flag', '--no-such-flag=1')

    def test_value_that_can_not_be_read(self):
        self.refuses('membership', 2, 'drain_deadline', '--drain_deadline', 'soon')
        self.refuses('gateway', 2, 'max_streams', '--max_streams', 'many')
        self.refuses('membership', 2, 'no-such.conf', '--config', '/no-such.conf')

    def test_required_flag(self):
        self.refuses('membership', 1, '--store is required', *self.flags(store=None))
        self.refuses('membership', 1, '--jwks is required', *self.flags(jwks=None))
        upstream = ['--upstream', 'membership=' + self.suite.membership.address]
        self.refuses('gateway', 1, '--jwks is required', *upstream)
        self.refuses('gateway', 1, '--upstream is required', '--jwks', self.suite.identities.jwks)

    def test_port_in_use(self):
        address = self.suite.membership.address
        self.refuses('membership', 1, re.escape(address), *self.flags(), address=address)
        self.refuses('gateway', 1, re.escape(address), *self.flags(store=None), address=address)

    def test_keys_that_can_not_be_read(self):
        not_keys = os.path.join(self.suite.directory, 'not-keys.json')
        with open(not_keys, 'w', encoding='ascii') as file:
            file.write('no keys')
        for path in ('/no/such/jwks.json', not_keys):
            self.refuses('membership', 1, re.escape(path), *self.flags(jwks=path))
            self.refuses('gateway', 1, re.escape(path), *self.flags(jwks=path, store=None))

    def test_certificate_that_can_not_be_read(self):
        self.refuses('membership', 1, 'no-such.crt',
                     *self.flags(tls_cert='/no-such.crt', tls_key='/no-such.key'))
        self.refuses('gateway', 1, 'no-such.crt', *self.flags(
            store=None, tls_cert='/no-such.crt', tls_key='/no-such.key'))

    def test_plaintext_beyond_loopback(self):
        self.refuses('membership', 1, 'plaintext', *self.flags(), address='0.0.0.0:0')
        self.refuses('gateway', 1, 'plaintext', *self.flags(store=None), address='0.0.0.0:0')

    def test_unknown_service_upstream(self):
        self.refuses('gateway', 1, 'nonsense',
                     *self.flags(store=None, upstream='nonsense=127.0.0.1:1'))

    def test_second_process_on_the_same_file(self):
        self.refuses('membership', 1, re.escape(self.suite.store),
                     *self.flags(store=self.suite.store))
        self.assertEqual(self.suite.client().health(), 'SERVING')

    def test_file_that_is_no_database(self):
        path = os.path.join(self.suite.directory, 'text.db')
        with open(path, 'w', encoding='ascii') as file:
            file.write('This is not a database, though it is long enough to have a header.' * 9)
        self.refuses('membership', 1, re.escape(path), *self.flags(store=path))

    def test_newer_schema(self):
        store = os.path.join(self.suite.directory, 'newer.db')
        one = process.Process('membership', self.suite.directory, self.flags(store=store), 'newer')
        one.start()
        self.assertEqual(one.stop(), 0)
        database = sqlite3.connect(store)
        database.execute("UPDATE engine_state SET value = CAST('99' AS BLOB) "
                         "WHERE key = 'schema_version'")
        database.commit()
        database.close()
        self.refuses('membership', 1, 'schema version 99', *self.flags(store=store))


class Configuration(unittest.TestCase):
    def start(self, *arguments, **options):
        started = suite.Suite(*arguments, **options).start()
        self.addCleanup(started.close)
        return started

    def settings(self, one):
        """The configuration in effect, as it was logged; lines are collected for a moment."""
        def found():
            lines = [json.loads(line) for line in one.log().rpartition('\n')[0].splitlines()]
            return [line for line in lines if line['component'] == 'config']
        return process.wait_for(found, 'the configuration is logged')[0]

    def test_help_documents_every_flag(self):
        started = self.start()
        for one in started.processes():
            help_ = process.run(one.name, '--help')
            self.assertEqual(help_.returncode, 0)
            described = dict(re.findall(r'^\s*--(?:\[no\])?(\w+)(.*(?:\n(?!\s*--).*)*)',
                                        help_.stdout, re.MULTILINE))
            flags = set(self.settings(one)) - {'time', 'level', 'component', 'message', 'sources'}
            self.assertGreater(len(flags), 15)
            for flag in flags:
                with self.subTest(program=one.name, flag=flag):
                    self.assertGreater(len(described.get(flag, '').strip()), 20)

    def test_precedence(self):
        directory = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, directory)
        path = os.path.join(directory, 'settings.conf')
        with open(path, 'w', encoding='ascii') as file:
            file.write('# a comment\nstore = {}/other.db\njwks = {}\n'
                       'worker_threads = 1\nmax_streams = 1\nlog_level = info\n'.format(
                           directory, suite.identities().jwks))
        one = process.Process('membership', directory, ['--config', path, '--worker_threads', '3'],
                              'configured')
        self.addCleanup(one.kill)
        os.environ['BALI_MAX_STREAMS'] = os.environ['BALI_WORKER_THREADS'] = '2'
        self.addCleanup(os.environ.pop, 'BALI_MAX_STREAMS')
        self.addCleanup(os.environ.pop, 'BALI_WORKER_THREADS')
        one.start()
        settings = self.settings(one)
        self.assertEqual((settings['worker_threads'], settings['max_streams'], settings['store']),
                         ('3', '2', directory + '/other.db'))

    def test_no_secret_is_logged(self):
        postgres = Postgres()
        self.addCleanup(postgres.remove)
        _, url = postgres.create_database()
        started = self.start(url)
        started.client('SECRETARIAT').call('CreateExternalForum',
                                           external_forum={'display_name': 'A forum'})
        for one in started.processes():
            self.assertEqual(one.stop(), 0)
        self.assertIn('***', self.settings(started.membership)['store'])
        tokens = started.identities.token('SECRETARIAT')
        for one in started.processes():
            self.assertNotIn(postgres.password, one.log())
            self.assertNotIn(tokens, one.log())
            self.assertNotIn(tokens.rsplit('.', 1)[1], one.log())

    def test_access_log(self):
        started = self.start()
        trace = '0af7651916cd43dd8448eb211c80319c'
        for client, request_id in ((started.client('OBSERVER'), 'my-call-1'),
                                   (started.client(), 'my-call-2')):
            with self.assertRaises(CallError):
                client.call('GetBody' if request_id == 'my-call-1' else 'ListChanges',
                            metadata=[('x-request-id', request_id),
                                      ('traceparent', '00-' + trace + '-b7ad6b7169203331-01')],
                            **({'name': 'bodies/none'} if request_id == 'my-call-1' else {}))
        for one in (started.membership, started.gateway):
            self.assertEqual(one.stop(), 0)
            lines = [json.loads(line) for line in one.log().splitlines() if 'my-call-' in line]
            calls = {line['request_id']: line for line in lines}
            with self.subTest(program=one.name):
                self.assertEqual(len(lines), len(calls))
                self.assertEqual({line['component'] for line in lines}, {'access'})
                call = calls.pop('my-call-1')
                self.assertEqual((call['method'].split('/')[-1], call['code'], call['trace_id']),
                                 ('GetBody', 'NOT_FOUND', trace))
                if one.name == 'gateway':
                    refused = calls.pop('my-call-2')
                    self.assertEqual((refused['code'], refused['reason'], refused['trace_id']),
                                     ('UNAUTHENTICATED', 'TOKEN_MISSING', trace))
                self.assertFalse(calls, 'what the gateway refuses never comes to a service')


if __name__ == '__main__':
    suite.main()
