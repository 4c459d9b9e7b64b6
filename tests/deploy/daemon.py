"""A Docker daemon in the namespaces that tests/deploy/run has made, and the commands of its client."""

import glob
import os
import shutil
import subprocess

from process import wait_for

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CACHE = os.environ['DEPLOY_CACHE']
# Debian's, which builds with either builder.
CLIENT = '/usr/bin/docker'
# Of slirp4netns.
_NAMESERVER = '10.0.2.3'


class CommandError(Exception):
    pass


def run(*command, check=True, timeout=600, **more):
    """The finished process; its output is text."""
    ran = subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False,
                         **more)
    if check and ran.returncode != 0:
        raise CommandError('{} ended with {}:\n{}{}'.format(' '.join(command), ran.returncode,
                                                            ran.stdout[-3000:], ran.stderr[-3000:]))
    return ran


def docker(*arguments, **more):
    return run(CLIENT, *arguments, **more)


class Daemon:
    """A context manager. What it is asked to keep, images and layers, stays in the cache. `groups` is
    the cgroup of its containers, `options` are more of dockerd's."""

    def __init__(self, groups='bali-deploy', options=()):
        self._groups = groups
        self._options = options

    def __enter__(self):
        # One run at a time has this folder, so what a run that was killed left behind goes now.
        self.directory = os.path.join(CACHE, 'daemon')
        shutil.rmtree(self.directory, ignore_errors=True)
        os.makedirs(self.directory)
        self._set_up_network()
        os.environ['DOCKER_HOST'] = 'unix://{}/docker.sock'.format(self.directory)
        os.environ['DOCKER_CONFIG'] = os.path.join(CACHE, 'client')
        self._log = open(os.path.join(self.directory, 'log'), 'w', encoding='utf-8')
        self._process = subprocess.Popen(
            ['dockerd', '--host', os.environ['DOCKER_HOST'], '--dns', _NAMESERVER,
             '--data-root', os.path.join(CACHE, 'docker'),
             '--exec-root', os.path.join(self.directory, 'exec'),
             '--pidfile', os.path.join(self.directory, 'pid'),
             '--cgroup-parent', '/' + self._groups, *self._options],
            stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log)
        wait_for(self._answers, 'dockerd answers', pause=0.1)
        self._take_a_fair_share()
        self._forget_containers()
        return self

    def __exit__(self, *_):
        try:
            self._forget_containers()
            # Images that this run has put others in the place of. What is cached belongs to those.
            docker('image', 'prune', '-f')
        finally:
            self._process.terminate()
            self._process.wait(60)
            self._log.close()
            self._remove_groups()
            shutil.rmtree(self.directory, ignore_errors=True)

    def _set_up_network(self):
        run('ip', 'link', 'set', 'lo', 'up')
        resolver = os.path.join(self.directory, 'resolv.conf')
        with open(resolver, 'w', encoding='ascii') as file:
            file.write('nameserver {}\n'.format(_NAMESERVER))
        run('mount', '--bind', resolver, '/etc/resolv.conf')
        wait_for(lambda: 'inet ' in run('ip', 'address', 'show', 'tap0', check=False).stdout,
                 'the way out of the namespace is there', pause=0.1)

    def _answers(self):
        if self._process.poll() is not None:
            with open(self._log.name, encoding='utf-8') as file:
                raise CommandError('dockerd ended:\n' + file.read()[-3000:])
        return docker('info', check=False).returncode == 0

    @staticmethod
    def _forget_containers():
        """Those of this run, or of one that was killed."""
        for kind, listing in (('container', ('ls', '-aq')), ('volume', ('ls', '-q'))):
            found = docker(kind, *listing).stdout.split()
            if found:
                docker(kind, 'rm', '-f', *found)
        docker('network', 'prune', '-f')

    def _take_a_fair_share(self):
        """By cgroups of version 1 or 2: else all containers together are given as much as one
        process outside."""
        old = os.path.isdir('/sys/fs/cgroup/cpu')
        folder = os.path.join('/sys/fs/cgroup/cpu' if old else '/sys/fs/cgroup', self._groups)
        os.makedirs(folder, exist_ok=True)
        file = os.path.join(folder, 'cpu.shares' if old else 'cpu.weight')
        if os.path.exists(file):
            with open(file, 'w', encoding='ascii') as share:
                share.write('30000' if old else '3000')

    def _remove_groups(self):
        for top in (glob.glob('/sys/fs/cgroup/' + self._groups) +
                    glob.glob('/sys/fs/cgroup/*/' + self._groups)):
            for folder, _, _ in os.walk(top, topdown=False):
                os.rmdir(folder)
