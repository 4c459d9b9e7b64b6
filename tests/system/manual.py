"""The pages of docs: what stands in them, so that tests hold them to it."""

import os
import re

_PAGES = os.path.join(os.path.dirname(os.path.abspath(__file__)), '../../docs')


def section(page, title):
    """What stands below a heading of a page, up to the next heading. Pages are named below docs, or
    below docs/operate: integrate/python.md, backup.md."""
    path = page if '/' in page else os.path.join('operate', page)
    with open(os.path.join(_PAGES, path), encoding='utf-8') as file:
        text = file.read()
    found = re.search(r'^#+ {}\n(.*?)(?=^#+ |\Z)'.format(re.escape(title)), text,
                      re.MULTILINE | re.DOTALL)
    if not found:
        raise AssertionError('{} has no section {}'.format(page, title))
    return found.group(1)


def blocks(page, title):
    """The indented blocks of a section, in their order: commands, examples."""
    found = re.findall(r'(?:^    .*\n(?:\n(?=    ))?)+', section(page, title), re.MULTILINE)
    return [re.sub('^    ', '', block, flags=re.MULTILINE) for block in found]
