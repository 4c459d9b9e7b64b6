#include "services/balictl/client/import_requests.h"

#include <google/protobuf/field_mask.pb.h>
#include <google/protobuf/util/field_mask_util.h>
#include <google/protobuf/util/message_differencer.h>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "google/api/resource.pb.h"

#include "common/base/descriptors.h"
#include "common/base/ids.h"
#include "common/resource/contract/clearing.h"
#include "common/resource/contract/names.h"
#include "services/balictl/program/interruption.h"

namespace baliprocess::balictl {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MethodDescriptor;
using google::protobuf::util::FieldMaskUtil;
using google::protobuf::util::MessageDifferencer;

// An etag that no resource has: a record that wasn't there is created, and never takes the place of
// what somebody else has made meanwhile.
constexpr char kNoEtag[] = "-";

// The version that is changed: the one that was compared, or the one that the record was made of.
// A record that gives itself as a whole is compared with what is there.
std::string EtagFor(const Record& record, const Message* before) {
  if (before == nullptr) return kNoEtag;
  const std::string own = record.fields.empty() ? "" : GetText(*record.resource, "etag");
  return own.empty() ? GetText(*before, "etag") : own;
}

// Those of `fields` in which `given` isn't as what is stored.
std::vector<std::string> FieldsThatDiffer(const std::vector<std::string>& fields,
                                          const Message& given, const Message& stored) {
  FieldMaskUtil::MergeOptions options;
  options.set_replace_message_fields(true);
  options.set_replace_repeated_fields(true);
  std::vector<std::string> changed;
  for (const std::string& field : fields) {
    google::protobuf::FieldMask mask;
    mask.add_paths(field);
    const std::unique_ptr<Message> merged(stored.New());
    merged->CopyFrom(stored);
    FieldMaskUtil::MergeMessageTo(given, mask, options, merged.get());
    if (!MessageDifferencer::Equivalent(stored, *merged)) changed.push_back(field);
  }
  return changed;
}

}  // namespace

bool SameContent(const Message& stored, const Message& given) {
  const std::unique_ptr<Message> left(stored.New());
  const std::unique_ptr<Message> right(given.New());
  left->CopyFrom(stored);
  right->CopyFrom(given);
  KeepContent(*left);
  KeepContent(*right);
  KeepWhatIsLeftOut(*left, *right);
  return MessageDifferencer::Equals(*left, *right);
}

std::vector<std::string> ChangedFields(const Record& record, const Message& stored) {
  return FieldsThatDiffer(record.fields, *record.resource, stored);
}

bool AsksAlone(const Record& record, const Message& stored) {
  if (record.fields.empty() || !resource::HasInputOnly(*record.resource)) return false;
  const std::unique_ptr<Message> kept(record.resource->New());
  kept->CopyFrom(*record.resource);
  resource::ClearInputOnly(*kept);
  return FieldsThatDiffer(record.fields, *kept, stored).empty();
}

std::unique_ptr<Message> UpdateRequest(const Record& record, const Message* before,
                                       const std::vector<std::string>& changed, bool merge,
                                       bool dry_run) {
  auto request = NewMessage(*record.kind->update->input_type());
  const auto* reflection = request->GetReflection();
  Message& patch = *reflection->MutableMessage(request.get(), record.kind->patch);
  patch.CopyFrom(*record.resource);
  SetText(patch, "etag", EtagFor(record, before));
  SetFlag(*request, "allow_missing", true);
  SetFlag(*request, "validate_only", dry_run);
  SetFlag(*request, "as_recorded", GivesRecorded(*record.resource));
  SetText(*request, "request_id", NewUuid());
  google::protobuf::FieldMask mask;
  for (const std::string& field : changed) mask.add_paths(field);
  if (changed.empty() && !merge) mask.add_paths(std::string(1, '*'));
  const auto* field = request->GetDescriptor()->FindFieldByName("update_mask");
  reflection->MutableMessage(request.get(), field)->CopyFrom(mask);
  return request;
}

bool IsHopeless(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) ||
         absl::IsUnauthenticated(status) || absl::IsPermissionDenied(status) ||
         absl::IsUnimplemented(status) || IsInterruption(status);
}

const MethodDescriptor* BatchCreateOf(const ResourceKind& kind) {
  std::string plural = kind.message->options().GetExtension(google::api::resource).plural();
  if (plural.empty()) return nullptr;
  plural[0] = absl::ascii_toupper(static_cast<unsigned char>(plural[0]));
  return kind.get->service()->FindMethodByName("BatchCreate" + plural);
}

void AddTo(Message& batch, const Record& record) {
  const auto* requests = batch.GetDescriptor()->FindFieldByName("requests");
  Message& request = *batch.GetReflection()->AddMessage(&batch, requests);
  const std::string parent(record.kind->pattern.Parent(record.name));
  for (int i = 0; i < request.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* field = request.GetDescriptor()->field(i);
    if (resource::GivesResourceId(*field)) {
      SetText(request, field->name(), record.name.substr(record.name.rfind('/') + 1));
    } else if (field->message_type() == record.kind->message) {
      request.GetReflection()->MutableMessage(&request, field)->CopyFrom(*record.resource);
    } else if (field->name() == "parent") {
      SetText(request, "parent", parent);
    }
  }
}

}  // namespace baliprocess::balictl
