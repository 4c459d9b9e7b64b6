#include "services/gateway/web/http_request.h"

#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "absl/strings/str_cat.h"

#include "common/base/errors.h"
#include "common/base/ids.h"
#include "common/base/status_macros.h"
#include "services/gateway/calls/header_rules.h"
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

bool AllowsMissing(const Message& message) {
  const FieldDescriptor* field = message.GetDescriptor()->FindFieldByName("allow_missing");
  return field != nullptr && !field->is_repeated() && field->type() == FieldDescriptor::TYPE_BOOL &&
         message.GetReflection()->GetBool(message, field);
}

absl::Status ApplyIfMatch(const HttpRequest& request, Message& message) {
  constexpr char kName[] = "if-match";
  if (!request.if_match || !request.is_mutation()) return absl::OkStatus();
  const std::string_view etag = EtagOf(*request.if_match);
  if (etag.empty()) return BadHeader(kName, "must be one entity tag, such as \"abc\", or *");
  const std::string path = EtagPathOf(request.binding());
  if (path.empty()) return BadHeader(kName, "isn't for this method: its request has no etag");
  // RFC 9110 13.1.1: it is false for what isn't there.
  if (AllowsMissing(message)) return BadHeader(kName, "contradicts allow_missing");
  if (etag == "*") return absl::OkStatus();  // that it exists is a rule anyhow
  if (IsLegalValue(etag)) return SetFromText(message, path, etag);
  return Error(api::v1::Error::ETAG_MISMATCH, "no etag is of such bytes as those of if-match");
}

// RFC 9110 13.1.2: with `*` it is true only for what isn't there.
absl::Status CheckIfNoneMatch(const HttpRequest& request, const Message& message) {
  constexpr char kName[] = "if-none-match";
  if (!request.if_none_match || !request.is_mutation()) return absl::OkStatus();
  if (*request.if_none_match != "*" || request.binding().http_method == "POST") {
    return BadHeader(kName, "isn't for this method, which changes something");
  }
  if (AllowsMissing(message)) return BadHeader(kName, "can't be beside allow_missing: create it");
  return Error(api::v1::Error::ETAG_MISMATCH, "the method is for what is there alone");
}

absl::Status ApplyIdempotencyKey(const HttpRequest& request, Message& message) {
  constexpr char kName[] = "idempotency-key";
  if (!request.idempotency_key || !request.is_mutation()) return absl::OkStatus();
  if (!IsUuid(*request.idempotency_key)) {
    return BadHeader(kName, "must be one UUID, such as 6f1c2d0e-8f3b-4c61-9d2a-5b7e0a4c1f90");
  }
  if (FindText(message.GetDescriptor(), "request_id")) {
    return SetFromText(message, "request_id", *request.idempotency_key);
  }
  using Options = google::protobuf::MethodOptions;
  const auto level = request.binding().method->options().idempotency_level();
  if (level != Options::IDEMPOTENCY_UNKNOWN) return absl::OkStatus();  // it may be repeated anyhow
  return BadHeader(kName, "isn't for this method: its request has no request_id");
}

// Who lost a stream comes back to the URL that it began with (9.2.3 of the HTML standard), whose
// query still says where that was.
absl::Status ApplyLastEvent(const HttpRequest& request, Message& message) {
  const Descriptor* type = message.GetDescriptor();
  const std::string id = request.last_event_id.value_or("");
  if (id.empty() || !FindText(type, "resume_token")) return absl::OkStatus();
  if (!IsLegalValue(id)) return BadHeader("last-event-id", "must be the id of an event");
  for (const char* beginning : {"resume_token", "from_start"}) {
    const FieldDescriptor* field = type->FindFieldByName(beginning);
    if (field != nullptr) message.GetReflection()->ClearField(&message, field);
  }
  return SetFromText(message, "resume_token", id);
}

// A body that isn't JSON is kept under the type that it is sent with.
absl::Status CheckContentType(const HttpRequest& request) {
  if (!TakesHttpBody(request.binding()) || request.content_type.empty()) return absl::OkStatus();
  if (IsMediaType(request.content_type)) return absl::OkStatus();
  return BadHeader("content-type", "must be one media type, such as application/pdf");
}

absl::Status ApplyRange(const HttpRequest& request, Message& message) {
  const auto range = request.byte_range();
  if (!range || FindOffset(message.GetDescriptor()) == nullptr) return absl::OkStatus();
  return SetFromText(message, "offset", absl::StrCat(range->first));
}

std::optional<std::string> ValueOf(const RequestHead& head, std::string_view name) {
  const std::string* value = head.FindDecisive(name);
  return value == nullptr ? std::nullopt : std::optional(*value);
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
      content_encoding(ValueOf(head, "content-encoding").value_or("")),
      accept_encoding(head.passed_on().FindList("accept-encoding")),
      range(ValueOf(head, "range").value_or("")),
      if_match(ValueOf(head, "if-match")),
      if_none_match(ValueOf(head, "if-none-match")),
      if_range(ValueOf(head, "if-range")),
      idempotency_key(ValueOf(head, "idempotency-key")),
      last_event_id(ValueOf(head, "last-event-id")) {}

bool HttpRequest::is_mutation() const { return IsMutation(*match.binding->method); }

bool HttpRequest::is_packed() const { return IsGzip(content_encoding); }

std::optional<ByteRange> HttpRequest::byte_range() const {
  const bool has_offset =
      std::any_of(query.begin(), query.end(), [](const auto& it) { return it.name == "offset"; });
  if (is_head || is_mutation() || has_offset || if_range) return std::nullopt;
  return ParseRange(range);
}

std::unique_ptr<Message> NewRequest(const Binding& binding) {
  return New(binding.method->input_type());
}

std::unique_ptr<Message> NewReply(const Binding& binding) {
  return New(binding.method->output_type());
}

absl::Status FillRequest(const HttpRequest& request, std::string_view body, Message& message) {
  RETURN_IF_ERROR(CheckContentType(request));
  RETURN_IF_ERROR(ReadRequest(request.match, request.query, {request.content_type, body}, message));
  RETURN_IF_ERROR(ApplyIfMatch(request, message));
  RETURN_IF_ERROR(CheckIfNoneMatch(request, message));
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

bool HttpRequest::Knows(std::string_view etag) const {
  return !is_mutation() && if_none_match && MatchesAny(*if_none_match, etag);
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
