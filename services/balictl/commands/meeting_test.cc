// The reports of meetings: balictl meeting and balictl calendar.

#include <gmock/gmock.h>

#include "baliprocess/common/v1/term.pb.h"
#include "baliprocess/meetings/v1/delegation.pb.h"
#include "baliprocess/meetings/v1/meeting.pb.h"
#include "baliprocess/meetings/v1/reports.pb.h"
#include "common/base/errors.h"
#include "services/balictl/testing/server_fixture.h"

namespace baliprocess::balictl {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class MeetingReportTest : public ServerFixture {
 protected:
  void SetUp() override {
    ASSERT_EQ(Do({"import", "deploy/data/bali-process-2024"}).code, 0);
    server_.largest_page = 1000;
    auto& missing = *gap_.add_missing();
    missing.set_member("members/vnm");
    missing.set_display_name("Viet Nam");
    missing.set_belonged(common::v1::Truth::UNKNOWN);
    missing.set_attendance(meetings::v1::Delegation::APOLOGIES);
    gap_.set_present_count(15);
    gap_.mutable_as_of()->set_year(2024);
    auto& entry = *agenda_.add_entries();
    entry.set_number("2.1");
    entry.mutable_agenda_item()->set_display_name("Report of the office");
    entry.mutable_agenda_item()->add_presenters()->mutable_presenter()->set_official(
        "officials/aus-2");
    entry.mutable_agenda_item()->add_presenters()->mutable_presenter()->set_display_name("A guest");
    auto& item = *agenda_.add_open_action_items();
    item.set_name("actionItems/guide");
    item.set_display_name("Write a guide");
    item.set_lead_body("bodies/rso");
    item.mutable_due_date()->set_year(2024);
    item.mutable_due_date()->set_month(12);
    server_.Reply("GetAttendanceGap", gap_);
    server_.Reply("GetAgenda", agenda_);
  }

  meetings::v1::AttendanceGap gap_;
  meetings::v1::Agenda agenda_;
};

TEST_F(MeetingReportTest, TellsAllThatBelongsToIt) {
  const Ran ran = Do({"meeting", "ahg-17"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(
      ran.out,
      AllOf(HasSubstr("17th Ad Hoc Group meeting (meetings/ahg-17)\n"
                      "Meeting 17 of Ad Hoc Group (bodies/ahg); 2024-05-02 to 2024-05-03; Kuala "
                      "Lumpur, MY; CONCLUDED\n"),
            HasSubstr("Looked back to Eighth Ministerial Conference (meetings/mc-8)\n"),
            HasSubstr("officials/aus-1  Lynn Bell    members/aus\n"),
            HasSubstr("members/iom    International Organization for Migration  PRESENT\n"),
            HasSubstr("Members of the body as of 2024: 15 there, 1 missing.\n\n"
                      "MISSING      NAME      BELONGED  ATTENDANCE\n"
                      "members/vnm  Viet Nam  UNKNOWN   APOLOGIES\n"),
            HasSubstr("NUMBER  AGENDA ITEM           PRESENTED BY\n"
                      "2.1     Report of the office  David Scott, A guest\n"),
            HasSubstr("officials/idn-1  Tri Tharyat  Cooperation ahead\n"),
            HasSubstr("decisions/ahg-17-rso-support                  Support by the Regional "
                      "Support Office                ACKNOWLEDGEMENT  ON_RECORD\n")));
  EXPECT_THAT(ran.out, AllOf(HasSubstr("OPEN ACTION ITEM   NAME           LEAD                     "
                                       "DUE\nactionItems/guide  Write a guide  Regional Support "
                                       "Office  2024-12\n"),
                             HasSubstr("PUBLIC_STATEMENT  https://")));
  EXPECT_EQ(Do({"meeting", "meetings/ahg-17"}).out, ran.out);
}

TEST_F(MeetingReportTest, SaysWhatIsNotKnown) {
  const Ran ran = Do({"meeting", "mc-9"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(ran.out,
              AllOf(HasSubstr("no date known; no place known; PLANNED\n"),
                    HasSubstr("No delegations are on record.\n"), Not(HasSubstr("missing"))));
}

TEST_F(MeetingReportTest, TellsTimesAndStatesOfNewerServers) {
  auto& meeting = static_cast<meetings::v1::Meeting&>(*server_.resources["meetings/ahg-17"]);
  meeting.mutable_start_time()->set_hours(9);
  meeting.mutable_end_time()->set_hours(17);
  meeting.mutable_end_time()->set_minutes(30);
  EXPECT_THAT(Do({"meeting", "ahg-17"}).out,
              HasSubstr("; 2024-05-02 09:00 to 2024-05-03 17:30 (Asia/Kuala_Lumpur); "));
  meeting.clear_end_date();
  meeting.clear_end_time();
  meeting.set_state(static_cast<meetings::v1::Meeting::State>(99));
  EXPECT_THAT(Do({"meeting", "ahg-17"}).out,
              AllOf(HasSubstr("; 2024-05-02 09:00 (Asia/Kuala_Lumpur); "), HasSubstr("; 99\n")));
}

TEST_F(MeetingReportTest, WhatTheCallerDoesNotSeeHasItsNameAlone) {
  for (const char* name : {"officials/aus-1", "officials/idn-1"}) server_.resources.erase(name);
  EXPECT_THAT(Do({"meeting", "ahg-17"}).out, HasSubstr("officials/aus-1  members/aus\n"));
}

TEST_F(MeetingReportTest, TakesMeetingsOnly) {
  EXPECT_EQ(Do({"meeting", "bodies/ahg"}).code, 2);
  EXPECT_EQ(Do({"meeting", "meetings/ahg-17/delegations/aus"}).code, 2);
  EXPECT_THAT(Do({"meeting", "none"}).err, HasSubstr("RESOURCE_NOT_FOUND"));
}

TEST_F(MeetingReportTest, TheCalendarGoesToAFileOrOut) {
  meetings::v1::Calendar calendar;
  calendar.mutable_file()->set_data("BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n");
  calendar.set_meeting_count(1);
  auto& omission = *calendar.add_omissions();
  omission.set_meeting("meetings/mc-9");
  omission.set_reason(meetings::v1::Calendar::NO_DATE);
  auto& partial = *calendar.add_omissions();
  partial.set_meeting("meetings/mc-8");
  partial.set_reason(meetings::v1::Calendar::PARTIAL_DATE);
  server_.Reply("ExportCalendar", calendar);
  const Ran ran = Do({"calendar"});
  EXPECT_EQ(ran.code, 0);
  EXPECT_EQ(ran.out, calendar.file().data());
  EXPECT_EQ(ran.err,
            "left out meetings/mc-9: it has no date\n"
            "left out meetings/mc-8: its date isn't known to the day\n");
  EXPECT_EQ(Do({"calendar", File("m.ics")}).out, "");
  EXPECT_EQ(data_.Read("m.ics"), calendar.file().data());
  EXPECT_EQ(Do({"calendar", File("m.ics")}).code, 2);
  EXPECT_EQ(Do({"calendar", File("m.ics"), "--force"}).code, 0);
  calendar.clear_meeting_count();
  calendar.clear_omissions();
  server_.Reply("ExportCalendar", calendar);
  EXPECT_EQ(Do({"calendar"}).err, "there is no meeting in the calendar\n");
}

}  // namespace
}  // namespace baliprocess::balictl
