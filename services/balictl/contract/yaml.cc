#include "services/balictl/contract/yaml.h"

#include <yaml-cpp/yaml.h>

#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "common/resource/contract/field_values.h"
#include "services/balictl/contract/values.h"
#include "services/balictl/program/nearest.h"

namespace baliprocess::balictl {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

void Write(const Message& message, YAML::Emitter& out);

void WriteValue(const Message& message, const FieldDescriptor& field, int index,
                YAML::Emitter& out) {
  const Reflection* reflection = message.GetReflection();
  if (IsTakenApart(field)) {
    Write(index < 0 ? reflection->GetMessage(message, &field)
                    : reflection->GetRepeatedMessage(message, &field, index),
          out);
    return;
  }
  const std::string text = TextOf(message, field, index);
  if (absl::StrContains(text, "\n")) out << YAML::Literal;
  out << text;
}

void Write(const Message& message, YAML::Emitter& out) {
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  out << YAML::BeginMap;
  for (const FieldDescriptor* field : fields) {
    out << YAML::Key << field->name() << YAML::Value;
    if (!field->is_repeated()) {
      WriteValue(message, *field, -1, out);
      continue;
    }
    out << YAML::BeginSeq;
    for (int i = 0; i < message.GetReflection()->FieldSize(message, field); ++i) {
      WriteValue(message, *field, i, out);
    }
    out << YAML::EndSeq;
  }
  out << YAML::EndMap;
}

class Reader {
 public:
  void Read(const YAML::Node& node, Message& message) {
    if (!node.IsMap()) return Tell(node, "must be fields, each `name: value`");
    std::set<std::string> names;
    for (const auto& entry : node) {
      const std::string name = entry.first.Scalar();
      if (!names.insert(name).second) Tell(entry.first, absl::StrCat(name, " is here twice"));
      const FieldDescriptor* field = message.GetDescriptor()->FindFieldByName(name);
      if (field == nullptr) {
        Tell(entry.first, absl::StrCat("there is no field ", name, ".",
                                       DidYouMean(name, NamesOf(*message.GetDescriptor()))));
      } else if (!entry.second.IsNull()) {
        ReadField(entry.second, *field, message);
      }
    }
  }

  std::vector<YamlProblem> problems;

 private:
  static std::vector<std::string> NamesOf(const Descriptor& type) {
    std::vector<std::string> names;
    for (int i = 0; i < type.field_count(); ++i) names.push_back(type.field(i)->name());
    return names;
  }

  void Tell(const YAML::Node& node, std::string what) {
    problems.push_back({node.Mark().line + 1, std::move(what)});
  }

  void ReadField(const YAML::Node& node, const FieldDescriptor& field, Message& message) {
    if (!field.is_repeated()) return ReadOne(node, field, message);
    if (!node.IsSequence()) return Tell(node, absl::StrCat(field.name(), " must be a list"));
    for (const YAML::Node& element : node) ReadOne(element, field, message);
  }

  void ReadOne(const YAML::Node& node, const FieldDescriptor& field, Message& message) {
    const Reflection* reflection = message.GetReflection();
    if (IsTakenApart(field) && !node.IsScalar()) {
      return Read(node, field.is_repeated() ? *reflection->AddMessage(&message, &field)
                                            : *reflection->MutableMessage(&message, &field));
    }
    if (!node.IsScalar()) return Tell(node, absl::StrCat(field.name(), " must be one value"));
    // A text of several lines is written with a line feed at its end.
    std::string text = node.Scalar();
    if (text.ends_with('\n')) text.pop_back();
    const absl::Status set = SetValue(message, field, text);
    if (!set.ok()) Tell(node, absl::StrCat(field.name(), " ", set.message()));
  }
};

std::string Written(YAML::Emitter& out) { return absl::StrCat(out.c_str(), "\n"); }

}  // namespace

std::string ToYaml(const Message& message) {
  YAML::Emitter out;
  Write(message, out);
  return Written(out);
}

std::string ToYaml(const std::vector<const Message*>& messages) {
  YAML::Emitter out;
  out << YAML::BeginSeq;
  for (const Message* message : messages) Write(*message, out);
  out << YAML::EndSeq;
  return Written(out);
}

std::vector<YamlProblem> FromYaml(const std::string& text, Message& message) {
  Reader reader;
  // The library tells what isn't YAML by exceptions.
  try {
    reader.Read(YAML::Load(text), message);
  } catch (const YAML::Exception& error) {
    reader.problems.push_back({error.mark.line + 1, error.msg});
  }
  return std::move(reader.problems);
}

}  // namespace baliprocess::balictl
