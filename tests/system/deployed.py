"""The suite as deploy/up starts it, in a state directory and on ports of its own."""

import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile

import suite


def free_port():
    """Below those that the system gives to whoever asks for any."""
    while True:
        port = random.randrange(10000, 30000)
        with socket.socket() as probe:
            try:
                probe.bind(('127.0.0.1', port))
                return str(port)
            except OSError:
                pass


class Deployed:
    """To be closed in the end."""

    def __init__(self):
        self.state = tempfile.mkdtemp(prefix='bali-up-')
        self.ports = {name: free_port() for name in
                      ('GATEWAY_PORT', 'ADMIN_PORT', 'MEMBERSHIP_PORT', 'MEETINGS_PORT',
                       'CAPACITY_PORT', 'MEMBERSHIP_ADMIN_PORT', 'MEETINGS_ADMIN_PORT',
                       'CAPACITY_ADMIN_PORT')}

    def up(self, *flags):
        """Runs deploy/up without building anything."""
        return subprocess.run(
            [os.path.join(suite.ROOT, 'deploy/up'), *flags], timeout=170, capture_output=True,
            text=True, check=False,
            env={**os.environ, 'SKIP_BUILD': '1', 'STATE_DIR': self.state, **self.ports})

    def pids(self):
        directory = os.path.join(self.state, 'pid')
        pids = {}
        for name in os.listdir(directory) if os.path.isdir(directory) else []:
            with open(os.path.join(directory, name), encoding='ascii') as file:
                pids[name] = int(file.read())
        return pids

    def close(self):
        """Kills only what is in its own state directory, and while it is still the same program."""
        for name, pid in self.pids().items():
            if os.path.basename(os.path.realpath('/proc/{}/exe'.format(pid))) == name:
                os.kill(pid, signal.SIGKILL)
        shutil.rmtree(self.state)

    def cli(self, *arguments):
        """balictl as the token's owner."""
        return subprocess.run(
            [os.path.join(suite.ROOT, 'build/release/bin/balictl'), *arguments], timeout=30,
            capture_output=True, text=True, check=False,
            env={**os.environ, 'BALI_SERVER': '127.0.0.1:' + self.ports['GATEWAY_PORT'],
                 'BALI_CA': os.path.join(self.state, 'public/ca.crt'),
                 'BALI_TOKEN_FILE': os.path.join(self.state, 'operator/secretariat.token')})
