#include "common/resource/engine/erase_again.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/util/time_util.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/resource/store/forgetting.h"
#include "common/resource/store/table.h"

namespace baliprocess::resource {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Timestamp;
using operate::v1::ListedErasure;

// No column has it: found by its bytes.
absl::StatusOr<bool> LoadByUid(Scope& scope, const ResourceType& type, const std::string& uid,
                               Message& resource) {
  ASSIGN_OR_RETURN(const std::vector<std::string> names,
                   NamesOfContaining(scope.tx(), scope.dialect(), type, uid));
  for (const std::string& name : names) {
    ASSIGN_OR_RETURN(const bool there, Load(scope.tx(), type, name, resource));
    if (there && resource.GetReflection()->GetString(resource, type.uid) == uid) return true;
  }
  return false;
}

void SetEraseTime(const Timestamp& time, Message& resource) {
  const FieldDescriptor* field = resource.GetDescriptor()->FindFieldByName("erase_time");
  if (field == nullptr || resource.GetReflection()->HasField(resource, field)) return;
  resource.GetReflection()->MutableMessage(&resource, field)->CopyFrom(time);
}

bool ChangedAfter(const ResourceType& type, const Message& resource, const Timestamp& time) {
  const auto& updated = static_cast<const Timestamp&>(
      resource.GetReflection()->GetMessage(resource, type.update_time));
  return google::protobuf::util::TimeUtil::TimestampToNanoseconds(updated) >
         google::protobuf::util::TimeUtil::TimestampToNanoseconds(time);
}

}  // namespace

absl::Status EraseResourceAgain(Scope& scope, const ListedErasure::Erased& erased,
                                const Timestamp& erase_time) {
  const ResourceType* type = scope.registry().FindType(erased.type());
  const bool personal = erased.kind() == ListedErasure::PERSONAL;
  if (type == nullptr || (!personal && erased.kind() != ListedErasure::RESOURCE)) {
    return absl::FailedPreconditionError(
        absl::StrCat("this program doesn't know what it erases: ", erased.ShortDebugString()));
  }
  const std::unique_ptr<Message> resource = type->New();
  ASSIGN_OR_RETURN(const bool there, LoadByUid(scope, *type, erased.uid(), *resource));
  if (!there) return absl::OkStatus();
  if (personal) {
    SetEraseTime(erase_time, *resource);
    return scope.Erase(*resource);
  }
  if (!type->IsDeleted(*resource)) {
    if (ChangedAfter(*type, *resource, erase_time)) return absl::OkStatus();
    const std::string name = type->NameOf(*resource);
    ASSIGN_OR_RETURN(const std::optional<std::string> referrer, FindReferrer(scope.tx(), name));
    if (referrer) {
      return Error(api::v1::Error::STILL_REFERENCED,
                   absl::StrCat(name, " can't be removed while ", *referrer, " refers to it"),
                   {{"resource", name}, {"referrer", *referrer}});
    }
  }
  return scope.Purge(*resource);
}

}  // namespace baliprocess::resource
