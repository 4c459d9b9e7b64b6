"""A network, process and mount namespace with a way out, which ends with everything in it."""

import fcntl
import os
import subprocess
import sys
import time

# Killed with this process, however it ends.
_DIE_ALONG = ['setpriv', '--pdeathsig', 'KILL']


def only_run(cache):
    """Two daemons can't share a folder. To be kept for as long as it is used."""
    os.makedirs(cache, exist_ok=True)
    lock = open(os.path.join(cache, 'lock'), 'w', encoding='ascii')
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        sys.exit('{} is running already'.format(sys.argv[0]))
    return lock


def _child_of(pid):
    """The first process in the namespaces, once it is there."""
    end = time.monotonic() + 10
    while time.monotonic() < end:
        with open('/proc/{0}/task/{0}/children'.format(pid), encoding='ascii') as file:
            children = file.read().split()
        if children:
            return children[0]
        time.sleep(0.01)
    raise TimeoutError('the namespaces were not made')


def run(command, environment):
    """What a command in namespaces of its own ended with. It is the first process in them, so with
    it everything in them ends. The way out becomes the device tap0."""
    inside = subprocess.Popen(
        _DIE_ALONG + ['unshare', '--net', '--mount', '--pid', '--fork', '--kill-child',
                      '--mount-proc', *command], env=environment)
    way_out = None
    try:
        way_out = subprocess.Popen(
            _DIE_ALONG + ['slirp4netns', '--configure', '--mtu=65520', '--disable-host-loopback',
                          _child_of(inside.pid), 'tap0'],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return inside.wait()
    finally:
        for one in (inside, way_out):
            if one is not None and one.poll() is None:
                one.terminate()
                one.wait()
