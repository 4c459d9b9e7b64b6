// Records that are entered again, as a list that is imported twice: what the server has filled in
// stays, and what is the same already isn't written.

#include "absl/strings/str_cat.h"

#include "tests/contract/capacity_fixture.h"

namespace baliprocess::capacity {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;
using v1::Participation;
using v1::Practitioner;

constexpr char kAll[] = "update_mask { paths: '*' }";
constexpr char kBinh[] =
    "member: 'members/aus' agency: 'Police' identity { full_name: 'Nguyen Van Binh' "
    "email: 'binh@example.org' }";

class ReentryTest : public CapacityTest {
 protected:
  void SetUp() override {
    AddWorkshop("ws", "2023-03");
    AddPractitioner("binh", "members/aus",
                    "agency: 'Police' identity { full_name: 'Nguyen Van Binh' "
                    "email: 'binh@example.org' }");
    ASSERT_OK(TryAttend("ws", "binh"));
    clock_.Advance(absl::Minutes(1));
  }
  // The list's own words, with more fields.
  absl::StatusOr<Participation> Attend(const std::string& more = "",
                                       const std::string& mask = kAll) {
    return Call<Participation>(
        "UpdateParticipation",
        absl::StrCat("participation { name: 'activities/ws/participations/binh' practitioner: "
                     "'practitioners/binh' ",
                     more, " } ", mask));
  }
  absl::StatusOr<Practitioner> Enter(const std::string& fields) {
    return Call<Practitioner>("UpdatePractitioner",
                              absl::StrCat("practitioner { name: 'practitioners/binh' ", fields,
                                           " } allow_missing: true ", kAll));
  }
  std::vector<common::v1::Change> Updates() { return Changes("kind = UPDATED"); }
};
INSTANTIATE_ON_ENGINES(ReentryTest);

TEST_P(ReentryTest, WhatWasFilledInStays) {
  ASSERT_OK_AND_ASSIGN(const Participation again, Attend());
  EXPECT_EQ(again.agency(), "Police");
  EXPECT_EQ(again.member(), "members/aus");
  EXPECT_EQ(again.role(), Participation::TRAINEE);
  EXPECT_EQ(again.attendance(), Participation::ATTENDED);
  EXPECT_THAT(Updates(), IsEmpty());
}

// What it is now is no matter: it stays as it was at the time.
TEST_P(ReentryTest, ItStaysWhenThePractitionerMovesOn) {
  ASSERT_OK(Enter("member: 'members/idn' agency: 'Customs'"));
  ASSERT_OK_AND_ASSIGN(const Participation again, Attend());
  EXPECT_EQ(again.agency(), "Police");
  EXPECT_EQ(again.member(), "members/aus");
}

TEST_P(ReentryTest, ANamedFieldIsFilledInAnew) {
  ASSERT_OK(Attend("agency: 'Coast guard' role: SPEAKER"));
  ASSERT_OK_AND_ASSIGN(const Participation anew,
                       Attend("", "update_mask { paths: ['agency', 'role'] }"));
  EXPECT_EQ(anew.agency(), "Police");
  EXPECT_EQ(anew.role(), Participation::TRAINEE);
}

// Present and empty isn't left out: none was known.
TEST_P(ReentryTest, NoAgencyIsKeptAsNone) {
  ASSERT_OK_AND_ASSIGN(const Participation none, Attend("agency: ''"));
  EXPECT_TRUE(none.has_agency());
  EXPECT_EQ(none.agency(), "");
  ASSERT_OK_AND_ASSIGN(const Participation again, Attend());
  EXPECT_EQ(again.agency(), "");
  AddPractitioner("nobody");
  ASSERT_OK(TryAttend("ws", "nobody"));
  ASSERT_OK_AND_ASSIGN(
      const auto kept,
      Call<Participation>("GetParticipation", "name: 'activities/ws/participations/nobody'"));
  EXPECT_TRUE(kept.has_agency());
}

TEST_P(ReentryTest, AnIdentityIsComparedByItsHashes) {
  ASSERT_OK_AND_ASSIGN(const auto before,
                       Call<Practitioner>("GetPractitioner", "name: 'practitioners/binh'"));
  ASSERT_OK_AND_ASSIGN(const Practitioner again, Enter(kBinh));
  EXPECT_EQ(again.etag(), before.etag());
  EXPECT_EQ(again.update_time().seconds(), before.update_time().seconds());
  EXPECT_FALSE(again.has_identity());
  EXPECT_THAT(Updates(), IsEmpty());
  ASSERT_OK(Enter("member: 'members/aus' agency: 'Police' identity { full_name: 'Someone Else' }"));
  EXPECT_THAT(Updates(), SizeIs(1));
}

TEST_P(ReentryTest, AMergedPractitionerIsEnteredAgain) {
  AddPractitioner("other");
  ASSERT_OK(Merge("binh", "other"));
  const size_t updates = Updates().size();
  ASSERT_OK_AND_ASSIGN(const Practitioner again, Enter(kBinh));
  EXPECT_EQ(again.merged_into(), "practitioners/other");
  EXPECT_THAT(Updates(), SizeIs(updates));
  const absl::Status other = Enter("member: 'members/aus' agency: 'Customs'").status();
  EXPECT_THAT(other, HasReason(api::v1::Error::WRONG_STATE));
  EXPECT_EQ(MetadataOf(other, "state"), "MERGED");
  // The list names it; the person counts once.
  AddWorkshop("second", "2023-04");
  EXPECT_OK(TryAttend("second", "binh"));
  EXPECT_EQ(Computed(v1::ReportedFigure::PRACTITIONERS_TRAINED, "2023"), 1);
}

TEST_P(ReentryTest, PlacesAndStatesStay) {
  Add("Strategy", "strategy", "s", "body: 'bodies/rso' display_name: 'S'");
  Add("StrategyArea", "strategy_area", "one", "display_name: 'One'", "strategies/s");
  Add("StrategyArea", "strategy_area", "two", "display_name: 'Two'", "strategies/s");
  Add("WorkPlan", "work_plan", "p", "body: 'bodies/rso' display_name: 'P'");
  Add("WorkPlanItem", "work_plan_item", "one", "display_name: 'One' state: IN_PROGRESS",
      "workPlans/p");
  Add("WorkPlanItem", "work_plan_item", "two", "display_name: 'Two'", "workPlans/p");
  ASSERT_OK(Try(
      "UpdateStrategyArea",
      absl::StrCat("strategy_area { name: 'strategies/s/areas/one' display_name: 'One' } ", kAll)));
  ASSERT_OK(Try(
      "UpdateWorkPlanItem",
      absl::StrCat("work_plan_item { name: 'workPlans/p/items/one' display_name: 'One' } ", kAll)));
  ASSERT_OK(Try("UpdateActivity",
                absl::StrCat("activity { name: 'activities/ws' body: 'bodies/rso' kind: WORKSHOP "
                             "display_name: 'Activity ws' start_date { year: 2023 month: 3 } } ",
                             kAll)));
  EXPECT_THAT(Updates(), IsEmpty());
}

}  // namespace
}  // namespace baliprocess::capacity
