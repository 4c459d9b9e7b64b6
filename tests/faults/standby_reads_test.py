"""Reads on a standby (--store_read) whose replay is paused, that dies, hangs, lags or is promoted: no
answer is older than --store_read_age, none is behind what its caller has seen, and no call fails.

Prints how many reads the standby answered, and how fast reads are. BALI_STANDBY_ROUNDS: how often
what was written is read. BALI_STANDBY_TURNS: how often rates are measured, half a second each.
"""

import collections
import contextlib
import os
import random
import sys
import threading
import time
import unittest
import uuid

import process
from client import CallError
from operators import Operators
from postgres import Postgres
from postgres_pair import Pair
from replicas import Replicas

ROUNDS = int(os.environ.get('BALI_STANDBY_ROUNDS', '1000'))
TURNS = int(os.environ.get('BALI_STANDBY_TURNS', '4'))
AGE = 2
# Beyond the age: what a busy machine needs.
MARGIN = 3


def standbys_of(pair, database):
    """As operators name all servers: whichever is a standby is used."""
    return 'postgresql://postgres:{}@127.0.0.1:{},127.0.0.1:{}/{}'.format(
        Postgres.password, pair.primary.port, pair.standby.port, database)


class Readers:
    """Callers that read one resource, without a pause and without a position."""

    def __init__(self, clients, count=4):
        self.errors = []
        self.took = []  # seconds
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._read, args=(clients[i % len(clients)],))
                         for i in range(count)]

    def _read(self, client):
        while not self._stop.is_set():
            began = time.monotonic()
            try:
                client.call('GetExternalForum', name='externalForums/old')
            except CallError as error:
                self.errors.append(error)
            self.took.append(time.monotonic() - began)

    def __enter__(self):
        for one in self._threads:
            one.start()
        return self

    def __exit__(self, *failure):
        self._stop.set()
        for one in self._threads:
            one.join()


class StandbyReads(unittest.TestCase):
    def setUp(self):
        self.pair = Pair(synchronous=False)
        self.addCleanup(self.pair.remove)
        database, url = self.pair.create_database()
        self.replicas = Replicas({'membership': url}, flags=(
            '--store_read', standbys_of(self.pair, database), '--store_read_age',
            '{}s'.format(AGE), '--admin_listen', '127.0.0.1:0'))
        self.addCleanup(self.replicas.close)
        self.services = self.replicas.of['membership']
        self.operators = [Operators(one) for one in self.services]
        self.clients = [self.client(one) for one in self.services]
        self.write('old')
        self.await_standby()

    def client(self, service):
        one = service.plain_client(self.replicas.token)
        self.addCleanup(one.close)
        return one

    def write(self, name, client=None):
        (client or self.clients[0]).call('CreateExternalForum', external_forum_id=name,
                                         external_forum={'display_name': name})

    @staticmethod
    def is_seen(client, name):
        try:
            client.call('GetExternalForum', name='externalForums/' + name)
            return True
        except CallError as error:
            if error.code != 'NOT_FOUND':
                raise
            return False

    def reads(self):
        """How many reads were answered where."""
        counts = collections.Counter()
        for operators in self.operators:
            for where in ('standby', 'primary'):
                counts[where] += operators.metrics()[
                    'bali_store_reads_total{{where="{}"}}'.format(where)]
        return counts

    def await_standby(self, used=1):
        process.wait_for(lambda: all(one.metrics()['bali_store_standby_used'] == used
                                     for one in self.operators), 'standbys are used, or not')

    def pause(self):
        self.pair.standby.query('SELECT pg_wal_replay_pause()')
        process.wait_for(lambda: self.pair.standby.query(
            'SELECT pg_get_wal_replay_pause_state()') == 'paused', 'replay is paused')

    def resume(self):
        self.pair.standby.query('SELECT pg_wal_replay_resume()')

    @contextlib.contextmanager
    def replay_by_chance(self):
        """Replay stops and goes on, by chance."""
        stop = threading.Event()

        def run():
            while not stop.is_set():
                self.pause()
                stop.wait(random.uniform(0, 0.5))
                self.resume()
                stop.wait(random.uniform(0, 0.5))

        thread = threading.Thread(target=run)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()

    def say(self, *words):
        print('{}: {}'.format(self.id().rsplit('.', 1)[-1], '; '.join(words)), file=sys.stderr)

    def test_what_was_written_is_seen_whatever_replay_does(self):
        """At another replica than it was written at."""
        writer, reader = self.client(self.services[0]), self.client(self.services[1])
        before = self.reads()
        missed = 0
        with self.replay_by_chance():
            seen = ''
            for i in range(ROUNDS):
                writer.seen = seen
                self.write('forum-{}'.format(i), writer)
                reader.seen = writer.seen
                missed += not self.is_seen(reader, 'forum-{}'.format(i))
                # Once seen, it is seen again.
                missed += not self.is_seen(reader, 'forum-{}'.format(i))
                seen = reader.seen
        now = self.reads()
        self.say('{} writes, each read twice'.format(ROUNDS), 'by standbys {:.0f}'.format(
            now['standby'] - before['standby']), 'by the primary {:.0f}'.format(
                now['primary'] - before['primary']))
        self.assertEqual(missed, 0)
        self.assertGreater(now['standby'], before['standby'])
        self.assertGreater(now['primary'], before['primary'])

    def await_line(self, text):
        """The metric may tell a moment before the log does."""
        process.wait_for(lambda: text in self.services[1].log(), text)

    def test_without_a_position_the_age_counts(self):
        self.pause()
        paused = time.monotonic()
        self.write('new')
        self.assertFalse(self.is_seen(self.clients[1], 'new'))  # so it is read on the standby
        process.wait_for(lambda: self.is_seen(self.clients[1], 'new'), 'it is seen')
        took = time.monotonic() - paused
        self.say('replay paused: an old answer for {:.2f} s at most'.format(took))
        self.assertLess(took, AGE + MARGIN)
        self.await_standby(0)
        self.await_line('no standby of the store is recent enough')
        self.resume()
        self.await_standby()
        self.await_line('a standby of the store answers reads')

    def test_an_idle_primary_makes_nothing_old(self):
        """Longer than the age without a write."""
        time.sleep(AGE + 1)
        before = self.reads()
        for _ in range(20):
            self.assertTrue(self.is_seen(self.clients[0], 'old'))
        self.assertEqual(self.reads()['standby'] - before['standby'], 20)

    def test_a_standby_that_dies(self):
        with Readers(self.clients) as readers:
            self.pair.standby.kill()
            self.await_standby(0)
            self.pair.standby.start()
            self.await_standby()
        self.assertEqual(readers.errors, [])
        # Once; and not at all when it is back before it is looked at.
        self.assertLessEqual(self.services[0].log().count('no standby of the store'), 1)
        self.say('standby killed: the longest of {} reads took {:.2f} s'.format(
            len(readers.took), max(readers.took)))

    def test_a_standby_that_hangs(self):
        with Readers(self.clients) as readers:
            self.pair.standby.freeze()
            self.await_standby(0)
            self.pair.standby.thaw()
            self.await_standby()
        self.assertEqual(readers.errors, [])
        self.say('standby hung: the longest of {} reads took {:.2f} s'.format(
            len(readers.took), max(readers.took)))
        self.assertLess(max(readers.took), 10)

    def test_a_promoted_standby(self):
        """Services find the new primary, and what they are told there is seen."""
        self.pair.catch_up()
        self.pair.primary.kill()
        self.pair.standby.promote()
        caller = self.client(self.services[0])
        caller.seen = ''
        process.wait_for(lambda: self.tries(caller, 'after'), 'writes go on')
        for i in range(20):
            self.write('after-{}'.format(i), caller)
            self.assertTrue(self.is_seen(caller, 'after-{}'.format(i)))

    def tries(self, client, name):
        try:
            self.write(name, client)
            return True
        except CallError as error:
            return error.code == 'ALREADY_EXISTS'

    def test_a_standby_that_becomes_another_primary(self):
        """It is promoted beside the primary, which services stay at: what it has is of another
        history."""
        caller = self.client(self.services[0])
        caller.seen = ''
        self.pair.catch_up()
        self.pair.standby.detach()
        self.pair.standby.promote()
        promoted = time.monotonic()
        self.write('here', caller)
        for _ in range(200):
            self.assertTrue(self.is_seen(caller, 'here'))
        process.wait_for(lambda: all(self.is_seen(one, 'here') for one in self.clients),
                         'it is seen without a position')
        self.assertLess(time.monotonic() - promoted, AGE + MARGIN)
        self.await_standby(0)

    def test_how_fast(self):
        """Reads of one resource, where the standby may answer, where the primary is asked for, and of
        a service that knows no standby; writes with and without. In turn, since others use the
        machine, too."""
        plain = Replicas({'membership': self.pair.create_database()[1]}, count=1)
        self.addCleanup(plain.close)
        without = self.client(plain.of['membership'][0])
        self.write('old', without)
        newest = [('x-bali-position', 'newest')]
        kinds = {
            'reads by the standby': lambda: self.read(self.clients[0]),
            'reads by the primary': lambda: self.read(self.clients[0], newest),
            'reads without --store_read': lambda: self.read(without),
            'writes': lambda: self.write('a' + uuid.uuid4().hex),
            'writes without --store_read': lambda: self.write('a' + uuid.uuid4().hex, without),
        }
        counts = collections.Counter()
        for _ in range(TURNS):
            for what, call in kinds.items():
                until = time.monotonic() + 0.5
                while time.monotonic() < until:
                    call()
                    counts[what] += 1
        self.say('a second, of one caller', *(
            '{} {:.0f}'.format(what, count / TURNS / 0.5) for what, count in counts.items()))

    @staticmethod
    def read(client, metadata=()):
        client.call('GetExternalForum', name='externalForums/old', metadata=metadata)


if __name__ == '__main__':
    unittest.main(verbosity=2)
