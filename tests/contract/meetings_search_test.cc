// Search in meetings: what belongs to a meeting is found by whom the meeting lets in.

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

#include "baliprocess/common/v1/search.pb.h"
#include "tests/contract/meetings_fixture.h"

namespace baliprocess::meetings {
namespace {

using baliprocess::common::v1::SearchResponse;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class MeetingsSearchTest : public MeetingsTest {
 protected:
  std::vector<std::string> Find(const std::string& query, const auth::Caller& caller) {
    const auto reply =
        CallAs<SearchResponse>(caller, "Search", absl::StrCat("query: '", query, "'"));
    EXPECT_OK(reply);
    std::vector<std::string> names;
    if (reply.ok()) {
      for (const auto& result : reply->results()) names.push_back(result.name());
    }
    return names;
  }
};
INSTANTIATE_ON_ENGINES(MeetingsSearchTest);

TEST_P(MeetingsSearchTest, WhatIsBelowAHiddenMeetingIsHidden) {
  AddMeeting("a");
  ASSERT_OK(Try("CreateAgendaItem", R"(parent: 'meetings/a' agenda_item_id: 'x'
      agenda_item { display_name: 'Wanted' visibility: PUBLIC })"));
  EXPECT_THAT(Find("wanted", Anyone()), ElementsAre("meetings/a/agendaItems/x"));
  ASSERT_OK(Try("UpdateMeeting",
                "meeting { name: 'meetings/a' visibility: RESTRICTED } "
                "update_mask { paths: 'visibility' }"));
  EXPECT_THAT(Find("wanted", Anyone()), IsEmpty());
  EXPECT_THAT(Find("wanted", MemberOf("members/aus")), IsEmpty());
  EXPECT_THAT(Find("wanted", Secretariat()), ElementsAre("meetings/a/agendaItems/x"));
}

TEST_P(MeetingsSearchTest, WhatIsOfAConfidentialMeetingIsForItsCircle) {
  AddMeeting("a", "confidential: true consulted_members: 'members/aus'");
  ASSERT_OK(Try("CreateAgendaItem", R"(parent: 'meetings/a' agenda_item_id: 'x'
      agenda_item { display_name: 'Wanted' visibility: PUBLIC })"));
  ASSERT_OK(Try("CreateDecision", R"(decision_id: 'y' decision { body: 'bodies/ahg'
      meeting: 'meetings/a' display_name: 'Wanted' text: 'x' procedure: CONSENSUS
      visibility: PUBLIC })"));
  EXPECT_THAT(Find("wanted", MemberOf("members/aus")),
              ElementsAre("decisions/y", "meetings/a/agendaItems/x"));
  for (const auth::Caller& caller : {Anyone(), Observer(), MemberOf("members/idn")}) {
    EXPECT_THAT(Find("wanted", caller), IsEmpty());
  }
}

// Calendar links are listed by members alone.
TEST_P(MeetingsSearchTest, FindsOnlyWhatTheCallerMayList) {
  ASSERT_OK(Try("CreateCalendarLink", "calendar_link { display_name: 'Wanted' }"));
  EXPECT_THAT(Find("wanted", Secretariat()), Contains(::testing::HasSubstr("calendarLinks/")));
  EXPECT_THAT(Find("wanted", MemberOf("members/aus")),
              Contains(::testing::HasSubstr("calendarLinks/")));
  EXPECT_THAT(Find("wanted", Observer()), IsEmpty());
}

}  // namespace
}  // namespace baliprocess::meetings
