"""What docs/operate/installation.md has for containers, as it stands there."""

import fences


class PageChecks:
    """Beside suite_checks.Checks, whose installation is up."""

    def test_7_the_commands_of_the_page_of_installation(self):
        ran = 0
        for words in fences.compose_commands('installation.md'):
            if words[0] == 'up':
                continue  # done, without building
            with self.subTest(' '.join(words)):
                self.installation.compose(*words)
            ran += 1
        self.assertGreater(ran, 5)
        backups = self.installation.compose('run', '--rm', '--entrypoint', 'ls', 'backup',
                                            '/var/lib/baliprocess').stdout
        for name in ('membership', 'meetings', 'capacity'):
            self.assertRegex(backups, r'(?m)^{}-\S+\.db$'.format(name))
