// What operators see of a server.

#include <gmock/gmock.h>

#include <atomic>
#include <thread>

#include "absl/strings/str_cat.h"

#include "common/rpc/call_counters.h"
#include "common/rpc/calls_in_flight.h"
#include "common/rpc/test_util.h"
#include "common/telemetry/operators.h"
#include "common/testing/admin_client.h"

namespace baliprocess::rpc {
namespace {

using ::baliprocess::testing::GetPage;
using ::baliprocess::testing::IsOk;
using ::baliprocess::testing::Scrape;
using ::baliprocess::testing::Soon;

class OperatedTest : public ServerTest {
 protected:
  void StartOperated(std::vector<HealthProbe> probes = {}) {
    std::vector<MethodTable> tables;
    tables.push_back(Table());
    counters_ = std::make_shared<CallCounters>(tables);
    options_.layers = {counters_, in_flight_};
    ASSERT_OK_AND_ASSIGN(server_,
                         Server::Start(options_, std::move(tables), verifier_, std::move(probes)));
    channel_ = grpc::CreateChannel(absl::StrCat("127.0.0.1:", server_->port()),
                                   grpc::InsecureChannelCredentials());
    ASSERT_OK_AND_ASSIGN(operators_,
                         telemetry::Operators::Start({.listen = "127.0.0.1:0"}, {}, process_));
    shown_ = operators_->ShowAll({counters_.get(), in_flight_.get(), server_.get()});
  }
  nlohmann::json Json(const std::string& path) {
    return nlohmann::json::parse(GetPage(operators_->port(), path).body, nullptr, false);
  }
  std::map<std::string, double> Numbers() { return Scrape(operators_->port()); }
  static std::string Of(const std::string& method, const std::string& code = "") {
    return absl::StrCat(R"({grpc_type="unary",grpc_service="baliprocess.rpctest.EchoService",)",
                        "grpc_method=\"", method, "\"",
                        code.empty() ? "" : absl::StrCat(",grpc_code=\"", code, "\""), "}");
  }

  const telemetry::Inspected process_;
  std::shared_ptr<CallCounters> counters_;
  const std::shared_ptr<CallsInFlight> in_flight_ = std::make_shared<CallsInFlight>();
  std::unique_ptr<telemetry::Operators> operators_;
  std::vector<telemetry::Operators::Shown> shown_;
};

TEST_F(OperatedTest, CallsAreCountedByMethodAndCode) {
  StartOperated();
  for (const std::string code : {"OK", "Unknown", "DeadlineExceeded", "Internal", "Unavailable"}) {
    EXPECT_EQ(Numbers().at("grpc_server_handled_total" + Of("Echo", code)), 0) << code;
  }
  ASSERT_THAT(CallText(*channel_, kEcho, "hello").status, IsOk());
  ASSERT_FALSE(CallText(*channel_, kChange, "hello").status.ok());  // nobody is let in
  EXPECT_TRUE(Soon([&] { return Numbers()["grpc_server_handled_total" + Of("Echo", "OK")] == 1; }));
  const auto numbers = Numbers();
  EXPECT_EQ(numbers.at("grpc_server_started_total" + Of("Echo")), 1);
  EXPECT_EQ(numbers.at("grpc_server_handling_seconds_count" + Of("Echo")), 1);
  EXPECT_EQ(numbers.at("grpc_server_handled_total" + Of("Change", "Unauthenticated")), 1);
  EXPECT_EQ(numbers.count("grpc_server_handled_total" + Of("Echo", "NotFound")), 0u);
  EXPECT_EQ(numbers.at(R"(bali_refusals_total{reason="TOKEN_MISSING"})"), 1);
  EXPECT_EQ(numbers.at(R"(bali_refusals_total{reason="RULE_BROKEN"})"), 0);
  EXPECT_GT(numbers.at("bali_call_bytes_total{direction=\"received\"}"), 0);
}

TEST_F(OperatedTest, CallsInFlightAreListedWithTheirCallers) {
  absl::Notification entered;
  absl::Notification leave;
  change_ = [&](Call&, const EchoRequest&, EchoReply&) {
    entered.Notify();
    leave.WaitForNotification();
    return absl::OkStatus();
  };
  StartOperated();
  std::thread caller([&] {
    CallText(*channel_, kChange, "",
             {{"authorization", "Bearer secretary"},
              {"traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}});
  });
  entered.WaitForNotification();
  const nlohmann::json listing = Json("/calls");
  leave.Notify();
  caller.join();
  EXPECT_EQ(listing["in_flight"], 1);
  EXPECT_EQ(listing["calls"][0]["method"], kChange);
  EXPECT_EQ(listing["calls"][0]["subject"], "secretary");
  EXPECT_EQ(listing["calls"][0]["trace_id"], "0af7651916cd43dd8448eb211c80319c");
  EXPECT_EQ(listing["calls"][0]["peer"].get<std::string>().rfind("127.0.0.1:", 0), 0u);
  EXPECT_TRUE(Soon([&] { return Json("/calls")["in_flight"] == 0; }));
}

TEST_F(OperatedTest, ReadinessNamesTheProbeThatFails) {
  std::atomic<bool> answers = true;
  StartOperated({{"store", [&] {
                    return answers ? absl::OkStatus() : absl::InternalError("the disk is full");
                  }}});
  EXPECT_TRUE(Soon([&] { return GetPage(operators_->port(), "/readyz").status == 200; }));
  answers = false;
  EXPECT_TRUE(Soon([&] { return Json("/readyz")["needs"]["store"] == "the disk is full"; }));
  EXPECT_EQ(GetPage(operators_->port(), "/readyz").status, 503);
  EXPECT_EQ(GetPage(operators_->port(), "/readyz/own").status, 503);
  EXPECT_EQ(Numbers().at(R"(bali_need_met{need="store"})"), 0);
  shown_.clear();
  server_.reset();  // before what its probe looks at
}

TEST_F(OperatedTest, APeerThatFailsIsNamedAndDoesNotCountForTheServerItself) {
  StartOperated({{.name = "membership",
                  .ask = [] { return absl::UnavailableError("connection refused"); },
                  .peer = true}});
  EXPECT_TRUE(Soon([&] { return Json("/readyz")["needs"]["membership"] == "connection refused"; }));
  EXPECT_EQ(GetPage(operators_->port(), "/readyz").status, 503);
  EXPECT_EQ(GetPage(operators_->port(), "/readyz/own").status, 200);
  EXPECT_EQ(Numbers().at(R"(bali_need_met{need="membership"})"), 0);
  EXPECT_THAT(CallText(*channel_, kEcho, "hello").status, IsOk());
}

TEST_F(OperatedTest, AServerThatIsToDrainTakesCallsAndIsNotReady) {
  StartOperated();
  EXPECT_EQ(GetPage(operators_->port(), "/readyz").status, 200);
  server_->AnnounceDrain();
  EXPECT_EQ(GetPage(operators_->port(), "/readyz").status, 503);
  EXPECT_EQ(Json("/readyz")["draining"], true);
  EXPECT_EQ(Numbers().at("bali_draining"), 1);
  EXPECT_THAT(CallText(*channel_, kEcho, "hello").status, IsOk());
}

TEST_F(OperatedTest, ThreadsAreCountedByPool) {
  StartOperated();
  ASSERT_THAT(CallText(*channel_, kChange, "", As("secretary")).status, IsOk());
  EXPECT_EQ(Numbers().at(R"(bali_pool_threads{pool="writes"})"), 1);
  EXPECT_EQ(Numbers().at(R"(bali_pool_threads{pool="reads"})"), 0);
}

}  // namespace
}  // namespace baliprocess::rpc
