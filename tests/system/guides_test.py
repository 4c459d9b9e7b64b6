"""The guides in docs/: each command is run as it stands there on a suite with the record of 2024, and
prints what stands below it (shown.py). What their tables list of the contracts is all of it."""

import os
import re
import tempfile
import unittest

import contract
import process
import shown
import suite

DOCS = os.path.join(suite.ROOT, 'docs')
MEMBERS = ('aus', 'idn', 'nzl', 'tha')
LEVELS = ('', 'PUBLIC', 'MEMBERS', 'RESTRICTED')
# Written by hand, and linked from docs/README.md.
SHELVES = ('use', 'integrate', 'develop')
# Pages that come with the packages, whose tests run what is in them.
LANGUAGES = ('python.md', 'typescript.md', 'cpp.md')


def read(path):
    with open(path, encoding='utf-8') as file:
        return file.read()


def guides():
    """The pages of the shelves, as paths within docs."""
    return sorted(os.path.join(shelf, name) for shelf in SHELVES
                  for name in os.listdir(os.path.join(DOCS, shelf)) if name not in LANGUAGES)


def rows(page):
    """The rows of a page's tables: lists of cells."""
    return [[cell.strip() for cell in line.strip('|').split('|')]
            for line in read(os.path.join(DOCS, page)).split('\n') if line.startswith('| ')]


def quoted(cell):
    return re.findall('`([^`]+)`', cell)


class Commands(unittest.TestCase):
    """What pages show is so: each page has a suite of its own."""

    def start(self, directory):
        """A suite with the record, and the environment that pages take for granted."""
        one = suite.Suite().start()
        self.addCleanup(one.close)
        one.load()
        tokens = {member: one.identities.sign('--subject', member, '--role', 'member',
                                              '--member', member) for member in MEMBERS}
        tokens['secretariat'] = one.identities.token('SECRETARIAT')
        for name, token in tokens.items():
            with open(os.path.join(directory, name + '.token'), 'w', encoding='ascii') as file:
                file.write(token)
        return {'BALI_SERVER': one.gateway.address, 'BALI_CA': one.identities.ca,
                'BALI_TOKEN_FILE': 'secretariat.token', 'XDG_CONFIG_HOME': directory, 'COLUMNS': '100'}

    def check(self, page):
        found = shown.commands(read(os.path.join(DOCS, page)))
        if not found:
            return 0
        with tempfile.TemporaryDirectory(prefix='bali-guide-') as directory:
            shell = shown.Shell(directory, {**shown.environment([process.BIN]),
                                            **self.start(directory)})
            self.addCleanup(shell.close)
            for command in found:
                with self.subTest(page + ': ' + command.text):
                    shell.check(self, command)
        self.doCleanups()
        return len(found)

    def test_use(self):
        self.assertGreater(sum(self.check(page) for page in guides() if page[:3] == 'use'), 40)

    def test_integrate(self):
        self.assertGreater(sum(self.check(page) for page in guides() if page[:3] != 'use'), 25)


class Tables(unittest.TestCase):
    """What pages list is all there is."""

    def test_each_reason_of_an_error_has_something_to_do(self):
        reasons = contract.message('baliprocess.api.v1.Error').DESCRIPTOR.enum_types_by_name['Reason']
        told = [quoted(row[0])[0] for row in rows('integrate/errors.md') if quoted(row[0])]
        self.assertCountEqual(told, list(reasons.values_by_name)[1:])

    def test_default_visibility_of_each_type(self):
        told = {name: level for row in rows('use/visibility.md') if row[0] in LEVELS
                for level in [row[0]] for name in quoted(row[-1])}
        rules = {message.name: contract.option(message, 'baliprocess.api.v1.resource')
                 for message in contract.messages()
                 if contract.option(message, 'google.api.resource').type}
        self.assertEqual(told, {name: LEVELS[rule.default_visibility]
                                for name, rule in rules.items()})

    def test_fields_that_fewer_see(self):
        told = {field for row in rows('use/visibility.md') if row[0] not in LEVELS
                for field in quoted(row[0])}
        found = set()
        for message in contract.messages():
            for one in [message] + list(message.nested_types):
                found |= {one.full_name.split('.', 3)[-1] + '.' + field.name for field in one.fields
                          if contract.option(field, 'baliprocess.api.v1.field').visibility}
        self.assertEqual(told, found)


if __name__ == '__main__':
    suite.main()
