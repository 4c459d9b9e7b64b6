#!/usr/bin/python3
"""What `apt purge` deletes and what stays, by deploy/debian/postrm in a root of its own.
(tests/deploy/deb does so on a whole machine.)"""

import os
import subprocess
import tempfile
import unittest

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), '../..')
SCRIPT = os.path.join(ROOT, 'deploy/debian/postrm')
RECORD = 'var/lib/baliprocess/'
SETTINGS = 'etc/baliprocess/capacity.conf'
IDENTITIES = 'etc/baliprocess/identities/'
KEY = IDENTITIES + 'capacity/identity.key'
STORES = {RECORD + '{0}/{0}.db'.format(name) for name in ('membership', 'meetings', 'capacity')}
BACKUP = 'var/backups/baliprocess/capacity-20240502T090000Z.db'
# Who is asked says $ANSWER.
DEBCONF = 'db_input() { :; }\ndb_go() { :; }\ndb_purge() { :; }\ndb_get() { RET=$ANSWER; }\n'


class Purge(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.root = os.path.join(directory.name, 'root')
        self.tools = os.path.join(directory.name, 'tools')
        self.write(os.path.join(self.tools, 'deb-systemd-helper'), '#!/bin/sh\n')
        os.chmod(os.path.join(self.tools, 'deb-systemd-helper'), 0o755)
        self.add('usr/share/debconf/confmodule', DEBCONF)
        self.add(KEY)
        for name in ('ca/ca.key', 'public/ca.crt', 'capacity/tls.key', 'operator/operator.token'):
            self.add(IDENTITIES + name)

    @staticmethod
    def write(path, text):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, 'w', encoding='ascii') as file:
            file.write(text)

    def add(self, *names_and_text):
        name, *text = names_and_text
        self.write(os.path.join(self.root, name), ''.join(text))

    def run_script(self, action, answer='false'):
        ran = subprocess.run(
            ['sh', SCRIPT, action], capture_output=True, text=True, check=False,
            env={'PATH': self.tools + ':/usr/bin:/bin', 'DPKG_ROOT': self.root, 'ANSWER': answer})
        self.assertEqual(ran.returncode, 0, ran.stderr)
        return ran

    def remove(self, settings_of_capacity):
        """As dpkg does before a purge, which then finds no settings."""
        self.add(SETTINGS, settings_of_capacity)
        self.run_script('remove')
        os.remove(os.path.join(self.root, SETTINGS))

    def purge(self, answer):
        """What is left, and what was said."""
        ran = self.run_script('purge', answer)
        left = {os.path.relpath(os.path.join(folder, name), self.root)
                for folder, _, names in os.walk(self.root) for name in names}
        return left - {'usr/share/debconf/confmodule'}, ran.stderr

    def test_who_refuses_keeps_record_and_key(self):
        for store in STORES:
            self.add(store)
        left, said = self.purge('false')
        self.assertEqual(left, STORES | {KEY})
        self.assertIn('The record stays in', said)
        self.assertIn('found again stays in', said)

    def test_who_cannot_be_asked_keeps_them_too(self):
        for store in STORES:
            self.add(store)
        os.remove(os.path.join(self.root, 'usr/share/debconf/confmodule'))
        self.assertEqual(self.purge('true')[0], STORES | {KEY})

    def test_key_and_record_go_together(self):
        for store in STORES:
            self.add(store)
            self.add(store + '-wal')
        self.assertEqual(self.purge('true'), (set(), ''))
        for folder in ('etc/baliprocess', 'var/lib/baliprocess'):
            self.assertFalse(os.path.exists(os.path.join(self.root, folder)))

    def test_the_key_of_a_store_in_a_database_stays(self):
        self.add(RECORD + 'membership/membership.db')
        left, said = self.purge('true')
        self.assertEqual(left, {KEY})
        self.assertIn('found again stays in', said)

    def test_a_file_beside_the_database_does_not_take_the_key(self):
        for store in STORES:
            self.add(store)
        self.remove('# store = /a/file\nstore = postgresql://capacity@db.example.org/capacity\n')
        left, said = self.purge('true')
        self.assertEqual(left, {KEY})
        self.assertIn('found again stays in', said)

    def test_a_database_that_was_left_for_a_file_keeps_nothing(self):
        for store in STORES:
            self.add(store)
        self.remove('store = postgresql://capacity@db.example.org/capacity\n')
        self.remove('# store = postgresql://db/capacity\nstore = /var/lib/capacity.db\n')
        self.assertEqual(self.purge('true')[0], set())

    def test_the_key_stays_as_long_as_there_are_backups(self):
        for store in STORES:
            self.add(store)
        self.add(BACKUP)
        left, said = self.purge('true')
        self.assertEqual(left, {BACKUP, KEY})
        self.assertIn('Backups stay in', said)

    def test_both_keys_stay_while_one_is_replaced(self):
        self.add(IDENTITIES + 'capacity/identity-2.key')
        self.assertEqual(self.purge('false')[0], {KEY, IDENTITIES + 'capacity/identity-2.key'})

    def test_what_an_administrator_put_there_stays(self):
        for store in STORES:
            self.add(store)
        self.add(RECORD + 'copies/of-2023.db')
        self.assertEqual(self.purge('true')[0], {RECORD + 'copies/of-2023.db'})


if __name__ == '__main__':
    unittest.main()
