#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "common/base/status_macros.h"
#include "common/resource/engine/standard_reads.h"
#include "services/capacity/identity/methods.h"
#include "services/capacity/rules/rules.h"

namespace baliprocess::capacity {
namespace {

using v1::FindDuplicatePractitionersRequest;
using v1::FindDuplicatePractitionersResponse;
using v1::Practitioner;

// Persons in disjoint sets, each called by the name of its first.
class PersonSets {
 public:
  const std::string& Find(const std::string& person) {
    std::string& above = above_.try_emplace(person, person).first->second;
    if (above == person) return above;
    above = Find(above);
    return above;
  }
  void Join(const std::string& a, const std::string& b) {
    const std::string first = std::min(Find(a), Find(b));
    const std::string second = std::max(Find(a), Find(b));
    above_[second] = first;
  }

 private:
  std::map<std::string, std::string> above_;
};

// Persons that share a hash, by the first of each set; those alone too. What was merged still
// identifies its person.
std::map<std::string, std::vector<Practitioner>> SetsOf(std::vector<Practitioner> practitioners) {
  PersonSets sets;
  std::map<std::string, std::string> by_hash;
  for (const Practitioner& practitioner : practitioners) {
    for (const std::string& hash : practitioner.identity_hashes()) {
      const std::string person = PersonOf(practitioner);
      sets.Join(by_hash.try_emplace(hash, person).first->second, person);
    }
  }
  std::map<std::string, std::vector<Practitioner>> found;
  for (Practitioner& practitioner : practitioners) {
    if (!practitioner.merged_into().empty()) continue;
    found[sets.Find(practitioner.name())].push_back(std::move(practitioner));
  }
  return found;
}

bool Has(const std::vector<Practitioner>& group, const std::string& person) {
  return std::any_of(group.begin(), group.end(),
                     [&](const Practitioner& one) { return one.name() == person; });
}

}  // namespace

absl::Status FindDuplicatePractitioners(Scope& scope,
                                        const FindDuplicatePractitionersRequest& request,
                                        FindDuplicatePractitionersResponse& reply) {
  std::string person;
  if (!request.practitioner().empty()) {
    ASSIGN_OR_RETURN(const auto practitioner, scope.Get<Practitioner>(request.practitioner()));
    person = PersonOf(practitioner);
  }
  ASSIGN_OR_RETURN(const std::string after, scope.OpenPageToken(request));
  ASSIGN_OR_RETURN(auto practitioners, scope.VisibleWhere<Practitioner>("", {}));
  const int page_size = resource::PageSizeOf(request.page_size());
  std::string last;
  for (auto& [first, group] : SetsOf(std::move(practitioners))) {
    if (group.size() < 2 || first <= after || (!person.empty() && !Has(group, person))) continue;
    if (reply.groups_size() == page_size) {
      reply.set_next_page_token(scope.SealPageToken(request, last));
      break;
    }
    auto& practitioners_of_group = *reply.add_groups()->mutable_practitioners();
    practitioners_of_group.Assign(group.begin(), group.end());
    last = first;
  }
  return absl::OkStatus();
}

}  // namespace baliprocess::capacity
