#include "baliprocess/capacity/v1/strategy_area.pb.h"
#include "common/base/status_macros.h"
#include "common/resource/contract/names.h"
#include "services/capacity/rules/rules.h"

namespace baliprocess::capacity {
namespace {

using resource::ParentOf;
using v1::StrategyArea;

absl::Status Check(resource::Scope& scope, const resource::ChangeOf<StrategyArea>& change) {
  StrategyArea& area = change.after;
  if (area.position() != 0) return absl::OkStatus();
  ASSIGN_OR_RETURN(const int position,
                   NextPosition(scope, "strategy_areas", ParentOf(area.name())));
  area.set_position(position);
  return absl::OkStatus();
}

}  // namespace

resource::Rules StrategyAreaRules() { return resource::RulesOf<StrategyArea>(nullptr, Check); }

}  // namespace baliprocess::capacity
