"""The chart as it is installed in the cluster: its secrets, its pods, and who calls it."""

import os
import subprocess
import urllib.request

import chart
import page
from cluster import objects
from daemon import run
from installation import Callers

NAMESPACE = 'record'
NAME = 'record'
_GATEWAY = 'record-baliprocess-gateway.record.svc:443'
_DEADLINE = '6m'


def make_secrets(section, directory, environment=()):
    """By the commands of docs/operate/kubernetes.md, in a folder that keeps what they write."""
    done = subprocess.run(
        ['bash', '-euo', 'pipefail'], input='\n'.join(page.blocks(section)), text=True,
        cwd=directory, check=False, capture_output=True,
        env={**os.environ, 'PATH': os.pathsep.join(
            (os.path.dirname(page.KUBECTL), os.environ['BALI_BIN'], os.environ['PATH'])),
             **dict(environment)})
    if done.returncode != 0:
        raise AssertionError('the commands of {} fail: {}'.format(section, done.stderr))


def helm(*arguments, **more):
    return run(chart.HELM, '--namespace', NAMESPACE, *arguments, **more)


class Release:
    """`directory` is where its secrets were made."""

    def __init__(self, directory, profile, settings):
        self._values = ['--values', chart.values_file(profile)]
        self._settings = list(settings)
        with open(os.path.join(directory, 'ca.crt'), 'rb') as file:
            self._authorities = file.read()
        with open(os.path.join(directory, 'token'), encoding='ascii') as file:
            self._token = file.read().strip()

    def _chart(self, command, *settings, wait=True, check=True, deadline=_DEADLINE):
        waiting = ['--wait', '--timeout', deadline] if wait else []
        return helm(command, NAME, chart.CHART, *self._values, *waiting, '--set',
                    ','.join(self._settings + list(settings)), check=check)

    def install(self, *settings):
        """With these settings, which stay."""
        self._settings += settings
        return self._chart('install')

    def upgrade(self, *settings, **more):
        """To the settings of before and these, which stay unless it fails."""
        done = self._chart('upgrade', *settings, **more)
        if done.returncode == 0:
            self._settings += settings
        return done

    def new_callers(self):
        return Callers(self._authorities, self._token, _GATEWAY)

    def new_client(self):
        return self.new_callers().new_client()


def pods(component):
    """Those that weren't told to end."""
    found = objects('pods', NAMESPACE, '--selector',
                    'app.kubernetes.io/component=' + component)
    return [pod for pod in found if 'deletionTimestamp' not in pod['metadata']]


def name_of(pod):
    return pod['metadata']['name']


def restarts(pod):
    return pod['status']['containerStatuses'][0]['restartCount']


def is_ready(pod):
    return any(one['type'] == 'Ready' and one['status'] == 'True'
               for one in pod['status'].get('conditions', []))


def count(pod, metric):
    """The sum of a metric's samples at a pod."""
    url = 'http://{}:9440/metrics'.format(pod['status']['podIP'])
    with urllib.request.urlopen(url, timeout=10) as answer:
        lines = answer.read().decode().splitlines()
    return sum(float(line.rsplit(' ', 1)[1]) for line in lines
               if line.split('{')[0].split(' ')[0] == metric)
