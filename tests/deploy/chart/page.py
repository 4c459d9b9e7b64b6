"""docs/operate/kubernetes.md: its commands and examples, so that tests run them."""

import base64
import json
import os
import subprocess

import yaml

import chart
import manual
import node

KUBECTL = os.path.join(chart.HERE, 'node_modules/.tools/kubectl')


def section(title):
    return manual.section('kubernetes.md', title)


def blocks(title):
    return manual.blocks('kubernetes.md', title)


def run(title, directory, environment=()):
    """Runs the commands of a section in a folder. Returns what kubectl would have made: a dict of
    name, key, content."""
    tools = os.path.join(directory, 'tools')
    os.makedirs(tools, exist_ok=True)
    made = os.path.join(directory, 'objects.yaml')
    with open(os.path.join(tools, 'kubectl'), 'w', encoding='utf-8') as file:
        file.write('#!/bin/sh\nexec >>{}\necho ---\nexec {} "$@" --dry-run=client -o yaml\n'.format(
            made, KUBECTL))
    os.chmod(file.name, 0o755)
    done = subprocess.run(
        ['bash', '-euo', 'pipefail'], input='\n'.join(blocks(title)), text=True, cwd=directory,
        env={**os.environ, 'PATH': os.pathsep.join((tools, node.BIN, os.environ['PATH'])),
             **dict(environment)},
        check=False, capture_output=True)
    if done.returncode != 0:
        raise AssertionError('the commands of {} fail: {}'.format(title, done.stderr))
    with open(made, encoding='utf-8') as file:
        return _contents(yaml.safe_load_all(file))


def calls(text, directory, environment=()):
    """Runs commands of the page. Returns what kubectl was asked: pairs of its arguments and its input."""
    tools = os.path.join(directory, 'asked')
    os.makedirs(tools, exist_ok=True)
    log = os.path.join(tools, 'log')
    with open(os.path.join(tools, 'kubectl'), 'w', encoding='utf-8') as file:
        file.write(_RECORDER.format(log))
    os.chmod(file.name, 0o755)
    with open(log, 'w', encoding='utf-8'):
        pass
    done = subprocess.run(
        ['bash', '-euo', 'pipefail', '-c', text], text=True, cwd=directory, check=False,
        env={**os.environ, 'PATH': os.pathsep.join((tools, os.environ['PATH'])),
             **dict(environment)}, stdin=subprocess.DEVNULL, capture_output=True)
    if done.returncode != 0:
        raise AssertionError('commands of the page fail: {}\n{}'.format(text, done.stderr))
    with open(log, encoding='utf-8') as file:
        return [tuple(json.loads(line)) for line in file]


_RECORDER = """#!/usr/bin/python3
import json, sys
with open({!r}, 'a', encoding='utf-8') as log:
    log.write(json.dumps([sys.argv[1:], sys.stdin.read() if '-' in sys.argv else '']) + '\\n')
"""


def _contents(objects):
    held = {}
    for document in objects:
        if document and document['kind'] == 'Secret':
            for key, content in document['data'].items():
                held.setdefault(document['metadata']['name'], {})[key] = base64.b64decode(content)
        elif document and document['kind'] == 'ConfigMap':
            for key, content in document['data'].items():
                held.setdefault(document['metadata']['name'], {})[key] = content.encode()
    return held
