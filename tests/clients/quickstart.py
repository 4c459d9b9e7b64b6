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
