"""What is in the image, and what isn't."""

import json
import unittest

import image
from daemon import docker

# In megabytes, on the official base.
MOST = 160
OFFICIAL_BASE = 75


class Image(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.commit = image.commit()
        cls.facts = image.facts()

    def inside(self, *command, user='10001:0', check=True):
        return docker('run', '--rm', '--read-only', '--user', user, image.NAME, *command,
                      check=check)

    def test_it_is_small(self):
        whole, base = image.megabytes(image.NAME), image.megabytes(image.BASE)
        print('the image has {:.0f} MB, its base {:.0f} MB of them'.format(whole, base), flush=True)
        self.assertLessEqual(whole - base + OFFICIAL_BASE, MOST)

    def test_labels_tell_version_and_commit(self):
        labels = self.facts['Config']['Labels']
        version = self.inside('membership', '--version').stdout.split()
        self.assertIn(labels['org.opencontainers.image.version'], version)
        self.assertEqual(labels['org.opencontainers.image.revision'], self.commit)

    def test_it_runs_as_nobody_special_and_leaves_no_volume(self):
        config = self.facts['Config']
        self.assertEqual(config['User'], '10001:0')
        self.assertFalse(config.get('Volumes'))
        self.assertEqual(config['Healthcheck']['Test'][1:3], ['balictl', 'health'])

    def test_any_user_of_group_0_may_write_where_data_goes(self):
        for user in ('10001:0', '1000650000:0'):
            docker('run', '--rm', '--user', user, image.NAME, 'bash', '-ec',
                   'touch /var/lib/baliprocess/x /shipped/x /identities/gateway/x')
        self.assertNotEqual(docker('run', '--rm', image.NAME, 'touch', '/usr/local/bin/x',
                                   check=False).returncode, 0)

    def test_every_program_starts(self):
        for program in image.PROGRAMS:
            ran = self.inside(program, 'help' if program == 'balictl' else '--version')
            self.assertTrue(ran.stdout, program)

    def test_no_compiler_and_no_npm(self):
        found = self.inside('bash', '-c', 'command -v npm node gcc g++ cmake git', check=False)
        self.assertEqual(found.stdout, '')

    def test_the_bill_of_materials_lists_every_package(self):
        document = json.loads(self.inside('cat', '/usr/share/baliprocess/sbom.spdx.json').stdout)
        self.assertEqual(document['spdxVersion'], 'SPDX-2.3')
        names = {package['name'] for package in document['packages']}
        ids = {package['SPDXID'] for package in document['packages']}
        installed = self.inside('dpkg-query', '-W', '-f=${Package}\n').stdout.split()
        self.assertEqual(names, {*installed, 'baliprocess'})
        self.assertIn('commit ' + self.commit, {one['sourceInfo'] for one in document['packages']})
        related = {one['relatedSpdxElement'] for one in document['relationships']}
        self.assertEqual(related, ids)
