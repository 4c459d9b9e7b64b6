// How the stores find what lists ask for: by index, as their own plans say.

#include "absl/strings/match.h"
#include "absl/strings/str_join.h"

#include "common/resource/query/order_by.h"
#include "services/capacity/service.h"
#include "services/meetings/service.h"
#include "tests/contract/capacity_fixture.h"

namespace baliprocess::capacity {
namespace {

using resource::Condition;
using ::testing::HasSubstr;
using ::testing::Not;

class PlansTest : public CapacityTest {
 protected:
  // Some thousand rows, of days all over the years 2000 to 2030.
  void Fill(testing::LocalService& service, const std::string& insert) {
    ASSERT_OK(service.database().Write([&](storage::Transaction& tx) -> absl::Status {
      RETURN_IF_ERROR(
          tx.Execute("WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE "
                     "i < 2999) " +
                     insert)
              .status());
      // PostgreSQL does so by itself in time.
      return capacity_store_.is_sqlite() ? absl::OkStatus() : tx.Execute("ANALYZE").status();
    }));
  }
  void FillActivities() {
    Fill(
        *capacity_,
        absl::StrCat("INSERT INTO activities (name, start_date_first, start_date_last, layout, "
                     "message) SELECT 'activities/a' || i, (2000 + i % 30) * 10000 + 101 + i % 28, "
                     "(2000 + i % 30) * 10000 + 101 + i % 28, ",
                     kSchemaVersion, ", '' FROM n"));
    Fill(*capacity_,
         "INSERT INTO resource_references (referrer, target) SELECT 'activities/a' || i, "
         "'strategies/s/areas/a' || i FROM n");
  }

  std::string Explain(testing::LocalService& service, const std::string& sql,
                      const std::vector<storage::Value>& params) {
    std::vector<std::string> lines;
    EXPECT_OK(service.database().Read([&](storage::Transaction& tx) -> absl::Status {
      lines.clear();
      ASSIGN_OR_RETURN(
          const auto rows,
          tx.Query(
              absl::StrCat(capacity_store_.is_sqlite() ? "EXPLAIN QUERY PLAN " : "EXPLAIN ", sql),
              params));
      for (const auto& row : rows) lines.push_back(storage::AsText(row.back()));
      return absl::OkStatus();
    }));
    return absl::StrJoin(lines, "\n");
  }

  // The plan of a page of activities.
  std::string PlanOf(const std::string& filter, const std::string& order_by = "") {
    const resource::ResourceType& type =
        *capacity_->engine().registry().Find(v1::Activity::descriptor());
    const auto condition = resource::CompileFilter(
        filter, type.columns, api::v1::Visibility::RESTRICTED, resource::FilteredRows::kLive);
    const auto order =
        resource::OrderBy::Parse(order_by, type.columns, api::v1::Visibility::RESTRICTED);
    EXPECT_OK(condition);
    EXPECT_OK(order);
    return Explain(*capacity_,
                   absl::StrCat("SELECT message FROM activities WHERE delete_time IS NULL AND ",
                                condition->sql, " ORDER BY ", order->Sql(), " LIMIT 101"),
                   condition->params);
  }
};

TEST_P(PlansTest, DatesAreFoundByIndex) {
  FillActivities();
  for (const char* filter :
       {"start_date = 2024-03-02", "start_date >= 2024-03 AND start_date < 2024-04"}) {
    EXPECT_THAT(PlanOf(filter), HasSubstr("activities_start_date")) << filter;
  }
  // Of a range with one end, SQLite rather takes the index of the order.
  for (const char* filter :
       {"start_date > 2029-06", "start_date >= 2029-06", "start_date < 2000-02-02",
        "start_date <= 2000-01-02", "NOT start_date < 2029-06"}) {
    const char* order = capacity_store_.is_sqlite() ? "start_date" : "";
    EXPECT_THAT(PlanOf(filter, order), HasSubstr("activities_start_date")) << filter;
  }
}

TEST_P(PlansTest, AnOrderByDateIsThatOfAnIndex) {
  FillActivities();
  for (const char* order : {"start_date", "start_date desc"}) {
    EXPECT_THAT(PlanOf("", order), HasSubstr("activities_start_date_order")) << order;
  }
  EXPECT_THAT(PlanOf("", "start_date"), Not(HasSubstr("TEMP B-TREE")));
}

TEST_P(PlansTest, ElementsOfListsAreFoundByReference) {
  FillActivities();
  EXPECT_THAT(PlanOf("areas:'strategies/s/areas/a7'"), HasSubstr("resource_references_target"));
}

TEST_P(PlansTest, WhatIsDueIsFoundByIndex) {
  const resource::ResourceType& type =
      *service_->engine().registry().FindType("baliprocess.net/Decision");
  Fill(*service_,
       absl::StrCat("INSERT INTO decisions (name, state, silence_end_time, layout, message) "
                    "SELECT 'decisions/d' || i, 1, i, ",
                    meetings::kSchemaVersion, ", '' FROM n"));
  EXPECT_THAT(Explain(*service_, resource::SelectDueNames(type, 100), {int64_t{5}, ""}),
              HasSubstr("decisions_due"));
}

INSTANTIATE_ON_ENGINES(PlansTest);

}  // namespace
}  // namespace baliprocess::capacity
