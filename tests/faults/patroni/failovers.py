"""Two replicas of membership on three nodes of PostgreSQL under Patroni, whose primary is switched
over, killed and frozen under callers and watchers.

Nothing acknowledged is lost, no change is missed or comes twice. Prints the counts and how long
there were no writes, which is Patroni's choice above all: it believes in a leader for 20 s.
"""

import time
import unittest

import process
import suite
from cluster import Cluster
from loads import Loads
from replicas import Replicas

MAX_WITHOUT_WRITES = 60
FROZEN = 32  # seconds: longer than Patroni believes in a leader


class Failovers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cluster = Cluster()
        cls.addClassCleanup(cls.cluster.remove)
        cls.cluster.start()
        cls.cluster.query('CREATE DATABASE bali TEMPLATE template0')
        cls.replicas = Replicas({'membership': cls.cluster.url('bali')})
        cls.addClassCleanup(cls.replicas.close)

    def under_fault(self, name, fault):
        """`fault` is given the primary; once it is over all nodes must come together again."""
        self.cluster.await_whole()
        with Loads(self.replicas, callers=12, watchers=6) as loads:
            time.sleep(2)
            began = time.monotonic()
            fault(self.cluster.leader())
            self.cluster.await_whole()
            loads.await_writes(MAX_WITHOUT_WRITES)
            without = loads.longest_gap(began, time.monotonic())
            time.sleep(2)
        loads.settle(self, name, 'without writes for {:.1f} s'.format(without))
        self.assertLess(without, MAX_WITHOUT_WRITES)

    def await_other_leader(self, old):
        process.wait_for(lambda: self.cluster.leader(without=(old.name,)), 'another is the leader',
                         MAX_WITHOUT_WRITES)

    def test_1_switched_over(self):
        self.under_fault('switched over', lambda _: self.cluster.switch_over())

    def test_2_killed(self):
        def kill(primary):
            primary.kill()
            self.await_other_leader(primary)
            primary.start()

        self.under_fault('primary killed', kill)

    def test_3_frozen(self):
        def freeze(primary):
            primary.freeze()
            frozen = time.monotonic()
            self.await_other_leader(primary)
            time.sleep(max(0.0, frozen + FROZEN - time.monotonic()))
            primary.thaw()

        self.under_fault('primary frozen for {} s'.format(FROZEN), freeze)


if __name__ == '__main__':
    suite.main()
