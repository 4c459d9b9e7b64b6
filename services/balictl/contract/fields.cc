#include "services/balictl/contract/fields.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "google/api/field_behavior.pb.h"

#include "common/base/status_macros.h"
#include "services/balictl/contract/documentation.h"
#include "services/balictl/contract/table.h"
#include "services/balictl/contract/values.h"
#include "services/balictl/program/files.h"

namespace baliprocess::balictl {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

bool IsGiven(const FieldDescriptor& field) {
  static const auto& others = *new std::set<std::string>{
      "name", "etag", "request_id", "validate_only", "update_mask", "allow_missing", "as_recorded"};
  return !HasBehavior(field, google::api::OUTPUT_ONLY) && !others.contains(field.name());
}

void AddFields(const Descriptor& type, const FieldPath& prefix, bool given_alone,
               std::vector<FieldPath>& fields) {
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor* field = type.field(i);
    if (given_alone && !IsGiven(*field)) continue;
    FieldPath path = prefix;
    path.push_back(field);
    if (IsTakenApart(*field) && !field->is_repeated()) {
      AddFields(*field->message_type(), path, given_alone, fields);
    } else {
      fields.push_back(std::move(path));
    }
  }
}

absl::StatusOr<std::string> Contents(const std::string& value) {
  if (!value.starts_with('@')) return value;
  return ReadFile(value.substr(1));
}

}  // namespace

std::vector<FieldPath> AllFields(const Descriptor& type) {
  std::vector<FieldPath> fields;
  AddFields(type, {}, false, fields);
  return fields;
}

std::vector<FieldPath> GivenFields(const Descriptor& type) {
  std::vector<FieldPath> fields;
  AddFields(type, {}, true, fields);
  return fields;
}

std::vector<Flag> FlagsOf(const std::vector<FieldPath>& fields) {
  std::vector<Flag> flags;
  for (const FieldPath& path : fields) {
    const FieldDescriptor& field = *path.back();
    const bool yes_or_no = field.cpp_type() == FieldDescriptor::CPPTYPE_BOOL;
    std::string help = FirstParagraph(CommentOf(field));
    if (HasBehavior(field, google::api::REQUIRED)) absl::StrAppend(&help, " Required.");
    flags.push_back({.name = TitleOf(path),
                     .value = yes_or_no ? "" : FormOf(field),
                     .fallback = "",
                     .help = std::move(help),
                     .repeated = field.is_repeated()});
  }
  return flags;
}

absl::StatusOr<std::vector<std::string>> SetGiven(const std::vector<FieldPath>& fields,
                                                  const Arguments& arguments, Message& message) {
  std::vector<std::string> paths;
  for (const FieldPath& path : fields) {
    const std::string name = TitleOf(path);
    if (!arguments.given.contains(name)) continue;
    paths.push_back(name);
    for (const std::string& value : arguments.All(name)) {
      ASSIGN_OR_RETURN(const std::string text, Contents(value));
      if (text.empty()) continue;
      if (const absl::Status set = SetValueAt(message, name, text); !set.ok()) {
        return UsageError(absl::StrCat("--", set.message()));
      }
    }
  }
  return paths;
}

}  // namespace baliprocess::balictl
