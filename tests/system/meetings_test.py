"""Meetings through the gateway: what is acknowledged outlasts SIGKILL, and membership may be away."""

import unittest

import suite
from client import CallError


class Meetings(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.suite = suite.Suite().start()
        cls.addClassCleanup(cls.suite.close)
        cls.suite.load()

    def test_1_the_two_meetings_of_may_2024_survive(self):
        client = self.suite.client('SECRETARIAT')
        for name, body, ordinal in (('sg-18', 'bodies/sg', 18),
                                    ('ahg-17', 'bodies/ahg', 17)):
            client.call('CreateMeeting', meeting_id=name, meeting={
                'body': body, 'ordinal': ordinal, 'display_name': name,
                'start_date': {'year': 2024, 'month': 5, 'day': 2},
                'end_date': {'year': 2024, 'month': 5, 'day': 3},
                'venue': {'city': 'Kuala Lumpur', 'region_code': 'MY'}})
        client.call('CreateDelegation', parent='meetings/ahg-17', delegation_id='aus',
                    delegation={'member': 'members/aus', 'attendance': 'PRESENT'})
        self.suite.kill_all()
        self.suite.start()
        public = self.suite.client()
        meeting = public.call('GetMeeting', name='meetings/ahg-17')
        self.assertEqual((meeting.ordinal, meeting.venue.city), (17, 'Kuala Lumpur'))
        gap = public.call('GetAttendanceGap', meeting='meetings/ahg-17')
        self.assertEqual((gap.present_count, len(gap.missing)), (1, 15))
        calendar = public.call('ExportCalendar').content
        self.assertEqual(calendar.count('DTEND;VALUE=DATE:20240504\r\n'), 2)

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
