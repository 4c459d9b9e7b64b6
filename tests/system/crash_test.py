"""SIGKILL of the membership service at random moments under writers, on one SQLite store.

Every acknowledged mutation is there afterwards, none is half there: row, change record and replay
record agree. One that wasn't acknowledged is there wholly or not at all.

BALI_SEED repeats a run's random choices, as far as the machine's timing lets it; BALI_KILLS says
how many there are.
"""

import collections
import os
import random
import tempfile
import time
import unittest
from concurrent import futures

import suite
import contract
import crash_store
import process
from crash_writers import ORGANISATIONS, Rounds, Writer

WRITERS = 16
KILLS = int(os.environ.get('BALI_KILLS', '50'))
SEED = int(os.environ.get('BALI_SEED', random.randrange(1 << 32)))
REPEATED = 2000


class CrashTest(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory(prefix='bali-crash-')
        identities = suite.identities()
        self.token = identities.token('SECRETARIAT')
        self.store = os.path.join(self.directory.name, 'membership.db')
        # A unix socket: no ports to be taken by somebody else while the service is down.
        self.service = process.Process(
            'membership', self.directory.name,
            ['--store', self.store, '--jwks', identities.jwks, '--log_level', 'warn'],
            address='unix:' + os.path.join(self.directory.name, 'membership.sock'))
        self.random = random.Random(SEED)
        self.rounds = Rounds()
        self.addCleanup(self.clean_up)

    def clean_up(self):
        self.rounds.finish()
        self.service.kill()
        self.directory.cleanup()

    def test_acknowledged_means_durable_and_whole(self):
        print('seed {}, {} writers, {} kills'.format(SEED, WRITERS, KILLS), flush=True)
        mutations = self.write_and_kill()
        store = crash_store.Store(self.store)
        self.assertEqual(store.integrity, [('ok',)])
        self.check_store(store, mutations)
        self.service.start()
        self.client = self.service.plain_client(self.token)
        self.check_reads(store)
        self.check_repeats(store, mutations)
        self.service.kill()
        after = crash_store.Store(self.store)
        self.assertEqual(after.integrity, [('ok',)])
        self.check_store(after, mutations)

    def write_and_kill(self):
        writers = [Writer(i, SEED, self.service.address, self.token, self.rounds)
                   for i in range(WRITERS)]
        self.service.start()
        self.set_up(writers)
        for writer in writers:
            writer.start()
        begun = time.monotonic()
        for kill in range(KILLS):
            if kill > 0:
                self.restart()
            self.rounds.begin()
            time.sleep(self.random.uniform(0, 0.5))  # the random moment
            self.service.kill()
        duration = time.monotonic() - begun
        self.rounds.finish()
        for writer in writers:
            writer.join()
            self.assertEqual(writer.unexpected, [])
        mutations = [mutation for writer in writers for mutation in writer.mutations]
        acknowledged = sum(mutation.acknowledged for mutation in mutations)
        print('{} mutations, {} acknowledged, {:.1f} s'.format(len(mutations), acknowledged,
                                                              duration), flush=True)
        self.assertGreater(acknowledged, 10 * KILLS)
        self.assertLess(acknowledged, len(mutations))
        return mutations

    def restart(self):
        """Starts it again; now and then it is killed while it starts."""
        while self.random.random() < 0.1:
            self.service.start(wait=False)
            time.sleep(self.random.uniform(0, 0.1))
            self.service.kill()
        self.service.start()

    def set_up(self, writers):
        client = self.service.plain_client(self.token)
        for member in ORGANISATIONS:
            client.call('CreateMember', member_id=member, member={
                'kind': 'ORGANISATION', 'category': 'FULL_MEMBER', 'display_name': member})
        for writer in writers:
            writer.set_up(client)
        client.close()

    def check_store(self, store, mutations):
        """Replay records, change records and rows of every mutation agree."""
        there = collections.Counter()
        effects = 0
        for mutation in mutations:
            found = [(change.kind, change.resource, change.after.etag)
                     for change in store.effects_of(mutation)]
            effects += len(found)
            replay = store.replays.get(mutation.request_id)
            there[mutation.acknowledged, replay is not None] += 1
            if replay is None:
                self.assertFalse(mutation.acknowledged,
                                 'an acknowledged mutation is lost: {}'.format(mutation.request))
                self.assertEqual(found, [], 'without a replay record: {}'.format(mutation.request))
                continue
            self.assertEqual(replay[0], mutation.method)
            reply = self.reply_type(mutation).FromString(replay[1])
            self.assertEqual(found, crash_store.expected_effects(mutation, reply))
            if mutation.acknowledged:
                self.assertEqual(reply, mutation.reply)
        self.assertEqual(effects, len(store.changes), 'changes that nobody asked for')
        self.assertEqual(len(store.replays), there[True, True] + there[False, True])
        self.assertEqual(store.chain_breaks(), [])
        print('acknowledged and there: {}; not acknowledged: {} wholly there, {} not at all'.format(
            there[True, True], there[False, True], there[False, False]), flush=True)

    @staticmethod
    def reply_type(mutation):
        return contract.class_of(contract.methods()[mutation.method].output_type)

    def check_reads(self, store):
        """The service tells what the file holds."""
        by_collection = collections.defaultdict(list)
        for name in sorted(store.rows):
            by_collection[name.split('/')[-2]].append(name)
        for collection, method in (('externalForums', 'BatchGetExternalForums'),
                                   ('seats', 'BatchGetSeats')):
            names = by_collection[collection]
            for first in range(0, len(names), 1000):
                page = names[first:first + 1000]
                reply = self.client.call(method, names=page)
                got = list(reply.seats if collection == 'seats' else reply.external_forums)
                self.assertEqual(got, [store.rows[name] for name in page])
        changes = [change for change in self.client.changes() if change.type in crash_store.TYPES]
        self.assertEqual(
            [(change.kind, change.resource, contract.unpack(change.after)) for change in changes],
            [(change.kind, change.resource, change.after) for change in store.changes])

    def check_repeats(self, store, mutations):
        """A request sent again has the reply of the first time, and no second effect."""
        sample = self.random.sample(mutations, min(REPEATED, len(mutations)))
        sample += [mutation for mutation in mutations if not mutation.acknowledged]
        with futures.ThreadPoolExecutor(8) as pool:
            replies = list(pool.map(self.repeat, sample))
        for mutation, (first, second) in zip(sample, replies):
            self.assertEqual(first, second)
            if mutation.request_id in store.replays:
                self.assertEqual(first, self.reply_type(mutation).FromString(
                    store.replays[mutation.request_id][1]))
            mutation.reply = first

    def repeat(self, mutation):
        return (self.client.call(mutation.method, mutation.request),
                self.client.call(mutation.method, mutation.request))


if __name__ == '__main__':
    suite.main()
