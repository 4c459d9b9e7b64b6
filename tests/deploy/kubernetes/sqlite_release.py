"""Profile sqlite: one replica of each service, on a volume that outlives it."""

import json
import os
import unittest

import daemon
import release_checks
from chart import PROGRAMS
from cluster import kubectl
from release import NAMESPACE


def _volume(name, folder):
    """One on a disk of the node."""
    return {
        'apiVersion': 'v1', 'kind': 'PersistentVolume', 'metadata': {'name': name},
        'spec': {'capacity': {'storage': '20Gi'}, 'accessModes': ['ReadWriteOnce'],
                 'persistentVolumeReclaimPolicy': 'Retain', 'local': {'path': folder},
                 'nodeAffinity': {'required': {'nodeSelectorTerms': [{'matchExpressions': [
                     {'key': 'kubernetes.io/hostname', 'operator': 'In', 'values': ['node']}]}]}}}}


class OnSqlite(release_checks.Checks, unittest.TestCase):
    profile = 'sqlite'
    counts = {'membership': 1, 'meetings': 1, 'capacity': 1, 'gateway': 2}

    @classmethod
    def prepare(cls, directory):
        """Volumes for the claims, in a folder that ends with the daemon."""
        for number in range(3):
            name = 'records-{}'.format(number)
            folder = os.path.join(daemon.CACHE, 'daemon', name)
            os.makedirs(folder)
            kubectl('apply', '--validate=false', '-f', '-', input=json.dumps(_volume(name, folder)))

    @staticmethod
    def left():
        return release_checks.Checks.left() + [
            'PersistentVolumeClaim records-record-baliprocess-{}-0'.format(name)
            for name in sorted(PROGRAMS[:3])]

    def test_9_it_is_removed(self):
        super().test_9_it_is_removed()
        kubectl('-n', NAMESPACE, 'delete', 'job', 'record-baliprocess-load')
        self.release.install('load.enabled=false')
        self.check_facts()
