"""What the README shows: each command is run as it stands there, and prints what stands below it.

In what is to be printed `…` stands for anything, and etags and uids are others each time: a command
that names an etag or has `…` in it gets what was printed last.
"""

import os
import re
import subprocess
import tempfile
import unittest

import deployed
import suite

SECTIONS = ['A tour', 'What describes itself', 'By HTTP and JSON']
# What can't be run as it stands, and why.
LEFT_OUT = {'balictl watch membership': 'it has no end; watching by fetch is run',
            'grpcurl': 'Debian 12 has no such package'}
CHANGING = r'"(etag|uid)":"[^"]*"'
MARK = '--- status '


class Command:
    """A command of the README, and the lines that it prints there."""

    def __init__(self, text):
        self.text = text
        self.printed = []

    def is_left_out(self):
        return any(self.text.startswith(one) for one in LEFT_OUT)


def section(name):
    with open(os.path.join(suite.ROOT, 'README.md'), encoding='utf-8') as file:
        return re.search(r'^## {}\n(.*?)^## '.format(re.escape(name)), file.read(),
                         re.MULTILINE | re.DOTALL).group(1)


def blocks(text):
    """Its indented blocks: lists of lines."""
    found = [[]]
    for line in text.split('\n'):
        if line.startswith('    '):
            found[-1].append(line[4:])
        elif line or not found[-1]:
            found.append([])
    return [block for block in found if block]


def commands(name):
    found = []
    for block in blocks(section(name)):
        if not block[0].startswith('$ '):
            continue
        for line in block:
            if line.startswith('$ '):
                found.append(Command(line[2:]))
            elif found[-1].text.endswith('\\') or found[-1].text.count("'") % 2:
                found[-1].text += '\n' + line.strip()
            else:
                found[-1].printed.append(line)
    return found


def pattern(line):
    """What a line stands for."""
    parts = re.split('(…|{})'.format(CHANGING.replace('(', '(?:')), line)
    return ''.join('.*' if part == '…' else CHANGING if re.fullmatch(CHANGING, part) else
                   re.escape(part) for part in parts)


class Readme(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.suite = deployed.Deployed()
        cls.addClassCleanup(cls.suite.close)
        cls.up = cls.suite.up()
        cls.directory = tempfile.TemporaryDirectory(prefix='bali-readme-')
        cls.addClassCleanup(cls.directory.cleanup)
        os.symlink(os.path.join(suite.ROOT, 'build'), os.path.join(cls.directory.name, 'build'))
        os.symlink(os.path.join(suite.ROOT, 'proto'), os.path.join(cls.directory.name, 'proto'))
        cls.values = {}  # printed last, by key
        cls.etags = {}   # of the README: what stands for it here
        cls.shell = subprocess.Popen(
            ['bash'], cwd=cls.directory.name, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True,
            env={**os.environ, 'PATH': os.path.join(suite.ROOT, 'proto/node_modules/.bin') +
                 os.pathsep + os.environ['PATH']})
        cls.addClassCleanup(cls.end)
        cls.shell.stdin.write('shopt -s expand_aliases\n')

    @classmethod
    def end(cls):
        cls.shell.stdin.close()
        cls.shell.stdout.close()
        cls.shell.wait(timeout=30)

    def here(self, text):
        """The text with what is this suite's own."""
        text = re.sub(r'(\.\./)?\brun/', self.suite.state + '/', text)
        text = text.replace('127.0.0.1:8443', '127.0.0.1:' + self.suite.ports['GATEWAY_PORT'])
        for shown, real in self.etags.items():
            text = text.replace(shown, real)
        return re.sub(r'"(\w+)": "[^"]*…"',
                      lambda match: '"{}": "{}"'.format(match[1], self.values[match[1]]), text)

    def run_one(self, command):
        """Its status and the lines that it prints."""
        text = self.here(command.text).split('  # ')[0]
        self.shell.stdin.write('{}\nstatus=$?; echo; echo "{}$status"\n'.format(text, MARK))
        self.shell.stdin.flush()
        lines = []
        for line in self.shell.stdout:
            if line.startswith(MARK):
                break
            lines.append(line.rstrip('\n'))
        if lines and not lines[-1]:
            lines.pop()  # of the echo
        self.values.update(re.findall(r'"(\w+)": ?"([^"]*)"', '\n'.join(lines)))
        return int(line[len(MARK):]), lines

    def check(self, command):
        status, lines = self.run_one(command)
        text = '\n'.join(lines)
        self.assertEqual(status, 1 if text.startswith('error: ') else 0, text)
        for shown, line in zip(command.printed, lines):
            self.assertRegex(line, '^' + pattern(shown) + '$')
            etag = re.compile(r'"etag":"([^"]*)"')
            self.etags.update(zip(etag.findall(shown), etag.findall(line)))
        if command.printed and not command.printed[-1].endswith('…'):
            self.assertEqual(len(command.printed), len(lines), text)

    def test_1_deploy_up_prints_the_tour(self):
        self.assertEqual(self.up.returncode, 0, self.up.stderr)
        shown = 0
        for block in blocks(section('A tour')):
            if block[0].startswith('$ '):
                break
            for line in block:
                self.assertRegex(self.up.stdout, re.compile('^' + pattern(line), re.MULTILINE))
                shown += 1
        self.assertGreater(shown, 40)

    def test_2_commands(self):
        ran = 0
        for name in SECTIONS:
            for command in commands(name):
                if command.is_left_out():
                    continue
                with self.subTest(command.text):
                    self.check(command)
                ran += 1
            self.shell.stdin.write('cd {}\n'.format(self.directory.name))
        self.assertGreater(ran, 20)

    def test_3_a_page_follows_changes(self):
        script = next(block for block in blocks(section('By HTTP and JSON'))
                      if block[0].startswith('const response'))
        file = os.path.join(self.directory.name, 'follow.mjs')
        with open(file, 'w', encoding='utf-8') as source:
            source.write('const token = process.env.TOKEN;\n')
            # Told once the reply's head is there: from then on no change is missed.
            source.write(self.here('\n'.join(script)).replace(
                "let text = '';", "let text = '';\nconsole.log('follows');"))
        with open(os.path.join(self.suite.state, 'operator/secretariat.token'),
                  encoding='ascii') as token:
            environment = {**os.environ, 'TOKEN': token.read().strip(),
                           'NODE_EXTRA_CA_CERTS': os.path.join(self.suite.state, 'public/ca.crt')}
        with subprocess.Popen(['node', file], stdout=subprocess.PIPE, text=True,
                              env=environment) as node:
            try:
                self.assertEqual(node.stdout.readline(), 'follows\n')
                changed = self.suite.cli('call', 'UpdateMember', '{"member": {"name": "members/aus",'
                                         ' "displayName": "Commonwealth of Australia"}}')
                self.assertEqual(changed.returncode, 0, changed.stderr)
                self.assertEqual(node.stdout.readline(), 'UPDATED members/aus\n')
            finally:
                node.kill()


if __name__ == '__main__':
    suite.main()
