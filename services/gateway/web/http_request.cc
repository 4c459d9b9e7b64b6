#include "services/gateway/web/http_request.h"

#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "absl/strings/str_cat.h"

#include "common/base/errors.h"
#include "common/base/ids.h"
#include "common/base/status_macros.h"
#include "services/gateway/transcoding/json_request.h"
#include "services/gateway/web/media.h"

namespace baliprocess::gateway {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

std::unique_ptr<Message> New(const Descriptor* type) {
  return std::unique_ptr<Message>(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(type)->New());
}

std::optional<int64_t> ParseNumber(std::string_view text) {
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 0) return std::nullopt;
  return number;
}

absl::Status BadHeader(std::string_view header, std::string_view rule) {
  Violations violations;
  violations.Add(header, rule);
  return violations.ToStatus();
}

absl::Status ApplyIfMatch(const HttpRequest& request, Message& message) {
  if (request.if_match.empty() || !request.is_mutation()) return absl::OkStatus();
  const std::string_view etag = EtagOf(request.if_match);
  if (etag == "*") return absl::OkStatus();  // that it exists is a rule anyhow
  if (etag.empty()) return BadHeader("if-match", "must be one entity tag, such as \"abc\"");
  if (FindText(message.GetDescriptor(), "etag")) return SetFromText(message, "etag", etag);
  const FieldDescriptor* body = request.binding().body_field;
  if (body != nullptr && FindText(body->message_type(), "etag")) {
    return SetFromText(message, absl::StrCat(body->name(), ".etag"), etag);
  }
  return BadHeader("if-match", "isn't for this method: its request has no etag");
}

absl::Status ApplyIdempotencyKey(const HttpRequest& request, Message& message) {
  if (request.idempotency_key.empty() || !request.is_mutation()) return absl::OkStatus();
  if (!IsUuid(request.idempotency_key)) {
    return BadHeader("idempotency-key",
                     "must be a UUID, such as "
                     "6f1c2d0e-8f3b-4c61-9d2a-5b7e0a4c1f90");
  }
  if (FindText(message.GetDescriptor(), "request_id")) {
    return SetFromText(message, "request_id", request.idempotency_key);
  }
  using Options = google::protobuf::MethodOptions;
  const auto level = request.binding().method->options().idempotency_level();
  if (level != Options::IDEMPOTENCY_UNKNOWN) return absl::OkStatus();  // it may be repeated anyhow
  return BadHeader("idempotency-key", "isn't for this method: its request has no request_id");
}

// Who lost a stream comes back to the URL that it began with (9.2.3 of the HTML standard), whose
// query still says where that was.
absl::Status ApplyLastEvent(const HttpRequest& request, Message& message) {
  const Descriptor* type = message.GetDescriptor();
  if (request.last_event_id.empty() || !FindText(type, "resume_token")) return absl::OkStatus();
  for (const char* beginning : {"resume_token", "from_start"}) {
    const FieldDescriptor* field = type->FindFieldByName(beginning);
    if (field != nullptr) message.GetReflection()->ClearField(&message, field);
  }
  return SetFromText(message, "resume_token", request.last_event_id);
}

absl::Status ApplyRange(const HttpRequest& request, Message& message) {
  const auto range = request.byte_range();
  if (!range || FindOffset(message.GetDescriptor()) == nullptr) return absl::OkStatus();
  return SetFromText(message, "offset", absl::StrCat(range->first));
}

}  // namespace

std::optional<ByteRange> ParseRange(std::string_view range) {
  constexpr std::string_view kUnit = "bytes=";
  if (!range.starts_with(kUnit)) return std::nullopt;
  range.remove_prefix(kUnit.size());
  const size_t dash = range.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const auto first = ParseNumber(range.substr(0, dash));
  if (!first) return std::nullopt;
  if (dash + 1 == range.size()) return ByteRange{*first, std::nullopt};
  const auto last = ParseNumber(range.substr(dash + 1));
  if (!last || *last < *first) return std::nullopt;
  return ByteRange{*first, last};
}

HttpRequest::HttpRequest(const RequestHead& head, Match its_match, QueryParameters its_query)
    : match(std::move(its_match)),
      query(std::move(its_query)),
      is_head(head.method() == "HEAD"),
      accept(head.passed_on().FindList("accept")),
      content_type(head.content_type()),
      content_encoding(head.passed_on().FindList("content-encoding")),
      accept_encoding(head.passed_on().FindList("accept-encoding")),
      if_match(head.passed_on().FindList("if-match")),
      if_none_match(head.passed_on().FindList("if-none-match")),
      if_range(head.Find("if-range")),
      idempotency_key(head.Find("idempotency-key")),
      last_event_id(head.Find("last-event-id")),
      range(head.Find("range")) {}

bool HttpRequest::is_mutation() const { return IsMutation(*match.binding->method); }

bool HttpRequest::is_packed() const {
  return IsGzip(content_encoding);
}

std::optional<ByteRange> HttpRequest::byte_range() const {
  const bool has_offset =
      std::any_of(query.begin(), query.end(), [](const auto& it) { return it.name == "offset"; });
  if (is_head || is_mutation() || has_offset || !if_range.empty()) return std::nullopt;
  return ParseRange(range);
}

std::unique_ptr<Message> NewRequest(const Binding& binding) {
  return New(binding.method->input_type());
}

std::unique_ptr<Message> NewReply(const Binding& binding) {
  return New(binding.method->output_type());
}

absl::Status FillRequest(const HttpRequest& request, std::string_view body, Message& message) {
  RETURN_IF_ERROR(ReadRequest(request.match, request.query, {request.content_type, body}, message));
  RETURN_IF_ERROR(ApplyIfMatch(request, message));
  RETURN_IF_ERROR(ApplyIdempotencyKey(request, message));
  RETURN_IF_ERROR(ApplyLastEvent(request, message));
  return ApplyRange(request, message);
}

std::string_view EtagOf(std::string_view header) {
  if (header == "*") return header;
  if (header.starts_with("W/")) header.remove_prefix(2);
  if (header.size() < 2 || header.front() != '"' || header.back() != '"') return {};
  header = header.substr(1, header.size() - 2);
  return header.find('"') == std::string_view::npos ? header : std::string_view();
}

bool MatchesAny(std::string_view list, std::string_view etag) {
  if (etag.empty()) return false;
  if (list == "*") return true;
  while (true) {
    list.remove_prefix(std::min(list.find_first_not_of(", \t"), list.size()));
    if (list.starts_with("W/")) list.remove_prefix(2);
    const size_t end = list.starts_with('"') ? list.find('"', 1) : std::string_view::npos;
    if (end == std::string_view::npos) return false;
    if (list.substr(1, end - 1) == etag) return true;
    list.remove_prefix(end + 1);
  }
}

}  // namespace baliprocess::gateway
