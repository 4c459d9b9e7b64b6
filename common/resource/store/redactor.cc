#include "common/resource/store/redactor.h"

#include <vector>

#include "common/resource/contract/clearing.h"

namespace baliprocess::resource {
namespace {

using google::protobuf::Message;
using storage::Row;

// Who speaks for a member and may see what members see.
bool MayTakePart(const Viewer& viewer) {
  return !viewer.member().empty() && viewer.clearance() >= api::v1::Visibility::MEMBERS;
}

}  // namespace

bool Redactor::MayAsk(const ResourceType& type, const Viewer& viewer) {
  return !type.participants.empty() && MayTakePart(viewer) &&
         viewer.clearance() < api::v1::Visibility::RESTRICTED;
}

absl::Status Redactor::Redact(Message& message) {
  resource::TakesPart takes_part;
  if (MayTakePart(viewer_)) {
    takes_part = [this](const Message& resource) { return TakesPart(resource); };
  }
  resource::Redact(message, viewer_.clearance(), takes_part);
  return status_;
}

bool Redactor::TakesPart(const Message& resource) {
  const ResourceType* type = registry_.Find(resource.GetDescriptor());
  if (type == nullptr || type->participants.empty()) return false;
  const auto [found, is_new] = taking_part_.try_emplace(type);
  if (is_new) {
    const auto rows = tx_.Query(type->participants, {viewer_.member()});
    if (!rows.ok()) {
      status_ = rows.status();
      return false;
    }
    for (const Row& row : *rows) found->second.insert(storage::AsText(row[0]));
  }
  return found->second.contains(type->NameOf(resource));
}

}  // namespace baliprocess::resource
