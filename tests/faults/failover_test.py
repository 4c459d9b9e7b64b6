"""A PostgreSQL that hangs or dies and its standby, under writers and watchers of membership: writes
go on at the new primary, a service ends when it is told to, and what a new primary lacks is never
passed over in silence.

Prints the counts and the seconds until writes. BALI_FAULT_SECONDS: how long what is hung stays so.
"""

import os
import sys
import time
import unittest

import process
import suite
from account import NOTHING, settle
from histories import History
from postgres import Postgres
from postgres_pair import Pair
from replicas import Replicas
from watchers import Watchers
from writers import Writers

SECONDS = max(1.0, float(os.environ.get('BALI_FAULT_SECONDS', '1')))
PROMOTED_AFTER = 0.3
MAX_WITHOUT_WRITES = 5
# Of a service that has calls which wait for a store that hangs.
DRAIN = 2
DRAIN_FLAG = ('--drain_deadline', '{}s'.format(DRAIN))
# Beyond the drain deadline: what a busy machine needs.
MARGIN = 2


class HungPrimary(unittest.TestCase):
    def setUp(self):
        self.pair = Pair()
        self.addCleanup(self.pair.remove)
        _, url = self.pair.create_database()
        self.replicas = Replicas({'membership': url})
        self.addCleanup(self.replicas.close)

    def test_another_is_promoted(self):
        with Watchers(self.replicas) as watchers:
            with Writers(self.replicas, per_service=8) as writers:
                process.wait_for(writers.acknowledged, 'writes are acknowledged')
                time.sleep(SECONDS)
                self.pair.primary.freeze()
                hung = time.monotonic()
                time.sleep(PROMOTED_AFTER)
                self.pair.standby.promote()
                promoted = time.monotonic()
                process.wait_for(lambda: writers.first_after(promoted), 'writes', 60)
                time.sleep(SECONDS)
                without = writers.longest_gap(hung, time.monotonic())
                # As operators fence it: awake, it would be a primary beside the other.
                self.pair.primary.kill()
                time.sleep(SECONDS)
            counts = settle(
                'primary hung, standby promoted', self.replicas, writers, watchers,
                'writes again {:.2f} s after the promotion'.format(
                    writers.first_after(promoted) - promoted),
                'without writes for {:.2f} s'.format(without),
                'watches ended {}'.format(watchers.ended()))
        self.assertEqual(counts, NOTHING)
        self.assertEqual(writers.refused(), [])
        self.assertLess(writers.first_after(promoted) - promoted, MAX_WITHOUT_WRITES)


class Ends(unittest.TestCase):
    """SIGTERM while the store doesn't answer."""

    def setUp(self):
        self.server = Postgres()
        self.addCleanup(self.server.remove)
        self.database, url = self.server.create_database()
        self.replicas = Replicas({'membership': url}, count=1, flags=DRAIN_FLAG)
        self.addCleanup(self.replicas.close)
        self.service, = self.replicas.of['membership']

    def end(self, what):
        began = time.monotonic()
        self.service.terminate()
        try:
            self.service.wait(20)
        finally:
            took = time.monotonic() - began
            print('{}: SIGTERM ends it in {:.2f} s'.format(what, took), file=sys.stderr)
        self.assertLess(took, DRAIN + MARGIN)

    def test_while_calls_hang(self):
        with Watchers(self.replicas), Writers(self.replicas, per_service=8) as writers:
            process.wait_for(writers.acknowledged, 'writes are acknowledged')
            self.server.freeze()
            time.sleep(0.5)  # calls and the listener wait now
            self.end('primary hung')

    def test_while_it_starts(self):
        self.service.stop()
        self.server.freeze()
        self.service.start(wait=False)
        time.sleep(0.5)
        self.end('primary hung at the start')

    def test_while_another_has_the_turn(self):
        session = self.server.session(self.database)
        self.addCleanup(session.close)
        keys = self.turn()
        self.service.stop()
        session.run('BEGIN; SELECT pg_advisory_xact_lock({})'.format(keys))
        self.service.start(wait=False)
        process.wait_for(lambda: self.server.query(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted") != '0',
                         'the service waits for its turn', 10)
        self.end('another has the turn at the start')

    def turn(self):
        """The key of the lock by which writers take turns, as one that is looked at in passing."""
        with Writers(self.replicas, per_service=8, pause=0):
            return process.wait_for(lambda: self.server.query(
                'SELECT (classid::bigint << 32) | objid::bigint FROM pg_locks '
                "WHERE locktype = 'advisory' AND objsubid = 1 LIMIT 1"), 'writers take turns')


class LossyFailover(unittest.TestCase):
    """The standby that is promoted lacks the last changes."""

    LOST = 10

    def setUp(self):
        self.pair = Pair(synchronous=False)
        self.addCleanup(self.pair.remove)
        _, url = self.pair.create_database()
        self.replicas = Replicas({'membership': url}, count=1)
        self.addCleanup(self.replicas.close)

    def fail_over(self):
        history = History(self.replicas)
        history.write(self.LOST)
        self.pair.catch_up()
        self.pair.standby.detach()
        history.write(self.LOST)
        self.pair.primary.kill()
        self.pair.standby.promote()
        return history

    def test_lossy_failover(self):
        history = self.fail_over()
        # More than was lost, so that the numbers of the lost ones are used again.
        history.diverge(self.LOST, 2 * self.LOST)
        history.judge(self, 'lossy failover')
        history.judge_standing(self)

    def test_fewer_than_were_lost(self):
        history = self.fail_over()
        history.diverge(self.LOST, self.LOST // 2)
        history.judge(self, 'lossy failover, fewer changes since')
        history.judge_standing(self)


if __name__ == '__main__':
    suite.main()
