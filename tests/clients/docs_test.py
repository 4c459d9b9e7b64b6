"""The gateway's /docs in a browser: Swagger UI shows the operations, keeps to its policy, and asks
nobody but the gateway."""

import json
import os
import shutil
import subprocess
import tempfile
import unittest

import process
import suite

BROWSER = shutil.which('chromium-headless-shell')
# Opens the operation of this id.
PLACE = '/docs#/MembershipService/MembershipService_UpdateMember'


@unittest.skipUnless(BROWSER, 'chromium-headless-shell is missing: deploy/install-packages test')
class Docs(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        directory = tempfile.mkdtemp(prefix='bali-docs-')
        cls.addClassCleanup(shutil.rmtree, directory)
        # The pages need no service.
        cls.gateway = process.Process(
            'gateway', directory, suite.identities().server_flags('gateway') +
            ['--upstream', 'membership=unix:' + os.path.join(directory, 'nowhere')]).start()
        cls.addClassCleanup(cls.gateway.stop)
        cls.net_log = os.path.join(directory, 'net.json')
        ran = subprocess.run(
            [BROWSER, '--no-sandbox', '--disable-gpu', '--disable-background-networking',
             '--ignore-certificate-errors',  # of a CA that it doesn't know
             '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
             '--user-data-dir=' + os.path.join(directory, 'profile'),
             '--virtual-time-budget=30000',  # of the page's clock: it waits for what is asked for
             '--enable-logging=stderr', '--log-net-log=' + cls.net_log, '--dump-dom',
             'https://' + cls.gateway.address + PLACE],
            capture_output=True, text=True, check=True, timeout=100)
        cls.page, cls.console = ran.stdout, [
            line for line in ran.stderr.splitlines() if ':CONSOLE:' in line]

    def test_shows_the_operations(self):
        self.assertIn('id="operations-MembershipService-MembershipService_GetMember"', self.page)
        self.assertIn('/v1/bodies/{body}/seats', self.page.replace('\u200b', '').replace('<wbr>', ''))

    def test_shows_one_in_full(self):
        """Its parameters, by the references that they have, and the limits of its body."""
        self.assertIn('Idempotency-Key', self.page)
        self.assertIn('Updates a member', self.page)
        self.assertIn('regionCode', self.page)

    def test_keeps_to_its_policy(self):
        complaints = [line for line in self.console
                      if 'Content Security Policy' in line or ':ERROR:' in line]
        self.assertEqual(complaints, [])

    def test_asks_nobody_else(self):
        with open(self.net_log, encoding='utf-8') as file:
            events = json.load(file)['events']
        asked = {event['params']['url'] for event in events if 'url' in event.get('params', {})}
        ours = 'https://{}/'.format(self.gateway.address)
        self.assertIn(ours + 'openapi.json', asked)
        self.assertEqual([url for url in asked if not url.startswith(ours)], [])


if __name__ == '__main__':
    suite.main()
