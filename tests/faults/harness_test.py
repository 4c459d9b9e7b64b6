"""What the faults' tests rest on: the shim, what a power cut leaves, what a history keeps of calls,
how watchers are compared with the log. Each finds what is wrong, and nothing in what is right."""

import errno
import os
import random
import subprocess
import sys
import tempfile
import time
import unittest

import client
import contract
import history
import linearizability as lin
import load
import power_cut
import process
import shim
from shim import HOUR

# What runs under a shim: `store` is open, and so is its log.
_BEGIN = '''
import os, sys, time
store = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT)
wal = os.open(sys.argv[1] + '-wal', os.O_RDWR | os.O_CREAT)
def attempt(action):
    try:
        print(action())
    except OSError as error:
        print(os.strerror(error.errno))
'''


class WithShim(unittest.TestCase):
    def setUp(self):
        self.directory = self.enterContext(tempfile.TemporaryDirectory(prefix='bali-shim-'))
        self.store = os.path.join(self.directory, 'a.db')
        self.shim = shim.Shim(self.store, with_log=True)

    def run_program(self, text):
        """The lines that it prints."""
        return subprocess.run([sys.executable, '-c', _BEGIN + text, self.store], check=True,
                              env=self.shim.environment(), capture_output=True,
                              text=True).stdout.splitlines()

    def content(self, suffix=''):
        with open(self.store + suffix, 'rb') as file:
            return file.read()


class Shims(WithShim):
    def test_counts_calls_on_the_store_alone(self):
        self.run_program('''
other = os.open(sys.argv[1] + '-other', os.O_RDWR | os.O_CREAT)
os.pwrite(other, b'x', 0)
os.pwrite(store, b'x', 0)
os.pwrite(wal, b'y', 0)
os.fdatasync(wal)
os.pread(store, 1, 0)
os.ftruncate(store, 0)
os.close(wal)
again = os.open(sys.argv[1] + '-other', os.O_RDWR)
os.pwrite(again, b'x', 0)
''')
        self.assertEqual(self.shim.counted(),
                         {'pwrite': 2, 'fdatasync': 1, 'ftruncate': 1, 'open': 2, 'pread': 1})

    def test_fails_the_calls_it_is_told_to(self):
        self.shim.fail('pwrite', errno.ENOSPC, number=2, count=2)
        self.assertEqual(
            self.run_program('for i in range(5): attempt(lambda: os.pwrite(store, b"ab", i * 2))'),
            ['2', 'No space left on device', 'No space left on device', '2', '2'])
        self.assertEqual(self.shim.failed, 2)
        self.assertEqual(self.content(), b'ab\0\0\0\0abab')

    def test_fails_each_kind_of_call(self):
        for call, text in (('fdatasync', 'os.fdatasync(wal)'), ('pread', 'os.pread(store, 1, 0)'),
                           ('ftruncate', 'os.ftruncate(store, 1)'),
                           ('open', 'os.open(sys.argv[1], os.O_RDWR)')):
            with self.subTest(call):
                self.shim.fail(call, errno.EIO, number=3 if call == 'open' else 1)
                self.assertEqual(self.run_program('attempt(lambda: {})'.format(text)),
                                 ['Input/output error'])

    def test_holds_what_is_written_to_a_backup(self):
        with self.shim.held_backups():
            writing = subprocess.Popen(
                [sys.executable, '-c', _BEGIN + '''
backup = os.open(sys.argv[1] + '.backup-under-way', os.O_RDWR | os.O_CREAT)
os.pwrite(store, b'written', 0)
os.pwrite(backup, b'copied', 0)
''', self.store], env=self.shim.environment())
            process.wait_for(lambda: os.path.exists(self.store) and self.content() == b'written',
                             'the store is written to')
            self.assertEqual(self.content('.backup-under-way'), b'')
        self.assertEqual(writing.wait(30), 0)
        self.assertEqual(self.content('.backup-under-way'), b'copied')

    def test_fails_until_told_otherwise(self):
        self.shim.fail('pwrite', errno.EIO, count=None)
        text = 'attempt(lambda: os.pwrite(store, b"a", 0))'
        self.assertEqual(self.run_program(text), ['Input/output error'])
        self.assertEqual(self.run_program(text), ['Input/output error'])
        self.shim.clear()
        self.assertEqual(self.run_program(text), ['1'])

    def test_short_writes(self):
        self.shim.fail('pwrite', shim.SHORT)
        self.assertEqual(self.run_program('attempt(lambda: os.pwrite(store, b"abcd", 0))'), ['2'])
        self.assertEqual(self.content(), b'ab')

    def test_shows_a_wrong_clock(self):
        with self.shim.clock_off_by(9000 * HOUR):
            shown = [float(line) for line in self.run_program(
                'print(time.time()); print(time.monotonic()); print(time.clock_gettime(0))')]
        self.assertAlmostEqual(shown[0] - time.time(), 9000 * HOUR, delta=30)
        self.assertAlmostEqual(shown[1], time.monotonic(), delta=30)
        self.assertAlmostEqual(shown[2], shown[0], delta=30)
        self.assertAlmostEqual(float(self.run_program('print(time.time())')[0]), time.time(),
                               delta=30)

    def test_sleeps(self):
        with self.shim.clock_off_by(HOUR):
            self.shim.suspend(2 * HOUR)
            shown = [float(line) for line in self.run_program(
                'for clock in (0, time.CLOCK_BOOTTIME, time.CLOCK_MONOTONIC): '
                'print(time.clock_gettime(clock))')]
        self.assertAlmostEqual(shown[0] - time.time(), 3 * HOUR, delta=30)
        self.assertAlmostEqual(shown[1] - time.clock_gettime(time.CLOCK_BOOTTIME), 2 * HOUR,
                               delta=30)
        self.assertAlmostEqual(shown[2], time.monotonic(), delta=30)

    def test_logs_what_reaches_the_files(self):
        self.shim.fail('pwrite', errno.EIO, number=2)
        self.run_program('''
os.pwrite(store, b'abc', 1)
attempt(lambda: os.pwrite(store, b'lost', 0))
os.fdatasync(store)
os.pwrite(wal, b'w', 0)
os.ftruncate(store, 2)
os.unlink(sys.argv[1] + '-wal')
''')
        self.assertEqual([entry[:4] for entry in shim.read_log(self.shim.log_file)], [
            (shim.WRITE, 0, 1, b'abc'), (shim.SYNC, 0, 0, b''), (shim.WRITE, 1, 0, b'w'),
            (shim.TRUNCATE, 0, 2, b''), (shim.UNLINK, 1, 0, b'')])


class Cuts(WithShim):
    """What is left of a file of which the first half was synced."""

    PROGRAM = '''
os.pwrite(store, b'a' * 1024, 0)
os.fdatasync(store)
os.pwrite(store, b'b' * 1024, 0)
os.pwrite(store, b'c' * 1024, 1024)
os.pwrite(wal, b'w', 0)
'''

    def setUp(self):
        super().setUp()
        with open(self.shim.log_file, 'wb'):
            pass
        self.recording = power_cut.Recording(self.shim)
        self.run_program(self.PROGRAM)
        self.recording.end()

    def left(self, kind, seed=1):
        at = self.recording.places[-1]
        return self.recording.cut(at, kind, random.Random(seed)).files

    def test_dropped(self):
        self.assertEqual(self.left('dropped'), [b'a' * 1024, None, None])

    def test_all(self):
        self.assertEqual(self.left('all'), [b'b' * 1024 + b'c' * 1024, b'w', None])

    def test_later_half(self):
        self.assertEqual(self.left('later half'), [b'a' * 1024 + b'c' * 1024, b'w', None])

    def test_random_and_torn(self):
        wholes, sectors = set(), set()
        for seed in range(200):
            wholes.add(bytes(self.left('random', seed)[0]))
            sectors.add(bytes(self.left('torn', seed)[0]))
        self.assertEqual(len(wholes), 4)
        self.assertEqual(len(sectors), 16)
        self.assertIn(b'a' * 512 + b'b' * 512 + bytes(512) + b'c' * 512, sectors)

    def test_before_the_sync(self):
        at = self.recording.places[0]
        self.assertEqual(self.recording.cut(at, 'dropped', random).files, [None, None, None])

    def test_restores_what_was(self):
        image = self.recording.cut(self.recording.places[-1], 'dropped', random)
        image.restore(self.store)
        self.assertEqual(self.content(), b'a' * 1024)
        self.assertFalse(os.path.exists(self.store + '-wal'))
        self.assertEqual(power_cut.Image.of(self.store).files, image.files)


class FakeError(client.CallError):
    """One that no call ended with."""

    def __init__(self, code, reason=''):
        Exception.__init__(self)
        self.code = code
        self.reason = reason


class Histories(unittest.TestCase):
    def setUp(self):
        self.history = history.History()
        self.forum = contract.message('ExternalForum')
        self.request = contract.message('CreateExternalForumRequest')(
            external_forum_id='a', external_forum={'purpose': 'p'}, request_id='1')

    def call(self, answer, method='CreateExternalForum', request=None):
        """A call that is answered with a reply, or ends with an error."""
        def action():
            if isinstance(answer, Exception):
                raise answer
            return answer
        request = request or self.request
        try:
            self.history.run(action, history.plans(method, request),
                             getattr(request, 'request_id', ''))
        except client.CallError:
            pass

    def made(self):
        return [(one.resource, one.method, one.outcome, one.new_etag)
                for one in self.history.operations()]

    def reply(self, etag='e'):
        return self.forum(name='externalForums/a', etag=etag, purpose='p')

    def test_acknowledged(self):
        self.call(self.reply())
        self.assertEqual(self.made(), [('externalForums/a', 'create', lin.OK, 'e')])

    def test_unknown_until_it_is_answered(self):
        self.call(FakeError('UNAVAILABLE'))
        self.assertEqual(self.made(), [('externalForums/a', 'create', lin.UNKNOWN, None)])
        self.call(FakeError('DEADLINE_EXCEEDED'))
        self.call(self.reply())
        self.assertEqual(self.made(), [('externalForums/a', 'create', lin.OK, 'e')])
        self.assertEqual(self.history.contradictions, [])

    def test_another_answer_to_a_repeated_call(self):
        self.call(self.reply())
        self.call(self.reply())
        self.assertEqual(self.history.contradictions, [])
        self.call(self.reply('other'))
        self.assertEqual(len(self.history.contradictions), 1)

    def test_refused(self):
        self.call(FakeError('ALREADY_EXISTS', 'RESOURCE_EXISTS'))
        self.call(FakeError('FAILED_PRECONDITION', 'RULE_BROKEN'))
        self.assertEqual(self.made(), [('externalForums/a', 'create', lin.EXISTS, None)])
        self.assertEqual(self.history.refused, 1)

    def test_a_refusal_leaves_an_earlier_call_unknown(self):
        self.call(FakeError('UNAVAILABLE'))
        self.call(FakeError('ALREADY_EXISTS', 'RESOURCE_EXISTS'))
        self.assertEqual([one[2] for one in self.made()], [lin.UNKNOWN, lin.EXISTS])

    def test_up_to_a_mark(self):
        marks = iter([5, 7])
        self.history = history.History(lambda: next(marks))
        self.call(self.reply())
        read = contract.message('GetExternalForumRequest')(name='externalForums/a')
        self.call(self.reply(), 'GetExternalForum', read)
        self.assertEqual([one.outcome for one in self.history.until(7)], [lin.OK, lin.OK])
        self.assertEqual([one.outcome for one in self.history.until(5)], [lin.OK])
        self.assertEqual([one.outcome for one in self.history.until(4)], [lin.UNKNOWN])


class Watchers(unittest.TestCase):
    def test_compared_with_the_log(self):
        log = list('abcde')
        for seen, missed, repeated in (
                ('abcde', 0, 0), ('', 5, 0), ('abc', 2, 0), ('abde', 1, 0), ('abbcde', 0, 1),
                ('abcdeabcde', 0, 5), ('bacde', 1, 1), ('abxcde', 0, 1)):
            with self.subTest(seen):
                self.assertEqual(load.compare(log, seen), (missed, repeated))

    def test_double_effects(self):
        change = contract.message('baliprocess.common.v1.Change')

        def made(before, after):
            one = change(resource='externalForums/a')
            for field, purpose in (('before', before), ('after', after)):
                if purpose is not None:
                    getattr(one, field).Pack(contract.message('ExternalForum')(
                        name='externalForums/a', purpose=purpose))
            return one
        # Made, written, deleted.
        self.assertEqual(load.doubles([made(None, 'p'), made('p', 'q'), made('q', 'q')]), 0)
        self.assertEqual(load.doubles([made(None, 'p'), made('p', 'q'), made('q', 'p')]), 1)
        self.assertEqual(load.doubles([made(None, 'p'), made(None, 'p')]), 1)


if __name__ == '__main__':
    unittest.main()
