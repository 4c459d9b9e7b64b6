#include "services/balictl/program/report.h"

#include <map>
#include <optional>
#include <ostream>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "google/rpc/error_details.pb.h"

#include "common/base/errors.h"
#include "services/balictl/program/command_line.h"
#include "services/balictl/program/interruption.h"
#include "services/balictl/program/terminal_text.h"

namespace baliprocess::balictl {
namespace {

template <typename Detail>
std::optional<Detail> DetailOf(const absl::Status& status) {
  const auto payload =
      status.GetPayload(absl::StrCat("type.googleapis.com/", Detail::descriptor()->full_name()));
  Detail detail;
  if (!payload || !detail.ParseFromString(std::string(*payload))) return std::nullopt;
  return detail;
}

std::string Headline(const absl::Status& status,
                     const std::optional<google::rpc::BadRequest>& violations) {
  // The message of such an error repeats the violations, which follow one by one.
  if (violations && violations->field_violations_size() > 0) return "the request breaks rules";
  return std::string(status.message());
}

std::string ReasonLine(const google::rpc::ErrorInfo& info) {
  const std::map<std::string, std::string> metadata(info.metadata().begin(), info.metadata().end());
  std::string line = absl::StrCat("\n  reason: ", info.reason());
  if (!metadata.empty()) {
    absl::StrAppend(&line, " (", absl::StrJoin(metadata, ", ", absl::PairFormatter(": ")), ")");
  }
  return line;
}

}  // namespace

int ExitCode(const absl::Status& status) {
  if (status.ok()) return 0;
  if (IsUsageError(status)) return kUsageExit;
  if (IsInterruption(status)) return kInterruptedExit;
  const bool unanswered = absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status);
  return unanswered ? kUnreachableExit : kErrorExit;
}

std::string Describe(const absl::Status& status) {
  if (IsUsageError(status) || IsInterruption(status)) return std::string(status.message());
  const auto violations = DetailOf<google::rpc::BadRequest>(status);
  std::string text =
      absl::StrCat(absl::StatusCodeToString(status.code()), ": ", Headline(status, violations));
  if (violations) {
    for (const auto& violation : violations->field_violations()) {
      absl::StrAppend(&text, "\n  ", violation.field(), ": ", violation.description());
    }
    const std::string left_out = MetadataOf(status, kViolationsLeftOut);
    if (!left_out.empty()) absl::StrAppend(&text, "\n  and ", left_out, " more");
  }
  if (const auto info = DetailOf<google::rpc::ErrorInfo>(status)) {
    absl::StrAppend(&text, ReasonLine(*info));
  }
  if (const absl::Duration delay = RetryDelayOf(status); delay > absl::ZeroDuration()) {
    absl::StrAppend(&text, "\n  try again in ", absl::FormatDuration(delay));
  }
  return text;
}

std::vector<std::pair<std::string, std::string>> FieldViolationsOf(const absl::Status& status) {
  std::vector<std::pair<std::string, std::string>> violations;
  if (const auto request = DetailOf<google::rpc::BadRequest>(status)) {
    for (const auto& violation : request->field_violations()) {
      violations.emplace_back(violation.field(), violation.description());
    }
  }
  return violations;
}

void PrintError(const absl::Status& status, std::ostream& out) {
  std::vector<std::string> lines = absl::StrSplit(Describe(status), '\n');
  for (std::string& line : lines) line = SafeText(line);
  out << "error: " << absl::StrJoin(lines, "\n") << "\n";
}

std::string MetadataOf(const absl::Status& status, const std::string& key) {
  const auto info = DetailOf<google::rpc::ErrorInfo>(status);
  if (!info) return "";
  const auto found = info->metadata().find(key);
  return found == info->metadata().end() ? "" : found->second;
}

}  // namespace baliprocess::balictl
