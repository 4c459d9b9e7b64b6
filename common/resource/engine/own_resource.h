// What callers admitted as MEMBER alone may change: what is their own member's.

#ifndef BALIPROCESS_COMMON_RESOURCE_ENGINE_OWN_RESOURCE_H_
#define BALIPROCESS_COMMON_RESOURCE_ENGINE_OWN_RESOURCE_H_

#include <google/protobuf/message.h>

#include "absl/status/status.h"

#include "common/resource/engine/scope.h"
#include "common/rpc/service.h"

namespace baliprocess::resource {

// For a method with Access.own_resource_field: judges the resource that `request` names.
absl::Status CheckOwnResource(Scope& scope, const rpc::Call& call,
                              const google::protobuf::Message& request);

// For a method with Access.own_member_field, which has judged the request: the stored resource must
// be the caller's own as well. Otherwise a member could take over another's resource by setting the
// member field to itself.
absl::Status CheckOwnStored(const rpc::Call& call, const google::protobuf::Message& stored);

}  // namespace baliprocess::resource

#endif  // BALIPROCESS_COMMON_RESOURCE_ENGINE_OWN_RESOURCE_H_
