// What operators see of a gateway, by its listener for them.

#include <gmock/gmock.h>

#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>

#include "absl/strings/str_cat.h"
#include <nlohmann/json.hpp>

#include "common/testing/admin_client.h"
#include "services/gateway/testing/fixture.h"
#include "services/gateway/testing/http1_peer.h"
#include "services/gateway/testing/raw_peer.h"

namespace baliprocess::gateway {
namespace {

using ::baliprocess::testing::AdminReply;
using ::baliprocess::testing::GetPage;
using ::baliprocess::testing::HasReason;
using ::baliprocess::testing::IsOk;
using ::baliprocess::testing::Scrape;
using ::baliprocess::testing::Soon;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kLabels[] =
    R"({grpc_type="unary",grpc_service="baliprocess.membership.v1.MembershipService",grpc_method=)";

// The labels of a unary method of membership.
std::string Of(const std::string& method, const std::string& code = "") {
  const std::string more = code.empty() ? "" : absl::StrCat(",grpc_code=\"", code, "\"");
  return absl::StrCat(kLabels, "\"", method, "\"", more, "}");
}

constexpr char kUnknown[] = R"({grpc_type="unknown",grpc_service="unknown",grpc_method="unknown"})";

class OperateTest : public GatewayTest {
 protected:
  OperateTest() { admin_.listen = "127.0.0.1:0"; }

  AdminReply Get(const std::string& path) { return GetPage(operators_->port(), path); }
  std::map<std::string, double> Numbers() { return Scrape(operators_->port()); }
  // Whether the number has this value soon: calls are counted when they end here, not there.
  bool Becomes(const std::string& name, double value) {
    return Soon([&] {
      const auto numbers = Numbers();
      const auto it = numbers.find(name);
      return it != numbers.end() && it->second == value;
    });
  }
  nlohmann::json Json(const std::string& path) {
    return nlohmann::json::parse(Get(path).body, nullptr, false);
  }
};

TEST_F(OperateTest, CallsAreCountedByMethodAndCode) {
  options_.threads = 2;  // the numbers of loops are added up
  Start();
  for (int i = 0; i < 6; ++i) {
    channel_ = NewChannel();
    ASSERT_THAT(Call(kGetMember, "hello").status, IsOk());
  }
  EXPECT_FALSE(Call(kGetMember, "", {{"do", "fail"}}).status.ok());
  EXPECT_TRUE(Becomes("grpc_server_handled_total" + Of("GetMember", "OK"), 6));
  EXPECT_TRUE(Becomes("grpc_server_handled_total" + Of("GetMember", "InvalidArgument"), 1));
  auto numbers = Numbers();
  EXPECT_EQ(numbers["grpc_server_started_total" + Of("GetMember")], 7);
  EXPECT_EQ(numbers["grpc_server_handling_seconds_count" + Of("GetMember")], 7);
  EXPECT_GT(numbers["grpc_server_handling_seconds_sum" + Of("GetMember")], 0);
  // Buckets add up, to the last.
  std::string last = Of("GetMember");
  last.back() = ',';
  EXPECT_EQ(numbers["grpc_server_handling_seconds_bucket" + last + "le=\"+Inf\"}"], 7);
  EXPECT_EQ(numbers["grpc_server_handling_seconds_bucket" + last + "le=\"10\"}"], 7);
}

TEST_F(OperateTest, RepeatsAndAttemptsAreCounted) {
  Start();
  for (int i = 0; i < 2; ++i) ASSERT_THAT(Call(kGetMember, "", {{"do", "half"}}).status, IsOk());
  auto numbers = Numbers();
  const std::string service = R"(service="baliprocess.membership.v1.MembershipService")";
  const double repeats = numbers[absl::StrCat("gateway_repeats_total{", service, "}")];
  EXPECT_GE(repeats, 1);
  EXPECT_EQ(numbers[absl::StrCat("gateway_repeats_refused_total{", service, "}")], 0);
  const std::string address =
      absl::StrCat("{", service, ",address=\"127.0.0.1:", backend_->port(), "\"}");
  EXPECT_EQ(numbers["gateway_upstream_attempts_total" + address], 2 + repeats);
  EXPECT_EQ(numbers["gateway_upstream_unavailable_total" + address], repeats);
  // For the caller it is one call.
  EXPECT_EQ(numbers["grpc_server_started_total" + Of("GetMember")], 2);
}

// What an alert asks for is there before anybody has called.
TEST_F(OperateTest, EveryMethodHasItsLinesFromTheStart) {
  Start();
  const auto numbers = Numbers();
  for (const auth::MethodAccess* access : policy_->All()) {
    const auto& method = *access->method;
    const std::string type = method.client_streaming()   ? "client_stream"
                             : method.server_streaming() ? "server_stream"
                                                         : "unary";
    const std::string labels =
        absl::StrCat("{grpc_type=\"", type, "\",grpc_service=\"", method.service()->full_name(),
                     "\",grpc_method=\"", method.name(), "\"");
    EXPECT_EQ(numbers.count("grpc_server_started_total" + labels + "}"), 1u) << labels;
    EXPECT_EQ(numbers.count("grpc_server_handled_total" + labels + ",grpc_code=\"OK\"}"), 1u);
  }
}

TEST_F(OperateTest, MethodsThatDoNotExistAreOneLine) {
  Start();
  EXPECT_FALSE(Call("/baliprocess.membership.v1.MembershipService/None", "").status.ok());
  EXPECT_FALSE(Call("/a.caller/Chose", "").status.ok());
  EXPECT_TRUE(Becomes(absl::StrCat("grpc_server_started_total", kUnknown), 2));
  std::string labels = kUnknown;
  labels.back() = ',';
  EXPECT_TRUE(Becomes("grpc_server_handled_total" + labels + "grpc_code=\"Unimplemented\"}", 2));
  EXPECT_THAT(Get("/metrics").body, Not(HasSubstr("Chose")));
}

TEST_F(OperateTest, RefusalsAreCountedByReason) {
  Start();
  EXPECT_FALSE(Call(kCreateMember, "").status.ok());
  EXPECT_FALSE(Call(kCreateMember, "", As("rotated")).status.ok());
  EXPECT_FALSE(Call(kCreateMember, "", As("observer")).status.ok());
  auto numbers = Numbers();
  EXPECT_EQ(numbers[R"(gateway_refusals_total{reason="TOKEN_MISSING"})"], 1);
  EXPECT_EQ(numbers[R"(gateway_refusals_total{reason="TOKEN_INVALID"})"], 1);
  EXPECT_EQ(numbers[R"(gateway_refusals_total{reason="ACCESS_DENIED"})"], 1);
  EXPECT_EQ(numbers[R"(gateway_refusals_total{reason="TOKEN_EXPIRED"})"], 0);
  EXPECT_EQ(numbers.count(R"(gateway_refusals_total{reason="REASON_UNSPECIFIED"})"), 0u);
}

TEST_F(OperateTest, LimitsThatBiteAreCounted) {
  options_.limits.anonymous_per_address.streams = 1;
  Start();
  ClientCall first(channel_, kDownloadDocument, {{"do", "begin"}});
  first.SendOnly("");
  ASSERT_TRUE(first.Receive());
  EXPECT_THAT(Call(kDownloadDocument, "").status, HasReason(api::v1::Error::OVERLOADED));
  EXPECT_EQ(Numbers()[R"(gateway_limited_total{limit="too many open streams"})"], 1);
}

TEST_F(OperateTest, WhatIsNoCallIsCountedByItsStatus) {
  Start();
  const auto client = RawPeer::Connect(gateway_->port());
  for (const char* path : {"/openapi.json", "/nowhere", "/nowhere/else"}) {
    const int32_t id =
        client->Request({{":method", "GET"}, {":path", path}, {"content-type", "x"}});
    ASSERT_TRUE(client->Until([&] { return client->streams()[id].ended; }));
  }
  auto numbers = Numbers();
  EXPECT_EQ(numbers[R"(gateway_own_replies_total{status="2xx"})"], 1);
  EXPECT_EQ(numbers[R"(gateway_own_replies_total{status="4xx"})"], 2);
}

TEST_F(OperateTest, ConnectionsAndBytesAreCounted) {
  options_.limits.max_connections_per_address = 2;
  Start();
  ASSERT_THAT(Call(kGetMember, std::string(5000, 'x')).status, IsOk());
  auto other = NewChannel();
  ASSERT_TRUE(other->WaitForConnected(absl::ToChronoTime(absl::Now() + kSoon)));
  const auto third = RawPeer::Connect(gateway_->port());
  ASSERT_TRUE(third == nullptr || third->ClosedInSilence());
  auto numbers = Numbers();
  EXPECT_EQ(numbers["gateway_connections_accepted_total"], 2);
  EXPECT_EQ(numbers["gateway_connections_open"], 2);
  EXPECT_EQ(numbers["gateway_connections_refused_total"
                    R"({why="too many connections of this address"})"],
            1);
  for (const char* side : {"client", "service"}) {
    for (const char* direction : {"received", "sent"}) {
      const std::string name =
          absl::StrCat("gateway_bytes_total{side=\"", side, "\",direction=\"", direction, "\"}");
      EXPECT_GT(numbers[name], 5000) << name;
      EXPECT_LT(numbers[name], 10000) << name;
    }
  }
  channel_.reset();
  other.reset();
  EXPECT_TRUE(Becomes("gateway_connections_open", 0));
}

TEST_F(OperateTest, AbusersThatAreCutOffAreCounted) {
  options_.limits.max_resets = 10;
  Start();
  const auto abuser = RawPeer::Connect(gateway_->port());
  for (int i = 0; i < 50; ++i) {
    const int32_t id = abuser->Request({{":path", kGetMember}, {"do", "hang"}});
    abuser->Until([&] { return nghttp2_session_get_outbound_queue_size(abuser->session()) == 0; });
    nghttp2_submit_rst_stream(abuser->session(), NGHTTP2_FLAG_NONE, id, NGHTTP2_CANCEL);
  }
  ASSERT_TRUE(abuser->Until([&] { return abuser->goaway().has_value(); }));
  EXPECT_EQ(Numbers()[R"(gateway_connections_cut_off_total{why="too many calls broken off"})"], 1);
}

TEST_F(OperateTest, RequestsThatArentHttp1AreCounted) {
  Start();
  const auto peer = Http1Peer::Connect(gateway_->port());
  peer->Send("GET / HTTP/1.1\r\n\r\n");
  EXPECT_EQ(peer->Receive()->status, 400);
  EXPECT_EQ(Numbers()[R"(gateway_http1_requests_refused_total{why="the request has no Host"})"], 1);
}

TEST_F(OperateTest, TheRestIsThereToo) {
  options_.threads = 2;
  Start();
  for (const char* loop : {"0", "1"}) {
    const std::string turns = absl::StrCat("gateway_loop_turn_seconds_count{loop=\"", loop, "\"}");
    EXPECT_TRUE(Soon([&] { return Numbers()[turns] > 0; }));
  }
  auto numbers = Numbers();
  EXPECT_EQ(numbers["bali_draining"], 0);
  EXPECT_GT(numbers["process_resident_memory_bytes"], 1e6);
  EXPECT_GT(numbers["process_open_fds"], 3);
  EXPECT_GT(numbers["process_start_time_seconds"], 1e9);
  EXPECT_GT(numbers["process_cpu_seconds_total"], 0);
  const std::string backend =
      absl::StrCat(R"({service="baliprocess.meetings.v1.MeetingsService",address="127.0.0.1:)",
                   backend_->port(), "\"}");
  EXPECT_TRUE(Becomes("gateway_upstream_healthy" + backend, 1));
  EXPECT_EQ(Numbers()["gateway_upstream_ejections_total" + backend], 0);
}

TEST_F(OperateTest, TextIsWhatPrometheusReads) {
  Start();
  const AdminReply reply = Get("/metrics");
  EXPECT_EQ(reply.status, 200);
  EXPECT_THAT(reply.head, HasSubstr("Content-Type: text/plain; version=0.0.4"));
  std::set<std::string> described;
  std::istringstream lines(reply.body);
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind("# TYPE ", 0) != 0) continue;
    const std::string name = line.substr(7, line.find(' ', 7) - 7);
    EXPECT_TRUE(described.insert(name).second) << name;
    const bool counter = line.find(" counter") != std::string::npos;
    EXPECT_EQ(counter, name.size() > 6 && name.substr(name.size() - 6) == "_total") << line;
  }
  EXPECT_GT(described.size(), 20u);
}

TEST_F(OperateTest, ReadinessFollowsTheServices) {
  Start();
  EXPECT_EQ(Get("/livez").status, 200);
  ASSERT_TRUE(Soon([&] { return Get("/readyz").status == 200; }));
  EXPECT_EQ(Json("/readyz")["ready"], true);
  const int port = backend_->port();
  backend_->Stop();
  ASSERT_TRUE(Soon([&] { return Get("/readyz").status == 503; }));
  EXPECT_TRUE(Soon([&] {
    return Json("/readyz")["needs"]["baliprocess.membership.v1.MembershipService"] ==
           "no healthy address";
  }));
  EXPECT_EQ(Get("/livez").status, 200);
  // The door stays where it is: other services may be there.
  EXPECT_EQ(Get("/readyz/own").status, 200);
  const TestBackend back(port);
  EXPECT_TRUE(Soon([&] { return Get("/readyz").status == 200; }));
}

// Calls had better go to a gateway that knows where services are.
TEST_F(OperateTest, BalancersAreToldThatAServiceWasNeverReached) {
  options_.wait_for_service = absl::ZeroDuration();
  const int port = TestBackend().port();
  Start(port);
  EXPECT_EQ(Get("/readyz/own").status, 503);
  EXPECT_EQ(Json("/readyz/own")["needs"]["baliprocess.membership.v1.MembershipService"],
            "no healthy address");
  {
    const TestBackend there(port);
    EXPECT_TRUE(Soon([&] { return Get("/readyz/own").status == 200; }));
  }
  EXPECT_TRUE(Soon([&] { return Get("/readyz").status == 503; }));
  EXPECT_EQ(Get("/readyz/own").status, 200);
}

// Where one service is there, another one is waited for as long as calls wait.
TEST_F(OperateTest, AServiceThatWasNeverReachedIsWaitedForAtTheStart) {
  const TestBackend meetings;
  options_.services = {{"membership", {absl::StrCat("127.0.0.1:", TestBackend().port())}},
                       {"meetings", {absl::StrCat("127.0.0.1:", meetings.port())}}};
  options_.wait_for_service = absl::Seconds(2);
  const SteadyTime begun = SteadyNow();
  Start(0);
  EXPECT_TRUE(Soon([&] {
    return Json("/readyz")["needs"]["baliprocess.meetings.v1.MeetingsService"] == "ready";
  }));
  EXPECT_TRUE(Soon([&] { return Get("/readyz/own").status == 200; }));
  EXPECT_GE(Since(begun), options_.wait_for_service);
  EXPECT_EQ(Get("/readyz").status, 503);
}

TEST_F(OperateTest, WhoDrainsIsNotReady) {
  Start();
  ASSERT_TRUE(Soon([&] { return Get("/readyz").status == 200; }));
  gateway_->Drain(absl::ZeroDuration());
  const AdminReply reply = Get("/readyz");
  EXPECT_EQ(reply.status, 503);
  EXPECT_THAT(reply.body, HasSubstr("\"draining\": true"));
  EXPECT_EQ(Get("/readyz/own").status, 503);
  EXPECT_EQ(Get("/livez").status, 200);
}

TEST_F(OperateTest, CallsInFlightAreListed) {
  Start();
  EXPECT_EQ(Json("/calls")["in_flight"], 0);
  Headers headers = As("secretary");
  headers.emplace_back("do", "hang");
  headers.emplace_back("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00");
  {
    ClientCall call(channel_, kCreateMember, headers);
    call.SendOnly("");
    ASSERT_TRUE(backend_->WaitFor([](const auto& seen) { return seen.calls == 1; }));
    const nlohmann::json calls = Json("/calls");
    ASSERT_EQ(calls["in_flight"], 1);
    EXPECT_EQ(calls["silent_loops"], 0);
    const nlohmann::json& one = calls["calls"][0];
    EXPECT_EQ(one["method"], kCreateMember);
    EXPECT_EQ(one["subject"], "secretary");
    EXPECT_EQ(one["peer"], "127.0.0.1");
    EXPECT_EQ(one["upstream"], absl::StrCat("127.0.0.1:", backend_->port()));
    EXPECT_EQ(one["trace_id"], "0af7651916cd43dd8448eb211c80319c");
    EXPECT_GT(one["age_seconds"], 0);
  }
  EXPECT_TRUE(Soon([&] { return Json("/calls")["in_flight"] == 0; }));
}

TEST_F(OperateTest, TheListingIsBounded) {
  options_.limits.max_streams_per_connection = 2000;
  options_.limits.per_address.unfinished_calls = 2000;
  Start();
  const auto client = RawPeer::Connect(gateway_->port());
  for (int i = 0; i < 1100; ++i) client->Request({{":path", kGetMember}, {"do", "hang"}});
  ASSERT_TRUE(client->Until([&] { return Json("/calls")["in_flight"] == 1100; }));
  EXPECT_EQ(Json("/calls")["calls"].size(), 1000u);
}

// A verifier that keeps its loop busy.
class SlowVerifier final : public auth::TokenVerifier {
 public:
  absl::StatusOr<auth::Caller> Verify(std::string_view) override {
    std::unique_lock lock(mutex_);
    busy_ = true;
    changed_.notify_all();
    changed_.wait(lock, [this] { return released_; });
    return Error(api::v1::Error::TOKEN_INVALID, "unknown token");
  }
  absl::StatusOr<auth::Caller> VerifyCounting(std::string_view authorization, bool&) override {
    return Verify(authorization);
  }
  void WaitUntilBusy() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return busy_; });
  }
  void Release() {
    const std::lock_guard lock(mutex_);
    released_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool busy_ = false;
  bool released_ = false;
};

TEST_F(OperateTest, ALoopThatDoesNotAnswerIsToldAndNotWaitedFor) {
  Start();
  SlowVerifier slow;
  ASSERT_OK_AND_ASSIGN(gateway_, Gateway::Start(options_, *policy_, slow));
  channel_ = NewChannel();
  std::thread caller([&] { Call(kGetMember, "", As("secretary")).status.IgnoreError(); });
  slow.WaitUntilBusy();
  EXPECT_EQ(Json("/calls")["silent_loops"], 1);
  EXPECT_EQ(Get("/metrics").status, 200);
  slow.Release();
  caller.join();
  EXPECT_EQ(Json("/calls")["silent_loops"], 0);
  channel_.reset();
  gateway_.reset();  // before its verifier
}

TEST_F(OperateTest, CallersCannotReachIt) {
  Start();
  const auto client = RawPeer::Connect(gateway_->port());
  for (const char* path : {"/metrics", "/calls", "/config"}) {
    const int32_t id = client->Request({{":method", "GET"}, {":path", path}});
    ASSERT_TRUE(client->Until([&] { return client->streams()[id].ended; }));
    EXPECT_NE(client->streams()[id].headers[":status"], "200");
    EXPECT_EQ(client->streams()[id].data.find("grpc_server"), std::string::npos);
  }
}

}  // namespace
}  // namespace baliprocess::gateway
