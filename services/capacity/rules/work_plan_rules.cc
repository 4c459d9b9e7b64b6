#include "baliprocess/capacity/v1/work_plan.pb.h"
#include "common/base/term.h"
#include "services/capacity/rules/rules.h"

namespace baliprocess::capacity {
namespace {

using v1::WorkPlan;

constexpr int kLeastMonths = 12;
constexpr int kMostMonths = 60;

void Validate(const WorkPlan& plan, std::string_view prefix, Violations& violations) {
  const DayTerm term = DaysOf(plan.term());
  if (CertainlyShorter(term, kLeastMonths) || CertainlyLonger(term, kMostMonths)) {
    violations.Add(std::string(prefix) + ".term", "must be one to five years");
  }
}

}  // namespace

resource::Rules WorkPlanRules() { return resource::RulesOf<WorkPlan>(Validate, nullptr); }

}  // namespace baliprocess::capacity
