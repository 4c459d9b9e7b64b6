"""Runs one file of tests of the pages: starts the suite with the record of 2024, and Node.js with the
file, which drives a browser.

    run.py record_pages        runs record_pages_test.mjs

Pictures of the pages are kept in the folder `pictures` beside the programs' folder.
"""

import json
import os
import shutil
import subprocess
import sys
import unittest

import deployed
import hostile
import process
import suite

HERE = os.path.dirname(os.path.abspath(__file__))
BROWSER = shutil.which('chromium-headless-shell')
PICTURES = os.path.join(os.path.dirname(process.BIN), 'pictures')
NAME = sys.argv.pop() if len(sys.argv) > 1 else 'record_pages'
# About 5,000 meetings and 100,000 participations.
LARGE = ['--years', '10', '--expert_meetings', '500', '--activities', '200', '--participants', '50']
WITH_PROVIDER = NAME == 'sign_in'
TIMEOUT = 1800 if NAME == 'load' else 400  # seconds


def start_provider(case, gateway):
    """The provider knows the gateway before that is there. Returns its issuer."""
    provider = subprocess.Popen(['node', os.path.join(HERE, 'provider.mjs'), gateway],
                                stdout=subprocess.PIPE, text=True)
    case.addCleanup(provider.stdout.close)
    case.addCleanup(provider.wait)
    case.addCleanup(provider.kill)
    return provider.stdout.readline().strip()


@unittest.skipUnless(BROWSER, 'chromium-headless-shell is missing: deploy/install-packages test')
class Pages(unittest.TestCase):
    def start_suite(self):
        if not WITH_PROVIDER:
            return suite.Suite().start(), ''
        address = '127.0.0.1:' + deployed.free_port()
        issuer = start_provider(self, 'https://' + address)
        return suite.Suite(flags=['--oidc_issuer', issuer], gateway_flags=[
            '--listen', address, '--oidc_client_id', 'pages']).start(), issuer

    def load(self, the_suite):
        record = suite.DATA
        if NAME == 'hostile':
            record = hostile.write(record, os.path.join(the_suite.directory, 'hostile'))
        if NAME == 'load':
            record = os.path.join(the_suite.directory, 'load')
            subprocess.run([os.path.join(suite.ROOT, 'deploy/demonstration/make'), record, *LARGE],
                           check=True)
        loaded = the_suite.balictl('import', record, timeout=1800)
        self.assertEqual(loaded.returncode, 0, loaded.stdout + loaded.stderr)

    def test_in_a_browser(self):
        the_suite, issuer = self.start_suite()
        self.load(the_suite)
        os.makedirs(PICTURES, exist_ok=True)
        setup = {
            'url': 'https://' + the_suite.gateway.address,
            'tokens': {'member': the_suite.identities.token('MEMBER'),
                       'nzl': the_suite.identities.sign('--subject', 'nzl@test', '--role', 'member',
                                                        '--member', 'nzl'),
                       'secretariat': the_suite.identities.token('SECRETARIAT')},
            'shots': PICTURES,
            'readme': os.path.join(suite.ROOT, 'docs/pictures'),
            'issuer': issuer,
        }
        ran = subprocess.run(
            ['node', '--test', '--test-reporter=spec', os.path.join(HERE, NAME + '_test.mjs')],
            env={**os.environ, 'BALI_WEB': json.dumps(setup)}, timeout=TIMEOUT, check=False)
        self.assertEqual(ran.returncode, 0)


if __name__ == '__main__':
    suite.main()
