"""The other side of the library in shim/ (shim.h): compiles it, and tells it what to do to a
process while that runs."""

import atexit
import contextlib
import errno
import functools
import glob
import mmap
import os
import shutil
import struct
import subprocess
import tempfile

# The calls that may fail, in the order of shim.h.
CALLS = ('pwrite', 'fdatasync', 'ftruncate', 'open', 'pread')
SHORT = 'a short write'
HOUR = 3600
_OFFSET, _BOOT_OFFSET, _CALL, _ERROR, _FIRST, _COUNT, _FAILED, _HELD, _COUNTED = range(9)
_WORD = 8
_SIZE = _WORD * (_COUNTED + len(CALLS))
_FOREVER = 1 << 62

_ENTRY = struct.Struct('<iiqq')
WRITE, TRUNCATE, SYNC, UNLINK = range(1, 5)
SUFFIXES = ('', '-wal', '-journal')  # of the store's files, by number


@functools.lru_cache(maxsize=None)
def library():
    """The path of the library."""
    directory = tempfile.mkdtemp(prefix='bali-shim-')
    atexit.register(shutil.rmtree, directory)
    path = os.path.join(directory, 'shim.so')
    here = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'shim')
    subprocess.run(['cc', '-std=c11', '-O2', '-fPIC', '-shared', '-Wall', '-Wextra', '-Werror',
                    '-o', path, *sorted(glob.glob(os.path.join(here, '*.c'))), '-ldl'],
                   check=True)
    return path


class Shim:
    """Of one process, and of those that follow it on the same store."""

    def __init__(self, store, with_log=False):
        self.store = store
        self.log_file = store + '.shim-log' if with_log else None
        self._control_file = store + '.shim-control'
        with open(self._control_file, 'wb') as file:
            file.write(bytes(_SIZE))
        with open(self._control_file, 'r+b') as file:
            self._control = mmap.mmap(file.fileno(), _SIZE)
        self._ahead = 0  # nanoseconds
        self.clear()

    def environment(self):
        """Of the process."""
        made = {**os.environ, 'LD_PRELOAD': library(), 'BALI_SHIM_STORE': self.store,
                'BALI_SHIM_CONTROL': self._control_file}
        if self.log_file:
            made['BALI_SHIM_LOG'] = self.log_file
        return made

    def _read(self, word):
        return struct.unpack_from('<q', self._control, word * _WORD)[0]

    def _write(self, word, value):
        struct.pack_into('<q', self._control, word * _WORD, value)

    def counted(self):
        """How often each call has been made so far, failures too."""
        return {call: self._read(_COUNTED + i) for i, call in enumerate(CALLS)}

    @property
    def failed(self):
        """How many calls have failed so far."""
        return self._read(_FAILED)

    def fail(self, call, error, number=1, count=1):
        """The call of that number from now on fails with `error` (a number of errno, or SHORT), and
        so do those behind it, `count` in all; None: until `clear`."""
        index = CALLS.index(call)
        self.clear()
        self._write(_ERROR, -1 if error == SHORT else error)
        self._write(_COUNT, _FOREVER if count is None else count)
        self._write(_FIRST, self._read(_COUNTED + index) + number - 1)
        self._write(_CALL, index)

    def clear(self):
        """No call fails any more."""
        self._write(_CALL, -1)

    @contextlib.contextmanager
    def held_backups(self):
        """A backup that is made stands still."""
        self._write(_HELD, 1)
        try:
            yield
        finally:
            self._write(_HELD, 0)

    @contextlib.contextmanager
    def clock_off_by(self, seconds):
        """The process sees a clock that goes this much ahead."""
        self.set_clock(seconds)
        try:
            yield
        finally:
            self.set_clock(0)

    def set_clock(self, seconds):
        self._ahead = int(seconds * 1e9)
        self._write(_OFFSET, self._ahead + self._read(_BOOT_OFFSET))

    def suspend(self, seconds):
        """Time passes in which the machine sleeps: for the wall clock and the one since the start
        of the machine, not for the monotonic one."""
        self._write(_BOOT_OFFSET, self._read(_BOOT_OFFSET) + int(seconds * 1e9))
        self._write(_OFFSET, self._ahead + self._read(_BOOT_OFFSET))


def name_of(error):
    return error if error == SHORT else errno.errorcode[error]


def read_log(path):
    """(action, file, offset, data) of each entry, and where it ends in the log. What the process
    hadn't written whole when it was killed is left out."""
    with open(path, 'rb') as file:
        content = file.read()
    found = []
    at = 0
    while at + _ENTRY.size <= len(content):
        action, number, offset, size = _ENTRY.unpack_from(content, at)
        data = content[at + _ENTRY.size:at + _ENTRY.size + size]
        at += _ENTRY.size + size
        if at > len(content):
            break
        found.append((action, number, offset, data, at))
    return found
