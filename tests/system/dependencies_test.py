"""docs/operate/dependencies.md names what the programs link, in versions that aren't newer than those here
and of the same series: a library of another series has to be looked at anew."""

import json
import os
import re
import subprocess
import unittest

import manual
import process
import suite

PAGE = 'dependencies.md'
LETTERS = {'g': ['gateway'], 'm': ['membership', 'meetings'], 'c': ['capacity'], 'b': ['balictl']}
# What is fetched from npm and is part of a program, by the folder whose package.json pins it.
NPM = {'proto': ['swagger-ui-dist'], 'web': ['htm', '@picocss/pico', 'oauth4webapi']}
# How many numbers of a version make a series: what Debian takes whole releases of, and the rest.
SERIES = {'libpq5': 1}
_ROW = re.compile(r'^\| `([^`]+)`(?: \(npm\))? \| (\S+) \|(?: ((?:[gmcb] ?)+) \|)?', re.MULTILINE)


def libraries_of(program):
    """Those that a program is linked with, and those that these are, by their paths."""
    text = subprocess.run(['ldd', os.path.join(process.BIN, program)], check=True,
                          stdout=subprocess.PIPE, text=True).stdout
    return set(map(os.path.realpath, re.findall(r'(/\S+) \(0x', text)))


def packages_of(paths):
    """Debian's package of each file. What was packed in /lib is known by that name."""
    names = [name for path in paths for name in (path, path.removeprefix('/usr'))]
    found = subprocess.run(['dpkg-query', '-S', *names], check=False, stdout=subprocess.PIPE,
                           stderr=subprocess.DEVNULL, text=True).stdout
    by_name = {path: package.split(':')[0]
               for package, path in re.findall(r'^(\S+): (\S+)$', found, re.MULTILINE)}
    return {path: by_name.get(path) or by_name[path.removeprefix('/usr')] for path in paths}


def installed(package):
    return subprocess.run(['dpkg-query', '-W', '-f=${Version}', package], check=True,
                          stdout=subprocess.PIPE, text=True).stdout


def series(package, version):
    return re.findall(r'\d+', version.split(':')[-1])[:SERIES.get(package, 2)]


class Dependencies(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.rows = _ROW.findall(manual.section(PAGE, 'Libraries'))

    def test_each_library_is_listed_with_the_programs_that_link_it(self):
        libraries = {letter: set().union(*map(libraries_of, programs))
                     for letter, programs in LETTERS.items()}
        packages = packages_of(set().union(*libraries.values()))
        linked = {letter: {packages[path] for path in paths} for letter, paths in libraries.items()}
        listed = {name: by.split() for name, _, by in self.rows if by}
        self.assertEqual(listed, {
            name: [letter for letter in LETTERS if name in linked[letter]]
            for name in set().union(*linked.values())})

    def test_versions_are_those_that_were_reviewed_or_newer(self):
        for name, reviewed, _ in self.rows:
            if any(name in names for names in NPM.values()):
                continue
            here = installed(name)
            with self.subTest(name, reviewed=reviewed, here=here):
                self.assertEqual(subprocess.run(
                    ['dpkg', '--compare-versions', here, 'ge', reviewed], check=False).returncode, 0)
                self.assertEqual(series(name, here), series(name, reviewed))

    def test_what_comes_from_npm(self):
        reviewed = {name: version for name, version, _ in self.rows}
        for folder, names in NPM.items():
            path = os.path.join(suite.ROOT, folder, 'package.json')
            with open(path, encoding='utf-8') as file:
                package = json.load(file)
            wanted = {**package.get('devDependencies', {}), **package.get('dependencies', {})}
            for name in names:
                self.assertEqual(reviewed.get(name), wanted[name], name)


if __name__ == '__main__':
    suite.main()
