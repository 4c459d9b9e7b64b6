// Delegations, attendance, conflicts, the calendar.

#include "absl/strings/str_cat.h"

#include "tests/contract/meetings_fixture.h"

namespace baliprocess::meetings {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using v1::Delegation;

constexpr char kMay[] =
    "start_date { year: 2024 month: 5 day: 2 } end_date { year: 2024 month: 5 day: 3 }";

class DelegationTest : public MeetingsTest {
 protected:
  void SetUp() override { AddMeeting("a", kMay); }

  static std::string Creation(const std::string& id, const std::string& fields,
                              const std::string& meeting = "a") {
    return absl::StrCat("parent: 'meetings/", meeting, "' delegation_id: '", id, "' delegation { ",
                        fields, " }");
  }
  absl::Status Add(const std::string& id, const std::string& fields,
                   const std::string& meeting = "a") {
    return Try("CreateDelegation", Creation(id, fields, meeting));
  }
  Delegation Get(const std::string& id, const std::string& meeting = "a") {
    const auto delegation = Call<Delegation>(
        "GetDelegation", absl::StrCat("name: 'meetings/", meeting, "/delegations/", id, "'"));
    EXPECT_OK(delegation);
    return delegation.value_or(Delegation());
  }
  std::string CapacityOf(const std::string& id, const std::string& meeting = "a") {
    return Delegation::Capacity_Name(Get(id, meeting).capacity());
  }
};
INSTANTIATE_ON_ENGINES(DelegationTest);

TEST_P(DelegationTest, CapacityFollowsFromMembershipAtTheDate) {
  ASSERT_OK(Add("aus", "participant { member: 'members/aus' }"));
  ASSERT_OK(Add("nzl", "participant { member: 'members/nzl' }"));
  ASSERT_OK(Add("fji", "participant { member: 'members/fji' }"));
  ASSERT_OK(Add("rso", "participant { body: 'bodies/rso' }"));
  ASSERT_OK(Add("guest", "participant { display_name: 'A civil society organisation' }"));
  EXPECT_EQ(CapacityOf("aus"), "BODY_MEMBER");
  EXPECT_EQ(CapacityOf("nzl"), "GUEST");  // its seat ended in 2020
  EXPECT_EQ(CapacityOf("fji"), "OBSERVER");
  EXPECT_EQ(CapacityOf("rso"), "BODY");
  EXPECT_EQ(CapacityOf("guest"), "GUEST");
  // At another date it is another; within 2020 nobody knows.
  const auto move = [&](int year, int month) {
    return Try("UpdateMeeting",
               absl::StrCat("meeting { name: 'meetings/a' start_date { year: ", year,
                            " month: ", month, " } end_date { year: ", year, " } }"));
  };
  ASSERT_OK(move(2019, 3));
  EXPECT_EQ(CapacityOf("nzl"), "BODY_MEMBER");
  ASSERT_OK(move(2020, 3));
  EXPECT_EQ(CapacityOf("nzl"), "UNDETERMINED");
  AddMeeting("undated");
  ASSERT_OK(Add("aus", "participant { member: 'members/aus' }", "undated"));
  EXPECT_EQ(CapacityOf("aus", "undated"), "UNDETERMINED");
}

// Unless the secretariat says what it was, a participant that is no longer on record keeps the
// meeting at its date.
TEST_P(DelegationTest, AMeetingIsNotMovedWhileACapacityCannotBeTold) {
  ASSERT_OK(Add("fji", "participant { member: 'members/fji' }"));
  Membership("DeleteMember", "name: 'members/fji'");
  const char* const move =
      "meeting { name: 'meetings/a' start_date { year: 2024 month: 5 day: 3 } }";
  const absl::Status status = Try("UpdateMeeting", move);
  EXPECT_THAT(status, HasReason(api::v1::Error::RESOURCE_NOT_FOUND));
  EXPECT_EQ(MetadataOf(status, "resource"), "members/fji");
  EXPECT_EQ(GetMeeting("a").start_date().day(), 2);
  ASSERT_OK(Try("UpdateDelegation", R"(delegation { name: 'meetings/a/delegations/fji'
      capacity_override: OBSERVER override_reason: 'As it came' })"));
  EXPECT_OK(Try("UpdateMeeting", move));
}

TEST_P(DelegationTest, AnOverrideNeedsAReason) {
  EXPECT_THAT(
      BadFields(Add("aus", "participant { member: 'members/aus' } capacity_override: GUEST")),
      ElementsAre("delegation.override_reason"));
  EXPECT_THAT(BadFields(Add("aus", "participant { member: 'members/aus' } override_reason: 'x'")),
              ElementsAre("delegation.override_reason"));
  EXPECT_THAT(BadFields(Add("aus",
                            "participant { member: 'members/aus' } capacity_override: UNDETERMINED "
                            "override_reason: 'x'")),
              ElementsAre("delegation.capacity_override"));
  ASSERT_OK(
      Add("aus",
          "participant { member: 'members/aus' } capacity_override: GUEST override_reason: 'x'"));
  EXPECT_EQ(CapacityOf("aus"), "GUEST");
  ASSERT_OK(Try("UpdateDelegation", R"(delegation { name: 'meetings/a/delegations/aus' }
      update_mask { paths: 'capacity_override' paths: 'override_reason' })"));
  EXPECT_EQ(CapacityOf("aus"), "BODY_MEMBER");
}

TEST_P(DelegationTest, OneParticipantOneDelegation) {
  EXPECT_THAT(BadFields(Add("x", "")), ElementsAre("delegation.participant"));
  EXPECT_THAT(BadFields(Add("x", "participant { official: 'officials/bell' }")),
              ElementsAre("delegation.participant"));
  EXPECT_THAT(BadFields(Add("x", "participant { }")), ElementsAre("delegation.participant"));
  ASSERT_OK(Add("aus", "participant { member: 'members/aus' }"));
  EXPECT_EQ(RuleOf(Add("again", "participant { member: 'members/aus' }")), "participant_taken");
  AddMeeting("b");
  EXPECT_OK(Add("aus", "participant { member: 'members/aus' }", "b"));
  EXPECT_THAT(BadFields(Try("UpdateDelegation", R"(delegation {
                  name: 'meetings/a/delegations/aus' participant { member: 'members/idn' } })")),
              ElementsAre("delegation.participant"));
}

TEST_P(DelegationTest, AWholeListAtOnceOrNothing) {
  const auto request = [](const std::string& last) {
    return absl::StrCat(
        "parent: 'meetings/a' requests { delegation { participant { member: 'members/aus' } } } ",
        "requests { delegation { participant { member: 'members/idn' } attendance: PRESENT } } ",
        "requests { delegation { ", last, " } }");
  };
  const absl::Status bad =
      Try("BatchCreateDelegations", request("participant { member: 'members/none' }"));
  EXPECT_THAT(bad, HasReason(api::v1::Error::REFERENCE_NOT_FOUND));
  EXPECT_THAT(bad, testing::MessageHas("requests[2]"));
  EXPECT_THAT(Changes("type = \"baliprocess.net/Delegation\""), IsEmpty());
  ASSERT_OK_AND_ASSIGN(const auto reply, Call<v1::BatchCreateDelegationsResponse>(
                                             "BatchCreateDelegations",
                                             request("participant { body: 'bodies/rso' }")));
  EXPECT_THAT(reply.delegations(), SizeIs(3));
}

TEST_P(DelegationTest, AMemberActsForItsOwnDelegationAlone) {
  const auth::Caller aus = MemberOf("members/aus");
  EXPECT_THAT(
      TryAs(aus, "CreateDelegation", Creation("idn", "participant { member: 'members/idn' }")),
      HasReason(api::v1::Error::ACCESS_DENIED));
  EXPECT_THAT(
      BadFields(TryAs(aus, "CreateDelegation",
                      Creation("aus",
                               "participant { member: 'members/aus' } capacity_override: GUEST "
                               "override_reason: 'x'"))),
      ElementsAre("delegation.capacity_override"));
  const std::string accepted =
      Creation("aus", "participant { member: 'members/aus' } credentials: ACCEPTED");
  EXPECT_THAT(BadFields(TryAs(aus, "CreateDelegation", accepted + " as_recorded: true")),
              ElementsAre("as_recorded"));
  EXPECT_THAT(BadFields(TryAs(
                  aus, "CreateDelegation",
                  Creation("aus", "participant { member: 'members/aus' } attendance: PRESENT"))),
              ElementsAre("delegation.attendance"));
  ASSERT_OK(TryAs(aus, "CreateDelegation", accepted));
  EXPECT_EQ(Get("aus").credentials(), Delegation::NOT_SUBMITTED);
  ASSERT_OK(Add("idn", "participant { member: 'members/idn' }"));
  const std::string own = "name: 'meetings/a/delegations/aus'";
  const std::string other = "name: 'meetings/a/delegations/idn'";
  EXPECT_OK(TryAs(aus, "UpdateDelegation",
                  absl::StrCat("delegation { ", own,
                               " participant { member: 'members/aus' } attendance: APOLOGIES }")));
  EXPECT_THAT(
      TryAs(aus, "UpdateDelegation",
            absl::StrCat("delegation { ", other, " participant { member: 'members/aus' } }")),
      HasReason(api::v1::Error::ACCESS_DENIED));
  for (const char* method : {"SubmitCredentials", "DeleteDelegation", "UndeleteDelegation"}) {
    EXPECT_THAT(TryAs(aus, method, other), HasReason(api::v1::Error::ACCESS_DENIED)) << method;
  }
  EXPECT_OK(TryAs(aus, "SubmitCredentials", own));
  EXPECT_OK(TryAs(aus, "DeleteDelegation", own));
  EXPECT_OK(TryAs(aus, "UndeleteDelegation", own));
  // When the meeting is over, the record is the secretariat's.
  ASSERT_OK(Try("ConveneMeeting", "name: 'meetings/a'"));
  ASSERT_OK(Try("ConcludeMeeting", "name: 'meetings/a'"));
  EXPECT_THAT(TryAs(aus, "UpdateDelegation",
                    absl::StrCat("delegation { ", own,
                                 " participant { member: 'members/aus' } visibility: MEMBERS }")),
              HasReason(api::v1::Error::WRONG_STATE));
}

TEST_P(DelegationTest, CredentialsAreSubmittedAcceptedReturned) {
  ASSERT_OK(Add("aus", "participant { member: 'members/aus' }"));
  const std::string name = "name: 'meetings/a/delegations/aus' note: 'a letter'";
  EXPECT_EQ(MetadataOf(Try("AcceptCredentials", name), "state"), "NOT_SUBMITTED");
  EXPECT_THAT(Try("ReturnCredentials", name), HasReason(api::v1::Error::WRONG_STATE));
  ASSERT_OK(TryAs(MemberOf("members/aus"), "SubmitCredentials", name));
  EXPECT_EQ(Get("aus").credentials_note(), "a letter");
  EXPECT_THAT(Try("SubmitCredentials", name), HasReason(api::v1::Error::WRONG_STATE));
  ASSERT_OK(Try("ReturnCredentials", name));
  ASSERT_OK(Try("SubmitCredentials", name));
  ASSERT_OK(Try("AcceptCredentials", name));
  EXPECT_EQ(Get("aus").credentials(), Delegation::ACCEPTED);
  ASSERT_OK(Try("UpdateDelegation", R"(delegation {
                name: 'meetings/a/delegations/aus' credentials: SUBMITTED })"));
  EXPECT_EQ(Get("aus").credentials(), Delegation::ACCEPTED);
  ASSERT_OK(Add("idn", "participant { member: 'members/idn' } credentials: RETURNED"));
  EXPECT_EQ(Get("idn").credentials(), Delegation::NOT_SUBMITTED);
}

TEST_P(DelegationTest, TheGapIsWhoBelongsAndWasNotThere) {
  ASSERT_OK(Add("aus", "participant { member: 'members/aus' } attendance: PRESENT"));
  ASSERT_OK(Add("fji", "participant { member: 'members/fji' } attendance: PRESENT"));
  const auto gap = [&] {
    auto reply = CallAs<v1::AttendanceGap>(Anyone(), "GetAttendanceGap", "meeting: 'meetings/a'");
    EXPECT_OK(reply);
    return *reply;
  };
  EXPECT_EQ(gap().present_count(), 1);
  ASSERT_THAT(gap().missing(), SizeIs(1));
  EXPECT_EQ(gap().missing(0).member(), "members/idn");
  EXPECT_EQ(gap().missing(0).delegation(), "");
  ASSERT_OK(Add("idn", "participant { member: 'members/idn' } attendance: APOLOGIES"));
  EXPECT_EQ(gap().missing(0).attendance(), Delegation::APOLOGIES);
  ASSERT_OK(Try("UpdateDelegation", R"(delegation { name: 'meetings/a/delegations/idn'
      attendance: REMOTE })"));
  EXPECT_EQ(gap().present_count(), 2);
  EXPECT_THAT(gap().missing(), IsEmpty());
}

TEST_P(DelegationTest, ConflictsAreOfOneBodyOrOneOfficial) {
  const auto conflicts = [&](const std::string& more = "") {
    const auto reply = Call<v1::ListConflictsResponse>(
        "ListConflicts",
        absl::StrCat("period { start_date { year: 2024 } end_date { year: 2024 } } ", more));
    EXPECT_OK(reply);
    return *reply;
  };
  AddMeeting("b", "start_date { year: 2024 month: 5 }");
  ASSERT_THAT(conflicts().conflicts(), SizeIs(1));
  EXPECT_THAT(conflicts().conflicts(0).meetings(), ElementsAre("meetings/a", "meetings/b"));
  EXPECT_EQ(conflicts().conflicts(0).overlap(), common::v1::Truth::UNKNOWN);
  EXPECT_THAT(conflicts("body: 'bodies/rso'").conflicts(), IsEmpty());
  ASSERT_OK(Try("UpdateMeeting", "meeting { name: 'meetings/b' colocated_with: 'meetings/a' }"));
  EXPECT_THAT(conflicts().conflicts(), IsEmpty());
  ASSERT_OK(Try("CreateMeeting",
                absl::StrCat("meeting_id: 'c' meeting { body: 'bodies/rso' ", "display_name: 'x' ",
                             kMay, " chairs { official: 'officials/bell' } }")));
  EXPECT_THAT(conflicts().conflicts(), IsEmpty());
  ASSERT_OK(Add("aus", "participant { member: 'members/aus' }"));
  ASSERT_OK(Try("CreateDelegate", R"(parent: 'meetings/a/delegations/aus' delegate {
                person { official: 'officials/bell' } member: 'members/aus' })"));
  ASSERT_THAT(conflicts().conflicts(), SizeIs(1));
  EXPECT_THAT(conflicts().conflicts(0).officials(), ElementsAre("officials/bell"));
  EXPECT_EQ(conflicts().conflicts(0).overlap(), common::v1::Truth::YES);
  ASSERT_OK(Try("CancelMeeting", "name: 'meetings/c'"));
  EXPECT_THAT(conflicts().conflicts(), IsEmpty());
  EXPECT_THAT(BadFields(Try("ListConflicts", "period { start_date { year: 2024 } }")),
              ElementsAre("period"));
  EXPECT_THAT(BadFields(Try("ListConflicts",
                            "period { start_date { year: 2000 } "
                            "end_date { year: 2024 } }")),
              ElementsAre("period"));
}

TEST_P(DelegationTest, TheCalendarNamesWhatItLeavesOut) {
  AddMeeting("feb", "start_date { year: 2023 month: 2 }");
  AddMeeting("none");
  const auto calendar = CallAs<v1::Calendar>(Anyone(), "ExportCalendar", "");
  ASSERT_OK(calendar);
  EXPECT_THAT(calendar->file().data(), AllOf(HasSubstr("DTSTART;VALUE=DATE:20240502\r\n"),
                                             HasSubstr("DTEND;VALUE=DATE:20240504\r\n")));
  ASSERT_THAT(calendar->omissions(), SizeIs(2));
  EXPECT_EQ(calendar->omissions(0).meeting(), "meetings/feb");
  EXPECT_EQ(calendar->omissions(0).reason(), v1::Calendar::PARTIAL_DATE);
  EXPECT_EQ(calendar->omissions(1).reason(), v1::Calendar::NO_DATE);
  const auto some =
      CallAs<v1::Calendar>(Anyone(), "ExportCalendar", "filter: 'start_date > \"2025\"'");
  ASSERT_OK(some);
  EXPECT_THAT(some->file().data(), Not(HasSubstr("VEVENT")));
  EXPECT_THAT(BadFields(Try("ExportCalendar", "filter: 'nothing = 1'")), ElementsAre("filter"));
}

}  // namespace
}  // namespace baliprocess::meetings
