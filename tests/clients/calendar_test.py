"""The exported calendar, read by libical: what Evolution, KOrganizer and Cyrus read calendars with."""

import datetime
import unittest

import gi
gi.require_version('ICalGLib', '3.0')
from gi.repository import ICalGLib  # noqa: E402

import client
import suite

MOST_OCTETS = 75  # of a line (RFC 5545, 3.1)
KUALA_LUMPUR = {'city': 'Kuala Lumpur', 'region_code': 'MY'}
MAY_2 = {'year': 2024, 'month': 5, 'day': 2}
MAY_3 = {'year': 2024, 'month': 5, 'day': 3}

# Everything that has to be escaped or must not be cut in two; three and four octets a character.
TEXTS = [
    'One, two; three\\four\\nfive\\, six\\;\\\\',
    'First line\nsecond line\n\n  fourth, indented\tand tabbed',
    'คณะทำงาน' * 30,
    'x' + '🛂🚢' * 120,
    'xx' + 'é€🛂' * 90,
    'xxx' + '東京' * 130 + '\\',
    'a' * 300,
    'ab ' * 99 + 'ab',
]


def utc(*parts):
    return datetime.datetime(*parts, tzinfo=datetime.timezone.utc)


class Event:
    """An event as the parser sees it."""

    def __init__(self, component):
        self.component = component
        self.uid = component.get_uid()
        self.sequence = component.get_sequence()
        self.status = component.get_status().value_nick.upper()
        self.summary = component.get_summary()
        self.description = component.get_description()
        self.location = component.get_location()
        self.start = self._time(component.get_dtstart())
        self.end = self._time(component.get_dtend())
        self.zones = {one.get_tzid() for one in (component.get_dtstart(), component.get_dtend())
                      if one.get_tzid() and not one.is_utc()}
        self.stamp = self._time(component.get_dtstamp())

    @staticmethod
    def _time(time):
        if time.is_null_time():
            return None
        day = (time.get_year(), time.get_month(), time.get_day())
        if time.is_date():
            return datetime.date(*day)
        # By the zone that the calendar spells out.
        time = time.convert_to_zone(ICalGLib.Timezone.get_utc_timezone())
        day = (time.get_year(), time.get_month(), time.get_day())
        return utc(*day, time.get_hour(), time.get_minute(), time.get_second())

    def count(self, kind):
        return self.component.count_properties(kind)


class Calendar(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.suite = suite.Suite(meetings_flags=[
            '--public_url', 'https://suite.example.org', '--organizer_email', 'rso@example.org',
            '--organizer_name', 'The Support Office']).start()
        cls.addClassCleanup(cls.suite.close)
        cls.client = cls.suite.client('SECRETARIAT')
        for body, kind in (('sg', 'STEERING_GROUP'), ('ahg', 'AD_HOC_GROUP'),
                           ('mc', 'CONFERENCE'), ('gabf', 'BUSINESS_FORUM')):
            cls.client.call('CreateBody', body_id=body,
                            body={'kind': kind, 'display_name': body.upper()})

    def add(self, name, body='ahg', **fields):
        """A meeting; deleted when the test ends."""
        fields.setdefault('display_name', name)
        meeting = self.client.call('CreateMeeting', meeting_id=name, as_recorded=True,
                                   meeting={'body': 'bodies/' + body, **fields})
        self.addCleanup(self.client.call, 'DeleteMeeting', name=meeting.name)
        return meeting

    def export(self, role=None, **fields):
        """What a reader gets, a public one unless told otherwise: the events by uid of the meeting,
        and what was left out."""
        reply = self.suite.client(*([role] if role else [])).call('ExportCalendar', **fields)
        self.assertEqual(reply.file.content_type, 'text/calendar; charset=utf-8')
        events = self.read(reply.file.data.decode())
        self.assertEqual(len(events), reply.meeting_count)
        return events, {one.meeting: type(reply).Reason.Name(one.reason)
                        for one in reply.omissions}

    def read(self, text):
        """The events of a calendar that holds to the rules."""
        self.check_lines(text)
        calendar = ICalGLib.Component.new_from_string(text)
        self.assertIsNotNone(calendar)
        ICalGLib.restriction_check(calendar)
        self.assertEqual(calendar.count_errors(), 0, calendar.as_ical_string())
        self.assertEqual(calendar.isa(), ICalGLib.ComponentKind.VCALENDAR_COMPONENT)
        for kind in (ICalGLib.PropertyKind.VERSION_PROPERTY, ICalGLib.PropertyKind.PRODID_PROPERTY):
            self.assertEqual(calendar.count_properties(kind), 1)
        events = {}
        zones = set()
        component = calendar.get_first_component(ICalGLib.ComponentKind.ANY_COMPONENT)
        self.assertIsNotNone(component)
        while component:
            if component.isa() == ICalGLib.ComponentKind.VTIMEZONE_COMPONENT:
                zones.add(component.get_first_property(
                    ICalGLib.PropertyKind.TZID_PROPERTY).get_tzid())
                component = calendar.get_next_component(ICalGLib.ComponentKind.ANY_COMPONENT)
                continue
            self.assertEqual(component.isa(), ICalGLib.ComponentKind.VEVENT_COMPONENT)
            event = Event(component)
            self.assertLessEqual(event.zones, zones)
            for kind in ('UID', 'DTSTAMP', 'DTSTART', 'SUMMARY', 'STATUS', 'SEQUENCE'):
                self.assertEqual(
                    event.count(getattr(ICalGLib.PropertyKind, kind + '_PROPERTY')), 1, kind)
            self.assertNotIn(event.uid, events)
            events[event.uid] = event
            component = calendar.get_next_component(ICalGLib.ComponentKind.ANY_COMPONENT)
        return events

    def check_lines(self, content):
        octets = content.encode()
        self.assertTrue(octets.endswith(b'\r\n'))
        self.assertEqual(octets.count(b'\n'), octets.count(b'\r\n'))
        for line in octets[:-2].split(b'\r\n'):
            self.assertLessEqual(len(line), MOST_OCTETS)
            line.decode()  # no character is cut in two

    def event_of(self, meeting, role=None):
        return self.export(role)[0][meeting.uid + '@baliprocess.net']

    def test_two_meetings_of_may_2024(self):
        meetings = [self.add(name, body, ordinal=ordinal, start_date=MAY_2, end_date=MAY_3,
                             venue=KUALA_LUMPUR, display_name=title, state='CONCLUDED')
                    for name, body, ordinal, title in (
                        ('cal-sg-18', 'sg', 18, '18th Steering Group Meeting'),
                        ('cal-ahg-17', 'ahg', 17, '17th Ad Hoc Group Meeting'))]
        events, omissions = self.export()
        self.assertEqual(omissions, {})
        self.assertEqual(set(events), {one.uid + '@baliprocess.net' for one in meetings})
        for meeting in meetings:
            event = self.event_of(meeting)
            self.assertEqual((event.start, event.end),
                             (datetime.date(2024, 5, 2), datetime.date(2024, 5, 4)))
            self.assertEqual(event.summary, meeting.display_name)
            self.assertEqual(event.location, 'Kuala Lumpur, MY')
            self.assertEqual(event.status, 'CONFIRMED')

    def test_one_day_and_the_end_of_a_month(self):
        one_day = self.event_of(self.add('cal-day', start_date={
            'year': 2024, 'month': 2, 'day': 29}))
        self.assertEqual((one_day.start, one_day.end),
                         (datetime.date(2024, 2, 29), datetime.date(2024, 3, 1)))

    def test_what_is_not_known_to_the_day_is_left_out_and_named(self):
        self.add('cal-mc-8', 'mc', ordinal=8, start_date={'year': 2023, 'month': 2},
                 venue={'city': 'Adelaide', 'region_code': 'AU'})
        self.add('cal-mc-9', 'mc', ordinal=9)
        self.add('cal-tech', 'gabf', start_date={'year': 2023, 'month': 8})
        self.add('cal-end', start_date=MAY_2, end_date={'year': 2024, 'month': 5})
        events, omissions = self.export()
        self.assertEqual(events, {})
        self.assertEqual(omissions, {
            'meetings/cal-mc-8': 'PARTIAL_DATE', 'meetings/cal-mc-9': 'NO_DATE',
            'meetings/cal-tech': 'PARTIAL_DATE', 'meetings/cal-end': 'PARTIAL_DATE'})

    def test_times_are_those_of_the_zone(self):
        cases = {
            'cal-kl': ({'start_date': MAY_2, 'end_date': MAY_3, 'start_time': {'hours': 9},
                        'end_time': {'hours': 17, 'minutes': 30},
                        'time_zone': 'Asia/Kuala_Lumpur'},
                       utc(2024, 5, 2, 1), utc(2024, 5, 3, 9, 30)),
            # Summer time, and half an hour.
            'cal-adelaide': ({'start_date': {'year': 2023, 'month': 2, 'day': 10},
                              'start_time': {'hours': 10}, 'end_time': {'hours': 11},
                              'time_zone': 'Australia/Adelaide'},
                             utc(2023, 2, 9, 23, 30), utc(2023, 2, 10, 0, 30)),
            # Until the last day is over there.
            'cal-open': ({'start_date': MAY_2, 'end_date': MAY_3, 'start_time': {'hours': 9},
                          'time_zone': 'Asia/Kuala_Lumpur'},
                         utc(2024, 5, 2, 1), utc(2024, 5, 3, 16))}
        for name, (fields, start, end) in cases.items():
            with self.subTest(name):
                event = self.event_of(self.add(name, **fields))
                self.assertEqual((event.start, event.end), (start, end))

    def test_texts_come_back_as_they_were(self):
        for i, text in enumerate(TEXTS):
            with self.subTest(text[:20]):
                event = self.event_of(self.add(
                    'cal-text-{}'.format(i), start_date=MAY_2, display_name=text[:300],
                    summary=text * 3, venue={'display_name': text[:200], 'city': 'Bali, again'}))
                self.assertEqual(event.summary, text[:300])
                self.assertEqual(event.description, text * 3)
                self.assertEqual(event.location, text[:200] + ', Bali, again')

    def test_an_event_follows_its_meeting(self):
        meeting = self.add('cal-life', start_date=MAY_2)
        seen = [self.event_of(meeting)]
        self.assertEqual((seen[0].status, seen[0].sequence), ('TENTATIVE', 0))
        for method, fields, status in (
                ('UpdateMeeting', {'meeting': {'name': meeting.name, 'venue': KUALA_LUMPUR}},
                 'TENTATIVE'),
                ('PostponeMeeting', {'name': meeting.name}, 'CANCELLED'),
                ('RescheduleMeeting', {'name': meeting.name, 'start_date': MAY_3}, 'TENTATIVE'),
                ('CancelMeeting', {'name': meeting.name}, 'CANCELLED')):
            self.client.call(method, **fields)
            event = self.event_of(meeting)
            self.assertEqual(event.status, status)
            self.assertEqual(event.uid, seen[0].uid)
            self.assertGreater(event.sequence, seen[-1].sequence)
            self.assertGreaterEqual(event.stamp, seen[-1].stamp)
            seen.append(event)
        self.assertEqual(seen[-2].start, datetime.date(2024, 5, 3))
        # What a calendar doesn't show leaves the event as it was.
        self.client.call('UpdateMeeting', meeting={'name': meeting.name, 'ordinal': 4})
        self.assertEqual(self.event_of(meeting).sequence, seen[-1].sequence)

    def test_where_to_go_and_how_to_join(self):
        place = {'display_name': 'Room 4', 'address': '12 Jalan Contoh\nLevel 3', **KUALA_LUMPUR}
        hybrid = self.add('cal-hybrid', start_date=MAY_2, format='HYBRID',
                          venue={'uri': 'https://meet.example.org/j/1', **place})
        online = self.add('cal-online', start_date=MAY_2, format='ONLINE',
                          venue={'uri': 'https://meet.example.org/j/2'})
        where = 'Room 4, 12 Jalan Contoh, Level 3, Kuala Lumpur, MY'
        for role, links in (('SECRETARIAT', 1), (None, 0)):
            event = self.event_of(hybrid, role)
            self.assertEqual(event.location, where)
            self.assertEqual('https://meet.example.org/j/1' in (event.description or ''), links)
            self.assertEqual(event.component.as_ical_string().count('CONFERENCE'), links)
        self.assertEqual(self.event_of(online, 'SECRETARIAT').location,
                         'https://meet.example.org/j/2')
        self.assertEqual(self.event_of(online).location, 'Online')

    def test_who_organises_and_what_for(self):
        event = self.event_of(self.add('cal-who', start_date=MAY_2)).component

        def first(kind):
            return event.get_first_property(getattr(ICalGLib.PropertyKind, kind + '_PROPERTY'))
        organizer = first('ORGANIZER')
        self.assertEqual(organizer.get_organizer(), 'mailto:rso@example.org')
        self.assertEqual(organizer.get_first_parameter(
            ICalGLib.ParameterKind.CN_PARAMETER).get_cn(), 'The Support Office')
        self.assertEqual(first('URL').get_url(), 'https://suite.example.org/v1/meetings/cal-who')
        self.assertEqual(first('CATEGORIES').get_categories(), 'AHG')

    def test_an_empty_calendar_is_one(self):
        self.assertEqual(self.export(filter='display_name = "nothing of this name"'), ({}, {}))

    def test_a_link_needs_no_token(self):
        meeting = self.add('cal-link', start_date=MAY_2, format='ONLINE', visibility='MEMBERS',
                           venue={'uri': 'https://meet.example.org/j/3'})
        made = self.client.call('CreateCalendarLink', calendar_link={
            'display_name': 'Wall', 'filter': 'display_name = "cal-link"'})
        public = self.suite.client()
        calendar = public.call('ExportSubscribedCalendar', secret=made.secret)
        self.assertEqual(calendar.content_type, 'text/calendar; charset=utf-8')
        self.assertEqual(list(self.read(calendar.data.decode())),
                         [meeting.uid + '@baliprocess.net'])
        self.assertNotIn(b'meet.example.org', calendar.data)
        self.client.call('DeleteCalendarLink', name=made.name)
        with self.assertRaises(client.CallError) as caught:
            public.call('ExportSubscribedCalendar', secret=made.secret)
        self.assertEqual(caught.exception.code, 'NOT_FOUND')

    def test_a_filter_chooses(self):
        self.add('cal-may', start_date=MAY_2)
        june = self.add('cal-june', start_date={'year': 2024, 'month': 6, 'day': 1})
        events, _ = self.export(filter='start_date > "2024-05"')
        self.assertEqual(set(events), {june.uid + '@baliprocess.net'})


if __name__ == '__main__':
    suite.main()
