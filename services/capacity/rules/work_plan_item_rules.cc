#include "baliprocess/capacity/v1/work_plan_item.pb.h"
#include "common/base/status_macros.h"
#include "common/resource/contract/names.h"
#include "services/capacity/rules/rules.h"

namespace baliprocess::capacity {
namespace {

using resource::ParentOf;
using v1::WorkPlanItem;

absl::Status Check(resource::Scope& scope, const resource::ChangeOf<WorkPlanItem>& change) {
  WorkPlanItem& item = change.after;
  if (item.state() == WorkPlanItem::STATE_UNSPECIFIED) item.set_state(WorkPlanItem::NOT_STARTED);
  if (item.position() != 0) return absl::OkStatus();
  ASSIGN_OR_RETURN(const int position,
                   NextPosition(scope, "work_plan_items", ParentOf(item.name())));
  item.set_position(position);
  return absl::OkStatus();
}

}  // namespace

resource::Rules WorkPlanItemRules() { return resource::RulesOf<WorkPlanItem>(nullptr, Check); }

}  // namespace baliprocess::capacity
