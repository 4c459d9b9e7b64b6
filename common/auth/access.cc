#include "common/auth/access.h"

#include <google/protobuf/descriptor_database.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "common/base/descriptors.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"

namespace baliprocess::auth {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;

absl::Status Defect(const MethodDescriptor& method, std::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat("the contract of ", method.full_name(), " has a defect: ", std::string(what)));
}

absl::StatusOr<FieldPath> OwnMemberField(const MethodDescriptor& method, const std::string& path) {
  FieldPath fields = FindFieldPath(*method.input_type(), path);
  if (fields.empty()) {
    return Defect(method, "own_member_field isn't a field of its request, or goes through a list");
  }
  if (fields.back()->type() != FieldDescriptor::TYPE_STRING) {
    return Defect(method, "own_member_field isn't a string");
  }
  return fields;
}

absl::StatusOr<MethodAccess> ReadAccess(const MethodDescriptor& method) {
  const auto& options = method.options();
  if (!options.HasExtension(api::v1::access)) return Defect(method, "it declares no access");
  const api::v1::Access& access = options.GetExtension(api::v1::access);
  if (access.roles().empty()) return Defect(method, "its access admits no role");
  MethodAccess result;
  result.method = &method;
  for (const int role : access.roles()) {
    if (role == api::v1::Access::ROLE_UNSPECIFIED || !api::v1::Access::Role_IsValid(role)) {
      return Defect(method, "its access names a role that doesn't exist");
    }
    result.roles |= 1u << role;
  }
  if (!access.own_member_field().empty() && !access.own_resource_field().empty()) {
    return Defect(method, "it has both own_member_field and own_resource_field");
  }
  if (!access.own_member_field().empty()) {
    ASSIGN_OR_RETURN(result.own_member_field, OwnMemberField(method, access.own_member_field()));
  }
  return result;
}

absl::Status Denied(const MethodAccess& access, std::string_view message) {
  return Error(api::v1::Error::ACCESS_DENIED, message, {{"method", PathOf(*access.method)}});
}

// The roles that admit the caller, as bits.
uint32_t AdmittingRoles(const MethodAccess& access, const Caller& caller) {
  return access.roles & (caller.roles | 1u << api::v1::Access::PUBLIC);
}

}  // namespace

absl::StatusOr<AccessPolicy> AccessPolicy::ForServices(const std::vector<std::string>& services) {
  std::vector<const ServiceDescriptor*> descriptors;
  for (const std::string& name : services) {
    const auto* service = DescriptorPool::generated_pool()->FindServiceByName(name);
    if (!service) return absl::NotFoundError(absl::StrCat("there is no contract of ", name));
    descriptors.push_back(service);
  }
  return ForDescriptors(descriptors);
}

absl::StatusOr<AccessPolicy> AccessPolicy::ForDescriptors(
    const std::vector<const ServiceDescriptor*>& services) {
  AccessPolicy policy;
  for (const ServiceDescriptor* service : services) {
    for (int i = 0; i < service->method_count(); ++i) {
      const MethodDescriptor& method = *service->method(i);
      ASSIGN_OR_RETURN(MethodAccess access, ReadAccess(method));
      policy.by_path_.emplace(PathOf(method), std::move(access));
    }
  }
  return policy;
}

std::vector<std::string> AccessPolicy::AllServices() {
  std::vector<std::string> files;
  DescriptorPool::internal_generated_database()->FindAllFileNames(&files);
  std::vector<std::string> services;
  for (const std::string& name : files) {
    const auto* file = DescriptorPool::generated_pool()->FindFileByName(name);
    if (!file || !absl::StartsWith(file->package(), "baliprocess.")) continue;
    if (absl::StartsWith(file->package(), "baliprocess.operate.")) continue;
    for (int i = 0; i < file->service_count(); ++i) {
      services.push_back(file->service(i)->full_name());
    }
  }
  return services;
}

const MethodAccess* AccessPolicy::Find(std::string_view path) const {
  const auto found = by_path_.find(path);
  return found == by_path_.end() ? nullptr : &found->second;
}

std::vector<const MethodAccess*> AccessPolicy::All() const {
  std::vector<const MethodAccess*> all;
  for (const auto& [path, access] : by_path_) all.push_back(&access);
  return all;
}

absl::Status CheckRoles(const MethodAccess& access, const Caller& caller) {
  if (AdmittingRoles(access, caller) != 0) return absl::OkStatus();
  if (caller.anonymous()) {
    return Error(api::v1::Error::TOKEN_MISSING, "this method needs a token",
                 {{"method", PathOf(*access.method)}});
  }
  return Denied(access, "none of the caller's roles may call this method");
}

absl::Status CheckRequest(const MethodAccess& access, const Caller& caller,
                          const Message& request) {
  RETURN_IF_ERROR(CheckRoles(access, caller));
  const bool as_member_alone = AdmittingRoles(access, caller) == 1u << api::v1::Access::MEMBER;
  if (access.own_member_field.empty() || !as_member_alone) return absl::OkStatus();
  if (caller.member.empty()) return Denied(access, "the token names no member to act for");
  if (TextAt(request, access.own_member_field) != caller.member) {
    return Denied(access, "the request concerns another member than the caller's");
  }
  return absl::OkStatus();
}

}  // namespace baliprocess::auth
