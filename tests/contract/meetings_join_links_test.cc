// Links to join from afar: for the secretariat, and for members with a delegation at the meeting.

#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/str_cat.h"

#include "tests/contract/meetings_fixture.h"
#include "tests/contract/watch_reader.h"

namespace baliprocess::meetings {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using v1::Meeting;

constexpr char kLink[] = "https://meet.example.org/j/1";

class JoinLinkTest : public MeetingsTest {
 protected:
  void SetUp() override {
    AddMeeting("m",
               absl::StrCat("start_date { year: 2027 month: 3 day: 1 } format: HYBRID ",
                            "venue { city: 'Denpasar' region_code: 'ID' uri: '", kLink, "' }"));
    AddMeeting("other", "venue { uri: 'https://meet.example.org/j/2' }");
    ASSERT_OK(Try("CreateDelegation", R"(parent: 'meetings/m' delegation_id: 'aus'
        delegation { participant { member: 'members/aus' } visibility: RESTRICTED })"));
    ASSERT_OK(Try("CreateDelegation", R"(parent: 'meetings/other' delegation_id: 'idn'
        delegation { participant { member: 'members/idn' } })"));
  }
  std::string LinkFor(const auth::Caller& caller) {
    const auto meeting = CallAs<Meeting>(caller, "GetMeeting", "name: 'meetings/m'");
    EXPECT_OK(meeting);
    EXPECT_EQ(meeting->venue().city(), "Denpasar");
    return meeting->venue().uri();
  }
  std::string CalendarFor(const auth::Caller& caller) {
    const auto calendar = CallAs<v1::Calendar>(caller, "ExportCalendar", "");
    EXPECT_OK(calendar);
    return calendar->file().data();
  }
};
INSTANTIATE_ON_ENGINES(JoinLinkTest);

TEST_P(JoinLinkTest, IsForThoseWhoTakePart) {
  EXPECT_EQ(LinkFor(Secretariat()), kLink);
  EXPECT_EQ(LinkFor(MemberOf("members/aus")), kLink);
  for (const auth::Caller& caller :
       {MemberOf("members/idn"), MemberOf(""), Observer(), Operator(), Anyone()}) {
    EXPECT_EQ(LinkFor(caller), "");
  }
  // Who speaks for a member without any role that reads.
  auth::Caller roleless = Anyone();
  roleless.member = "members/aus";
  EXPECT_EQ(LinkFor(roleless), "");
}

TEST_P(JoinLinkTest, GoesWithTheDelegation) {
  ASSERT_OK(Try("DeleteDelegation", "name: 'meetings/m/delegations/aus'"));
  EXPECT_EQ(LinkFor(MemberOf("members/aus")), "");
  ASSERT_OK(Try("UndeleteDelegation", "name: 'meetings/m/delegations/aus'"));
  EXPECT_EQ(LinkFor(MemberOf("members/aus")), kLink);
}

TEST_P(JoinLinkTest, IsLeftOutOfListsAndBatchesToo) {
  const auto links = [](const auto& reply) {
    std::vector<std::string> found;
    for (const Meeting& meeting : reply.meetings()) found.push_back(meeting.venue().uri());
    return found;
  };
  for (const auto& [caller, first, second] :
       {std::tuple(Secretariat(), kLink, "https://meet.example.org/j/2"),
        std::tuple(MemberOf("members/aus"), kLink, ""),
        std::tuple(MemberOf("members/idn"), "", "https://meet.example.org/j/2"),
        std::tuple(Anyone(), "", "")}) {
    ASSERT_OK_AND_ASSIGN(const auto listed,
                         CallAs<v1::ListMeetingsResponse>(caller, "ListMeetings", ""));
    EXPECT_THAT(links(listed), ElementsAre(first, second));
    ASSERT_OK_AND_ASSIGN(const auto got, CallAs<v1::BatchGetMeetingsResponse>(
                                             caller, "BatchGetMeetings",
                                             "names: 'meetings/m' names: 'meetings/other'"));
    EXPECT_THAT(links(got), ElementsAre(first, second));
  }
}

TEST_P(JoinLinkTest, IsLeftOutOfHistory) {
  const auto link_of = [&](const auth::Caller& caller) {
    common::v1::WatchChangesRequest from_start;
    from_start.set_from_start(true);
    testing::WatchReader reader(*service_, caller, from_start);
    std::string link;
    for (const auto& change : reader.ReadThrough("meetings/m")) {
      Meeting after;
      if (change.after().UnpackTo(&after)) link = after.venue().uri();
    }
    return link;
  };
  EXPECT_EQ(link_of(Secretariat()), kLink);
  EXPECT_EQ(link_of(MemberOf("members/aus")), kLink);
  EXPECT_EQ(link_of(MemberOf("members/idn")), "");
  EXPECT_EQ(link_of(Observer()), "");
  for (const auto& change : Changes("resource = \"meetings/m\"", Operator())) {
    EXPECT_THAT(change.DebugString(), Not(HasSubstr("meet.example.org")));
  }
}

TEST_P(JoinLinkTest, NoFilterAndNoOrderAsksForIt) {
  for (const auth::Caller& caller : {Secretariat(), MemberOf("members/idn")}) {
    EXPECT_THAT(BadFields(TryAs(caller, "ListMeetings",
                                absl::StrCat("filter: 'venue.uri = \"", kLink, "\"'"))),
                ElementsAre("filter"));
    EXPECT_THAT(BadFields(TryAs(caller, "ListMeetings", "order_by: 'venue.uri'")),
                ElementsAre("order_by"));
  }
}

TEST_P(JoinLinkTest, IsInTheCalendarForWhomItIsMeant) {
  for (const auth::Caller& caller : {Secretariat(), MemberOf("members/aus")}) {
    EXPECT_THAT(CalendarFor(caller),
                ::testing::AllOf(HasSubstr(absl::StrCat("CONFERENCE;VALUE=URI:", kLink, "\r\n")),
                                 HasSubstr(absl::StrCat("To join from afar: ", kLink)),
                                 HasSubstr("LOCATION:Denpasar\\, ID\r\n")));
  }
  for (const auth::Caller& caller : {MemberOf("members/idn"), Observer(), Anyone()}) {
    EXPECT_THAT(CalendarFor(caller), Not(HasSubstr("meet.example.org")));
  }
}

}  // namespace
}  // namespace baliprocess::meetings
