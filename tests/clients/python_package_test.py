"""The Python package: its wheel is made and installed into a fresh environment, as
docs/integrate/python.md says, and the programs there do what they say."""

import os
import unittest

import quickstart
import suite


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
        with open(self.page.path('program.py'), 'w', encoding='utf-8') as file:
            file.write(self.page.here(program))
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


if __name__ == '__main__':
    suite.main()
