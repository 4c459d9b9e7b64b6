"""Meetings through the gateway: what is acknowledged outlasts SIGKILL, and membership may be away."""

import unittest

import suite
from client import CallError


class Meetings(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.suite = suite.Suite(meetings_flags=('--wait_for_peer', '0')).start()
        cls.addClassCleanup(cls.suite.close)
        cls.suite.load()

    def test_1_the_next_meeting_survives(self):
        """The record of 2024 itself is the matter of facts_test.py."""
        client = self.suite.client('SECRETARIAT')
        client.call('CreateMeeting', meeting_id='ahg-18', meeting={
            'body': 'bodies/ahg', 'ordinal': 18, 'display_name': '18th Ad Hoc Group meeting',
            'start_date': {'year': 2025, 'month': 5, 'day': 6},
            'end_date': {'year': 2025, 'month': 5, 'day': 7},
            'venue': {'city': 'Perth', 'region_code': 'AU'}})
        client.call('CreateDelegation', parent='meetings/ahg-18', delegation_id='aus',
                    delegation={'participant': {'member': 'members/aus'}, 'attendance': 'PRESENT'})
        self.suite.kill_all()
        self.suite.start()
        public = self.suite.client()
        meeting = public.call('GetMeeting', name='meetings/ahg-18')
        self.assertEqual((meeting.ordinal, meeting.venue.city), (18, 'Perth'))
        gap = public.call('GetAttendanceGap', meeting='meetings/ahg-18')
        self.assertEqual((gap.present_count, len(gap.missing)), (1, 15))
        calendar = public.call('ExportCalendar').file.data.decode()
        self.assertEqual(calendar.count('DTEND;VALUE=DATE:20250508\r\n'), 1)

    def test_2_without_membership_reads_work_and_writes_say_so(self):
        client = self.suite.client('SECRETARIAT')
        self.suite.membership.kill()
        with self.assertRaises(CallError) as caught:
            client.call('CreateMeeting', meeting_id='late', timeout=5,
                        meeting={'body': 'bodies/ahg', 'display_name': 'late'})
        self.assertEqual((caught.exception.code, caught.exception.reason),
                         ('UNAVAILABLE', 'TEMPORARILY_UNAVAILABLE'))
        self.assertEqual(client.call('GetMeeting', name='meetings/sg-18').ordinal, 18)
        self.suite.membership.start()
        self.suite.wait_until_serving()

        def written():
            try:
                client.call('CreateMeeting', meeting_id='late', timeout=5,
                            meeting={'body': 'bodies/ahg', 'display_name': 'late'})
                return True
            except CallError as error:
                if error.code != 'UNAVAILABLE':
                    raise
                return False
        suite.process.wait_for(written, 'meetings reaches membership again')


if __name__ == '__main__':
    suite.main()
