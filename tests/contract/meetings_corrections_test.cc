// What was recorded by mistake is put right; names that stand as texts are erased; references that
// lead nowhere are found; what was hidden once stays so in the history.

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

#include "baliprocess/common/v1/upkeep.pb.h"
#include "tests/contract/meetings_fixture.h"
#include "tests/contract/watch_reader.h"

namespace baliprocess::meetings {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;
using v1::Decision;
using v1::Meeting;

class MeetingCorrectionsTest : public MeetingsTest {
 protected:
  void SetUp() override { AddMeeting("a", "start_date { year: 2024 month: 5 day: 2 }"); }
  std::string StateOf(const std::string& id) { return Meeting::State_Name(GetMeeting(id).state()); }
  absl::Status Do(const std::string& method, const std::string& more = "") {
    return Try(method, "name: 'meetings/a' " + more);
  }
};
INSTANTIATE_ON_ENGINES(MeetingCorrectionsTest);

TEST_P(MeetingCorrectionsTest, AStateIsTakenBackWithAReason) {
  EXPECT_EQ(MetadataOf(Do("ReopenMeeting", "reason: 'x'"), "state"), "PLANNED");
  ASSERT_OK(Do("ConveneMeeting"));
  ASSERT_OK(Do("ConcludeMeeting"));
  EXPECT_THAT(BadFields(Do("ReopenMeeting")), ElementsAre("reason"));
  ASSERT_OK(Do("ReopenMeeting", "reason: 'It goes on tomorrow'"));
  EXPECT_EQ(StateOf("a"), "CONVENED");
  EXPECT_EQ(GetMeeting("a").state_reason(), "It goes on tomorrow");
  ASSERT_OK(Do("ReopenMeeting", "reason: 'The wrong meeting'"));
  EXPECT_EQ(StateOf("a"), "PLANNED");
  ASSERT_OK(Do("CancelMeeting", "reason: 'x'"));
  ASSERT_OK(Do("ReopenMeeting", "reason: 'The wrong meeting'"));
  EXPECT_EQ(StateOf("a"), "PLANNED");
  const auto changes = Changes("resource = \"meetings/a\"");
  EXPECT_EQ(changes.back().reason(), "The wrong meeting");
  ASSERT_OK(Do("PostponeMeeting", "reason: 'x'"));
  EXPECT_EQ(MetadataOf(Do("ReopenMeeting", "reason: 'x'"), "state"), "POSTPONED");
}

TEST_P(MeetingCorrectionsTest, ACorrectionKeepsTheTextBefore) {
  ASSERT_OK(Try("CreateDecision", R"(decision_id: 'd' decision { body: 'bodies/ahg'
                display_name: 'x' text: 'Teh text' procedure: CONSENSUS })"));
  const auto correct = [&](const std::string& text) {
    return Try("CorrectDecision",
               absl::StrCat("name: 'decisions/d' reason: 'A slip' text: '", text, "'"));
  };
  EXPECT_EQ(MetadataOf(correct("The text"), "state"), "DRAFT");
  ASSERT_OK(Try("AdoptDecision", "name: 'decisions/d'"));
  ASSERT_OK(correct("The text"));
  EXPECT_THAT(BadFields(correct("The text")), ElementsAre("text"));
  ASSERT_OK_AND_ASSIGN(const auto decision, Call<Decision>("GetDecision", "name: 'decisions/d'"));
  EXPECT_EQ(decision.text(), "The text");
  ASSERT_THAT(decision.corrigenda(), SizeIs(1));
  EXPECT_EQ(decision.corrigenda(0).former_text(), "Teh text");
  EXPECT_EQ(decision.corrigenda(0).reason(), "A slip");
  EXPECT_TRUE(decision.corrigenda(0).has_correct_time());
  EXPECT_THAT(Try("UpdateDecision", "decision { name: 'decisions/d' text: 'Another' }"),
              HasReason(api::v1::Error::WRONG_STATE));
  for (int i = 1; i < 10; ++i) ASSERT_OK(correct(absl::StrCat("Text ", i)));
  EXPECT_EQ(RuleOf(correct("Too many")), "too_many_corrections");
}

TEST_P(MeetingCorrectionsTest, ANameIsErasedWhereverItStands) {
  const std::string name = "Bui Van An";
  ASSERT_OK(Try("CreateDelegation",
                "parent: 'meetings/a' delegation_id: 'g' request_id: "
                "'3f0b2a52-7c1e-4d0a-9b1e-0a4b1f6d2c11' delegation { "
                "participant { display_name: 'Bui Van An' } }"));
  ASSERT_OK(Try("CreateDelegate",
                "parent: 'meetings/a/delegations/g' delegate_id: 'one' delegate "
                "{ person { display_name: 'Bui Van An' } title: 'Chief expert' "
                "contact { email: 'an@example.org' } }"));
  ASSERT_OK(Try("CreateStatement",
                "parent: 'meetings/a' statement_id: 's' statement { topic: 'x' "
                "speaker { display_name: 'Bui Van An' } }"));
  ASSERT_OK(Try("DeleteStatement", "name: 'meetings/a/statements/s'"));
  ASSERT_OK(Try("CreateStatement",
                "parent: 'meetings/a' statement_id: 't' statement { topic: 'x' "
                "speaker { display_name: 'Bui Van Anh' } }"));
  ASSERT_OK_AND_ASSIGN(const auto erased, Call<common::v1::EraseNamesResponse>(
                                              "EraseNames", "display_name: 'Bui Van An'"));
  EXPECT_THAT(erased.resources(), UnorderedElementsAre("meetings/a/delegations/g",
                                                       "meetings/a/delegations/g/delegates/one",
                                                       "meetings/a/statements/s"));
  for (const auto& change : Changes()) {
    const std::string bytes = change.SerializeAsString();
    EXPECT_FALSE(absl::StrContains(absl::StrReplaceAll(bytes, {{"Bui Van Anh", ""}}), name));
    // Nor what the record has of the person beside the name.
    EXPECT_FALSE(absl::StrContains(bytes, "an@example.org"));
    EXPECT_FALSE(absl::StrContains(bytes, "Chief expert"));
  }
  // The reply that is kept for a repeated request doesn't have the name any more.
  EXPECT_THAT(Try("CreateDelegation",
                  "parent: 'meetings/a' delegation_id: 'g' request_id: "
                  "'3f0b2a52-7c1e-4d0a-9b1e-0a4b1f6d2c11' delegation { "
                  "participant { display_name: 'Bui Van An' } }"),
              HasReason(api::v1::Error::REQUEST_ID_REUSED));
  ASSERT_OK_AND_ASSIGN(const auto delegation,
                       Call<v1::Delegation>("GetDelegation", "name: 'meetings/a/delegations/g'"));
  EXPECT_EQ(delegation.participant().display_name(), "(name erased)");
  EXPECT_OK(Try("UpdateDelegation",
                "delegation { name: 'meetings/a/delegations/g' attendance: PRESENT }"));
}

// More of it than is read at once.
TEST_P(MeetingCorrectionsTest, ANameIsErasedInAHistoryOfAnyLength) {
  ASSERT_OK(Try("CreateStatement",
                "parent: 'meetings/a' statement_id: 's' statement { topic: 'x' "
                "speaker { display_name: 'Bui Van An' } }"));
  for (int i = 0; i < 20; ++i) {
    ASSERT_OK(
        Try("UpdateStatement", absl::StrCat("statement { name: 'meetings/a/statements/s' topic: 'x",
                                            i, "' summary: '", testing::Wide(19000), "' }")));
  }
  ASSERT_OK(Try("EraseNames", "display_name: 'Bui Van An'"));
  size_t changes = 0;
  std::string token;
  do {
    ASSERT_OK_AND_ASSIGN(const auto page,
                         Call<common::v1::ListChangesResponse>(
                             "ListChanges", absl::StrCat("page_token: '", token, "'")));
    for (const auto& change : page.changes()) {
      changes += change.type() == "baliprocess.net/Statement" ? 1 : 0;
      EXPECT_FALSE(absl::StrContains(change.SerializeAsString(), "Bui Van An"));
    }
    token = page.next_page_token();
  } while (!token.empty());
  EXPECT_EQ(changes, 22);
}

TEST_P(MeetingCorrectionsTest, ReferencesThatLeadNowhereAreFound) {
  ASSERT_OK(Try("CreateStatement",
                "parent: 'meetings/a' statement_id: 's' statement { topic: 'x' "
                "speaker { official: 'officials/bell' } }"));
  const auto dangling = [&](const std::string& request = "") {
    const auto page =
        Call<common::v1::ListDanglingReferencesResponse>("ListDanglingReferences", request);
    EXPECT_OK(page);
    return page.value_or(common::v1::ListDanglingReferencesResponse());
  };
  EXPECT_THAT(dangling().references(), IsEmpty());
  Membership("DeleteOfficial", "name: 'officials/bell'");
  const auto found = dangling();
  ASSERT_THAT(found.references(), SizeIs(1));
  EXPECT_EQ(found.references(0).resource(), "meetings/a/statements/s");
  EXPECT_EQ(found.references(0).target(), "officials/bell");
  EXPECT_THAT(found.next_page_token(), IsEmpty());
  // In pages of one reference, dangling or not.
  int dangles = 0;
  std::string token;
  do {
    const auto page = dangling(absl::StrCat("page_size: 1 page_token: '", token, "'"));
    dangles += page.references_size();
    token = page.next_page_token();
  } while (!token.empty());
  EXPECT_EQ(dangles, 1);
}

// As printed: an item keeps its number when one before it is deleted or hidden.
TEST_P(MeetingCorrectionsTest, AgendaNumbersStayAndAreTheSameForAll) {
  for (const char* item : {"one", "two", "three"}) {
    ASSERT_OK(Try("CreateAgendaItem", absl::StrCat("parent: 'meetings/a' agenda_item_id: '", item,
                                                   "' agenda_item { display_name: 'x' }")));
  }
  const auto numbers = [&](const auth::Caller& caller) {
    const auto agenda = CallAs<v1::Agenda>(caller, "GetAgenda", "meeting: 'meetings/a'");
    EXPECT_OK(agenda);
    std::vector<std::string> found;
    for (const auto& entry : agenda->entries()) found.push_back(entry.number());
    return found;
  };
  EXPECT_THAT(numbers(Anyone()), ElementsAre("1", "2", "3"));
  ASSERT_OK(Try("UpdateAgendaItem",
                "agenda_item { name: 'meetings/a/agendaItems/two' visibility: RESTRICTED }"));
  EXPECT_THAT(numbers(Anyone()), ElementsAre("1", "3"));
  ASSERT_OK(Try("DeleteAgendaItem", "name: 'meetings/a/agendaItems/one'"));
  EXPECT_THAT(numbers(Secretariat()), ElementsAre("2", "3"));
  ASSERT_OK(Try("ReorderAgenda",
                "parent: 'meetings/a' agenda_items: 'meetings/a/agendaItems/three' "
                "agenda_items: 'meetings/a/agendaItems/two'"));
  EXPECT_THAT(numbers(Secretariat()), ElementsAre("1", "2"));
}

// Fiji: an observer until it was admitted.
TEST_P(MeetingCorrectionsTest, WhatAParticipantIsFollowsItsCategoryAtTheDate) {
  Membership("UpdateMember",
             "member { name: 'members/fji' category: FULL_MEMBER term { start_date { year: 2024 "
             "month: 9 } } earlier_standings { category: OBSERVER term { start_date { year: 2003 } "
             "end_date { year: 2024 month: 8 } } } }");
  const auto capacity = [&](const std::string& meeting, const std::string& date) {
    AddMeeting(meeting, date);
    const auto delegation = Call<v1::Delegation>(
        "CreateDelegation", absl::StrCat("parent: 'meetings/", meeting,
                                         "' delegation { participant { member: 'members/fji' } }"));
    EXPECT_OK(delegation);
    return v1::Delegation::Capacity_Name(delegation->capacity());
  };
  EXPECT_EQ(capacity("before", "start_date { year: 2024 month: 6 }"), "OBSERVER");
  EXPECT_EQ(capacity("after", "start_date { year: 2024 month: 10 }"), "GUEST");
  EXPECT_EQ(capacity("year", "start_date { year: 2024 }"), "UNDETERMINED");
  EXPECT_EQ(capacity("first", "start_date { year: 2002 }"), "GUEST");
}

// What was written while the meeting was hidden, and taken back, doesn't open with the meeting.
TEST_P(MeetingCorrectionsTest, WhatWasHiddenOnceStaysSoInTheHistory) {
  ASSERT_OK(Try("UpdateMeeting", "meeting { name: 'meetings/a' visibility: RESTRICTED }"));
  ASSERT_OK(Try("CreateStatement",
                "parent: 'meetings/a' statement_id: 's' statement { topic: "
                "'A draft' speaker { display_name: 'x' } }"));
  ASSERT_OK(Try("UpdateStatement", "statement { name: 'meetings/a/statements/s' topic: 'Final' }"));
  ASSERT_OK(Try("UpdateMeeting", "meeting { name: 'meetings/a' visibility: PUBLIC }"));
  ASSERT_OK(
      Try("UpdateStatement", "statement { name: 'meetings/a/statements/s' summary: 'Open' }"));
  ASSERT_OK(Try("CreateDocument",
                "parent: 'meetings/a' document_id: 'end' document { "
                "display_name: 'x' visibility: PUBLIC }"));
  common::v1::WatchChangesRequest request;
  request.set_from_start(true);
  const auto told = [&](const auth::Caller& caller) {
    testing::WatchReader reader(*service_, caller, request);
    std::vector<std::string> topics;
    for (const auto& change : reader.ReadThrough("meetings/a/documents/end")) {
      v1::Statement before;
      v1::Statement after;
      if (!change.after().UnpackTo(&after)) continue;
      change.before().UnpackTo(&before);
      topics.push_back(absl::StrCat(before.topic(), " > ", after.topic(), " ", after.summary()));
    }
    return topics;
  };
  EXPECT_THAT(told(Observer()), ElementsAre("Final > Final Open"));
  EXPECT_THAT(told(Secretariat()),
              ElementsAre(" > A draft ", "A draft > Final ", "Final > Final Open"));
}

}  // namespace
}  // namespace baliprocess::meetings
