// Traces through the gateway, as a collector gets them.

#include "common/telemetry/trace.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "common/telemetry/otlp_writer.h"
#include "common/telemetry/span_metrics.h"
#include "common/testing/admin_client.h"
#include "common/testing/collector.h"
#include "services/gateway/testing/fixture.h"

namespace baliprocess::gateway {
namespace {

using ::baliprocess::testing::CollectedSpan;
using ::baliprocess::testing::Collector;
using ::baliprocess::testing::HasReason;
using ::baliprocess::testing::IsOk;
using ::baliprocess::testing::kRecorded;
using ::baliprocess::testing::kSpanBytes;
using ::baliprocess::testing::kTraceBytes;
using ::baliprocess::testing::kTraceId;
using ::baliprocess::testing::kUnrecorded;
using ::baliprocess::testing::Scrape;
using ::baliprocess::testing::Soon;
using OtlpSpan = opentelemetry::proto::trace::v1::Span;

class TraceTest : public GatewayTest {
 protected:
  void StartTracing(double ratio, Collector& collector) {
    telemetry::OtlpOptions otlp;
    otlp.endpoint = collector.endpoint();
    otlp.service_name = "gateway";
    auto writer = telemetry::OtlpWriter(otlp);
    ASSERT_THAT(writer.status(), IsOk());
    tracer_ = options_.tracer = std::make_shared<telemetry::Tracer>(
        telemetry::TracerOptions{.ratio = ratio, .delay = absl::Milliseconds(1)},
        *std::move(writer));
    Start();
  }
  // The traceparent that the service got with the last call.
  std::string Told() {
    const auto headers = backend_->seen().headers;
    EXPECT_EQ(headers.count("traceparent"), 1u);
    const auto it = headers.find("traceparent");
    return it == headers.end() ? "" : it->second;
  }
  static OtlpSpan Find(const std::vector<CollectedSpan>& spans, OtlpSpan::SpanKind kind) {
    const auto it = std::find_if(spans.begin(), spans.end(), [&](const CollectedSpan& span) {
      return span.span.kind() == kind;
    });
    return it == spans.end() ? OtlpSpan() : it->span;
  }

  Collector collector_;
  std::shared_ptr<telemetry::Tracer> tracer_;
};

TEST_F(TraceTest, ACallIsASpanAndItsAttemptAnotherBelowIt) {
  StartTracing(1, collector_);
  ASSERT_THAT(Call(kGetMember, "", {{"traceparent", kUnrecorded}}).status, IsOk());
  const auto spans = collector_.WaitFor(2);
  ASSERT_EQ(spans.size(), 2u);
  const OtlpSpan call = Find(spans, OtlpSpan::SPAN_KIND_SERVER);
  const OtlpSpan attempt = Find(spans, OtlpSpan::SPAN_KIND_CLIENT);
  EXPECT_EQ(call.trace_id(), kTraceBytes);
  EXPECT_EQ(call.parent_span_id(), kSpanBytes);
  EXPECT_EQ(call.name(), std::string(kGetMember).substr(1));
  EXPECT_EQ(attempt.trace_id(), kTraceBytes);
  EXPECT_EQ(attempt.parent_span_id(), call.span_id());
  EXPECT_GE(attempt.start_time_unix_nano(), call.start_time_unix_nano());
  EXPECT_LE(attempt.end_time_unix_nano(), call.end_time_unix_nano());
  // The service's span will be below the attempt's.
  const auto told = telemetry::ParseTraceparent(Told());
  ASSERT_TRUE(told);
  EXPECT_EQ(told->trace_id, kTraceId);
  EXPECT_TRUE(told->sampled);
  std::string span_id;
  for (const char c : attempt.span_id()) {
    char digits[3];
    std::snprintf(digits, sizeof(digits), "%02x", static_cast<unsigned char>(c));
    span_id += digits;
  }
  EXPECT_EQ(told->span_id, span_id);
}

TEST_F(TraceTest, AttributesFollowTheConventions) {
  StartTracing(1, collector_);
  EXPECT_FALSE(Call(kGetMember, "", {{"do", "fail"}}).status.ok());
  const auto spans = collector_.WaitFor(2);
  ASSERT_EQ(spans.size(), 2u);
  for (const CollectedSpan& span : spans) {
    EXPECT_EQ(span.attributes.at("rpc.system"), "grpc");
    EXPECT_EQ(span.attributes.at("rpc.service"), "baliprocess.membership.v1.MembershipService");
    EXPECT_EQ(span.attributes.at("rpc.method"), "GetMember");
    EXPECT_EQ(span.attributes.at("rpc.grpc.status_code"), "3");
    if (span.span.kind() != OtlpSpan::SPAN_KIND_CLIENT) continue;
    EXPECT_EQ(span.attributes.at("server.address"), "127.0.0.1");
    EXPECT_EQ(span.attributes.at("server.port"), std::to_string(backend_->port()));
    EXPECT_EQ(span.attributes.at("baliprocess.attempt"), "1");
  }
}

TEST_F(TraceTest, EachAttemptIsASpan) {
  StartTracing(1, collector_);
  for (int i = 0; i < 2; ++i) ASSERT_THAT(Call(kGetMember, "", {{"do", "half"}}).status, IsOk());
  const auto all = [](const std::vector<CollectedSpan>& spans) {
    return std::count_if(spans.begin(), spans.end(), [](const CollectedSpan& span) {
             return span.span.kind() == OtlpSpan::SPAN_KIND_SERVER;
           }) == 2;
  };
  int failed = 0;
  for (const CollectedSpan& span : collector_.WaitFor(all)) {
    if (span.span.kind() == OtlpSpan::SPAN_KIND_SERVER) {
      EXPECT_EQ(span.attributes.at("rpc.grpc.status_code"), "0");
    } else if (span.attributes.at("rpc.grpc.status_code") == "14") {
      EXPECT_EQ(span.attributes.at("baliprocess.attempt"), "1");
      ++failed;
    } else if (span.attributes.at("baliprocess.attempt") == "2") {
      --failed;
    }
  }
  EXPECT_EQ(failed, 0) << "what failed was made again";
}

TEST_F(TraceTest, RefusedCallsAreSpansOfTheirOwn) {
  StartTracing(1, collector_);
  EXPECT_THAT(Call(kCreateMember, "").status, HasReason(api::v1::Error::TOKEN_MISSING));
  const auto spans = collector_.WaitFor(1);
  ASSERT_EQ(spans.size(), 1u);
  EXPECT_EQ(spans[0].attributes.at("error.type"), "TOKEN_MISSING");
  EXPECT_EQ(spans[0].attributes.at("rpc.grpc.status_code"), "16");
}

TEST_F(TraceTest, ACallThatIsLeftIsCancelledOnBothSides) {
  StartTracing(1, collector_);
  {
    ClientCall call(channel_, kGetMember, {{"do", "hang"}});
    call.SendOnly("");
    ASSERT_TRUE(backend_->WaitFor([](const auto& seen) { return seen.calls == 1; }));
  }
  const auto spans = collector_.WaitFor(2);
  ASSERT_EQ(spans.size(), 2u);
  for (const CollectedSpan& span : spans) {
    EXPECT_EQ(span.attributes.at("rpc.grpc.status_code"), "1");
  }
}

TEST_F(TraceTest, AtRatioZeroNothingIsRecordedUnlessACallerAsks) {
  StartTracing(0, collector_);
  for (int i = 0; i < 5; ++i) ASSERT_THAT(Call(kGetMember, "").status, IsOk());
  Headers headers = As("secretary");
  headers.emplace_back("traceparent", kRecorded);
  ASSERT_THAT(Call(kCreateMember, "", headers).status, IsOk());
  const auto spans = collector_.WaitFor(2);
  ASSERT_EQ(spans.size(), 2u);
  EXPECT_EQ(Find(spans, OtlpSpan::SPAN_KIND_SERVER).trace_id(), kTraceBytes);
}

// Else anyone could have the services record every call.
TEST_F(TraceTest, WhoHasNoTokenCannotAskForARecord) {
  StartTracing(0, collector_);
  ASSERT_THAT(Call(kGetMember, "", {{"traceparent", kRecorded}}).status, IsOk());
  const auto told = telemetry::ParseTraceparent(Told());
  ASSERT_TRUE(told);
  EXPECT_EQ(told->trace_id, kTraceId);
  EXPECT_FALSE(told->sampled);
}

TEST_F(TraceTest, OnlySomeMayBeAskedForAtOnce) {
  StartTracing(0, collector_);
  Headers headers = As("secretary");
  headers.emplace_back("traceparent", kRecorded);
  int recorded = 0;
  for (int i = 0; i < 200; ++i) {
    ASSERT_THAT(Call(kCreateMember, "", headers).status, IsOk());
    recorded += telemetry::IsSampled(Told());
  }
  EXPECT_GE(recorded, 10);
  EXPECT_LT(recorded, 150);  // ten, and ten more for each second that this takes
}

TEST_F(TraceTest, WithoutACollectorTheTraceGoesOnUnrecorded) {
  Start();
  ASSERT_THAT(Call(kGetMember, "", {{"traceparent", kUnrecorded}}).status, IsOk());
  EXPECT_EQ(Told(), kUnrecorded);
  ASSERT_THAT(Call(kGetMember, "", {{"traceparent", kRecorded}}).status, IsOk());
  EXPECT_EQ(telemetry::TraceIdOf(Told()), kTraceId);
  EXPECT_FALSE(telemetry::IsSampled(Told()));
  ASSERT_THAT(Call(kGetMember, "").status, IsOk());
  EXPECT_FALSE(telemetry::IsSampled(Told()));
  // What a later version has behind the parts that are known is left out, with its number.
  ASSERT_THAT(
      Call(kGetMember, "", {{"traceparent", "01" + std::string(kUnrecorded).substr(2) + "-more"}})
          .status,
      IsOk());
  EXPECT_EQ(Told(), kUnrecorded);
}

TEST_F(TraceTest, ASilentCollectorHoldsNothingUpAndWhatItMissesIsCounted) {
  admin_.listen = "127.0.0.1:0";
  Collector silent(true);
  StartTracing(1, silent);
  for (int i = 0; i < 3000; ++i) ASSERT_THAT(Call(kGetMember, "").status, IsOk());
  // Of 6000 spans 4096 wait and 512 are with the collector.
  EXPECT_TRUE(Soon([&] { return tracer_->counts().dropped > 0; }));
  const telemetry::SpanMetrics spans(tracer_);
  const auto shown = operators_->Show(spans);
  EXPECT_GT(Scrape(operators_->port())[R"(bali_spans_total{result="dropped"})"], 0);
  EXPECT_EQ(tracer_->counts().written, 0u);
}

}  // namespace
}  // namespace baliprocess::gateway
