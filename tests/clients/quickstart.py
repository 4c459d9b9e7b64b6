"""The pages of docs/integrate: their commands are run as they stand there, on a suite with the record
of 2024 that is where deploy/up puts one."""

import os
import shutil
import subprocess
import tempfile
import textwrap

import manual
import suite


class Quickstart:
    """A folder like a checkout, and the suite that the page means."""

    def __init__(self, page):
        self._page = 'integrate/' + page
        self.directory = tempfile.mkdtemp(prefix='bali-quickstart-')
        self.suite = suite.Suite().start()
        self.suite.load()
        for name in ('clients', 'deploy', 'proto'):
            os.symlink(os.path.join(suite.ROOT, name), self.path(name))
        os.makedirs(self.path('run/public'))
        os.makedirs(self.path('run/operator'))
        os.symlink(self.suite.identities.ca, self.path('run/public/ca.crt'))
        with open(self.path('run/operator/secretariat.token'), 'w', encoding='ascii') as file:
            file.write(self.suite.identities.token('SECRETARIAT'))

    def close(self):
        self.suite.close()
        shutil.rmtree(self.directory)

    def path(self, name):
        return os.path.join(self.directory, name)

    def blocks(self, title):
        return [self.here(block) for block in manual.blocks(self._page, title)]

    def program(self, title):
        """The blocks of a section as one program."""
        return ''.join(textwrap.dedent(block) for block in self.blocks(title))

    def write(self, name, program):
        """A program, in which the suite is where this one is."""
        with open(self.path(name), 'w', encoding='utf-8') as file:
            file.write(self.here(program))

    def here(self, text):
        return text.replace('127.0.0.1:8443', self.suite.gateway.address)

    def run(self, text, timeout=250, **environment):
        """What commands print."""
        ran = subprocess.run(['bash', '-ec', text], cwd=self.directory, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, text=True, timeout=timeout, check=False,
                             env={**os.environ, **environment})
        if ran.returncode != 0:
            raise AssertionError(text + ran.stdout)
        return ran.stdout

    def watch_over_a_restart(self, command, folder='.'):
        """Has a program watch outside forums, which prints `stands` and then each one that changes. Of
        those of before the gateway's end, of meanwhile and of afterwards, each must come once."""
        one = self.suite
        direct = one.direct_client('SECRETARIAT')
        environment = {**os.environ, 'PYTHONPATH': '', 'BALI_SERVER': one.gateway.address,
                       'BALI_CA': one.identities.ca,
                       'BALI_TOKEN_FILE': self.path('run/operator/secretariat.token')}
        with subprocess.Popen(command, cwd=self.path(folder), env=environment, text=True,
                              stdout=subprocess.PIPE) as program:
            try:
                self._expect(program, 'stands')
                for moment in ('before', 'meanwhile', 'afterwards'):
                    if moment == 'meanwhile':
                        one.gateway.kill()
                    direct.call('CreateExternalForum', external_forum_id=moment,
                                external_forum={'display_name': moment})
                    if moment == 'meanwhile':
                        one.gateway.start()
                    self._expect(program, 'externalForums/' + moment)
            finally:
                program.kill()

    @staticmethod
    def _expect(program, line):
        printed = program.stdout.readline().strip()
        if printed != line:
            raise AssertionError('{!r} instead of {!r}'.format(printed, line))
