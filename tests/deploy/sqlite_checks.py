"""The suite on SQLite by Compose: one container of each service."""

import os
import re
import unittest

import image
from daemon import ROOT
from page_checks import PageChecks
from suite_checks import Checks

# What gRPC says while nobody has the gateway's port.
NO_GATEWAY = re.compile('failed to connect to all addresses|Socket closed|Connection reset')


def unexpected(failures, *told):
    return [one for one in failures if not any(text.search(one) for text in told)]


class OnSqliteByCompose1(Checks, PageChecks, unittest.TestCase):
    """With one gateway, which is missed while it is replaced. What changes is shipped, as the page of
    installation says."""

    version = 1

    @classmethod
    def setUpClass(cls):
        os.environ['SHIP_CHANGES'] = '/shipped'
        cls.addClassCleanup(os.environ.pop, 'SHIP_CHANGES')
        super().setUpClass()

    def test_8_an_upgrade_fails_no_call_that_the_gateway_has_taken(self):
        self.assertEqual(unexpected(self.upgrade().failures, NO_GATEWAY), [])


class OnSqliteByCompose2(Checks, unittest.TestCase):
    """With two gateways behind a balancer."""

    version = 2
    settings = ('--env-file', os.path.join(ROOT, 'deploy/gateways.env'))
    others = (image.BALANCER,)
    counts = {**Checks.counts, 'gateway': 2}

    def test_8_an_upgrade_fails_no_call(self):
        self.assertEqual(self.upgrade().failures, [])
