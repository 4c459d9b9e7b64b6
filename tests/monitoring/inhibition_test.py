"""One cause is one alert: Alertmanager itself, with deploy/monitoring/alertmanager.yaml, is told all that
fires at once for a fault, and says of what it would tell nobody."""

import json
import re
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request
from pathlib import Path

CONFIG = Path(__file__).resolve().parents[2] / 'deploy/monitoring/alertmanager.yaml'
_DEADLINE = 20


def alert(name, **labels):
    return {'alertname': name, 'severity': 'critical', **labels}


def process(program, number=1, **labels):
    return {'job': 'baliprocess-' + program, 'instance': '{}-{}:9440'.format(program, number), **labels}


class Alertmanager:
    def __init__(self):
        self._directory = tempfile.TemporaryDirectory()
        self._log = Path(self._directory.name) / 'log'
        with open(self._log, 'wb') as log:
            self._process = subprocess.Popen(
                ['setpriv', '--pdeathsig', 'KILL', 'prometheus-alertmanager', '--config.file', CONFIG,
                 '--storage.path', self._directory.name, '--web.listen-address', '127.0.0.1:0',
                 '--cluster.listen-address='], stdout=log, stderr=log)
        address = self._await(lambda: re.search(r'msg="Listening on" address=(\S+)',
                                                self._log.read_text()))
        self._url = 'http://{}/api/v2/'.format(address.group(1))
        self._await(self._is_ready)

    def _await(self, condition):
        end = time.monotonic() + _DEADLINE
        while time.monotonic() < end:
            found = condition()
            if found:
                return found
        raise TimeoutError(self._log.read_text())

    def _is_ready(self):
        try:
            return bool(self._ask('status'))
        except urllib.error.URLError:
            return False

    def _ask(self, path, body=None):
        request = urllib.request.Request(
            self._url + path, json.dumps(body).encode() if body else None,
            {'Content-Type': 'application/json'})
        with urllib.request.urlopen(request, timeout=10) as reply:
            text = reply.read()
            return json.loads(text) if text else None

    def told(self, alerts):
        """Those that it would tell somebody of, of these, which fire."""
        self._ask('alerts', [{'labels': one} for one in alerts])
        known = self._await(lambda: self._known(len(alerts)))
        return [one['labels'] for one in known if one['status']['state'] == 'active']

    def _known(self, count):
        """All that it knows, when it has judged so many."""
        known = self._ask('alerts')
        judged = [one for one in known if one['status']['state'] != 'unprocessed']
        return judged if len(judged) == count else None

    def close(self):
        self._process.kill()
        self._process.wait()
        self._directory.cleanup()


class OneCauseIsOneAlert(unittest.TestCase):
    def told(self, *alerts):
        alertmanager = Alertmanager()
        self.addCleanup(alertmanager.close)
        return alertmanager.told(alerts)

    def test_a_program_that_is_gone(self):
        gone = alert('ProgramMissing', program='membership', namespace='bali')
        here = {'program': 'membership', 'namespace': 'bali'}
        service = 'baliprocess.membership.v1.MembershipService'
        elsewhere = alert('NoHealthyAddress', need=service, **process('gateway', 3),
                          program='membership', namespace='staging')
        another = alert('ProcessNotReady', need='store', program='capacity', namespace='bali',
                        **process('capacity'))
        told = self.told(
            gone, elsewhere, another,
            alert('ProcessDown', **here, **process('membership')),
            alert('ProcessNotReady', need='membership', **here, **process('meetings')),
            alert('ProcessNotReady', need='membership', **here, **process('capacity', 2)),
            alert('NoHealthyAddress', need=service, **here, **process('gateway')),
            alert('CallsFailFast', grpc_service=service, **here, job='baliprocess-gateway'),
            alert('PeerCallsFail', service='membership', **here, **process('meetings')),
            alert('RepeatsRefused', service=service, **here, **process('gateway')))
        self.assertCountEqual(told, [gone, elsewhere, another])

    def test_a_store_that_is_gone(self):
        here = {'program': 'membership'}
        cause = alert('ProcessNotReady', need='store', **here, **process('membership'))
        other = alert('StoreFails', **process('membership', 2))
        told = self.told(
            cause, other,
            alert('StoreFails', **process('membership')),
            alert('StoreConnectsFail', **process('membership')),
            alert('ProcessNotReady', need='membership', **here, **process('capacity')),
            alert('NoHealthyAddress', need='baliprocess.membership.v1.MembershipService', **here,
                  **process('gateway')),
            alert('CallsFailSlowly', grpc_service='baliprocess.membership.v1.MembershipService',
                  **here, job='baliprocess-gateway'))
        self.assertCountEqual(told, [cause, other])

    def test_a_process_of_several(self):
        """Says nothing of the others of its program."""
        here = {'program': 'membership'}
        alerts = [alert('ProcessDown', **here, **process('membership')),
                  alert('NoHealthyAddress', need='baliprocess.membership.v1.MembershipService', **here,
                        **process('gateway')),
                  alert('StoreFails', **process('membership', 2))]
        self.assertCountEqual(
            self.told(*alerts, alert('WatchLags', **process('membership'))), alerts)


if __name__ == '__main__':
    sys.exit(unittest.main())
