"""The suite on PostgreSQL by Compose: replicas, two gateways behind a balancer, an upgrade."""

import os
import unittest

from daemon import docker, ROOT
from installation import SERVICES
from suite_checks import Checks

SETTINGS = ('--env-file', os.path.join(ROOT, 'deploy/postgres.env'))
# Of each service. Fewer than the three of the settings where the cores are few.
REPLICAS = 3 if os.cpu_count() >= 8 else 2


class OnPostgres(Checks, unittest.TestCase):
    version = 1
    settings = SETTINGS
    counts = {'membership': REPLICAS, 'meetings': REPLICAS, 'capacity': REPLICAS, 'gateway': 2}

    @classmethod
    def setUpClass(cls):
        for name, tag in (('postgres', '15-bookworm'), ('haproxy', '2.6-bookworm')):
            others = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'others')
            docker('build', '-f', os.path.join(others, name + '.Dockerfile'),
                   '-t', '{}:{}'.format(name, tag), others)
        os.environ['REPLICAS'] = str(REPLICAS)
        cls.addClassCleanup(os.environ.pop, 'REPLICAS')
        super().setUpClass()

    def psql(self, role, database, statement='SELECT 1'):
        """As a role with its own password, from within the container of the server."""
        container = self.installation.containers('postgres')[0]
        return docker('exec', container, 'bash', '-c',
                      'PGPASSWORD=$(cat /identities/postgres/{0}.password) psql -h 127.0.0.1 -U {0} '
                      '-d {1} -Atc "{2}"'.format(role, database, statement), check=False)

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

    def test_7_a_password_is_changed_under_load(self):
        with self.new_callers() as callers:
            for role in SERVICES:
                self.tool_as_owner('sed -i s/$/x/ /identities/{0}/store.password'.format(role))
                changed = self.psql('postgres', 'postgres', "ALTER ROLE {0} PASSWORD '$(cat "
                                    "/identities/postgres/{0}.password)x'".format(role))
                self.assertEqual(changed.returncode, 0, changed.stderr)
                changed = self.psql('postgres', 'postgres', 'SELECT pg_terminate_backend(pid) FROM '
                                    "pg_stat_activity WHERE usename = '{}'".format(role))
                self.assertEqual(changed.returncode, 0, changed.stderr)
        self.assertEqual(callers.failures, [])
        print('passwords changed, connections ended: 0 of {} calls failed'.format(callers.made),
              flush=True)
        self.check_facts()

    def tool_as_owner(self, script):
        self.installation.compose('run', '--rm', '--entrypoint', 'bash', 'identities', '-ec', script)

    def test_8_an_upgrade_fails_no_call(self):
        self.assertEqual(self.upgrade().failures, [])
