"""The suite on SQLite by Compose: one container of each program."""

import unittest

from page_checks import PageChecks
from suite_checks import Checks


class OnSqliteByCompose1(Checks, PageChecks, unittest.TestCase):
    version = 1

    def test_8_an_upgrade_keeps_the_data(self):
        """Some calls fail while a service has no container."""
        self.upgrade()


class OnSqliteByCompose2(OnSqliteByCompose1):
    version = 2
