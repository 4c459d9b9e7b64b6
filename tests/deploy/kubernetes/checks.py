"""What tests/deploy/kubernetes/run tries, inside its namespaces."""

import sys
import unittest

import cluster
import image
import postgres_release
import sqlite_release


def main():
    with cluster.docker_daemon() as docker:
        image.build()
        image.tag()
        suite = unittest.TestSuite()
        loader = unittest.TestLoader()
        if '-k' in sys.argv:
            loader.testNamePatterns = ['*{}*'.format(sys.argv[sys.argv.index('-k') + 1])]
        for module in (sqlite_release, postgres_release):
            suite.addTests(loader.loadTestsFromModule(module))
        with cluster.Cluster(docker.directory):
            result = unittest.TextTestRunner(verbosity=2).run(suite)
    sys.exit(0 if result.wasSuccessful() else 1)


if __name__ == '__main__':
    main()
