"""Somebody who uses the suite while others attack it: paced calls, and watches that are held open.

    with Victim(suite) as victim:
        ...                       # the attack
    victim.failures               # what went wrong, as texts: must be empty
    victim.answered, victim.slowest
    victim.share                  # of the calls a second that it wants to make, those that it made

Its connections are its own, and it stays within every limit.
"""

import threading
import time

from client import CallError

_LONG = 3600
READ = ('GetMember', {'name': 'members/aus'})


class Victim:
    """`calls` are (method, fields) that take turns, `rate` a second in all; of `role`, as are the
    watches."""

    def __init__(self, suite, rate=50, watches=5, calls=(READ,), role='SECRETARIAT', timeout=10):
        self._suite = suite
        self._rate = rate
        self._calls = list(calls)
        self._role = role
        self._timeout = timeout
        self._watch_count = watches
        self._watches = []
        self._over = threading.Event()
        self._lock = threading.Lock()
        self._threads = []
        self.answered = 0
        self.share = 0.0
        self.slowest = 0.0  # of the answered calls, in seconds
        self.failures = []

    def __enter__(self):
        for _ in range(self._watch_count):
            self._watches.append(self._suite.client(self._role).watch(timeout=_LONG))
        # Several, so that one slow call doesn't hold up the next.
        workers = 4
        for i in range(workers):
            client = self._suite.client(self._role)
            client.call(READ[0], **READ[1])
            self._threads.append(threading.Thread(
                target=self._work, args=(client, i, workers), daemon=True))
        for thread in self._threads:
            thread.start()
        self._began = time.monotonic()
        return self

    def _work(self, client, index, workers):
        start = time.monotonic()
        turn = index
        while not self._over.is_set():
            wait = start + turn / self._rate - time.monotonic()
            if self._over.wait(max(wait, 0)):
                return
            method, fields = self._calls[turn % len(self._calls)]
            began = time.monotonic()
            try:
                client.call(method, timeout=self._timeout, **fields)
                with self._lock:
                    self.answered += 1
                    self.slowest = max(self.slowest, time.monotonic() - began)
            except CallError as error:
                with self._lock:
                    self.failures.append('{}: {}'.format(method, error))
            turn += workers

    def __exit__(self, *_):
        took = time.monotonic() - self._began
        with self._lock:
            self.share = self.answered / max(self._rate * took, 1)
        self._over.set()
        for thread in self._threads:
            thread.join()
        for watch in self._watches:
            if not watch.stands():
                self.failures.append('a watch has ended')
            watch.cancel()
