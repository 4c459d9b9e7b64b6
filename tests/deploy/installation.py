"""The suite as deploy/compose.yaml starts it, by either version of Compose; and callers of it."""

import os
import subprocess
import threading
import time
import uuid

import grpc

import client
from daemon import CACHE, CLIENT, docker, ROOT, run
from process import wait_for

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
             'a container is healthy', deadline=60, pause=0.1)


# What writers make and delete again, one of each service.
WRITTEN = {
    'ExternalForum': {'external_forum': {'display_name': 'Written meanwhile'}},
    'Statement': {'parent': 'meetings/sg-18', 'statement': {
        'topic': 'Written meanwhile', 'speaker': {'display_name': 'Somebody'}}},
    'Publication': {'publication': {
        'display_name': 'Written meanwhile', 'kind': 'OTHER', 'body': 'bodies/rso'}},
}


class Callers:
    """A context manager: callers of the gateway who read, half of whom connect anew for each call, and
    some who write. None of them repeats a call that failed."""

    def __init__(self, authorities, token, gateway=GATEWAY):
        self._gateway = gateway
        self._authorities = authorities
        self._token = token
        self._ends = threading.Event()
        self._threads = [threading.Thread(target=self._call, args=(self._read, name, anew))
                         for anew in (False, True)
                         for name in ('ListMembers', 'ListMeetings', 'ListStrategies')]
        self._threads += [threading.Thread(target=self._call, args=(self._write, kind))
                          for kind in WRITTEN]
        self.made = 0
        self.failures = []

    def new_client(self):
        return client.Client(self._gateway, grpc.ssl_channel_credentials(self._authorities),
                             self._token)

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

    def _read(self, caller, name):
        self._make(caller, name, page_size=1)

    def _write(self, caller, kind):
        made = self._make(caller, 'Create' + kind, request_id=str(uuid.uuid4()), **WRITTEN[kind])
        self._make(caller, 'Delete' + kind, request_id=str(uuid.uuid4()), name=made.name)

    def _make(self, caller, method, **fields):
        reply = caller.call(method, **fields)
        self.made += 1
        return reply

    def _call(self, once, what, anew=False):
        mine = self.new_client()
        while not self._ends.wait(0.2):
            try:
                once(mine, what)
            except client.CallError as error:
                self.failures.append('{} {}: {}'.format(time.strftime('%T'), error.method, error))
            if anew:
                mine.close()
                mine = self.new_client()
        mine.close()
