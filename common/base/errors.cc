#include "common/base/errors.h"

#include <algorithm>
#include <utility>

#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/any.pb.h"
#include "google/rpc/error_details.pb.h"

namespace baliprocess {
namespace {

constexpr char kTypePrefix[] = "type.googleapis.com/";

template <typename Detail>
std::string TypeUrl() {
  return absl::StrCat(kTypePrefix, Detail::descriptor()->full_name());
}

template <typename Detail>
void AddDetail(absl::Status& status, const Detail& detail) {
  status.SetPayload(TypeUrl<Detail>(), absl::Cord(detail.SerializeAsString()));
}

absl::StatusCode CodeOf(ErrorReason reason) {
  using enum absl::StatusCode;
  switch (reason) {
    case api::v1::Error::INVALID_FIELDS:
    case api::v1::Error::MALFORMED_REQUEST:
    case api::v1::Error::INVALID_PAGE_TOKEN:
      return kInvalidArgument;
    case api::v1::Error::RESOURCE_NOT_FOUND:
      return kNotFound;
    case api::v1::Error::RESOURCE_EXISTS:
    case api::v1::Error::REQUEST_ID_REUSED:
      return kAlreadyExists;
    case api::v1::Error::ETAG_MISMATCH:
    case api::v1::Error::CONFLICT:
      return kAborted;
    case api::v1::Error::STILL_REFERENCED:
    case api::v1::Error::REFERENCE_NOT_FOUND:
    case api::v1::Error::WRONG_STATE:
    case api::v1::Error::RULE_BROKEN:
      return kFailedPrecondition;
    case api::v1::Error::TOKEN_MISSING:
    case api::v1::Error::TOKEN_INVALID:
    case api::v1::Error::TOKEN_EXPIRED:
      return kUnauthenticated;
    case api::v1::Error::ACCESS_DENIED:
      return kPermissionDenied;
    case api::v1::Error::UNKNOWN_METHOD:
    case api::v1::Error::UNSUPPORTED_CALL:
      return kUnimplemented;
    case api::v1::Error::OVERLOADED:
    case api::v1::Error::RATE_LIMITED:
    case api::v1::Error::TOO_LARGE:
      return kResourceExhausted;
    case api::v1::Error::TEMPORARILY_UNAVAILABLE:
      return kUnavailable;
    case api::v1::Error::HISTORY_COMPACTED:
      return kOutOfRange;
    case api::v1::Error::DEADLINE_PASSED:
      return kDeadlineExceeded;
    default:
      return kInternal;
  }
}

template <typename Detail>
bool ReadDetail(const absl::Status& status, Detail& detail) {
  const auto payload = status.GetPayload(TypeUrl<Detail>());
  return payload && detail.ParseFromString(std::string(*payload));
}

}  // namespace

absl::Status Error(ErrorReason reason, std::string_view message, ErrorMetadata metadata) {
  absl::Status status(CodeOf(reason), absl::string_view(message.data(), message.size()));
  google::rpc::ErrorInfo info;
  info.set_reason(api::v1::Error::Reason_Name(reason));
  info.set_domain(std::string(kErrorDomain));
  for (const auto& [key, value] : metadata) {
    (*info.mutable_metadata())[std::string(key)] = std::string(value);
  }
  AddDetail(status, info);
  return status;
}

absl::Status NotFound(std::string_view name) {
  return Error(api::v1::Error::RESOURCE_NOT_FOUND, absl::StrCat("there is no ", std::string(name)),
               {{"resource", name}});
}

absl::Status ReferenceNotFound(std::string_view field, std::string_view name) {
  absl::Status status = Error(
      api::v1::Error::REFERENCE_NOT_FOUND,
      absl::StrCat(std::string(field), " refers to ", std::string(name), ", which doesn't exist"),
      {{"resource", name}, {"field", field}});
  google::rpc::ResourceInfo info;
  info.set_resource_name(std::string(name));
  info.set_description("doesn't exist or is deleted");
  AddDetail(status, info);
  return status;
}

absl::Status WrongState(std::string_view name, std::string_view state, std::string_view what) {
  return Error(
      api::v1::Error::WRONG_STATE,
      absl::StrCat(std::string(name), " is in state ", std::string(state), ": ", std::string(what)),
      {{"resource", name}, {"state", state}});
}

absl::Status RuleBroken(std::string_view rule, std::string_view message, std::string_view subject) {
  if (subject.empty()) return Error(api::v1::Error::RULE_BROKEN, message, {{"rule", rule}});
  return Error(api::v1::Error::RULE_BROKEN, message, {{"rule", rule}, {"resource", subject}});
}

absl::Status WithRetryAfter(absl::Status status, absl::Duration delay) {
  google::rpc::RetryInfo info;
  info.mutable_retry_delay()->set_seconds(absl::ToInt64Seconds(delay));
  info.mutable_retry_delay()->set_nanos(
      static_cast<int32_t>(absl::ToInt64Nanoseconds(delay - absl::Trunc(delay, absl::Seconds(1)))));
  AddDetail(status, info);
  return status;
}

absl::Duration RetryDelayOf(const absl::Status& status) {
  const auto payload = status.GetPayload(TypeUrl<google::rpc::RetryInfo>());
  google::rpc::RetryInfo info;
  if (!payload || !info.ParseFromString(std::string(*payload))) return absl::ZeroDuration();
  return absl::Seconds(info.retry_delay().seconds()) +
         absl::Nanoseconds(info.retry_delay().nanos());
}

ErrorReason ReasonOf(const absl::Status& status) {
  if (status.ok()) return api::v1::Error::REASON_UNSPECIFIED;
  google::rpc::ErrorInfo info;
  ErrorReason reason = api::v1::Error::REASON_UNSPECIFIED;
  if (ReadDetail(status, info)) api::v1::Error::Reason_Parse(info.reason(), &reason);
  return reason;
}

google::rpc::Status ToRpcStatus(const absl::Status& status) {
  google::rpc::Status rpc;
  rpc.set_code(static_cast<int>(status.code()));
  rpc.set_message(std::string(status.message()));
  status.ForEachPayload([&](absl::string_view type_url, const absl::Cord& payload) {
    auto* detail = rpc.add_details();
    detail->set_type_url(std::string(type_url));
    detail->set_value(std::string(payload));
  });
  // absl::Status has them in any order.
  const std::string reason = TypeUrl<google::rpc::ErrorInfo>();
  std::sort(rpc.mutable_details()->begin(), rpc.mutable_details()->end(),
            [&reason](const auto& a, const auto& b) {
              return std::pair(a.type_url() != reason, a.type_url()) <
                     std::pair(b.type_url() != reason, b.type_url());
            });
  return rpc;
}

absl::Status FromRpcStatus(const google::rpc::Status& rpc) {
  absl::Status status(static_cast<absl::StatusCode>(rpc.code()), rpc.message());
  for (const auto& detail : rpc.details()) {
    std::string name;
    const bool named = google::protobuf::Any::ParseAnyTypeUrl(detail.type_url(), &name);
    status.SetPayload(named ? absl::StrCat(kTypePrefix, name) : detail.type_url(),
                      absl::Cord(detail.value()));
  }
  return status;
}

void Violations::Add(std::string_view field, std::string_view rule) {
  if (full()) return LeaveOut();
  violations_.emplace_back(field, rule);
}

absl::Status Violations::ToStatus() const {
  if (violations_.empty()) return absl::OkStatus();
  return AddTo(Error(api::v1::Error::INVALID_FIELDS, ""));
}

absl::Status Violations::AddTo(const absl::Status& status) const {
  std::string message;
  google::rpc::BadRequest details;
  for (const auto& [field, rule] : violations_) {
    absl::StrAppend(&message, message.empty() ? "" : "; ", field, ": ", rule);
    auto* violation = details.add_field_violations();
    violation->set_field(field);
    violation->set_description(rule);
  }
  if (left_out_ > 0) absl::StrAppend(&message, "; and ", left_out_, " more");
  absl::Status result(status.code(), message);
  status.ForEachPayload([&](absl::string_view type_url, const absl::Cord& payload) {
    result.SetPayload(type_url, payload);
  });
  AddDetail(result, details);
  google::rpc::ErrorInfo info;
  if (left_out_ > 0 && ReadDetail(result, info)) {
    (*info.mutable_metadata())[kViolationsLeftOut] = absl::StrCat(left_out_);
    AddDetail(result, info);
  }
  return result;
}

void RowErrors::Add(std::string_view row, const absl::Status& status) {
  if (status.ok()) return;
  if (first_.ok()) first_ = status;
  google::rpc::BadRequest fields;
  if (!ReadDetail(status, fields)) return violations_.Add(row, std::string(status.message()));
  for (const auto& field : fields.field_violations()) {
    violations_.Add(field.field(), field.description());
  }
  google::rpc::ErrorInfo info;
  if (!ReadDetail(status, info)) return;
  const auto told = info.metadata().find(kViolationsLeftOut);
  size_t left_out = 0;
  if (told != info.metadata().end() && absl::SimpleAtoi(told->second, &left_out)) {
    violations_.LeaveOut(left_out);
  }
}

absl::Status RowErrors::ToStatus() const {
  return first_.ok() ? first_ : violations_.AddTo(first_);
}

absl::Status InvalidField(std::string_view field, std::string_view rule) {
  Violations violations;
  violations.Add(field, rule);
  return violations.ToStatus();
}

}  // namespace baliprocess
