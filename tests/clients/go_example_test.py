"""Go: packages are generated, and the example is built on them and run, as docs/integrate/go.md says."""

import unittest

import quickstart
import suite


class GoExample(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.page = quickstart.Quickstart('go.md')
        cls.addClassCleanup(cls.page.close)
        cls.page.run(cls.page.program('Install'))

    def test_example(self):
        printed = self.page.run(self.page.program('Try it'), GOCACHE=self.page.path('cache')).splitlines()
        self.assertIn('bodies/sg/seats/aus-chair members/aus', printed)
        self.assertEqual(len(printed), len(set(printed)))
        self.assertGreater(len(printed), 7)  # more than a page
        self.assertEqual(printed[-3:], [
            'INVALID_FIELDS', 'seat.role is required: one of PARTICIPANT, CHAIR, BODY_OBSERVER',
            'CREATED externalForums/example-go'])


if __name__ == '__main__':
    suite.main()
