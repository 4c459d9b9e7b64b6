#include "services/balictl/client/import_plan.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <numeric>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "common/base/status_macros.h"
#include "services/balictl/contract/order.h"

namespace baliprocess::balictl {
namespace {

// The records by service: a service may judge by what another says, as the capacity of a delegation
// follows from the seats, without any record naming the other.
absl::StatusOr<ImportPlan> ByService(const std::vector<Record>& records) {
  std::map<std::string, std::vector<std::string>> needs_of_service;
  std::map<std::string, ImportPlan> plans;
  for (const Record& record : records) {
    ImportPlan& plan = plans[record.kind->service];
    plan.records.push_back(&record);
    const auto& needs = plan.needs.emplace_back(NeedsOf(*record.kind, *record.resource));
    auto& all = needs_of_service[record.kind->service];
    all.insert(all.end(), needs.begin(), needs.end());
  }
  ASSIGN_OR_RETURN(const auto services, ServiceOrder(needs_of_service));
  ImportPlan whole;
  for (const std::string& service : services) {
    std::move(plans[service].records.begin(), plans[service].records.end(),
              std::back_inserter(whole.records));
    std::move(plans[service].needs.begin(), plans[service].needs.end(),
              std::back_inserter(whole.needs));
  }
  return whole;
}

// The records at these places of the plan, in this order.
ImportPlan Ordered(ImportPlan plan, const std::vector<size_t>& order) {
  ImportPlan ordered;
  for (const size_t i : order) {
    ordered.records.push_back(plan.records[i]);
    ordered.needs.push_back(std::move(plan.needs[i]));
  }
  return ordered;
}

// How many records stand above each in a chain of needs, at most. Each comes after what it needs.
std::vector<size_t> Depths(const ImportPlan& plan) {
  std::unordered_map<std::string, size_t> by_name;
  std::vector<size_t> depths;
  for (size_t i = 0; i < plan.records.size(); ++i) {
    size_t depth = 0;
    for (const std::string& need : plan.needs[i]) {
      const auto found = by_name.find(need);
      if (found != by_name.end()) depth = std::max(depth, found->second + 1);
    }
    depths.push_back(depth);
    by_name[plan.records[i]->name] = depth;
  }
  return depths;
}

// By service, in the order in which they come first; then by depth and type.
ImportPlan Together(ImportPlan plan) {
  const std::vector<size_t> depths = Depths(plan);
  std::map<std::string, size_t> services;
  for (const Record* record : plan.records) {
    services.try_emplace(record->kind->service, services.size());
  }
  std::vector<size_t> order(plan.records.size());
  std::iota(order.begin(), order.end(), size_t{0});
  const auto key = [&](size_t i) {
    return std::tuple(services[plan.records[i]->kind->service], depths[i], plan.records[i]->kind);
  };
  std::stable_sort(order.begin(), order.end(),
                   [&key](size_t a, size_t b) { return key(a) < key(b); });
  return Ordered(std::move(plan), order);
}

// What is sent together. A batch is one transaction, so that others wait for it.
constexpr size_t kTogether = 200;

}  // namespace

std::string ParentOfAll(const ImportPlan& plan, const ResourceKind& kind) {
  std::string parent;
  for (const Record* record : plan.records) {
    if (record->kind != &kind) continue;
    const std::string own(kind.pattern.Parent(record->name));
    if (!parent.empty() && parent != own) return kind.pattern.AnyParent();
    parent = own;
  }
  return parent;
}

bool ComesTogether(const ImportPlan& plan, const std::vector<size_t>& waiting, size_t i) {
  if (waiting.empty()) return true;
  const Record& last = *plan.records[waiting.back()];
  const Record& record = *plan.records[i];
  return waiting.size() < kTogether && last.kind == record.kind &&
         record.kind->pattern.Parent(last.name) == record.kind->pattern.Parent(record.name);
}

absl::StatusOr<ImportPlan> PlanImport(const std::vector<Record>& records) {
  ASSIGN_OR_RETURN(ImportPlan plan, ByService(records));
  std::vector<std::string> names;
  for (const Record* record : plan.records) names.push_back(record->name);
  ASSIGN_OR_RETURN(const auto order, DependencyOrder(names, plan.needs));
  return Together(Ordered(std::move(plan), order));
}

}  // namespace baliprocess::balictl
