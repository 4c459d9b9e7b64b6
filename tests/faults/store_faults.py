"""Faults of a service and its store, each under callers and watchers (load.py): SIGKILL, calls on
files that fail, a log that nobody reads."""

import errno
import fcntl
import os
import time

import crash_store
import load
import process
import shim
import trio as trios

# What each call may fail with.
ERRORS = {'pwrite': (errno.EIO, errno.ENOSPC, shim.SHORT), 'fdatasync': (errno.EIO, errno.ENOSPC),
          'ftruncate': (errno.EIO,), 'open': (errno.EMFILE, errno.EIO), 'pread': (errno.EIO,)}
# What a caller is to be told of a fault of the store.
TOLD = ('UNAVAILABLE', 'TEMPORARILY_UNAVAILABLE', True)
# Also possible where a read fails: SQLite calls EIO then a damaged file (SQLITE_IOERR_CORRUPTFS).
DAMAGED = ('INTERNAL', 'INTERNAL_ERROR', False)
NOTICED = 10  # seconds within which health tells of a fault, and that it is over
# Behind so many calls a log that nobody reads is full: its buffer of 1 MB, and its pipe.
LOG_IS_FULL = 2500
PIPE = 4096


def may_be_told(call):
    """What callers may be told while this call fails."""
    return {TOLD, DAMAGED} if call == 'pread' else {TOLD}


def kills(trio, kinds, count, chance):
    """SIGKILL of a service at a random moment under callers of all, each in turn. The loads."""
    loads = [load.Load(trio, kind, chance.random()) for kind in kinds]
    with load.all_of(loads):
        for number in range(count):
            time.sleep(chance.uniform(0, 0.4))  # the random moment
            service = getattr(trio, loads[number % len(loads)].service)
            service.kill()
            while chance.random() < 0.1:  # killed while it starts
                service.start(wait=False)
                time.sleep(chance.uniform(0, 0.1))
                service.kill()
            service.start()
        trio.await_serving()
        for one in loads:
            one.await_operations(1)
    return loads


class SingleCalls:
    """Each call on the store's files that a mutation makes fails once, with each error that it may
    have; the mutation is made again until it is answered. Of the calls of one kind, `most` are
    tried."""

    def __init__(self, trio, kind, chance, most):
        self.load = load.Load(trio, kind, chance.random(), callers=0, patience=1)
        self.hit = 0  # faults that met a call
        # By the call: what callers were told (code, reason, whether to retry).
        self.told = {call: set() for call in ERRORS}
        self._chance = chance
        self._most = most
        self._service = getattr(trio, kind.SERVICE)
        self._mutator = self.load.mutator(0)
        self._mutator.client = trio.client(kind.SERVICE)

    def run(self):
        with self.load:
            for _ in range(3):
                last = self._mutator.create()
            for mutation in (self._mutator.create,
                             lambda: self._mutator.update(last.name, ''),
                             lambda: self._mutator.call('Get', name=last.name),
                             self._mutator.special):
                for call, count in self._calls_of(mutation).items():
                    for error in ERRORS[call]:
                        for number in some(self._chance, count, self._most):
                            self._with_fault(call, error, number, mutation)

    def _calls_of(self, mutation):
        """How many of each call one makes."""
        before = self._service.shim.counted()
        mutation()
        return {call: count - before[call]
                for call, count in self._service.shim.counted().items()}

    def _with_fault(self, call, error, number, mutation):
        failed = self._service.shim.failed
        self._service.shim.fail(call, error, number)
        mutation()
        self._service.shim.clear()
        self.hit += self._service.shim.failed - failed
        for told in self._mutator.unanswered:
            self.told[call].add((told.code, told.reason, told.retry))
        self._mutator.unanswered.clear()


def some(chance, count, most):
    """Of the numbers 1 to `count`, so many, or all."""
    return sorted(chance.sample(range(1, count + 1), min(most, count)))


class Starts:
    """Each call that a start makes on the store's files fails once, of each kind of call `most`: of
    a service that has a store, or with `fresh` none yet."""

    def __init__(self, service, chance, fresh):
        self.hit = 0  # starts that met the fault
        self.ended = 0  # of these, with a message
        self.problems = []
        self._service = service
        self._chance = chance
        self._fresh = fresh

    def run(self, most):
        self._prepare()
        before = self._service.shim.counted()
        self._service.start()
        made = {call: count - before[call]
                for call, count in self._service.shim.counted().items()}
        for call, count in made.items():
            for number in some(self._chance, count, most):
                self._start_with_fault(call, self._chance.choice(ERRORS[call]), number)

    def _prepare(self):
        self._service.kill()
        if self._fresh:
            for name in self._service.store_files():
                os.remove(name)

    def _start_with_fault(self, call, error, number):
        self._prepare()
        failed = self._service.shim.failed
        self._service.shim.fail(call, error, number)
        try:
            self._service.start()
        except process.StartError as ended:
            self.ended += 1
            if ended.code != 1 or '"level":"error"' not in ended.log:
                self.problems.append('{} {}: {}'.format(call, number, ended))
        self._service.shim.clear()
        self.hit += self._service.shim.failed > failed
        self._service.restart()
        if crash_store.Store(self._service.store, {}).integrity != [('ok',)]:
            self.problems.append('{} {}: the file is damaged'.format(call, number))


def while_failing(trio, kinds, call, error, seconds, chance):
    """A call on the stores of all services fails for a while. The loads; seconds until health told
    of it, and until it told that it was over."""
    loads = [load.Load(trio, kind, chance.random(), callers=3) for kind in kinds]
    with load.all_of(loads):
        for one in loads:
            one.await_operations(20)
        for service in trio.services():
            service.shim.fail(call, error, count=None)
        began = time.monotonic()
        try:
            process.wait_for(lambda: _all(trio, 'NOT_SERVING'), 'health tells of the fault',
                             NOTICED)
            noticed = time.monotonic() - began
            time.sleep(seconds)
        finally:
            for service in trio.services():
                service.shim.clear()
        ended = time.monotonic()
        process.wait_for(lambda: _all(trio, 'SERVING'), 'health tells that it is over', NOTICED)
        back = time.monotonic() - ended
        for one in loads:
            one.await_operations(20)
    return loads, noticed, back


def _all(trio, told):
    return all(trios.health(one) == told for one in trio.services())


class StalledLog:
    """A context manager: within, nobody reads what a service logs."""

    def __init__(self, service):
        self._service = service
        self._log_file = service.log_file
        self._pipe = service.log_file + '.pipe'
        self._reader = -1

    def __enter__(self):
        self._service.kill()
        os.mkfifo(self._pipe)
        self._reader = os.open(self._pipe, os.O_RDONLY | os.O_NONBLOCK)
        fcntl.fcntl(self._reader, fcntl.F_SETPIPE_SZ, PIPE)
        self._service.log_file = self._pipe
        self._service.start()
        return self

    def await_told(self):
        """Reads on, until the log tells that lines were dropped meanwhile."""
        found = []

        def is_told():
            try:
                found.append(os.read(self._reader, PIPE))
            except BlockingIOError:
                pass
            return b'lines were dropped' in b''.join(found[-2:])
        process.wait_for(is_told, 'the log tells of what was dropped')

    def __exit__(self, *_):
        self._service.kill()
        os.close(self._reader)
        os.remove(self._pipe)
        self._service.log_file = self._log_file
        self._service.start()


def stalled_log(trio, kind, chance):
    """The load of a service while nobody reads its log, and the operation that took longest once it
    was full."""
    service = getattr(trio, kind.SERVICE)
    with StalledLog(service) as log:
        trio.await_serving()
        one = load.Load(trio, kind, chance.random())
        with one:
            one.await_operations(LOG_IS_FULL + LOG_IS_FULL // 4, deadline=120)
        later = [made for made in one.history.operations()[LOG_IS_FULL:]
                 if made.end != float('inf')]
        longest = max(later, key=lambda made: made.end - made.call)
        log.await_told()
    trio.await_serving()
    return one, longest
