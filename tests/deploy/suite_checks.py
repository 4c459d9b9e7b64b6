"""What holds for the suite in containers, on whichever store."""

import concurrent.futures
import hashlib
import os
import signal
import time
import unittest

import every_fact
import image
import memory
from daemon import docker, ROOT, run
from installation import (Callers, compose_command, inspect, Installation, PROCESSES,
                          wait_until_healthy)
from process import wait_for

PUBLIC = {'/identities/public/ca.crt', '/identities/public/jwks.json'}


def own(process, *more):
    return {'/identities/{}/{}'.format(process, name) for name in ('tls.crt', 'tls.key', *more)}


UPLOADS = 6  # at once
UPLOADED = os.urandom(1 << 20) * 60
CHUNK = 256 << 10
PORTS = {'membership': 7401, 'meetings': 7402, 'capacity': 7403, 'gateway': 8443}


class Checks:
    """Which Compose starts the suite and with which settings is said by who inherits it."""

    version = 0
    settings = ()
    others = ()  # images
    counts = dict.fromkeys(PROCESSES, 1)
    secrets = {'membership': ['store.password'], 'meetings': ['store.password'],
               'capacity': ['store.password', 'identity.key'], 'gateway': []}

    @classmethod
    def setUpClass(cls):
        command = compose_command(cls.version)
        if command is None:
            raise unittest.SkipTest("this version of Compose can't be had here")
        for other in cls.others:
            image.build_other(other)
        cls.installation = Installation(command, cls.settings)
        cls.addClassCleanup(cls.installation.down)
        begun = time.monotonic()
        try:
            cls.installation.up()
        except Exception:
            cls.installation.show_logs()
            raise
        print('up in {:.1f} s'.format(time.monotonic() - begun), flush=True)
        cls.installation.tool('balictl')
        cls.authorities = cls.installation.authorities()
        cls.token = cls.installation.token()

    def first_containers(self):
        """One of each program."""
        return {name: self.installation.containers(name)[0] for name in PROCESSES}

    def new_callers(self):
        return Callers(self.authorities, self.token)

    def upgrade(self):
        """By the script, to another image; whoever called meanwhile."""
        before = {name: set(self.installation.containers(name)) for name in PROCESSES}
        image.build_another()
        begun = time.monotonic()
        with self.new_callers() as callers:
            ran = self.run_upgrade()
        print('upgraded in {:.0f} s: {} of {} calls failed'.format(
            time.monotonic() - begun, len(callers.failures),
            callers.made + len(callers.failures)), *callers.failures[:5], sep='\n  ', flush=True)
        for name, count in self.counts.items():
            self.assertIn('Upgraded {}: {} containers.'.format(name, count), ran.stdout)
            after = set(self.installation.containers(name))
            self.assertEqual(len(after), count)
            self.assertFalse(after & before[name], name)
            for container in after:
                self.assertEqual(inspect(container, '.Image'), image.facts()['Id'])
        self.check_facts()
        return callers

    def run_upgrade(self, check=True, **environment):
        return run(os.path.join(ROOT, 'deploy/upgrade'), *self.settings, check=check, timeout=1200,
                   env={**os.environ, 'COMPOSE': ' '.join(compose_command(self.version)),
                        **environment})

    def check_facts(self):
        every_fact.check(self, self.new_callers().new_client())

    def test_1_every_fact_is_there(self):
        self.check_facts()

    def test_2_a_process_sees_its_own_secrets_alone(self):
        for name, container in self.first_containers().items():
            seen = docker('exec', container, 'find', '/identities', '-type', 'f').stdout.split()
            self.assertEqual(set(seen), PUBLIC | own(name, *self.secrets[name]), name)
            written = docker('exec', container, 'touch', '/identities/public/x', check=False)
            self.assertNotEqual(written.returncode, 0, name)
        operator = self.installation.compose('run', '--rm', '--entrypoint', 'find', 'balictl',
                                             '/identities', '-type', 'f').stdout.split()
        self.assertEqual(set(operator), PUBLIC | own('operator', 'secretariat.token', 'operator.token'))

    def test_3_containers_are_confined(self):
        for name, container in self.first_containers().items():
            for path in ('/x', '/tmp/x', '/usr/local/bin/x'):
                self.assertNotEqual(
                    docker('exec', container, 'touch', path, check=False).returncode, 0, name)
            self.assertEqual(docker('exec', container, 'id', '-u').stdout.strip(), '10001')
            status = docker('exec', container, 'cat', '/proc/1/status').stdout
            self.assertIn('CapEff:\t0000000000000000', status)
            self.assertIn('NoNewPrivs:\t1', status)
            self.assertNotEqual(inspect(container, '.HostConfig.Memory'), '0', name)
            self.assertNotEqual(inspect(container, '.HostConfig.PidsLimit'), '0', name)
            self.assertIn('max-size', inspect(container, '.HostConfig.LogConfig'), name)

    def test_4_a_killed_process_comes_back_with_its_data(self):
        for name, container in self.first_containers().items():
            before = int(inspect(container, '.RestartCount'))
            with self.new_callers() as callers:
                os.kill(int(inspect(container, '.State.Pid')), signal.SIGKILL)
                wait_for(lambda: int(inspect(container, '.RestartCount')) > before,
                         name + ' was started again', deadline=60, pause=0.1)
                wait_until_healthy(container)
            print('{} killed: {} of {} calls failed'.format(
                name, len(callers.failures), callers.made + len(callers.failures)), flush=True)
        self.check_facts()

    def test_5_certificates_are_renewed_under_load(self):
        before = {name: self.shown(name) for name in PROCESSES}
        with self.new_callers() as callers:
            renewed = self.installation.tool('identities', '--renew', '--days', '9999',
                                             '/identities').stdout
            for name in PROCESSES:
                self.assertIn('Renewed the certificate of {}.'.format(name), renewed)
                wait_for(lambda: self.shown(name) != before[name], name + ' shows the new one',
                         pause=0.1)
        self.assertEqual(callers.failures, [])
        print('certificates renewed: 0 of {} calls failed'.format(callers.made), flush=True)

    def shown(self, name):
        """The certificate that a process shows to who connects."""
        text = docker('exec', self.installation.containers(name)[0], 'bash', '-c',
                      'openssl s_client -connect 127.0.0.1:{} -alpn h2 </dev/null 2>/dev/null'
                      .format(PORTS[name]), check=False).stdout
        self.assertIn('-----END CERTIFICATE-----', text)
        return text[text.index('-----BEGIN'):text.index('-----END')]

    def test_6_stopped_it_ends_well_and_starts_with_its_data(self):
        containers = self.first_containers()
        for name, container in containers.items():
            begun = time.monotonic()
            docker('stop', '--time', '30', container)
            print('{} stopped in {:.1f} s'.format(name, time.monotonic() - begun), flush=True)
            self.assertEqual(inspect(container, '.State.ExitCode'), '0', name)
        self.installation.up()
        for container in containers.values():
            wait_until_healthy(container)
        self.check_facts()

    def test_7_uploads_fit_into_the_memory_of_containers(self):
        containers = self.first_containers()
        with memory.Peaks(containers) as peaks, \
                concurrent.futures.ThreadPoolExecutor(UPLOADS) as pool:
            list(pool.map(self.upload, range(UPLOADS)))
        print('{} uploads at once: {}'.format(UPLOADS, peaks), flush=True)
        for name, container in containers.items():
            self.assertEqual(inspect(container, '.State.OOMKilled'), 'false', name)
            # As much again may be pages of files, without which each byte is read again and again.
            limit = int(inspect(container, '.HostConfig.Memory'))
            self.assertLess(peaks.most[name], limit * 3 / 4, name)

    def upload(self, number):
        caller = self.new_callers().new_client()
        name = caller.call('CreateDocument', parent='meetings/sg-18', document={
            'display_name': 'Upload {}'.format(number)}).name
        requests = [caller.request('UploadDocument', name=name, size_bytes=len(UPLOADED),
                                   sha256=hashlib.sha256(UPLOADED).hexdigest(),
                                   content={'content_type': 'application/pdf'})]
        requests += [caller.request('UploadDocument', content={'data': UPLOADED[at:at + CHUNK]})
                     for at in range(0, len(UPLOADED), CHUNK)]
        caller.send('UploadDocument', requests, timeout=300)
        caller.call('DeleteDocument', name=name)
        caller.close()
