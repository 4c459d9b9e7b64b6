"""What `balictl report` makes of the record of 2024, as the files of desk_reports have it; HTML as
others' parsers read it; texts of people, which are no markup; PDF. `desk_reports_test.py write`
writes the files anew."""

import contextlib
import html.parser
import os
import shutil
import sys
import unittest

from lxml import etree

import process
import suite

GOLDEN = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'desk_reports')
REPORTS = {
    'meeting': ('meeting', 'ahg-17'),
    'participants': ('participants', 'ahg-17'),
    'year': ('year', 'all', '2024'),
    'body_year': ('year', 'ahg', '2024'),
    'figures': ('figures', 'rso', '2023'),
}
HOSTILE = '<script>alert(1)</script> [a](javascript:b) <img src=x onerror=c> | "d" & `e` \u202e'


def read(name):
    with open(os.path.join(GOLDEN, name + '.md'), encoding='utf-8') as file:
        return file.read()


class Tags(html.parser.HTMLParser):
    """The tags of a page, whether they are closed, and its attributes."""

    VOID = {'meta'}

    def __init__(self, page):
        super().__init__()
        self.open, self.seen, self.attributes = [], set(), set()
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.seen.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if self.open.pop() != tag:
            raise ValueError(tag + ' is closed, and was not the last')


class Reports(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.suite = suite.Suite().start()
        cls.addClassCleanup(cls.suite.close)
        cls.suite.load()

    def report(self, *words):
        ran = self.suite.balictl('report', *words)
        self.assertEqual(ran.returncode, 0, ran.stderr)
        return ran.stdout

    def check_page(self, page):
        """The page as lxml reads it, if it has nothing in it that it shouldn't."""
        tags = Tags(page)
        self.assertEqual(tags.open, [])
        self.assertLessEqual(tags.seen, {'html', 'head', 'meta', 'title', 'style', 'body', 'h1', 'h2', 'h3',
                                         'p', 'ul', 'li', 'table', 'thead', 'tbody', 'tr', 'th', 'td'})
        self.assertLessEqual(tags.attributes, {'lang', 'charset', 'http-equiv', 'content'})
        parsed = etree.fromstring(page, etree.HTMLParser(recover=False))
        self.assertEqual(parsed.findtext('head/title'), parsed.findtext('body/h1'))
        for table in parsed.iter('table'):
            widths = {len(row) for row in table.iter('tr')}
            self.assertEqual(len(widths), 1)
        self.assertIn('@page', parsed.findtext('head/style'))
        return parsed

    def test_are_as_their_files(self):
        for name, words in REPORTS.items():
            with self.subTest(name):
                self.assertEqual(self.report(*words), read(name))

    def test_html_says_the_same(self):
        for name, words in REPORTS.items():
            with self.subTest(name):
                page = self.check_page(self.report(*words, '--format', 'html'))
                headings = [line.lstrip('# ') for line in read(name).split('\n') if line.startswith('#')]
                self.assertEqual([element.text for element in page.find('body').iter('h1', 'h2', 'h3')],
                                 [heading.replace('\\', '') for heading in headings])
                cells = sum(line.count(' | ') + 1 for line in read(name).split('\n')
                            if line.startswith('| '))
                self.assertEqual(len(list(page.iter('td', 'th'))), cells)

    def test_texts_of_people_are_no_markup(self):
        client = self.suite.client('SECRETARIAT')
        client.call('CreateMeeting', meeting_id='hostile', meeting={
            'body': 'bodies/sg', 'display_name': HOSTILE.replace('\u202e', ''), 'summary': HOSTILE.replace('\u202e', '')})
        client.call('CreateDelegation', parent='meetings/hostile', delegation_id='a', delegation={
            'participant': {'display_name': '<b>Guest</b> | x'}})
        for words in (('meeting', 'hostile'), ('participants', 'hostile')):
            page = self.check_page(self.report(*words, '--format', 'html'))
            self.assertIn('<b>Guest</b> | x', page.itertext())
            markdown = self.report(*words)
            self.assertNotIn('<', markdown)
            self.assertNotIn('[a](', markdown)
            self.assertIn('&lt;b&gt;Guest&lt;/b&gt; \\| x', markdown)
        client.call('DeleteDelegation', name='meetings/hostile/delegations/a')
        client.call('DeleteMeeting', name='meetings/hostile')

    def test_the_public_gets_what_it_may_see(self):
        ran = self.suite.balictl('report', 'participants', 'ahg-17', role=None)
        self.assertEqual((ran.returncode, ran.stdout), (0, read('participants')))

    def test_pdf(self):
        path = os.path.join(self.suite.directory, 'report.pdf')
        words = ('report', 'participants', 'ahg-17', '--format', 'pdf', '--file', path)
        ran = process.run('balictl', *words, environment={
            'BALI_SERVER': self.suite.gateway.address, 'BALI_CA': self.suite.identities.ca,
            'PATH': self.suite.directory})
        self.assertEqual(ran.returncode, 2)
        self.assertIn("Debian's package weasyprint", ran.stderr)
        if not shutil.which('weasyprint'):
            self.skipTest('weasyprint is not installed')
        ran = self.suite.balictl(*words, timeout=150)
        self.assertEqual(ran.returncode, 0, ran.stderr)
        with open(path, 'rb') as file:
            self.assertTrue(file.read().startswith(b'%PDF-'))
        self.assertEqual(os.stat(path).st_mode & 0o777, 0o600)


def write():
    with contextlib.closing(suite.Suite().start()) as running:
        running.load()
        for name, words in REPORTS.items():
            with open(os.path.join(GOLDEN, name + '.md'), 'w', encoding='utf-8') as file:
                file.write(running.balictl('report', *words).stdout)


if __name__ == '__main__':
    if sys.argv[1:] == ['write']:
        write()
    else:
        suite.main()
