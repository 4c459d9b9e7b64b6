#include "common/resource/store/position.h"

#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "common/base/status_macros.h"

namespace baliprocess::resource {
namespace {

constexpr char kTokenContext[] = "changes";

}  // namespace

std::string FormatPosition(ChangePosition position) {
  return absl::StrCat(position.epoch, ",", position.seq);
}

absl::StatusOr<ChangePosition> ParsePosition(const std::string& text) {
  const std::vector<std::string> parts = absl::StrSplit(text, ',');
  ChangePosition position;
  if (parts.size() != 2 || !absl::SimpleAtoi(parts[0], &position.epoch) ||
      !absl::SimpleAtoi(parts[1], &position.seq)) {
    return absl::DataLossError("a stored change position can't be read");
  }
  return position;
}

std::string SealPosition(const Sealer& sealer, ChangePosition position) {
  return sealer.Seal(FormatPosition(position), kTokenContext);
}

absl::StatusOr<ChangePosition> OpenPosition(const Sealer& sealer, const std::string& token) {
  ASSIGN_OR_RETURN(const std::string text, sealer.Open(token, kTokenContext));
  return ParsePosition(text);
}

}  // namespace baliprocess::resource
