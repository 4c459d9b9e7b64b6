// Texts of custom methods, and times on the clocks of a zone.

#include "absl/strings/str_cat.h"

#include "tests/contract/meetings_fixture.h"

namespace baliprocess::meetings {
namespace {

using ::testing::ElementsAre;

class MeetingTextsTest : public MeetingsTest {
 protected:
  // DTSTART and DTEND of a meeting: `20261003T161000Z 20261003T165000Z` where they are in UTC.
  std::string MomentsOf(const std::string& zone, const std::string& fields) {
    const v1::Meeting meeting = AddMeeting(absl::StrCat("m", ++meetings_),
                                           absl::StrCat("time_zone: '", zone, "' ", fields));
    const auto calendar = CallAs<v1::Calendar>(
        Secretariat(), "ExportCalendar", absl::StrCat("filter: 'name = \"", meeting.name(), "\"'"));
    EXPECT_OK(calendar);
    if (!calendar.ok()) return "";
    // Zones have a DTSTART, too.
    const std::string event =
        calendar->file().data().substr(calendar->file().data().find("BEGIN:VEVENT"));
    return absl::StrCat(LineOf(event, "DTSTART"), " ", LineOf(event, "DTEND"));
  }

 private:
  static std::string LineOf(const std::string& text, const std::string& start) {
    const size_t at = text.find(start);
    if (at == std::string::npos) return "none";
    const size_t first = at + start.size() + 1;
    return text.substr(first, text.find("\r\n", first) - first);
  }

  int meetings_ = 0;
};
INSTANTIATE_ON_ENGINES(MeetingTextsTest);

TEST_P(MeetingTextsTest, AreInTheirFormBeforeAMethodIsJudged) {
  ASSERT_OK(Try("CreateActionItem",
                "action_item_id: 'x' action_item { display_name: ' To do ' body: 'bodies/ahg' }"));
  EXPECT_THAT(BadFields(Try("AddProgressNote", "name: 'actionItems/x' text: ' \\r\\n'")),
              ElementsAre("text"));
  const auto item = CallAs<v1::ActionItem>(Secretariat(), "AddProgressNote",
                                           "name: 'actionItems/x' text: ' one\\r\\ntwo '");
  ASSERT_OK(item);
  EXPECT_EQ(item->display_name(), "To do");
  ASSERT_EQ(item->progress_notes_size(), 1);
  EXPECT_EQ(item->progress_notes(0).text(), "one\ntwo");
}

// RFC 5545 section 3.3.5. Clocks of Sydney go from 02:00 to 03:00 on 4 October 2026 and from 03:00
// to 02:00 on 4 April 2027; those of Beirut from 00:00 to 01:00 on 28 March 2027.
TEST_P(MeetingTextsTest, TimesThatClocksSkipOrShowTwiceAreReadByOneRule) {
  const auto on = [](int year, int month, int day) {
    return absl::StrCat("start_date { year: ", year, " month: ", month, " day: ", day, " } ");
  };
  const auto from_to = [](int start_hour, int start_minute, int end_hour, int end_minute) {
    return absl::StrCat("start_time { hours: ", start_hour, " minutes: ", start_minute,
                        " } end_time { hours: ", end_hour, " minutes: ", end_minute, " }");
  };
  EXPECT_EQ(MomentsOf("Australia/Sydney", on(2026, 10, 4) + from_to(2, 10, 2, 50)),
            "20261003T161000Z 20261003T165000Z");
  EXPECT_EQ(MomentsOf("Australia/Sydney", on(2026, 10, 4) + from_to(2, 30, 3, 10)),
            "20261003T163000Z 20261003T171000Z");
  EXPECT_EQ(MomentsOf("Asia/Beirut", on(2027, 3, 28) + from_to(0, 0, 0, 45)),
            "20270327T220000Z 20270327T224500Z");
  EXPECT_EQ(MomentsOf("Australia/Sydney", on(2027, 4, 4) + from_to(2, 30, 2, 45)),
            "20270403T153000Z 20270403T154500Z");
  EXPECT_EQ(MomentsOf("Asia/Kuala_Lumpur", on(2027, 4, 4) + from_to(9, 0, 10, 0)),
            "TZID=Asia/Kuala_Lumpur:20270404T090000 TZID=Asia/Kuala_Lumpur:20270404T100000");
  EXPECT_EQ(MomentsOf("Asia/Beirut", on(2027, 3, 26) + "end_date { year: 2027 month: 3 day: 27 } "
                                                       "start_time { hours: 9 }"),
            "20270326T070000Z 20270327T220000Z");
}

}  // namespace
}  // namespace baliprocess::meetings
