"""Faults of what a service remembers: a file that was restored, a clock that is wrong."""

import os
import shutil
import time

import client as calls
import load
import process
import trio as trios
from shim import HOUR
from silence_faults import Silence

_NOTICED = 10  # seconds until a service goes by the clock
_KEPT, _LOST, _AFTER = 5, 10, 14  # changes before the copy, those that are lost, those afterwards


def refused(action):
    """The reason why `action` was refused; None when it wasn't."""
    try:
        action()
        return None
    except calls.CallError as error:
        return error.reason


class Restored:
    """A store is stopped, copied, changed, and the copy is put back: a token from what is lost must
    be refused, also when there are as many changes as before; one from before goes on."""

    def __init__(self, trio, kind, chance):
        self._trio = trio
        self._service = getattr(trio, kind.SERVICE)
        self._load = load.Load(trio, kind, chance.random(), callers=0, watchers=0)
        self._mutator = self._load.mutator(0)
        self.problems = []
        self.passed_over = 0  # changes that a watcher wasn't shown, without being told

    def run(self):
        self._restart(lambda: None)
        self._change(_KEPT)
        kept = self._end_of_log()
        files = []
        self._restart(lambda: files.extend(self._copy()))
        self._change(_LOST)
        lost = self._end_of_log()
        pages = [self._page(token='', **asked) for asked in (
            {'page_size': lost[1] - _LOST // 2}, {'page_size': _LOST // 2, 'newest_first': True})]
        self._restart(lambda: self._put_back(files))
        self._check_lost(lost[0], pages, 'at once')
        self._change(_AFTER)
        self._check_lost(lost[0], pages, 'when the log is longer than it was')
        log = [load.key_of(change) for change in self._client().changes(self._service.name)]
        found = load.seen_from(self._client(), self._service.name, kept[0], len(log) - kept[1])
        if found != log[kept[1]:]:
            self.problems.append('a token from before the copy shows {} of {}'.format(
                len(found), _AFTER))

    def _client(self):
        return self._trio.client(self._service.name)

    def _restart(self, between):
        self._trio.close_clients()
        self._service.stop()
        between()
        self._service.start()
        process.wait_for(lambda: trios.health(self._service) == 'SERVING', 'it serves')
        self._mutator.client = self._client()

    def _copy(self):
        for name in self._service.store_files():
            shutil.copy(name, name + '.copy')
            yield name

    def _put_back(self, files):
        for name in self._service.store_files():
            if name not in files:
                os.remove(name)
        for name in files:
            shutil.copy(name + '.copy', name)

    def _change(self, count):
        for _ in range(count):
            self._mutator.create()

    def _end_of_log(self):
        """(resume token behind the last change, how many changes there are)."""
        count = len(self._client().changes(self._service.name))
        seen = 0
        for response in self._client().receive(self._service.name + '/WatchChanges',
                                               from_start=True):
            seen += len(response.changes)
            if seen >= count:
                return response.resume_token, count
        raise EOFError('the watch ended')

    def _page(self, token, **asked):
        """What was asked of ListChanges, and the token for the next page."""
        reply = self._client().call(self._service.name + '/ListChanges', page_token=token, **asked)
        return asked, reply.next_page_token

    def _check_lost(self, token, pages, when):
        """Tokens of the history that is lost are refused."""
        watch = self._client().receive(self._service.name + '/WatchChanges', resume_token=token)
        # The first message says that the watch stands.
        reason = refused(lambda: next(watch))
        if reason != 'HISTORY_COMPACTED':
            self.passed_over += _LOST
            self.problems.append('a resume token, {}: {}'.format(when, reason))
        for asked, page in pages:
            reason = refused(lambda: self._page(page, **asked))
            if reason != 'HISTORY_COMPACTED':
                self.problems.append('a page token of {}, {}: {}'.format(asked, when, reason))


class WrongClock:
    """What all services keep while their clock is wrong: the change log, kept replies, a silence
    that is open."""

    def __init__(self, trio, kinds, chance):
        self._trio = trio
        self._loads = [load.Load(trio, kind, chance.random(), callers=0, watchers=0)
                       for kind in kinds]
        self._made = []  # (load, request, reply) of one mutation each
        for one in self._loads:
            mutator = one.mutator(0)
            mutator.client = trio.client(one.service)
            self._made.append((mutator, *self._create(mutator)))
        self._logs = [self._log(one) for one in self._loads]
        self._decision = Silence(trio, time.time() + 10 * HOUR, 'clock')

    @staticmethod
    def _create(mutator):
        """A mutation that can be repeated: (method, request, reply)."""
        kept = []
        call = mutator.client.call

        def keeping(method, request, **more):
            kept[:] = [method, request, call(method, request, **more)]
            return kept[-1]
        mutator.client.call = keeping
        mutator.create()
        mutator.client.call = call
        return kept

    def _log(self, one):
        return [load.key_of(change) for change in
                self._trio.client(one.service).changes(one.service)]

    def run(self, offset, seconds):
        """Problems, with the clocks of all services `offset` seconds ahead for a while, and
        after."""
        self._set(offset)
        try:
            problems = self._check_times()
            time.sleep(seconds)  # as long as the clocks are wrong
            problems += self._check('meanwhile')
        finally:
            self._set(0)
        return problems + self._check('afterwards')

    def _set(self, offset):
        """Abseil looks at the clock each two seconds and counts the processor's cycles in between;
        when it is behind gRPC so, calls are refused as late."""
        for service in self._trio.services():
            service.shim.set_clock(offset)
        for mutator, _, _, made in self._made:
            process.wait_for(
                lambda: refused(lambda: mutator.call('Get', name=made.name)) is None,
                'calls are answered by the other clock', _NOTICED)

    def suspend(self, seconds):
        """All machines sleep for so long, and their clocks are right."""
        for service in self._trio.services():
            service.shim.suspend(seconds)

    def await_forgotten(self, seconds):
        """Kept replies are forgotten within so many seconds, as housekeeping is."""
        for mutator, method, request, _ in self._made:
            process.wait_for(
                lambda: refused(lambda: mutator.client.call(method, request)) is not None,
                'a kept reply is forgotten', seconds)

    def _check_times(self):
        """No resource was changed before it was made."""
        problems = []
        for number, (mutator, _, _, made) in enumerate(self._made):
            changed = mutator.update(made.name, '')
            self._logs[number] = self._log(self._loads[number])
            if changed.update_time.ToNanoseconds() < changed.create_time.ToNanoseconds():
                problems.append('{} was changed before it was made'.format(made.name))
        return problems

    def _check(self, when):
        problems = []
        for (mutator, method, request, reply), log, one in zip(self._made, self._logs, self._loads):
            again = refused(lambda: mutator.client.call(method, request))
            if again is not None or mutator.client.call(method, request) != reply:
                problems.append('{}, {}: a kept reply is gone: {}'.format(one.service, when, again))
            now = self._log(one)
            if now != log:
                problems.append('{}, {}: {} changes of {}'.format(one.service, when, len(now),
                                                                  len(log)))
        state = self._decision.state()
        if state != 'SILENCE_OPEN':
            problems.append('{}: the silence is {}'.format(when, state))
        return problems

    def who_said_so(self):
        """The services whose logs tell that they don't trust the clock."""
        return [service.name for service in self._trio.services()
                if any('"component":"engine"' in line and 'clock' in line
                       for line in service.log().splitlines())]
