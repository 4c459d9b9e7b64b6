// How often a caller may call, by its role; without a token an address.

#include "services/gateway/calls/rates.h"

#include <gmock/gmock.h>

#include <memory>
#include <utility>

#include "absl/time/clock.h"

#include "common/base/errors.h"
#include "common/testing/admin_client.h"
#include "common/testing/log_capture.h"
#include "services/gateway/calls/callers.h"
#include "services/gateway/settings/rates.h"
#include "services/gateway/testing/fixture.h"
#include "services/gateway/testing/raw_peer.h"

namespace baliprocess::gateway {
namespace {

using ::baliprocess::testing::HasReason;
using ::baliprocess::testing::IsOk;
using ::baliprocess::testing::LogCapture;
using ::baliprocess::testing::Scrape;
using ::testing::HasSubstr;
using ::testing::Not;

// So slow that nothing comes back while a test runs.
constexpr RateLimit kThree = {.per_second = 0.01, .at_once = 3};
constexpr RateLimit kFive = {.per_second = 0.01, .at_once = 5};

constexpr char kHealth[] = "/grpc.health.v1.Health/Check";

class RatesTest : public GatewayTest {
 protected:
  RatesTest() {
    options_.threads = 2;
    options_.limits.rates.anonymous = kThree;
    options_.limits.rates.observer = kThree;
    options_.limits.rates.secretariat = kFive;
  }

  // How many calls succeed, each on a connection of its own, before one is refused for its rate.
  int CallsUntilRefused(const Headers& headers, const std::string& path = kGetMember) {
    for (int i = 0; i < 20; ++i) {
      channel_ = NewChannel();
      const absl::Status status = Call(path, "", headers).status;
      if (!status.ok()) {
        EXPECT_THAT(status, HasReason(api::v1::Error::RATE_LIMITED));
        return i;
      }
    }
    return 20;
  }
};

// Connections take turns among the loops.
TEST_F(RatesTest, HoldOverAllConnectionsOfACaller) {
  Start();
  EXPECT_EQ(CallsUntilRefused(As("observer")), 3);
  EXPECT_EQ(CallsUntilRefused(As("secretary")), 5) << "by role";
  EXPECT_EQ(CallsUntilRefused({}), 3) << "without a token";
  EXPECT_EQ(backend_->seen().calls, 11);
}

TEST_F(RatesTest, WhoIsRefusedIsToldHowLongToWait) {
  Start();
  EXPECT_EQ(CallsUntilRefused(As("observer")), 3);
  const absl::Status status = Call(kGetMember, "", As("observer")).status;
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_GT(RetryDelayOf(status), absl::Seconds(80));
  EXPECT_LE(RetryDelayOf(status), absl::Seconds(100));
}

TEST_F(RatesTest, WhoWaitsIsServedAgain) {
  options_.limits.rates.observer = {.per_second = 20, .at_once = 1};
  Start();
  int refused = 0;
  int served = 0;
  const absl::Time end = absl::Now() + kSoon;
  while ((served < 5 || refused < 1) && absl::Now() < end) {
    (Call(kGetMember, "", As("observer")).status.ok() ? served : refused) += 1;
  }
  EXPECT_GE(served, 5);
  EXPECT_GE(refused, 1);
}

TEST_F(RatesTest, AStreamCostsOne) {
  Start();
  for (int i = 0; i < 3; ++i) {
    ClientCall watch(channel_, kDownloadDocument,
                     {{"do", "stream"}, {"count", "20"}, {"size", "1"}});
    watch.SendOnly("");
    EXPECT_THAT(watch.Finish(), IsOk()) << i;
  }
  EXPECT_EQ(CallsUntilRefused({}), 0);
}

TEST_F(RatesTest, HealthChecksAreFree) {
  Start();
  EXPECT_EQ(CallsUntilRefused({}, kHealth), 20);
  EXPECT_EQ(CallsUntilRefused({}), 3);
}

TEST_F(RatesTest, TheLogHasALineAndNotOneForEachCall) {
  LogCapture log;
  admin_.listen = "127.0.0.1:0";
  Start();
  EXPECT_EQ(CallsUntilRefused(As("observer")), 3);
  for (int i = 0; i < 10; ++i) Call(kGetMember, "", As("observer"));
  EXPECT_EQ(log.Count("calls refused"), 1);
  EXPECT_THAT(log.text(), HasSubstr("subject=\"observer\""));
  auto numbers = Scrape(operators_->port());
  EXPECT_EQ(numbers["gateway_limited_total{limit=\"too many calls a second\"}"], 11);
  EXPECT_EQ(numbers["gateway_refusals_total{reason=\"RATE_LIMITED\"}"], 11);
}

TEST_F(RatesTest, ZeroIsNoLimit) {
  options_.limits.rates.anonymous = {};
  Start();
  EXPECT_EQ(CallsUntilRefused({}), 20);
}

class HttpRatesTest : public RatesTest {
 protected:
  void SetUp() override {
    Start();
    raw_ = RawPeer::Connect(gateway_->port());
    ASSERT_NE(raw_, nullptr);
  }
  RawStream Get(const std::string& path, RawPeer::Fields fields = {}) {
    fields.insert(fields.end(), {{":method", "GET"}, {":path", path}, {"content-type", ""}});
    const int32_t id = raw_->Request(fields, "");
    EXPECT_TRUE(raw_->Until([&] { return raw_->streams()[id].ended; }));
    return raw_->streams()[id];
  }
  std::string StatusOfGet(const std::string& path, RawPeer::Fields fields = {}) {
    return Get(path, std::move(fields)).headers[":status"];
  }

  std::unique_ptr<RawPeer> raw_;
};

// By JSON, and what the gateway answers itself.
TEST_F(HttpRatesTest, HttpIsTold429) {
  for (int i = 0; i < 2; ++i) EXPECT_EQ(StatusOfGet("/nothing"), "404");
  EXPECT_EQ(StatusOfGet("/v1/members/aus", {{"do", "fail"}}), "400");
  for (const char* path : {"/nothing", "/v1/members/aus"}) {
    RawStream refused = Get(path);
    EXPECT_EQ(refused.headers[":status"], "429");
    EXPECT_EQ(refused.headers["retry-after"], "100");
    EXPECT_THAT(refused.data, HasSubstr("RATE_LIMITED"));
  }
  EXPECT_EQ(StatusOfGet("/v1/members/aus", {{"do", "fail"}, {"authorization", "Bearer observer"}}),
            "400");
}

TEST_F(HttpRatesTest, WhatLeadsToNoMethodIsItsCallersWhoHasJustCalled) {
  const RawPeer::Fields observer = {{"do", "fail"}, {"authorization", "Bearer observer"}};
  EXPECT_EQ(StatusOfGet("/v1/members/aus", observer), "400");
  for (int i = 0; i < 2; ++i) EXPECT_EQ(StatusOfGet("/nothing", observer), "404");
  const RawStream refused = Get("/nothing", observer);
  EXPECT_EQ(refused.headers.at(":status"), "429");
  EXPECT_THAT(refused.data, HasSubstr("calls of one caller"));
  EXPECT_EQ(StatusOfGet("/nothing"), "404") << "the address has its own";
}

// A token that isn't verified counts for nothing, and isn't asked for either.
TEST_F(HttpRatesTest, WhatLeadsToNoMethodIsTheAddressesOtherwise) {
  const RawPeer::Fields forged = {{"authorization", "Bearer forged"}};
  for (int i = 0; i < 3; ++i) EXPECT_EQ(StatusOfGet("/nothing", forged), "404");
  const RawStream refused = Get("/nothing", forged);
  EXPECT_EQ(refused.headers.at(":status"), "429");
  EXPECT_THAT(refused.data, HasSubstr("that lead to no method are limited"));
  EXPECT_THAT(refused.data, Not(HasSubstr("send a token")));
  const RawPeer::Fields observer = {{"do", "fail"}, {"authorization", "Bearer observer"}};
  EXPECT_EQ(StatusOfGet("/v1/members/aus", observer), "400");
}

TEST(RateLimitOfTest, TheWidestOfTheRoles) {
  Rates rates;
  const auto with = [](std::initializer_list<api::v1::Access::Role> roles) {
    auth::Caller caller;
    for (const auto role : roles) caller.roles |= 1u << role;
    return caller;
  };
  EXPECT_EQ(&RateLimitOf(with({}), rates), &rates.anonymous);
  EXPECT_EQ(&RateLimitOf(with({api::v1::Access::MEMBER}), rates), &rates.member);
  EXPECT_EQ(&RateLimitOf(with({api::v1::Access::OPERATOR, api::v1::Access::SECRETARIAT}), rates),
            &rates.secretariat);
  rates.observer = {};
  EXPECT_EQ(&RateLimitOf(with({api::v1::Access::OBSERVER, api::v1::Access::SECRETARIAT}), rates),
            &rates.observer)
      << "no limit is the widest";
}

// Callers come and go; those who are under way, or have called lately, stay.
TEST(CallersTest, ForgetsWhoHasNothingHeldAgainstIt) {
  Callers callers;
  const SteadyTime now = SteadyNow();
  callers.LoadOf("eager")->rate.Take(kThree, now);
  const auto held = callers.LoadOf("held");
  for (int i = 0; i < 5000; ++i) callers.LoadOf(std::to_string(i));
  EXPECT_LT(callers.size(), 2000u);
  EXPECT_FALSE(callers.LoadOf("eager")->rate.full(now));
  EXPECT_EQ(callers.LoadOf("held"), held);
}

TEST(ParseRatesTest, ReadsRoles) {
  ASSERT_OK_AND_ASSIGN(const Rates rates, ParseRates({"member=0.5:7", "public=0"}));
  EXPECT_EQ(rates.member.per_second, 0.5);
  EXPECT_EQ(rates.member.at_once, 7);
  EXPECT_EQ(rates.anonymous.per_second, 0);
  EXPECT_EQ(rates.secretariat.at_once, Rates().secretariat.at_once);
}

TEST(ParseRatesTest, None) {
  ASSERT_OK_AND_ASSIGN(const Rates rates, ParseRates({"none"}));
  EXPECT_EQ(rates.anonymous.per_second, 0);
  EXPECT_EQ(rates.secretariat.per_second, 0);
  EXPECT_FALSE(ParseRates({"none", "member=5:5"}).ok());
}

TEST(ParseRatesTest, RefusesWhatItCannotRead) {
  for (const char* entry :
       {"", "member", "member=", "member=5", "member=5:0", "member=-1:5", "member=0:5",
        "members=5:5", "member=5:5:5", "member=nan:5", "member=5:1e7"}) {
    EXPECT_FALSE(ParseRates({entry}).ok()) << entry;
  }
}

}  // namespace
}  // namespace baliprocess::gateway
