"""Silences that run out while members break them, beside a fault."""

import errno
import threading
import time
import uuid

import client as calls
import contract
import linearizability as lin
import process
from history import History, Plan
from mutators import BODY, MEMBERS

# By so much the clock of meetings is behind when silences are opened, which last a minute at least.
# A service mistrusts a clock that moves by more.
_BEHIND = 55  # seconds
_SOONEST = 60 - _BEHIND + 1
_BETWEEN = 1.5  # seconds between the ends of silences


class Silence:
    """A text that lies in silence until `end`, and members that break it. `mark` is as of
    History."""

    def __init__(self, trio, end, name, mark=lambda: 0):
        self.end = end
        self.history = History(mark)
        self._client = trio.client('meetings')
        self.name = self._client.call('CreateDecision', decision_id=name, decision={
            'body': BODY, 'display_name': name, 'text': 'A text', 'procedure': 'SILENCE'}).name
        self.before = self._client.call('OpenSilence', name=self.name, silence_end_time={
            'seconds': int(end), 'nanos': int(end % 1 * 1e6) * 1000})
        self.history.may_happen(self.name)  # it lapses
        self._threads = []
        self.accepted = []  # members
        self.refused = []  # (mark, the state that a member was told)
        self._mark = mark

    def state(self):
        found = self._client.call('GetDecision', name=self.name)
        return type(found).State.Name(found.state)

    def break_at(self, moments):
        """Each member objects at its moment, again and again until it is answered."""
        for member, moment in zip(MEMBERS, moments):
            thread = threading.Thread(target=self._object, args=('members/' + member, moment))
            thread.start()
            self._threads.append(thread)

    def _object(self, member, moment):
        request = self._client.request('BreakSilence', name=self.name, member=member,
                                       kind='OBJECTION', request_id=str(uuid.uuid4()))
        time.sleep(max(0, moment - time.time()))
        process.wait_for(lambda: self._is_answered(member, request), member + ' is answered')

    def _is_answered(self, member, request):
        try:
            self.history.run(lambda: self._client.call('BreakSilence', request, timeout=5),
                             [Plan(self.name, 'update')], request.request_id)
            self.accepted.append(member)
        except calls.CallError as error:
            if error.code != 'FAILED_PRECONDITION':
                return False
            self.refused.append((self._mark(), error.metadata['state']))
        return True

    def is_settled(self):
        try:
            return self.state() in ('BROKEN', 'ADOPTED')
        except calls.CallError:
            return False

    def outcome(self):
        """(state, problems): what became of it agrees with what members were told, and with its
        history."""
        for thread in self._threads:
            thread.join()
        process.wait_for(self.is_settled, 'the silence is over')
        found = self.history.call(self._client, 'GetDecision',
                                  self._client.request('GetDecision', name=self.name))
        state = type(found).State.Name(found.state)
        problems = []
        if state != ('BROKEN' if self.accepted else 'ADOPTED'):
            problems.append('{} is {}, and {} were in time'.format(self.name, state, self.accepted))
        if sorted(one.member for one in found.breaks) != sorted(self.accepted):
            problems.append('{} was broken by {}, and {} were told so'.format(
                self.name, found.breaks, self.accepted))
        verdict = lin.check(self.history.operations(), {self.name: (
            lin.LIVE, self.before.etag, None)})
        changes = self._client.changes('meetings', filter='resource = "{}"'.format(self.name))
        steps = [contract.unpack(change.after) for change in changes]
        if steps[-1] != found or len(steps) != 2 + max(1, len(self.accepted)):
            problems.append('{} has {} changes'.format(self.name, len(steps)))
        return state, problems + verdict.wrong + verdict.undecided


def open_pairs(trio, count, between, chance, mark=lambda: 0):
    """Pairs of silences that run out soon, each so many seconds after the one before."""
    trio.meetings.shim.set_clock(-_BEHIND)
    trio.meetings.restart()
    trio.await_serving()
    ends = [time.time() + _SOONEST + between * number for number in range(count)]
    opened = [[Silence(trio, end, '{}-{:x}'.format(kind, chance.getrandbits(32)), mark)
               for kind in ('wide', 'quiet')] for end in ends]
    trio.meetings.shim.set_clock(0)
    return ends, opened


def run(trio, faults, chance):
    """For each fault a silence that members break in its last second, and one that nobody breaks,
    with the fault at their end: (fault, states, how many members were in time, problems)."""
    ends, opened = open_pairs(trio, len(faults), _BETWEEN, chance)
    for (wide, _), end in zip(opened, ends):
        wide.break_at([end - 1] + [end + chance.uniform(-0.5, 0.1) for _ in MEMBERS[1:]])
    for fault, end in zip(faults, ends):
        fault(trio, end, chance)
    for fault, (wide, quiet) in zip(faults, opened):
        outcomes = [wide.outcome(), quiet.outcome()]
        yield (fault.__name__, [state for state, _ in outcomes], len(wide.accepted),
               outcomes[0][1] + outcomes[1][1])


def killed(trio, moment, chance):
    """SIGKILL of meetings around a moment."""
    time.sleep(max(0, moment + chance.uniform(-0.1, 0.05) - time.time()))
    trio.meetings.restart()


def failing(trio, moment, _):
    """Nothing reaches the disk around a moment."""
    time.sleep(max(0, moment - 0.3 - time.time()))
    trio.meetings.shim.fail('fdatasync', errno.EIO, count=None)
    time.sleep(max(0, moment + 0.3 - time.time()))
    trio.meetings.shim.clear()
