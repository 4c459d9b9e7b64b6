#include "common/resource/contract/validation.h"

#include <google/protobuf/duration.pb.h>
#include <google/protobuf/field_mask.pb.h>
#include <google/protobuf/timestamp.pb.h>

#include <algorithm>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "google/type/date.pb.h"
#include "google/type/money.pb.h"

#include "baliprocess/common/v1/record.pb.h"
#include "baliprocess/common/v1/term.pb.h"
#include "common/base/date.h"
#include "common/base/money.h"
#include "common/resource/contract/formats.h"
#include "common/resource/contract/validation_plan.h"

namespace baliprocess::resource {
namespace {

using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr int kMaxDepth = 32;
constexpr size_t kMaxMaskPaths = 100;
constexpr int kNone = -1;

// Where in the request the walk is; made into text only for a violation.
struct Path {
  const Path* above = nullptr;
  std::string_view name;
  int index = kNone;  // of an element of a list
};

std::string ToText(const Path& path) {
  std::string text = path.above == nullptr ? "" : ToText(*path.above);
  if (!text.empty() && !path.name.empty()) text += '.';
  text += path.name;
  if (path.index != kNone) absl::StrAppend(&text, "[", path.index, "]");
  return text;
}

std::string NamesOf(const EnumDescriptor* type) {
  std::string names;
  for (int i = 0; i < type->value_count(); ++i) {
    if (type->value(i)->number() == 0) continue;  // the unspecified one isn't for choosing
    absl::StrAppend(&names, names.empty() ? "" : ", ", type->value(i)->name());
  }
  return names;
}

// The value of a number, as far as bounds of 64 bits can judge it.
double NumberOf(const Message& message, const FieldDescriptor* field, int index) {
  const Reflection* r = message.GetReflection();
  const bool single = index == kNone;
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return single ? r->GetInt32(message, field) : r->GetRepeatedInt32(message, field, index);
    case FieldDescriptor::CPPTYPE_UINT32:
      return single ? r->GetUInt32(message, field) : r->GetRepeatedUInt32(message, field, index);
    case FieldDescriptor::CPPTYPE_INT64:
      return static_cast<double>(single ? r->GetInt64(message, field)
                                        : r->GetRepeatedInt64(message, field, index));
    case FieldDescriptor::CPPTYPE_UINT64:
      return static_cast<double>(single ? r->GetUInt64(message, field)
                                        : r->GetRepeatedUInt64(message, field, index));
    case FieldDescriptor::CPPTYPE_FLOAT:
      return single ? r->GetFloat(message, field) : r->GetRepeatedFloat(message, field, index);
    default:
      return single ? r->GetDouble(message, field) : r->GetRepeatedDouble(message, field, index);
  }
}

class Validator {
 public:
  Validator(const ValidateOptions& options, Violations& violations)
      : options_(options), violations_(violations) {}

  void Judge(const Message& message, const MessagePlan& plan, const Path& path, int depth) {
    if (depth > kMaxDepth) return Add(path, "must not be nested deeper than 32 levels");
    JudgeSpecial(message, plan.special, path);
    if (plan.special == MessagePlan::Special::kFieldMask) return;
    for (const FieldPlan& field : plan.fields) {
      const Path below{&path, field.field->name()};
      if (field.field->is_repeated()) {
        JudgeList(message, field, below, depth);
      } else {
        JudgeField(message, field, below, depth);
      }
    }
  }

 private:
  void Add(const Path& path, std::string_view rule) {
    if (violations_.full()) return violations_.LeaveOut();
    violations_.Add(ToText(path), rule);
  }

  void JudgeList(const Message& message, const FieldPlan& plan, const Path& path, int depth) {
    const int size = message.GetReflection()->FieldSize(message, plan.field);
    if (size == 0 && plan.required && !partial_) Add(path, "is required");
    if (size > plan.max_items) {
      return Add(path, absl::StrCat("must have at most ", plan.max_items, " elements"));
    }
    for (int i = 0; i < size; ++i) {
      JudgeValue(message, plan, Path{path.above, path.name, i}, depth);
    }
    if (plan.message != nullptr && plan.message->special == MessagePlan::Special::kIdentifier) {
      JudgeSchemes(message, plan.field, path);
    }
  }

  void JudgeSchemes(const Message& message, const FieldDescriptor* field, const Path& path) {
    std::set<std::string> schemes;
    for (int i = 0; i < message.GetReflection()->FieldSize(message, field); ++i) {
      const auto& identifier = static_cast<const common::v1::ExternalIdentifier&>(
          message.GetReflection()->GetRepeatedMessage(message, field, i));
      if (identifier.scheme().empty() || schemes.insert(identifier.scheme()).second) continue;
      Add(Path{path.above, path.name, i}, "must be of another scheme than those before it");
    }
  }

  void JudgeField(const Message& message, const FieldPlan& plan, const Path& path, int depth) {
    const FieldDescriptor* field = plan.field;
    const bool names_partial = plan.identifier && partial_ && path.above == partial_;
    if (plan.identifier && !names_partial) return;
    const Reflection* reflection = message.GetReflection();
    if (field->has_presence() && !reflection->HasField(message, field)) {
      if (plan.required && !partial_) Add(path, "is required");
      return;
    }
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
      std::string scratch;
      if (!reflection->GetStringReference(message, field, &scratch).empty()) {
        JudgeValue(message, plan, path, depth);
      } else if ((plan.required && !partial_ && !IsLeftToBatch(plan, depth)) || names_partial) {
        Add(path, "is required");
      }
      return;
    }
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_ENUM && plan.required && !partial_ &&
        reflection->GetEnumValue(message, field) == 0) {
      return Add(path, absl::StrCat("is required: one of ", NamesOf(field->enum_type())));
    }
    JudgeValue(message, plan, path, depth);
  }

  // The parent of a request within a batch is that of the batch (AIP-233).
  static bool IsLeftToBatch(const FieldPlan& plan, int depth) {
    return depth == 1 && plan.reference == FieldPlan::Reference::kParent;
  }

  // Judges a field that is set, or the element `path.index` of a list.
  void JudgeValue(const Message& message, const FieldPlan& plan, const Path& path, int depth) {
    const Reflection* reflection = message.GetReflection();
    const FieldDescriptor* field = plan.field;
    const bool single = path.index == kNone;
    switch (field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_STRING: {
        if (field->type() == FieldDescriptor::TYPE_BYTES) return;
        std::string scratch;
        return JudgeText(
            single ? reflection->GetStringReference(message, field, &scratch)
                   : reflection->GetRepeatedStringReference(message, field, path.index, &scratch),
            plan, path, depth);
      }
      case FieldDescriptor::CPPTYPE_ENUM: {
        const int number = single ? reflection->GetEnumValue(message, field)
                                  : reflection->GetRepeatedEnumValue(message, field, path.index);
        if (field->enum_type()->FindValueByNumber(number) == nullptr) {
          Add(path, absl::StrCat("must be one of ", NamesOf(field->enum_type())));
        }
        return;
      }
      case FieldDescriptor::CPPTYPE_MESSAGE: {
        const Message& value = single ? reflection->GetMessage(message, field)
                                      : reflection->GetRepeatedMessage(message, field, path.index);
        return JudgeMessage(value, plan, path, depth);
      }
      case FieldDescriptor::CPPTYPE_BOOL:
        return;
      default:
        return JudgeNumber(NumberOf(message, field, path.index), plan, path);
    }
  }

  void JudgeMessage(const Message& value, const FieldPlan& plan, const Path& path, int depth) {
    const bool enters_partial = plan.field == options_.partial && partial_ == nullptr;
    if (!plan.kinds.empty() && !IsOfKind(value, plan)) return Add(path, plan.kinds_rule);
    if (enters_partial) partial_ = &path;
    Judge(value, *plan.message, path, depth + 1);
    if (enters_partial) partial_ = nullptr;
  }

  // Whether a Party is given, and is one that it may be.
  static bool IsOfKind(const Message& party, const FieldPlan& plan) {
    return std::any_of(plan.kinds.begin(), plan.kinds.end(), [&](const FieldDescriptor* kind) {
      std::string scratch;
      const auto* reflection = party.GetReflection();
      return reflection->HasField(party, kind) &&
             !reflection->GetStringReference(party, kind, &scratch).empty();
    });
  }

  void JudgeNumber(double number, const FieldPlan& plan, const Path& path) {
    // Written so that NaN breaks any bound.
    const bool least = !plan.minimum || number >= static_cast<double>(*plan.minimum);
    const bool most = !plan.maximum || number <= static_cast<double>(*plan.maximum);
    if (least && most) return;
    if (plan.minimum && plan.maximum) {
      Add(path, absl::StrCat("must be ", *plan.minimum, " to ", *plan.maximum));
    } else if (plan.minimum) {
      Add(path, absl::StrCat("must be at least ", *plan.minimum));
    } else {
      Add(path, absl::StrCat("must be at most ", *plan.maximum));
    }
  }

  void JudgeText(std::string_view text, const FieldPlan& plan, const Path& path, int depth) {
    const TextFacts facts = Examine(text);
    if (!facts.valid_utf8) return Add(path, "must be valid UTF-8");
    if (facts.length > plan.max_length) {
      return Add(path, absl::StrCat("must have at most ", plan.max_length, " characters"));
    }
    if (facts.has_control) {
      return Add(path, "must not have control characters other than tab and line feed");
    }
    if (facts.has_many_marks) {
      return Add(path, absl::StrCat("must have at most ", kMostMarks, " combining marks in a row"));
    }
    if (text.empty()) return;
    if (const char* rule = WhyNotOfFormat(text, plan.format)) {
      return Add(path, absl::StrCat("must be ", rule));
    }
    if (plan.uuid4 && !IsUuid4(text)) return Add(path, "must be a UUID of version 4");
    if (plan.resource_id) {
      if (const auto why = WhyInvalidId(text)) return Add(path, absl::StrCat("must be ", *why));
    }
    if (!IsReference(text, plan, depth)) Add(path, plan.reference_rule);
  }

  bool IsReference(std::string_view text, const FieldPlan& plan, int depth) const {
    switch (plan.reference) {
      case FieldPlan::Reference::kNone:
        return true;
      case FieldPlan::Reference::kAny:
        return MatchesAnyType(text);
      case FieldPlan::Reference::kName:
        return plan.pattern != nullptr && plan.pattern->Matches(text);
      case FieldPlan::Reference::kParent:
        return plan.pattern != nullptr &&
               plan.pattern->MatchesParent(text, options_.allow_wildcard_parent && depth == 0);
    }
    return false;
  }

  void JudgeSpecial(const Message& message, MessagePlan::Special special, const Path& path) {
    switch (special) {
      case MessagePlan::Special::kNone:
      case MessagePlan::Special::kIdentifier:
        return;
      case MessagePlan::Special::kDate:
        if (const auto why = WhyInvalid(static_cast<const google::type::Date&>(message))) {
          Add(path, absl::StrCat("must be ", *why));
        }
        return;
      case MessagePlan::Special::kTimestamp:
        return JudgeTimestamp(static_cast<const google::protobuf::Timestamp&>(message), path);
      case MessagePlan::Special::kDuration:
        return JudgeDuration(static_cast<const google::protobuf::Duration&>(message), path);
      case MessagePlan::Special::kFieldMask:
        return JudgeMask(static_cast<const google::protobuf::FieldMask&>(message), path);
      case MessagePlan::Special::kTerm:
        return JudgeTerm(static_cast<const common::v1::Term&>(message), path);
      case MessagePlan::Special::kMoney:
        if (const auto why = WhyInvalid(static_cast<const google::type::Money&>(message))) {
          Add(path, absl::StrCat("must be ", *why));
        }
        return;
    }
  }

  void JudgeTimestamp(const google::protobuf::Timestamp& time, const Path& path) {
    // From 0001-01-01T00:00:00Z to 9999-12-31T23:59:59.999999999Z.
    if (time.seconds() < -62'135'596'800 || time.seconds() > 253'402'300'799 || time.nanos() < 0 ||
        time.nanos() > 999'999'999) {
      Add(path, "must be a time of the years 1 to 9999, with 0 to 999,999,999 nanoseconds");
    }
  }

  void JudgeDuration(const google::protobuf::Duration& duration, const Path& path) {
    constexpr int64_t kMostSeconds = 315'576'000'000;
    const int64_t seconds = duration.seconds();
    const int32_t nanos = duration.nanos();
    const bool same_sign = (seconds >= 0 && nanos >= 0) || (seconds <= 0 && nanos <= 0);
    if (seconds < -kMostSeconds || seconds > kMostSeconds || nanos < -999'999'999 ||
        nanos > 999'999'999 || !same_sign) {
      Add(path, "must be a duration of at most 10,000 years, seconds and nanoseconds of one sign");
    }
  }

  void JudgeMask(const google::protobuf::FieldMask& mask, const Path& path) {
    if (static_cast<size_t>(mask.paths_size()) > kMaxMaskPaths) {
      return Add(path, absl::StrCat("must have at most ", kMaxMaskPaths, " paths"));
    }
    const bool fine = std::all_of(mask.paths().begin(), mask.paths().end(), [](const auto& text) {
      const TextFacts facts = Examine(text);
      return !text.empty() && facts.valid_utf8 && !facts.has_control && facts.length <= 1000;
    });
    if (!fine)
      Add(path, "must have paths of 1 to 1,000 characters, none of them control characters");
  }

  void JudgeTerm(const common::v1::Term& term, const Path& path) {
    if (!term.has_start_date() || !term.has_end_date()) return;
    if (WhyInvalid(term.start_date()) || WhyInvalid(term.end_date())) return;
    if (Before(DaysOf(term.end_date()), DaysOf(term.start_date())) == Truth::kTrue) {
      Add(Path{&path, "end_date"}, "must not be before start_date");
    }
  }

  const ValidateOptions& options_;
  Violations& violations_;
  const Path* partial_ = nullptr;  // of the resource of an Update, while the walk is below it
};

}  // namespace

void Validate(const Message& message, std::string_view prefix, const ValidateOptions& options,
              Violations& violations) {
  const Path root{nullptr, prefix};
  Validator validator(options, violations);
  if (const MessagePlan* plan = LinkedPlans().Find(message.GetDescriptor())) {
    return validator.Judge(message, *plan, root, 0);
  }
  // A type made at run time may not outlive the call, so its plan isn't kept.
  PlanSet plans;
  validator.Judge(message, *plans.Add(message.GetDescriptor()), root, 0);
}

void ValidateResource(const Message& resource, std::string_view prefix, Violations& violations) {
  Validate(resource, prefix, {}, violations);
}

}  // namespace baliprocess::resource
