// The rules of each resource, beyond what its annotations in the contract say. One file each.

#ifndef BALIPROCESS_SERVICES_MEETINGS_RULES_H_
#define BALIPROCESS_SERVICES_MEETINGS_RULES_H_

#include <google/protobuf/generated_enum_reflection.h>

#include <algorithm>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "google/type/date.pb.h"

#include "baliprocess/meetings/v1/decision.pb.h"
#include "baliprocess/meetings/v1/delegation.pb.h"
#include "baliprocess/meetings/v1/meeting.pb.h"
#include "baliprocess/membership/v1/composition.pb.h"
#include "common/base/errors.h"
#include "common/resource/engine/scope.h"
#include "common/resource/store/resource_type.h"

namespace baliprocess::meetings {

// WRONG_STATE unless the resource called `name` is in one of the states; `what` says why that
// matters: "only a planned one convenes".
template <typename State>
absl::Status ExpectState(std::string_view name, State state, std::initializer_list<State> expected,
                         std::string_view what) {
  if (std::find(expected.begin(), expected.end(), state) != expected.end()) {
    return absl::OkStatus();
  }
  const auto* value = google::protobuf::GetEnumDescriptor<State>()->FindValueByNumber(state);
  return WrongState(name, value == nullptr ? "unknown" : value->name(), what);
}

resource::Rules MeetingRules();
resource::Rules AgendaItemRules();
resource::Rules DelegationRules();
resource::Rules DelegateRules();
resource::Rules StatementRules();
resource::Rules DecisionRules();
resource::Rules ActionItemRules();
resource::Rules DocumentRules();

// Adds a violation of `field` unless `agenda_item` is empty or of the meeting.
void ValidateOfMeeting(std::string_view agenda_item, std::string_view meeting,
                       const std::string& field, Violations& violations);

// Who belonged to a body at a date, asked of membership.
absl::StatusOr<membership::v1::Composition> CompositionOf(resource::Scope& scope,
                                                          const std::string& body,
                                                          const google::type::Date& as_of);

// What a participant takes part as, by its override or by membership at the meeting's date.
absl::StatusOr<v1::Delegation::Capacity> CapacityOf(resource::Scope& scope,
                                                    const v1::Meeting& meeting,
                                                    const v1::Delegation& delegation);

// How far a member may hide its own delegation and delegates: the others still see who takes part.
inline constexpr api::v1::Visibility::Level kMostHiddenByMember = api::v1::Visibility::MEMBERS;

// WRONG_STATE where a meeting is over: until then a member has a say in its own delegation.
absl::Status CheckStillOpen(const v1::Meeting& meeting);

// Takes the delegates out of a delegation as earlier versions of the contract kept them within it:
// resources of their own, without what the server fills in.
std::vector<std::unique_ptr<google::protobuf::Message>> SplitDelegates(
    google::protobuf::Message& delegation);

// Makes a decision adopted on `day`, with the next number of its body unless it has one.
absl::Status Adopt(resource::Scope& scope, const google::type::Date& day, v1::Decision& decision);

}  // namespace baliprocess::meetings

#endif  // BALIPROCESS_SERVICES_MEETINGS_RULES_H_
