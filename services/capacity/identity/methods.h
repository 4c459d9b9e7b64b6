// Practitioners: their rules, and the custom methods that concern who a person is.

#ifndef BALIPROCESS_SERVICES_CAPACITY_IDENTITY_METHODS_H_
#define BALIPROCESS_SERVICES_CAPACITY_IDENTITY_METHODS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"

#include "baliprocess/capacity/v1/practitioner.pb.h"
#include "common/resource/engine/scope.h"

namespace baliprocess::capacity {

using resource::Scope;

// With the key of identity hashes; empty: the one that the store keeps.
resource::Rules PractitionerRules(std::vector<std::string> identity_keys);

absl::Status GetPractitioner(Scope& scope, const v1::GetPractitionerRequest& request,
                             v1::Practitioner& reply);
absl::Status FindDuplicatePractitioners(Scope& scope,
                                        const v1::FindDuplicatePractitionersRequest& request,
                                        v1::FindDuplicatePractitionersResponse& reply);
absl::Status MergePractitioner(Scope& scope, const v1::MergePractitionerRequest& request,
                               v1::Practitioner& reply);
absl::Status UnmergePractitioner(Scope& scope, const v1::UnmergePractitionerRequest& request,
                                 v1::Practitioner& reply);
absl::Status ErasePractitioner(Scope& scope, const v1::ErasePractitionerRequest& request,
                               v1::Practitioner& reply);

}  // namespace baliprocess::capacity

#endif  // BALIPROCESS_SERVICES_CAPACITY_IDENTITY_METHODS_H_
