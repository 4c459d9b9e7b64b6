#include "common/resource/engine/own_resource.h"

#include <memory>
#include <string>

#include "baliprocess/api/v1/access.pb.h"
#include "common/base/descriptors.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/resource/contract/request_fields.h"

namespace baliprocess::resource {
namespace {

using google::protobuf::Message;

const api::v1::Access& AccessOf(const rpc::Call& call) {
  return call.method->options().GetExtension(api::v1::access);
}

bool AdmittedOtherwise(const rpc::Call& call) {
  for (const int role : AccessOf(call).roles()) {
    if (role != api::v1::Access::MEMBER &&
        call.caller.Has(static_cast<api::v1::Access::Role>(role)))
      return true;
  }
  return false;
}

absl::Status CheckOwn(const rpc::Call& call, const std::string& member) {
  if (!call.caller.member.empty() && member == call.caller.member) return absl::OkStatus();
  return Error(api::v1::Error::ACCESS_DENIED, "the resource isn't of the caller's own member",
               {{"method", call.method->full_name()}});
}

}  // namespace

absl::Status CheckOwnResource(Scope& scope, const rpc::Call& call, const Message& request) {
  const std::string& field = AccessOf(call).own_resource_field();
  if (field.empty() || AdmittedOtherwise(call)) return absl::OkStatus();
  const std::string name = StringField(request, "name");
  const ResourceType* type = scope.registry().FindName(name);
  if (type == nullptr) return NotFound(name);
  const std::unique_ptr<Message> resource = type->New();
  RETURN_IF_ERROR(scope.GetAnyInto(*type, name, *resource));
  return CheckOwn(call, TextAt(*resource, FindFieldPath(*type->descriptor, field)));
}

absl::Status CheckOwnStored(const rpc::Call& call, const Message& stored) {
  const std::string& field = AccessOf(call).own_member_field();
  if (field.empty() || AdmittedOtherwise(call)) return absl::OkStatus();
  // The path goes from the request to the resource, and on: `seat.member`.
  FieldPath path = FindFieldPath(*call.method->input_type(), field);
  if (!path.empty()) path.erase(path.begin());
  return CheckOwn(call, TextAt(stored, path));
}

}  // namespace baliprocess::resource
