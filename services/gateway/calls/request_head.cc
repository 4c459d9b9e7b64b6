#include "services/gateway/calls/request_head.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <utility>

#include "common/base/position_header.h"
#include "common/telemetry/trace.h"
#include "services/gateway/calls/header_rules.h"

namespace baliprocess::gateway {
namespace {

// In place of a token, or of a media type, that can't be one.
constexpr std::string_view kIllegible = "illegible";

constexpr std::string_view kGrpc = "application/grpc";

bool IsGrpc(std::string_view content_type) {
  if (!content_type.starts_with(kGrpc)) return false;
  const std::string_view rest = content_type.substr(kGrpc.size());
  return rest.empty() || ((rest[0] == '+' || rest[0] == ';') && IsLegalValue(rest));
}

// What gRPC's stacks say to each other, not callers to services, is named grpc-*; these may pass.
bool IsReservedOfGrpc(std::string_view name) {
  return name.starts_with("grpc-") && name != "grpc-accept-encoding" && name != "grpc-trace-bin" &&
         name != "grpc-tags-bin";
}

// Ours to set, of gRPC's load balancers, or about one connection only (RFC 9110 7.6.1); `te` is
// written anew.
bool IsKeptFromServices(std::string_view name) {
  switch (name[0]) {
    case 'c':
      return name == "connection" || name == "content-length";
    case 'e':
      return name == "expect" || name == "endpoint-load-metrics-bin";
    case 'f':
      return name == "forwarded";
    case 'g':
      return IsReservedOfGrpc(name);
    case 'k':
      return name == "keep-alive";
    case 'l':
      return name == "lb-token" || name == "lb-cost-bin";
    case 'p':
      return name.starts_with("proxy-");
    case 't':
      return name == "te" || name == "trailer" || name == "transfer-encoding";
    case 'u':
      return name == "upgrade";
    case 'x':
      return (name.starts_with("x-bali-") && name != kPositionHeader) ||
             name.starts_with("x-forwarded-") || name.starts_with("x-envoy-") ||
             name == "x-real-ip";
    default:
      return false;
  }
}

// What a request has to say to who speaks HTTP alone (RFC 9110, RFC 9111, the Fetch standard).
bool IsOfHttp(std::string_view name) {
  static constexpr std::string_view kNames[] = {
      "cache-control", "cookie",          "dnt",
      "host",          "idempotency-key", "last-event-id",
      "origin",        "pragma",          "priority",
      "range",         "referer",         "x-grpc-web",
      "x-user-agent",  ":authority",      ":method",
      ":path",         ":scheme",         "upgrade-insecure-requests"};
  static constexpr std::string_view kFamilies[] = {"accept", "access-control-", "content-", "if-",
                                                   "sec-"};
  const auto begins = [name](std::string_view family) { return name.starts_with(family); };
  return std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames) ||
         std::any_of(std::begin(kFamilies), std::end(kFamilies), begins);
}

bool IsDecisive(std::string_view name) {
  switch (name.empty() ? '\0' : name[0]) {
    case 'c':
      return name == "content-encoding";
    case 'i':
      return name == "if-match" || name == "if-none-match" || name == "if-range" ||
             name == "idempotency-key";
    case 'l':
      return name == "last-event-id";
    case 'r':
      return name == "range";
    default:
      return false;
  }
}

// Fields of one name are one list (RFC 9110 5.3).
void Join(std::string& list, std::string_view value) {
  if (!list.empty()) list += ", ";
  list += value;
}

absl::Duration UnitOf(char unit) {
  switch (unit) {
    case 'H':
      return absl::Hours(1);
    case 'M':
      return absl::Minutes(1);
    case 'S':
      return absl::Seconds(1);
    case 'm':
      return absl::Milliseconds(1);
    case 'u':
      return absl::Microseconds(1);
    case 'n':
      return absl::Nanoseconds(1);
    default:
      return absl::ZeroDuration();
  }
}

}  // namespace

std::optional<absl::Duration> ParseTimeout(std::string_view text) {
  if (text.size() < 2 || text.size() > 9) return std::nullopt;
  const absl::Duration unit = UnitOf(text.back());
  if (unit == absl::ZeroDuration()) return std::nullopt;
  text.remove_suffix(1);
  uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number * unit;
}

std::string_view FormatTimeout(absl::Duration timeout, char* buffer) {
  constexpr int64_t kMax = 99'999'999;  // eight digits
  int64_t number = std::max<int64_t>(0, absl::ToInt64Microseconds(timeout));
  char unit = 'u';
  if (number > kMax) {
    number = absl::ToInt64Milliseconds(timeout);
    unit = 'm';
  }
  if (number > kMax) {
    number = std::min(kMax, absl::ToInt64Seconds(timeout));
    unit = 'S';
  }
  char* const end = std::to_chars(buffer, buffer + 9, number).ptr;
  *end = unit;
  return {buffer, static_cast<size_t>(end - buffer) + 1};
}

void RequestHead::Add(const ReceivedField& field) {
  size_ += FieldSize(field.name.size(), field.value.size());
  std::string_view* kept = nullptr;
  if (field.name.starts_with(':')) {  // nghttp2 has judged their syntax
    if (!ReadPseudo(field.name, field.value, kept)) return;
    passed_size_ += FieldSize(field.name.size(), field.value.size());
    passed_on_.Add(field);
    if (kept != nullptr) *kept = passed_on_.last_value();
    return;
  }
  if (!Read(field.name, Trimmed(field.value), kept)) return;
  const size_t added = AddIfFit(passed_on_, field);
  passed_size_ += added;
  // A token that was left out isn't the same as none, which is another caller.
  if (kept != nullptr) *kept = added == 0 ? kIllegible : passed_on_.last_value();
}

bool RequestHead::ReadPseudo(std::string_view name, std::string_view value,
                             std::string_view*& kept) {
  if (name == ":method") {
    kept = &method_;
  } else if (name == ":path") {
    kept = &path_;
  } else if (name == ":authority") {
    has_authority_ = true;
  } else if (name == ":scheme") {
    bad_scheme_ = value != "http" && value != "https";
  } else {
    return false;
  }
  return true;
}

bool RequestHead::Read(std::string_view name, std::string_view value, std::string_view*& kept) {
  if (name == "content-type") {
    is_grpc_ = is_grpc_ && IsGrpc(value);
    kept = &content_type_;
    if (has_content_type_) content_type_ = kIllegible;
    return !std::exchange(has_content_type_, true);
  }
  if (name == "authorization") {
    ++authorizations_;
    kept = &authorization_;
    return true;
  }
  if (name == "grpc-timeout") {
    ReadTimeout(value);
    return false;
  }
  if (name == "grpc-encoding") {
    compresses_ = compresses_ || value != "identity";
    return false;
  }
  if (name == "x-request-id") {
    if (!telemetry::IsCallId(value) || !request_id_.empty()) return false;
    kept = &request_id_;
    return true;
  }
  if (name == "traceparent") {
    if (!telemetry::ParseTraceparent(value) || traceparent_size_ > 0) return false;
    traceparent_size_ = static_cast<uint8_t>(value.copy(traceparent_, sizeof(traceparent_)));
    traceparent_[0] = traceparent_[1] = '0';  // what it has of a later version is gone
    return false;
  }
  if (IsDecisive(name)) KeepDecisive(name, value);
  if (name == "forwarded") Join(forwarded_, value);
  if (name == "x-forwarded-for") Join(forwarded_for_, value);
  if (name == "host") return !has_authority_;
  return !name.empty() && !IsKeptFromServices(name);
}

void RequestHead::KeepDecisive(std::string_view name, std::string_view value) {
  for (auto& [its_name, list] : decisive_) {
    if (its_name == name) return void(list.append(", ").append(value));
  }
  decisive_.emplace_back(name, value);
}

const std::string* RequestHead::FindDecisive(std::string_view name) const {
  for (const auto& [its_name, list] : decisive_) {
    if (its_name == name) return &list;
  }
  return nullptr;
}

bool RequestHead::has_other_codec() const {
  const std::string_view type = content_type_.substr(0, content_type_.find(';'));
  return is_grpc() && type != kGrpc && type != "application/grpc+proto";
}

void RequestHead::ReadTimeout(std::string_view value) {
  const auto timeout = ParseTimeout(value);
  bad_timeout_ = bad_timeout_ || !timeout;
  timeout_ = std::min(timeout_, timeout.value_or(absl::InfiniteDuration()));
}

void RequestHead::Authorize(std::string_view authorization) {
  passed_on_.AddCopy("authorization", authorization);
  authorization_ = passed_on_.Find("authorization");
  authorizations_ = 1;
}

void RequestHead::BecomeGrpc(std::string_view grpc_path) {
  constexpr std::string_view kMethod = "POST";
  HeaderBlock fields;
  fields.AddCopy(":method", kMethod);
  fields.AddCopy(":scheme", passed_on_.Find(":scheme"));
  fields.AddCopy(":path", grpc_path);
  const std::string_view authority = passed_on_.Find(has_authority_ ? ":authority" : "host");
  has_authority_ = !authority.empty();
  if (has_authority_) fields.AddCopy(":authority", authority);
  fields.AddCopy("content-type", kGrpc);
  passed_on_.Remove(IsOfHttp);
  fields.Append(std::move(passed_on_));
  passed_on_ = std::move(fields);
  method_ = kMethod;
  content_type_ = kGrpc;
  path_ = passed_on_.Find(":path");
  is_grpc_ = has_content_type_ = true;
}

void RequestHead::Drop() {
  method_ = path_ = content_type_ = authorization_ = request_id_ = {};
  traceparent_size_ = 0;
  passed_on_.Clear();
  decisive_.clear();
  forwarded_.clear();
  forwarded_for_.clear();
}

}  // namespace baliprocess::gateway
