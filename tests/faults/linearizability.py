"""Whether a history of calls could have happened one call at a time, on each resource by itself.

The method is Wing and Gong's search with Lowe's memory of where the search has been, as Porcupine
has it. Histories are cut by resource first: a history is linearizable when the history of each
resource is.

    check(operations) -> Verdict

A state of a resource is (kind, etag, value): ABSENT, LIVE or DELETED. Its etag or its value is None
while nobody knows it, as behind a call whose reply was lost; the first reply that tells it fixes
it.
An operation whose reply was lost may take effect at any time after its call, or never.
"""

import collections

ABSENT, LIVE, DELETED = 'absent', 'live', 'deleted'

# What may have become of an operation. A refusal of any other kind says nothing of the resource,
# and isn't an operation.
OK = 'ok'
UNKNOWN = 'unknown'
MISSING = 'missing'  # there is no such resource, or it is deleted
EXISTS = 'exists'  # it is there, or deleted
STALE = 'stale'  # the etag isn't the resource's
NOT_DELETED = 'not deleted'

NOTHING = (ABSENT, None, None)
_NEVER = float('inf')

STEPS = 200_000  # of the search, for one resource
MEMORY = 200_000  # places remembered, for one resource


class Operation:
    """One call on one resource. `call` and `end` are of one clock that never goes back; an
    operation that ended before another was called came before it. `value` is what a mutation wrote,
    `etag` the one it asked for. Of a reply: `kind` (of a get: LIVE or DELETED), `new_etag` and
    `new_value`."""

    __slots__ = ('resource', 'method', 'call', 'end', 'outcome', 'etag', 'value', 'kind',
                 'new_etag', 'new_value', 'mark')

    def __init__(self, resource, method, call, end, outcome, etag=None, value=None, kind=LIVE,
                 new_etag=None, new_value=None, mark=None):
        self.resource = resource
        self.method = method  # create, update, delete, undelete or get
        self.call = call
        self.end = _NEVER if outcome == UNKNOWN else end
        self.outcome = outcome
        self.etag = etag
        self.value = value
        self.kind = kind
        self.new_etag = new_etag
        self.new_value = new_value
        self.mark = mark  # the recorder's, of no meaning here

    def __repr__(self):
        told = {name: getattr(self, name) for name in ('etag', 'value', 'new_etag', 'new_value')
                if getattr(self, name) is not None}
        return '{} {} [{}, {}] {} {}'.format(self.method, self.resource, self.call, self.end,
                                             self.outcome, told)


# `wrong` are texts, one for each resource whose history isn't linearizable. `undecided` are the
# resources for which the search was given up at its bounds.
Verdict = collections.namedtuple('Verdict', 'operations resources wrong undecided')


def step(state, operation):
    """The state behind an operation, or None when it can't have had this outcome in `state`."""
    return _STEPS[operation.method](state, operation)


def _agree(known, told):
    """What is known when a reply tells `told`; whether the two go together."""
    if known is None or told is None or known == told:
        return True, known if told is None else told
    return False, None


def _written(operation, kind, value):
    """The state that a mutation left; what an accepted one left, its reply says."""
    agrees, value = _agree(value, operation.new_value)
    return (kind, operation.new_etag, value) if agrees else None


def _refused(state, operation):
    """What refusals say of the state, which they leave as it is."""
    kind, etag, _ = state
    fits = {MISSING: kind != LIVE, EXISTS: kind != ABSENT, NOT_DELETED: kind == LIVE,
            STALE: kind != ABSENT and operation.etag is not None and etag != operation.etag}
    return state if fits.get(operation.outcome, False) else None


def _is_accepted(operation):
    return operation.outcome in (OK, UNKNOWN)


def _create(state, operation):
    if not _is_accepted(operation):
        return _refused(state, operation)
    return _written(operation, LIVE, operation.value) if state[0] == ABSENT else None


def _change(kind_before, kind_after):
    def change(state, operation):
        if not _is_accepted(operation):
            return _refused(state, operation)
        kind, etag, value = state
        if kind != kind_before or (operation.etag and not _agree(etag, operation.etag)[0]):
            return None
        if operation.method == 'update':
            value = operation.value
        return _written(operation, kind_after, value)
    return change


def _get(state, operation):
    if not _is_accepted(operation):
        return _refused(state, operation)
    kind, etag, value = state
    if kind != operation.kind:
        return None
    etag_agrees, etag = _agree(etag, operation.new_etag)
    value_agrees, value = _agree(value, operation.new_value)
    return (kind, etag, value) if etag_agrees and value_agrees else None


_STEPS = {'create': _create, 'update': _change(LIVE, LIVE), 'delete': _change(LIVE, DELETED),
          'undelete': _change(DELETED, LIVE), 'get': _get}


class _Search:
    """The search through the orders of one resource's operations.

    Where it stands is (first, done, used, state): operations before `first` have been placed, and
    so have those of the bits in `done`, counted from `first`; `used` are the bits of the unknown
    ones that took effect."""

    def __init__(self, operations, initial, steps, memory):
        self._known = sorted((one for one in operations if one.outcome != UNKNOWN),
                             key=lambda one: (one.call, one.end))
        # A get whose reply was lost says nothing.
        self._unknown = [one for one in operations
                         if one.outcome == UNKNOWN and one.method != 'get']
        self._initial = initial
        self._steps = steps
        self._memory = memory
        self._furthest = (-1, None)

    def run(self):
        """None when there is an order; else a text. Raises OverflowError at the bounds."""
        stack = [self._settled(0, 0, 0, self._initial)]
        seen = {}
        self._is_new(stack[0], seen)
        while stack:
            place = stack.pop()
            if place[0] == len(self._known):
                return None
            for following in self._following(*place):
                if self._is_new(following, seen):
                    stack.append(following)
        return self._why()

    def _is_new(self, place, seen):
        """Whether the search hasn't been there; nor there with fewer of the unknown ones used, from
        where all can be reached that can be reached from here."""
        first, done, used, state = place
        been = seen.setdefault((first, done, state), [])
        self._steps -= 1 + len(been)
        if self._steps < 0 or len(seen) > self._memory:
            raise OverflowError
        if any(fewer & used == fewer for fewer in been):
            return False
        been.append(used)
        return True

    def _candidates(self, first, done):
        """Operations that may be the next one, and the time before which it must have been
        called: the first end of those that wait."""
        end = _NEVER
        found = []
        for index in range(first, len(self._known)):
            operation = self._known[index]
            if operation.call > end:
                break
            if not done >> (index - first) & 1:
                end = min(end, operation.end)
                found.append(index)
        return [index for index in found if self._known[index].call <= end], end

    def _settled(self, first, done, used, state):
        """Goes past all that leaves the state as it is: nothing is lost by placing it at once."""
        while True:
            candidates, _ = self._candidates(first, done)
            same = [index for index in candidates if step(state, self._known[index]) == state and
                    self._known[index].method != 'update']
            if not same:
                break
            for index in same:
                done |= 1 << (index - first)
            first, done = _trimmed(first, done)
        self._note(first, done, state)
        return first, done, used, state

    def _following(self, first, done, used, state):
        """Places one step further; the likeliest last, as the stack takes that one first."""
        candidates, end = self._candidates(first, done)
        for number, operation in enumerate(self._unknown):
            if not used >> number & 1 and operation.call <= end:
                after = step(state, operation)
                if after is not None:
                    yield self._settled(first, done, used | 1 << number, after)
        for index in sorted(candidates, key=lambda index: -self._known[index].end):
            after = step(state, self._known[index])
            if after is not None:
                yield self._settled(*_trimmed(first, done | 1 << (index - first)), used, after)

    def _note(self, first, done, state):
        placed = first + bin(done).count('1')
        if placed > self._furthest[0]:
            self._furthest = (placed, (first, done, state))

    def _why(self):
        placed, (first, done, state) = self._furthest
        candidates, _ = self._candidates(first, done)
        return '{}: {} of {} placed, then {} and none of {}'.format(
            self._known[0].resource, placed, len(self._known), state,
            [self._known[index] for index in candidates[:5]])


def _trimmed(first, done):
    """The same place, with `first` as far as it goes."""
    while done & 1:
        first += 1
        done >>= 1
    return first, done


def check(operations, initial=None, steps=STEPS, memory=MEMORY):
    """The Verdict on a history. `initial` are the states in which resources were before, by name;
    others were absent."""
    by_resource = collections.defaultdict(list)
    for operation in operations:
        by_resource[operation.resource].append(operation)
    wrong, undecided = [], []
    for resource, some in by_resource.items():
        try:
            why = _Search(some, (initial or {}).get(resource, NOTHING), steps, memory).run()
        except OverflowError:
            undecided.append(resource)
            continue
        if why:
            wrong.append(why)
    return Verdict(sum(map(len, by_resource.values())), len(by_resource), wrong, undecided)
