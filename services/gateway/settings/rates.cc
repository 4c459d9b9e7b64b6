#include "services/gateway/settings/rates.h"

#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "common/base/status_macros.h"

namespace baliprocess::gateway {
namespace {

constexpr double kSlowest = 0.001, kFastest = 1e9, kMostAtOnce = 1e6;

RateLimit* Find(Rates& rates, absl::string_view role) {
  if (role == "public") return &rates.anonymous;
  if (role == "observer") return &rates.observer;
  if (role == "member") return &rates.member;
  if (role == "secretariat") return &rates.secretariat;
  if (role == "operator") return &rates.system_operator;
  return nullptr;
}

std::optional<RateLimit> ParseLimit(absl::string_view text) {
  RateLimit limit;
  if (text == "0") return limit;
  const std::pair<absl::string_view, absl::string_view> pair =
      absl::StrSplit(text, absl::MaxSplits(':', 1));
  const bool numbers = absl::SimpleAtod(pair.first, &limit.per_second) &&
                       absl::SimpleAtod(pair.second, &limit.at_once);
  const bool within = limit.per_second >= kSlowest && limit.per_second <= kFastest &&
                      limit.at_once >= 1 && limit.at_once <= kMostAtOnce;
  if (!numbers || !within) return std::nullopt;
  return limit;
}

}  // namespace

absl::StatusOr<Rates> ParseRates(const std::vector<std::string>& entries) {
  if (entries.size() == 1 && entries.front() == "none") return NoRates();
  Rates rates;
  for (const std::string& entry : entries) {
    const std::pair<absl::string_view, absl::string_view> pair =
        absl::StrSplit(entry, absl::MaxSplits('=', 1));
    RateLimit* const limit = Find(rates, pair.first);
    const std::optional<RateLimit> parsed = ParseLimit(pair.second);
    if (limit == nullptr || !parsed) {
      return absl::InvalidArgumentError(
          absl::StrCat("--rates: \"", entry,
                       "\" must be a role and calls a second and at once, such as "
                       "member=100:400, or member=0 for no limit"));
    }
    *limit = *parsed;
  }
  return rates;
}

Rates NoRates() {
  return {.anonymous = {}, .observer = {}, .member = {}, .secretariat = {}, .system_operator = {}};
}

}  // namespace baliprocess::gateway
