"""Names of Services, as the DNS of a cluster answers for them."""

import os
import signal
import threading

import process

_OUTSIDE = '10.0.2.3'  # of slirp4netns
_EVERY = 0.25  # seconds; a cluster's own hears of changes at once


class Names:
    """`ask` gives what the API server says at a path. Answers are as CoreDNS' by default: addresses
    of a headless Service are those of pods that are ready, and live for 5 s. To be closed."""

    def __init__(self, directory, ask):
        self._ask = ask
        self._file = os.path.join(directory, 'names')
        self._known = None
        with open(self._file, 'w', encoding='ascii'):
            pass
        self._server = process.spawn(
            ['dnsmasq', '--keep-in-foreground', '--conf-file=/dev/null', '--user=root',
             '--no-resolv', '--no-hosts', '--pid-file', '--log-facility=-',
             '--addn-hosts=' + self._file, '--local-ttl=5', '--local=/cluster.local/',
             '--server=' + _OUTSIDE],
            os.path.join(directory, 'dnsmasq.log'))
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self._thread.start()
        # This process asks as pods do.
        with open('/etc/resolv.conf', 'w', encoding='ascii') as file:
            file.write('nameserver 127.0.0.1\nsearch cluster.local\noptions ndots:5\n')

    def close(self):
        self._ends.set()
        self._thread.join()
        self._server.terminate()
        self._server.wait()

    def _follow(self):
        while not self._ends.wait(_EVERY):
            try:
                lines = ''.join('{} {}.{}.svc.cluster.local\n'.format(*one)
                                for one in self._addresses())
            except OSError:  # it is busy, or hasn't begun
                continue
            if lines != self._known:
                with open(self._file + '.new', 'w', encoding='ascii') as file:
                    file.write(lines)
                os.rename(self._file + '.new', self._file)
                self._server.send_signal(signal.SIGHUP)
                self._known = lines

    def _addresses(self):
        """Triples of address, name, namespace, in order."""
        found = set()
        headless = set()
        for service in self._ask('/api/v1/services')['items']:
            name = (service['metadata']['name'], service['metadata']['namespace'])
            if service['spec'].get('clusterIP') == 'None':
                headless.add(name)
            else:
                found.add((service['spec']['clusterIP'], *name))
        for endpoints in self._ask('/api/v1/endpoints')['items']:
            name = (endpoints['metadata']['name'], endpoints['metadata']['namespace'])
            for part in endpoints.get('subsets') or [] if name in headless else []:
                found.update((one['ip'], *name) for one in part.get('addresses', []))
        return sorted(found)
