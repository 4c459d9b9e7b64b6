#include <algorithm>
#include <map>
#include <string>

#include "absl/strings/str_cat.h"

#include "baliprocess/capacity/v1/activity.pb.h"
#include "baliprocess/capacity/v1/figures.pb.h"
#include "baliprocess/capacity/v1/priority.pb.h"
#include "baliprocess/capacity/v1/programme.pb.h"
#include "baliprocess/capacity/v1/publication.pb.h"
#include "baliprocess/capacity/v1/strategy.pb.h"
#include "baliprocess/capacity/v1/strategy_area.pb.h"
#include "baliprocess/capacity/v1/work_plan_item.pb.h"
#include "common/base/status_macros.h"
#include "common/resource/store/table.h"
#include "services/capacity/figures/figures.h"
#include "services/capacity/figures/methods.h"

namespace baliprocess::capacity {
namespace {

using v1::Activity;
using v1::StrategyArea;
using v1::StrategyProgress;
using v1::WorkPlanItem;

// How many resources of type T that meet a condition refer to each area of the strategy, as far as
// the caller may see them.
template <typename T>
absl::StatusOr<std::map<std::string, int32_t>> ByArea(Scope& scope, const std::string& strategy,
                                                      const std::string& condition) {
  const resource::ResourceType& type = *scope.registry().Find(T::descriptor());
  const resource::Condition visible = resource::VisibleTo(type, resource::Viewer(scope.caller()));
  Sql sql;
  sql.Add(absl::StrCat("SELECT r.target, COUNT(*) FROM resource_references r JOIN ", type.plural,
                       " ON ", type.plural,
                       ".name = r.referrer WHERE r.target IN (SELECT name FROM strategy_areas "
                       "WHERE parent = ?) AND delete_time IS NULL AND "),
          {strategy})
      .Add(visible.sql, visible.params)
      .Add(absl::StrCat(" AND ", condition, " GROUP BY r.target"));
  ASSIGN_OR_RETURN(const auto rows, scope.tx().Query(sql.text, sql.params));
  std::map<std::string, int32_t> counts;
  for (const storage::Row& row : rows) {
    counts[storage::AsText(row[0])] = static_cast<int32_t>(storage::AsInt(row[1]));
  }
  return counts;
}

// Adds the counts to the entries of their areas.
template <typename T>
absl::Status Count(Scope& scope, const std::string& condition,
                   void (StrategyProgress::Entry::*set)(int32_t), StrategyProgress& reply) {
  ASSIGN_OR_RETURN(const auto counts, ByArea<T>(scope, reply.strategy(), condition));
  for (StrategyProgress::Entry& entry : *reply.mutable_entries()) {
    const auto found = counts.find(entry.area());
    if (found != counts.end()) (entry.*set)(found->second);
  }
  return absl::OkStatus();
}

std::string StateIs(int state) { return absl::StrCat("state = ", state); }

}  // namespace

absl::Status GetStrategyProgress(Scope& scope, const v1::GetStrategyProgressRequest& request,
                                 StrategyProgress& reply) {
  using Entry = StrategyProgress::Entry;
  ASSIGN_OR_RETURN(const auto strategy, scope.Get<v1::Strategy>(request.strategy()));
  ASSIGN_OR_RETURN(auto areas, scope.VisibleWhere<StrategyArea>("parent = ?", {strategy.name()}));
  std::stable_sort(areas.begin(), areas.end(), [](const StrategyArea& a, const StrategyArea& b) {
    return a.position() < b.position();
  });
  reply.set_strategy(strategy.name());
  for (const StrategyArea& area : areas) {
    Entry& entry = *reply.add_entries();
    entry.set_area(area.name());
    entry.set_display_name(area.display_name());
  }
  RETURN_IF_ERROR(Count<Activity>(scope, StateIs(Activity::COMPLETED),
                                  &Entry::set_completed_activities, reply));
  RETURN_IF_ERROR(Count<Activity>(
      scope, absl::StrCat("state IN (", Activity::PLANNED, ", ", Activity::UNDERWAY, ")"),
      &Entry::set_planned_activities, reply));
  RETURN_IF_ERROR(Count<v1::Publication>(scope, "publish_date_first IS NOT NULL",
                                         &Entry::set_publications, reply));
  RETURN_IF_ERROR(Count<v1::Programme>(scope, "TRUE", &Entry::set_programmes, reply));
  RETURN_IF_ERROR(Count<v1::Priority>(scope, "TRUE", &Entry::set_priorities, reply));
  RETURN_IF_ERROR(Count<WorkPlanItem>(scope, absl::StrCat("state <> ", WorkPlanItem::DROPPED),
                                      &Entry::set_work_plan_items, reply));
  return Count<WorkPlanItem>(scope, StateIs(WorkPlanItem::COMPLETED),
                             &Entry::set_completed_work_plan_items, reply);
}

}  // namespace baliprocess::capacity
