"""What docs/operate/installation.md has for containers, as it stands there."""

import fences
from installation import SERVICES, wait_until_healthy


class PageChecks:
    """Beside suite_checks.Checks, whose installation is up."""

    def test_7_the_commands_of_the_page_of_installation(self):
        self.assertIn('export SHIP_CHANGES=/shipped', fences.lines('installation.md'))
        ran = 0
        for words in fences.compose_commands('installation.md'):
            if words[0] == 'up':
                continue  # done, without building
            with self.subTest(' '.join(words)):
                self.installation.compose(*words)
            ran += 1
        self.assertGreater(ran, 8)
        for container in self.first_containers().values():
            wait_until_healthy(container)
        self.check_facts()
        backups = self.installation.compose('run', '--rm', '--entrypoint', 'ls', 'backup',
                                            '/var/lib/baliprocess').stdout
        for name in SERVICES:
            self.assertRegex(backups, r'(?m)^{}-\S+\.db$'.format(name))
