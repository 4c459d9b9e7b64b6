#include "common/resource/contract/validation_plan.h"

#include <google/protobuf/duration.pb.h>
#include <google/protobuf/field_mask.pb.h>
#include <google/protobuf/timestamp.pb.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "google/api/field_info.pb.h"
#include "google/api/resource.pb.h"
#include "google/type/date.pb.h"
#include "google/type/money.pb.h"

#include "baliprocess/common/v1/party.pb.h"
#include "baliprocess/common/v1/record.pb.h"
#include "baliprocess/common/v1/term.pb.h"
#include "common/base/field_limits.h"

namespace baliprocess::resource {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

MessagePlan::Special SpecialOf(const Descriptor* type) {
  using Special = MessagePlan::Special;
  if (type == google::type::Date::descriptor()) return Special::kDate;
  if (type == google::protobuf::Timestamp::descriptor()) return Special::kTimestamp;
  if (type == google::protobuf::Duration::descriptor()) return Special::kDuration;
  if (type == google::protobuf::FieldMask::descriptor()) return Special::kFieldMask;
  if (type == common::v1::Term::descriptor()) return Special::kTerm;
  if (type == google::type::Money::descriptor()) return Special::kMoney;
  if (type == common::v1::ExternalIdentifier::descriptor()) return Special::kIdentifier;
  return Special::kNone;
}

// The pattern of the parent of a pattern, for messages: `bodies/{body}`.
std::string ParentRule(const NamePattern& child) {
  const auto parent = child.ParentPattern();
  return parent ? absl::StrCat("must be a name of the form ", parent->pattern()) : "must be empty";
}

void SetReference(FieldPlan& plan) {
  const auto& options = plan.field->options();
  if (plan.identifier) {
    const auto& resource =
        plan.field->containing_type()->options().GetExtension(google::api::resource);
    plan.reference = FieldPlan::Reference::kName;
    plan.pattern = PatternOfType(resource.type());
  } else if (options.HasExtension(google::api::resource_reference)) {
    const auto& reference = options.GetExtension(google::api::resource_reference);
    const bool parent = !reference.child_type().empty();
    plan.reference = parent                    ? FieldPlan::Reference::kParent
                     : reference.type() == "*" ? FieldPlan::Reference::kAny
                                               : FieldPlan::Reference::kName;
    plan.pattern = PatternOfType(parent ? reference.child_type() : reference.type());
  } else {
    return;
  }
  plan.reference_rule = "must be the name of a resource";
  if (plan.pattern == nullptr) return;
  plan.reference_rule = plan.reference == FieldPlan::Reference::kParent
                            ? ParentRule(*plan.pattern)
                            : absl::StrCat("must be a name of the form ", plan.pattern->pattern());
}

// Which fields of a Party may be given: those that are named, or all.
void SetKinds(const api::v1::FieldRules& rules, FieldPlan& plan) {
  const Descriptor* party = plan.field->message_type();
  if (party != common::v1::Party::descriptor()) return;
  for (int i = 0; i < party->field_count(); ++i) {
    const FieldDescriptor* kind = party->field(i);
    const auto& named = rules.kinds();
    if (!named.empty() && std::find(named.begin(), named.end(), kind->name()) == named.end()) {
      continue;
    }
    plan.kinds.push_back(kind);
  }
  plan.kinds_rule = absl::StrCat(
      "must be one of ",
      absl::StrJoin(plan.kinds, ", ", [](std::string* out, const FieldDescriptor* kind) {
        out->append(kind->name());
      }));
}

FieldPlan PlanOf(const FieldDescriptor* field) {
  const api::v1::FieldRules& rules = field->options().GetExtension(api::v1::field);
  FieldPlan plan;
  plan.field = field;
  plan.required = HasBehavior(*field, google::api::REQUIRED);
  plan.identifier = HasBehavior(*field, google::api::IDENTIFIER);
  plan.max_length = MaxLengthOf(field);
  plan.max_items = static_cast<int>(MaxItemsOf(field));
  if (rules.has_minimum()) plan.minimum = rules.minimum();
  if (rules.has_maximum()) plan.maximum = rules.maximum();
  plan.format = rules.format();
  plan.uuid4 = field->options().GetExtension(google::api::field_info).format() ==
               google::api::FieldInfo::UUID4;
  plan.resource_id = GivesResourceId(*field);
  SetReference(plan);
  SetKinds(rules, plan);
  return plan;
}

// Whether there is anything to judge; for most bools and numbers there isn't.
bool HasRules(const FieldPlan& plan) {
  if (plan.field->is_repeated() || plan.minimum || plan.maximum) return true;
  if (plan.required && plan.field->has_presence()) return true;
  switch (plan.field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_ENUM:
    case FieldDescriptor::CPPTYPE_STRING:
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return true;
    default:
      return false;
  }
}

}  // namespace

const MessagePlan* PlanSet::Add(const Descriptor* type) {
  // First the entry, then what is in it: types contain each other.
  const auto [plan, is_new] = plans_.Make(type);
  if (!is_new) return plan;
  plan->special = SpecialOf(type);
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    const bool recorded = field->options().GetExtension(api::v1::field).recorded();
    if (HasBehavior(*field, google::api::OUTPUT_ONLY) && !recorded) continue;
    FieldPlan field_plan = PlanOf(field);
    if (!HasRules(field_plan)) continue;
    if (field->message_type() != nullptr) field_plan.message = Add(field->message_type());
    plan->fields.push_back(std::move(field_plan));
  }
  return plan;
}

const MessagePlan* PlanSet::Find(const Descriptor* type) const { return plans_.Find(type); }

const PlanSet& LinkedPlans() {
  static const PlanSet& plans = *[] {
    auto* made = new PlanSet;
    for (const Descriptor* type : LinkedMessages()) made->Add(type);
    return made;
  }();
  return plans;
}

}  // namespace baliprocess::resource
