// The rules of strategies, work plans, activities, funding and partnerships.

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

#include "tests/contract/capacity_fixture.h"

namespace baliprocess::capacity {
namespace {

using ::testing::ElementsAre;

class CapacityRulesTest : public CapacityTest {
 protected:
  absl::Status TryWorkPlan(const std::string& fields) {
    return TryAdd("WorkPlan", "work_plan", "wp",
                  absl::StrCat("body: 'bodies/rso' display_name: 'x' ", fields));
  }
  absl::Status TryActivity(const std::string& id, const std::string& fields) {
    return TryAdd("Activity", "activity", id,
                  absl::StrCat("body: 'bodies/rso' display_name: 'x' ", fields));
  }
  absl::Status TryDisburse(const std::string& id, const std::string& amount) {
    return TryAdd("Disbursement", "disbursement", id,
                  absl::StrCat("amount { ", amount, " } disburse_date { year: 2024 }"),
                  "commitments/nzl");
  }
  void Commit(const std::string& amount) {
    Add("Commitment", "commitment", "nzl",
        absl::StrCat("funder { member: 'members/nzl' } body: 'bodies/rso' kind: COMMITMENT ",
                     amount));
  }
  absl::Status TryPartners(const std::string& id, const std::string& operation,
                           const std::string& parties) {
    return TryAdd("Partnership", "partnership", id,
                  absl::StrCat("operation: 'activities/", operation,
                               "' kind: TARGETED_INVESTIGATION parties: [", parties, "]"));
  }
  absl::Status TryFigure(const std::string& fields) {
    return TryAdd("ReportedFigure", "reported_figure", "f",
                  absl::StrCat("body: 'bodies/rso' measure: DIALOGUES ", fields));
  }
};
INSTANTIATE_ON_ENGINES(CapacityRulesTest);

TEST_P(CapacityRulesTest, AreasAndItemsComeAfterTheOthers) {
  Add("Strategy", "strategy", "s", "body: 'bodies/rso' display_name: 'x'");
  for (const char* id : {"one", "two"}) {
    Add("StrategyArea", "strategy_area", id, "display_name: 'x'", "strategies/s");
  }
  const auto area = Call<v1::StrategyArea>("GetStrategyArea", "name: 'strategies/s/areas/two'");
  ASSERT_OK(area);
  EXPECT_EQ(area->position(), 2);
  ASSERT_OK(TryWorkPlan(""));
  Add("WorkPlanItem", "work_plan_item", "i", "display_name: 'x' position: 7", "workPlans/wp");
  Add("WorkPlanItem", "work_plan_item", "j", "display_name: 'x'", "workPlans/wp");
  const auto item = Call<v1::WorkPlanItem>("GetWorkPlanItem", "name: 'workPlans/wp/items/j'");
  ASSERT_OK(item);
  EXPECT_EQ(item->position(), 8);
  EXPECT_EQ(item->state(), v1::WorkPlanItem::NOT_STARTED);
}

TEST_P(CapacityRulesTest, UnknownAreasAreRefused) {
  EXPECT_THAT(TryActivity("a", "kind: DIALOGUE areas: 'strategies/s/areas/none'"),
              HasReason(api::v1::Error::REFERENCE_NOT_FOUND));
  EXPECT_THAT(BadFields(TryActivity("a", "kind: DIALOGUE areas: 'strategies/s'")),
              ElementsAre("activity.areas[0]"));
}

TEST_P(CapacityRulesTest, WorkPlansRunOneToFiveYears) {
  for (const auto& [start, end] : {std::pair("2024-01-01", "2024-11-30"), {"2024", "2030"}}) {
    EXPECT_THAT(BadFields(TryWorkPlan(absl::StrCat("term { ", PeriodText(start, end), " }"))),
                ElementsAre("work_plan.term"));
  }
  EXPECT_OK(TryWorkPlan(absl::StrCat("term { ", PeriodText("2024", "2028"), " }")));
}

TEST_P(CapacityRulesTest, ReportsAreOnItemsOfTheirWorkPlan) {
  ASSERT_OK(TryWorkPlan(""));
  Add("WorkPlanItem", "work_plan_item", "i", "display_name: 'x'", "workPlans/wp");
  const auto report = [&](const std::string& items) {
    return TryAdd("ProgressReport", "progress_report", "r",
                  absl::StrCat("report_date { year: 2024 } summary: 'x' ", items), "workPlans/wp");
  };
  EXPECT_THAT(BadFields(report("items { item: 'workPlans/other/items/i' }")),
              ElementsAre("progress_report.items[0].item"));
  EXPECT_THAT(BadFields(report("items { item: 'workPlans/wp/items/i' } "
                               "items { item: 'workPlans/wp/items/i' }")),
              ElementsAre("progress_report.items[1].item"));
  EXPECT_OK(report("items { item: 'workPlans/wp/items/i' state: COMPLETED }"));
}

TEST_P(CapacityRulesTest, ActivitiesHaveDatesThatFit) {
  EXPECT_THAT(BadFields(TryActivity("a", "kind: WORKSHOP end_date { year: 2024 }")),
              ElementsAre("activity.end_date"));
  EXPECT_THAT(BadFields(TryActivity("a",
                                    "kind: WORKSHOP start_date { year: 2024 } "
                                    "end_date { year: 2023 } duration_months: 2")),
              ElementsAre("activity.end_date", "activity.duration_months"));
  EXPECT_THAT(BadFields(TryActivity("a", "kind: WORKSHOP partners { role: 'host' }")),
              ElementsAre("activity.partners[0].party"));
  EXPECT_THAT(BadFields(TryActivity("a", "")), ElementsAre("activity.kind"));
  ASSERT_OK(TryActivity("a", "kind: OPERATION duration_months: 12"));
  const auto activity = Call<v1::Activity>("GetActivity", "name: 'activities/a'");
  ASSERT_OK(activity);
  EXPECT_EQ(activity->state(), v1::Activity::PLANNED);
}

TEST_P(CapacityRulesTest, AVenueIsInACountryOfToday) {
  const auto in = [&](const char* region) {
    return TryActivity(absl::AsciiStrToLower(region),
                       absl::StrCat("kind: WORKSHOP venue { region_code: '", region, "' }"));
  };
  for (const char* region : {"GB", "XK", "TW", "TL"}) EXPECT_OK(in(region)) << region;
  for (const char* region : {"UK", "XX", "DD", "YU", "QQ"}) {
    EXPECT_THAT(BadFields(in(region)), ElementsAre("activity.venue.region_code")) << region;
  }
  EXPECT_THAT(std::string(in("UK").message()), ::testing::HasSubstr("must be GB"));
}

TEST_P(CapacityRulesTest, MoneyIsInACurrencyOfItsDay) {
  const auto commit = [&](const std::string& fields, const std::string& date) {
    return TryAdd(
        "Commitment", "commitment", "c",
        absl::StrCat("funder { member: 'members/nzl' } body: 'bodies/rso' kind: COMMITMENT ",
                     "amount { ", fields, " units: 1 } commit_date { ", date, " }"));
  };
  for (const char* code : {"XTS", "XXX", "XAU", "CHE"}) {
    EXPECT_THAT(BadFields(commit(absl::StrCat("currency_code: '", code, "'"), "year: 2024")),
                ElementsAre("commitment.amount"))
        << code;
  }
  EXPECT_THAT(BadFields(commit("currency_code: 'DEM'", "year: 2003")),
              ElementsAre("commitment.amount"));
  EXPECT_OK(commit("currency_code: 'DEM'", "year: 2002 month: 2"));
  EXPECT_THAT(BadFields(TryAdd("Commitment", "commitment", "d",
                               "funder { member: 'members/nzl' } body: 'bodies/rso' kind: "
                               "COMMITMENT amount { currency_code: 'DEM' units: 1 }")),
              ElementsAre("commitment.amount"));
  Commit("");
  EXPECT_THAT(BadFields(TryDisburse("d", "currency_code: 'HRK' units: 1")),
              ElementsAre("disbursement.amount"));
}

TEST_P(CapacityRulesTest, DisbursementsStayWithinTheirCommitment) {
  Commit("amount { currency_code: 'NZD' units: 100 }");
  EXPECT_EQ(RuleOf(TryDisburse("d", "currency_code: 'AUD' units: 1")), "other_currency");
  EXPECT_EQ(RuleOf(TryDisburse("d", "currency_code: 'NZD' units: 100 nanos: 1")),
            "beyond_commitment");
  EXPECT_THAT(BadFields(TryDisburse("d", "currency_code: 'NZD' units: -1")),
              ElementsAre("disbursement.amount"));
  EXPECT_THAT(BadFields(TryDisburse("d", "currency_code: 'NZX' units: 1")),
              ElementsAre("disbursement.amount"));
  ASSERT_OK(TryDisburse("d", "currency_code: 'NZD' units: 60"));
  ASSERT_OK(TryDisburse("e", "currency_code: 'NZD' units: 40"));
  EXPECT_EQ(RuleOf(TryDisburse("f", "currency_code: 'NZD' nanos: 1")), "beyond_commitment");
  // The commitment keeps up with what was paid.
  const std::string name = "name: 'commitments/nzl' ";
  const auto update = [&](const std::string& amount) {
    return Try("UpdateCommitment",
               absl::StrCat("commitment { ", name, amount, " } update_mask { paths: 'amount' }"));
  };
  EXPECT_EQ(RuleOf(update("amount { currency_code: 'NZD' units: 99 }")), "beyond_commitment");
  EXPECT_EQ(RuleOf(update("amount { currency_code: 'AUD' units: 500 }")), "other_currency");
  // What was deleted counts no more, until it is back.
  ASSERT_OK(Try("DeleteDisbursement", "name: 'commitments/nzl/disbursements/e'"));
  ASSERT_OK(update("amount { currency_code: 'NZD' units: 99 }"));
  EXPECT_EQ(RuleOf(Try("UndeleteDisbursement", "name: 'commitments/nzl/disbursements/e'")),
            "beyond_commitment");
}

TEST_P(CapacityRulesTest, WhatIsUnknownIsNotZero) {
  Commit("");
  ASSERT_OK(TryDisburse("d", "currency_code: 'NZD' units: 60"));
  EXPECT_EQ(RuleOf(TryDisburse("e", "currency_code: 'AUD' units: 1")), "other_currency");
  EXPECT_THAT(BadFields(TryAdd("Commitment", "commitment", "zero",
                               "funder { display_name: 'x' } body: 'bodies/rso' kind: PLEDGE "
                               "amount { currency_code: 'NZD' }")),
              ElementsAre("commitment.amount"));
  EXPECT_THAT(
      BadFields(TryAdd("Commitment", "commitment", "nobody", "body: 'bodies/rso' kind: PLEDGE")),
      ElementsAre("commitment.funder"));
}

TEST_P(CapacityRulesTest, MembersRecordTheirOwnCommitments) {
  const std::string commitment =
      "commitment_id: 'nzl-c' commitment { funder { member: 'members/nzl' } body: 'bodies/rso' "
      "kind: PLEDGE }";
  EXPECT_THAT(TryAs(MemberOf("members/aus"), "CreateCommitment", commitment),
              HasReason(api::v1::Error::ACCESS_DENIED));
  ASSERT_OK(TryAs(MemberOf("members/nzl"), "CreateCommitment", commitment));
  EXPECT_THAT(
      TryAs(
          MemberOf("members/aus"), "UpdateCommitment",
          "commitment { name: 'commitments/nzl-c' funder { member: 'members/aus' } summary: 'x' }"),
      HasReason(api::v1::Error::ACCESS_DENIED));
}

// Trying amounts doesn't tell what is hidden: what was disbursed, or which names are taken.
TEST_P(CapacityRulesTest, AFunderFindsNothingOutByTrying) {
  Commit("amount { currency_code: 'NZD' units: 100 }");
  const auto change = [&](const auth::Caller& caller, int units) {
    return TryAs(caller, "UpdateCommitment",
                 absl::StrCat("commitment { name: 'commitments/nzl' funder { member: 'members/nzl' "
                              "} amount { currency_code: 'NZD' units: ",
                              units, " } } validate_only: true"));
  };
  const auth::Caller nzl = MemberOf("members/nzl");
  EXPECT_OK(change(nzl, 10));
  ASSERT_OK(TryDisburse("d", "currency_code: 'NZD' units: 60"));
  EXPECT_EQ(MetadataOf(change(nzl, 59), "state"), "disbursed");
  EXPECT_EQ(change(nzl, 59).message(), change(nzl, 61).message());
  EXPECT_EQ(RuleOf(change(Secretariat(), 59)), "beyond_commitment");
  EXPECT_OK(change(Secretariat(), 61));
  const auto create = [&](const std::string& id) {
    return TryAs(nzl, "CreateCommitment",
                 absl::StrCat("commitment_id: '", id, "' commitment { funder { member: ",
                              "'members/nzl' } body: 'bodies/rso' kind: PLEDGE }"));
  };
  EXPECT_THAT(BadFields(create("secret")), ElementsAre("commitment_id"));
  EXPECT_THAT(BadFields(create("nz")), ElementsAre("commitment_id"));
  EXPECT_OK(create("nzl-2024"));
  EXPECT_OK(create(""));
}

TEST_P(CapacityRulesTest, PartnersAreASetOfTwoAtLeast) {
  ASSERT_OK(TryActivity("op", "kind: OPERATION"));
  ASSERT_OK(TryActivity("ws", "kind: WORKSHOP"));
  EXPECT_THAT(BadFields(TryPartners("p", "op", "'members/nzl'")),
              ElementsAre("partnership.parties"));
  EXPECT_THAT(BadFields(TryPartners("p", "op", "'members/nzl', 'members/aus', 'members/nzl'")),
              ElementsAre("partnership.parties[2]"));
  EXPECT_EQ(RuleOf(TryPartners("p", "ws", "'members/nzl', 'members/aus'")), "not_an_operation");
  ASSERT_OK(TryPartners("p", "op", "'members/nzl', 'members/aus'"));
  EXPECT_EQ(RuleOf(TryPartners("q", "op", "'members/aus', 'members/nzl'")), "partners_already");
  EXPECT_OK(TryPartners("q", "op", "'members/aus', 'members/idn', 'members/nzl'"));
  EXPECT_EQ(RuleOf(Try("UpdateActivity", "activity { name: 'activities/op' kind: TRAINING }")),
            "operation_of_partnership");
}

TEST_P(CapacityRulesTest, ReportedFiguresAreSomebodysWord) {
  const std::string year = absl::StrCat("period { ", PeriodText("2023", "2023"), " } ");
  const std::string source = "citations { title: 'A statement' } ";
  EXPECT_THAT(BadFields(TryFigure(absl::StrCat(year, "value: 17"))),
              ElementsAre("reported_figure.citations"));
  EXPECT_THAT(BadFields(TryFigure(absl::StrCat(year, source))),
              ElementsAre("reported_figure.value"));
  EXPECT_THAT(BadFields(TryFigure(absl::StrCat(year, source, "value: -1"))),
              ElementsAre("reported_figure.value"));
  EXPECT_THAT(BadFields(TryFigure(absl::StrCat(source, "value: 1 period { }"))),
              ElementsAre("reported_figure.period.start_date", "reported_figure.period.end_date"));
  EXPECT_THAT(BadFields(TryFigure(
                  absl::StrCat(source, "value: 1 period { ", PeriodText("2024", "2023"), " }"))),
              ElementsAre("reported_figure.period.end_date"));
  EXPECT_OK(TryFigure(absl::StrCat(year, source, "value: 0")));
}

}  // namespace
}  // namespace baliprocess::capacity
