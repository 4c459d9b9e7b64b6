"""What a node of Kubernetes does for the chart's pods, as far as the programs see it: files of
secrets and ConfigMaps where the pod mounts them, names of Services, commands, probes.

Everything runs in a network of its own (`enter`), so the ports are those of the chart. All pods
share it; each has an address of its own on loopback.
"""

import os
import re
import subprocess
import sys
import urllib.error
import urllib.request

import chart

BIN = os.environ.get('BALI_BIN', os.path.join(chart.ROOT, 'build/release/bin'))
_INSIDE = 'BALI_CHART_NODE'


def enter():
    """Starts this program again in a network and a mount namespace of its own. Needs root."""
    if os.environ.get(_INSIDE):
        subprocess.run(['ip', 'link', 'set', 'lo', 'up'], check=True)
        return
    if os.geteuid() != 0:
        print('needs root, for a network of its own', file=sys.stderr)
        sys.exit(77)
    os.execvpe('unshare', ['unshare', '--net', '--mount', sys.executable, *sys.argv],
               {**os.environ, _INSIDE: '1'})


class Node:
    """Runs what the documents of a release describe. `objects`: what is in secrets and ConfigMaps
    that the release names: name, key, content."""

    def __init__(self, directory, addresses, objects):
        self._directory = directory
        self._objects = objects
        self._processes = {}  # by the name of their pods
        hosts = os.path.join(directory, 'hosts')
        with open(hosts, 'w', encoding='ascii') as file:
            for name, address in addresses.items():
                file.write('{} {}\n'.format(address, name))
        subprocess.run(['mount', '--bind', hosts, '/etc/hosts'], check=True)

    def add(self, name, key, content):
        self._objects.setdefault(name, {})[key] = content

    def _mount(self, pod, spec, container):
        """Makes the files that a container sees. A dict of mount path to folder."""
        volumes = {volume['name']: volume for volume in spec['volumes']}
        mounts = {mount['mountPath']: self._folder(pod, mount['name'], volumes.get(mount['name']))
                  for mount in container['volumeMounts']}
        for mount in container['volumeMounts']:
            folder = mounts[mount['mountPath']]
            os.makedirs(folder, exist_ok=True)
            volume = volumes.get(mount['name'], {})
            source = volume.get('secret') or volume.get('configMap')
            if not source:
                continue
            held = self._objects[source.get('secretName') or source['name']]
            for item in source.get('items') or [{'key': key, 'path': key} for key in held]:
                with open(os.path.join(folder, item['path']), 'wb') as file:
                    file.write(self._translate(mounts, held[item['key']]))
        return mounts

    def _folder(self, pod, name, volume):
        """Where a volume is. Pods that name one claim share it; a StatefulSet's has no volume."""
        if volume is None:
            return self.claim('{}-record-baliprocess-{}-0'.format(name, pod))
        if 'persistentVolumeClaim' in volume:
            return self.claim(volume['persistentVolumeClaim']['claimName'])
        return os.path.join(self._directory, pod, name)

    def claim(self, name):
        """The folder of a claim."""
        return os.path.join(self._directory, 'claims', name)

    @staticmethod
    def _translate(mounts, content):
        """What names mounts and their files names folders instead."""
        paths = sorted(map(re.escape, mounts), key=len, reverse=True)
        found = re.compile(r'(?<![\w.])({})(?![-\w.])'.format('|'.join(paths)).encode())
        return found.sub(lambda match: mounts[match.group().decode()].encode(), content)

    def command(self, pod, spec, container):
        """The command of a container, and its environment, with its files in place."""
        mounts = self._mount(pod, spec, container)

        def seen(text):
            return self._translate(mounts, text.encode()).decode()

        words = [seen(word) for word in container['command'] + container.get('args', [])]
        if os.path.exists(os.path.join(BIN, words[0])):
            words[0] = os.path.join(BIN, words[0])
        environment = {'PATH': BIN + os.pathsep + os.environ['PATH']}
        for variable in container.get('env', []):
            reference = variable.get('valueFrom', {}).get('secretKeyRef')
            environment[variable['name']] = (
                self._objects[reference['name']][reference['key']].decode() if reference
                else seen(variable['value']))
        return words, environment

    def start(self, pod, spec):
        words, environment = self.command(pod, spec, spec['containers'][0])
        with open(os.path.join(self._directory, pod + '.log'), 'wb') as log:
            self._processes[pod] = subprocess.Popen(words, env=environment, stdout=log,
                                                    stderr=subprocess.STDOUT)

    def run(self, pod, spec, container):
        words, environment = self.command(pod, spec, container)
        return subprocess.run(words, env=environment, capture_output=True, text=True, check=False)

    @staticmethod
    def probe(address, container, kind):
        """The status that a probe of a container gets, or 0 for none."""
        asked = container[kind + 'Probe']['httpGet']
        port = {p['name']: p['containerPort'] for p in container['ports']}[asked['port']]
        url = 'http://{}:{}{}'.format(address, port, asked['path'])
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0

    def stop(self, *pods):
        """Ends pods, or all, as Kubernetes does, and returns how each process ended."""
        ending = [self._processes.pop(pod) for pod in pods or list(self._processes)]
        for process in ending:
            process.terminate()
        return [process.wait(timeout=60) for process in ending]

    def leave(self):
        self.stop()
        subprocess.run(['umount', '/etc/hosts'], check=True)

    def log(self, pod):
        with open(os.path.join(self._directory, pod + '.log'), encoding='utf-8') as file:
            return file.read()
