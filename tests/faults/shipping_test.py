"""All three services on SQLite ship what changes (--ship_changes) while 18 callers write, and are
killed; they are restored to moments of before.

What was restored is a prefix of what happened, with everything that was acknowledged by the moment,
documents and kept replies too, and `balictl verify` finds it sound. At the end of what a killed
service has shipped, the last moments may be missing: that is told. BALI_FAULT_SECONDS is how long
callers write.
"""

import datetime
import os
import re
import shutil
import sys
import tempfile
import time
import unittest

import load
import mutators
import process
import restored
import suite
from operators import Operators
from trio import NAMES, Trio

SECONDS = min(30.0, float(os.environ.get('BALI_FAULT_SECONDS', '1')))
LONGEST_END = 10  # seconds that may be missing: one, and what a busy machine takes


def setUpModule():
    global TRIO, FOLDER
    FOLDER = tempfile.mkdtemp(prefix='bali-shipped-')
    unittest.addModuleCleanup(shutil.rmtree, FOLDER, ignore_errors=True)
    TRIO = unittest.enterModuleContext(Trio(flags={
        name: ['--ship_changes', FOLDER, '--admin_listen', '127.0.0.1:0'] for name in NAMES}))
    mutators.set_up(TRIO)


def in_utc(moment):
    return datetime.datetime.fromtimestamp(moment, datetime.timezone.utc).strftime(
        '%Y-%m-%dT%H:%M:%S.%fZ')


def from_utc(text):
    return datetime.datetime.strptime(text, '%Y-%m-%dT%H:%M:%S.%f%z').timestamp()


def balictl(*arguments):
    return process.run('balictl', *arguments, environment={
        'BALI_PLAINTEXT': '1', 'BALI_TOKEN': TRIO.identities.token('OPERATOR')}, timeout=120)


def await_shipped(service):
    process.wait_for(lambda: Operators(service).metrics()['bali_store_shipping_lag_seconds'] == 0,
                     'all is shipped', 60)


def restore(name, moment):
    """Sets the service back. The moment in fact: that before the end of what was shipped."""
    service = getattr(TRIO, name)
    TRIO.close_clients()
    service.stop()
    for file in service.store_files():
        os.remove(file)

    def until(text):
        return balictl('restore', FOLDER, '--service', name, '--until', text,
                       '--store', service.store)
    result = until(in_utc(moment))
    ends = re.search('nothing was shipped between (\\S+) and', result.stderr)
    if ends:
        result = until(ends.group(1))
        moment = from_utc(ends.group(1))
    if result.returncode != 0:
        raise RuntimeError(result.stderr)
    service.start()
    return moment


class Shipping(unittest.TestCase):
    def test_under_callers(self):
        for service in TRIO.services():
            await_shipped(service)
        loads = [load.Load(TRIO, kind, seed, mark=time.time)
                 for seed, kind in enumerate(mutators.MUTATORS)]
        moments = []
        with load.all_of(loads):
            for _ in range(2):
                time.sleep(SECONDS)  # as long as they write before
                moments.append(time.time())
                for one in loads:
                    one.await_operations(30)
            moments.append(time.time())
            for service in TRIO.services():
                service.kill()
        for service in TRIO.services():
            service.start()
        TRIO.await_serving()
        logs = {}
        for one in loads:
            figures = one.account()
            self.assertEqual(one.problems[:5], [])
            self.assertEqual(figures.lost, 0)
            logs[one.service] = restored.log_of(TRIO.client(one.service), one.service)
        for service in TRIO.services():
            await_shipped(service)  # or the end of what was killed isn't known
        for moment in moments:
            reached = {name: restore(name, moment) for name in NAMES}
            TRIO.await_serving()
            for one in loads:
                with self.subTest(service=one.service, moment=moments.index(moment)):
                    self.judge(one, moment, reached[one.service], logs[one.service])
            result = balictl('verify', *(flag for name in NAMES for flag in (
                '--server', getattr(TRIO, name).address)))
            self.assertEqual(result.returncode, 0, result.stdout + result.stderr)

    def judge(self, one, moment, reached, log):
        print('{}: {} acknowledged by then, {} changes at the end, {:.2f} s before the moment'.format(
            one.service, len(restored.acknowledged_by(one, reached)), len(log),
            moment - reached), file=sys.stderr)
        self.assertLess(moment - reached, LONGEST_END)
        self.assertGreater(len(restored.acknowledged_by(one, reached)), 0)
        self.assertEqual(list(restored.problems(
            one, reached, TRIO.client(one.service), log))[:5], [])

    def test_kept_replies_are_restored(self):
        request = {'external_forum_id': 'kept', 'external_forum': {'display_name': 'A forum'},
                   'request_id': 'b5b3f8d6-4f05-4f0a-9c1e-6d1c0a3f7d22'}
        etag = TRIO.client('membership').call('CreateExternalForum', **request).etag
        await_shipped(TRIO.membership)
        restore('membership', time.time())
        self.assertEqual(TRIO.client('membership').call('CreateExternalForum', **request).etag,
                         etag)

    def test_what_is_missing_is_named(self):
        # Two segments at least: of the last one nothing tells that it is missing.
        for forum in ('first', 'second'):
            TRIO.client('membership').call('CreateExternalForum', external_forum_id=forum,
                                           external_forum={'display_name': 'A forum'})
            await_shipped(TRIO.membership)
        TRIO.close_clients()
        TRIO.membership.stop()
        self.addCleanup(TRIO.membership.start)
        chain = max(name for name in os.listdir(FOLDER) if name.startswith('membership-'))
        segments = sorted(name for name in os.listdir(os.path.join(FOLDER, chain))
                          if name.endswith('.segment'))
        os.remove(os.path.join(FOLDER, chain, segments[0]))
        store = os.path.join(FOLDER, 'restored.db')
        result = balictl('restore', FOLDER, '--service', 'membership', '--store', store)
        self.assertEqual(result.returncode, 1)
        self.assertIn('{}/{} is missing'.format(chain, segments[0]), result.stderr)
        self.assertFalse(os.path.exists(store))


if __name__ == '__main__':
    suite.main()
