// Errors, for people to read.

#ifndef BALIPROCESS_SERVICES_BALICTL_PROGRAM_REPORT_H_
#define BALIPROCESS_SERVICES_BALICTL_PROGRAM_REPORT_H_

#include <iosfwd>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"

namespace baliprocess::balictl {

inline constexpr int kErrorExit = 1;
inline constexpr int kUsageExit = 2;
inline constexpr int kUnreachableExit = 3;

// 0 for OK, 2 for a usage error, 3 when the server gave no answer (UNAVAILABLE,
// DEADLINE_EXCEEDED), 130 when the user has interrupted it, else 1.
int ExitCode(const absl::Status& status);

// Code and message, then a line for each violated field and one for the reason with its metadata.
std::string Describe(const absl::Status& status);

// The violated fields of an error, and the rule of each: `seat.role`, `must be a value`.
std::vector<std::pair<std::string, std::string>> FieldViolationsOf(const absl::Status& status);

// Describe, after "error: ".
void PrintError(const absl::Status& status, std::ostream& out);

// The metadata value of the error's ErrorInfo; "" when there is none.
std::string MetadataOf(const absl::Status& status, const std::string& key);

}  // namespace baliprocess::balictl

#endif  // BALIPROCESS_SERVICES_BALICTL_PROGRAM_REPORT_H_
