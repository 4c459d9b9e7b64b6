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

import process
import suite

HERE = os.path.dirname(os.path.abspath(__file__))
BROWSER = shutil.which('chromium-headless-shell')
PICTURES = os.path.join(os.path.dirname(process.BIN), 'pictures')
NAME = sys.argv.pop() if len(sys.argv) > 1 else 'record_pages'


@unittest.skipUnless(BROWSER, 'chromium-headless-shell is missing: deploy/install-packages test')
class Pages(unittest.TestCase):
    def test_in_a_browser(self):
        the_suite = suite.Suite().start()
        the_suite.load()
        os.makedirs(PICTURES, exist_ok=True)
        setup = {
            'url': 'https://' + the_suite.gateway.address,
            'tokens': {'member': the_suite.identities.token('MEMBER'),
                       'nzl': the_suite.identities.sign('--subject', 'nzl@test', '--role', 'member',
                                                        '--member', 'nzl'),
                       'secretariat': the_suite.identities.token('SECRETARIAT')},
            'shots': PICTURES,
        }
        ran = subprocess.run(
            ['node', '--test', '--test-reporter=spec', os.path.join(HERE, NAME + '_test.mjs')],
            env={**os.environ, 'BALI_WEB': json.dumps(setup)}, timeout=160, check=False)
        self.assertEqual(ran.returncode, 0)


if __name__ == '__main__':
    suite.main()
