"""What operators see of a gateway with --admin_listen and a log."""

import http.client
import json
import os
import re

import process


class Operators:
    def __init__(self, gateway):
        self._log_file = gateway.log_file
        found = process.wait_for(
            lambda: re.search(r'"serving operators".*"port":(\d+)', gateway.log()),
            'the gateway tells where it serves operators')
        self._port = int(found.group(1))

    def metrics(self):
        """By name and labels, as they are written: `gateway_draining`, `grpc_..._total{a="b"}`."""
        connection = http.client.HTTPConnection('127.0.0.1', self._port, timeout=10)
        connection.request('GET', '/metrics')
        text = connection.getresponse().read().decode()
        connection.close()
        return {name: float(value) for name, value in
                re.findall(r'^([a-z].*) (\S+)$', text, re.MULTILINE)}

    def await_in_use(self, addresses, deadline=20):
        """Until the gateway uses these addresses of services, and no others."""
        wanted = set(addresses)

        def healthy():
            return wanted == {
                re.search('address="([^"]*)"', name)[1] for name, value in self.metrics().items()
                if name.startswith('gateway_upstream_healthy{') and value == 1}

        process.wait_for(healthy, 'all services are in use', deadline)

    def log_size(self):
        return os.path.getsize(self._log_file)

    def log_lines(self, since):
        """Behind this size of the log; what isn't JSON is left out."""
        with open(self._log_file, 'rb') as file:
            file.seek(since)
            lines = file.read().decode('utf-8', 'replace').splitlines()
        return [json.loads(line) for line in lines if line.startswith('{') and line.endswith('}')]
