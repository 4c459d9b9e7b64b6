#!/usr/bin/python3
"""The table of values in the chart's README, from the comments of values.yaml.

    values_table.py           writes README.md anew
    values_table.py --check   fails when README.md has another table, or a value has no comment
"""

import json
import os
import sys

import yaml

import chart

_BEGIN = '<!-- The table is made by tests/deploy/chart/values_table.py. -->\n'
_PATH = os.path.join(chart.CHART, 'README.md')


def _comment_above(lines, index):
    """The comment right above a line, as one line."""
    found = []
    while index > 0 and lines[index - 1].lstrip().startswith('#'):
        index -= 1
        found.insert(0, lines[index].strip().lstrip('#').strip())
    return ' '.join(found)


def _rows(node, lines, path):
    """Key, default as JSON and comment, in order; a group has no default. Below a key whose comment
    tells all of it, as of a map that Kubernetes defines, nothing has comments of its own."""
    for key_node, value_node in node.value:
        key = path + [key_node.value]
        comment = _comment_above(lines, key_node.start_mark.line)
        inner = (list(_rows(value_node, lines, key))
                 if isinstance(value_node, yaml.MappingNode) and value_node.value else [])
        if any(row[2] for row in inner):
            if comment:
                yield '.'.join(key), '', comment
            yield from inner
        else:
            default = json.dumps(yaml.safe_load(yaml.serialize(value_node)))
            yield '.'.join(key), '`{}`'.format(default), comment


def table():
    with open(os.path.join(chart.CHART, 'values.yaml'), encoding='utf-8') as file:
        text = file.read()
    rows = ['| Value | Default | What it is |', '|---|---|---|']
    for key, default, comment in _rows(yaml.compose(text), text.splitlines(), []):
        if not comment:
            raise SystemExit('values.yaml: {} has no comment'.format(key))
        rows.append('| `{}` | {} | {} |'.format(key, default, comment.replace('|', '\\|')))
    return '\n'.join(rows) + '\n'


def main():
    with open(_PATH, encoding='utf-8') as file:
        head, begin, old = file.read().partition(_BEGIN)
    if not begin:
        raise SystemExit('README.md: the line before the table is missing')
    new = '\n' + table()
    if sys.argv[1:] == ['--check']:
        if old != new:
            raise SystemExit('README.md has another table: run tests/deploy/chart/values_table.py')
    else:
        with open(_PATH, 'w', encoding='utf-8') as file:
            file.write(head + begin + new)


if __name__ == '__main__':
    main()
