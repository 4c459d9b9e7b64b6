"""deploy/up --demo: a record that is made up is loaded whole, says so, and stays apart from a real one."""

import json
import os
import subprocess
import tempfile
import unittest

import deployed
import suite

_MAKE = os.path.join(suite.ROOT, 'deploy/demonstration/make')


def make(folder, *options):
    subprocess.run([_MAKE, folder, *options], check=True, capture_output=True, timeout=60)


def records(folder):
    """The records of a folder, by the collection that they are in."""
    found = {}
    for parent, _, files in os.walk(folder):
        for file in files:
            if file.endswith('.json'):
                with open(os.path.join(parent, file), encoding='utf-8') as opened:
                    found[file[:-len('.json')]] = json.load(opened)
    return found


class Demonstration(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.suite = deployed.Deployed()
        cls.addClassCleanup(cls.suite.close)
        cls.first = cls.suite.up('--demo')
        cls.folder = os.path.join(cls.suite.state, 'demonstration')

    def check_ok(self, result):
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)

    def listed(self, collection, *flags):
        found = self.suite.cli('list', collection, '--output', 'json', *flags)
        self.check_ok(found)
        return json.loads(found.stdout)

    def test_1_is_loaded_whole(self):
        self.check_ok(self.first)
        made = records(self.folder)
        self.assertEqual(len(made), 31)  # a collection of each resource that a record can have
        for collection, kept in made.items():
            with self.subTest(collection):
                # Those below others are listed across all of these.
                parts = kept[0]['name'].split('/')
                parts[1:-1:2] = ['-'] * len(parts[1:-1:2])
                listed = self.listed('/'.join(parts[:-1]))
                self.assertEqual(len(listed), len(kept))

    def test_2_every_record_says_that_it_is_made_up(self):
        for kept in records(self.folder).values():
            for record in kept:
                self.assertEqual(record['citations'][0]['title'], 'Demonstration data', record['name'])

    def test_3_there_is_something_going_on(self):
        self.assertTrue(self.listed('meetings', '--filter', 'state = CONVENED'))
        self.assertGreater(len(self.listed('meetings', '--filter', 'state = PLANNED')), 5)
        self.assertEqual(len(self.listed('decisions', '--filter', 'state = SILENCE_OPEN')), 2)
        self.assertIn('reported', self.first.stdout)

    def test_4_again_changes_nothing(self):
        again = self.suite.up('--demo')
        self.check_ok(again)
        imported = self.suite.cli('import', self.folder)
        self.check_ok(imported)
        self.assertNotRegex(imported.stdout, r'[1-9]\d* (created|updated)')

    def test_5_records_do_not_mix(self):
        refused = self.suite.up()
        self.assertNotEqual(refused.returncode, 0)
        self.assertIn('holds another record, demonstration', refused.stderr)
        self.check_ok(self.suite.up('--demo', '--stop'))

    def test_6_one_day_has_one_record(self):
        with tempfile.TemporaryDirectory() as directory:
            folders = [os.path.join(directory, name) for name in 'abc']
            for folder, day in zip(folders, ('2026-05-04', '2026-05-04', '2026-05-05')):
                make(folder, '--until', day, '--years', '2')
            first, same, other = map(records, folders)
            self.assertEqual(first, same)
            self.assertNotEqual(first, other)
            refused = subprocess.run([_MAKE, folders[0]], capture_output=True, text=True, check=False, timeout=60)
            self.assertEqual(refused.returncode, 1)
            self.assertIn('is not empty', refused.stderr)


if __name__ == '__main__':
    suite.main()
