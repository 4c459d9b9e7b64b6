// What a calendar has of a meeting, and what it does to the meeting's sequence. That other programs
// read it is shown by tests/clients/calendar_test.py.

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

#include "services/meetings/service.h"
#include "tests/contract/meetings_fixture.h"

namespace baliprocess::meetings {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kDay[] = "start_date { year: 2027 month: 3 day: 1 } ";

class MeetingsCalendarTest : public MeetingsTest {
 protected:
  v1::Calendar Export(const std::string& request = "", const auth::Caller& caller = Secretariat()) {
    const auto calendar = CallAs<v1::Calendar>(caller, "ExportCalendar", request);
    EXPECT_OK(calendar);
    return calendar.value_or(v1::Calendar());
  }
  // With its lines unfolded.
  std::string Text(const std::string& request = "") {
    return absl::StrReplaceAll(Export(request).file().data(), {{"\r\n ", ""}, {"\r\n", "\n"}});
  }
  int SequenceAfter(const std::string& fields) {
    EXPECT_OK(Try("UpdateMeeting", absl::StrCat("meeting { name: 'meetings/m' ", fields, " }")));
    return GetMeeting("m").sequence();
  }
};
INSTANTIATE_ON_ENGINES(MeetingsCalendarTest);

TEST_P(MeetingsCalendarTest, TellsPlaceAddressAndWhatTheBodyIsCalled) {
  AddMeeting("m", absl::StrCat(kDay, R"(venue { display_name: 'Room 4'
      address: '12 Jalan Contoh\nLevel 3' city: 'Kuala Lumpur' region_code: 'MY' })"));
  EXPECT_THAT(
      Text(),
      AllOf(HasSubstr("LOCATION:Room 4\\, 12 Jalan Contoh\\, Level 3\\, Kuala Lumpur\\, MY\n"),
            HasSubstr("CATEGORIES:Ad Hoc Group\n"), Not(HasSubstr("ORGANIZER")),
            Not(HasSubstr("URL"))));
  EXPECT_EQ(Export().file().content_type(), "text/calendar; charset=utf-8");
  EXPECT_EQ(Export().meeting_count(), 1);
}

TEST_P(MeetingsCalendarTest, AMeetingWithoutAPlaceIsWhereOneJoins) {
  AddMeeting("m", absl::StrCat(kDay, "format: ONLINE venue { uri: 'https://meet.example.org/j' }"));
  EXPECT_THAT(Text(), HasSubstr("LOCATION:https://meet.example.org/j\n"));
  EXPECT_THAT(Export("", Anyone()).file().data(), HasSubstr("LOCATION:Online\r\n"));
}

TEST_P(MeetingsCalendarTest, TellsTheOrganiserAndWhereAMeetingIsFound) {
  RestartWith([](resource::Engine& engine) {
    Settings settings;
    settings.public_url = "https://suite.example.org";
    settings.organizer_email = "rso@example.org";
    settings.organizer_name = "The \"RSO\", Bangkok";
    return Methods(engine, settings);
  });
  AddMeeting("m", kDay);
  EXPECT_THAT(Text(),
              AllOf(HasSubstr("ORGANIZER;CN=\"The 'RSO', Bangkok\":mailto:rso@example.org\n"),
                    HasSubstr("URL:https://suite.example.org/v1/meetings/m\n")));
}

TEST_P(MeetingsCalendarTest, IsThereWithoutMembership) {
  AddMeeting("m", kDay);
  membership_down_ = true;
  EXPECT_THAT(Text(), HasSubstr("CATEGORIES:bodies/ahg\n"));
}

TEST_P(MeetingsCalendarTest, HasTheZonesThatItsTimesNeed) {
  constexpr char kTimes[] = "start_time { hours: 9 } end_time { hours: 10 } ";
  AddMeeting("m", absl::StrCat(kDay, kTimes, "time_zone: 'Australia/Adelaide'"));
  const std::string text = Text();
  EXPECT_THAT(text, AllOf(HasSubstr("DTSTART;TZID=Australia/Adelaide:20270301T090000\n"),
                          HasSubstr("DTEND;TZID=Australia/Adelaide:20270301T100000\n"),
                          HasSubstr("BEGIN:VTIMEZONE\nTZID:Australia/Adelaide\n"
                                    "BEGIN:DAYLIGHT\nDTSTART:20261004T020000\n"
                                    "TZOFFSETFROM:+0930\nTZOFFSETTO:+1030\nTZNAME:ACDT\n"
                                    "END:DAYLIGHT\nEND:VTIMEZONE\n")));
  // Both sides of a change of its clocks, and a zone whose clocks never change.
  AddMeeting("april", absl::StrCat("start_date { year: 2027 month: 4 day: 5 } ", kTimes,
                                   "time_zone: 'Australia/Adelaide'"));
  AddMeeting("utc", absl::StrCat(kDay, kTimes, "time_zone: 'Etc/UTC'"));
  EXPECT_THAT(Text(), AllOf(HasSubstr("BEGIN:STANDARD\nDTSTART:20270404T030000\n"
                                      "TZOFFSETFROM:+1030\nTZOFFSETTO:+0930\n"),
                            HasSubstr("TZID:Etc/UTC\nBEGIN:STANDARD\nDTSTART:20270228T090000\n"
                                      "TZOFFSETFROM:+0000\nTZOFFSETTO:+0000\n")));
}

// RFC 5545 3.6: one component at least.
TEST_P(MeetingsCalendarTest, WithoutAMeetingHasAZoneAlone) {
  AddMeeting("m");
  const v1::Calendar calendar = Export();
  EXPECT_EQ(calendar.meeting_count(), 0);
  EXPECT_THAT(calendar.file().data(),
              AllOf(HasSubstr("BEGIN:VTIMEZONE\r\nTZID:UTC\r\n"), Not(HasSubstr("VEVENT"))));
  ASSERT_EQ(calendar.omissions_size(), 1);
}

TEST_P(MeetingsCalendarTest, TheSequenceRisesForWhatACalendarShows) {
  AddMeeting("m", kDay);
  EXPECT_EQ(SequenceAfter("ordinal: 4"), 0);
  EXPECT_EQ(SequenceAfter("format: IN_PERSON"), 0);
  EXPECT_EQ(SequenceAfter("venue { address: 'Level 3' }"), 1);
  EXPECT_EQ(SequenceAfter("format: HYBRID"), 1);
  EXPECT_EQ(SequenceAfter("venue { uri: 'https://meet.example.org/j' }"), 2);
  EXPECT_EQ(SequenceAfter("summary: 'What was said'"), 3);
  EXPECT_EQ(SequenceAfter("time_zone: 'Asia/Jakarta'"), 3);
  EXPECT_EQ(SequenceAfter("start_time { hours: 9 }"), 4);
  EXPECT_EQ(SequenceAfter("time_zone: 'Asia/Makassar'"), 5);
}

TEST_P(MeetingsCalendarTest, NobodySeesWhatIsNotOnADay) {
  AddMeeting("m", "start_date { year: 2027 }");
  EXPECT_EQ(SequenceAfter("display_name: 'Another'"), 0);
  EXPECT_EQ(SequenceAfter("start_date { year: 2027 month: 3 day: 1 }"), 1);
}

}  // namespace
}  // namespace baliprocess::meetings
