"""Readers who don't read, and questions that cost much, with a victim beside: others' calls are
answered, their watches stand, no service grows, and the readers are cut off.

BALI_FAULT_SECONDS is how long each attack takes: a little by default, for ordinary runs.
"""

import hashlib
import os
import sys
import time
import unittest

import grpc

import suite
from measure import Usage
from process import wait_for
from victim import READ, Victim

SECONDS = float(os.environ.get('BALI_FAULT_SECONDS', '3'))
MEMORY = 64 << 20
MIB = 1 << 20
# A call costs the service some seconds of CPU when a store is large; here it is what it is.
_HARD_FILTER = ' OR '.join('display_name.contains("x{}")'.format(i) for i in range(60))
_UPDATE = ('UpdateBody', {'allow_missing': True, 'body': {
    'name': 'bodies/victim', 'kind': 'TASK_FORCE', 'display_name': 'Victim'}})
_LIST = ('ListMembers', {'page_size': 10})


def setUpModule():
    global SUITE
    SUITE = suite.Suite(membership_flags=('--stalled_reader_timeout', '3s', '--slowest_reader', '1000000')).start()
    SUITE.load()


class _Stalled:
    """Streams that are started and never read."""

    def __init__(self, role, method, count, connections, **fields):
        self.calls = []
        self._clients = [SUITE.client(role) for _ in range(connections)]
        for i in range(count):
            self.calls.append(self._clients[i % connections].start_stream(method, **fields))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for call in self.calls:
            call.cancel()
        for client in self._clients:
            client.close()

    def cut(self):
        return [call for call in self.calls if not call.is_active()]


class ReaderAttacks(unittest.TestCase):
    def setUp(self):
        self.usage = Usage(SUITE.processes())

    def watch_memory(self, seconds, work=lambda: None):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            work()
            self.usage.sample()
            time.sleep(0.02)

    def check(self, victim):
        self.assertEqual(victim.failures, [])
        self.assertGreater(victim.answered, 0)
        for label, growth in self.usage.peak_growth.items():
            print('{}: grew by {:.0f} MiB'.format(label, growth / MIB), file=sys.stderr)
            self.assertLess(growth, MEMORY, label)
        print('slowest call of the victim: {:.2f} s'.format(victim.slowest), file=sys.stderr)

    def test_stalled_downloads(self):
        name = public_document(4 * MIB)
        with Victim(SUITE, calls=(READ, _LIST, _UPDATE)) as victim:
            with _Stalled(None, 'DownloadDocument', 400, 4, name=name):
                self.watch_memory(SECONDS)
                # Others still find places.
                parts = SUITE.client('MEMBER').receive('DownloadDocument', name=name)
                self.assertGreater(sum(len(part.data) for part in parts), MIB)
        self.check(victim)

    def test_stalled_watchers_are_cut_off(self):
        writer = SUITE.client('SECRETARIAT')
        text = 'x' * 4000

        def write():
            writer.call('UpdateBody', allow_missing=True, body={
                'name': 'bodies/written', 'kind': 'TASK_FORCE', 'display_name': 'Written',
                'mandate': text + str(time.monotonic())})

        with Victim(SUITE, calls=(READ, _LIST, _UPDATE)) as victim:
            with _Stalled('OBSERVER', 'WatchChanges', 75, 4) as stalled:
                self.watch_memory(SECONDS, write)
                end = time.monotonic() + 60
                while cut_off() < len(stalled.calls) and time.monotonic() < end:
                    write()
                    self.usage.sample()
                self.assertEqual(cut_off(), len(stalled.calls))
                with self.assertRaises(grpc.RpcError) as error:
                    for _ in stalled.calls[0]:  # what had come before
                        pass
                self.assertEqual(error.exception.code(), grpc.StatusCode.UNAVAILABLE)
        self.check(victim)

    def test_hard_questions_without_a_token(self):
        public = SUITE.client()
        with Victim(SUITE, calls=(READ, _LIST, _UPDATE)) as victim:
            running = []

            def ask():
                running[:] = [call for call in running if not call.done()]
                while len(running) < 64:
                    running.append(public.start('ListMembers', filter=_HARD_FILTER, page_size=1000))

            self.watch_memory(SECONDS, ask)
            for call in running:
                call.cancel()
        self.check(victim)

    def test_streams_of_one_caller_leave_places_to_others(self):
        with _Stalled('OBSERVER', 'WatchChanges', 150, 4) as watches:
            wait_for(lambda: len(watches.cut()) >= 50, 'the rest is refused')
            for call in watches.cut():
                self.assertEqual(call.code(), grpc.StatusCode.RESOURCE_EXHAUSTED)
            other = SUITE.client('SECRETARIAT').watch(timeout=20)
            self.assertTrue(other.stands())
            other.cancel()


def cut_off():
    """How many watches the service has cut off."""
    return sum('TEMPORARILY_UNAVAILABLE' in line and 'WatchChanges' in line
               for line in SUITE.membership.log().splitlines())


def public_document(size):
    """A document for everybody, with random content of this size; its name."""
    client = SUITE.client('SECRETARIAT')
    content = os.urandom(size)
    meeting = client.call('ListMeetings', page_size=1, filter='visibility = "PUBLIC"').meetings
    parent = meeting[0].name if meeting else None
    document = client.call('CreateDocument', parent=parent, document={
        'display_name': 'Large', 'visibility': 'PUBLIC'})
    first = client.request('UploadDocument', name=document.name, size_bytes=size,
                           sha256=hashlib.sha256(content).hexdigest(),
                           content={'content_type': 'application/pdf'})
    client.send('UploadDocument', [first] + [
        client.request('UploadDocument', content={'data': content[at:at + MIB]})
        for at in range(0, size, MIB)])
    return document.name


if __name__ == '__main__':
    suite.main()
