#include <google/protobuf/util/time_util.h>

#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

#include "baliprocess/capacity/v1/practitioner.pb.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "services/capacity/identity/methods.h"
#include "services/capacity/rules/rules.h"

namespace baliprocess::capacity {
namespace {

using google::protobuf::util::TimeUtil;
using v1::Practitioner;

absl::Status CheckStandsForItself(const Practitioner& practitioner) {
  if (practitioner.merged_into().empty()) return absl::OkStatus();
  return WrongState(practitioner.name(), "MERGED",
                    absl::StrCat(practitioner.survivor(), " stands for it"));
}

absl::Status CheckSecondments(Scope& scope, const Practitioner& a, const Practitioner& b) {
  ASSIGN_OR_RETURN(const auto ours, SecondmentsOf(scope, a.name()));
  ASSIGN_OR_RETURN(const auto theirs, SecondmentsOf(scope, b.name()));
  return CheckOneAtATime(ours, theirs);
}

// Makes `person` stand for `practitioners`; for itself, nobody else has to.
absl::Status SetSurvivor(Scope& scope, const std::string& person,
                         std::vector<Practitioner> practitioners) {
  for (Practitioner& practitioner : practitioners) {
    practitioner.set_survivor(person);
    RETURN_IF_ERROR(scope.Update(practitioner));
  }
  return absl::OkStatus();
}

// Those of `group` that were merged into `root`, directly or through others.
std::vector<Practitioner> MergedInto(const std::string& root,
                                     const std::vector<Practitioner>& group) {
  std::set<std::string> names = {root};
  std::vector<Practitioner> found;
  for (size_t before = 0; before != names.size();) {
    before = names.size();
    for (const Practitioner& practitioner : group) {
      if (names.count(practitioner.merged_into()) == 0) continue;
      if (names.insert(practitioner.name()).second) found.push_back(practitioner);
    }
  }
  return found;
}

}  // namespace

// Chains of merges are kept as they were made, so that each can be taken back; beside them every
// practitioner names the one that stands for it in the end, so that counting needs no chains. As
// both of a merge stand for themselves, merges never lead back.
absl::Status MergePractitioner(Scope& scope, const v1::MergePractitionerRequest& request,
                               Practitioner& reply) {
  if (request.name() == request.into()) {
    return InvalidField("into", "must be another practitioner");
  }
  RETURN_IF_ERROR(scope.GetForChange(request, reply));
  ASSIGN_OR_RETURN(const Practitioner into, scope.Get<Practitioner>(request.into()));
  RETURN_IF_ERROR(CheckStandsForItself(reply));
  RETURN_IF_ERROR(CheckStandsForItself(into));
  RETURN_IF_ERROR(CheckSecondments(scope, reply, into));
  ASSIGN_OR_RETURN(const auto followers, scope.Where<Practitioner>("survivor = ?", {reply.name()}));
  RETURN_IF_ERROR(SetSurvivor(scope, into.name(), followers));
  reply.set_merged_into(into.name());
  reply.set_survivor(into.name());
  *reply.mutable_merge_time() = TimeUtil::MicrosecondsToTimestamp(absl::ToUnixMicros(scope.now()));
  return scope.Update(reply);
}

absl::Status UnmergePractitioner(Scope& scope, const v1::UnmergePractitionerRequest& request,
                                 Practitioner& reply) {
  RETURN_IF_ERROR(scope.GetForChange(request, reply));
  if (reply.merged_into().empty()) {
    return WrongState(reply.name(), "STANDING", "it isn't merged into another");
  }
  ASSIGN_OR_RETURN(const auto group, scope.Where<Practitioner>("survivor = ?", {reply.survivor()}));
  RETURN_IF_ERROR(SetSurvivor(scope, reply.name(), MergedInto(reply.name(), group)));
  reply.clear_merged_into();
  reply.clear_survivor();
  reply.clear_merge_time();
  return scope.Update(reply);
}

}  // namespace baliprocess::capacity
