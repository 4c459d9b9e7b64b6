"""The C++ package: it is installed into a folder, and a project of its own is built on it, as
docs/integrate/cpp.md says."""

import os
import unittest

import quickstart
import suite


class CppPackage(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.page = quickstart.Quickstart('cpp.md')
        cls.addClassCleanup(cls.page.close)
        os.makedirs(cls.page.path('build'))
        os.symlink(os.environ['BALI_BUILD'], cls.page.path('build/release'))
        _, install = cls.page.blocks('Install')[0].splitlines()  # it is built already
        cls.page.run(install)
        build, cls.example = cls.page.blocks('Try it')[0].split('\n\n')
        cls.page.run(build)

    def test_example(self):
        printed = self.page.run(self.example).splitlines()
        self.assertIn('bodies/sg/seats/aus-chair members/aus', printed)
        self.assertEqual(len(printed), len(set(printed)))
        self.assertGreater(len(printed), 6)  # more than a page
        self.assertEqual(printed[-2:], [
            'INVALID_FIELDS', 'seat.role is required: one of PARTICIPANT, CHAIR, BODY_OBSERVER'])

    def test_a_watch_goes_on_over_a_restart(self):
        self.page.watch_over_a_restart(self.page.blocks('What there is')[0].split())

    def test_the_contracts_come_along(self):
        contract = 'bali/share/baliprocess/proto/baliprocess/membership/v1/membership_service.proto'
        self.assertTrue(os.path.exists(self.page.path(contract)))

    def test_the_programs_do_not(self):
        self.assertFalse(os.path.exists(self.page.path('bali/bin')))


if __name__ == '__main__':
    suite.main()
