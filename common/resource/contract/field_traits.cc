#include "common/resource/contract/field_traits.h"

#include <algorithm>

#include "google/api/resource.pb.h"

#include "baliprocess/api/v1/field.pb.h"
#include "common/base/descriptors.h"
#include "common/resource/contract/text_form.h"

namespace baliprocess::resource {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

FieldTraits TraitsOfField(const FieldDescriptor* field) {
  const api::v1::FieldRules& rules = field->options().GetExtension(api::v1::field);
  FieldTraits traits;
  traits.field = field;
  traits.visibility = rules.visibility();
  traits.personal = rules.personal();
  traits.participants = rules.shown_to_participants();
  traits.server =
      HasBehavior(*field, google::api::OUTPUT_ONLY) || HasBehavior(*field, google::api::IDENTIFIER);
  traits.recorded = rules.recorded();
  traits.immutable = HasBehavior(*field, google::api::IMMUTABLE);
  traits.input_only = HasBehavior(*field, google::api::INPUT_ONLY);
  traits.text = IsText(*field);
  const bool in_resource = field->containing_type()->options().HasExtension(google::api::resource);
  if (in_resource && field->name() == "etag") traits.server = true;
  traits.filled = rules.filled() || (in_resource && field->name() == "visibility");
  return traits;
}

// What the field by itself adds to the summary of its message.
TypeTraits SummaryOf(const FieldTraits& field) {
  TypeTraits summary;
  summary.most_restricted = field.visibility;
  summary.any_personal = field.personal;
  summary.any_kept = field.server || field.immutable || field.filled;
  summary.any_input_only = field.input_only;
  summary.any_text = field.text;
  return summary;
}

// Adds what holds of a part to a summary. Whether that is news.
bool Include(TypeTraits& summary, const TypeTraits& part) {
  bool news = part.most_restricted > summary.most_restricted;
  summary.most_restricted = std::max(summary.most_restricted, part.most_restricted);
  for (bool TypeTraits::*const any : {&TypeTraits::any_personal, &TypeTraits::any_kept,
                                      &TypeTraits::any_input_only, &TypeTraits::any_text}) {
    news |= part.*any && !(summary.*any);
    summary.*any |= part.*any;
  }
  return news;
}

}  // namespace

const TypeTraits& TraitsSet::Add(const Descriptor* type) {
  const TypeTraits* traits = AddWithFields(type);
  Summarise();
  return *traits;
}

TypeTraits* TraitsSet::AddWithFields(const Descriptor* type) {
  // First the entry, then what is in it: types contain each other.
  const auto [traits, is_new] = types_.Make(type);
  if (!is_new) return traits;
  traits->has_participants = type->options().GetExtension(api::v1::resource).has_participants();
  for (int i = 0; i < type->field_count(); ++i) {
    FieldTraits field = TraitsOfField(type->field(i));
    if (const Descriptor* inner = type->field(i)->message_type()) {
      field.type = AddWithFields(inner);
    }
    traits->fields.push_back(field);
  }
  return traits;
}

void TraitsSet::Summarise() {
  // Until nothing changes, because types may contain themselves.
  bool changed = true;
  while (changed) {
    changed = false;
    for (const auto& [type, traits] : types_.entries()) {
      for (const FieldTraits& field : traits->fields) {
        changed |= Include(*traits, SummaryOf(field));
        if (field.type != nullptr) changed |= Include(*traits, *field.type);
      }
    }
  }
}

const TypeTraits* TraitsSet::Find(const Descriptor* type) const { return types_.Find(type); }

const TypeTraits& TraitsOf(const Descriptor* type, TraitsSet& scratch) {
  static const TraitsSet& linked = *[] {
    auto* made = new TraitsSet;
    for (const Descriptor* message : LinkedMessages()) made->Add(message);
    return made;
  }();
  const TypeTraits* traits = linked.Find(type);
  return traits != nullptr ? *traits : scratch.Add(type);
}

}  // namespace baliprocess::resource
