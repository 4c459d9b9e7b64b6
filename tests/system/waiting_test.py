"""What a process that starts waits for, and what may change while it runs: a store, the keys of
tokens, the password of the store."""

import http.server
import os
import shutil
import tempfile
import threading
import unittest

import postgres
import process
import suite
from operators import Operators


class Case(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix='bali-waiting-')
        self.addCleanup(shutil.rmtree, self.directory)
        self.identities = suite.identities()

    def membership(self, store, *flags, jwks=None):
        one = process.Process('membership', self.directory, [
            '--store', store, '--jwks', jwks or self.identities.jwks,
            '--admin_listen', '127.0.0.1:0', *flags])
        self.addCleanup(one.kill)
        return one

    def assert_waits(self, operators, what):
        self.assertEqual(operators.get('/livez')[0], 200)
        self.assertFalse(operators.is_ready())
        process.wait_for(lambda: what in operators.json('/readyz')['needs']['start'],
                         'readiness says what the start waits for')


class Waiting(Case):
    def test_a_store_that_comes_later(self):
        server = postgres.Postgres()
        self.addCleanup(server.remove)
        _, url = server.create_database()
        server.kill()
        one = self.membership(url).start(wait=False)
        operators = Operators(one)
        self.assert_waits(operators, 'waits for the store: ')
        self.assertNotIn(server.password, operators.get('/readyz')[1])
        server.start()
        process.wait_for(operators.is_ready, 'membership is ready')
        self.assertIn('the start has got the store', one.log())
        one.wait_until_listening()
        client = one.plain_client()
        client.call('ListMembers')
        # Without its store it isn't fit for calls, whoever asks.
        server.kill()
        process.wait_for(lambda: client.health() == 'NOT_SERVING', 'health says that it is gone')
        self.assertFalse(operators.is_ready())
        status, page = operators.get('/readyz/own')
        self.assertEqual(status, 503)
        self.assertIn('"store"', page)

    def test_a_start_that_waits_ends_when_it_is_asked_to(self):
        server = postgres.Postgres()
        self.addCleanup(server.remove)
        _, url = server.create_database()
        server.kill()
        one = self.membership(url).start(wait=False)
        self.assert_waits(Operators(one), 'waits for the store: ')
        one.terminate()
        self.assertEqual(one.wait(timeout=5), 0)

    def test_a_start_that_waits_for_keys_ends_when_it_is_asked_to(self):
        for name, flags in (('membership', ['--store', os.path.join(self.directory, 'm.db')]),
                            ('gateway', ['--upstream', 'membership=127.0.0.1:1'])):
            with self.subTest(process=name):
                one = process.Process(name, self.directory, [
                    *flags, '--jwks', 'http://127.0.0.1:1/keys', '--admin_listen', '127.0.0.1:0'])
                self.addCleanup(one.kill)
                one.start(wait=False)
                self.assert_waits(Operators(one), 'waits for the keys of tokens: ')
                one.terminate()
                self.assertEqual(one.wait(timeout=5), 0)
                self.assertIn('ended while it started', one.log())

    def test_mistakes_that_will_not_pass_end_a_start(self):
        class Nothing(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_error(404)

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Nothing)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        store = os.path.join(self.directory, 'm.db')
        for flags, says in (
                (['--jwks', 'http://127.0.0.1:{}/keys'.format(server.server_port)], 'HTTP 404'),
                (['--store_password_file', '/dev/null'], 'is for a postgresql:// URL'),
                (['--tls_cert', self.directory, '--tls_key', self.directory], "it isn't a file"),
                (['--store', 'postgresql://nobody@/record?host=/nowhere', '--jwks', ''],
                 '--jwks is required')):
            with self.subTest(says=says):
                one = self.membership(store, *flags)
                with self.assertRaises(process.StartError) as caught:
                    one.start()
                self.assertIn(says, caught.exception.log)
                self.assertEqual(caught.exception.code, 1)

    def test_keys_that_come_later(self):
        with open(self.identities.jwks, 'rb') as file:
            keys = file.read()

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.end_headers()
                self.wfile.write(keys)

            def log_message(self, *_):
                pass

        # Its address is known before it answers.
        server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler, False)
        server.server_bind()
        self.addCleanup(server.server_close)
        one = self.membership(os.path.join(self.directory, 'membership.db'),
                              jwks='http://127.0.0.1:{}/keys'.format(server.server_port))
        one.start(wait=False)
        operators = Operators(one)
        self.assert_waits(operators, 'waits for the keys of tokens: ')
        server.server_activate()
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.shutdown)
        process.wait_for(operators.is_ready, 'membership is ready')
        one.wait_until_listening()
        client = one.plain_client(self.identities.token('SECRETARIAT'))
        client.call('CreateExternalForum', external_forum_id='f',
                    external_forum={'display_name': 'A forum'})


class Password(Case):
    """The password of the store is in a file, and changes while the service runs."""

    def setUp(self):
        super().setUp()
        self.server = postgres.Postgres()
        self.addCleanup(self.server.remove)
        self.server.query("CREATE ROLE service LOGIN PASSWORD 'first'")
        self.server.query('CREATE DATABASE record OWNER service TEMPLATE template0')
        self.server.demand_passwords()
        self.file = os.path.join(self.directory, 'password')
        self.write('first')
        self.url = 'postgresql://service@/record?host=' + self.server.directory

    def write(self, password):
        with open(self.file + '.new', 'w', encoding='ascii') as file:
            file.write(password + '\n')
        os.replace(self.file + '.new', self.file)

    def reconnect(self, client, number):
        """Calls go on, on connections that are opened now."""
        self.server.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                          "WHERE usename = 'service'")
        client.call('CreateExternalForum', external_forum_id='f{}'.format(number),
                    external_forum={'display_name': 'A forum'})
        client.call('GetExternalForum', name='externalForums/f{}'.format(number))

    def test_password_changes_in_either_order(self):
        one = self.membership(self.url, '--store_password_file', self.file).start()
        client = one.plain_client(self.identities.token('SECRETARIAT'))
        self.reconnect(client, 0)
        self.write('the-second-password')  # the file first
        self.reconnect(client, 1)
        self.server.query("ALTER ROLE service PASSWORD 'the-second-password'")
        self.reconnect(client, 2)
        self.server.query("ALTER ROLE service PASSWORD 'the-third-password'")  # the server first
        self.write('the-third-password')
        self.reconnect(client, 3)
        self.assertNotIn('the-second-password', one.log())
        self.assertNotIn('the-third-password', one.log())

    def test_a_wrong_password_is_waited_for_and_named(self):
        self.write('wrong')
        one = self.membership(self.url, '--store_password_file', self.file).start(wait=False)
        operators = Operators(one)
        self.assert_waits(operators, 'password authentication failed')
        self.write('first')
        process.wait_for(operators.is_ready, 'membership is ready')

    def test_a_file_that_can_not_be_read_leaves_the_last_password(self):
        one = self.membership(self.url, '--store_password_file', self.file).start()
        client = one.plain_client(self.identities.token('SECRETARIAT'))
        self.reconnect(client, 0)
        os.remove(self.file)
        os.mkdir(self.file)
        self.reconnect(client, 1)
        os.rmdir(self.file)
        os.mkfifo(self.file)
        self.reconnect(client, 2)

    def test_a_password_in_two_places_is_refused(self):
        one = self.membership(self.url.replace('service@', 'service:first@'),
                              '--store_password_file', self.file)
        with self.assertRaises(process.StartError) as caught:
            one.start()
        self.assertIn('and a file gives one', caught.exception.log)


if __name__ == '__main__':
    suite.main()
