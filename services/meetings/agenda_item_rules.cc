#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

#include "baliprocess/meetings/v1/agenda_item.pb.h"
#include "common/base/status_macros.h"
#include "common/resource/contract/names.h"
#include "common/resource/engine/cycle.h"
#include "services/meetings/rules.h"

namespace baliprocess::meetings {
namespace {

using resource::ChangeKind;
using resource::ChangeOf;
using resource::NamePattern;
using resource::Scope;
using v1::AgendaItem;

bool NamesStrategy(const std::string& name) {
  static const NamePattern& strategy =
      *new NamePattern(*NamePattern::Parse("strategies/{strategy}"));
  static const NamePattern& area =
      *new NamePattern(*NamePattern::Parse("strategies/{strategy}/areas/{area}"));
  return strategy.Matches(name) || area.Matches(name);
}

void Validate(const AgendaItem& item, std::string_view prefix, Violations& violations) {
  const std::string path(prefix);
  ValidateOfMeeting(item.parent_item(), resource::ParentOf(item.name()), path + ".parent_item",
                    violations);
  for (int i = 0; i < item.strategy_areas_size(); ++i) {
    if (NamesStrategy(item.strategy_areas(i))) continue;
    violations.Add(absl::StrCat(path, ".strategy_areas[", i, "]"),
                   "must be strategies/{strategy} or strategies/{strategy}/areas/{area}");
  }
}

// The other items of the same parent item.
absl::StatusOr<std::vector<AgendaItem>> Siblings(Scope& scope, const AgendaItem& item) {
  return scope.Where<AgendaItem>(
      "parent = ? AND parent_item = ? AND name <> ?",
      {resource::ParentOf(item.name()), item.parent_item(), item.name()});
}

absl::Status CheckPosition(Scope& scope, const AgendaItem& item) {
  ASSIGN_OR_RETURN(const auto siblings, Siblings(scope, item));
  for (const AgendaItem& other : siblings) {
    if (other.position() != item.position()) continue;
    return RuleBroken("position_taken",
                      absl::StrCat(other.name(), " is at position ", other.position()),
                      other.name());
  }
  return absl::OkStatus();
}

absl::StatusOr<int> LastPosition(Scope& scope, const AgendaItem& item) {
  ASSIGN_OR_RETURN(const auto siblings, Siblings(scope, item));
  int last = 0;
  for (const AgendaItem& other : siblings) last = std::max(last, other.position());
  return last + 1;
}

absl::Status Check(Scope& scope, const ChangeOf<AgendaItem>& change) {
  if (change.kind == ChangeKind::kDelete) return absl::OkStatus();
  AgendaItem& after = change.after;
  RETURN_IF_ERROR(
      resource::CheckNotPartOfItself(scope, after, &AgendaItem::parent_item, "agenda_cycle"));
  if (change.kind == ChangeKind::kCreate && after.position() != 0) {
    return CheckPosition(scope, after);
  }
  const AgendaItem* const replaced = change.replaced();
  if (replaced != nullptr && replaced->parent_item() == after.parent_item()) {
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const int last, LastPosition(scope, after));
  after.set_position(last);
  return absl::OkStatus();
}

}  // namespace

resource::Rules AgendaItemRules() { return resource::RulesOf<AgendaItem>(Validate, Check); }

}  // namespace baliprocess::meetings
