"""deploy/make-identities: who gets to see what, what is renewed, what earlier versions left."""

import os
import shutil
import stat
import subprocess
import tempfile
import unittest

import process
import suite

SCRIPT = os.path.join(suite.ROOT, 'deploy/make-identities')
PROCESSES = ('membership', 'meetings', 'capacity', 'gateway')
# What each folder has. Nothing else may be in DIR.
LAYOUT = {
    'ca': {'ca.key', 'signing-key.pem'},
    'public': {'ca.crt', 'jwks.json'},
    'membership': {'tls.crt', 'tls.key'},
    'meetings': {'tls.crt', 'tls.key'},
    'capacity': {'tls.crt', 'tls.key', 'identity.key'},
    'gateway': {'tls.crt', 'tls.key'},
    'operator': {'tls.crt', 'tls.key', 'secretariat.token', 'operator.token'},
}


def contents(path):
    with open(path, 'rb') as file:
        return file.read()


class MakeIdentities(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix='bali-identities-')
        self.addCleanup(shutil.rmtree, self.directory)

    def file(self, *names):
        return os.path.join(self.directory, *names)

    def run_script(self, *arguments):
        path = process.BIN + os.pathsep + os.environ['PATH']
        return subprocess.run([SCRIPT, *arguments], capture_output=True, text=True, check=False,
                              timeout=60, env={**os.environ, 'PATH': path})

    def make(self, *arguments):
        ran = self.run_script(*arguments, self.directory, *PROCESSES)
        self.assertEqual(ran.returncode, 0, ran.stderr)
        return ran

    def renew(self, *arguments):
        ran = self.run_script('--renew', *arguments, self.directory)
        self.assertEqual(ran.returncode, 0, ran.stderr)
        return ran

    def everything(self):
        """The contents of all files by name."""
        return {os.path.relpath(os.path.join(folder, name), self.directory):
                contents(os.path.join(folder, name))
                for folder, _, names in os.walk(self.directory) for name in names}

    def openssl(self, *arguments):
        return subprocess.run(['openssl', *arguments], capture_output=True, text=True, check=True,
                              timeout=30).stdout

    def check_chain(self, name):
        self.openssl('verify', '-CAfile', self.file('public/ca.crt'), self.file(name, 'tls.crt'))
        self.assertEqual(
            self.openssl('x509', '-in', self.file(name, 'tls.crt'), '-noout', '-pubkey'),
            self.openssl('pkey', '-in', self.file(name, 'tls.key'), '-pubout'))

    def shorten(self, name, days):
        """Has a process a certificate that ends so soon."""
        self.openssl('req', '-new', '-key', self.file(name, 'tls.key'), '-subj', '/CN=' + name,
                     '-out', self.file('request'))
        self.openssl('x509', '-req', '-in', self.file('request'), '-days', str(days),
                     '-CA', self.file('public/ca.crt'), '-CAkey', self.file('ca/ca.key'),
                     '-set_serial', '7', '-out', self.file(name, 'tls.crt'))
        os.remove(self.file('request'))

    def test_each_folder_has_what_its_process_needs_and_nothing_else(self):
        self.make()
        self.assertEqual({name: set(os.listdir(self.file(name)))
                          for name in os.listdir(self.directory)}, LAYOUT)
        for name in (*PROCESSES, 'operator'):
            self.check_chain(name)
        for name in self.everything():
            mode = stat.S_IMODE(os.stat(self.file(name)).st_mode)
            self.assertEqual(mode, 0o644 if name.startswith('public/') else 0o600, name)

    @unittest.skipIf(os.geteuid() != 0, 'only root gives files away')
    def test_who_may_read_a_key_may_read_the_certificate_that_is_made_anew(self):
        self.make()
        os.chown(self.file('gateway/tls.key'), 0, 4242)
        os.chmod(self.file('gateway/tls.key'), 0o640)
        self.shorten('gateway', 9)
        self.renew()
        made = os.stat(self.file('gateway/tls.crt'))
        self.assertEqual((made.st_uid, made.st_gid, stat.S_IMODE(made.st_mode)), (0, 4242, 0o640))

    def test_again_it_changes_nothing(self):
        self.make()
        before = self.everything()
        self.make()
        self.renew()
        self.assertEqual(self.everything(), before)

    def test_only_what_ends_soon_is_renewed_and_keeps_its_key(self):
        self.make()
        self.shorten('gateway', 20)
        before = self.everything()
        self.assertEqual(self.renew('--days', '10').stdout, '')
        self.assertEqual(self.everything(), before)
        self.assertEqual(self.renew('--days', '25').stdout,
                         'Renewed the certificate of gateway.\n')
        after = self.everything()
        self.assertEqual({name for name in after if after[name] != before[name]},
                         {'gateway/tls.crt'})
        self.check_chain('gateway')

    def test_a_service_has_the_password_of_its_own_role(self):
        self.make()
        ran = self.run_script(self.directory, *PROCESSES, 'postgres')
        self.assertEqual(ran.returncode, 0, ran.stderr)
        for name in ('membership', 'meetings', 'capacity'):
            password = contents(self.file('postgres', name + '.password')).strip()
            self.assertEqual(contents(self.file(name, 'store.password')).strip(), password)
        before = self.everything()
        self.make('--days', '1')
        self.assertEqual(self.everything(), before)
        self.assertFalse(os.path.exists(self.file('gateway/store.password')))

    def test_passwords_are_replaced_when_that_is_asked(self):
        self.assertEqual(self.run_script(self.directory, *PROCESSES, 'postgres').returncode, 0)
        before = self.everything()
        ran = self.run_script('--new-passwords', self.directory)
        self.assertEqual(ran.returncode, 0, ran.stderr)
        after = self.everything()
        self.assertEqual(set(after), set(before))
        changed = {name for name in after if after[name] != before[name]}
        self.assertEqual(changed, {'postgres/postgres.password'} | {
            name.format(role) for role in ('membership', 'meetings', 'capacity')
            for name in ('postgres/{}.password', '{}/store.password')})
        for role in ('membership', 'meetings', 'capacity'):
            own = self.file(role, 'store.password')
            self.assertEqual(contents(own), contents(self.file('postgres', role + '.password')))
            self.assertEqual(stat.S_IMODE(os.stat(own).st_mode), 0o600)

    def test_a_plain_run_renews_too(self):
        self.make()
        self.shorten('meetings', 29)
        self.assertEqual(self.make().stdout, 'Renewed the certificate of meetings.\n')

    def test_serial_numbers_differ(self):
        self.make()
        serials = {self.openssl('x509', '-in', self.file(name, 'tls.crt'), '-noout', '-serial')
                   for name in PROCESSES}
        self.assertEqual(len(serials), len(PROCESSES))

    def test_one_folder_of_earlier_versions_is_carried_over(self):
        self.make()
        os.remove(self.file('operator', 'operator.token'))  # there was none
        before = self.everything()
        os.makedirs(self.file('tls'))
        os.makedirs(self.file('keys'))
        for name in (*PROCESSES, 'operator'):
            for end in ('crt', 'key'):
                os.rename(self.file(name, 'tls.' + end), self.file('tls', name + '.' + end))
        for new, old in (('ca/ca.key', 'tls'), ('public/ca.crt', 'tls'),
                         ('ca/signing-key.pem', 'keys'), ('public/jwks.json', 'keys'),
                         ('capacity/identity.key', 'keys'), ('operator/secretariat.token', '')):
            os.rename(self.file(new), self.file(old, os.path.basename(new)))
        for name in LAYOUT:
            os.rmdir(self.file(name))
        self.make()
        os.remove(self.file('operator', 'operator.token'))
        self.assertEqual(self.everything(), before)

    def test_wrong_usage_makes_nothing(self):
        for arguments in (['--days', 'ten', self.directory], ['--nonsense', self.directory], [],
                          ['--renew', self.directory], ['--days']):
            self.assertEqual(self.run_script(*arguments).returncode, 2, arguments)
        self.assertEqual(os.listdir(self.directory), [])
        self.make()
        self.assertEqual(self.run_script('--new-passwords', self.directory).returncode, 2)


if __name__ == '__main__':
    suite.main()
