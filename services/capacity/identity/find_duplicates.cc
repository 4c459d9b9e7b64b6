#include <set>
#include <string>
#include <utility>
#include <vector>

#include "baliprocess/capacity/v1/practitioner.pb.h"
#include "common/base/status_macros.h"
#include "common/resource/engine/standard_reads.h"
#include "common/resource/store/sizes.h"
#include "services/capacity/identity/hash_index.h"
#include "services/capacity/identity/methods.h"
#include "services/capacity/rules/rules.h"

namespace baliprocess::capacity {
namespace {

using v1::FindDuplicatePractitionersRequest;
using v1::FindDuplicatePractitionersResponse;
using v1::Practitioner;

// Persons that may be the same, by name.
using Group = std::vector<std::string>;

// The groups after the one whose first person is `after`, up to `limit`, by their first persons:
// from one person who shares a hash to the next, and from each to its group.
absl::StatusOr<std::vector<Group>> GroupsAfter(Scope& scope, const std::string& after,
                                               size_t limit) {
  std::vector<Group> groups;
  std::set<std::string> known;  // persons of groups that were met
  std::string last = after;
  while (groups.size() < limit) {
    ASSIGN_OR_RETURN(const auto persons, SharingPersons(scope.tx(), last, static_cast<int>(limit)));
    if (persons.empty()) return groups;
    for (const std::string& person : persons) {
      last = person;
      if (known.count(person) > 0 || groups.size() == limit) continue;
      ASSIGN_OR_RETURN(Group group, LinkedPersons(scope.tx(), person));
      known.insert(group.begin(), group.end());
      if (group[0] == person) groups.push_back(std::move(group));
    }
  }
  return groups;
}

// The group of the person, if there is another in it and it comes after `after`.
absl::StatusOr<std::vector<Group>> GroupOf(Scope& scope, const std::string& person,
                                           const std::string& after) {
  ASSIGN_OR_RETURN(Group group, LinkedPersons(scope.tx(), person));
  if (group.size() < 2 || group[0] <= after) return std::vector<Group>();
  return std::vector<Group>{std::move(group)};
}

// Fills in as many of the group's practitioners as a page has room for.
absl::Status Fill(Scope& scope, const Group& group,
                  FindDuplicatePractitionersResponse::Group& reply) {
  resource::PageBudget room;
  for (size_t i = 0; i < group.size(); ++i) {
    ASSIGN_OR_RETURN(auto found, scope.VisibleWhere<Practitioner>("name = ?", {group[i]}));
    for (Practitioner& practitioner : found) {
      if (!room.Take(practitioner.ByteSizeLong())) {
        reply.set_left_out(static_cast<int32_t>(group.size() - i));
        return absl::OkStatus();
      }
      *reply.add_practitioners() = std::move(practitioner);
    }
  }
  return absl::OkStatus();
}

// Fills in the groups that the page has room for; how many these are.
absl::StatusOr<size_t> FillPage(Scope& scope, const std::vector<Group>& groups, size_t page_size,
                                FindDuplicatePractitionersResponse& reply) {
  resource::PageBudget page;
  size_t count = 0;
  for (; count < groups.size() && count < page_size; ++count) {
    FindDuplicatePractitionersResponse::Group group;
    RETURN_IF_ERROR(Fill(scope, groups[count], group));
    if (!page.Take(group.ByteSizeLong())) break;
    *reply.add_groups() = std::move(group);
  }
  return count;
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
  const auto page_size = static_cast<size_t>(resource::PageSizeOf(request.page_size()));
  ASSIGN_OR_RETURN(const auto groups, person.empty() ? GroupsAfter(scope, after, page_size + 1)
                                                     : GroupOf(scope, person, after));
  ASSIGN_OR_RETURN(const size_t count, FillPage(scope, groups, page_size, reply));
  if (count < groups.size()) {
    reply.set_next_page_token(scope.SealPageToken(request, groups[count - 1][0]));
  }
  return absl::OkStatus();
}

}  // namespace baliprocess::capacity
