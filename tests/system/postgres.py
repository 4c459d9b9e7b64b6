"""A PostgreSQL server of a test's own, on a unix socket, gone with the test."""

import glob
import os
import pwd
import shutil
import signal
import subprocess
import tempfile

import process

_PORT = 5432  # which is only a name of the socket
_PASSWORD = 'a-password-that-no-log-may-show'


def program(name):
    """The path of a program of PostgreSQL, of its newest version here."""
    found = glob.glob('/usr/lib/postgresql/*/bin/' + name)
    return max(found, key=lambda path: int(path.split('/')[4])) if found else name


class Postgres:
    """`settings` are those of postgresql.conf, as `max_connections=200`. A `durable` one waits for
    the disk. With a `port` it listens there on loopback, too."""

    password = _PASSWORD

    def __init__(self, settings=(), durable=False, port=None):
        self.user = user()
        self.port = port or _PORT
        self.directory = make_directory('/tmp' if durable else parent())
        self._log = os.path.join(self.directory, 'server.log')
        self._data = os.path.join(self.directory, 'data')
        self._databases = 0
        self._server = None
        self._settings = ['max_connections=200', 'shared_buffers=32MB',
                          'unix_socket_directories=' + self.directory]
        self._settings += ['listen_addresses=127.0.0.1', 'port={}'.format(port)] if port else \
            ['listen_addresses=']
        self._settings += [] if durable else ['fsync=off']
        self._settings += settings
        self._make_data()
        self.start()

    def _make_data(self):
        self._run('initdb', '--pgdata', self._data, '--username', 'postgres', '--auth', 'trust',
                  '--encoding', 'UTF8', '--no-locale', '--no-sync')

    def _run(self, name, *arguments):
        if process.spawn([program(name), *arguments], self._log, self.user).wait() != 0:
            raise RuntimeError('{} failed: {}'.format(name, self.log()))

    def start(self):
        settings = [word for setting in self._settings for word in ('-c', setting)]
        self._server = process.spawn([program('postgres'), '-D', self._data, *settings],
                                     self._log, self.user)
        process.wait_for(self._answers, 'PostgreSQL answers')

    def _answers(self):
        if self._server.poll() is not None:
            raise RuntimeError('PostgreSQL ended: ' + self.log())
        return self.is_at(self.directory, self.port)

    @staticmethod
    def is_at(host, port):
        """Whether a PostgreSQL, or what acts as one, answers there."""
        return subprocess.run([program('pg_isready'), '-q', '-h', host, '-p', str(port)],
                              check=False).returncode == 0

    def place(self):
        """Where it is, for programs of PostgreSQL."""
        return ['-h', self.directory, '-U', 'postgres', '-p', str(self.port)]

    @property
    def pid(self):
        return self._server.pid

    def kill(self):
        """All its processes at once, as when a machine loses its power but not its disk's cache."""
        pids = processes_of(self.pid)
        send_all(signal.SIGKILL, pids)
        self._server.wait()
        process.wait_for(lambda: not any(map(lives, pids)), 'PostgreSQL is gone')

    def freeze(self):
        """All its processes stand still; what connects to it waits."""
        freeze(self.pid)

    def thaw(self):
        send_all(signal.SIGCONT, processes_of(self.pid))

    def log(self):
        with open(self._log, encoding='utf-8') as file:
            return file.read()

    def psql(self, database='postgres', *place):
        """The command of a psql that stops at errors; `place` may be another."""
        return psql(*self.place(), '-d', database, *place)

    def query(self, sql, database='postgres'):
        return query(self.psql(database), sql)

    def session(self, database='postgres', *place):
        """A session that lasts."""
        return Session(self.psql(database, *place))

    def demand_passwords(self):
        """Of all roles but `postgres`."""
        with open(os.path.join(self._data, 'pg_hba.conf'), 'w', encoding='ascii') as file:
            file.write('local all postgres trust\nlocal all all scram-sha-256\n')
        self.query('SELECT pg_reload_conf()')

    def create_database(self):
        """A new, empty database: its name and its URL, which has a password in it."""
        self._databases += 1
        name = 'test{}'.format(self._databases)
        self.query('CREATE DATABASE {} TEMPLATE template0'.format(name))
        return name, self.url(name)

    def url(self, database, role='postgres'):
        return 'postgresql://{}:{}@/{}?host={}{}'.format(
            role, _PASSWORD, database, self.directory,
            '&port={}'.format(self.port) if self.port != _PORT else '')

    def dump(self, database, file):
        subprocess.run([program('pg_dump'), *self.place(), '-Fc', '-f', file, database],
                       check=True, timeout=60)

    def restore(self, database, file):
        """Over the one that is there, which nobody uses."""
        self.query('DROP DATABASE {} WITH (FORCE)'.format(database))
        self.query('CREATE DATABASE {} TEMPLATE template0'.format(database))
        subprocess.run([program('pg_restore'), *self.place(), '-d', database, file], check=True,
                       timeout=60)

    def lock(self, database, table):
        """Locks a table until release(): calls that need it wait."""
        return _Lock(self, database, table)

    def waiting_for_locks(self):
        """How many sessions wait for a lock."""
        return int(self.query('SELECT count(*) FROM pg_stat_activity '
                              "WHERE wait_event_type = 'Lock'"))

    def remove(self):
        if self._server.poll() is None:
            self.thaw()
            self._server.send_signal(signal.SIGQUIT)
            self._server.wait()
        remove_shared_memory(self._data)
        shutil.rmtree(self.directory)


def psql(*place):
    """The command of a psql that stops at errors."""
    return [program('psql'), '-XAtq', '-v', 'ON_ERROR_STOP=1', *place]


def query(command, sql):
    """What a statement yields; `command` is a psql."""
    return subprocess.run(command + ['-c', sql], capture_output=True, text=True, check=True,
                          timeout=60).stdout.strip()


def user():
    """Whom it runs as: root may not. None: whoever runs the test."""
    return 'postgres' if os.geteuid() == 0 else None


def parent():
    """Where what needs no disk is made: in memory, where there is room."""
    memory = '/dev/shm'
    roomy = os.access(memory, os.W_OK | os.X_OK) and shutil.disk_usage(memory).free >= 4 << 30
    return memory if roomy else '/tmp'


def make_directory(below='/tmp'):
    """That user's. Short, because the path of a socket may have 107 characters."""
    directory = tempfile.mkdtemp(prefix='bali-pg-', dir=below)
    if user():
        owner = pwd.getpwnam(user())
        os.chown(directory, owner.pw_uid, owner.pw_gid)
    return directory


def processes_of(pid):
    """A server's first process, the one that starts others, before these."""
    with open('/proc/{0}/task/{0}/children'.format(pid), encoding='ascii') as file:
        return [pid] + [int(child) for child in file.read().split()]


def send_all(number, pids):
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            pass  # it has ended by itself


def freeze(pid):
    # The second time for those that were started meanwhile.
    for _ in range(2):
        send_all(signal.SIGSTOP, processes_of(pid))


def remove_shared_memory(data):
    """Of a server that was killed and has its data here: nothing else does, if it isn't started
    again."""
    file_name = os.path.join(data, 'postmaster.pid')
    if os.path.exists(file_name):
        with open(file_name, encoding='ascii') as file:
            segment = file.read().splitlines()[6].split()[1]
        subprocess.run(['ipcrm', '--shmem-id', segment], check=False)


def lives(pid):
    try:
        with open('/proc/{}/stat'.format(pid), encoding='ascii') as file:
            return file.read().rsplit(')', 1)[1].split()[0] != 'Z'
    except FileNotFoundError:
        return False


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


class Session:
    """A psql that stays: each statement in its turn."""

    def __init__(self, command):
        self._psql = subprocess.Popen(command, stdin=subprocess.PIPE,
                                      stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def run(self, sql):
        """What a statement prints; it is over."""
        self._psql.stdin.write(sql + ';\n\\echo over\n')
        self._psql.stdin.flush()
        lines = []
        for line in self._psql.stdout:
            if line == 'over\n':
                return ''.join(lines)
            lines.append(line)
        raise RuntimeError('psql has ended: ' + ''.join(lines))

    def close(self):
        """What was begun and not committed is rolled back."""
        if self._psql.poll() is None:
            self._psql.communicate('', timeout=30)
        self._psql.stdin.close()
        self._psql.stdout.close()


class _Lock:
    def __init__(self, postgres, database, table):
        self._session = postgres.session(database)
        self._session.run('BEGIN; LOCK TABLE {} IN ACCESS EXCLUSIVE MODE'.format(table))

    def release(self):
        self._session.run('COMMIT')
        self._session.close()
