#include "common/resource/contract/field_traits.h"

#include <algorithm>

#include "google/api/resource.pb.h"

#include "baliprocess/api/v1/field.pb.h"
#include "common/base/descriptors.h"

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
  traits.server =
      HasBehavior(*field, google::api::OUTPUT_ONLY) || HasBehavior(*field, google::api::IDENTIFIER);
  traits.recorded = rules.recorded();
  traits.immutable = HasBehavior(*field, google::api::IMMUTABLE);
  traits.input_only = HasBehavior(*field, google::api::INPUT_ONLY);
  const bool in_resource = field->containing_type()->options().HasExtension(google::api::resource);
  if (in_resource && field->name() == "etag") traits.server = true;
  traits.filled = rules.filled() || (in_resource && field->name() == "visibility");
  return traits;
}

// Adds what holds of a field, or of the type of a field, to a summary. Whether that is news.
bool Include(TypeTraits& summary, api::v1::Visibility::Level level, bool personal, bool kept,
             bool input_only) {
  const bool news = level > summary.most_restricted || (personal && !summary.any_personal) ||
                    (kept && !summary.any_kept) || (input_only && !summary.any_input_only);
  summary.most_restricted = std::max(summary.most_restricted, level);
  summary.any_personal = summary.any_personal || personal;
  summary.any_kept = summary.any_kept || kept;
  summary.any_input_only = summary.any_input_only || input_only;
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
        changed |= Include(*traits, field.visibility, field.personal,
                           field.server || field.immutable || field.filled, field.input_only);
        if (field.type == nullptr) continue;
        changed |= Include(*traits, field.type->most_restricted, field.type->any_personal,
                           field.type->any_kept, field.type->any_input_only);
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
