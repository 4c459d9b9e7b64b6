// What `balictl report` prints.

#ifndef BALIPROCESS_SERVICES_BALICTL_COMMANDS_PAPERS_H_
#define BALIPROCESS_SERVICES_BALICTL_COMMANDS_PAPERS_H_

#include <google/protobuf/descriptor.h>
#include <google/protobuf/generated_enum_reflection.h>

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

#include "services/balictl/client/connection.h"
#include "services/balictl/program/paper.h"

namespace baliprocess::balictl {

// All that belongs to a meeting.
absl::StatusOr<Paper> MeetingPaper(Connection& connection, const std::string& meeting);

// Who took part in a meeting, in the order of such lists. How to reach people isn't part of it.
absl::StatusOr<Paper> ParticipantsPaper(Connection& connection, const std::string& meeting);

// The figures of a body for a period, reported and computed.
absl::StatusOr<Paper> FiguresPaper(Connection& connection, const std::string& body,
                                   const std::string& period);

// A year of a body, or of `all` bodies.
absl::StatusOr<Paper> YearPaper(Connection& connection, const std::string& body,
                                const std::string& year);

// The value of an enum in a sentence: `body member`; "" of the one that says nothing.
template <typename Enum>
std::string InWords(Enum value) {
  if (value == 0) return "";
  const auto* found = google::protobuf::GetEnumDescriptor<Enum>()->FindValueByNumber(value);
  if (found == nullptr) return absl::StrCat(value);  // of a newer contract
  return absl::StrReplaceAll(absl::AsciiStrToLower(found->name()), {{"_", " "}});
}

}  // namespace baliprocess::balictl

#endif  // BALIPROCESS_SERVICES_BALICTL_COMMANDS_PAPERS_H_
