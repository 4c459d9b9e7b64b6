// The fields of a message as flags of a command: `--display_name TEXT`, `--term.start_date DATE`.

#ifndef BALIPROCESS_SERVICES_BALICTL_CONTRACT_FIELDS_H_
#define BALIPROCESS_SERVICES_BALICTL_CONTRACT_FIELDS_H_

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "common/base/descriptors.h"
#include "services/balictl/program/command_line.h"

namespace baliprocess::balictl {

// The fields of a resource, or of a request, that callers give: not what the server fills in, nor
// the name, the etag, the request's id, and whether it is a trial (other flags). Messages that are
// no values are taken apart, lists of them aren't.
std::vector<FieldPath> GivenFields(const google::protobuf::Descriptor& type);

// All fields of a message, taken apart as above.
std::vector<FieldPath> AllFields(const google::protobuf::Descriptor& type);

// A flag for each of the fields.
std::vector<Flag> FlagsOf(const std::vector<FieldPath>& fields);

// Sets the fields whose flags were given. A flag's value `@FILE` is what is in the file; an empty
// value clears the field. Returns the paths of the fields, `term.start_date`.
absl::StatusOr<std::vector<std::string>> SetGiven(const std::vector<FieldPath>& fields,
                                                  const Arguments& arguments,
                                                  google::protobuf::Message& message);

}  // namespace baliprocess::balictl

#endif  // BALIPROCESS_SERVICES_BALICTL_CONTRACT_FIELDS_H_
