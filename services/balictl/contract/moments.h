// Times, spans of time and amounts, as people write them.

#ifndef BALIPROCESS_SERVICES_BALICTL_CONTRACT_MOMENTS_H_
#define BALIPROCESS_SERVICES_BALICTL_CONTRACT_MOMENTS_H_

#include <google/protobuf/duration.pb.h>
#include <google/protobuf/timestamp.pb.h>

#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "google/type/money.pb.h"
#include "google/type/timeofday.pb.h"

namespace baliprocess::balictl {

// `2025-02-14T12:00:00+08:00` (RFC 3339; a blank for the T, seconds left out) or `2025-02-14 12:00
// Asia/Jakarta`. A time without a zone isn't one.
std::optional<absl::Time> ParseMoment(std::string_view text);

// `2025-02-14 04:00:00Z`, with as many digits of the second's fraction as there are.
std::string FormatMoment(const google::protobuf::Timestamp& time);

// `09:30` or `09:30:15`.
std::optional<google::type::TimeOfDay> ParseTimeOfDay(std::string_view text);
std::string FormatTimeOfDay(const google::type::TimeOfDay& time);

// `72h`, `1h30m`, `7d`. Days have 24 hours.
std::optional<absl::Duration> ParseSpan(std::string_view text);
std::string FormatSpan(const google::protobuf::Duration& duration);

// `2500000 AUD`, `AUD 2,500,000.50`: a currency before or after the amount, commas between each
// three digits or none, at most nine decimals.
std::optional<google::type::Money> ParseMoney(std::string_view text);

}  // namespace baliprocess::balictl

#endif  // BALIPROCESS_SERVICES_BALICTL_CONTRACT_MOMENTS_H_
