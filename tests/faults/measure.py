"""What processes of the suite use: CPU and anonymous memory."""

import os


def cpu_seconds(pid):
    """User and system time of all threads so far, to the nanosecond (schedstat)."""
    total = 0
    for task in os.listdir('/proc/{}/task'.format(pid)):
        try:
            with open('/proc/{}/task/{}/schedstat'.format(pid, task), encoding='ascii') as file:
                total += int(file.read().split()[0])
        except FileNotFoundError:
            pass  # a thread that has ended meanwhile
    return total / 1e9


def anonymous_bytes(pid):
    """RssAnon: memory in use that isn't of files."""
    with open('/proc/{}/status'.format(pid), encoding='ascii') as file:
        for line in file:
            if line.startswith('RssAnon:'):
                return int(line.split()[1]) << 10
    raise RuntimeError('no RssAnon of process {}'.format(pid))


class Usage:
    """What has been used since this object was made, by name of the process."""

    def __init__(self, processes):
        self._pids = {one.label: one.pid for one in processes}
        self._cpu = {label: cpu_seconds(pid) for label, pid in self._pids.items()}
        self._memory = {label: anonymous_bytes(pid) for label, pid in self._pids.items()}
        self.peak_growth = dict.fromkeys(self._pids, 0)

    def sample(self):
        """Looks how much memory has grown; to be called often, for the peak."""
        for label, pid in self._pids.items():
            growth = anonymous_bytes(pid) - self._memory[label]
            self.peak_growth[label] = max(self.peak_growth[label], growth)

    def cpu(self, label):
        return cpu_seconds(self._pids[label]) - self._cpu[label]

    def grown(self):
        """By how much memory has grown at most, as a text."""
        return ', '.join('{} {:.1f} MiB'.format(label, growth / (1 << 20))
                         for label, growth in self.peak_growth.items())
