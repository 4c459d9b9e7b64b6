#include "services/balictl/contract/differences.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"

#include "common/resource/contract/field_values.h"
#include "services/balictl/contract/values.h"
#include "services/balictl/program/terminal_text.h"

namespace baliprocess::balictl {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

std::vector<std::string> ValuesOf(const Message& message, const FieldDescriptor& field) {
  if (!resource::HasValue(message, &field)) return {};
  if (!field.is_repeated()) return {TextOf(message, field)};
  std::vector<std::string> values;
  for (int i = 0; i < message.GetReflection()->FieldSize(message, &field); ++i) {
    values.push_back(TextOf(message, field, i));
  }
  return values;
}

// The values of `some` that aren't among `others`, each as often as it is more often there.
std::vector<std::string> Without(const std::vector<std::string>& some,
                                 const std::vector<std::string>& others) {
  std::multiset<std::string> left(others.begin(), others.end());
  std::vector<std::string> without;
  for (const std::string& value : some) {
    const auto found = left.find(value);
    if (found == left.end()) {
      without.push_back(value);
    } else {
      left.erase(found);
    }
  }
  return without;
}

void Add(const Message& before, const Message& after, const std::string& prefix,
         std::vector<Difference>& differences) {
  const Descriptor* type = before.GetDescriptor();
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor& field = *type->field(i);
    if (prefix.empty() && IsOfRecord(field)) continue;
    const std::string path = absl::StrCat(prefix, field.name());
    if (IsTakenApart(field) && !field.is_repeated()) {
      Add(before.GetReflection()->GetMessage(before, &field),
          after.GetReflection()->GetMessage(after, &field), path + ".", differences);
      continue;
    }
    const std::vector<std::string> old_values = ValuesOf(before, field);
    const std::vector<std::string> new_values = ValuesOf(after, field);
    Difference difference{path, Without(old_values, new_values), Without(new_values, old_values)};
    if (difference.before.empty() && difference.after.empty() && old_values != new_values) {
      difference.before = old_values;  // in another order
      difference.after = new_values;
    }
    if (!difference.before.empty() || !difference.after.empty()) {
      differences.push_back(std::move(difference));
    }
  }
}

}  // namespace

bool IsOfRecord(const FieldDescriptor& field) {
  return field.name() == "etag" || field.name() == "update_time" || field.name() == "uid" ||
         field.name() == "create_time";
}

std::vector<Difference> DifferencesOf(const Message& before, const Message& after) {
  std::vector<Difference> differences;
  Add(before, after, "", differences);
  return differences;
}

std::string TextOf(const std::vector<Difference>& differences) {
  size_t width = 0;
  for (const Difference& one : differences) width = std::max(width, one.field.size());
  std::string text;
  for (const Difference& one : differences) {
    std::string head = absl::StrCat("  ", one.field, std::string(width - one.field.size(), ' '));
    const auto line = [&](char sign, const std::string& value) {
      absl::StrAppend(&text, head, "  ", std::string(1, sign), " ", SafeText(value), "\n");
      head = std::string(width + 2, ' ');
    };
    for (const std::string& value : one.before) line('-', value);
    for (const std::string& value : one.after) line('+', value);
  }
  return text;
}

}  // namespace baliprocess::balictl
