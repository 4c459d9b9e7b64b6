"""A clean Debian 12 that is booted, with systemd and without a network, by systemd-nspawn.

It needs root, and nothing of the system around it: no systemd there, no machined. What it is made
from is kept in the user's cache, so that only the first one takes minutes.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile

import process

CACHE = os.path.join(os.environ.get('XDG_CACHE_HOME', os.path.expanduser('~/.cache')),
                     'baliprocess')
_PACKAGES = 'systemd,systemd-sysv,init-system-helpers'
_BOOT = 60  # seconds


def _base():
    """An archive of Debian's essential packages and systemd."""
    archive = os.path.join(CACHE, 'bookworm.tar')
    if not os.path.exists(archive):
        os.makedirs(CACHE, exist_ok=True)
        part = os.path.join(CACHE, 'bookworm.part.tar')
        subprocess.run(['mmdebstrap', '--quiet', '--variant=minbase', '--include=' + _PACKAGES,
                        'bookworm', part], check=True, stdin=subprocess.DEVNULL)
        os.rename(part, archive)
    return archive


class Machine:
    """`shared` is a folder that it sees as /packages. To be closed in the end."""

    def __init__(self, shared):
        self._directory = tempfile.mkdtemp(prefix='bali-machine-')
        self._root = os.path.join(self._directory, 'root')
        self._name = 'bali-machine-{}'.format(os.getpid())
        self.log_file = os.path.join(self._directory, 'boot.log')
        self._nspawn = None
        self._leader = None
        os.mkdir(self._root)
        subprocess.run(['tar', '-xf', _base(), '-C', self._root], check=True)
        archives = os.path.join(CACHE, 'archives')
        os.makedirs(os.path.join(archives, 'partial'), exist_ok=True)
        self._command = ['systemd-nspawn', '--quiet', '--register=no', '--keep-unit',
                         '--machine', self._name, '--directory', self._root,
                         '--bind-ro', shared + ':/packages',
                         '--bind', archives + ':/var/cache/apt/archives']

    def prepare(self, *command):
        """Runs a command in it before it is booted, with the network of this machine."""
        result = subprocess.run(
            self._command + ['--resolv-conf=copy-host', '--pipe', *command], check=False,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if result.returncode != 0:
            raise RuntimeError('{}:\n{}'.format(' '.join(command), result.stdout))

    def boot(self):
        environment = {**os.environ, 'SYSTEMD_NSPAWN_UNIFIED_HIERARCHY': '1'}
        self._nspawn = process.spawn(
            self._command + ['--boot', '--private-network', '--console=read-only',
                             '--link-journal=no'], self.log_file, env=environment)
        process.wait_for(self._is_up, 'the machine is up', _BOOT)

    def _is_up(self):
        if self._nspawn.poll() is not None:
            with open(self.log_file, encoding='utf-8', errors='replace') as file:
                raise RuntimeError('systemd-nspawn ended:\n' + file.read())
        children = '/proc/{0}/task/{0}/children'.format(self._nspawn.pid)
        with open(children, encoding='ascii') as file:
            self._leader = file.read().strip()
        return self._leader.isdigit() and self.succeeds(
            'systemctl', 'is-active', 'multi-user.target')

    def run(self, *command, **environment):
        """What a command in it ended with, and printed."""
        enter = ['nsenter', '--target', self._leader, '--all', '--', 'env', '-i',
                 'PATH=/usr/sbin:/usr/bin:/sbin:/bin', 'HOME=/root', 'LC_ALL=C.UTF-8']
        enter += ['{}={}'.format(*pair) for pair in environment.items()]
        return subprocess.run(enter + list(command), stdin=subprocess.DEVNULL, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              timeout=300)

    def succeeds(self, *command):
        return self.run(*command).returncode == 0

    def output(self, *command, **environment):
        """What a command printed, which must succeed."""
        result = self.run(*command, **environment)
        if result.returncode != 0:
            raise AssertionError('{} ended with {}:\n{}'.format(
                ' '.join(command), result.returncode, result.stdout))
        return result.stdout.strip()

    def run_beside(self, *command, **options):
        """Runs a command of this machine with that one's network."""
        return subprocess.run(['nsenter', '--target', self._leader, '--net', '--', *command],
                              stdin=subprocess.DEVNULL, check=False, timeout=120, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options)

    def path(self, name):
        """Where a file of it is seen here."""
        return self._root + name

    def reboot(self):
        self._shut_down()
        self.boot()

    def _shut_down(self):
        self._nspawn.send_signal(signal.SIGTERM)
        try:
            self._nspawn.wait(30)
        except subprocess.TimeoutExpired:
            self._nspawn.kill()
            self._nspawn.wait()

    def close(self):
        if self._nspawn is not None:
            self._shut_down()
        shutil.rmtree(self._directory)
        self._remove_what_nspawn_leaves()

    def _remove_what_nspawn_leaves(self):
        """Folders that systemd would remove, where it runs. Another machine's have processes."""
        left = [os.path.join('/run/systemd/nspawn/propagate', self._name)]
        for hierarchy in ('unified', 'systemd'):
            for part in ('payload', 'supervisor'):
                walk = os.walk(os.path.join('/sys/fs/cgroup', hierarchy, part), topdown=False)
                left += [path for path, _, _ in walk]
        for path in left:
            with contextlib.suppress(OSError):
                os.rmdir(path)
