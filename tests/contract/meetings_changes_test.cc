// Rules hold whatever is done to a resource: it is deleted, undeleted, changed by a method, or
// changed by who can't see all that it refers to.

#include "absl/strings/str_cat.h"

#include "tests/contract/meetings_fixture.h"

namespace baliprocess::meetings {
namespace {

using ::testing::ElementsAre;
using v1::Decision;
using v1::Delegation;

class ChangesTest : public MeetingsTest {
 protected:
  void SetUp() override {
    AddMeeting("a",
               "start_date { year: 2024 month: 5 day: 2 } end_date { year: 2024 month: 5 day: 3 }");
  }
  static auth::Caller Aus() { return MemberOf("members/aus"); }
  absl::Status AddDelegation(const auth::Caller& caller, const std::string& more = "") {
    return TryAs(caller, "CreateDelegation",
                 absl::StrCat("parent: 'meetings/a' delegation_id: 'aus' delegation { ",
                              "participant { member: 'members/aus' } ", more, " }"));
  }
  absl::Status OnDelegation(const auth::Caller& caller, const char* method) {
    return TryAs(caller, method, "name: 'meetings/a/delegations/aus'");
  }
  absl::Status UpdateDelegation(const auth::Caller& caller, const std::string& fields) {
    return TryAs(caller, "UpdateDelegation",
                 absl::StrCat("delegation { name: 'meetings/a/delegations/aus' ",
                              "participant { member: 'members/aus' } ", fields, " }"));
  }
  absl::Status AddDecision(const std::string& id, const std::string& fields) {
    return Try("CreateDecision",
               absl::StrCat("decision_id: '", id, "' decision { body: 'bodies/ahg' ",
                            "display_name: 'x' text: 'The text' ", fields, " } as_recorded: true"));
  }
  void Conclude() {
    ASSERT_OK(Try("ConveneMeeting", "name: 'meetings/a'"));
    ASSERT_OK(Try("ConcludeMeeting", "name: 'meetings/a'"));
  }
};
INSTANTIATE_ON_ENGINES(ChangesTest);

TEST_P(ChangesTest, AMemberDeletesItsDelegationUntilTheMeetingIsConcluded) {
  ASSERT_OK(AddDelegation(Aus()));
  ASSERT_OK(OnDelegation(Aus(), "DeleteDelegation"));
  ASSERT_OK(OnDelegation(Aus(), "UndeleteDelegation"));
  Conclude();
  EXPECT_THAT(OnDelegation(Aus(), "DeleteDelegation"), HasReason(api::v1::Error::WRONG_STATE));
  ASSERT_OK(OnDelegation(Secretariat(), "DeleteDelegation"));
  EXPECT_THAT(OnDelegation(Aus(), "UndeleteDelegation"), HasReason(api::v1::Error::WRONG_STATE));
  ASSERT_OK(OnDelegation(Secretariat(), "UndeleteDelegation"));
}

TEST_P(ChangesTest, WhatTheSecretariatRecordedIsNotAMembersToDelete) {
  ASSERT_OK(AddDelegation(Aus()));
  const auto expect_kept = [&](const std::string& recorded) {
    EXPECT_THAT(OnDelegation(Aus(), "DeleteDelegation"), HasReason(api::v1::Error::WRONG_STATE))
        << recorded;
  };
  for (const char* recorded :
       {"attendance: ABSENT", "capacity_override: GUEST override_reason: 'r'"}) {
    ASSERT_OK(UpdateDelegation(Secretariat(), recorded)) << recorded;
    expect_kept(recorded);
    ASSERT_OK(Try("UpdateDelegation",
                  "delegation { name: 'meetings/a/delegations/aus' } update_mask { paths: "
                  "'attendance' paths: 'capacity_override' paths: 'override_reason' }"));
  }
  ASSERT_OK(OnDelegation(Aus(), "SubmitCredentials"));
  for (const char* method : {"AcceptCredentials", "ReturnCredentials"}) {
    ASSERT_OK(OnDelegation(Secretariat(), method));
    expect_kept(method);
  }
  ASSERT_OK(OnDelegation(Aus(), "SubmitCredentials"));
  ASSERT_OK(UpdateDelegation(Aus(), "attendance: APOLOGIES"));
  EXPECT_OK(OnDelegation(Aus(), "DeleteDelegation"));
}

TEST_P(ChangesTest, CredentialsAreSubmittedUntilTheMeetingIsConcluded) {
  ASSERT_OK(AddDelegation(Aus()));
  Conclude();
  EXPECT_THAT(OnDelegation(Aus(), "SubmitCredentials"), HasReason(api::v1::Error::WRONG_STATE));
  EXPECT_OK(OnDelegation(Secretariat(), "SubmitCredentials"));
}

TEST_P(ChangesTest, AMemberDoesNotHideItsDelegationFromTheOthers) {
  EXPECT_THAT(BadFields(AddDelegation(Aus(), "visibility: RESTRICTED")),
              ElementsAre("delegation.visibility"));
  ASSERT_OK(AddDelegation(Aus(), "visibility: MEMBERS"));
  EXPECT_THAT(BadFields(UpdateDelegation(Aus(), "visibility: RESTRICTED")),
              ElementsAre("delegation.visibility"));
  EXPECT_OK(UpdateDelegation(Secretariat(), "visibility: RESTRICTED"));
}

// What it is follows from the date that the meeting has by then.
TEST_P(ChangesTest, AnUndeletedDelegationHasTheCapacityOfNow) {
  ASSERT_OK(Try("CreateDelegation",
                "parent: 'meetings/a' delegation_id: 'nzl' delegation { participant { member: "
                "'members/nzl' } }"));
  ASSERT_OK(Try("DeleteDelegation", "name: 'meetings/a/delegations/nzl'"));
  ASSERT_OK(Try("UpdateMeeting",
                "meeting { name: 'meetings/a' start_date { year: 2019 month: 3 } "
                "end_date { year: 2019 month: 3 } }"));
  ASSERT_OK_AND_ASSIGN(
      const auto delegation,
      Call<Delegation>("UndeleteDelegation", "name: 'meetings/a/delegations/nzl'"));
  EXPECT_EQ(delegation.capacity(), Delegation::BODY_MEMBER);
}

TEST_P(ChangesTest, ANumberIsOneDecisionsAfterAnUndelete) {
  ASSERT_OK(AddDecision("old", "procedure: CONSENSUS state: ADOPTED number: 7"));
  ASSERT_OK(Try("DeleteDecision", "name: 'decisions/old'"));
  ASSERT_OK(AddDecision("new", "procedure: CONSENSUS state: ADOPTED number: 7"));
  EXPECT_EQ(RuleOf(Try("UndeleteDecision", "name: 'decisions/old'")), "number_taken");
  ASSERT_OK(Try("DeleteDecision", "name: 'decisions/new'"));
  EXPECT_OK(Try("UndeleteDecision", "name: 'decisions/old'"));
}

// 1,000,000 is the largest number that the contract allows.
TEST_P(ChangesTest, TheLastNumberIsFollowedByNone) {
  ASSERT_OK(AddDecision("last", "procedure: CONSENSUS state: ADOPTED number: 1000000"));
  ASSERT_OK(AddDecision("next", "procedure: CONSENSUS"));
  EXPECT_EQ(RuleOf(Try("AdoptDecision", "name: 'decisions/next'")), "no_number_left");
}

// What they take part as is asked of membership, for all of them at once.
TEST_P(ChangesTest, AMeetingOfManyGuestsIsMovedToAnotherDate) {
  const std::pair<std::string, const char*> states[] = {
      {"bgd", "BD"}, {"brn", "BN"}, {"btn", "BT"}, {"chn", "CN"}, {"ind", "IN"},
      {"irn", "IR"}, {"jor", "JO"}, {"jpn", "JP"}, {"khm", "KH"}, {"kir", "KI"}};
  for (const auto& [id, region] : states) {
    Membership("CreateMember",
               absl::StrCat("member_id: '", id, "' member { kind: STATE category: FULL_MEMBER ",
                            "display_name: '", id, "' region_code: '", region, "' }"));
    ASSERT_OK(Try("CreateDelegation",
                  absl::StrCat("parent: 'meetings/a' delegation_id: '", id,
                               "' delegation { participant { member: 'members/", id, "' } }")));
  }
  EXPECT_OK(Try("UpdateMeeting",
                "meeting { name: 'meetings/a' start_date { year: 2025 month: 3 } "
                "end_date { year: 2025 month: 3 } }"));
}

TEST_P(ChangesTest, ANoteIsAsLongAsItsRequestAllows) {
  ASSERT_OK(Try("CreateActionItem",
                "action_item_id: 'i' action_item { body: 'bodies/ahg' display_name: 'Item' }"));
  const auto note = [&](size_t length) {
    return Try("AddProgressNote",
               absl::StrCat("name: 'actionItems/i' text: '", std::string(length, 'x'), "'"));
  };
  EXPECT_OK(note(1500));
  EXPECT_OK(note(5000));
  EXPECT_THAT(BadFields(note(5001)), ElementsAre("text"));
}

// Nobody is kept from a break by what it may not see.
TEST_P(ChangesTest, WhatADecisionRefersToIsNotJudgedAgain) {
  ASSERT_OK(Try("CreateAgendaItem",
                "parent: 'meetings/a' agenda_item_id: 'hidden' agenda_item { "
                "display_name: 'Hidden' visibility: RESTRICTED }"));
  ASSERT_OK(AddDecision("d",
                        "procedure: SILENCE meeting: 'meetings/a' "
                        "agenda_item: 'meetings/a/agendaItems/hidden' visibility: MEMBERS"));
  ASSERT_OK(
      Try("OpenSilence", absl::StrCat("name: 'decisions/d' silence_end_time { seconds: ",
                                      absl::ToUnixSeconds(clock_.Now() + absl::Hours(24)), " }")));
  ASSERT_OK(
      TryAs(Aus(), "AssociateReservation", "name: 'decisions/d' member: 'members/aus' text: 'r'"));
  ASSERT_OK(
      TryAs(Aus(), "BreakSilence", "name: 'decisions/d' member: 'members/aus' kind: OBJECTION"));
  EXPECT_EQ(Call<Decision>("GetDecision", "name: 'decisions/d'")->state(), Decision::BROKEN);
}

}  // namespace
}  // namespace baliprocess::meetings
