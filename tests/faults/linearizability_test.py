"""The checker of histories: right ones pass, each kind of wrong one doesn't, and it is fast."""

import random
import time
import unittest

import linearizability as lin
from linearizability import DELETED, EXISTS, LIVE, MISSING, NOT_DELETED, OK, STALE, UNKNOWN

NAME = 'externalForums/a'
MANY = 50_000
SECONDS = 20  # for MANY operations; the rest is for busy machines


def op(method, call, end, outcome=OK, resource=NAME, **more):
    """A mutation that is accepted has the etag `e` + what it wrote, unless told otherwise."""
    value = more.get('value')
    if method != 'get' and outcome == OK and 'new_etag' not in more:
        more['new_etag'] = 'e' + (value or method)
    return lin.Operation(resource, method, call, end, outcome, **more)


def get(call, end, value, **more):
    more.setdefault('new_etag', 'e' + value)
    return op('get', call, end, new_value=value, **more)


def gone(call, end):
    return op('get', call, end, MISSING)


CREATED = op('create', 0, 1, value='1')


class Histories(unittest.TestCase):
    def right(self, *operations, **more):
        verdict = lin.check(operations, **more)
        self.assertEqual((verdict.wrong, verdict.undecided), ([], []))

    def wrong(self, *operations, **more):
        verdict = lin.check(operations, **more)
        self.assertEqual((len(verdict.wrong), verdict.undecided), (1, []))
        return verdict.wrong[0]

    def test_one_after_the_other(self):
        self.right(CREATED, get(2, 3, '1'), op('update', 4, 5, value='2', etag='e1'),
                   get(6, 7, '2'), op('delete', 8, 9, etag='e2', new_etag='d'),
                   op('get', 10, 11, kind=DELETED, new_etag='d', new_value='2'), gone(12, 13),
                   op('undelete', 14, 15, etag='d', new_etag='u'), get(16, 17, '2', new_etag='u'))

    def test_concurrent_calls_have_either_order(self):
        update = op('update', 2, 10, value='2')
        self.right(CREATED, update, get(3, 4, '1'), get(5, 6, '2'))
        self.wrong(CREATED, update, get(3, 4, '2'), get(5, 6, '1'))

    def test_a_read_before_the_first_write(self):
        self.right(gone(0, 1), op('create', 2, 3, value='1'))
        self.wrong(gone(2, 3), CREATED)

    def test_lost_create(self):
        self.wrong(CREATED, gone(2, 3))

    def test_lost_update(self):
        """Two read one version, and both are told that they have replaced it."""
        self.wrong(CREATED, op('update', 2, 5, value='2', etag='e1'),
                   op('update', 3, 6, value='3', etag='e1'))

    def test_an_acknowledged_update_that_is_gone(self):
        self.wrong(CREATED, op('update', 2, 3, value='2', etag='e1'), get(4, 5, '1'))

    def test_stale_read_behind_a_newer_one(self):
        self.wrong(CREATED, op('update', 2, 20, value='2'), get(3, 4, '2'), get(5, 6, '1'))

    def test_value_that_nobody_wrote(self):
        self.wrong(CREATED, get(2, 3, '9'))

    def test_etag_that_nobody_was_given(self):
        """As when a call took effect twice: the second time under another etag."""
        self.wrong(CREATED, op('update', 2, 3, value='2'), get(4, 5, '2', new_etag='other'))

    def test_two_creates_are_accepted(self):
        self.wrong(CREATED, op('create', 2, 3, value='2'))

    def test_two_deletes_are_accepted(self):
        self.wrong(CREATED, op('delete', 2, 3, new_etag='d'), op('delete', 4, 5, new_etag='f'))

    def test_resurrected(self):
        deleted = op('delete', 2, 3, etag='e1', new_etag='d')
        self.right(CREATED, deleted, op('update', 4, 5, MISSING, value='2'))
        self.wrong(CREATED, deleted, get(4, 5, '1'))
        self.wrong(CREATED, deleted, op('update', 4, 5, value='2'))
        self.wrong(CREATED, deleted, op('create', 4, 5, value='2'))

    def test_undeleted_with_another_content(self):
        self.wrong(CREATED, op('delete', 2, 3, new_etag='d'), op('undelete', 4, 5, new_etag='u'),
                   get(6, 7, '2', new_etag='u'))

    def test_refusals_say_what_is_there(self):
        self.right(CREATED, op('create', 2, 3, EXISTS, value='2'),
                   op('update', 4, 5, STALE, value='2', etag='e0'),
                   op('undelete', 6, 7, NOT_DELETED))
        for refused in (op('create', 2, 3, EXISTS), op('update', 2, 3, STALE, etag='e0'),
                        op('undelete', 2, 3, NOT_DELETED)):
            self.wrong(gone(0, 1), refused)
        self.wrong(CREATED, op('update', 2, 3, MISSING, value='2'))
        self.wrong(CREATED, op('update', 2, 3, STALE, value='2', etag='e1'))

    def test_a_refused_write_is_not_seen(self):
        self.wrong(CREATED, op('update', 2, 3, STALE, value='2', etag='e0'), get(4, 5, '2'))

    def test_a_lost_reply_explains_what_is_seen(self):
        lost = op('update', 2, 3, UNKNOWN, value='2', etag='e1')
        self.right(CREATED, lost, get(4, 5, '2', new_etag='x'))
        self.right(CREATED, lost, get(4, 5, '1'))
        self.right(CREATED, lost, get(4, 5, '1'), get(6, 7, '2', new_etag='x'))
        self.right(CREATED, lost, op('update', 4, 5, STALE, value='3', etag='e1'))

    def test_a_lost_reply_does_not_explain_everything(self):
        lost = op('update', 2, 3, UNKNOWN, value='2', etag='e1')
        seen = get(4, 5, '2', new_etag='x')
        # It took effect once.
        self.wrong(CREATED, lost, seen, op('update', 6, 7, value='3', etag='x'),
                   get(8, 9, '2', new_etag='x'))
        # Nor had it two etags.
        self.wrong(CREATED, lost, seen, get(6, 7, '2', new_etag='y'))
        # Nor before it was called.
        self.wrong(CREATED, get(2, 3, '2', new_etag='x'),
                   op('update', 4, 5, UNKNOWN, value='2', etag='e1'))
        # Nor on a version that it didn't ask for.
        self.wrong(CREATED, op('update', 2, 3, value='3'), lost, get(4, 5, '2', new_etag='x'))
        # It doesn't make another write undone.
        self.wrong(CREATED, lost, op('update', 4, 5, value='3', etag='e1'), seen,
                   get(10, 11, '2', new_etag='x'))

    def test_lost_creates_and_deletes(self):
        self.right(op('create', 0, 1, UNKNOWN, value='1'), gone(2, 3), get(4, 5, '1'))
        self.right(CREATED, op('delete', 2, 3, UNKNOWN), get(4, 5, '1'), gone(6, 7))
        self.wrong(CREATED, op('delete', 2, 3, UNKNOWN), gone(4, 5), get(6, 7, '1'))

    def test_a_lost_reply_that_comes_late(self):
        """Many unknown ones, of which the last took effect first."""
        lost = [op('update', 2 + i, 3 + i, UNKNOWN, value=str(i + 2)) for i in range(10)]
        reads = [get(100 - 2 * i, 101 - 2 * i, str(i + 2), new_etag='x' + str(i))
                 for i in range(10)]
        self.right(CREATED, *lost, *reads)
        again = get(200, 201, '5', new_etag='x3')
        self.wrong(CREATED, *lost, *reads, again)

    def test_a_mutation_whose_content_the_reply_tells(self):
        broken = op('update', 2, 3, new_value='one break', new_etag='b')
        self.right(CREATED, broken, get(4, 5, 'one break', new_etag='b'))
        self.wrong(CREATED, broken, get(4, 5, 'two breaks', new_etag='b'))
        self.right(CREATED, op('update', 2, 3, UNKNOWN), get(4, 5, 'one break', new_etag='b'))

    def test_what_was_there_before(self):
        before = {NAME: (LIVE, 'e0', '0')}
        self.right(get(0, 1, '0'), initial=before)
        self.wrong(CREATED, initial=before)

    def test_resources_by_themselves(self):
        others = [op('create', 0, 1, value='1', resource='externalForums/b'),
                  op('get', 2, 3, MISSING, resource='externalForums/c')]
        self.right(CREATED, *others)
        why = self.wrong(CREATED, gone(2, 3), *others)
        self.assertIn(NAME, why)

    def test_bounds(self):
        """What can't be decided in so many steps is told, and isn't called right."""
        lost = [op('update', 2, 3, UNKNOWN, value=str(i)) for i in range(12)]
        verdict = lin.check([CREATED, *lost, get(4, 5, 'nothing')], steps=5)
        self.assertEqual((verdict.wrong, verdict.undecided), ([], [NAME]))


class Simulated:
    """Callers of a store that does one call at a time, at a moment between call and reply."""

    def __init__(self, seed, resources, callers):
        self._random = random.Random(seed)
        self._resources = resources
        self._states = {}
        self._free = [0.0] * callers  # when each caller is free
        self._now = 0.0
        self._count = 0
        self.history = []

    def run(self, count):
        """Effects come in the order of `_now`; replies as late as they like."""
        for _ in range(count):
            self._now += self._random.random()
            caller = min(range(len(self._free)), key=self._free.__getitem__)
            call = max(self._free[caller], self._now - 5 * self._random.random())
            self._now = max(self._now, call)
            end = self._now + 5 * self._random.random()
            self._free[caller] = end
            name = 'resources/{}'.format(self._random.randrange(self._resources))
            self.history.append(self._call(name, call, end))
        return self.history

    def _call(self, name, call, end):
        state = self._states.get(name, lin.NOTHING)
        self._count += 1
        value = str(self._count)
        choice = self._random.random()
        if choice < 0.3:
            if state[0] == lin.ABSENT:
                return op('get', call, end, MISSING, resource=name)
            return op('get', call, end, resource=name, kind=state[0], new_etag=state[1],
                      new_value=state[2])
        method = 'create' if state[0] == lin.ABSENT else \
            'undelete' if state[0] == DELETED else 'update' if choice < 0.9 else 'delete'
        etag = state[1] if choice < 0.6 else None
        made = op(method, call, end, resource=name, etag=etag, new_etag='e' + value,
                  value=value if method in ('create', 'update') else None)
        self._states[name] = lin.step(state, made)
        if choice > 0.87:
            return op(method, call, end, UNKNOWN, resource=name, etag=etag, value=made.value)
        return made


def has_order(operations, state=lin.NOTHING):
    """The same question, answered by trying all orders."""
    waiting = [one for one in operations if one.outcome != UNKNOWN]
    if not waiting:
        return True
    end = min(one.end for one in waiting)
    for one in operations:
        after = lin.step(state, one) if one.call <= end else None
        if after and has_order([other for other in operations if other is not one], after):
            return True
    return False


class AgainstAllOrders(unittest.TestCase):
    def test_small_histories(self):
        """Whatever callers may have been told, right or wrong: the search and the trial agree."""
        chance = random.Random(4)
        right = 0
        for _ in range(4000):
            history = [self.some(chance) for _ in range(chance.randint(2, 6))]
            verdict = lin.check(history)
            self.assertEqual(verdict.undecided, [])
            expected = has_order(history)
            right += expected
            self.assertEqual(not verdict.wrong, expected, history)
        self.assertGreater(right, 400)
        self.assertGreater(4000 - right, 400)

    @staticmethod
    def some(chance):
        method = chance.choice(['create', 'create', 'update', 'delete', 'undelete', 'get', 'get'])
        outcome = chance.choice([OK, OK, OK, UNKNOWN] + {
            'create': [EXISTS], 'undelete': [NOT_DELETED], 'get': [MISSING]}.get(
                method, [STALE, MISSING]))
        call = chance.randrange(10)
        told = chance.choice('12')
        more = {'new_etag': 'e' + told} if outcome == OK else {}
        if method == 'get':
            more['new_value'] = told
        elif method in ('create', 'update'):
            more['value'] = told
        if method in ('update', 'delete') and (outcome == STALE or chance.random() < 0.5):
            more['etag'] = 'e' + chance.choice('12')
        return op(method, call, call + chance.randrange(1, 6), outcome, **more)


class Large(unittest.TestCase):
    def check(self, history):
        begun = time.monotonic()
        verdict = lin.check(history)
        took = time.monotonic() - begun
        print('{} operations on {} resources: {:.1f} s'.format(
            verdict.operations, verdict.resources, took), flush=True)
        self.assertLess(took, SECONDS)
        return verdict

    def test_many_resources(self):
        verdict = self.check(Simulated(1, 3000, 64).run(MANY))
        self.assertEqual((verdict.wrong, verdict.undecided), ([], []))

    def test_few_resources(self):
        verdict = self.check(Simulated(2, 20, 16).run(MANY // 10))
        self.assertEqual((verdict.wrong, verdict.undecided), ([], []))

    def test_one_wrong_reply_among_many(self):
        history = Simulated(3, 500, 32).run(MANY // 5)
        reads = [one for one in history if one.method == 'get' and one.kind == LIVE and
                 one.outcome == OK]
        found = 0
        for read in random.Random(3).sample(reads, 20):
            kept, read.new_value = read.new_value, 'never written'
            some = [one for one in history if one.resource == read.resource]
            found += len(lin.check(some).wrong)
            read.new_value = kept
        self.assertEqual(found, 20)


if __name__ == '__main__':
    unittest.main()
