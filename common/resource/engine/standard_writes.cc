#include "common/resource/engine/standard_writes.h"

#include <google/protobuf/field_mask.pb.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/resource/contract/clearing.h"
#include "common/resource/contract/request_fields.h"
#include "common/resource/engine/engine.h"
#include "common/resource/engine/field_mask.h"
#include "common/resource/engine/own_resource.h"
#include "common/resource/store/table.h"

namespace baliprocess::resource {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::FieldMask;
using google::protobuf::Message;
using google::protobuf::MethodDescriptor;

// One method of one type, as bound.
struct Method {
  Engine& engine;
  const ResourceType& type;
  const MethodDescriptor* descriptor;
};

const Message& ResourceIn(const ResourceType& type, const Message& request) {
  return request.GetReflection()->GetMessage(request, FieldOf(request, type.singular));
}

void SetName(const ResourceType& type, Message& resource, std::string name) {
  resource.GetReflection()->SetString(&resource, type.name, std::move(name));
}

Given GivenBy(const Message& request) {
  return BoolField(request, "as_recorded") ? Given::kAsRecorded : Given::kByCaller;
}

// States and the like aren't anybody's to give.
absl::Status CheckGiven(const Scope& scope, const Message& request, std::string_view path) {
  if (GivenBy(request) == Given::kByCaller || scope.caller().Has(api::v1::Access::SECRETARIAT)) {
    return absl::OkStatus();
  }
  return InvalidField(std::string(path) + "as_recorded", "is for the secretariat alone");
}

// A member chooses names of its own: else it could try which ones are taken by what it may not see.
absl::Status CheckOwnId(const auth::Caller& caller, const std::string& id, std::string_view path) {
  if (id.empty() || caller.member.empty() || caller.Has(api::v1::Access::SECRETARIAT)) {
    return absl::OkStatus();
  }
  const std::string own = caller.member.substr(caller.member.rfind('/') + 1);
  if (id == own || id.starts_with(own + "-")) return absl::OkStatus();
  return InvalidField(path, absl::StrCat("must be ", own, " or begin with ", own,
                                         "-, as a member chooses it; or empty"));
}

// Fills `resource` from a create request: what the client may set, under the name it asks for.
void PrepareCreate(const ResourceType& type, const Message& request, std::string_view parent,
                   Message& resource) {
  std::string id = StringField(request, type.singular + "_id");
  if (id.empty()) id = NewId();
  resource.CopyFrom(ResourceIn(type, request));
  ClearServerFields(resource, GivenBy(request));
  SetName(type, resource, type.pattern.Make(parent, id));
}

absl::Status Create(const Method& method, const rpc::Call& call, const Message& request,
                    Message& reply) {
  const ResourceType& type = method.type;
  return method.engine.Mutate(call, request, reply, [&](Scope& scope) -> absl::Status {
    RETURN_IF_ERROR(CheckGiven(scope, request, ""));
    const std::string id_field = type.singular + "_id";
    RETURN_IF_ERROR(CheckOwnId(call.caller, StringField(request, id_field), id_field));
    PrepareCreate(type, request, StringField(request, "parent"), reply);
    return scope.Create(reply, type.singular);
  });
}

// Loads the resource to change: there, visible, not deleted, of the etag asked for.
absl::Status LoadForChange(const Method& method, const rpc::Call& call, Scope& scope,
                           const std::string& name, std::string_view etag, Message& resource) {
  RETURN_IF_ERROR(scope.GetInto(method.type, name, resource));
  RETURN_IF_ERROR(CheckOwnStored(call, resource));
  return scope.CheckEtag(resource, etag);
}

absl::Status CreateMissing(const Method& method, Scope& scope, const Message& patch, Given given,
                           Message& reply) {
  const std::string name = method.type.NameOf(patch);
  RETURN_IF_ERROR(
      CheckOwnId(scope.caller(), name.substr(name.rfind('/') + 1), method.type.singular + ".name"));
  reply.CopyFrom(patch);
  ClearServerFields(reply, given);
  SetName(method.type, reply, name);
  return scope.Create(reply, method.type.singular);
}

absl::Status ApplyUpdate(const Method& method, const rpc::Call& call, Scope& scope,
                         const Message& request, Message& reply) {
  const ResourceType& type = method.type;
  RETURN_IF_ERROR(CheckGiven(scope, request, ""));
  const Message& patch = ResourceIn(type, request);
  const std::string etag = patch.GetReflection()->GetString(patch, type.etag);
  const absl::Status found = LoadForChange(method, call, scope, type.NameOf(patch), etag, reply);
  if (ReasonOf(found) == api::v1::Error::RESOURCE_NOT_FOUND &&
      BoolField(request, "allow_missing")) {
    reply.Clear();
    return CreateMissing(method, scope, patch, GivenBy(request), reply);
  }
  RETURN_IF_ERROR(found);
  const auto* mask = FieldOf(request, "update_mask");
  FieldMask paths;
  paths.CopyFrom(request.GetReflection()->GetMessage(request, mask));
  const size_t bytes_before = reply.ByteSizeLong();
  Violations violations;
  ApplyMask(paths, patch, type.singular, call.caller.clearance(), reply, violations,
            GivenBy(request));
  RETURN_IF_ERROR(violations.ToStatus());
  // A resource that is too large already may still be made smaller.
  if (reply.ByteSizeLong() > bytes_before) RETURN_IF_ERROR(CheckSize(type, reply, type.singular));
  return scope.Update(reply, type.singular);
}

absl::Status Update(const Method& method, const rpc::Call& call, const Message& request,
                    Message& reply) {
  const auto work = [&](Scope& scope) { return ApplyUpdate(method, call, scope, request, reply); };
  return method.engine.Mutate(call, request, reply, work,
                              {.partial = FieldOf(request, method.type.singular)});
}

// The reply is the resource, with its delete_time (AIP-164).
absl::Status Delete(const Method& method, const rpc::Call& call, const Message& request,
                    Message& reply) {
  return method.engine.Mutate(call, request, reply, [&](Scope& scope) -> absl::Status {
    const absl::Status found = LoadForChange(method, call, scope, StringField(request, "name"),
                                             StringField(request, "etag"), reply);
    if (ReasonOf(found) == api::v1::Error::RESOURCE_NOT_FOUND &&
        BoolField(request, "allow_missing")) {
      return absl::OkStatus();
    }
    RETURN_IF_ERROR(found);
    return scope.Delete(reply);
  });
}

absl::Status Undelete(const Method& method, const rpc::Call& call, const Message& request,
                      Message& reply) {
  return method.engine.Mutate(call, request, reply, [&](Scope& scope) -> absl::Status {
    const std::string name = StringField(request, "name");
    RETURN_IF_ERROR(scope.GetAnyInto(method.type, name, reply));
    RETURN_IF_ERROR(scope.CheckEtag(reply, StringField(request, "etag")));
    if (!method.type.IsDeleted(reply)) {
      return WrongState(name, "live", "only what is deleted can be undeleted");
    }
    return scope.Undelete(reply);
  });
}

// Whether an error concerns the row alone, so that the rows after it are worth checking too.
bool ConcernsRow(const absl::Status& status) {
  switch (ReasonOf(status)) {
    case api::v1::Error::INVALID_FIELDS:
    case api::v1::Error::RESOURCE_EXISTS:
    case api::v1::Error::RESOURCE_NOT_FOUND:
    case api::v1::Error::REFERENCE_NOT_FOUND:
    case api::v1::Error::RULE_BROKEN:
    case api::v1::Error::WRONG_STATE:
      return true;
    default:
      return false;
  }
}

absl::Status CreateRow(const Method& method, Scope& scope, const Message& request, int index,
                       const std::string& batch_parent, Message& resource) {
  const ResourceType& type = method.type;
  const std::string prefix = absl::StrCat("requests[", index, "].");
  std::string parent = StringField(request, "parent");
  if (parent.empty()) parent = batch_parent;
  if (type.parent != nullptr && !type.pattern.MatchesParent(parent, false)) {
    return InvalidField(prefix + "parent", "is required, as the batch is of several parents");
  }
  if (type.parent != nullptr && !type.pattern.ScopeOf(batch_parent).Contains(parent)) {
    return InvalidField(prefix + "parent", "must be the parent of the batch, or empty");
  }
  RETURN_IF_ERROR(CheckGiven(scope, request, prefix));
  const std::string id_field = type.singular + "_id";
  RETURN_IF_ERROR(CheckOwnId(scope.caller(), StringField(request, id_field), prefix + id_field));
  PrepareCreate(type, request, parent, resource);
  return scope.Create(resource, prefix + type.singular);
}

// All or none. Every bad row is named: the error is that of the first, with a violation for each.
absl::Status BatchCreate(const Method& method, const rpc::Call& call, const Message& request,
                         Message& reply) {
  const FieldDescriptor* requests = FieldOf(request, "requests");
  const FieldDescriptor* resources = FieldOf(reply, method.type.plural);
  const std::string parent = StringField(request, "parent");
  const auto work = [&](Scope& scope) -> absl::Status {
    RowErrors errors;
    absl::Status unanswered;
    for (int i = 0; i < request.GetReflection()->FieldSize(request, requests); ++i) {
      Message& resource = *reply.GetReflection()->AddMessage(&reply, resources);
      const absl::Status status = CreateRow(
          method, scope, request.GetReflection()->GetRepeatedMessage(request, requests, i), i,
          parent, resource);
      if (IsUnanswered(status)) {
        unanswered = status;  // go on: what must be asked for the other rows?
        continue;
      }
      if (!status.ok() && !ConcernsRow(status)) return status;
      errors.Add(absl::StrCat("requests[", i, "]"), status);
    }
    return unanswered.ok() ? errors.ToStatus() : unanswered;
  };
  return method.engine.Mutate(call, request, reply, work, {.allow_wildcard_parent = true});
}

}  // namespace

void BindWrites(Engine& engine, const ResourceType& type, rpc::MethodTable& table) {
  using Body = absl::Status (*)(const Method&, const rpc::Call&, const Message&, Message&);
  const std::string& one = type.descriptor->name();
  const std::pair<std::string, Body> bodies[] = {{"Create" + one, Create},
                                                 {"Update" + one, Update},
                                                 {"Delete" + one, Delete},
                                                 {"Undelete" + one, Undelete},
                                                 {"BatchCreate" + type.plural_camel, BatchCreate}};
  for (const auto& [name, body] : bodies) {
    const MethodDescriptor* descriptor = table.service()->FindMethodByName(name);
    if (descriptor == nullptr) continue;
    const Method method{engine, type, descriptor};
    table.Unary(descriptor, rpc::Execution::kPooled,
                [method, body = body](rpc::Call& call, const Message& request, Message& reply) {
                  return body(method, call, request, reply);
                });
  }
}

}  // namespace baliprocess::resource
