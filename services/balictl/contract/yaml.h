// Resources as YAML, for people to read and edit: fields by their names, values as in values.h.

#ifndef BALIPROCESS_SERVICES_BALICTL_CONTRACT_YAML_H_
#define BALIPROCESS_SERVICES_BALICTL_CONTRACT_YAML_H_

#include <google/protobuf/message.h>

#include <string>
#include <vector>

namespace baliprocess::balictl {

// The fields that are set, in the order of their numbers, with line feed at the end.
std::string ToYaml(const google::protobuf::Message& message);

// A list of them.
std::string ToYaml(const std::vector<const google::protobuf::Message*>& messages);

// What is wrong in a text.
struct YamlProblem {
  int line = 0;  // from 1; 0: nowhere in particular
  std::string what;
};

// Reads what ToYaml writes into an empty message. The message is of use only where there is no
// problem.
std::vector<YamlProblem> FromYaml(const std::string& text, google::protobuf::Message& message);

}  // namespace baliprocess::balictl

#endif  // BALIPROCESS_SERVICES_BALICTL_CONTRACT_YAML_H_
