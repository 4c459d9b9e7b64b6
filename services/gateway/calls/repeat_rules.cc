#include "services/gateway/calls/repeat_rules.h"

#include <google/protobuf/io/coded_stream.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <random>
#include <string>

#include "absl/strings/escaping.h"
#include "google/protobuf/wire_format_lite.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace baliprocess::gateway {
namespace {

using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedInputStream;

constexpr size_t kPrefix = 5;  // of a message: not compressed, length
constexpr absl::Duration kFirstBackoff = absl::Milliseconds(25);

std::optional<absl::Duration> RetryInfoOf(std::string_view base64) {
  std::string bytes;
  google::rpc::Status status;
  if (!absl::Base64Unescape(absl::string_view(base64.data(), base64.size()), &bytes) ||
      !status.ParseFromString(bytes)) {
    return std::nullopt;
  }
  for (const google::protobuf::Any& detail : status.details()) {
    google::rpc::RetryInfo info;
    if (!detail.UnpackTo(&info)) continue;
    return absl::Seconds(info.retry_delay().seconds()) +
           absl::Nanoseconds(info.retry_delay().nanos());
  }
  return std::nullopt;
}

}  // namespace

bool HasText(std::string_view message, int field) {
  CodedInputStream input(reinterpret_cast<const uint8_t*>(message.data()),
                         static_cast<int>(message.size()));
  bool found = false;
  while (const uint32_t tag = input.ReadTag()) {
    const bool is_text =
        WireFormatLite::GetTagFieldNumber(tag) == field &&
        WireFormatLite::GetTagWireType(tag) == WireFormatLite::WIRETYPE_LENGTH_DELIMITED;
    if (!is_text) {
      if (!WireFormatLite::SkipField(&input, tag)) return false;
      continue;
    }
    uint32_t size = 0;
    if (!input.ReadVarint32(&size) || !input.Skip(static_cast<int>(size))) return false;
    found = size > 0;  // of several the last counts
  }
  return found && input.ConsumedEntireMessage();
}

std::string_view OnlyMessage(std::string_view request) {
  return request.size() < kPrefix ? std::string_view() : request.substr(kPrefix);
}

absl::Duration Backoff(int attempts) {
  thread_local std::minstd_rand random{std::random_device{}()};
  const absl::Duration most = kFirstBackoff * (1 << std::clamp(attempts - 1, 0, 10));
  return most * std::uniform_real_distribution<double>(0, 1)(random);
}

std::optional<absl::Duration> Pushback(const HeaderBlock& fields) {
  const std::string_view text = fields.Find("grpc-retry-pushback-ms");
  if (!text.empty()) {
    int64_t milliseconds = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), milliseconds);
    // What isn't a number means no, too.
    if (error != std::errc() || end != text.data() + text.size() || milliseconds < 0) {
      return std::nullopt;
    }
    return absl::Milliseconds(milliseconds);
  }
  const std::string_view details = fields.Find("grpc-status-details-bin");
  if (details.empty()) return absl::ZeroDuration();
  return RetryInfoOf(details).value_or(absl::ZeroDuration());
}

}  // namespace baliprocess::gateway
