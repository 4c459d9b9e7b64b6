"""The suite as deploy/compose.yaml starts it, by either version of Compose; and callers of it."""

import os
import subprocess
import threading
import time

import grpc

import client
from daemon import CACHE, CLIENT, docker, ROOT, run, wait_for

SERVICES = ('membership', 'meetings', 'capacity')
PROCESSES = SERVICES + ('gateway',)
GATEWAY = '127.0.0.1:8443'


def compose_command(version):
    """None where it can't be had."""
    if version == 1:
        return ['/usr/bin/docker-compose']
    here = os.path.dirname(os.path.abspath(__file__))
    found = subprocess.run([os.path.join(here, 'compose-v2'), CACHE], stdout=subprocess.DEVNULL,
                           check=False)
    return [CLIENT, 'compose'] if found.returncode == 0 else None


class Installation:
    def __init__(self, compose, settings=()):
        self._command = [*compose, *settings, '-f', os.path.join(ROOT, 'deploy/compose.yaml')]

    def compose(self, *arguments, **more):
        return run(*self._command, *arguments, **more)

    def up(self, *arguments):
        self.compose('up', '-d', '--no-build', *arguments)

    def down(self):
        self.compose('--profile', 'tools', '--profile', 'postgres', 'down', '-v', '--remove-orphans')

    def tool(self, name, *arguments, **more):
        return self.compose('run', '--rm', name, *arguments, **more)

    def containers(self, service):
        """Their ids."""
        return self.compose('ps', '-q', service).stdout.split()

    def show_logs(self):
        print(self.compose('logs', '--tail', '20', check=False).stdout)

    def token(self):
        return self.compose('run', '--rm', '--entrypoint', 'cat', 'balictl',
                            '/identities/operator/secretariat.token').stdout.strip()

    def authorities(self):
        return self.compose('run', '--rm', '--entrypoint', 'cat', 'balictl',
                            '/identities/public/ca.crt').stdout.encode()


def inspect(container, what):
    return docker('inspect', '-f', '{{' + what + '}}', container).stdout.strip()


def wait_until_healthy(container):
    wait_for(lambda: inspect(container, '.State.Health.Status') == 'healthy',
             'a container is healthy')


class Callers:
    """A context manager: callers of the gateway, half of whom connect anew for each call."""

    def __init__(self, authorities, token, gateway=GATEWAY):
        self._gateway = gateway
        self._authorities = authorities
        self._token = token
        self._ends = threading.Event()
        self._threads = [threading.Thread(target=self._call, args=(anew, name))
                         for anew in (False, True)
                         for name in ('ListMembers', 'ListMeetings', 'ListStrategies')]
        self.made = 0
        self.failures = []

    def new_client(self):
        return client.Client(self._gateway, grpc.ssl_channel_credentials(self._authorities), self._token)

    def __enter__(self):
        for one in self._threads:
            one.start()
        # Some calls before, so that what follows meets connections that are open.
        wait_for(lambda: self.made + len(self.failures) > 30, 'the callers call')
        return self

    def __exit__(self, *_):
        self._ends.set()
        for one in self._threads:
            one.join()

    def _call(self, anew, name):
        mine = self.new_client()
        while not self._ends.wait(0.2):
            try:
                mine.call(name, page_size=1, timeout=20)
                self.made += 1
            except client.CallError as error:
                self.failures.append('{:.1f} {}: {}'.format(time.monotonic(), name, error))
            if anew:
                mine.close()
                mine = self.new_client()
        mine.close()
