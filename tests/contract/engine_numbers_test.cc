// What operators and the secretariat see of the record: how many resources there are, and changes.

#include <map>
#include <string>

#include "absl/strings/str_cat.h"

#include "common/resource/engine/record_numbers.h"
#include "tests/contract/membership_fixture.h"

namespace baliprocess::membership {
namespace {

using resource::RecordNumbers;

class NumbersTest : public MembershipTest {
 protected:
  // The lines of a family, by the values of their labels: `Member CREATED`.
  std::map<std::string, double> Lines(const std::string& name) {
    telemetry::Families families;
    service_->engine().AddMetrics(families);
    std::map<std::string, double> lines;
    for (const prometheus::MetricFamily& family : families.Take()) {
      if (family.name != name) continue;
      for (const prometheus::ClientMetric& metric : family.metric) {
        std::string labels;
        for (const auto& label : metric.label) {
          absl::StrAppend(&labels, labels.empty() ? "" : " ", label.value);
        }
        lines[labels] = metric.gauge.value;
      }
    }
    return lines;
  }
};
INSTANTIATE_ON_ENGINES(NumbersTest);

TEST_P(NumbersTest, WhatThereIsIsCountedByType) {
  AddState("aus", "AU");
  AddState("idn", "ID");
  AddBody("ahg");
  EXPECT_OK(Try("DeleteMember", "name: 'members/idn'"));
  ASSERT_OK(service_->engine().CountRecords());
  std::map<std::string, double> records = Lines("bali_records");
  EXPECT_EQ(records.size(), service_->engine().registry().types().size());
  EXPECT_EQ(records["Member"], 1);
  EXPECT_EQ(records["Body"], 1);
  EXPECT_EQ(records["Seat"], 0);
}

TEST_P(NumbersTest, ChangesAreCountedByTypeAndKind) {
  EXPECT_EQ(Lines("bali_changes_total").at("Member CREATED"), 0);
  AddState("aus", "AU");
  AddState("idn", "ID");
  const std::string rename =
      "member { name: 'members/aus' display_name: 'Commonwealth of Australia' } "
      "update_mask { paths: 'display_name' }";
  EXPECT_OK(Try("UpdateMember", "validate_only: true " + rename));
  EXPECT_EQ(Lines("bali_changes_total").at("Member UPDATED"), 0);
  EXPECT_OK(Try("UpdateMember", rename));
  EXPECT_OK(Try("UpdateMember", rename));  // it is so already
  EXPECT_FALSE(Try("UpdateMember", "member { name: 'members/tls' display_name: 'T' }").ok());
  EXPECT_OK(Try("DeleteMember", "name: 'members/idn'"));
  std::map<std::string, double> changes = Lines("bali_changes_total");
  EXPECT_EQ(changes["Member CREATED"], 2);
  EXPECT_EQ(changes["Member UPDATED"], 1);
  EXPECT_EQ(changes["Member DELETED"], 1);
  EXPECT_EQ(changes["Body CREATED"], 0);
  EXPECT_EQ(changes.count("Member HIDDEN"), 0u);
}

TEST(RecordNumbersTest, ThePauseFollowsWhatACountTakes) {
  EXPECT_EQ(RecordNumbers::PauseAfter(absl::ZeroDuration()), absl::Minutes(10));
  EXPECT_EQ(RecordNumbers::PauseAfter(absl::Seconds(9)), absl::Minutes(15));
  EXPECT_EQ(RecordNumbers::PauseAfter(absl::Minutes(1)), absl::Minutes(30));
}

}  // namespace
}  // namespace baliprocess::membership
