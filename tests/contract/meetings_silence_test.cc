// Decisions: by consensus, noted, and by the silence procedure.

#include <thread>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

#include "common/base/date.h"
#include "services/meetings/service.h"
#include "tests/contract/meetings_fixture.h"
#include "tests/contract/threads.h"

namespace baliprocess::meetings {
namespace {

using ::testing::ElementsAre;
using testing::InParallel;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using v1::Decision;

class DecisionTest : public MeetingsTest {
 protected:
  absl::Status Add(const std::string& id, const std::string& fields) {
    return Try("CreateDecision",
               absl::StrCat("decision_id: '", id, "' decision { body: 'bodies/ahg' ",
                            "display_name: 'x' text: 'The text' ", fields, " } as_recorded: true"));
  }
  absl::Status Open(absl::Duration after, const std::string& id = "d") {
    return Try("OpenSilence",
               absl::StrCat("name: 'decisions/", id, "' silence_end_time { seconds: ",
                            absl::ToUnixSeconds(clock_.Now() + after), " }"));
  }
  absl::Status Break(const std::string& member, const std::string& more = "kind: OBJECTION") {
    return TryAs(MemberOf(member), "BreakSilence",
                 absl::StrCat("name: 'decisions/d' member: '", member, "' ", more));
  }
  Decision Get(const std::string& id = "d") {
    const auto decision =
        CallAs<Decision>(Observer(), "GetDecision", absl::StrCat("name: 'decisions/", id, "'"));
    EXPECT_OK(decision);
    return decision.value_or(Decision());
  }
  // A decision that lies in silence for a day.
  void Silence() {
    ASSERT_OK(Add("d", "procedure: SILENCE"));
    ASSERT_OK(Open(absl::Hours(24)));
  }
};
INSTANTIATE_ON_ENGINES(DecisionTest);

TEST_P(DecisionTest, ConsensusAdoptsWithTheNextNumber) {
  ASSERT_OK(
      Add("past", "procedure: CONSENSUS state: ADOPTED number: 41 adopt_date { year: 2022 }"));
  EXPECT_EQ(RuleOf(Add("x", "procedure: CONSENSUS state: ADOPTED number: 41")), "number_taken");
  ASSERT_OK(Add("d", "procedure: CONSENSUS"));
  EXPECT_EQ(Get().state(), Decision::DRAFT);
  ASSERT_OK(Try("UpdateDecision", "decision { name: 'decisions/d' text: 'Another text' }"));
  ASSERT_OK(Try("AdoptDecision", "name: 'decisions/d'"));
  EXPECT_EQ(Get().state(), Decision::ADOPTED);
  EXPECT_EQ(Get().number(), 42);
  EXPECT_EQ(FormatDate(Get().adopt_date()), "2024-05-02");
  EXPECT_THAT(Try("UpdateDecision", "decision { name: 'decisions/d' text: 'A third' }"),
              HasReason(api::v1::Error::WRONG_STATE));
  EXPECT_OK(Try("UpdateDecision", "decision { name: 'decisions/d' kind: RESOLUTION }"));
  EXPECT_THAT(Try("AdoptDecision", "name: 'decisions/d'"), HasReason(api::v1::Error::WRONG_STATE));
  EXPECT_THAT(Try("WithdrawDecision", "name: 'decisions/d'"),
              HasReason(api::v1::Error::WRONG_STATE));
}

TEST_P(DecisionTest, WhatIsNotedIsPutOnRecord) {
  ASSERT_OK(Add("d", "procedure: NOTED kind: ACKNOWLEDGEMENT"));
  ASSERT_OK(Try("AdoptDecision", "name: 'decisions/d'"));
  EXPECT_EQ(Get().state(), Decision::ON_RECORD);
  EXPECT_EQ(Get().number(), 0);
  EXPECT_OK(Add("past", "procedure: NOTED state: ON_RECORD adopt_date { year: 2024 month: 5 }"));
  EXPECT_THAT(BadFields(Add("x", "procedure: NOTED state: ADOPTED")),
              ElementsAre("decision.state"));
  EXPECT_THAT(BadFields(Add("x", "procedure: CONSENSUS state: ON_RECORD")),
              ElementsAre("decision.state"));
  EXPECT_THAT(BadFields(Add("x", "procedure: CONSENSUS number: 3")),
              ElementsAre("decision.number"));
}

// An import brings along how a text came to be broken, or lies in silence.
TEST_P(DecisionTest, SilencesOfThePastAreRecordedWhole) {
  const std::string times =
      "procedure: SILENCE silence_open_time { seconds: 1600000000 } "
      "silence_end_time { seconds: 1600100000 } eligible_members: 'members/aus' ";
  const std::string broken =
      "state: BROKEN breaks { member: 'members/aus' kind: OBJECTION break_time { seconds: "
      "1600000001 } }";
  ASSERT_OK(Add("d", times + broken));
  EXPECT_EQ(Get().state(), Decision::BROKEN);
  EXPECT_THAT(Get().breaks(), SizeIs(1));
  EXPECT_THAT(BadFields(Add("x", times + "state: BROKEN")), ElementsAre("decision.breaks"));
  EXPECT_THAT(BadFields(Add("x", "procedure: SILENCE state: SILENCE_OPEN")),
              ElementsAre("decision.silence_end_time", "decision.eligible_members"));
  EXPECT_THAT(BadFields(Add("x", "procedure: CONSENSUS silence_end_time { seconds: 1 }")),
              ElementsAre("decision.silence_end_time"));
  EXPECT_THAT(
      BadFields(Add("x", "procedure: CONSENSUS " + broken)),
      ElementsAre("decision.state", "decision.silence_end_time", "decision.eligible_members"));
  // Its time is over: what was left open when it was exported is adopted.
  ASSERT_OK(Add("over", times + "state: SILENCE_OPEN"));
  EXPECT_EQ(Get("over").state(), Decision::ADOPTED);
}

TEST_P(DecisionTest, SilenceFreezesTheMembersOfTheBody) {
  Silence();
  EXPECT_THAT(Get().eligible_members(), ElementsAre("members/aus", "members/idn"));
  EXPECT_EQ(Get().state(), Decision::SILENCE_OPEN);
  // Whoever joins later has no say.
  Membership("CreateSeat", "parent: 'bodies/ahg' seat { member: 'members/fji' role: PARTICIPANT }");
  EXPECT_EQ(RuleOf(Break("members/fji")), "not_eligible");
  EXPECT_EQ(RuleOf(Break("members/nzl")), "not_eligible");
}

TEST_P(DecisionTest, SilenceIsOpenedByTheRulesOfTheBody) {
  ASSERT_OK(Add("d", "procedure: SILENCE"));
  EXPECT_THAT(BadFields(Open(absl::Minutes(59))), ElementsAre("silence_end_time"));
  EXPECT_THAT(BadFields(Open(-absl::Minutes(1))), ElementsAre("silence_end_time"));
  EXPECT_THAT(BadFields(Open(absl::Hours(367 * 24))), ElementsAre("silence_end_time"));
  EXPECT_EQ(RuleOf(Try("AdoptDecision", "name: 'decisions/d'")), "other_procedure");
  ASSERT_OK(Open(absl::Hours(1)));
  EXPECT_EQ(MetadataOf(Open(absl::Hours(1)), "state"), "SILENCE_OPEN");
  ASSERT_OK(Add("c", "procedure: CONSENSUS"));
  EXPECT_EQ(RuleOf(Open(absl::Hours(1), "c")), "other_procedure");
  ASSERT_OK(Try("CreateDecision", R"(decision_id: 'r' decision { body: 'bodies/rso'
      display_name: 'x' text: 'x' procedure: SILENCE })"));
  EXPECT_EQ(RuleOf(Open(absl::Hours(1), "r")), "no_silence_procedure");
}

// Its members of the past can't be heard; neither can its observers.
TEST_P(DecisionTest, WhereNobodyIsAMemberNothingLiesInSilence) {
  Membership("CreateBody", R"(body_id: 'left' body { kind: AD_HOC_GROUP display_name: 'Left'
      decision_rules { silence_procedure: true minimum_silence { seconds: 3600 } } })");
  for (const char* seat :
       {"member: 'members/aus' role: PARTICIPANT term { end_date { year: 2020 } }",
        "member: 'members/fji' role: BODY_OBSERVER"}) {
    Membership("CreateSeat", absl::StrCat("parent: 'bodies/left' seat { ", seat, " }"));
  }
  ASSERT_OK(Try("CreateDecision", R"(decision_id: 'd' decision { body: 'bodies/left'
      display_name: 'x' text: 'x' procedure: SILENCE })"));
  EXPECT_EQ(RuleOf(Open(absl::Hours(1))), "no_members");
  EXPECT_EQ(Get().state(), Decision::DRAFT);
}

TEST_P(DecisionTest, UnbrokenSilenceAdoptsAtItsEnd) {
  Silence();
  clock_.Advance(absl::Hours(24) - absl::Seconds(1));
  EXPECT_EQ(Get().state(), Decision::SILENCE_OPEN);
  clock_.Advance(absl::Seconds(1));
  // On read, whoever reads, in lists and filters too; and by a member that is too late.
  EXPECT_EQ(MetadataOf(Break("members/aus"), "state"), "ADOPTED");
  const auto adopted =
      Call<v1::ListDecisionsResponse>("ListDecisions", "filter: 'state = ADOPTED'");
  ASSERT_OK(adopted);
  ASSERT_THAT(adopted->decisions(), SizeIs(1));
  EXPECT_EQ(adopted->decisions(0).number(), 1);
  EXPECT_EQ(FormatDate(adopted->decisions(0).adopt_date()), "2024-05-03");
  EXPECT_EQ(MetadataOf(Break("members/aus"), "state"), "ADOPTED");
  // Nobody did it, and no method.
  const auto changes = Changes("resource = \"decisions/d\" AND actor = \"\"");
  ASSERT_THAT(changes, SizeIs(1));
  EXPECT_EQ(changes[0].actor(), "");
  EXPECT_EQ(changes[0].method(), "");
  EXPECT_THAT(Changes("resource = \"decisions/d\" AND actor != \"\""), SizeIs(2));
}

// At 2 May 11:30 in UTC it is 3 May 00:15 on Chatham.
TEST_P(DecisionTest, TheDayOfAdoptionIsTheBodys) {
  clock_.Advance(absl::Hours(2) + absl::Minutes(30));
  Membership("UpdateBody", "body { name: 'bodies/ahg' time_zone: 'Pacific/Chatham' }");
  Silence();
  EXPECT_EQ(Get().time_zone(), "Pacific/Chatham");
  for (const char* procedure : {"CONSENSUS", "NOTED"}) {
    const std::string id = absl::AsciiStrToLower(procedure);
    ASSERT_OK(Add(id, absl::StrCat("procedure: ", procedure)));
    ASSERT_OK(Try("AdoptDecision", absl::StrCat("name: 'decisions/", id, "'")));
    EXPECT_EQ(FormatDate(Get(id).adopt_date()), "2024-05-03") << procedure;
  }
  // The zone that the body had when silence was opened: time asks nobody.
  Membership("UpdateBody", "body { name: 'bodies/ahg' time_zone: 'America/Los_Angeles' }");
  clock_.Advance(absl::Hours(24));
  EXPECT_EQ(FormatDate(Get().adopt_date()), "2024-05-04");
}

TEST_P(DecisionTest, TheSweeperSettlesWhatNobodyReads) {
  Silence();
  clock_.Advance(absl::Hours(24));
  const auto* type = service_->engine().registry().FindType("baliprocess.net/Decision");
  ASSERT_OK(service_->engine().Settle(*type));
  EXPECT_THAT(Changes("actor = \"\""), SizeIs(1));
  ASSERT_OK(service_->engine().Settle(*type));
  EXPECT_THAT(Changes("actor = \"\""), SizeIs(1));
}

TEST_P(DecisionTest, AClockThatIsWrongForAWhileAdoptsNothing) {
  Silence();
  clock_.Set(absl::Hours(9000));
  EXPECT_EQ(Get().state(), Decision::SILENCE_OPEN);
  const auto* type = service_->engine().registry().FindType("baliprocess.net/Decision");
  ASSERT_OK(service_->engine().Settle(*type));
  clock_.Set(-absl::Hours(9000));
  EXPECT_EQ(Get().state(), Decision::SILENCE_OPEN);
  ASSERT_OK(Break("members/aus"));
  EXPECT_EQ(Get().state(), Decision::BROKEN);
}

TEST_P(DecisionTest, ARestartLosesNothing) {
  Silence();
  Restart();
  EXPECT_EQ(Get().state(), Decision::SILENCE_OPEN);
  service_.reset();
  clock_.Advance(absl::Hours(25));
  Restart();
  EXPECT_EQ(Get().state(), Decision::ADOPTED);
}

TEST_P(DecisionTest, ABrokenTextIsNeverAdopted) {
  Silence();
  EXPECT_THAT(BadFields(Break("members/aus", "kind: AMENDMENT")), ElementsAre("text"));
  EXPECT_THAT(BadFields(Break("members/aus", "")), ElementsAre("kind"));
  ASSERT_OK(Break("members/aus", "kind: AMENDMENT text: 'may, not shall'"));
  EXPECT_EQ(Get().state(), Decision::BROKEN);
  // Others may be heard until the time is over.
  ASSERT_OK(Break("members/idn"));
  EXPECT_EQ(RuleOf(Break("members/idn")), "broken_already");
  ASSERT_THAT(Get().breaks(), SizeIs(2));
  EXPECT_EQ(Get().breaks(0).text(), "may, not shall");
  clock_.Advance(absl::Hours(48));
  EXPECT_EQ(Get().state(), Decision::BROKEN);
  EXPECT_EQ(MetadataOf(Break("members/aus"), "state"), "BROKEN");
  EXPECT_THAT(Try("AdoptDecision", "name: 'decisions/d'"), HasReason(api::v1::Error::WRONG_STATE));
  EXPECT_THAT(Open(absl::Hours(24)), HasReason(api::v1::Error::WRONG_STATE));
  // It is taken up again as another decision.
  EXPECT_OK(Add("again", "procedure: SILENCE follows: 'decisions/d'"));
  EXPECT_EQ(RuleOf(Add("x", "procedure: SILENCE follows: 'decisions/again'")), "follows_standing");
}

TEST_P(DecisionTest, MembersSpeakForThemselves) {
  Silence();
  const char* const request = "name: 'decisions/d' member: 'members/idn' kind: OBJECTION";
  EXPECT_THAT(TryAs(Observer(), "BreakSilence", request), HasReason(api::v1::Error::ACCESS_DENIED));
  EXPECT_OK(Try("BreakSilence", request));  // by letter to the secretariat
}

TEST_P(DecisionTest, ReservationsStandInNobodysWay) {
  Silence();
  const auto reserve = [&](const std::string& member) {
    return TryAs(MemberOf(member), "AssociateReservation",
                 absl::StrCat("name: 'decisions/d' member: '", member, "' text: 'But'"));
  };
  ASSERT_OK(reserve("members/aus"));
  EXPECT_EQ(RuleOf(reserve("members/aus")), "reserved_already");
  EXPECT_EQ(RuleOf(reserve("members/nzl")), "not_eligible");
  clock_.Advance(absl::Hours(24));
  EXPECT_EQ(Get().state(), Decision::ADOPTED);
  ASSERT_OK(reserve("members/idn"));
  EXPECT_THAT(Get().reservations(), SizeIs(2));
  ASSERT_OK(Add("c", "procedure: CONSENSUS"));
  EXPECT_THAT(Try("AssociateReservation", "name: 'decisions/c' member: 'members/aus' text: 'x'"),
              HasReason(api::v1::Error::WRONG_STATE));
}

TEST_P(DecisionTest, ADraftOrAnOpenSilenceIsWithdrawn) {
  Silence();
  ASSERT_OK(Try("WithdrawDecision", "name: 'decisions/d'"));
  clock_.Advance(absl::Hours(24));
  EXPECT_EQ(Get().state(), Decision::WITHDRAWN);
  EXPECT_EQ(MetadataOf(Break("members/aus"), "state"), "WITHDRAWN");
}

TEST_P(DecisionTest, ItNeedsMembershipToBeOpenedAndNothingToBeBroken) {
  ASSERT_OK(Add("d", "procedure: SILENCE"));
  membership_down_ = true;
  EXPECT_THAT(Open(absl::Hours(24)), HasReason(api::v1::Error::TEMPORARILY_UNAVAILABLE));
  EXPECT_EQ(Get().state(), Decision::DRAFT);
  membership_down_ = false;
  ASSERT_OK(Open(absl::Hours(24)));
  membership_down_ = true;
  EXPECT_OK(Break("members/aus"));
}

// Many object while the time runs out. Each hears that it was in time or too late, and what became
// of the text agrees.
TEST_P(DecisionTest, ObjectionsRaceWithTheEnd) {
  constexpr int kMembers = 32;
  std::string seats;
  for (int i = 0; i < kMembers; ++i) {
    const std::string id = absl::StrCat("org-", i);
    Membership("CreateMember",
               absl::StrCat("member_id: '", id, "' member { kind: ORGANISATION category: ",
                            "FULL_MEMBER display_name: '", id, "' }"));
    absl::StrAppend(&seats, "requests { seat { member: 'members/", id, "' role: PARTICIPANT } } ");
  }
  Membership("BatchCreateSeats", absl::StrCat("parent: 'bodies/ahg' ", seats));
  for (int round = 0; round < 5; ++round) {
    const std::string id = absl::StrCat("r", round);
    ASSERT_OK(Add(id, "procedure: SILENCE"));
    ASSERT_OK(Open(absl::Hours(1), id));
    clock_.Advance(absl::Hours(1) - absl::Microseconds(1));
    std::vector<absl::Status> heard(kMembers);
    InParallel(kMembers + 1, [&](int i) {
      if (i == kMembers) {
        clock_.Advance(absl::Microseconds(1));
        return;
      }
      const std::string member = absl::StrCat("members/org-", i);
      heard[i] =
          TryAs(MemberOf(member), "BreakSilence",
                absl::StrCat("name: 'decisions/", id, "' member: '", member, "' kind: OBJECTION"));
    });
    int accepted = 0;
    for (const absl::Status& status : heard) {
      if (status.ok()) {
        ++accepted;
      } else {
        EXPECT_THAT(status, HasReason(api::v1::Error::WRONG_STATE));
      }
    }
    EXPECT_THAT(Get(id).breaks(), SizeIs(accepted));
    EXPECT_EQ(Get(id).state(), accepted > 0 ? Decision::BROKEN : Decision::ADOPTED) << accepted;
  }
}

}  // namespace
}  // namespace baliprocess::meetings
