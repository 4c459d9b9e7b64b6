#include "common/rpc/status_bridge.h"

#include <gmock/gmock.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "google/rpc/error_details.pb.h"

#include "common/base/errors.h"
#include "common/testing/matchers.h"

namespace baliprocess::rpc {
namespace {

using ::baliprocess::testing::HasReason;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(StatusBridgeTest, ErrorsSurviveTheWay) {
  const absl::Status status = WithRetryAfter(RuleBroken("overlap", "no", "x"), absl::Seconds(2));
  EXPECT_EQ(FromGrpcStatus(ToGrpcStatus(status), "peer"), status);
  EXPECT_TRUE(ToGrpcStatus(absl::OkStatus()).ok());
  EXPECT_OK(FromGrpcStatus(grpc::Status::OK, "peer"));
}

TEST(StatusBridgeTest, OnlyReasonsOfOursArePresentable) {
  const absl::Status known = NotFound("members/x");
  EXPECT_EQ(Presentable(known, "/m", "id-1"), known);
  for (const absl::Status& hidden : {absl::NotFoundError("relation secrets"),
                                     Error(api::v1::Error::INTERNAL_ERROR, "secrets")}) {
    const absl::Status told = Presentable(hidden, "/m", "id-1");
    EXPECT_THAT(told, HasReason(api::v1::Error::INTERNAL_ERROR));
    EXPECT_THAT(told.ToString(), Not(HasSubstr("secrets")));
    EXPECT_THAT(ToGrpcStatus(told).error_details(), HasSubstr("id-1"));
  }
}

TEST(StatusBridgeTest, LargeErrorsAreCutToWhatHeadersCarry) {
  Violations violations;
  for (int i = 0; i < 1000; ++i) {
    violations.Add(absl::StrCat("requests[", i, "].seat.role"), "must be one of the known roles");
  }
  const grpc::Status status = ToGrpcStatus(violations.ToStatus());
  EXPECT_LT(status.error_message().size(), 600u);
  EXPECT_LE(status.error_details().size(), 4096u);
  const absl::Status back = FromGrpcStatus(status, "peer");
  EXPECT_THAT(back, HasReason(api::v1::Error::INVALID_FIELDS));
  google::rpc::BadRequest bad_request;
  const auto payload = back.GetPayload("type.googleapis.com/google.rpc.BadRequest");
  ASSERT_TRUE(payload && bad_request.ParseFromString(std::string(*payload)));
  EXPECT_GT(bad_request.field_violations_size(), 35);
  google::rpc::ErrorInfo info;
  const auto told = back.GetPayload("type.googleapis.com/google.rpc.ErrorInfo");
  ASSERT_TRUE(told && info.ParseFromString(std::string(*told)));
  EXPECT_EQ(info.metadata().at(kViolationsLeftOut),
            absl::StrCat(1000 - bad_request.field_violations_size()));
  EXPECT_EQ(bad_request.field_violations(0).field(), "requests[0].seat.role");
}

TEST(StatusBridgeTest, TextIsCutBetweenCharacters) {
  std::string text = "x";
  for (int i = 0; i < 1000; ++i) text += "\xc3\xa9";
  const std::string cut = ToGrpcStatus(Error(api::v1::Error::CONFLICT, text)).error_message();
  EXPECT_EQ(cut, text.substr(0, 511) + "...");
}

TEST(StatusBridgeTest, ErrorsOfTheTransportGetReasons) {
  EXPECT_THAT(FromGrpcStatus({grpc::StatusCode::UNAVAILABLE, "10.0.0.1 refused"}, "peer"),
              HasReason(api::v1::Error::TEMPORARILY_UNAVAILABLE));
  EXPECT_THAT(FromGrpcStatus({grpc::StatusCode::UNAVAILABLE, "10.0.0.1"}, "peer").ToString(),
              Not(HasSubstr("10.0.0.1")));
  EXPECT_THAT(FromGrpcStatus({grpc::StatusCode::DEADLINE_EXCEEDED, ""}, "peer"),
              HasReason(api::v1::Error::DEADLINE_PASSED));
  // Others have none, so they stay inside.
  EXPECT_EQ(ReasonOf(FromGrpcStatus({grpc::StatusCode::UNKNOWN, "odd"}, "peer")),
            api::v1::Error::REASON_UNSPECIFIED);
  // Details that aren't ours, or of another code, aren't believed.
  const std::string details = ToRpcStatus(NotFound("x")).SerializeAsString();
  EXPECT_EQ(ReasonOf(FromGrpcStatus({grpc::StatusCode::UNKNOWN, "odd", details}, "peer")),
            api::v1::Error::REASON_UNSPECIFIED);
  EXPECT_EQ(ReasonOf(FromGrpcStatus({grpc::StatusCode::UNKNOWN, "odd", "\xff\xff"}, "peer")),
            api::v1::Error::REASON_UNSPECIFIED);
}

}  // namespace
}  // namespace baliprocess::rpc
