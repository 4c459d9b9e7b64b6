"""The pages of docs, those made of the contracts apart, name files, links, flags, units, metrics, alerts and tests that there are."""

import re
import sys
import unittest
from pathlib import Path

import yaml

import fences

TOP = Path(__file__).resolve().parents[2]
DOCS = TOP / 'docs'
OPERATORS = [*sorted((DOCS / 'operate').glob('*.md')), TOP / 'SECURITY.md']
GUIDES = [*(page for shelf in ('use', 'integrate', 'develop')
            for page in sorted((DOCS / shelf).glob('*.md')))]
PAGES = [*OPERATORS, *GUIDES, DOCS / 'README.md', TOP / 'CHANGELOG.md']
FOLDERS = 'common|deploy|docs|proto|services|tests'
# Of programs that aren't the suite's, and of its scripts.
OTHER_FLAGS = {'renew', 'days', 'new-passwords', 'against', 'until', 'type', 'cascade', 'no-cache', 'help'}
OTHER_FAMILIES = ('kubectl', 'helm')
# Names of three words that aren't tests, alerts or methods.
OTHER_NAMES = {'MadeYouReset', 'PodDisruptionBudget'}


def read(page):
    return page.read_text(encoding='utf-8')


def spans(page):
    """What stands between backticks, on one line."""
    return re.findall(r'`([^`\n]+)`', re.sub(r'```.*?```', '', read(page), flags=re.DOTALL))


def sources(*patterns):
    """The text of all files that are named so, as one."""
    return '\n'.join(path.read_text(encoding='utf-8') for pattern in patterns
                     for path in sorted(TOP.glob(pattern)) if 'node_modules' not in path.parts)


def anchors(page):
    """As forges make them of headings."""
    headings = re.findall(r'^#+ (.*)', read(page), re.MULTILINE)
    return {re.sub(r'[^\w -]', '', heading.lower()).replace(' ', '-') for heading in headings}


class Pages(unittest.TestCase):
    def each(self, find, pages=tuple(PAGES)):
        """What `find` finds on each page, with the page; there must be some."""
        found = [(page, one) for page in pages for one in find(page)]
        self.assertTrue(found)
        return found

    def test_files(self):
        pattern = re.compile(r'(?<![\w/$.-])(?:{})/[\w./*-]*[\w*]'.format(FOLDERS))
        for page, name in self.each(lambda page: [
                name for span in spans(page) if not span.startswith('/') and ' ' not in span
                for name in pattern.findall(span)]):
            self.assertTrue(list(TOP.glob(name)), '{}: {}'.format(page.name, name))

    def test_links(self):
        for page, link in self.each(lambda page: re.findall(r'\]\(([^)\s]+)\)', read(page))):
            if link.startswith('https://'):
                continue
            name, _, anchor = link.partition('#')
            target = (page.parent / name) if name else page
            self.assertTrue(target.exists(), '{}: {}'.format(page.name, link))
            if anchor:
                self.assertIn(anchor, anchors(target), '{}: {}'.format(page.name, link))

    def test_every_page_is_behind_the_door(self):
        door = read(DOCS / 'operate/README.md')
        for page in OPERATORS:
            if page.name not in ('README.md', 'SECURITY.md'):
                self.assertIn('({})'.format(page.name), door)
        door = read(DOCS / 'README.md')
        for page in GUIDES:
            self.assertIn('({})'.format(page.relative_to(DOCS)), door)

    def test_flags(self):
        flags = set(re.findall(r'^ABSL_FLAG\(\s*[^,]+,\s*(\w+),', sources('common/**/*.cc', 'services/**/*.cc'),
                               re.MULTILINE)) | OTHER_FLAGS
        for page, flag in self.each(lambda page: [
                flag for span in spans(page) if not span.startswith(OTHER_FAMILIES)
                for flag in re.findall(r'^--([\w-]+)', span)], OPERATORS):
            self.assertIn(flag, flags, page.name)

    def test_packages_that_guides_name_are_suggested(self):
        suggested = re.search(r'PACKAGE_SUGGESTS "(.*)"', read(TOP / 'common/cmake/Package.cmake'))[1]
        for page, package in self.each(lambda page: re.findall(r"Debian's\s+package `(\w+)`", read(page)),
                                       sorted((DOCS / 'use').glob('*.md'))):
            self.assertIn(package, suggested.split(', '), page.name)

    def test_units(self):
        units = {path.name for path in (TOP / 'deploy/systemd').iterdir()}
        for page, unit in self.each(lambda page: re.findall(
                r'\bbaliprocess(?:-\w+)?\.(?:service|socket|target|timer)\b', read(page))):
            self.assertIn(unit, units, page.name)

    def test_metrics(self):
        listed = set(re.findall(r'^\| `(\w+)` \|', read(TOP / 'docs/operate/metrics.md'), re.MULTILINE))
        for page, name in self.each(lambda page: re.findall(r'\bbali_[a-z_]+\b', read(page)),
                                    OPERATORS):
            self.assertIn(name, listed, page.name)

    def test_names(self):
        """Tests, alerts and methods are spelt as they are."""
        known = sources('common/**/*_test.cc', 'services/**/*_test.cc', 'tests/**/*.cc', 'tests/**/*.py',
                        'proto/baliprocess/**/*.proto', 'deploy/monitoring/rules.yaml')
        words = set(re.findall(r'\w+', known)) | OTHER_NAMES
        for page, name in self.each(lambda page: re.findall(
                r'\b(?:(?:[A-Z][a-z]*){3,}|test_\w+)\b', re.sub(r'`[^`]*`|\]\([^)\s]*\)', '', read(page)))):
            if len(re.findall('[A-Z][a-z]+', name)) > 2 or name.startswith('test_'):
                self.assertTrue(name in words, '{}: {}'.format(page.name, name))


class Compose(unittest.TestCase):
    def test_services(self):
        """Commands name what there is in compose.yaml."""
        services = yaml.safe_load((TOP / 'deploy/compose.yaml').read_text(encoding='utf-8'))['services']
        commands = fences.compose_commands('installation.md')
        self.assertGreater(len(commands), 5)
        for words in commands:
            if words[0] == 'run':
                plain = [word for word in words[1:] if not word.startswith('-')]
                if '--entrypoint' in words:
                    plain.remove(words[words.index('--entrypoint') + 1])
                self.assertIn(plain[0], services)


if __name__ == '__main__':
    sys.exit(unittest.main())
