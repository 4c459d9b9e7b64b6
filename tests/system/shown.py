"""What pages show: commands that are run as they stand there, in one shell, and what they print.

In what is to be printed `…` stands for anything, empty lines don't count, and etags and uids are others each time: a command
that names an etag or has `…` in it gets what was printed last.
"""

import os
import re
import subprocess

CHANGING = r'"(etag|uid)":"[^"]*"'
MARK = '--- status '


class Command:
    """A command of a page, and the lines that it prints there."""

    def __init__(self, text):
        self.text = text
        self.printed = []


def blocks(text):
    """Its indented blocks: lists of lines."""
    found = [[]]
    for line in text.split('\n'):
        if line.startswith('    '):
            found[-1].append(line[4:])
        elif line or not found[-1]:
            found.append([])
    return [block for block in found if block]


def commands(text):
    """The commands of its blocks that begin with `$ `."""
    found = []
    for block in blocks(text):
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


class Shell:
    """A shell in which the commands of a page are run."""

    def __init__(self, directory, environment):
        self._values = {}  # printed last, by key
        self._etags = {}   # of the page: what stands for it here
        self._process = subprocess.Popen(
            ['bash'], cwd=directory, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, env=environment)
        self.say('shopt -s expand_aliases')

    def close(self):
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(timeout=30)

    def say(self, text):
        """Has it run something that prints nothing."""
        self._process.stdin.write(text + '\n')

    def here(self, text):
        """The text with what was printed here for what the page shows."""
        for shown, real in self._etags.items():
            text = text.replace(shown, real)
        return re.sub(r'"(\w+)": "[^"]*…"',
                      lambda match: '"{}": "{}"'.format(match[1], self._values[match[1]]), text)

    def run(self, text):
        """The status of a command, and the lines that it prints, without empty ones."""
        text = self.here(text).split('  # ')[0]
        self.say('{}\nstatus=$?; echo; echo "{}$status"'.format(text, MARK))
        self._process.stdin.flush()
        lines, status = [], None
        for line in self._process.stdout:
            if line.startswith(MARK):
                status = int(line[len(MARK):])
                break
            lines.append(line.rstrip('\n'))
        self._values.update(re.findall(r'"(\w+)": ?"([^"]*)"', '\n'.join(lines)))
        return status, [line for line in lines if line]

    def check(self, test, command, text=None):
        """Runs a command, as `text` if it isn't as it stands there, and compares what it prints."""
        status, lines = self.run(text or command.text)
        printed = '\n'.join(lines)
        failed = any(line.startswith('error: ') for line in lines)
        test.assertIn(status, (1, 2) if failed else (0,), printed)
        for shown, line in zip(command.printed, lines):
            test.assertRegex(line, '^' + pattern(shown) + '$')
            etag = re.compile(r'"etag":"([^"]*)"')
            self._etags.update(zip(etag.findall(shown), etag.findall(line)))
        if command.printed:
            goes_on = command.printed[-1].endswith('…')
            least = len(command.printed) - (command.printed[-1] == '…')
            test.assertGreaterEqual(len(lines), least, printed)
            test.assertLessEqual(len(lines), len(lines) if goes_on else least, printed)
        if printed.startswith('error: '):
            test.assertTrue(command.printed, printed)


def environment(programs):
    """That of a shell which finds programs in these folders first."""
    return {**os.environ, 'PATH': os.pathsep.join([*programs, os.environ['PATH']])}
