"""What the benchmarks share: programs of the suite, a token, processes and what they use, h2load.

Importing this lets a benchmark import the modules of tests/system, too.
"""

import os
import re
import resource
import shutil
import socket
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
os.environ.setdefault('BALI_BIN', os.path.join(ROOT, 'build', 'release', 'bin'))
os.environ.setdefault('BALI_PROTOSET',
                      os.path.join(ROOT, 'build', 'release', 'tests', 'system', 'api.protoset'))
sys.path.insert(0, os.path.join(ROOT, 'tests', 'system'))

import process  # noqa: E402


def tool(name, *arguments):
    """What a program of the suite prints."""
    return subprocess.run([os.path.join(process.BIN, name), *arguments], check=True,
                          stdout=subprocess.PIPE, encoding='utf-8').stdout


def make_token(directory):
    """A token of the secretariat; its key is published in `directory`/keys/jwks.json."""
    keys = os.path.join(directory, 'keys')
    tool('balictl', 'keygen', '--dir', keys)
    return tool('balictl', 'token', '--key', os.path.join(keys, 'signing-key.pem'),
                '--subject', 'bench', '--role', 'secretariat').strip()


def free_port():
    with socket.socket() as listener:
        listener.bind(('127.0.0.1', 0))
        return listener.getsockname()[1]


def _is_listening(port):
    with socket.socket() as connection:
        return connection.connect_ex(('127.0.0.1', port)) == 0


def cpu_seconds(pid):
    """CPU so far, user and system, of the living threads of a process and of its children.

    From schedstat, which counts nanoseconds: stat counts ticks of 10 ms.
    """
    with open('/proc/{}/task/{}/children'.format(pid, pid), encoding='ascii') as file:
        pids = [str(pid)] + file.read().split()
    return sum(_cpu_of_thread(one, task) for one in pids
               for task in os.listdir('/proc/{}/task'.format(one)))


def _cpu_of_thread(pid, task):
    with open('/proc/{}/task/{}/schedstat'.format(pid, task), encoding='ascii') as file:
        return int(file.read().split()[0]) / 1e9


def memory_mib(pid, field):
    """What /proc/PID/status says in `field`, such as VmRSS."""
    with open('/proc/{}/status'.format(pid), encoding='ascii') as file:
        return next(int(line.split()[1]) for line in file if line.startswith(field + ':')) / 1024


class Bench:
    """A temporary directory with keys, and processes that end with it."""

    def __enter__(self):
        self.directory = tempfile.mkdtemp(prefix='bali-bench-')
        self.processes = {}
        self.ports = {}
        self.token = make_token(self.directory)
        return self

    def __exit__(self, *_):
        for one in self.processes.values():
            one.kill()
            one.wait()
        shutil.rmtree(self.directory)

    def file(self, name, content=None):
        """The path of a file; written with `content`, text or bytes, if there is any."""
        path = os.path.join(self.directory, name)
        if content is not None:
            with open(path, 'wb') as file:
                file.write(content if isinstance(content, bytes) else content.encode())
        return path

    def start(self, name, command, port=None, environment=None):
        """Starts a process and waits until it listens. One without a given port writes NAME.port."""
        self.processes[name] = process.spawn(command, self.file(name + '.log'), env=environment)
        self.ports[name] = port or self._port_of(name)
        self._wait(name, lambda: _is_listening(self.ports[name]))

    def _port_of(self, name):
        path = self.file(name + '.port')
        self._wait(name, lambda: os.path.exists(path) and os.path.getsize(path) > 0)
        with open(path, encoding='ascii') as file:
            return int(file.read())

    def _wait(self, name, condition):
        process.wait_for(lambda: condition() or self.processes[name].poll() is not None,
                         name + ' listens')
        if self.processes[name].poll() is not None:
            with open(self.file(name + '.log'), encoding='utf-8') as file:
                sys.exit('{} has ended:\n{}'.format(name, file.read()))

    def start_backend(self, *reply):
        """What answers any method, with the contents of the file `reply` or 293 bytes."""
        self.start('backend', [os.path.join(process.BIN, 'gateway_bench_backend'),
                               self.file('backend.port'), *reply])

    def start_gateway(self, membership, *flags, name='gateway'):
        """A gateway, without an access log. `membership`: the port of that service."""
        self.start(name, [
            os.path.join(process.BIN, 'gateway'), '--listen', '127.0.0.1:0',
            '--port_file', self.file(name + '.port'), '--jwks', self.file('keys/jwks.json'),
            '--upstream', 'membership=127.0.0.1:{}'.format(membership),
            '--rates', 'secretariat=100000:1000000',  # counted, and not refused
            '--access_log=false', *flags])

    def start_membership(self, name, store):
        """One that logs no calls."""
        self.start(name, [
            os.path.join(process.BIN, 'membership'), '--listen', '127.0.0.1:0',
            '--port_file', self.file(name + '.port'), '--jwks', self.file('keys/jwks.json'),
            '--store', store, '--log_level', 'warn'])

    def address(self, name):
        return '127.0.0.1:{}'.format(self.ports[name])

    def pid(self, name):
        return self.processes[name].pid

    def h2load(self, name, path, calls, reply_bytes, *options):
        """Calls a second, and CPU seconds of the process per 10,000 calls.

        h2load sees only the status of HTTP. So the bytes of bodies must be those of whole replies.
        """
        before = cpu_seconds(self.pid(name))
        output = subprocess.run(
            ['h2load', '-t1', '-n', str(calls), '-H', 'authorization: Bearer ' + self.token,
             *options, 'http://{}{}'.format(self.address(name), path)],
            check=True, capture_output=True, text=True).stdout
        cpu = cpu_seconds(self.pid(name)) - before
        data = int(re.search(r'\((\d+)\) data$', output, re.MULTILINE).group(1))
        succeeded = int(re.search(r'(\d+) 2xx', output).group(1))
        if succeeded != calls or data != calls * reply_bytes:
            sys.exit('{}: {} of {} calls succeeded, {} bytes of bodies instead of {}:\n{}'.format(
                name, succeeded, calls, data, calls * reply_bytes, output))
        rate = float(re.search(r'([\d.]+) req/s', output).group(1))
        return rate, cpu * 10000 / calls


class Changes:
    """What callers_load printed of one run: changes and failures, changes a second, percentiles in
    milliseconds; and CPU in microseconds per change, of servers with these pids and of the load."""

    _runs = 0

    def __init__(self, kind, addresses, token, seconds, pids):
        Changes._runs += 1
        before = sum(map(cpu_seconds, pids)), _cpu_of_children()
        fields = tool('callers_load', kind, ','.join(addresses), token, str(seconds),
                      str(Changes._runs)).split()
        after = sum(map(cpu_seconds, pids)), _cpu_of_children()
        self.made, self.failed = int(fields[0]), int(fields[1])
        self.rate, self.p50, self.p99 = map(float, fields[2:])
        # The first second isn't counted, but used CPU as well.
        whole = max(1, self.made * (seconds + 1) / seconds)
        self.server_cpu, self.load_cpu = ((end - start) * 1e6 / whole
                                          for start, end in zip(before, after))


def _cpu_of_children():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
