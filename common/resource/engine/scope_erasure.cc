// What Scope takes out of the store for good.

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"

#include "common/base/errors.h"
#include "common/resource/contract/clearing.h"
#include "common/resource/engine/scope.h"
#include "common/resource/store/erasure.h"

namespace baliprocess::resource {

using common::v1::Change;
using google::protobuf::Message;
using storage::Row;

namespace {

Erased ErasedResource(const ResourceType& type, const Message& resource) {
  return {.type = type.type, .id = resource.GetReflection()->GetString(resource, type.uid)};
}

}  // namespace

absl::Status Scope::Erase(Message& resource) {
  const ResourceType& type = TypeOf(resource);
  const std::string name = type.NameOf(resource);
  ErasePersonal(resource);
  Stamp(type, TimeAfter(type, resource), resource);
  RETURN_IF_ERROR(Replace(tx_, type, layout_, nullptr, resource));
  RETURN_IF_ERROR(Log(type, Change::ERASED, nullptr, &resource));
  return Forget({Forgotten::What::kPersonal, name}, ErasedResource(type, resource));
}

absl::Status Scope::Forget(const Forgotten& forgotten, Erased erased) {
  if (erasure_ == nullptr) return absl::InternalError("a method that erases isn't bound as such");
  erased.what = forgotten.what;
  erased_.push_back(std::move(erased));
  return erasure_->Forget(tx_, forgotten);
}

absl::Status Scope::Purge(const Message& resource) {
  const ResourceType& type = TypeOf(resource);
  const std::string name = type.NameOf(resource);
  for (const auto& below : registry_.types()) {
    if (below->parent != &type) continue;
    ASSIGN_OR_RETURN(const std::vector<Row> rows,
                     tx_.Query(absl::StrCat("SELECT name FROM ", below->plural,
                                            " WHERE parent = ? ORDER BY name LIMIT 1"),
                               {name}));
    if (rows.empty()) continue;
    const std::string child = storage::AsText(rows[0][0]);
    return Error(api::v1::Error::STILL_REFERENCED,
                 absl::StrCat(name, " can't be removed while there is ", child),
                 {{"resource", name}, {"referrer", child}});
  }
  if (type.rules.forget) RETURN_IF_ERROR(type.rules.forget(tx_, resource));
  RETURN_IF_ERROR(Remove(tx_, type, name));
  RETURN_IF_ERROR(Log(type, Change::PURGED, &resource, nullptr));
  return Forget({Forgotten::What::kResource, name}, ErasedResource(type, resource));
}

absl::StatusOr<std::vector<std::string>> Scope::EraseText(std::string_view text) {
  if (erasure_ == nullptr) return absl::InternalError("a method that erases isn't bound as such");
  std::vector<std::string> erased;
  for (const auto& type : registry_.types()) {
    ASSIGN_OR_RETURN(const std::vector<std::string> names,
                     erasure_->NamesWith(tx_, *type, std::string(text)));
    for (const std::string& name : names) {
      const std::unique_ptr<Message> resource = type->New();
      ASSIGN_OR_RETURN(const bool there, Load(tx_, *type, name, *resource));
      if (!there || !EraseTextIn(*resource, text)) continue;
      Stamp(*type, TimeAfter(*type, *resource), *resource);
      RETURN_IF_ERROR(Replace(tx_, *type, layout_, nullptr, *resource));
      RETURN_IF_ERROR(Log(*type, Change::ERASED, nullptr, resource.get()));
      erased.push_back(name);
    }
  }
  RETURN_IF_ERROR(Forget({Forgotten::What::kText, std::string(text)}, {.id = std::string(text)}));
  return erased;
}

}  // namespace baliprocess::resource
