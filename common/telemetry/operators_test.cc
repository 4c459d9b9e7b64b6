// What operators are shown of a process by its parts.

#include "common/telemetry/operators.h"

#include <gmock/gmock.h>

#include <string>

#include "absl/strings/str_cat.h"
#include <nlohmann/json.hpp>

#include "common/base/counts.h"
#include "common/telemetry/start_state.h"
#include "common/testing/admin_client.h"
#include "common/testing/log_capture.h"
#include "common/testing/matchers.h"

namespace baliprocess::telemetry {
namespace {

using ::baliprocess::testing::GetPage;
using ::baliprocess::testing::Scrape;
using ::testing::HasSubstr;

class Part final : public Inspected {
 public:
  void AddMetrics(Families& families) const override {
    families.Counter("part_things_total", "Things.").Add({{"kind", "a \"b\""}}, 3);
    SharedDurations took;
    took.Add(absl::Milliseconds(3));
    took.Add(absl::Seconds(20));
    families.Histogram("part_seconds", "How long things take.");
    families.Add({}, SummedDurations(took));
    SharedSizes sizes;
    sizes.AddUnits(3);
    families.Histogram("part_size", "How large things are.");
    families.Add({}, SummedSizes(sizes));
  }
  void AddReadiness(Readiness& readiness) const override {
    readiness.needs["store"] = {.trouble = trouble};
    readiness.needs["peer"] = {.trouble = trouble_of_peer, .elsewhere = true};
  }
  void AddCalls(size_t most, absl::Duration, CallListing& listing) const override {
    listing.in_flight += 2;
    if (most > 0)
      listing.calls.push_back({"/a.B/C", "desk", "peer", "", "trace", absl::Seconds(2)});
  }

  std::string trouble;
  std::string trouble_of_peer;
};

class OperatorsTest : public ::testing::Test {
 protected:
  OperatorsTest() {
    auto started = Operators::Start({.listen = "127.0.0.1:0"},
                                    {{"listen", "127.0.0.1:7000", "default"}}, process_);
    EXPECT_OK(started);
    operators_ = *std::move(started);
  }
  nlohmann::json Json(const std::string& path) {
    return nlohmann::json::parse(GetPage(operators_->port(), path).body, nullptr, false);
  }
  int StatusOf(const std::string& path) { return GetPage(operators_->port(), path).status; }

  const Inspected process_;
  std::unique_ptr<Operators> operators_;
};

TEST_F(OperatorsTest, TheProcessItselfIsShown) {
  EXPECT_EQ(StatusOf("/livez"), 200);
  EXPECT_EQ(StatusOf("/readyz"), 200);
  EXPECT_EQ(StatusOf("/nothing"), 404);
  EXPECT_EQ(Json("/config")["listen"]["value"], "127.0.0.1:7000");
  const auto numbers = Scrape(operators_->port());
  EXPECT_GT(numbers.at("process_resident_memory_bytes"), 0);
  const std::string build =
      absl::StrCat("bali_build_info{program=\"operators_test\",version=\"", std::string(Version()),
                   "\",commit=\"", std::string(Commit()), "\"}");
  EXPECT_EQ(numbers.at(build), 1);
}

TEST_F(OperatorsTest, PartsAreShownAsLongAsTheirHandlesLive) {
  Part part;
  {
    const Operators::Shown shown = operators_->Show(part);
    EXPECT_EQ(Json("/calls")["in_flight"], 2);
    EXPECT_EQ(Json("/calls")["calls"][0]["subject"], "desk");
    EXPECT_EQ(Scrape(operators_->port()).at(R"(part_things_total{kind="a \"b\""})"), 3);
  }
  EXPECT_EQ(Json("/calls")["in_flight"], 0);
  EXPECT_EQ(GetPage(operators_->port(), "/metrics").body.find("part_"), std::string::npos);
}

TEST_F(OperatorsTest, HistogramsAddUpToWhatWasCounted) {
  Part part;
  const Operators::Shown shown = operators_->Show(part);
  const auto numbers = Scrape(operators_->port());
  EXPECT_EQ(numbers.at("part_seconds_bucket{le=\"0.0025\"}"), 0);
  EXPECT_EQ(numbers.at("part_seconds_bucket{le=\"0.005\"}"), 1);
  EXPECT_EQ(numbers.at("part_seconds_bucket{le=\"+Inf\"}"), 2);
  EXPECT_NEAR(numbers.at("part_seconds_sum"), 20.003, 1e-6);
  EXPECT_EQ(numbers.at("part_size_bucket{le=\"2\"}"), 0);
  EXPECT_EQ(numbers.at("part_size_bucket{le=\"4\"}"), 1);
  EXPECT_EQ(numbers.at("part_size_count"), 1);
}

TEST_F(OperatorsTest, ReadinessNamesWhatIsMissing) {
  Part part;
  const Operators::Shown shown = operators_->Show(part);
  part.trouble = "the server doesn't answer";
  EXPECT_EQ(StatusOf("/readyz"), 503);
  EXPECT_EQ(Json("/readyz")["needs"]["store"], "the server doesn't answer");
  part.trouble.clear();
  EXPECT_EQ(StatusOf("/readyz"), 200);
  EXPECT_EQ(Json("/readyz")["needs"]["store"], "ready");
}

TEST_F(OperatorsTest, WhatIsElsewhereDoesNotCountForAProcessItself) {
  Part part;
  const Operators::Shown shown = operators_->Show(part);
  part.trouble_of_peer = "it doesn't answer";
  EXPECT_EQ(StatusOf("/readyz"), 503);
  EXPECT_EQ(Json("/readyz")["needs"]["peer"], "it doesn't answer");
  EXPECT_EQ(Scrape(operators_->port()).at(R"(bali_need_met{need="peer"})"), 0);
  EXPECT_EQ(StatusOf("/readyz/own"), 200);
  EXPECT_EQ(Json("/readyz/own")["needs"], nlohmann::json({{"store", "ready"}}));
  part.trouble = "the server doesn't answer";
  EXPECT_EQ(StatusOf("/readyz/own"), 503);
  EXPECT_EQ(Json("/readyz/own")["needs"]["store"], "the server doesn't answer");
}

TEST_F(OperatorsTest, AProcessThatStartsOrEndsIsNotReady) {
  StartState start;
  const Operators::Shown shown = operators_->Show(start);
  EXPECT_EQ(StatusOf("/livez"), 200);
  for (const char* path : {"/readyz", "/readyz/own"}) EXPECT_EQ(StatusOf(path), 503) << path;
  start.Serving();
  for (const char* path : {"/readyz", "/readyz/own"}) EXPECT_EQ(StatusOf(path), 200) << path;
  start.Ending();
  for (const char* path : {"/readyz", "/readyz/own"}) {
    EXPECT_EQ(StatusOf(path), 503) << path;
    EXPECT_EQ(Json(path)["draining"], true) << path;
  }
}

TEST_F(OperatorsTest, TheLogSaysEachReasonOfAWaitOnce) {
  ::baliprocess::testing::LogCapture log;
  StartState start;
  int attempts = 0;
  const auto attempt = [&]() -> absl::Status {
    ++attempts;
    if (attempts == 4) return absl::OkStatus();
    return absl::UnavailableError(attempts < 3 ? "no server" : "wrong password");
  };
  EXPECT_OK(start.Await("the store", attempt, absl::IsUnavailable));
  EXPECT_EQ(log.Count("the start waits for the store"), 2);
  EXPECT_EQ(log.Count("wrong password"), 1);
  EXPECT_EQ(log.Count("the start has got the store"), 1);
}

TEST_F(OperatorsTest, TheStartWaitsForWhatMayCome) {
  StartState start;
  const Operators::Shown shown = operators_->Show(start);
  int attempts = 0;
  const auto attempt = [&]() -> absl::Status {
    if (++attempts == 2) {
      EXPECT_EQ(Json("/readyz")["needs"]["start"], "waits for the store: no server");
      return absl::OkStatus();
    }
    return absl::UnavailableError("no server");
  };
  EXPECT_OK(start.Await("the store", attempt, absl::IsUnavailable));
  EXPECT_EQ(attempts, 2);
}

TEST_F(OperatorsTest, TheStartDoesNotWaitForWhatWillNotPass) {
  StartState start;
  int attempts = 0;
  const auto attempt = [&] {
    ++attempts;
    return absl::InvalidArgumentError("no such store");
  };
  EXPECT_FALSE(start.Await("the store", attempt, absl::IsUnavailable).ok());
  EXPECT_EQ(attempts, 1);
}

TEST(OperatorsFailTest, AnAddressThatIsTakenIsAnError) {
  const Inspected process;
  auto first = Operators::Start({.listen = "127.0.0.1:0"}, {}, process);
  ASSERT_OK(first);
  const auto second =
      Operators::Start({.listen = absl::StrCat("127.0.0.1:", (*first)->port())}, {}, process);
  EXPECT_EQ(second.status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST(OperatorsFailTest, WithoutAnAddressNobodyIsServed) {
  const Inspected process;
  const auto operators = Operators::Start({}, {}, process);
  ASSERT_OK(operators);
  EXPECT_EQ((*operators)->port(), 0);
  EXPECT_THAT((*operators)->Answer("/livez").body, HasSubstr("ok"));
}

}  // namespace
}  // namespace baliprocess::telemetry
