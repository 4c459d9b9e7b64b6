#include <string>
#include <vector>

#include "baliprocess/capacity/v1/figures.pb.h"
#include "common/base/status_macros.h"
#include "services/capacity/figures/disclosure.h"
#include "services/capacity/figures/figures.h"
#include "services/capacity/figures/methods.h"
#include "services/capacity/figures/trained.h"

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
  // States aren't persons.
  *reply.mutable_member_states() =
      tell == Rounded ? UnlessSmall(numbers.member_states) : tell(numbers.member_states);
}

Count Withhold(int64_t) { return Withheld(); }

Grouping GroupingOf(v1::CountPractitionersRequest::GroupBy group_by) {
  switch (group_by) {
    case v1::CountPractitionersRequest::MEMBER:
      return Grouping::kMember;
    case v1::CountPractitionersRequest::AREA:
      return Grouping::kArea;
    case v1::CountPractitionersRequest::AGENCY:
      return Grouping::kAgency;
    default:
      return Grouping::kActivityKind;
  }
}

// A group of which only the band is told is told in nothing else: its other numbers would say how
// small it is.
void FillGroup(const TrainedNumbers& numbers, bool is_public, const ForPublic& told,
               PractitionerCounts::Numbers& reply) {
  if (!is_public) return Fill(numbers, Exactly, reply);
  if (told.numbers) return Fill(numbers, Rounded, reply);
  Fill(numbers, Withhold, reply);
  *reply.mutable_practitioners() = Banded(numbers.practitioners);
}

void FillTotal(const TrainedNumbers& total, bool is_public, const ForPublic& told,
               PractitionerCounts& reply) {
  const auto tell = !is_public ? Exactly : told.total ? Rounded : Withhold;
  Fill(total, tell, *reply.mutable_total());
}

}  // namespace

absl::Status CountPractitioners(Scope& scope, const v1::CountPractitionersRequest& request,
                                PractitionerCounts& reply) {
  ASSIGN_OR_RETURN(const Period period, PeriodOf(scope, request.period()));
  *reply.mutable_period() = request.period();
  const bool is_public = IsPublic(scope);
  const bool with_agencies =
      is_public || request.group_by() == v1::CountPractitionersRequest::AGENCY;
  ASSIGN_OR_RETURN(const Attendances attendances,
                   ReadAttendances(scope, "", period, Belonging::kCertain, with_agencies));
  const ForPublic told = is_public ? JudgePeriod(attendances) : ForPublic();
  FillTotal(TrainedInAll(attendances), is_public, told, reply);
  if (request.group_by() == v1::CountPractitionersRequest::GROUP_BY_UNSPECIFIED) {
    return absl::OkStatus();
  }
  reply.set_note(kNote);
  for (const TrainedGroup& group : TrainedInGroups(attendances, GroupingOf(request.group_by()))) {
    PractitionerCounts::Group& entry = *reply.add_groups();
    entry.set_key(group.key);
    FillGroup(group.numbers, is_public, told, *entry.mutable_numbers());
  }
  return absl::OkStatus();
}

}  // namespace baliprocess::capacity
