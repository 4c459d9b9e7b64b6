// The rules of each resource, beyond what its annotations in the contract say. One file each.

#ifndef BALIPROCESS_SERVICES_MEMBERSHIP_RULES_H_
#define BALIPROCESS_SERVICES_MEMBERSHIP_RULES_H_

#include "absl/status/status.h"

#include "baliprocess/common/v1/term.pb.h"
#include "baliprocess/membership/v1/body.pb.h"
#include "baliprocess/membership/v1/seat.pb.h"
#include "common/base/term.h"
#include "common/resource/engine/scope.h"
#include "common/resource/store/resource_type.h"

namespace baliprocess::membership {

resource::Rules MemberRules();
resource::Rules BodyRules();
resource::Rules SeatRules();
resource::Rules OfficialRules();
resource::Rules AppointmentRules();
resource::Rules LiaisonRules();

// RULE_BROKEN (`outside_body_life`) when the term of `name` certainly lies outside the life of
// `body`.
absl::Status CheckWithinLife(const v1::Body& body, const common::v1::Term& term,
                             const std::string& name);

// RULE_BROKEN (`too_many_chairs`) when some day has certainly more chairs than `body` allows, given
// its seats and `changed`, which replaces the one of its name; nullptr: the seats as they are.
absl::Status CheckChairs(resource::Scope& scope, const v1::Body& body, const v1::Seat* changed);

}  // namespace baliprocess::membership

#endif  // BALIPROCESS_SERVICES_MEMBERSHIP_RULES_H_
