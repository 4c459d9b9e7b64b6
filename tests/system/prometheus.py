"""A Prometheus of a test's own, which scrapes the real processes twice a second and judges the rules of
deploy/monitoring, their times made short."""

import json
import os
import re
import shutil
import tempfile
import urllib.error
import urllib.parse
import urllib.request

import process
from operators import Operators
from short_rules import shortened
from suite import ROOT

_CONFIG = """
global: {{scrape_interval: 500ms, scrape_timeout: 500ms, evaluation_interval: 500ms}}
rule_files: [rules.yaml]
scrape_configs:
{jobs}
"""
_JOB = """- job_name: baliprocess-{name}
  file_sd_configs: [{{files: [{name}.json]}}]
"""
_OTHERS = """- job_name: others
  file_sd_configs: [{files: [others.json]}]
"""


class Prometheus:
    """Its jobs are named as in deploy/monitoring/prometheus.yaml: after the programs."""

    def __init__(self, programs, divisor):
        """Starts it, for processes of these programs, and others that have metrics (`scrape`).
        `divisor`: of the times of the rules."""
        self.directory = tempfile.mkdtemp(prefix='bali-prometheus-')
        self._log = self._file('prometheus.log')
        self._url = None
        self._write('prometheus.yaml', _CONFIG.format(
            jobs=''.join(_JOB.format(name=name) for name in programs) + _OTHERS))
        with open(os.path.join(ROOT, 'deploy/monitoring/rules.yaml'), encoding='utf-8') as file:
            self._write('rules.yaml', shortened(file.read(), divisor))
        self._process = process.spawn(
            ['prometheus', '--config.file', self._file('prometheus.yaml'),
             '--storage.tsdb.path', self._file('data'), '--web.listen-address', '127.0.0.1:0'],
            self._log)

    def wait_until_ready(self):
        found = process.wait_for(
            lambda: re.search(r'msg="Listening on" address=(\S+)', self._read_log()),
            'Prometheus listens')
        self._url = 'http://{}/'.format(found.group(1))
        process.wait_for(self._is_ready, 'Prometheus is ready')

    def _file(self, name):
        return os.path.join(self.directory, name)

    def _write(self, name, text):
        """At once, so that no half of it is read."""
        with open(self._file(name + '.part'), 'w', encoding='utf-8') as file:
            file.write(text)
        os.replace(self._file(name + '.part'), self._file(name))

    def _read_log(self):
        if self._process.poll() is not None:
            raise process.StartError('prometheus', self._process.returncode, '')
        with open(self._log, encoding='utf-8') as file:
            return file.read()

    def follow(self, processes):
        """Scrapes these from now on, which run, with --admin_listen."""
        targets = {}
        for one in processes:
            targets.setdefault(one.name, []).append(Operators(one).address)
        for name, addresses in targets.items():
            self._write(name + '.json', json.dumps([{'targets': addresses}]))

    def scrape(self, address):
        """Something else than processes of the suite."""
        self._write('others.json', json.dumps([{'targets': [address]}]))

    def _is_ready(self):
        try:
            with urllib.request.urlopen(self._url + '-/ready', timeout=10) as reply:
                return reply.status == 200
        except urllib.error.HTTPError:
            return False

    def _get(self, path, **query):
        url = self._url + 'api/v1/' + path + '?' + urllib.parse.urlencode(query)
        with urllib.request.urlopen(url, timeout=10) as reply:
            return json.load(reply)['data']

    def query(self, expression):
        """The values that it has now."""
        return [float(one['value'][1]) for one in self._get('query', query=expression)['result']]

    def firing(self, name, **labels):
        """Whether an alert fires with these labels."""
        return any(alert['labels'].items() >= {'alertname': name, **labels}.items()
                   for alert in self._alerts())

    def has_fired(self, name, **labels):
        """Whether an alert with these labels fires, or did within five minutes."""
        matchers = {'alertname': name, 'alertstate': 'firing', **labels}
        return bool(self.query('max_over_time(ALERTS{{{}}}[5m])'.format(','.join(
            '{}={}'.format(label, json.dumps(value)) for label, value in matchers.items()))))

    def names_of_firing(self):
        """But for Watchdog, which always does."""
        return {alert['labels']['alertname'] for alert in self._alerts()} - {'Watchdog'}

    def _alerts(self):
        return [alert for alert in self._get('alerts')['alerts'] if alert['state'] == 'firing']

    def close(self):
        self._process.kill()
        self._process.wait()

    def show_logs(self):
        with open(self._log, encoding='utf-8') as file:
            print('--- the end of the log of Prometheus\n' + ''.join(file.readlines()[-10:]))

    def remove(self):
        self.close()
        shutil.rmtree(self.directory)
