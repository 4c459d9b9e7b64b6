#include <string>
#include <vector>

#include "common/base/status_macros.h"
#include "services/capacity/disclosure.h"
#include "services/capacity/figures.h"
#include "services/capacity/methods.h"
#include "services/capacity/trained.h"

namespace baliprocess::capacity {
namespace {

using v1::Count;
using v1::PractitionerCounts;

constexpr char kNote[] =
    "Groups need not add up to the total: a person counts once in the total and once in each group "
    "that the person belongs to.";

void Fill(const TrainedNumbers& numbers, Count (*tell)(int64_t),
          PractitionerCounts::Numbers& reply) {
  *reply.mutable_practitioners() = tell(numbers.practitioners);
  *reply.mutable_attendances() = tell(numbers.attendances);
  *reply.mutable_member_states() = tell(numbers.member_states);
}

Count Withhold(int64_t) { return Withheld(); }

// A group that isn't told is told in nothing: its other numbers would say how small it is.
void FillGroup(const TrainedNumbers& numbers, Count::Disclosure disclosure,
               PractitionerCounts::Numbers& reply) {
  if (disclosure == Count::EXACT) return Fill(numbers, UnlessSmall, reply);
  Fill(numbers, Withhold, reply);
  reply.mutable_practitioners()->set_disclosure(disclosure);
}

absl::Status FillForPublic(Scope& scope, const Period& period, const TrainedNumbers& total,
                           const std::vector<TrainedGroup>& groups, PractitionerCounts& reply) {
  ASSIGN_OR_RETURN(const bool tell_total, MayTellTotal(scope, period));
  Fill(total, tell_total ? UnlessSmall : Withhold, *reply.mutable_total());
  std::vector<int64_t> persons;
  for (const TrainedGroup& group : groups) persons.push_back(group.numbers.practitioners);
  const Disclosure disclosure = Judge(persons);
  for (size_t i = 0; i < groups.size(); ++i) {
    PractitionerCounts::Group& told = *reply.add_groups();
    told.set_key(groups[i].key);
    FillGroup(groups[i].numbers, disclosure.groups[i], *told.mutable_numbers());
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CountPractitioners(Scope& scope, const v1::CountPractitionersRequest& request,
                                PractitionerCounts& reply) {
  ASSIGN_OR_RETURN(const Period period, PeriodOf(scope, request.period()));
  *reply.mutable_period() = request.period();
  ASSIGN_OR_RETURN(const TrainedNumbers total, TrainedInAll(scope, period));
  std::vector<TrainedGroup> groups;
  if (request.group_by() != v1::CountPractitionersRequest::GROUP_BY_UNSPECIFIED) {
    reply.set_note(kNote);
    ASSIGN_OR_RETURN(groups, TrainedInGroups(scope, period, request.group_by()));
  }
  if (IsPublic(scope)) return FillForPublic(scope, period, total, groups, reply);
  Fill(total, Exactly, *reply.mutable_total());
  for (const TrainedGroup& group : groups) {
    PractitionerCounts::Group& told = *reply.add_groups();
    told.set_key(group.key);
    Fill(group.numbers, Exactly, *told.mutable_numbers());
  }
  return absl::OkStatus();
}

}  // namespace baliprocess::capacity
