"""balictl at a terminal of its own, with keys: what it shows, and what Ctrl-C does."""

import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
import time

import process

CTRL_C = b'\x03'


class Terminal:
    """Runs balictl with a terminal of this size. What takes `stdin` or `stdout` isn't the terminal there."""

    def __init__(self, words, environment, rows=50, columns=80, stdin=None, stdout=None):
        self._outer, inner = pty.openpty()
        fcntl.ioctl(inner, termios.TIOCSWINSZ, struct.pack('HHHH', rows, columns, 0, 0))
        # The terminal is the program's own, so that its keys are signals for it.
        self.process = subprocess.Popen(
            [os.path.join(process.BIN, 'balictl'), *words], env={**os.environ, 'TERM': 'xterm', **environment},
            stdin=inner if stdin is None else stdin, stdout=inner if stdout is None else stdout, stderr=inner,
            start_new_session=True, preexec_fn=lambda: fcntl.ioctl(2, termios.TIOCSCTTY, 0))
        os.close(inner)
        self._shown = b''

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        os.close(self._outer)

    @property
    def shown(self):
        return self._shown.decode(errors='replace').replace('\r\n', '\n')

    def _read(self, deadline):
        """Whether there may be more."""
        ready, _, _ = select.select([self._outer], [], [], max(0, deadline - time.monotonic()))
        if not ready:
            raise AssertionError('it goes on; shown: ' + self.shown)
        try:
            piece = os.read(self._outer, 1 << 16)
        except OSError:  # the other side is closed
            return False
        self._shown += piece
        return bool(piece)

    def wait_for(self, text, times=1, timeout=60):
        deadline = time.monotonic() + timeout
        while self.shown.count(text) < times:
            if not self._read(deadline):
                raise AssertionError('it ended; shown: ' + self.shown)

    def press(self, keys):
        os.write(self._outer, keys)

    def end(self, timeout=60):
        """Waits for the end. The exit code, and what was shown."""
        deadline = time.monotonic() + timeout
        while self._read(deadline):
            pass
        return self.process.wait(timeout), self.shown
