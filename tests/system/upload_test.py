"""Documents through the gateway: what broke off goes on, what is wrong leaves nothing behind."""

import hashlib
import os
import shutil
import sqlite3
import tempfile
import threading
import unittest

import grpc

import contract
import suite
import process
from client import CallError

CHUNK = 100 * 1000
LIMIT = 64 << 20
MIB = 1 << 20


def anonymous_bytes(pid):
    """RssAnon: memory in use that isn't of files."""
    with open('/proc/{}/status'.format(pid), encoding='ascii') as file:
        return next(int(line.split()[1]) << 10 for line in file if line.startswith('RssAnon:'))


def sha256(content):
    return hashlib.sha256(content).hexdigest()


class Upload(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.suite = suite.Suite().start()
        cls.addClassCleanup(cls.suite.close)
        cls.client = cls.suite.client('SECRETARIAT')
        cls.client.call('CreateBody', body_id='ahg', body={
            'kind': 'AD_HOC_GROUP', 'display_name': 'Ad Hoc Group'})
        cls.client.call('CreateMeeting', meeting_id='m', meeting={
            'body': 'bodies/ahg', 'display_name': 'A meeting'})
        cls.content = os.urandom(4 * CHUNK + 1)

    def add_document(self):
        return self.client.call('CreateDocument', parent='meetings/m', document={
            'display_name': 'Minutes', 'visibility': 'MEMBERS'}).name

    def first(self, name, offset=0, **changes):
        """The first message, without data."""
        fields = {'name': name, 'size_bytes': len(self.content), 'sha256': sha256(self.content),
                  'offset': offset, 'content': {'content_type': 'application/pdf'}, **changes}
        return self.client.request('UploadDocument', **fields)

    def data(self, offset=0, size=CHUNK, content=None):
        """The messages with what follows from an offset."""
        content = self.content if content is None else content
        return [self.client.request('UploadDocument', content={'data': content[at:at + size]})
                for at in range(offset, len(content), size)]

    def received(self, name):
        return self.client.call('GetUpload', name=name,
                                sha256=sha256(self.content)).received_bytes

    def download(self, name, role='MEMBER', version=0):
        parts = self.suite.client(role).receive('DownloadDocument', name=name, version=version)
        announced = next(parts)
        content = contract.unpack(announced.extensions[0])
        self.assertEqual(announced.content_type, content.media_type)
        return content, b''.join(part.data for part in parts)

    def check_whole(self, name, content):
        described, found = self.download(name)
        self.assertEqual(found, content)
        self.assertEqual((described.size_bytes, described.sha256), (len(content), sha256(content)))

    def check_refused(self, requests, *fields):
        with self.assertRaises(CallError) as caught:
            self.client.send('UploadDocument', requests)
        self.assertEqual((caught.exception.code, caught.exception.reason),
                         ('INVALID_ARGUMENT', 'INVALID_FIELDS'))
        self.assertEqual(list(caught.exception.fields), list(fields))

    def check_nothing_kept(self, name):
        """Neither for readers nor in the store."""
        uid = self.client.call('GetDocument', name=name).uid
        self.assertFalse(self.client.call('GetDocument', name=name).HasField('content'))
        with self.assertRaises(CallError) as caught:
            self.download(name)
        self.assertEqual(caught.exception.code, 'FAILED_PRECONDITION')
        for table in ('document_chunks', 'document_uploads'):
            self.assertEqual(self.rows(table, uid), 0, table)

    def rows(self, table, uid):
        """Of a document in a copy of the store's files."""
        store = os.path.join(self.suite.directory, 'meetings.db')
        with tempfile.TemporaryDirectory(prefix='bali-store-') as directory:
            copy = os.path.join(directory, 'copy.db')
            for suffix in ('', '-wal'):
                shutil.copy(store + suffix, copy + suffix)
            database = sqlite3.connect(copy)
            query = 'SELECT COUNT(*) FROM {} WHERE document = ?'.format(table)
            count = database.execute(query, (uid,)).fetchone()[0]
            database.close()
        return count

    def break_off(self, name, chunks, how):
        """Sends so many chunks, which arrive, and then the call is broken off."""
        client = self.suite.client('SECRETARIAT')
        broken = threading.Event()

        def requests():
            yield self.first(name)
            yield from self.data()[:chunks]
            broken.wait()

        call = client.start_sending('UploadDocument', requests())
        expected = min(chunks * CHUNK, len(self.content))
        process.wait_for(lambda: self.received(name) == expected, 'the chunks arrive')
        how(client, call)
        broken.set()
        with self.assertRaises((grpc.RpcError, grpc.FutureCancelledError)):
            call.result(timeout=10)
        return expected

    def kill(self, one):
        one.kill()
        one.start()
        self.suite.wait_until_serving()

    def test_goes_on_from_every_chunk(self):
        ways = {
            'the caller cancels': lambda client, call: call.cancel(),
            'its connection is closed': lambda client, call: client.close(),
            'the gateway is killed': lambda client, call: self.kill(self.suite.gateway),
            'meetings is killed': lambda client, call: self.kill(self.suite.meetings)}
        for way, how in ways.items():
            for chunks in range(len(self.data()) + 1):
                with self.subTest(way, chunks=chunks):
                    name = self.add_document()
                    sent = self.break_off(name, chunks, how)
                    self.assertEqual(self.received(name), sent)
                    self.assertFalse(self.client.call('GetDocument', name=name)
                                     .HasField('content'))
                    reply = self.client.send('UploadDocument',
                                             [self.first(name, sent)] + self.data(sent))
                    self.assertEqual(reply.content.sha256, sha256(self.content))
                    self.check_whole(name, self.content)

    def test_a_wrong_hash_leaves_nothing_behind(self):
        name = self.add_document()
        self.check_refused([self.first(name, sha256='a' * 64)] + self.data(), 'sha256')
        self.check_nothing_kept(name)
        for wrong in ('', 'x' * 64, 'A' * 64, 'a' * 63):
            self.check_refused([self.first(name, sha256=wrong)] + self.data(), 'sha256')

    def test_a_wrong_size_leaves_nothing_behind(self):
        name = self.add_document()
        for size in (LIMIT + 1, 1 << 40, 0, -1):
            self.check_refused([self.first(name, size_bytes=size)] + self.data(),
                               'size_bytes')
        self.check_refused([self.first(name, size_bytes=len(self.content) - 1)] + self.data(),
                           'content.data')
        self.check_nothing_kept(name)

    def test_a_wrong_offset_changes_nothing(self):
        name = self.add_document()
        for offset in (1, CHUNK, len(self.content) + 1):
            self.check_refused([self.first(name, offset)] + self.data(offset), 'offset')
        self.check_nothing_kept(name)
        sent = self.break_off(name, 2, lambda client, call: call.cancel())
        for offset in (sent - 1, sent + 1, 3 * CHUNK):
            self.check_refused([self.first(name, offset)] + self.data(offset), 'offset')
        self.assertEqual(self.received(name), sent)
        self.client.send('UploadDocument', [self.first(name, sent)] + self.data(sent))
        self.check_whole(name, self.content)

    def test_messages_are_of_a_mebibyte_at_most_and_in_order(self):
        name = self.add_document()
        content = b'x' * (2 * MIB)
        first = self.first(name, size_bytes=len(content), sha256=sha256(content))
        self.check_refused([first] + self.data(size=MIB + 1, content=content), 'content.data')
        self.check_refused(self.data(), 'name', 'size_bytes', 'sha256', 'content.content_type')
        self.check_refused([], 'name')
        self.client.send('UploadDocument', [first] + self.data(size=MIB, content=content))
        self.check_whole(name, content)

    def test_as_much_as_is_allowed(self):
        name = self.add_document()
        content = os.urandom(MIB) * (LIMIT // MIB)
        first = self.first(name, size_bytes=LIMIT, sha256=sha256(content))
        self.client.send('UploadDocument', [first] + self.data(size=MIB, content=content),
                         timeout=60)
        self.check_whole(name, content)

    def test_uploads_at_once_take_little_memory(self):
        """What clients send ahead of what is written doesn't pile up."""
        content = os.urandom(48 * MIB)
        pid = self.suite.meetings.pid
        before = peak = anonymous_bytes(pid)

        def upload():
            name = self.add_document()
            self.suite.client('SECRETARIAT').send('UploadDocument', [
                self.first(name, size_bytes=len(content), sha256=sha256(content)),
                *self.data(size=MIB, content=content)], timeout=100)

        uploads = [threading.Thread(target=upload) for _ in range(6)]
        for one in uploads:
            one.start()
        while any(one.is_alive() for one in uploads):
            peak = max(peak, anonymous_bytes(pid))
            uploads[0].join(0.01)
            uploads[-1].join(0.01)
        self.assertLess(peak - before, 75 * MIB)

    def test_versions_are_there_after_a_kill(self):
        name = self.add_document()
        contents = [b'draft', b'revision 1', b'draft']
        for content in contents:
            self.client.send('UploadDocument', [self.client.request(
                'UploadDocument', name=name, size_bytes=len(content), sha256=sha256(content),
                content={'content_type': 'text/plain', 'data': content})])
        self.kill(self.suite.meetings)
        document = self.client.call('GetDocument', name=name)
        self.assertEqual([one.sha256 for one in document.versions], list(map(sha256, contents)))
        self.assertEqual(document.content, document.versions[2])
        for number, content in enumerate(contents, 1):
            described, found = self.download(name, version=number)
            self.assertEqual((described.version, found), (number, content))
        self.assertEqual(self.rows('document_chunks', document.uid), 2)


if __name__ == '__main__':
    suite.main()
