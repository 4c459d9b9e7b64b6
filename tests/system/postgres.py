"""A PostgreSQL server of a test's own, on a unix socket, gone with the test."""

import glob
import os
import pwd
import shutil
import signal
import subprocess
import tempfile

import process

_PASSWORD = 'a-password-that-no-log-may-show'


def _program(name):
    found = glob.glob('/usr/lib/postgresql/*/bin/' + name)
    return max(found, key=lambda path: int(path.split('/')[4])) if found else name


class Postgres:
    password = _PASSWORD

    def __init__(self):
        self._user = 'postgres' if os.geteuid() == 0 else None
        # Short, because the path of a socket may have 107 characters.
        self.directory = tempfile.mkdtemp(prefix='bali-pg-', dir='/tmp')
        if self._user:
            owner = pwd.getpwnam(self._user)
            os.chown(self.directory, owner.pw_uid, owner.pw_gid)
        self._log = os.path.join(self.directory, 'server.log')
        self._databases = 0
        data = os.path.join(self.directory, 'data')
        initdb = process.spawn(
            [_program('initdb'), '--pgdata', data, '--username', 'postgres', '--auth', 'trust',
             '--encoding', 'UTF8', '--no-locale', '--no-sync'], self._log, self._user)
        if initdb.wait() != 0:
            raise RuntimeError('initdb failed: ' + self.log())
        self._server = process.spawn(
            [_program('postgres'), '-D', data, '-c', 'listen_addresses=',
             '-c', 'unix_socket_directories=' + self.directory, '-c', 'fsync=off',
             '-c', 'max_connections=200', '-c', 'shared_buffers=32MB'], self._log, self._user)
        process.wait_for(self._answers, 'PostgreSQL answers')

    def _answers(self):
        if self._server.poll() is not None:
            raise RuntimeError('PostgreSQL ended: ' + self.log())
        return subprocess.run([_program('pg_isready'), '-q', '-h', self.directory],
                              check=False).returncode == 0

    def log(self):
        with open(self._log, encoding='utf-8') as file:
            return file.read()

    def psql(self, database='postgres'):
        """The command of a psql that stops at errors."""
        return [_program('psql'), '-XAtq', '-v', 'ON_ERROR_STOP=1', '-h', self.directory,
                '-U', 'postgres', '-d', database]

    def query(self, sql, database='postgres'):
        return subprocess.run(self.psql(database) + ['-c', sql], capture_output=True, text=True,
                              check=True, timeout=60).stdout.strip()

    def create_database(self):
        """A new, empty database: its name and its URL, which has a password in it."""
        self._databases += 1
        name = 'test{}'.format(self._databases)
        self.query('CREATE DATABASE {} TEMPLATE template0'.format(name))
        return name, 'postgresql://postgres:{}@/{}?host={}'.format(_PASSWORD, name,
                                                                   self.directory)

    def lock(self, database, table):
        """Locks a table until release(): calls that need it wait."""
        return _Lock(self, database, table)

    def waiting_for_locks(self):
        """How many sessions wait for a lock."""
        return int(self.query('SELECT count(*) FROM pg_stat_activity '
                              "WHERE wait_event_type = 'Lock'"))

    def remove(self):
        self._server.send_signal(signal.SIGQUIT)
        self._server.wait()
        shutil.rmtree(self.directory)


class Stores:
    """Before a class of tests that start suites on stores(): makes those be on PostgreSQL."""

    @classmethod
    def setUpClass(cls):
        cls.server = Postgres()
        cls.addClassCleanup(cls.server.remove)
        super().setUpClass()

    @classmethod
    def stores(cls):
        return {name: cls.server.create_database()[1]
                for name in ('store', 'meetings_store', 'capacity_store')}


class _Lock:
    def __init__(self, postgres, database, table):
        self._psql = subprocess.Popen(postgres.psql(database), stdin=subprocess.PIPE,
                                      stdout=subprocess.PIPE, text=True)
        self._psql.stdin.write(
            'BEGIN; LOCK TABLE {} IN ACCESS EXCLUSIVE MODE; SELECT 1;\n'.format(table))
        self._psql.stdin.flush()
        if self._psql.stdout.readline().strip() != '1':
            raise RuntimeError('the table is not locked')

    def release(self):
        self._psql.communicate('COMMIT;\n', timeout=30)
