#include "baliprocess/capacity/v1/programme.pb.h"
#include "services/capacity/rules/rules.h"

namespace baliprocess::capacity {
namespace {

using v1::Programme;

void Validate(const Programme& programme, std::string_view prefix, Violations& violations) {
  ValidateBudgets(programme.budgets(), prefix, violations);
}

}  // namespace

resource::Rules ProgrammeRules() { return resource::RulesOf<Programme>(Validate, nullptr); }

}  // namespace baliprocess::capacity
