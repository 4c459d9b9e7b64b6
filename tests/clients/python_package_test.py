"""The Python package: its wheel is made and installed into a fresh environment, as
docs/integrate/python.md says, and the programs there do what they say."""

import os
import unittest

import quickstart
import suite

WATCH = """
import os
import baliprocess
bali = baliprocess.connect(os.environ['BALI_SERVER'], ca=os.environ['BALI_CA'],
                           token_file=os.environ['BALI_TOKEN_FILE'])
changes = bali.membership.watch(types=['baliprocess.net/ExternalForum']).stand()
print('stands', flush=True)
for change in changes:
    print(change.resource, flush=True)
"""


class PythonPackage(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.page = quickstart.Quickstart('python.md')
        cls.addClassCleanup(cls.page.close)
        needed, install = cls.page.blocks('Install')[0].split('\n\n')
        assert 'fetch-protos' in needed  # what tests/run has done
        # Debian's Python, whatever other one is on the PATH.
        cls.page.run(install, PATH='/usr/bin:' + os.environ['PATH'])

    def python(self, program):
        self.page.write('program.py', program)
        return self.page.run('venv/bin/python program.py', PYTHONPATH='').splitlines()

    def test_example(self):
        """It is run from the package that is installed."""
        example, = self.page.blocks('Try it')
        printed = self.page.run(example, PYTHONPATH='').splitlines()
        self.assertIn('bodies/sg/seats/aus-chair members/aus', printed)
        self.assertEqual(len(printed), len(set(printed)))
        self.assertEqual(printed[-1], 'CREATED externalForums/example-python')
        self.assertGreater(len(printed), 4)  # more than a page
        self.assertIn('is there already', self.page.run(example, PYTHONPATH=''))

    def test_page(self):
        self.assertEqual(self.python(self.page.program('A program')), [
            'Australia', 'members/aus', 'members/idn', '2024-05', 'INVALID_FIELDS',
            'seat.role is required: one of PARTICIPANT, CHAIR, BODY_OBSERVER',
            'seat.term.start_date must be a date that exists: 2024-02 has 29 days',
            'CREATED baliprocess.net/Official'])

    def test_a_watch_goes_on_where_it_was(self):
        self.page.write('watch.py', WATCH)
        self.page.watch_over_a_restart(['venv/bin/python', 'watch.py'])

    def test_failures(self):
        failures = os.path.join(suite.ROOT, 'tests/clients/python_failures.py')
        self.page.run('venv/bin/python ' + failures, PYTHONPATH='')


if __name__ == '__main__':
    suite.main()
