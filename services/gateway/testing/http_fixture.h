// What tests of the gateway's HTTP and JSON share: requests by raw HTTP/2, and what the backend
// says.

#ifndef BALIPROCESS_SERVICES_GATEWAY_TESTING_HTTP_FIXTURE_H_
#define BALIPROCESS_SERVICES_GATEWAY_TESTING_HTTP_FIXTURE_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "google/rpc/status.pb.h"
#include <nlohmann/json.hpp>

#include "baliprocess/membership/v1/member.pb.h"
#include "common/base/errors.h"
#include "services/gateway/testing/fixture.h"
#include "services/gateway/testing/raw_peer.h"

namespace baliprocess::gateway {

inline constexpr char kMember[] = "/v1/members/aus";

// The backend answers with this member.
inline void SayMember(TestBackend& backend, const std::string& etag = "") {
  membership::v1::Member member;
  member.set_name("members/aus");
  member.set_display_name("Australia");
  member.set_etag(etag);
  backend.Say({{member.SerializeAsString()}, {}});
}

// The reason in the ErrorInfo of an error's body.
inline std::string ReasonIn(const std::string& body) {
  const nlohmann::json status = nlohmann::json::parse(body, nullptr, false);
  if (!status.is_object() || !status.contains("details")) return "none in " + body;
  for (const nlohmann::json& detail : status["details"]) {
    if (detail.contains("reason")) return detail["reason"];
  }
  return "none in " + body;
}

// A request, and how it is refused.
struct BadRequest {
  std::string method;
  std::string path;
  RawPeer::Fields fields;
  std::string body;
  std::string status;
  std::string says;  // part of the reply
};

class HttpTest : public GatewayTest {
 protected:
  void SetUp() override {
    options_.cors_origins = {"https://desk.example.org"};
    options_.tick = absl::Milliseconds(20);
    Start();
    raw_ = RawPeer::Connect(gateway_->port());
    ASSERT_NE(raw_, nullptr);
  }

  int32_t Begin(const std::string& method, const std::string& path, RawPeer::Fields fields = {},
                const std::string& body = "", bool end = true) {
    RawPeer::Fields all = {{":method", method}, {":path", path}, {"do", "say"}};
    const auto has = [&](const char* name) {
      return std::any_of(fields.begin(), fields.end(), [&](auto& it) { return it.first == name; });
    };
    if (!has("content-type"))
      all.emplace_back("content-type", body.empty() ? "" : "application/json");
    if (!has("authorization")) all.emplace_back("authorization", "Bearer secretary");
    all.insert(all.end(), fields.begin(), fields.end());
    return raw_->Request(all, body, end);
  }

  RawStream Ask(const std::string& method, const std::string& path, RawPeer::Fields fields = {},
                const std::string& body = "") {
    const int32_t id = Begin(method, path, std::move(fields), body);
    EXPECT_TRUE(raw_->Until([&] {
      const RawStream& stream = raw_->streams()[id];
      return stream.ended || stream.reset;
    })) << path;
    return raw_->streams()[id];
  }

  // The backend answers with this error.
  void SayError(const absl::Status& status) {
    const google::rpc::Status details = ToRpcStatus(status);
    backend_->Say({{},
                   {static_cast<grpc::StatusCode>(status.code()), std::string(status.message()),
                    details.SerializeAsString()}});
  }

  template <typename Message>
  Message LastRequest() {
    Message message;
    const auto seen = backend_->seen();
    EXPECT_FALSE(seen.messages.empty());
    EXPECT_TRUE(!seen.messages.empty() && message.ParseFromString(seen.messages.back()));
    return message;
  }

  std::unique_ptr<RawPeer> raw_;
};

inline std::string Status(const RawStream& stream) {
  const auto it = stream.headers.find(":status");
  return it == stream.headers.end() ? "" : it->second;
}

inline std::string Field(const RawStream& stream, const std::string& name) {
  const auto it = stream.headers.find(name);
  return it == stream.headers.end() ? "" : it->second;
}

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_TESTING_HTTP_FIXTURE_H_
