// The access policy, read from the `access` option of every method.

#ifndef BALIPROCESS_COMMON_AUTH_ACCESS_H_
#define BALIPROCESS_COMMON_AUTH_ACCESS_H_

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "common/auth/caller.h"

namespace baliprocess::auth {

// The policy of one method.
struct MethodAccess {
  const google::protobuf::MethodDescriptor* method = nullptr;

  // The roles admitted, as bits `1 << api::v1::Access::Role`.
  uint32_t roles = 0;

  // The request field, as a path of descriptors, that must name a MEMBER caller's own member;
  // empty when the method asks for none.
  std::vector<const google::protobuf::FieldDescriptor*> own_member_field;
};

class AccessPolicy {
 public:
  // Reads the policy of every method of the services (full names such as
  // `baliprocess.membership.v1.MembershipService`) from the generated descriptors. An error when a
  // service is unknown, or a method declares no role, the role ROLE_UNSPECIFIED, an
  // own_member_field that isn't a singular string field of its request, or both that and an
  // own_resource_field: a server with such a contract must not start.
  static absl::StatusOr<AccessPolicy> ForServices(const std::vector<std::string>& services);

  // The same for descriptors at hand, which must outlive the policy.
  static absl::StatusOr<AccessPolicy> ForDescriptors(
      const std::vector<const google::protobuf::ServiceDescriptor*>& services);

  // The names of all services in packages `baliprocess.*` that are linked into the program, without
  // those for operators (`baliprocess.operate.*`): the gateway knows nothing of them, since each
  // service offers its own.
  static std::vector<std::string> AllServices();

  // The policy of `path` (`/package.Service/Method`, matched byte for byte), or nullptr.
  const MethodAccess* Find(std::string_view path) const;

  // All policies, in no particular order: for tests that walk the access matrix.
  std::vector<const MethodAccess*> All() const;

 private:
  // Lets the map be searched with a string_view, without a copy.
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  std::unordered_map<std::string, MethodAccess, Hash, std::equal_to<>> by_path_;
};

// Whether one of the caller's roles is admitted. Callers without a token are told TOKEN_MISSING,
// others ACCESS_DENIED. This is all that the gateway can judge.
absl::Status CheckRoles(const MethodAccess& access, const Caller& caller);

// CheckRoles, and for a caller that is admitted as MEMBER alone, that the request concerns its own
// member. Judged by the service, which has the message.
absl::Status CheckRequest(const MethodAccess& access, const Caller& caller,
                          const google::protobuf::Message& request);

}  // namespace baliprocess::auth

#endif  // BALIPROCESS_COMMON_AUTH_ACCESS_H_
