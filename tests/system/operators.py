"""What operators see of a process with --admin_listen and a log."""

import http.client
import json
import os
import re

import process


class Operators:
    def __init__(self, one):
        self._log_file = one.log_file
        found = process.wait_for(
            lambda: re.search(r'"serving operators".*"port":(\d+)', one.log()),
            'the process tells where it serves operators')
        self._port = int(found.group(1))
        self.address = '127.0.0.1:{}'.format(self._port)

    def get(self, path, method='GET'):
        """The status and the body of a page."""
        connection = http.client.HTTPConnection('127.0.0.1', self._port, timeout=10)
        try:
            connection.request(method, path)
            reply = connection.getresponse()
            return reply.status, reply.read().decode()
        finally:
            connection.close()

    def json(self, path):
        return json.loads(self.get(path)[1])

    def is_ready(self):
        return self.get('/readyz')[0] == 200

    def metrics(self):
        """By name and labels, as they are written: `bali_draining`, `grpc_..._total{a="b"}`."""
        return {name: float(value) for name, value in
                re.findall(r'^([a-z].*) (\S+)$', self.get('/metrics')[1], re.MULTILINE)}

    def await_in_use(self, addresses, deadline=20):
        """Until the gateway uses these addresses of services, and no others."""
        wanted = set(addresses)

        def healthy():
            return wanted == {
                re.search('address="([^"]*)"', name)[1] for name, value in self.metrics().items()
                if name.startswith('gateway_upstream_healthy{') and value == 1}

        process.wait_for(healthy, 'all services are in use', deadline)

    def families(self):
        """The kind and the help of each family of metrics, by its name."""
        text = self.get('/metrics')[1]
        kinds = dict(re.findall(r'^# TYPE (\S+) (\S+)$', text, re.MULTILINE))
        helps = dict(re.findall(r'^# HELP (\S+) (.+)$', text, re.MULTILINE))
        return {name: (kinds[name], helps[name]) for name in kinds}

    def labels(self):
        """The labels of each family of metrics that has lines, but for those of buckets."""
        found = {}
        for name, labels in re.findall(r'^(\w+)(?:\{(.*)\})? \S+$', self.get('/metrics')[1],
                                       re.MULTILINE):
            family = re.sub(r'_(bucket|sum|count)$', '', name)
            words = set(re.findall(r'(\w+)="', labels)) - {'le'}
            for one in (name, family):
                found.setdefault(one, set()).update(words)
        return found

    def log_size(self):
        return os.path.getsize(self._log_file)

    def log_lines(self, since):
        """Behind this size of the log; what isn't JSON is left out."""
        with open(self._log_file, 'rb') as file:
            file.seek(since)
            lines = file.read().decode('utf-8', 'replace').splitlines()
        return [json.loads(line) for line in lines if line.startswith('{') and line.endswith('}')]
