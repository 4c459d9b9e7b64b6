// The capacity-building service on a fresh store, beside a membership and a meetings service that
// it asks.

#ifndef BALIPROCESS_TESTS_CONTRACT_CAPACITY_FIXTURE_H_
#define BALIPROCESS_TESTS_CONTRACT_CAPACITY_FIXTURE_H_

#include <memory>
#include <string>
#include <string_view>

#include "baliprocess/capacity/v1/capacity_service.pb.h"
#include "tests/contract/meetings_fixture.h"

namespace baliprocess::capacity {

using testing::Anyone;
using testing::BadFields;
using testing::HasReason;
using testing::MemberOf;
using testing::MetadataOf;
using testing::Observer;
using testing::RuleOf;
using testing::Secretariat;

// With what the meetings fixture has: members aus, idn, nzl and fji, which are states, bodies ahg
// and rso; and the member iom, an organisation.
class CapacityTest : public meetings::MeetingsTest {
 protected:
  CapacityTest();

  testing::LocalService& tested() override { return *capacity_; }

  // Creates a resource, its request's other fields as text; fails the test when that is refused.
  // `Add("Activity", "activity", "ws", "body: 'bodies/rso' ...")` creates `activities/ws`.
  void Add(const std::string& type, const std::string& field, const std::string& id,
           const std::string& fields, const std::string& parent = "");
  absl::Status TryAdd(const std::string& type, const std::string& field, const std::string& id,
                      const std::string& fields, const std::string& parent = "");

  // A completed workshop of rso, held on a date such as 2023-03, with more fields.
  void AddWorkshop(const std::string& id, std::string_view date, const std::string& more = "");
  void AddPractitioner(const std::string& id, const std::string& member = "members/aus",
                       const std::string& more = "");
  absl::Status TryAttend(const std::string& activity, const std::string& practitioner,
                         const std::string& more = "");
  absl::Status Merge(const std::string& name, const std::string& into);
  absl::Status Unmerge(const std::string& name);

  // The figures of rso for a year, or from one date to another.
  absl::StatusOr<v1::Figures> TryFigures(std::string_view start, std::string_view end,
                                         const auth::Caller& caller);
  v1::Figures::Entry Figure(v1::ReportedFigure::Measure measure, std::string_view start,
                            std::string_view end);
  int64_t Computed(v1::ReportedFigure::Measure measure, std::string_view year);

  testing::TestStore capacity_store_;
  std::unique_ptr<testing::LocalService> capacity_;
};

// A date as protobuf text: `year: 2023 month: 3`.
std::string DateText(std::string_view date);

// A period as protobuf text: `start_date { year: 2023 } end_date { year: 2023 }`.
std::string PeriodText(std::string_view start, std::string_view end);

}  // namespace baliprocess::capacity

#endif  // BALIPROCESS_TESTS_CONTRACT_CAPACITY_FIXTURE_H_
