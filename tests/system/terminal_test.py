"""balictl at a terminal: long output by a pager, and only there; Ctrl-C ends what takes long, with what it leaves told."""

import contextlib
import os
import signal
import socket
import subprocess
import time
import unittest

import process
import suite
import terminal

INTERRUPTED = 130  # as shells tell of a program that Ctrl-C has ended
LONG = ('list', 'meetings/-/agendaItems')
# Puts a mark before each line.
PAGER = {'BALI_PAGER': 'sed s/^/paged:/'}
SOON = 10  # seconds: less than what the commands here would take without Ctrl-C


class AtATerminal(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.suite = suite.Suite().start()
        cls.addClassCleanup(cls.suite.close)
        cls.suite.load()

    def environment(self, **more):
        return {'BALI_SERVER': self.suite.gateway.address, 'BALI_CA': self.suite.identities.ca,
                'BALI_TOKEN': self.suite.identities.token('SECRETARIAT'), **more}

    def terminal(self, *words, environment=None, **options):
        return self.enterContext(terminal.Terminal(words, {**self.environment(), **(environment or {})}, **options))

    def shown(self, *words, **options):
        code, text = self.terminal(*words, **options).end()
        self.assertEqual(code, 0, text)
        return text

    @contextlib.contextmanager
    def silent_server(self):
        """One that takes connections, and says nothing."""
        with socket.create_server(('127.0.0.1', 0)) as listener:
            yield '127.0.0.1:{}'.format(listener.getsockname()[1])


class Pager(AtATerminal):
    def test_shows_what_is_longer_than_the_terminal(self):
        text = self.shown(*LONG, environment=PAGER, rows=10)
        lines = text.strip().split('\n')
        self.assertGreater(len(lines), 10)
        for line in lines:
            self.assertTrue(line.startswith('paged:'), line)

    def test_is_asked_for_nothing_else(self):
        for words, options in ((LONG, {'rows': 500}), ((*LONG, '--no_pager'), {'rows': 10}),
                               (LONG, {'rows': 10, 'environment': {'BALI_PAGER': ''}}),
                               (LONG, {'rows': 10, 'environment': {'BALI_PAGER': 'cat'}}),
                               (LONG, {'rows': 10, 'environment': {'BALI_PAGER': '/nonexistent/pager'}}),
                               (LONG, {'rows': 10, 'stdin': subprocess.DEVNULL})):
            text = self.shown(*words, **{'environment': PAGER, **options})
            self.assertIn('NAME', text)
            self.assertNotIn('paged:', text)

    def test_is_never_used_where_the_output_goes_elsewhere(self):
        with open(os.path.join(self.suite.directory, 'list.txt'), 'w+b') as file:
            self.assertEqual(self.shown(*LONG, environment=PAGER, rows=10, stdout=file), '')
            file.seek(0)
            text = file.read().decode()
        self.assertTrue(text.startswith('NAME'), text)
        self.assertNotIn('paged:', text)

    def test_a_user_who_has_seen_enough(self):
        """The pager ends before it has read all: that isn't an error."""
        self.assertEqual(self.shown(*LONG, environment={'BALI_PAGER': 'head -n 1'}, rows=10).count('\n'), 1)

    def test_less_waits_for_a_key(self):
        shown = self.terminal(*LONG, environment={'PAGER': 'less', 'LESS': ''}, rows=10)
        shown.wait_for('NAME')
        self.assertIsNone(shown.process.poll())
        shown.press(terminal.CTRL_C)  # is for the pager, which shows the page again
        shown.wait_for('NAME', times=2)
        self.assertIsNone(shown.process.poll())
        self.assertEqual(self.pressed_until_the_end(shown, b'q'), 0)

    @staticmethod
    def pressed_until_the_end(shown, key):
        """The exit code. What is pressed while less draws is lost."""
        for _ in range(30):
            shown.press(key)
            with contextlib.suppress(AssertionError):
                return shown.end(timeout=1)[0]
        raise AssertionError('it goes on; shown: ' + shown.shown)

    def test_an_error_keeps_its_exit_code(self):
        code, text = self.terminal('get', 'members/xyz', environment=PAGER).end()
        self.assertEqual(code, 1, text)
        self.assertIn('RESOURCE_NOT_FOUND', text)


class CtrlC(AtATerminal):
    def test_ends_a_list_at_once(self):
        with self.silent_server() as server:
            listing = self.terminal(*LONG, environment={'BALI_SERVER': server})
            process.wait_for(lambda: self.is_connected(listing), 'balictl waits for the server')
            began = time.monotonic()
            listing.press(terminal.CTRL_C)
            code, text = listing.end()
        self.assertEqual(code, -signal.SIGINT, text)
        self.assertLess(time.monotonic() - began, SOON)

    def test_ends_a_watch_that_tells_how_to_go_on(self):
        watch = self.terminal('watch', 'membership')
        secretariat = self.suite.client('SECRETARIAT')
        changes = 0
        while 'members/aus' not in watch.shown:
            changes += 1
            secretariat.call('UpdateMember', member={'name': 'members/aus', 'short_name': 'A{}'.format(changes)},
                             update_mask={'paths': ['short_name']})
            with contextlib.suppress(AssertionError):
                watch.wait_for('members/aus', timeout=1)
        began = time.monotonic()
        watch.press(terminal.CTRL_C)
        code, text = watch.end()
        self.assertEqual(code, INTERRUPTED, text)
        self.assertLess(time.monotonic() - began, SOON)
        self.assertIn('to go on from here: balictl watch membership --resume ', text)
        self.assertIn('interrupted', text)

    def test_ends_an_import_that_waits(self):
        with self.silent_server() as server:
            importing = self.terminal('import', suite.DATA, environment={'BALI_SERVER': server})
            process.wait_for(lambda: self.is_connected(importing), 'balictl waits for the server')
            began = time.monotonic()
            importing.press(terminal.CTRL_C)
            code, text = importing.end()
        self.assertEqual(code, INTERRUPTED, text)
        self.assertLess(time.monotonic() - began, SOON)
        self.assertIn('interrupted', text)

    @staticmethod
    def is_connected(running):
        """Whether the program has a connection to the server, which says nothing."""
        folder = '/proc/{}/fd'.format(running.process.pid)
        with contextlib.suppress(OSError):
            links = [os.readlink(os.path.join(folder, name)) for name in os.listdir(folder)]
            return any(link.startswith('socket:') for link in links)
        return False


if __name__ == '__main__':
    suite.main()
