// Resources in the form that --output asks for.

#ifndef BALIPROCESS_SERVICES_BALICTL_COMMANDS_OUTPUT_H_
#define BALIPROCESS_SERVICES_BALICTL_COMMANDS_OUTPUT_H_

#include <google/protobuf/message.h>

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "services/balictl/contract/contract.h"
#include "services/balictl/program/command_line.h"

namespace baliprocess::balictl {

enum class OutputForm { kTable, kWide, kJson, kYaml, kCsv, kXlsx };

// --output and --columns; `fallback` is what --output is without being given.
std::vector<Flag> OutputFlags(const std::string& fallback);

// Refuses --columns that the form hasn't: an unknown field, or any with json and yaml.
absl::Status CheckColumns(const ResourceKind& kind, OutputForm form, const Arguments& arguments);

absl::StatusOr<OutputForm> OutputFormOf(const Arguments& arguments);

// One resource.
absl::Status PrintResource(const google::protobuf::Message& resource, OutputForm form, Io& io);

// Resources of one type. Tables that leave out columns for want of room say which.
absl::Status PrintResources(const ResourceKind& kind,
                            const std::vector<const google::protobuf::Message*>& resources,
                            OutputForm form, const Arguments& arguments, Io& io);

}  // namespace baliprocess::balictl

#endif  // BALIPROCESS_SERVICES_BALICTL_COMMANDS_OUTPUT_H_
