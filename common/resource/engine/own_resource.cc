#include "common/resource/engine/own_resource.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "absl/types/span.h"

#include "baliprocess/api/v1/access.pb.h"
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
    if (role != api::v1::MEMBER && call.caller.Has(static_cast<api::v1::Role>(role))) return true;
  }
  return false;
}

// The string at `path` in `message`; empty when there is none.
std::string At(const Message& message, absl::Span<const std::string> path) {
  const Message* at = &message;
  for (; path.size() > 1; path.remove_prefix(1)) {
    const auto* field = FieldOf(*at, path.front());
    if (field == nullptr) return "";
    at = &at->GetReflection()->GetMessage(*at, field);
  }
  return StringField(*at, path.front());
}

absl::Status CheckOwn(const rpc::Call& call, const std::string& member) {
  if (!call.caller.member.empty() && member == call.caller.member) return absl::OkStatus();
  return Error(api::v1::ACCESS_DENIED, "the resource isn't of the caller's own member",
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
  const std::vector<std::string> path = absl::StrSplit(field, '.');
  return CheckOwn(call, At(*resource, path));
}

absl::Status CheckOwnStored(const rpc::Call& call, const Message& stored) {
  const std::string& field = AccessOf(call).own_member_field();
  if (field.empty() || AdmittedOtherwise(call)) return absl::OkStatus();
  const std::vector<std::string> path = absl::StrSplit(field, '.');
  return CheckOwn(call, At(stored, absl::MakeSpan(path).subspan(1)));
}

}  // namespace baliprocess::resource
