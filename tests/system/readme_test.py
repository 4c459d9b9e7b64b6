"""What the README shows: each command is run as it stands there, and prints what stands below it
(shown.py)."""

import os
import re
import subprocess
import tempfile
import unittest

import deployed
import shown
import suite

SECTIONS = ['A tour', 'What describes itself', 'By HTTP and JSON']
# What can't be run as it stands, and why.
LEFT_OUT = {'balictl watch membership': 'it has no end; watching by fetch is run',
            'grpcurl': 'Debian 12 has no such package'}


def is_left_out(command):
    return any(command.text.startswith(one) for one in LEFT_OUT)


def section(name):
    with open(os.path.join(suite.ROOT, 'README.md'), encoding='utf-8') as file:
        return re.search(r'^## {}\n(.*?)^## '.format(re.escape(name)), file.read(),
                         re.MULTILINE | re.DOTALL).group(1)


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
        cls.shell = shown.Shell(cls.directory.name, shown.environment(
            [os.path.join(suite.ROOT, 'proto/node_modules/.bin')]))
        cls.addClassCleanup(cls.shell.close)

    def here(self, text):
        """The text with what is this suite's own."""
        text = re.sub(r'(\.\./)?\brun/', self.suite.state + '/', text)
        return text.replace('127.0.0.1:8443', '127.0.0.1:' + self.suite.ports['GATEWAY_PORT'])

    def test_1_deploy_up_prints_the_tour(self):
        self.assertEqual(self.up.returncode, 0, self.up.stderr)
        count = 0
        for block in shown.blocks(section('A tour')):
            if block[0].startswith('$ '):
                break
            for line in block:
                self.assertRegex(self.up.stdout, re.compile('^' + shown.pattern(line), re.MULTILINE))
                count += 1
        self.assertGreater(count, 40)

    def test_2_commands(self):
        ran = 0
        for name in SECTIONS:
            for command in shown.commands(section(name)):
                if is_left_out(command):
                    continue
                with self.subTest(command.text):
                    self.shell.check(self, command, self.here(command.text))
                ran += 1
            self.shell.say('cd ' + self.directory.name)
        self.assertGreater(ran, 20)

    def test_3_a_page_follows_changes(self):
        script = next(block for block in shown.blocks(section('By HTTP and JSON'))
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
