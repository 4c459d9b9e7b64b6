#include "services/gateway/transcoding/query.h"

#include <algorithm>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "services/gateway/transcoding/percent.h"
#include "services/gateway/transcoding/scalar.h"

namespace baliprocess::gateway {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// A request's names in errors are no longer than this; a field's path leads no deeper.
constexpr size_t kMostNameBytes = 200;
constexpr size_t kMostDepth = 32;

constexpr char kNoField[] = "isn't a field of the request";

// What a parameter leads to, or the rule that its name breaks.
struct Target {
  FieldPath fields;
  std::string path;  // as violations call it
  std::string rule;
};

std::string RuleOfLeaf(const FieldDescriptor& field) {
  if (field.is_map()) return "is a map, which a query can't give";
  if (IsSingleValue(field)) return "";
  if (field.is_repeated()) return "is a list of messages, which a query can't give";
  return absl::StrCat("is a message: name its fields, such as ", field.name(), ".x");
}

Target Resolve(const Descriptor& type, const std::string& name) {
  Target target;
  const auto unknown = [&] { return Target{{}, Cut(name, kMostNameBytes), kNoField}; };
  const Descriptor* message = &type;
  for (const absl::string_view part : absl::StrSplit(name, '.')) {
    const FieldDescriptor* field =
        message == nullptr ? nullptr : FindField(*message, std::string(part));
    if (field == nullptr || target.fields.size() == kMostDepth) return unknown();
    absl::StrAppend(&target.path, target.path.empty() ? "" : ".", field->name());
    target.fields.push_back(field);
    // Nothing is within what is written as one value, nor within one of many.
    const bool has_fields = !field->is_repeated() && !IsSingleValue(*field);
    message = has_fields ? field->message_type() : nullptr;
  }
  target.rule = RuleOfLeaf(*target.fields.back());
  return target;
}

// Whether the binding has the field elsewhere.
std::string RuleOfBinding(const Binding& binding, const Target& target) {
  for (const auto& variable : binding.path_template.variables) {
    if (variable.field_path == target.path) return "is given by the path";
  }
  if (binding.body == Binding::Body::kAll ||
      (binding.body == Binding::Body::kField && target.fields.front() == binding.body_field)) {
    return "belongs in the body, not in the query";
  }
  return "";
}

std::string Set(const FieldPath& fields, std::string_view value, Message& request) {
  Message* message = &request;
  for (size_t i = 0;; ++i) {
    const FieldDescriptor& field = *fields[i];
    std::string rule = WhyNotBeside(*message, field);
    if (!rule.empty()) return rule;
    if (i + 1 == fields.size()) return SetValue(*message, field, Scalar::Word(value));
    message = message->GetReflection()->MutableMessage(message, &field);
  }
}

}  // namespace

absl::StatusOr<QueryParameters> ParseQuery(std::string_view query) {
  QueryParameters parameters;
  for (const absl::string_view piece :
       absl::StrSplit(absl::string_view(query.data(), query.size()), '&', absl::SkipEmpty())) {
    const std::string_view text(piece.data(), piece.size());
    const size_t equals = std::min(text.find('='), text.size());
    const std::string_view value = text.substr(std::min(equals + 1, text.size()));
    auto name = PercentDecode(text.substr(0, equals), PercentDecoding::kQuery);
    auto decoded = PercentDecode(value, PercentDecoding::kQuery);
    if (!name || !decoded) {
      return InvalidField(name ? Cut(*name, kMostNameBytes) : "query",
                          "must be percent-encoded UTF-8 (RFC 3986)");
    }
    parameters.push_back({*std::move(name), *std::move(decoded)});
  }
  return parameters;
}

void ReadQuery(const Binding& binding, const QueryParameters& parameters, Message& request,
               Violations& violations) {
  absl::flat_hash_set<std::string> seen;
  for (const QueryParameter& parameter : parameters) {
    Target target = Resolve(*request.GetDescriptor(), parameter.name);
    if (target.rule.empty()) target.rule = RuleOfBinding(binding, target);
    if (target.rule.empty() && !target.fields.back()->is_repeated() &&
        !seen.insert(target.path).second) {
      target.rule = "must be given once";
    }
    if (target.rule.empty()) target.rule = Set(target.fields, parameter.value, request);
    if (!target.rule.empty()) violations.Add(target.path, target.rule);
  }
}

}  // namespace baliprocess::gateway
