#include <string>

#include "baliprocess/meetings/v1/action_item.pb.h"
#include "services/meetings/rules.h"

namespace baliprocess::meetings {
namespace {

using v1::ActionItem;

bool IsClosed(const ActionItem& item) {
  return item.state() == ActionItem::COMPLETED || item.state() == ActionItem::DROPPED;
}

void Validate(const ActionItem& item, std::string_view path, Violations& violations) {
  if (item.has_close_date() && !IsClosed(item)) {
    violations.Add(std::string(path) + ".close_date", "must be absent while the item is open");
  }
}

absl::Status Check(resource::Scope&, const resource::ChangeOf<ActionItem>& change) {
  ActionItem& after = change.after;
  if (after.state() == ActionItem::STATE_UNSPECIFIED) after.set_state(ActionItem::OPEN);
  return absl::OkStatus();
}

}  // namespace

resource::Rules ActionItemRules() { return resource::RulesOf<ActionItem>(Validate, Check); }

}  // namespace baliprocess::meetings
