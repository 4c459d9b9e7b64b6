"""Threads that call all the time, while something happens to the suite."""

import threading


class Callers:
    """A context manager: `_run(index)` of each thread lasts until it is left."""

    def __init__(self, count, pause):
        self._pause = pause  # seconds between calls
        self._over = threading.Event()
        self._lock = threading.Lock()
        self.failures = []
        self._threads = [threading.Thread(target=self._run, args=(i,)) for i in range(count)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _next(self):
        """Waits for the next call's turn. False: there is none."""
        return not self._over.wait(self._pause)

    def _run(self, index):
        raise NotImplementedError
