"""A Kubernetes of one node, within the namespaces that `run` has made; and its client."""

import json
import os
import ssl
import urllib.request

import daemon
import page
import process
from daemon import CommandError, docker, run, wait_for
from names import Names

COMPONENTS = os.environ['DEPLOY_COMPONENTS']
HERE = os.path.dirname(os.path.abspath(__file__))
# Of Docker's bridge, which all pods are on; and of the way out.
_BRIDGE = '172.30.0.1'
_NODE = '10.0.2.100'
_API = 'https://127.0.0.1:6443'
_TOKEN = 'of-the-administrator'
_PAUSE = 'pause:local'
_GROUPS = 'bali-kubernetes'

_KUBECONFIG = {
    'apiVersion': 'v1', 'kind': 'Config', 'current-context': 'only',
    'clusters': [{'name': 'only', 'cluster': {'server': _API, 'insecure-skip-tls-verify': True}}],
    'users': [{'name': 'administrator', 'user': {'token': _TOKEN}}],
    'contexts': [{'name': 'only', 'context': {'cluster': 'only', 'user': 'administrator'}}]}

# It is asked by the API server alone. One node with little to itself: nothing is put into groups
# for kinds of pods, and no pod is evicted before the disk is full indeed.
_KUBELET = {
    'apiVersion': 'kubelet.config.k8s.io/v1beta1', 'kind': 'KubeletConfiguration',
    'authentication': {'anonymous': {'enabled': True}, 'webhook': {'enabled': False}},
    'authorization': {'mode': 'AlwaysAllow'},
    'cgroupDriver': 'cgroupfs', 'cgroupsPerQOS': False, 'enforceNodeAllocatable': [],
    'failSwapOn': False, 'healthzPort': 0, 'hairpinMode': 'none',
    'evictionHard': {'memory.available': '10Mi', 'nodefs.available': '1%',
                     'imagefs.available': '1%'},
    'imageGCHighThresholdPercent': 100, 'imageGCLowThresholdPercent': 99,
    'cgroupRoot': '/' + _GROUPS, 'volumePluginDir': '/var/lib/kubelet/plugins',
    'clusterDNS': [_BRIDGE], 'clusterDomain': 'cluster.local'}


def docker_daemon():
    """One that a kubelet can use."""
    return daemon.Daemon(_GROUPS, (
        '--bip', _BRIDGE + '/16', '--add-runtime', 'bali=' + os.path.join(HERE, 'runc'),
        '--default-runtime', 'bali'))


def kubectl(*arguments, **more):
    return run(page.KUBECTL, *arguments, **more)


def objects(kind, namespace, *selection):
    """Those of a kind in a namespace, as kubectl selects them."""
    return json.loads(
        kubectl('-n', namespace, 'get', kind, *selection, '-o', 'json').stdout)['items']


def _ask(path):
    """What the API server answers, as JSON where it is. Much lighter than kubectl."""
    request = urllib.request.Request(_API + path, headers={'Authorization': 'Bearer ' + _TOKEN})
    # It makes its certificate itself, and is asked on loopback.
    trusting = ssl._create_unverified_context()  # pylint: disable=protected-access
    with urllib.request.urlopen(request, timeout=10, context=trusting) as answer:
        return json.load(answer)


class Cluster:
    """A context manager."""

    def __init__(self, directory):
        self.directory = os.path.join(directory, 'cluster')
        self._processes = {}  # by name

    def __enter__(self):
        os.makedirs(self._path('kubelet'))
        with open(self._path('kubeconfig'), 'w', encoding='ascii') as file:
            json.dump(_KUBECONFIG, file)
        with open(self._path('kubelet.yaml'), 'w', encoding='ascii') as file:
            json.dump(_KUBELET, file)
        with open(self._path('tokens.csv'), 'w', encoding='ascii') as file:
            file.write(_TOKEN + ',administrator,1,system:masters\n')
        run('openssl', 'genrsa', '-out', self._path('accounts.key'), '2048')
        os.environ['KUBECONFIG'] = self._path('kubeconfig')
        self._import_pause()
        self._hide_var()
        self._start_control_plane()
        self._start_node()
        self._names = Names(self.directory, _ask)
        return self

    def __exit__(self, *_):
        self._names.close()
        for one in reversed(self._processes.values()):
            one.terminate()
            one.wait(60)
        self._unmount()

    def _path(self, name):
        return os.path.join(self.directory, name)

    def _start(self, name, *arguments):
        short = os.path.basename(name)
        self._processes[short] = process.spawn([name, *arguments], self._log(short))

    def _log(self, name):
        return self._path(name + '.log')

    def _component(self, name, *arguments):
        self._start(os.path.join(COMPONENTS, name), *arguments)

    @staticmethod
    def _import_pause():
        """What holds a pod's network."""
        if docker('image', 'inspect', _PAUSE, check=False).returncode != 0:
            archive = os.path.join(daemon.CACHE, 'pause.tar')
            run('tar', '-C', COMPONENTS, '-cf', archive, 'pause')
            docker('import', '--change', 'ENTRYPOINT ["/pause"]', archive, _PAUSE)

    def _hide_var(self):
        """What the kubelet keeps there, whatever it is told, ends with the namespace."""
        for name in ('var', 'var-work'):
            os.mkdir(self._path(name))
        run('mount', '-t', 'overlay', '-o', 'lowerdir=/var,upperdir={},workdir={}'.format(
            self._path('var'), self._path('var-work')), 'overlay', '/var')

    def _start_control_plane(self):
        self._start('etcd', '--data-dir', self._path('etcd'), '--unsafe-no-fsync',
                    '--listen-client-urls', 'http://127.0.0.1:2379',
                    '--advertise-client-urls', 'http://127.0.0.1:2379',
                    '--listen-peer-urls', 'http://127.0.0.1:2380')
        key = self._path('accounts.key')
        self._component('kube-apiserver', '--etcd-servers=http://127.0.0.1:2379',
                        '--cert-dir=' + self._path('api'), '--bind-address=127.0.0.1',
                        '--advertise-address=' + _NODE, '--authorization-mode=RBAC',
                        '--token-auth-file=' + self._path('tokens.csv'),
                        '--service-cluster-ip-range=10.96.0.0/16',
                        '--service-account-issuer=https://kubernetes.default.svc',
                        '--service-account-signing-key-file=' + key,
                        '--service-account-key-file=' + key,
                        '--kubelet-preferred-address-types=InternalIP')
        wait_for(lambda: self._answers('ok', 'get', '--raw', '/readyz'), 'the API server is ready',
                 120, 0.5)
        client = '--kubeconfig=' + self._path('kubeconfig')
        self._component('kube-controller-manager', client, '--leader-elect=false', '--port=0',
                        '--bind-address=127.0.0.1', '--cert-dir=' + self._path('controllers'),
                        '--service-account-private-key-file=' + key, '--controllers=*,-nodeipam')
        self._component('kube-scheduler', client, '--leader-elect=false', '--port=0',
                        '--bind-address=127.0.0.1', '--cert-dir=' + self._path('scheduler'))

    def _runs(self):
        """Raises when a process has ended."""
        for name, one in self._processes.items():
            if one.poll() is not None:
                with open(self._log(name), encoding='utf-8') as file:
                    raise CommandError('{} ended:\n{}'.format(name, file.read()[-3000:]))

    def _answers(self, wanted, *question):
        self._runs()
        return kubectl(*question, check=False).stdout == wanted

    def _start_node(self):
        # What comes in by the bridge and goes out by it again has been sent so on purpose.
        for one in ('all', 'docker0'):
            with open('/proc/sys/net/ipv4/conf/{}/send_redirects'.format(one), 'w',
                      encoding='ascii') as file:
                file.write('0')
        client = '--kubeconfig=' + self._path('kubeconfig')
        self._component('kubelet', client, '--config=' + self._path('kubelet.yaml'),
                        '--docker-endpoint=' + os.environ['DOCKER_HOST'],
                        '--container-runtime-endpoint=unix://' + self._path('kubelet.sock'),
                        '--pod-infra-container-image=' + _PAUSE,
                        '--root-dir=' + self._path('kubelet'),
                        '--cert-dir=' + self._path('kubelet-certificates'),
                        '--hostname-override=node', '--node-ip=' + _NODE)
        # Answers from one pod to another go by the node, which knows the address of the Service.
        self._component('kube-proxy', client, '--hostname-override=node', '--proxy-mode=iptables',
                        '--masquerade-all', '--conntrack-max-per-core=0',
                        '--conntrack-tcp-timeout-established=0',
                        '--conntrack-tcp-timeout-close-wait=0')
        ready = '-o=jsonpath={.status.conditions[?(@.type=="Ready")].status}'
        wait_for(lambda: self._answers('True', 'get', 'node', 'node', ready), 'the node is ready',
                 120, 0.5)

    def _unmount(self):
        """The volumes of pods that the kubelet had no time to take away."""
        with open('/proc/self/mounts', encoding='ascii') as file:
            mounted = [line.split()[1] for line in file]
        for path in reversed(mounted):
            if path.startswith(self.directory):
                run('umount', '--lazy', path, check=False)
