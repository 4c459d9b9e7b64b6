"""The only replica of each service is restarted in its turn, on SQLite, while others call by gRPC
and by JSON over HTTP/1.1, and write: their calls wait in the gateway, or in the service that asks the
one that is away, and none fails.

BALI_FAULT_SECONDS is how long each service is there between restarts at least, and away within one: a
little by default. Prints the calls and what failed.
"""

import os
import sys
import time
import unittest

import process
import suite
from json_callers import JsonCallers
from victim import Victim

PAUSE = min(5.0, float(os.environ.get('BALI_FAULT_SECONDS', '0.5')))
RATE = 60
# The changes have no request_id: they aren't made twice.
CALLS = (('GetMember', {'name': 'members/aus'}), ('ListMeetings', {'page_size': 2}),
         ('UpdateMember', {'member': {'name': 'members/aus', 'region_code': 'AU'}}),
         ('ListStrategies', {'page_size': 2}),
         # Meetings asks membership for it.
         ('GetAttendanceGap', {'meeting': 'meetings/ahg-17'}))
PATHS = ('/v1/members/aus', '/v1/meetings?page_size=2', '/v1/strategies?page_size=2')


class SoleReplica(unittest.TestCase):
    def setUp(self):
        self.suite = suite.Suite().start()
        self.addCleanup(self.suite.close)
        self.suite.load()

    def test_every_service(self):
        others = JsonCallers(self.suite.gateway.address, self.suite.identities, PATHS, 4, 0.05)
        with Victim(self.suite, rate=RATE, watches=0, calls=CALLS, timeout=20) as callers, others:
            for one in self.suite.services():
                time.sleep(PAUSE)
                self.assertEqual(one.stop(), 0, one.label)
                time.sleep(PAUSE)
                one.start()
                self.suite.wait_until_serving()
            time.sleep(PAUSE)
        print('{} restarts: {} calls of gRPC, {} failed, slowest {:.2f} s; {} of JSON, {} failed'
              .format(len(self.suite.services()), callers.answered, len(callers.failures),
                      callers.slowest, others.answered, len(others.failures)), file=sys.stderr)
        self.assertEqual(callers.failures, [])
        self.assertEqual(others.failures, [])

    def test_a_stream_waits(self):
        self.suite.membership.stop()
        watch = self.suite.client('OBSERVER').watch(from_start=True)
        process.wait_for(lambda: 'calls wait' in self.suite.gateway.log(), 'the watch waits')
        self.suite.membership.start()
        watch.changes(1)
        watch.cancel()


if __name__ == '__main__':
    suite.main()
