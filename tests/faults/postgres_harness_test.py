"""What the tests of PostgreSQL's faults rest on: it sees what it is to see."""

import io
import queue
import socket
import sys
import threading
import unittest
from contextlib import redirect_stderr

import client
import process
from relay import Relay
from replicas import Spread
from tokens import COMPACTED, Tokens


class Echo:
    """Answers what it is sent."""

    def __init__(self):
        self._listener = socket.create_server(('127.0.0.1', 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                one, _ = self._listener.accept()
            except OSError:
                return  # closed
            threading.Thread(target=self._answer, args=(one,), daemon=True).start()

    @staticmethod
    def _answer(one):
        with one:
            try:
                while data := one.recv(4096):
                    one.sendall(data)
            except OSError:
                pass  # broken, as it is to be

    def close(self):
        self._listener.close()


class RelayTest(unittest.TestCase):
    def setUp(self):
        self.echo = Echo()
        self.addCleanup(self.echo.close)
        self.relay = Relay(self.echo.port)
        self.addCleanup(self.relay.close)

    def connect(self, word):
        one = socket.create_connection(('127.0.0.1', self.relay.port), timeout=10)
        self.addCleanup(one.close)
        one.sendall(word)
        self.assertEqual(one.recv(100), word)
        return one

    def assert_broken(self, one):
        try:
            self.assertEqual(one.recv(100), b'')
        except ConnectionResetError:
            pass

    def test_those_that_listen_are_broken(self):
        other, listener = self.connect(b'SELECT 1'), self.connect(b'LISTEN news')
        self.assertEqual(self.relay.break_listeners(), 1)
        self.assert_broken(listener)
        other.sendall(b'COMMIT')
        self.assertEqual(other.recv(100), b'COMMIT')

    def test_the_oldest_is_broken_when_none_listens(self):
        first, second = self.connect(b'SELECT 1'), self.connect(b'SELECT 2')
        self.assertEqual(self.relay.break_listeners(), 1)
        self.assert_broken(first)
        second.sendall(b'COMMIT')
        self.assertEqual(second.recv(100), b'COMMIT')

    def test_what_ended_by_itself_is_gone(self):
        self.connect(b'SELECT 1').close()
        process.wait_for(lambda: not self.relay.standing(), 'the relay has heard of it')


class Named:
    def __init__(self, name):
        self._name = name

    def call(self, *_, **__):
        return self._name

    def watch(self):
        return self._name


class SpreadTest(unittest.TestCase):
    def test_each_call_goes_to_the_next(self):
        spread = Spread([Named('a'), Named('b')])
        self.assertEqual({spread.call('Get'), spread.call('Get')}, {'a', 'b'})
        self.assertEqual({spread.watch(), spread.watch()}, {'a', 'b'})


class Fields:
    def __init__(self, **fields):
        self.__dict__.update(fields)


class Compacted(client.CallError):
    def __init__(self):
        Exception.__init__(self)
        self.reason = COMPACTED


class Log:
    """A service whose tokens are how many changes it has made; `after(count)` are the resources
    that it shows behind one, or None for HISTORY_COMPACTED."""

    def __init__(self):
        self.names = []
        self.after = lambda count: self.names[count:]

    def client(self, _):
        return self

    def call(self, _, external_forum_id, **__):
        self.names.append('externalForums/' + external_forum_id)

    def watch(self, resume_token=None, **_):
        return Shown(self, resume_token)


class Shown:
    def __init__(self, log, resume_token):
        self._log = log
        self._at = len(log.names) if resume_token is None else int(resume_token)
        self.token = str(self._at)

    def next(self, _):
        found = self._log.after(self._at)
        if found is None:
            raise Compacted()
        if not found:
            raise queue.Empty()
        return Fields(changes=[Fields(resource=name) for name in found])

    def changes(self, count):
        found = self._log.names[self._at:self._at + count]
        self._at += count
        self.token = str(self._at)
        return [Fields(resource=name) for name in found]

    def cancel(self):
        pass


class TokensTest(unittest.TestCase):
    KEPT, LOST = 3, 2

    def judge(self, after):
        """Of a store that lost two of five changes and made four others since."""
        log = Log()
        tokens = Tokens(log)
        tokens.write(self.KEPT + self.LOST)
        del log.names[self.KEPT:]
        tokens.diverge(self.LOST, 4)
        log.after = lambda count: after(log.names, count)
        with redirect_stderr(io.StringIO()):
            tokens.judge(self, 'a test')

    def test_a_right_one(self):
        self.judge(lambda names, count: names[count:] if count <= self.KEPT else None)

    def test_all_may_be_refused(self):
        self.judge(lambda names, count: None)

    def test_a_gap_behind_what_was_lost(self):
        with self.assertRaises(AssertionError):
            self.judge(lambda names, count: names[count:])

    def test_a_gap_behind_what_was_kept(self):
        with self.assertRaises(AssertionError):
            self.judge(lambda names, count: names[count + 1:] if count <= self.KEPT else None)


if __name__ == '__main__':
    unittest.main(argv=sys.argv)
