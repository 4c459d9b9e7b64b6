"""What is known against the gRPC that is linked, and was tried at a service's own port, where nobody stands in
between: docs/operate/dependencies.md tells of it."""

import os
import shutil
import tempfile
import unittest

import http2
import process
import suite

PATH = '/baliprocess.membership.v1.MembershipService/ListMembers'
MOST = 16384  # bytes of a frame


class KnownCves(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix='bali-cves-')
        self.addCleanup(shutil.rmtree, self.directory)
        self.service = process.Process('membership', self.directory, [
            '--store', os.path.join(self.directory, 'store.db'), '--jwks', suite.identities().jwks]).start()
        self.addCleanup(self.service.kill)

    def send(self, fields):
        """A call with these fields; whatever becomes of it."""
        block = b''.join(http2.literal(*field) for field in fields)
        pieces = [block[start:start + MOST] for start in range(0, len(block), MOST)]
        frames = [http2.frame(http2.CONTINUATION if index else http2.HEADERS,
                              http2.END_HEADERS if piece is pieces[-1] else 0, 1, piece)
                  for index, piece in enumerate(pieces)]
        with http2.Connection(self.service.address) as connection:
            connection.send_frames(b''.join(frames) + http2.frame(
                http2.DATA, http2.END_STREAM, 1, http2.grpc_frame(b'')))
            try:
                connection.ping()
            except (OSError, EOFError):
                pass  # the service has closed the connection

    def test_cve_2023_1428(self):
        """Odd values and large heads don't end the process."""
        usual = {':method': 'POST', ':scheme': 'http', ':path': PATH, ':authority': 'suite',
                 'content-type': 'application/grpc', 'te': 'trailers'}
        for odd in ({'te': 'x'}, {':scheme': 'x'}, {'grpclb_client_stats': 'x' * 50}):
            for size in (9000, 15000, 40000, 120000):
                with self.subTest(odd, size=size):
                    self.send([*{**usual, **odd}.items(),
                               *(('x-big-{}'.format(part), 'a' * 3000) for part in range(size // 3000))])
                    with http2.Connection(self.service.address) as connection:
                        self.assertEqual(connection.call(PATH).grpc_status, '0')


if __name__ == '__main__':
    suite.main()
