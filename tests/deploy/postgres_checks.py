"""The suite on PostgreSQL by Compose: replicas, two gateways behind a balancer, an upgrade."""

import os
import unittest

import image
from daemon import docker, ROOT
from installation import inspect, PROCESSES, SERVICES
from suite_checks import Checks

SETTINGS = ('--env-file', os.path.join(ROOT, 'deploy/postgres.env'))
REPLICAS = 3  # of each service, as the settings say


class OnPostgres(Checks, unittest.TestCase):
    version = 1
    settings = SETTINGS
    others = (image.BALANCER, image.DATABASE)
    counts = {'membership': REPLICAS, 'meetings': REPLICAS, 'capacity': REPLICAS, 'gateway': 2}

    def server(self):
        return self.installation.containers('postgres')[0]

    def psql(self, role, database, statement='SELECT 1', password=None):
        """As a role with its own password, or another, from within the container of the server."""
        given = password or '$(cat /identities/postgres/{}.password)'.format(role)
        return docker('exec', self.server(), 'bash', '-c',
                      'PGPASSWORD={} psql -h 127.0.0.1 -U {} -d {} -Atc "{}"'.format(
                          given, role, database, statement), check=False)

    def test_1_there_are_replicas(self):
        for name, count in self.counts.items():
            self.assertEqual(len(self.installation.containers(name)), count, name)

    def test_2_a_role_has_its_database_and_no_more(self):
        for role in SERVICES:
            for database in (*SERVICES, 'postgres'):
                asked = self.psql(role, database)
                self.assertEqual(asked.returncode == 0, role == database, asked.stderr)
            refused = self.psql(role, role, 'CREATE ROLE another')
            self.assertNotEqual(refused.returncode, 0)
            self.assertEqual(self.psql(
                role, role, 'SELECT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) '
                "WHERE client_addr <> '127.0.0.1' LIMIT 1").stdout, 't\n')

    def test_7_passwords_are_replaced_under_load(self):
        """Connections are ended besides, so that services need the new ones at once."""
        before = {role: self.password(role) for role in SERVICES}
        with self.new_callers() as callers:
            self.installation.tool('identities', '--new-passwords', '/identities')
            self.end_connections()
            self.installation.compose('exec', '-T', 'postgres', 'bash',
                                      '/docker-entrypoint-initdb.d/init.sh')
            self.end_connections()
        print('passwords replaced: {} of {} calls failed'.format(
            len(callers.failures), callers.made + len(callers.failures)), flush=True)
        self.assertEqual(callers.failures, [])
        now = {role: self.password(role) for role in SERVICES}
        for role in SERVICES:
            self.assertNotEqual(now[role], before[role])
            self.assertEqual(self.psql(role, role).returncode, 0, role)
            refused = self.psql(role, role, password=before[role])
            self.assertIn('password authentication failed', refused.stderr)
        self.check_untold((*before.values(), *now.values()))
        self.check_facts()

    def password(self, role):
        return docker('exec', self.server(), 'cat',
                      '/identities/postgres/{}.password'.format(role)).stdout.strip()

    def end_connections(self):
        """By the server's socket, which asks the superuser for no password."""
        ended = docker('exec', self.server(), 'psql', '-U', 'postgres', '-Atc',
                       'SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity '
                       "WHERE usename IN ('{}')".format("','".join(SERVICES)))
        self.assertNotEqual(ended.stdout.strip(), '0')

    def check_untold(self, secrets):
        """Neither in a log, nor in what Docker says of a container."""
        for name in (*self.counts, 'postgres', 'front'):
            for container in self.installation.containers(name):
                told = docker('inspect', container).stdout
                log = docker('logs', container)
                for secret in secrets:
                    self.assertNotIn(secret, told + log.stdout + log.stderr, name)

    def test_8_an_upgrade_fails_no_call(self):
        self.assertEqual(self.upgrade().failures, [])

    def test_9_a_broken_image_changes_nothing(self):
        before = {name: set(self.installation.containers(name)) for name in PROCESSES}
        good = inspect(self.installation.containers('membership')[0], '.Image')
        image.build_another('ENTRYPOINT ["false"]')
        self.addCleanup(docker, 'tag', good, image.NAME)
        with self.new_callers() as callers:
            ran = self.run_upgrade(check=False, PATIENCE='3')
        self.assertEqual(ran.returncode, 1)
        self.assertIn("membership isn't healthy after 3 s", ran.stderr)
        self.assertIn('docker tag {} baliprocess'.format(good), ran.stderr)
        self.assertEqual(
            {name: set(self.installation.containers(name)) for name in PROCESSES}, before)
        self.assertEqual(callers.failures, [])
