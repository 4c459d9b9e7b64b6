"""Power cuts while silences run out: what is left of the store of meetings at many places of its
log, and what the service makes of it when the power is back, at once or a day later."""

import collections
import datetime
import os
import time

import contract
import crash_store
import linearizability as lin
import load
import process
import silence_faults
from history import History
from mutators import MEMBERS
from power_cut import KINDS, Recording
from power_cut_runs import passed_over
from shim import HOUR

_BETWEEN = 0.15  # seconds between the ends of silences
_OFF = (0, 30 * HOUR)  # for how long the power is off
_TYPE = {'baliprocess.net/Decision': 'baliprocess.meetings.v1.Decision'}


def _state(decision):
    return type(decision).State.Name(decision.state)


def _day(moment):
    found = datetime.datetime.fromtimestamp(moment, datetime.timezone.utc)
    return found.year, found.month, found.day


class SilenceCuts:
    """Of one recording, in which `count` silences run out that members break in their last moments,
    and as many that nobody breaks."""

    def __init__(self, trio, count, chance):
        self._trio = trio
        self._chance = chance
        self._service = trio.meetings
        self._service.kill()
        self._recording = Recording(self._service.shim)
        ends, opened = silence_faults.open_pairs(trio, count, _BETWEEN, chance,
                                                 self._recording.mark)
        self._silences = [one for pair in opened for one in pair]
        self._watchers = [load.Watcher(trio, 'meetings', self._recording.mark)
                          for _ in range(load.WATCHERS)]
        # Decisions in the files that cuts left, and in the service behind them, by state.
        self.left = collections.Counter()
        self.became = collections.Counter()
        self.problems = []
        self._record(ends, opened)

    def _record(self, ends, opened):
        for one in self._watchers:
            one.start()
        for (wide, _), end in zip(opened, ends):
            wide.break_at([end + self._chance.uniform(-0.4, 0.1) for _ in MEMBERS])
        time.sleep(max(0, ends[0] - 0.5 - time.time()))
        begin = self._recording.mark()
        for one in self._silences:
            self.problems += one.outcome()[1]
        self._service.kill()
        for one in self._watchers:
            one.stop()
        self._recording.end()
        self.places = [at for at in self._recording.places if at >= begin]

    def run(self, count):
        """Makes so many cuts, or one at each place of the log; how many."""
        places = sorted(self._chance.sample(self.places, min(count, len(self.places))))
        for number, at in enumerate(places):
            kind = self._chance.choice(KINDS)
            image = self._recording.cut(at, kind, self._chance)
            found = [*self._look(image), *self._start(at, image, number)]
            self.problems += ['{} at {}: {}'.format(kind, at, one) for one in found]
        return len(places)

    def _look(self, image):
        """What is wrong with the files."""
        path = os.path.join(self._trio.directory, 'cut.db')
        image.restore(path)
        store = crash_store.Store(path, _TYPE)
        self.left.update(_state(store.rows[one.name]) for one in self._silences)
        yield from ('broken: ' + name for name in store.chain_breaks())
        if store.integrity != [('ok',)]:
            yield store.integrity

    def _start(self, at, image, number):
        """What is wrong with what becomes of the decisions when the service starts."""
        self._service.kill()
        self._trio.close_clients()
        image.restore(self._service.store)
        self._service.shim.set_clock(_OFF[number % len(_OFF)])
        self._service.start()
        client = self._trio.client('meetings')
        # A read makes a decision what it has become; else time alone does, within a second.
        if number // len(_OFF) % 2 == 0:
            for one in self._silences:
                client.call('GetDecision', name=one.name)
        process.wait_for(lambda: self._are_over(client), 'all silences are over')
        changes = client.changes('meetings')
        yield from passed_over(self._watchers, at, client, 'meetings',
                               [load.key_of(change) for change in changes])
        numbers = []
        for one in self._silences:
            own = [change for change in changes if change.resource == one.name]
            steps = [contract.unpack(change.after) for change in own]
            self.became[_state(steps[-1])] += 1
            yield from self._judge(one, at, steps, client)
            if _state(steps[-1]) == 'ADOPTED':
                numbers.append(steps[-1].number)
                if own[-1].change_time.ToNanoseconds() < one.end * 1e9:
                    yield one.name + ' was adopted before its silence was over'
        if len(set(numbers)) != len(numbers):
            yield 'decisions have the numbers {}'.format(numbers)

    def _are_over(self, client):
        last = {change.resource: contract.unpack(change.after)
                for change in client.changes('meetings')}
        return all(_state(last[one.name]) != 'SILENCE_OPEN' for one in self._silences)

    @staticmethod
    def _judge(silence, at, steps, client):
        """What is wrong with a decision that went these steps: it is adopted once, as of its
        deadline, or it is broken, by those who were told so before the cut, and perhaps by those
        who weren't told."""
        last = steps[-1]
        ends = ['ADOPTED'] if _state(last) == 'ADOPTED' else ['BROKEN'] * len(last.breaks)
        if [_state(one) for one in steps] != ['DRAFT', 'SILENCE_OPEN', *ends]:
            yield '{} went {}'.format(silence.name, [_state(one) for one in steps])
        if _state(last) == 'ADOPTED' and _day(silence.end) != (
                last.adopt_date.year, last.adopt_date.month, last.adopt_date.day):
            yield '{} was adopted on {}'.format(silence.name, last.adopt_date)
        told = {state for mark, state in silence.refused if mark <= at}
        if told - {_state(last)}:
            yield '{} is {}, and members were told {}'.format(silence.name, _state(last), told)
        there = {one.etag for one in steps}
        before = silence.history.until(at)
        yield from ('lost: {}'.format(one) for one in load.acknowledged_of(before)
                    if one.new_etag not in there)
        after = History()
        load.read(after, client, silence.name)
        verdict = lin.check(before + after.operations(),
                            {silence.name: (lin.LIVE, silence.before.etag, None)})
        yield from verdict.wrong + verdict.undecided
