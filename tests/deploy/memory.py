"""How much memory containers take, as their control groups tell."""

import glob
import os
import threading

_PAUSE = 0.02
MIB = 1 << 20


def anonymous(container):
    """Bytes in use that aren't pages of files: those the kernel takes back where it needs them."""
    # Of version 1, or 2.
    folder = (glob.glob('/sys/fs/cgroup/memory/*/' + container) or
              glob.glob('/sys/fs/cgroup/*/' + container))[0]
    with open(os.path.join(folder, 'memory.stat'), encoding='ascii') as file:
        fields = dict(line.split() for line in file)
    return int(fields['rss'] if 'rss' in fields else fields['anon'])


class Peaks:
    """A context manager: the most that each of `containers`, by name, takes meanwhile."""

    def __init__(self, containers):
        self._containers = containers
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self.before = {name: anonymous(one) for name, one in containers.items()}
        self.most = dict(self.before)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._ends.set()
        self._thread.join()

    def _look(self):
        while not self._ends.wait(_PAUSE):
            for name, container in self._containers.items():
                self.most[name] = max(self.most[name], anonymous(container))

    def __str__(self):
        return ', '.join('{} {} to {} MiB'.format(name, self.before[name] // MIB, most // MIB)
                         for name, most in self.most.items())
