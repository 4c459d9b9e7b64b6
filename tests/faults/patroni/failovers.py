"""Two replicas of membership on three nodes of PostgreSQL under Patroni, whose primary is switched
over, killed and frozen under callers and watchers, and whose etcd is away. Roles and databases are made
by the commands of docs/operate/patroni.md.

Nothing acknowledged is lost, no change is missed or comes twice. Prints the counts and how long
there were no writes, which is Patroni's choice above all: it believes in a leader for 20 s.
"""

import os
import re
import shutil
import subprocess
import tempfile
import time
import unittest

import process
import suite
from cluster import Cluster
from loads import Loads
from replicas import Replicas

MAX_WITHOUT_WRITES = 60
FROZEN = 32  # seconds: longer than Patroni believes in a leader
AWAY = 30  # seconds without etcd: longer, too
PAGE = os.path.join(suite.ROOT, 'docs/operate/patroni.md')


def commands(section):
    """Those of a section of the page, as a text."""
    with open(PAGE, encoding='utf-8') as page:
        text = re.search('^## {}\n(.*?)(^## |\\Z)'.format(section), page.read(),
                         re.MULTILINE | re.DOTALL).group(1)
    return ''.join(re.findall('^    (.*\n)', text, re.MULTILINE))


class Failovers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cluster = Cluster()
        cls.addClassCleanup(cls.cluster.remove)
        cls.cluster.start()
        passwords = tempfile.mkdtemp(prefix='bali-passwords-')
        cls.addClassCleanup(shutil.rmtree, passwords)
        subprocess.run(['bash', '-ec', commands('Roles and databases')], cwd=passwords, check=True, timeout=60,
                       env={**os.environ, **cls.cluster.leader().place()})
        cls.replicas = Replicas(
            {'membership': cls.cluster.url('membership')},
            flags=['--store_password_file', os.path.join(passwords, 'membership.password')])
        cls.addClassCleanup(cls.replicas.close)

    def test_0_nothing_stands_open(self):
        """By the questions of hardening.md: what is wrong is yielded, what must be set is shown."""
        with open(os.path.join(suite.ROOT, 'docs/operate/hardening.md'), encoding='utf-8') as page:
            section = page.read().split('\n## PostgreSQL\n')[1]
        questions = re.findall('`((?:SELECT|SHOW) [^`]*)`', section)
        self.assertEqual(len(questions), 4)
        for question in questions:
            answer = self.cluster.query(question)
            with self.subTest(question, answer=answer):
                self.assertEqual(answer in ('', '0'), question.startswith('SELECT'))

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
        """By the page's command."""
        shown, switched = commands('Switch over').splitlines()
        listed = self.cluster.run_tool(shown)
        for role in ('Leader', 'Sync Standby', 'Replica'):
            self.assertIn(role, listed)
        self.under_fault('switched over', lambda _: self.cluster.run_tool(switched))

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

    def test_4_etcd_is_away(self):
        """The primary stays, since the other nodes say that they know it."""
        def take_away(primary):
            self.cluster.stop_etcd()
            time.sleep(AWAY)
            self.cluster.start_etcd()
            self.assertIs(process.wait_for(self.cluster.leader, 'there is a leader'), primary)

        self.under_fault('etcd away for {} s'.format(AWAY), take_away)

    def test_5_synchronous_standby_frozen(self):
        """Another standby takes its place."""
        def freeze(_):
            standby = self.cluster.synchronous_standby()
            standby.freeze()
            time.sleep(FROZEN)
            standby.thaw()

        self.under_fault('synchronous standby frozen for {} s'.format(FROZEN), freeze)


if __name__ == '__main__':
    suite.main()
