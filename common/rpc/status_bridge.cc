#include "common/rpc/status_bridge.h"

#include <google/protobuf/any.pb.h>

#include <algorithm>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "google/rpc/error_details.pb.h"

#include "common/base/errors.h"
#include "common/base/text.h"
#include "common/telemetry/log.h"

namespace baliprocess::rpc {
namespace {

// Together, as base64 and percent-encoded, below the 8 KiB of headers that gRPC clients accept.
constexpr size_t kMaxText = 512;
constexpr size_t kMaxDetails = 4096;

// Says that `count` violations more than before aren't told.
void TellLeftOut(int count, google::rpc::Status& status) {
  google::rpc::ErrorInfo info;
  for (google::protobuf::Any& detail : *status.mutable_details()) {
    if (!detail.Is<google::rpc::ErrorInfo>() || !detail.UnpackTo(&info)) continue;
    std::string& told = (*info.mutable_metadata())[kViolationsLeftOut];
    int before = 0;
    if (!absl::SimpleAtoi(told, &before)) before = 0;
    told = absl::StrCat(before + count);
    detail.set_value(info.SerializeAsString());
  }
}

// Takes away what is least missed until the details fit.
void Shrink(google::rpc::Status& status) {
  for (google::protobuf::Any& detail : *status.mutable_details()) {
    google::rpc::BadRequest bad_request;
    if (!detail.Is<google::rpc::BadRequest>() || !detail.UnpackTo(&bad_request)) continue;
    auto* violations = bad_request.mutable_field_violations();
    while (violations->size() > 1 && status.ByteSizeLong() > kMaxDetails) {
      const int last = std::max(1, violations->size() / 16);
      violations->DeleteSubrange(violations->size() - last, last);
      detail.set_value(bad_request.SerializeAsString());
      TellLeftOut(last, status);
    }
  }
  // ErrorInfo, which programs branch on, goes last.
  for (int i = status.details_size(); i-- > 0 && status.ByteSizeLong() > kMaxDetails;) {
    if (!status.details(i).Is<google::rpc::ErrorInfo>()) {
      status.mutable_details()->DeleteSubrange(i, 1);
    }
  }
  if (status.ByteSizeLong() > kMaxDetails) status.clear_details();
}

}  // namespace

absl::Status Presentable(const absl::Status& status, std::string_view method,
                         std::string_view call_id) {
  if (status.ok()) return status;
  const ErrorReason reason = ReasonOf(status);
  if (reason != api::v1::Error::REASON_UNSPECIFIED && reason != api::v1::Error::INTERNAL_ERROR) {
    return status;
  }
  const std::string text = status.ToString();
  telemetry::Log(telemetry::Level::kError, "rpc", "call failed")
      .Field("method", method)
      .Field("request_id", call_id)
      .Field("error", std::string_view(text));
  return Error(api::v1::Error::INTERNAL_ERROR,
               "internal error; the log of the service has the details under this request id",
               {{"request_id", call_id}});
}

grpc::Status ToGrpcStatus(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  google::rpc::Status rpc = ToRpcStatus(status);
  rpc.set_message(Cut(rpc.message(), kMaxText));
  if (rpc.ByteSizeLong() > kMaxDetails) Shrink(rpc);
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()), rpc.message(),
                      rpc.SerializeAsString());
}

absl::Status FromGrpcStatus(const grpc::Status& status, std::string_view peer) {
  if (status.ok()) return absl::OkStatus();
  google::rpc::Status rpc;
  if (!status.error_details().empty() && rpc.ParseFromString(status.error_details()) &&
      rpc.code() == static_cast<int>(status.error_code())) {
    absl::Status told = FromRpcStatus(rpc);
    if (ReasonOf(told) != api::v1::Error::REASON_UNSPECIFIED) return told;
  }
  telemetry::Log(telemetry::Level::kWarn, "rpc", "call to a peer failed")
      .Field("peer", peer)
      .Field("code", static_cast<int>(status.error_code()))
      .Field("error", std::string_view(status.error_message()));
  switch (status.error_code()) {
    case grpc::StatusCode::UNAVAILABLE:
      return Error(api::v1::Error::TEMPORARILY_UNAVAILABLE,
                   "a service that this call depends on can't be reached", {{"peer", peer}});
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return Error(api::v1::Error::DEADLINE_PASSED,
                   "the deadline passed while waiting for a service", {{"peer", peer}});
    default:
      return absl::Status(static_cast<absl::StatusCode>(status.error_code()),
                          status.error_message());
  }
}

}  // namespace baliprocess::rpc
