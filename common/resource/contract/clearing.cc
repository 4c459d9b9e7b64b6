#include "common/resource/contract/clearing.h"

#include "common/resource/contract/field_traits.h"
#include "common/resource/contract/field_values.h"

namespace baliprocess::resource {
namespace {

using google::protobuf::Message;
using google::protobuf::Reflection;

// What Message::DiscardUnknownFields does at twice the cost, as it lists all fields that are set.
void DiscardUnknown(const TypeTraits& type, Message& message) {
  const Reflection* reflection = message.GetReflection();
  if (!reflection->GetUnknownFields(message).empty()) {
    reflection->MutableUnknownFields(&message)->Clear();
  }
  for (const FieldTraits& traits : type.fields) {
    if (traits.type == nullptr) continue;
    ForEachMessage(message, traits.field,
                   [&](Message& inner) { DiscardUnknown(*traits.type, inner); });
  }
}

void ClearServerFieldsOf(const TypeTraits& type, Message& message, Given given) {
  if (!type.any_kept) return;
  for (const FieldTraits& traits : type.fields) {
    if (traits.server && !(traits.recorded && given == Given::kAsRecorded)) {
      message.GetReflection()->ClearField(&message, traits.field);
    } else if (traits.type != nullptr) {
      ForEachMessage(message, traits.field,
                     [&](Message& inner) { ClearServerFieldsOf(*traits.type, inner, given); });
    }
  }
}

void ClearInputOnlyOf(const TypeTraits& type, Message& message) {
  if (!type.any_input_only) return;
  for (const FieldTraits& traits : type.fields) {
    if (traits.input_only) {
      message.GetReflection()->ClearField(&message, traits.field);
    } else if (traits.type != nullptr) {
      ForEachMessage(message, traits.field,
                     [&](Message& inner) { ClearInputOnlyOf(*traits.type, inner); });
    }
  }
}

// Who looks, and the resource with participants that is being looked at, if any.
struct Look {
  api::v1::Visibility::Level clearance;
  const TakesPart& takes_part;
  const Message* resource = nullptr;

  bool Sees(const FieldTraits& traits, const Message& message) const {
    if (traits.visibility <= clearance) return true;
    return traits.participants && takes_part && resource != nullptr &&
           HasValue(message, traits.field) && takes_part(*resource);
  }
};

void RedactAs(const TypeTraits& type, Message& message, Look look) {
  if (type.most_restricted <= look.clearance) return;
  if (type.has_participants) look.resource = &message;
  for (const FieldTraits& traits : type.fields) {
    if (!look.Sees(traits, message)) {
      message.GetReflection()->ClearField(&message, traits.field);
    } else if (traits.type != nullptr) {
      ForEachMessage(message, traits.field,
                     [&](Message& inner) { RedactAs(*traits.type, inner, look); });
    }
  }
}

bool EraseAs(const TypeTraits& type, Message& message) {
  if (!type.any_personal) return false;
  bool erased = false;
  for (const FieldTraits& traits : type.fields) {
    if (traits.personal) {
      erased |= HasValue(message, traits.field);
      message.GetReflection()->ClearField(&message, traits.field);
    } else if (traits.type != nullptr) {
      ForEachMessage(message, traits.field,
                     [&](Message& inner) { erased |= EraseAs(*traits.type, inner); });
    }
  }
  return erased;
}

}  // namespace

void ClearServerFields(Message& message, Given given) {
  TraitsSet scratch;
  ClearServerFieldsOf(TraitsOf(message.GetDescriptor(), scratch), message, given);
}

void ClearInputOnly(Message& message) {
  TraitsSet scratch;
  ClearInputOnlyOf(TraitsOf(message.GetDescriptor(), scratch), message);
}

bool HasInputOnly(const Message& message) {
  TraitsSet scratch;
  return TraitsOf(message.GetDescriptor(), scratch).any_input_only;
}

void Redact(Message& message, api::v1::Visibility::Level clearance, const TakesPart& takes_part) {
  TraitsSet scratch;
  const TypeTraits& type = TraitsOf(message.GetDescriptor(), scratch);
  // What a newer program added may be restricted: nobody here knows.
  if (clearance < api::v1::Visibility::RESTRICTED) DiscardUnknown(type, message);
  RedactAs(type, message, {clearance, takes_part});
}

bool ErasePersonal(Message& message) {
  TraitsSet scratch;
  const TypeTraits& type = TraitsOf(message.GetDescriptor(), scratch);
  DiscardUnknown(type, message);
  return EraseAs(type, message);
}

}  // namespace baliprocess::resource
