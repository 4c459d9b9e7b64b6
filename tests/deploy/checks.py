"""What tests/deploy/run tries, inside its namespaces."""

import sys
import unittest

import daemon
import image
import image_checks
import postgres_checks
import sqlite_checks


def main():
    with daemon.Daemon():
        image.build()
        suite = unittest.TestSuite()
        loader = unittest.TestLoader()
        if '-k' in sys.argv:
            loader.testNamePatterns = ['*{}*'.format(sys.argv[sys.argv.index('-k') + 1])]
        for module in (image_checks, sqlite_checks, postgres_checks):
            suite.addTests(loader.loadTestsFromModule(module))
        result = unittest.TextTestRunner(verbosity=2).run(suite)
    sys.exit(0 if result.wasSuccessful() else 1)


if __name__ == '__main__':
    main()
