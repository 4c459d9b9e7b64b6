// The custom methods of the membership service, one file each: what they do within a transaction.

#ifndef BALIPROCESS_SERVICES_MEMBERSHIP_METHODS_H_
#define BALIPROCESS_SERVICES_MEMBERSHIP_METHODS_H_

#include "absl/status/status.h"

#include "baliprocess/membership/v1/body.pb.h"
#include "baliprocess/membership/v1/composition.pb.h"
#include "baliprocess/membership/v1/official.pb.h"
#include "common/resource/engine/scope.h"

namespace baliprocess::membership {

absl::Status GetComposition(resource::Scope& scope, const v1::GetCompositionRequest& request,
                            v1::Composition& reply);

absl::Status DissolveBody(resource::Scope& scope, const v1::DissolveBodyRequest& request,
                          v1::Body& reply);

absl::Status RestoreBody(resource::Scope& scope, const v1::RestoreBodyRequest& request,
                         v1::Body& reply);

absl::Status GetRoster(resource::Scope& scope, const v1::GetRosterRequest& request,
                       v1::Roster& reply);

absl::Status EraseOfficial(resource::Scope& scope, const v1::EraseOfficialRequest& request,
                           v1::Official& reply);

absl::Status RecordSuccession(resource::Scope& scope, const v1::RecordSuccessionRequest& request,
                              v1::RecordSuccessionResponse& reply);

}  // namespace baliprocess::membership

#endif  // BALIPROCESS_SERVICES_MEMBERSHIP_METHODS_H_
