"""Profile postgres: replicas of each service, on a PostgreSQL outside of the cluster."""

import unittest

import postgres
import release
import release_checks
from chart import PROGRAMS

_HOST = '172.30.0.1'  # the node, as pods see it


class OnPostgres(release_checks.Checks, unittest.TestCase):
    profile = 'postgres'
    counts = dict.fromkeys(PROGRAMS, 2)
    seamless = True
    settings = (
        'tokens.oidcIssuer=', 'tokens.existingConfigMap=bali-jwks', 'tokens.rolesClaim=roles',
        'postgres.sslMode=disable', 'postgres.authority.existingConfigMap=',
        'certificates.source=secrets', 'certificates.certManager.createAuthority=false') + tuple(
            'certificates.secrets.{0}=bali-{0}-tls'.format(program)
            for program in PROGRAMS + ('operator',)) + tuple(
                '{0}.store.url=postgresql://{0}@{1}/{0}'.format(service, _HOST)
                for service in PROGRAMS[:3])

    @classmethod
    def prepare(cls, directory):
        """Starts a server whose users need a password."""
        server = postgres.Postgres(['listen_addresses=127.0.0.1,' + _HOST], port=5432)
        cls.addClassCleanup(server.remove)
        release.make_secrets('PostgreSQL', directory, {
            'PGHOST': '127.0.0.1', 'PGUSER': 'postgres', 'PGDATABASE': 'postgres'})
        with open(server.query('SHOW hba_file').strip(), 'w', encoding='ascii') as file:
            file.write('local all postgres trust\nhost all all {}/16 scram-sha-256\n'.format(_HOST))
        server.query('SELECT pg_reload_conf()')

    def test_5_a_new_replica_has_its_share(self):
        self.scale('membership', 'grpc_server_handled_total')
