#include "common/telemetry/trace.h"

#include <gtest/gtest.h>

namespace baliprocess::telemetry {
namespace {

constexpr char kTrace[] = "0af7651916cd43dd8448eb211c80319c";
constexpr char kSpan[] = "b7ad6b7169203331";

std::string Header(const std::string& version = "00", const std::string& trace = kTrace,
                   const std::string& span = kSpan, const std::string& flags = "01") {
  return version + "-" + trace + "-" + span + "-" + flags;
}

TEST(TraceTest, ReadsTheHeader) {
  const auto context = ParseTraceparent(Header());
  ASSERT_TRUE(context);
  EXPECT_EQ(context->trace_id, kTrace);
  EXPECT_EQ(context->span_id, kSpan);
  EXPECT_TRUE(context->sampled);
}

TEST(TraceTest, SampledIsTheLowestBitOfTheFlags) {
  EXPECT_FALSE(ParseTraceparent(Header("00", kTrace, kSpan, "00"))->sampled);
  EXPECT_FALSE(ParseTraceparent(Header("00", kTrace, kSpan, "fe"))->sampled);
  EXPECT_TRUE(ParseTraceparent(Header("00", kTrace, kSpan, "ff"))->sampled);
}

TEST(TraceTest, RefusesWhatIsNotAHeader) {
  for (const std::string& header :
       {std::string(), Header("ff"), Header("00", std::string(32, '0')),
        Header("00", kTrace, std::string(16, '0')), Header() + "-more", Header() + "x",
        Header("00", "0AF7651916CD43DD8448EB211C80319C"), Header("0x"), Header().substr(0, 54),
        "00_" + Header().substr(3), Header("01") + "x"}) {
    EXPECT_FALSE(ParseTraceparent(header)) << header;
  }
}

TEST(TraceTest, LaterVersionsMayBeLonger) {
  EXPECT_TRUE(ParseTraceparent(Header("01")));
  EXPECT_TRUE(ParseTraceparent(Header("01") + "-more"));
}

TEST(TraceTest, NextTraceparentContinuesOrStartsATrace) {
  const auto next = ParseTraceparent(NextTraceparent(Header()));
  ASSERT_TRUE(next);
  EXPECT_EQ(next->trace_id, kTrace);
  EXPECT_NE(next->span_id, kSpan);
  EXPECT_TRUE(next->sampled);
  EXPECT_FALSE(ParseTraceparent(NextTraceparent(Header("00", kTrace, kSpan, "00")))->sampled);
  for (const std::string& received : {std::string(), Header("ff")}) {
    const auto fresh = ParseTraceparent(NextTraceparent(received));
    ASSERT_TRUE(fresh);
    EXPECT_NE(fresh->trace_id, kTrace);
    EXPECT_NE(fresh->trace_id, ParseTraceparent(NextTraceparent(received))->trace_id);
    EXPECT_FALSE(fresh->sampled);
  }
}

TEST(TraceTest, NewTracesAreSampledAsToldAndOthersAsTheyCome) {
  EXPECT_TRUE(IsSampled(NextTraceparent("", true)));
  EXPECT_FALSE(IsSampled(NextTraceparent("", false)));
  EXPECT_FALSE(IsSampled(NextTraceparent(Header("00", kTrace, kSpan, "00"), true)));
}

TEST(TraceTest, WhoDecidesItselfKeepsTheTraceAlone) {
  for (const bool sampled : {true, false}) {
    const std::string next = DecidedTraceparent(Header(), sampled);
    EXPECT_EQ(TraceIdOf(next), kTrace);
    EXPECT_NE(SpanIdOf(next), kSpan);
    EXPECT_EQ(IsSampled(next), sampled);
  }
  EXPECT_TRUE(IsSampled(DecidedTraceparent("none", true)));
}

TEST(TraceTest, PartsOfAHeader) {
  EXPECT_EQ(TraceIdOf(Header()), kTrace);
  EXPECT_EQ(SpanIdOf(Header()), kSpan);
  EXPECT_TRUE(TraceIdOf("").empty());
  EXPECT_TRUE(SpanIdOf("").empty());
  EXPECT_FALSE(IsSampled(""));
}

TEST(TraceTest, ChanceIsAsLikelyAsItSays) {
  int hits = 0;
  for (int i = 0; i < 10000; ++i) {
    EXPECT_FALSE(Chance(0));
    EXPECT_TRUE(Chance(1));
    hits += Chance(0.25);
  }
  EXPECT_NEAR(hits, 2500, 500);  // more than ten times the standard deviation
}

TEST(TraceTest, CallIdsAreFitForLogs) {
  for (const std::string& good :
       {std::string(kTrace), std::string("a-B_9."), std::string(64, 'x')}) {
    EXPECT_TRUE(IsCallId(good)) << good;
  }
  for (const std::string& bad : {std::string(), std::string(65, 'x'), std::string("a b"),
                                 std::string("a\"b"), std::string("\xc3\xa9")}) {
    EXPECT_FALSE(IsCallId(bad)) << bad;
  }
}

}  // namespace
}  // namespace baliprocess::telemetry
