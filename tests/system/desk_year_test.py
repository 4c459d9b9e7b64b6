"""A year of the secretariat with balictl alone (desk_year.txt): every line does what it says, and
none is JSON. Prints how many lines there are."""

import os
import shlex
import sys
import tempfile
import time
import unittest

import process
import suite

MEMBERS = ('aus', 'idn', 'nzl', 'tha')
SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'desk_year.txt')


class Line:
    """Words after `balictl`, who says them, and what they are refused with ('': they aren't)."""

    def __init__(self, text):
        self.text = text
        self.refused = text.startswith('!')
        text = text.removeprefix('!').strip()
        text, _, self.error = text.partition(' => ')
        who, colon, rest = text.partition(': ')
        known = bool(colon) and who in MEMBERS + ('public',)
        self.who = who if known else ''
        self.words = shlex.split(rest if known else text)


def lines():
    with open(SCRIPT, encoding='utf-8') as file:
        return [Line(line.strip()) for line in file if line.strip() and line[0] != '#']


class Desk(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.suite = suite.Suite().start()
        cls.addClassCleanup(cls.suite.close)
        cls.suite.load()
        cls.folder = tempfile.TemporaryDirectory(prefix='bali-desk-')
        cls.addClassCleanup(cls.folder.cleanup)
        cls.tokens = {}
        for member in MEMBERS:
            path = os.path.join(cls.folder.name, member)
            with open(path, 'w', encoding='utf-8') as file:
                file.write(cls.suite.identities.sign('--subject', member, '--role', 'member',
                                                     '--member', member))
            cls.tokens[member] = path

    def balictl(self, words, who=''):
        role = {'': 'SECRETARIAT', 'public': None}.get(who, None)
        given = ['--token_file', self.tokens[who]] if who in MEMBERS else []
        in_an_hour = time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(time.time() + 3600))
        return self.suite.balictl(*[in_an_hour if word == 'IN_AN_HOUR' else word
                                    for word in words], *given, role=role)

    def test_a_year_of_lines(self):
        script = lines()
        print('a year at the desk: {} lines of balictl, {} of them with JSON'.format(
            len(script), sum('{' in line.text for line in script)), file=sys.stderr)
        for line in script:
            with self.subTest(line.text):
                ran = self.balictl(line.words, line.who)
                self.assertEqual(ran.returncode != 0, line.refused or bool(line.error), ran.stderr)
                self.assertIn(line.error, ran.stderr)
        self.check_what_came_of_it()

    def check_what_came_of_it(self):
        def table(*words):
            return self.balictl(words).stdout

        self.assertIn('CONCLUDED', table('list', 'meetings', '--filter', 'body = "bodies/wg-scam"'))
        decisions = table('list', 'decisions', '--filter', 'body = "bodies/wg-scam"')
        self.assertIn('ADOPTED', decisions)
        self.assertIn('BROKEN', decisions)
        self.assertIn('AUD 100000.50', table('list', 'commitments/aus-2025/disbursements'))
        seats = table('list', 'bodies/wg-scam/seats', '--columns', 'name,term.end_date')
        self.assertIn('aus-chair  2025-06-30', seats)
        self.assertNotIn('2025-12-31', seats)  # the body was restored
        self.assertIn('convened', table('history', 'meetings/wg-scam-1'))


if __name__ == '__main__':
    suite.main()
