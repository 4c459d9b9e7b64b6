#include "common/resource/contract/former_fields.h"

#include <google/protobuf/unknown_field_set.h>

#include <string>
#include <vector>

#include "baliprocess/api/v1/field.pb.h"
#include "common/base/descriptors.h"
#include "common/resource/contract/field_values.h"

namespace baliprocess::resource {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::UnknownField;
using google::protobuf::UnknownFieldSet;

// The fields of a message type in which former fields live on.
struct Heirs {
  std::vector<const FieldDescriptor*> fields;  // that took the place of former ones
  std::vector<const FieldDescriptor*> within;  // whose messages have heirs
};

// Adds what there is to know of a type, and of those inside it. Whether it has any heirs.
bool AddHeirs(const Descriptor* type, ByType<Heirs>& all) {
  const auto [heirs, is_new] = all.Make(type);
  if (!is_new) return !heirs->fields.empty() || !heirs->within.empty();
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    if (field->options().GetExtension(api::v1::field).formerly_size() > 0) {
      heirs->fields.push_back(field);
    }
    if (field->message_type() != nullptr && AddHeirs(field->message_type(), all)) {
      heirs->within.push_back(field);
    }
  }
  return !heirs->fields.empty() || !heirs->within.empty();
}

const ByType<Heirs>& LinkedHeirs() {
  static const auto& linked = *[] {
    auto* all = new ByType<Heirs>;
    for (const Descriptor* type : LinkedMessages()) AddHeirs(type, *all);
    return all;
  }();
  return linked;
}

// Takes the string of a field that the contract has no more; whether there was one.
bool TakeString(int number, UnknownFieldSet& unknown, std::string& value) {
  for (int i = 0; i < unknown.field_count(); ++i) {
    const UnknownField& field = unknown.field(i);
    if (field.number() != number || field.type() != UnknownField::TYPE_LENGTH_DELIMITED) continue;
    value = field.length_delimited();
    unknown.DeleteSubrange(i, 1);
    return true;
  }
  return false;
}

void Inherit(const FieldDescriptor* heir, Message& message) {
  const auto* reflection = message.GetReflection();
  if (reflection->HasField(message, heir)) return;
  std::string value;
  for (const api::v1::Former& former : heir->options().GetExtension(api::v1::field).formerly()) {
    if (!TakeString(static_cast<int>(former.number()), *reflection->MutableUnknownFields(&message),
                    value)) {
      continue;
    }
    Message& inner = *reflection->MutableMessage(&message, heir);
    const FieldDescriptor* became = inner.GetDescriptor()->FindFieldByName(former.became());
    if (became != nullptr) inner.GetReflection()->SetString(&inner, became, std::move(value));
    return;
  }
}

void Carry(const Heirs& heirs, Message& message) {
  if (!message.GetReflection()->GetUnknownFields(message).empty()) {
    for (const FieldDescriptor* heir : heirs.fields) Inherit(heir, message);
  }
  for (const FieldDescriptor* field : heirs.within) {
    const Heirs* inner = LinkedHeirs().Find(field->message_type());
    ForEachMessage(message, field, [&](Message& one) { Carry(*inner, one); });
  }
}

}  // namespace

bool HasFormerFields(const Descriptor& type) {
  const Heirs* heirs = LinkedHeirs().Find(&type);
  return heirs != nullptr && !(heirs->fields.empty() && heirs->within.empty());
}

void CarryFormerFields(Message& stored) {
  const Heirs* heirs = LinkedHeirs().Find(stored.GetDescriptor());
  if (heirs != nullptr) Carry(*heirs, stored);
}

}  // namespace baliprocess::resource
