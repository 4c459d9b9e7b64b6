#include "services/gateway/web/grpc_status.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "google/rpc/error_details.pb.h"

#include "common/base/errors.h"
#include "services/gateway/transcoding/http_status.h"
#include "services/gateway/transcoding/json_reply.h"

namespace baliprocess::gateway {
namespace {

// The text of `grpc-message`; what isn't well encoded stays as it is (PROTOCOL-HTTP2.md of gRPC).
std::string PercentDecoded(std::string_view text) {
  std::string decoded;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() &&
        absl::ascii_isxdigit(static_cast<unsigned char>(text[i + 1])) &&
        absl::ascii_isxdigit(static_cast<unsigned char>(text[i + 2]))) {
      decoded += absl::HexStringToBytes(absl::string_view(text.data() + i + 1, 2));
      i += 2;
    } else {
      decoded += text[i];
    }
  }
  return decoded;
}

// In whole seconds (RFC 9110 10.2.3), at least one, as `at once` can't be told; 0: there is no
// RetryInfo.
int64_t RetrySecondsOf(const google::rpc::Status& status) {
  const auto& details = status.details();
  const bool told = std::any_of(details.begin(), details.end(), [](const auto& detail) {
    return detail.template Is<google::rpc::RetryInfo>();
  });
  if (!told) return 0;
  constexpr absl::Duration kSecond = absl::Seconds(1);
  const absl::Duration delay = std::max(RetryDelayOf(FromRpcStatus(status)), kSecond);
  return absl::ToInt64Seconds(absl::Ceil(delay, kSecond));
}

}  // namespace

google::rpc::Status StatusOf(const TextFields& trailers) {
  google::rpc::Status status;
  const std::string_view details = FindField(trailers, "grpc-status-details-bin");
  std::string bytes;
  if (!details.empty() &&
      absl::Base64Unescape(absl::string_view(details.data(), details.size()), &bytes) &&
      !status.ParseFromString(bytes)) {
    status.Clear();
  }
  const std::string_view code = FindField(trailers, "grpc-status");
  int number = 0;
  if (!absl::SimpleAtoi(absl::string_view(code.data(), code.size()), &number)) {
    status.set_code(static_cast<int>(absl::StatusCode::kUnknown));
    status.set_message("the service gave no status");
    return status;
  }
  status.set_code(number);
  status.set_message(PercentDecoded(FindField(trailers, "grpc-message")));
  return status;
}

HttpReply ErrorReply(const google::rpc::Status& status) {
  HttpReply reply;
  reply.http_status = HttpStatusOf(status.code());
  reply.fields = {{"content-type", kJsonType}, {"cache-control", "no-store"}};
  // RFC 9110 11.6.1.
  if (reply.http_status == 401) reply.fields.emplace_back("www-authenticate", "Bearer");
  const int64_t seconds = RetrySecondsOf(status);
  if (seconds > 0) reply.fields.emplace_back("retry-after", std::to_string(seconds));
  reply.body = ErrorJson(status);
  return reply;
}

LocalAnswer ErrorAnswer(int http_status, const absl::Status& status, TextFields fields) {
  HttpReply reply = ErrorReply(ToRpcStatus(status));
  LocalAnswer answer;
  answer.http_status = http_status;
  answer.fields = std::move(reply.fields);
  answer.fields.insert(answer.fields.end(), fields.begin(), fields.end());
  answer.body = std::make_unique<HeldBytes>(std::move(reply.body));
  return answer;
}

}  // namespace baliprocess::gateway
