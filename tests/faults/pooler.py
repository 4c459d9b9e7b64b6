"""A PgBouncer of a test's own before a PostgreSQL, in transaction mode."""

import os
import shutil

import process
from postgres_pair import free_port

_SETTINGS = """[databases]
* = host={server} port={server_port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = trust
auth_file = {users}
pool_mode = transaction
default_pool_size = {pool}
max_client_conn = 500
server_login_retry = 1
logfile =
pidfile =
"""


class Pooler:
    """Lies in the directory of its server, whose user it runs as."""

    def __init__(self, server, pool):
        self.port = free_port()
        self._directory = os.path.join(server.directory, 'pooler-{}'.format(self.port))
        os.mkdir(self._directory)
        users = self._write('users', '"postgres" ""\n')
        settings = self._write('pgbouncer.ini', _SETTINGS.format(
            server=server.directory, server_port=server.port, port=self.port, users=users,
            pool=pool))
        self._log = os.path.join(self._directory, 'log')
        self._server = server
        self._process = process.spawn(['pgbouncer', settings], self._log, server.user)
        process.wait_for(self._answers, 'PgBouncer answers')

    def _write(self, name, content):
        path = os.path.join(self._directory, name)
        with open(path, 'w', encoding='ascii') as file:
            file.write(content)
        return path

    def _answers(self):
        if self._process.poll() is not None:
            with open(self._log, encoding='utf-8') as file:
                raise RuntimeError('PgBouncer ended: ' + file.read())
        return self._server.is_at('127.0.0.1', self.port)

    def session(self, database):
        """A session of somebody else who shares the pool."""
        return self._server.session(database, '-h', '127.0.0.1', '-p', str(self.port))

    def remove(self):
        self._process.kill()
        self._process.wait()
        shutil.rmtree(self._directory)
