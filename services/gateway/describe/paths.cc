#include "services/gateway/describe/paths.h"

#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "google/api/resource.pb.h"

#include "common/base/descriptors.h"

namespace baliprocess::gateway {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using Kind = PathTemplate::Segment::Kind;

// `externalForum` of `external_forum`.
std::string CamelCase(const std::string& name) {
  std::string camel;
  bool raise = false;
  for (const char c : name) {
    if (c != '_')
      camel += raise ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
    raise = c == '_';
  }
  return camel;
}

// What the ids of a collection are called: `meeting` of `meetings`.
const std::map<std::string, std::string>& IdsOfCollections() {
  static const auto& ids = *[] {
    auto* found = new std::map<std::string, std::string>;
    for (const Descriptor* message : LinkedMessages()) {
      const auto& resource = message->options().GetExtension(google::api::resource);
      for (const std::string& pattern : resource.pattern()) {
        const std::vector<std::string> parts = absl::StrSplit(pattern, '/');
        for (size_t i = 0; i + 1 < parts.size(); i += 2) {
          (*found)[parts[i]] = CamelCase(parts[i + 1].substr(1, parts[i + 1].size() - 2));
        }
      }
    }
    return found;
  }();
  return ids;
}

// The variable that the segment belongs to: its index, or -1.
int VariableAt(const PathTemplate& path, size_t segment) {
  const auto& variables = path.variables;
  const auto found = std::find_if(variables.begin(), variables.end(), [&](const auto& variable) {
    return segment >= variable.first && segment < variable.first + variable.count;
  });
  return found == variables.end() ? -1 : static_cast<int>(found - variables.begin());
}

PathParameter ParameterAt(const PathTemplate& path, size_t segment, const FieldDescriptor& field) {
  const bool after_literal = segment > 0 && path.segments[segment - 1].kind == Kind::kLiteral;
  const std::string collection = after_literal ? path.segments[segment - 1].literal : "";
  const auto id = IdsOfCollections().find(collection);
  if (id == IdsOfCollections().end()) return {field.json_name(), &field, false};
  return {id->second, &field, true};
}

}  // namespace

absl::StatusOr<OpenApiPath> OpenApiPathOf(const Binding& binding) {
  OpenApiPath path;
  const auto& segments = binding.path_template.segments;
  for (size_t i = 0; i < segments.size(); ++i) {
    if (segments[i].kind == Kind::kLiteral) {
      absl::StrAppend(&path.path, "/", segments[i].literal);
      continue;
    }
    const int variable = VariableAt(binding.path_template, i);
    if (segments[i].kind == Kind::kRest || variable < 0) {
      return absl::InvalidArgumentError(absl::StrCat(
          "OpenAPI can't say the path of ", binding.method->full_name(), ": ", binding.path));
    }
    const FieldDescriptor& field = *binding.variables[static_cast<size_t>(variable)].back();
    path.parameters.push_back(ParameterAt(binding.path_template, i, field));
    absl::StrAppend(&path.path, "/{", path.parameters.back().name, "}");
  }
  const std::string& verb = binding.path_template.verb;
  if (!verb.empty()) absl::StrAppend(&path.path, ":", verb);
  return path;
}

}  // namespace baliprocess::gateway
