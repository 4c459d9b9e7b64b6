"""Backups of all three services on SQLite while 18 callers write, restored into fresh stores.

What was restored is a prefix of what happened, with everything that was acknowledged before the
backup began; tokens of what came behind it are refused; and `balictl verify` finds the stores sound,
and a row that was changed by hand. BALI_FAULT_SECONDS is how long callers write before a backup.
"""

import glob
import os
import shutil
import sqlite3
import sys
import time
import unittest

import load
import mutators
import process
import restored
import suite
from trio import NAMES, Trio

SECONDS = min(30.0, float(os.environ.get('BALI_FAULT_SECONDS', '1')))


def setUpModule():
    global TRIO
    TRIO = unittest.enterModuleContext(Trio())
    mutators.set_up(TRIO)


def servers(names=NAMES):
    return [flag for name in names for flag in ('--server', getattr(TRIO, name).address)]


def balictl(*arguments, role='OPERATOR'):
    return process.run('balictl', *arguments, environment={
        'BALI_PLAINTEXT': '1', 'BALI_TOKEN': TRIO.identities.token(role)}, timeout=120)


def restart(service, between):
    """A service, with something done to its files while it is stopped."""
    TRIO.close_clients()
    service.stop()
    between(service)
    service.start()


def restore(service, backup):
    """Makes a backup the service's store; what was the store is gone."""
    def put(one):
        for name in one.store_files():
            os.remove(name)
        result = balictl('restore', backup, '--store', one.store)
        if result.returncode != 0:
            raise RuntimeError(result.stderr)
    restart(service, put)


class Backups(unittest.TestCase):
    def setUp(self):
        self.directory = os.path.join(TRIO.directory, 'backups')
        self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)

    def back_up(self, *flags):
        """The paths of the newest backups, by service."""
        result = balictl('backup', self.directory, *servers(), *flags)
        self.assertEqual(result.returncode, 0, result.stderr)
        return {name: max(glob.glob('{}/{}-*.db'.format(self.directory, name))) for name in NAMES}

    def verify(self, *names):
        return balictl('verify', *servers(names))

    def test_under_callers(self):
        loads = [load.Load(TRIO, kind, seed, mark=time.monotonic)
                 for seed, kind in enumerate(mutators.MUTATORS)]
        with load.all_of(loads):
            time.sleep(SECONDS)  # as long as they write before
            began = time.monotonic()
            backups = self.back_up()
            took = time.monotonic() - began
            for one in loads:
                one.await_operations(30)
        logs = {}
        for one in loads:
            figures = one.account()
            self.assertEqual(one.problems[:5], [])
            self.assertEqual(figures.lost, 0)
            logs[one.service] = restored.log_of(TRIO.client(one.service), one.service)
        for one in loads:
            restore(getattr(TRIO, one.service), backups[one.service])
        TRIO.await_serving()
        for one in loads:
            with self.subTest(service=one.service):
                self.judge(one, began, took, logs[one.service])
        result = self.verify(*NAMES)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)

    def judge(self, one, began, took, log):
        """What was restored of a service, of which callers knew `log` when it was stopped."""
        client = TRIO.client(one.service)
        found = restored.log_of(client, one.service)
        acknowledged = restored.acknowledged_by(one, began)
        print('{}: backup in {:.2f} s of all services; {} acknowledged before it, {} changes at '
              'the end, {} restored'.format(one.service, took, len(acknowledged), len(log),
                                            len(found)), file=sys.stderr)
        self.assertLess(len(found), len(log))
        self.assertGreater(len(acknowledged), 0)
        self.assertEqual(list(restored.problems(one, began, client, log))[:5], [])

    def test_old_ones_are_removed(self):
        for number in range(3):
            time.sleep(1.1 if number else 0)  # they are named by the second
            self.back_up('--keep', '2')
        for name in NAMES:
            self.assertEqual(len(glob.glob('{}/{}-*.db'.format(self.directory, name))), 2)
            self.assertEqual(len(glob.glob('{}/{}-*.json'.format(self.directory, name))), 2)
        self.assertEqual(glob.glob(self.directory + '/*.part'), [])
        self.assertEqual({os.stat(file).st_mode & 0o777
                          for file in glob.glob(self.directory + '/*')}, {0o600})

    def test_is_for_operators(self):
        for command in (['backup', self.directory], ['verify']):
            for role in ('SECRETARIAT', 'MEMBER', 'OBSERVER'):
                result = balictl(*command, *servers(['membership']), role=role)
                self.assertEqual(result.returncode, 1)
                self.assertIn('ACCESS_DENIED', result.stderr)
        self.assertEqual(os.listdir(self.directory), [])

    def test_a_row_that_was_changed_by_hand_is_found(self):
        by_hand = {'column': "UPDATE members SET display_name = 'x' WHERE name = 'members/{}'",
                   'record': "UPDATE members SET message = x'' WHERE name = 'members/{}'"}
        service = TRIO.membership
        member = mutators.MEMBERS[0]
        backup = self.back_up()['membership']
        for what, sql in by_hand.items():
            with self.subTest(what):
                def change(one):
                    with sqlite3.connect(one.store) as store:
                        store.execute(sql.format(member))
                    store.close()
                restart(service, change)
                result = self.verify('membership')
                self.assertEqual(result.returncode, 1)
                self.assertIn('members/{}: {}'.format(
                    member, 'COLUMNS display_name' if what == 'column' else 'RECORD'),
                    result.stdout)
                restore(service, backup)
                self.assertEqual(self.verify('membership').returncode, 0)

    def test_a_copy_has_the_same_hashes(self):
        backup = self.back_up()['membership']
        copy = process.Process('membership', TRIO.directory, [
            '--store', os.path.join(TRIO.directory, 'copy.db'), '--jwks', TRIO.identities.jwks],
            'copy')
        result = balictl('restore', backup, '--store', os.path.join(TRIO.directory, 'copy.db'))
        self.assertEqual(result.returncode, 0, result.stderr)
        copy.start()
        self.addCleanup(copy.kill)
        compare = ['verify', *servers(['membership']), '--against', copy.address]
        result = balictl(*compare)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        client = TRIO.client('membership')
        client.call('CreateExternalForum', external_forum_id='only-here',
                    request_id='00000000-0000-4000-8000-000000000001',
                    external_forum={'display_name': 'Only here'})
        result = balictl(*compare)
        self.assertEqual(result.returncode, 1)
        self.assertIn('baliprocess.net/ExternalForum: the records of ' + copy.address,
                      result.stdout)


if __name__ == '__main__':
    suite.main()
