// What donors publish beside their transactions, and what can't be a transaction.

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

#include "services/capacity/iati/iati_activities.h"
#include "services/capacity/iati/iati_funding.h"
#include "tests/contract/iati_fixture.h"

namespace baliprocess::capacity {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// It is 2 May 2024.
class IatiAidTest : public IatiTest {
 protected:
  void SetUp() override {
    Add("Programme", "programme", "p", R"(body: 'bodies/rso' display_name: 'Programme'
        term { start_date { year: 2024 month: 1 day: 15 } })");
  }
  std::vector<std::string> Select(const std::string& path) {
    return XmlDocument(Export().activity_file().data()).Select(path);
  }
  void AddPayment(const std::string& id, std::string_view date) {
    Add("Disbursement", "disbursement", id,
        absl::StrCat("amount { currency_code: 'AUD' units: 7 } disburse_date { ", DateText(date),
                     " }"),
        "commitments/aus");
  }
  std::vector<std::string> BudgetFields(const std::string& budget) {
    return BadFields(TryAdd("Activity", "activity", "x",
                            absl::StrCat("body: 'bodies/rso' kind: WORKSHOP display_name: 'x' "
                                         "budgets { ",
                                         budget, " }")));
  }
};
INSTANTIATE_ON_ENGINES(IatiAidTest);

TEST_P(IatiAidTest, WhatLiesAheadIsNoTransaction) {
  AddCommitment("aus", R"(funder { member: 'members/aus' } kind: COMMITMENT
      amount { currency_code: 'AUD' units: 90 } commit_date { year: 2024 month: 5 day: 2 })");
  AddCommitment("late", R"(funder { member: 'members/nzl' } kind: PLEDGE
      amount { currency_code: 'AUD' units: 90 } commit_date { year: 2024 month: 5 day: 3 })");
  AddPayment("month", "2024-06");
  AddPayment("now", "2024-05-02");
  AddPayment("tomorrow", "2024-05-03");
  AddPayment("year", "2024");  // it may be over by now
  const IatiExport exported = Export();
  EXPECT_THAT(Omissions(exported), ElementsAre("commitments/aus/disbursements/month IN_FUTURE",
                                               "commitments/aus/disbursements/tomorrow IN_FUTURE",
                                               "commitments/aus/disbursements/year NO_DATE",
                                               "commitments/late IN_FUTURE"));
  EXPECT_THAT(Select("//transaction/@ref"),
              ElementsAre("commitments/aus", "commitments/aus/disbursements/now"));
  const std::string planned = kBody + "/planned-disbursement";
  EXPECT_THAT(Select(planned + "/period-start/@iso-date"), ElementsAre("2024-06-01", "2024-05-03"));
  EXPECT_THAT(Select(planned + "/period-end/@iso-date"), ElementsAre("2024-06-30", "2024-05-03"));
  EXPECT_THAT(Select(planned + "/value"), ElementsAre("7.00", "7.00"));
  EXPECT_THAT(Select(planned + "/provider-org/narrative"), ElementsAre("State aus", "State aus"));
}

TEST_P(IatiAidTest, TransactionsTellWhatKindOfAidTheyAre) {
  AddCommitment("aus", R"(funder { member: 'members/aus' } kind: COMMITMENT
      amount { currency_code: 'AUD' units: 90 } commit_date { year: 2024 month: 5 day: 2 }
      flow_type: ODA finance_type: STANDARD_GRANT aid_type: TECHNICAL_ASSISTANCE)");
  AddCommitment("nzl", R"(funder { member: 'members/nzl' } kind: COMMITMENT
      amount { currency_code: 'AUD' units: 90 } commit_date { year: 2024 month: 5 day: 2 })");
  AddPayment("one", "2024-05-02");
  EXPECT_THAT(Select("//transaction/flow-type/@code"), ElementsAre("10", "10"));
  EXPECT_THAT(Select("//transaction/finance-type/@code"), ElementsAre("110", "110"));
  EXPECT_THAT(Select("//transaction/aid-type/@code"), ElementsAre("D02", "D02"));
}

TEST_P(IatiAidTest, BudgetsAreOfAYearAtMost) {
  Add("Activity", "activity", "a", R"(body: 'bodies/rso' kind: WORKSHOP display_name: 'A'
      start_date { year: 2024 month: 1 day: 15 }
      budgets { period { start_date { year: 2024 } end_date { year: 2024 } } status: COMMITTED
                amount { currency_code: 'AUD' units: 5 } }
      budgets { period { start_date { year: 2024 month: 7 } end_date { year: 2025 } }
                amount { currency_code: 'AUD' units: 6 } })");
  const IatiExport exported = Export();
  EXPECT_THAT(Omissions(exported), ElementsAre("activities/a BUDGET_PERIOD"));
  const std::string budget = In("activities-a") + "/budget";
  EXPECT_THAT(Select(budget + "/period-start/@iso-date"), ElementsAre("2024-01-01"));
  EXPECT_THAT(Select(budget + "/period-end/@iso-date"), ElementsAre("2024-12-31"));
  EXPECT_THAT(Select(budget + "/@status"), ElementsAre("2"));
  EXPECT_THAT(Select(budget + "/value"), ElementsAre("5.00"));
  EXPECT_THAT(Select(budget + "/value/@value-date"), ElementsAre("2024-01-01"));
}

TEST_P(IatiAidTest, BudgetsHaveAPeriodAndAnAmount) {
  const std::string year = "period { start_date { year: 2024 } end_date { year: 2024 } } ";
  EXPECT_THAT(BudgetFields(year + "amount { currency_code: 'AUD' }"),
              ElementsAre("activity.budgets[0].amount"));
  EXPECT_THAT(BudgetFields("period { start_date { year: 2024 } } amount { currency_code: 'AUD' "
                           "units: 1 }"),
              ElementsAre("activity.budgets[0].period.end_date"));
  EXPECT_THAT(BudgetFields("period { end_date { year: 2024 } } amount { currency_code: 'AUD' "
                           "units: 1 }"),
              ElementsAre("activity.budgets[0].period.start_date"));
  EXPECT_THAT(BudgetFields("period { start_date { year: 2024 } end_date { year: 2026 } } "
                           "amount { currency_code: 'AUD' units: 1 }"),
              ElementsAre("activity.budgets[0].period"));
  EXPECT_THAT(
      BadFields(Try("UpdateProgramme", absl::StrCat("programme { name: 'programmes/p' budgets { ",
                                                    year, "amount { currency_code: 'AUD' } } }"))),
      ElementsAre("programme.budgets[0].amount"));
}

TEST_P(IatiAidTest, TheContactIsTheOneThatIsGiven) {
  EXPECT_THAT(Select("//contact-info"), IsEmpty());
  const XmlDocument file(Export(Secretariat(),
                                "contact_email: 'x@example.org' contact_phone: '+628123456789' "
                                "contact_uri: 'https://example.org'")
                             .activity_file()
                             .data());
  const std::string contact = kBody + "/contact-info";
  EXPECT_THAT(file.Select(contact + "/organisation/narrative"), ElementsAre("Support Office"));
  EXPECT_THAT(file.Select(contact + "/telephone"), ElementsAre("+628123456789"));
  EXPECT_THAT(file.Select(contact + "/email"), ElementsAre("x@example.org"));
  EXPECT_THAT(file.Select(contact + "/website"), ElementsAre("https://example.org"));
  EXPECT_THAT(
      BadFields(
          TryExport(kOrganisation, "bodies/rso", Secretariat(), "contact_email: 'x'").status()),
      ElementsAre("contact_email"));
}

TEST_P(IatiAidTest, CountriesAreThoseOfTheList) {
  for (const std::string region : {"XK", "TL"}) {
    Add("Activity", "activity", absl::AsciiStrToLower(region),
        absl::StrCat("body: 'bodies/rso' kind: WORKSHOP display_name: 'A' start_date { year: 2024 "
                     "month: 1 day: 15 } venue { region_code: '",
                     region, "' }"));
  }
  EXPECT_THAT(Omissions(Export()), IsEmpty());
  EXPECT_THAT(Select("//recipient-country/@code"), ElementsAre("TL", "XK"));
}

// As it was recorded before codes were judged.
TEST(IatiCountryTest, WhatIsNoCountryIsNamedAndItsRegionTold) {
  iati::Record record;
  record.now = absl::FromUnixSeconds(1700000000);
  record.body.set_name("bodies/rso");
  *record.body.mutable_term()->mutable_start_date() = testing::Date("2002-02-01");
  v1::Activity& activity = record.activities.emplace_back();
  activity.set_name("activities/a");
  *activity.mutable_start_date() = testing::Date("2023-02-01");
  activity.mutable_venue()->set_region_code("UK");
  iati::Omissions omissions;
  const auto activities = iati::ActivitiesOf(record, omissions);
  ASSERT_THAT(activities, ::testing::SizeIs(2));
  EXPECT_EQ(activities[1].country, "");
  ASSERT_THAT(omissions, ::testing::SizeIs(1));
  EXPECT_EQ(omissions[0].resource(), "activities/a");
  EXPECT_EQ(omissions[0].reason(), IatiExport::UNKNOWN_COUNTRY);
}

}  // namespace
}  // namespace baliprocess::capacity
