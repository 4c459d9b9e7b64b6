"""Two PostgreSQL servers on loopback, of which one follows the other, as operators have them: the
primary may hang or die, and the standby is made the new one."""

import socket

import process
from postgres import Postgres


def free_port():
    with socket.socket() as listener:
        listener.bind(('127.0.0.1', 0))
        return listener.getsockname()[1]


class Standby(Postgres):
    """Follows another server from now on."""

    def __init__(self, primary, settings=()):
        self._primary = primary
        super().__init__(settings, port=free_port())

    def _make_data(self):
        self._run('pg_basebackup', *self._primary.place(), '-D', self._data, '-R', '-X', 'stream',
                  '--checkpoint=fast', '--no-sync')

    def detach(self):
        """Gets nothing of the primary any more."""
        self.query("ALTER SYSTEM SET primary_conninfo = ''")
        self.query('SELECT pg_reload_conf()')
        process.wait_for(lambda: self.query('SELECT count(*) FROM pg_stat_wal_receiver') == '0',
                         'the standby has left')

    def promote(self):
        if self.query('SELECT pg_promote(true, 30)') != 't':
            raise RuntimeError('the standby is no primary: ' + self.log())


class Pair:
    """Of a `synchronous` pair the primary acknowledges only what the standby has on disk, too."""

    def __init__(self, synchronous=True, settings=()):
        self.primary = Postgres(settings, port=free_port())
        self.standby = Standby(self.primary, settings)
        if synchronous:
            self.primary.query("ALTER SYSTEM SET synchronous_standby_names = '*'")
            self.primary.query('SELECT pg_reload_conf()')

    def create_database(self):
        """Its name, and a URL with both servers, the primary first."""
        name, _ = self.primary.create_database()
        self.catch_up()
        return name, 'postgresql://postgres:{}@127.0.0.1:{},127.0.0.1:{}/{}'.format(
            Postgres.password, self.primary.port, self.standby.port, name)

    def catch_up(self):
        """Waits until the standby has all that the primary has written."""
        position = self.primary.query('SELECT pg_current_wal_flush_lsn()')
        process.wait_for(lambda: self.standby.query(
            "SELECT pg_last_wal_replay_lsn() >= '{}'".format(position)) == 't',
                         'the standby has caught up')

    def remove(self):
        self.primary.remove()
        self.standby.remove()
