"""docs/reference is what the contracts say of themselves. `reference_test.py write` writes it."""

import os
import sys
import unittest

import reference
import suite

FOLDER = os.path.join(suite.ROOT, 'docs', 'reference')


class Reference(unittest.TestCase):
    def test_pages_are_those_of_the_contracts(self):
        pages = reference.pages()
        self.assertEqual(sorted(os.listdir(FOLDER)), sorted(pages))
        for name, text in pages.items():
            with open(os.path.join(FOLDER, name), encoding='utf-8') as file:
                self.assertEqual(file.read(), text, name + ': reference_test.py write')

    def test_everything_is_explained(self):
        for name, text in reference.pages().items():
            for line in text.split('\n'):
                if line.startswith('| `'):
                    self.assertFalse(line.endswith('|  |'), '{}: {}'.format(name, line))


if __name__ == '__main__':
    if sys.argv[1:] == ['write']:
        os.makedirs(FOLDER, exist_ok=True)
        for page, content in reference.pages().items():
            with open(os.path.join(FOLDER, page), 'w', encoding='utf-8') as out:
                out.write(content)
    else:
        suite.main()
