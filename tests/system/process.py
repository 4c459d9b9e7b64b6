"""A process under test: started, awaited, stopped, killed; its log kept."""

import os
import signal
import subprocess
import time

import client

BIN = os.environ['BALI_BIN']
START_DEADLINE = 30
_POLL = 0.01


class StartError(Exception):
    """A process that ended instead of starting."""

    def __init__(self, name, code, log):
        self.code = code
        self.log = log
        super().__init__('{} ended with {}:\n{}'.format(name, code, log))


def wait_for(condition, what, deadline=START_DEADLINE, pause=_POLL):
    """Polls until `condition` returns something true, and returns that. `pause` is for conditions that
    cost something."""
    end = time.monotonic() + deadline
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > end:
            raise TimeoutError('{} within {} s'.format(what, deadline))
        time.sleep(pause)


def spawn(command, log, user=None, **options):
    """Starts a program that dies with this one, however this one ends."""
    wrapper = ['setpriv', '--pdeathsig', 'KILL']
    if user:
        wrapper += ['--reuid', user, '--regid', user, '--init-groups']
    with open(log, 'ab') as output:
        return subprocess.Popen(wrapper + command, stdin=subprocess.DEVNULL, stdout=output,
                                stderr=output, start_new_session=True, **options)


class Process:
    """One program of the suite. Restarts keep its address, so that others find it again."""

    def __init__(self, name, directory, flags, label=None, address='127.0.0.1:0'):
        self.name = name
        self.label = label or name
        self.flags = flags
        self.address = address
        self.port_file = os.path.join(directory, self.label + '.port')
        self.log_file = os.path.join(directory, self.label + '.log')
        self._process = None
        self._log_start = 0

    def command(self):
        return [os.path.join(BIN, self.name), '--listen', self.address,
                '--port_file', self.port_file] + self.flags

    @staticmethod
    def spawn_options():
        """Of subprocess.Popen, beside the command."""
        return {}

    def start(self, wait=True):
        if os.path.exists(self.port_file):
            os.remove(self.port_file)
        self._log_start = os.path.getsize(self.log_file) if os.path.exists(self.log_file) else 0
        self._process = spawn(self.command(), self.log_file, **self.spawn_options())
        if wait:
            self.wait_until_listening()
        return self

    def wait_until_listening(self):
        wait_for(self._listens, self.label + ' listens')
        if self.address.endswith(':0'):
            with open(self.port_file, encoding='ascii') as file:
                self.address = self.address[:-1] + file.read().strip()

    def _listens(self):
        if os.path.exists(self.port_file):
            return True
        if self._process.poll() is not None:
            raise StartError(self.label, self._process.returncode, self.log())
        return False

    def is_running(self):
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self):
        return self._process.pid

    def terminate(self):
        """Asks it to end; it may go on for a while."""
        self._process.send_signal(signal.SIGTERM)

    def wait(self, timeout=30):
        """Its exit code, once it has ended."""
        return self._process.wait(timeout)

    def stop(self):
        if not self.is_running():
            return None
        self.terminate()
        return self.wait()

    def kill(self):
        if self.is_running():
            self._process.kill()
            self._process.wait()

    def log(self):
        """What it has logged since its last start."""
        with open(self.log_file, 'rb') as file:
            file.seek(self._log_start)
            return file.read().decode('utf-8', 'replace')

    def plain_client(self, token=None):
        return client.Client(self.address, token=token)


class InheritingGateway(Process):
    """A gateway on a listening socket that the test holds, as a supervisor does."""

    def __init__(self, like, listener, label):
        super().__init__('gateway', os.path.dirname(like.log_file), like.flags, label,
                         '127.0.0.1:{}'.format(listener.getsockname()[1]))
        self._listener = listener

    def command(self):
        command = super().command()
        command[2] = 'fd:{}'.format(self._listener.fileno())
        return command

    def spawn_options(self):
        return {'pass_fds': (self._listener.fileno(),)}


def run(name, *arguments, environment=None, timeout=60, stdin=None):
    """Runs a program of the suite to its end."""
    return subprocess.run([os.path.join(BIN, name), *arguments], capture_output=True, text=True,
                          timeout=timeout, input=stdin,
                          env={**os.environ, **(environment or {})}, check=False)
