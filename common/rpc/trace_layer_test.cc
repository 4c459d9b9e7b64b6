// Spans of calls, from a server and from one that asks another, as a collector gets them.

#include "common/rpc/trace_layer.h"

#include <algorithm>

#include "common/rpc/client.h"
#include "common/rpc/server.h"
#include "common/rpc/test_util.h"
#include "common/telemetry/otlp_writer.h"
#include "common/testing/collector.h"

namespace baliprocess::rpc {
namespace {

using ::baliprocess::testing::CollectedSpan;
using ::baliprocess::testing::Collector;
using ::baliprocess::testing::HasReason;
using ::baliprocess::testing::kRecorded;
using ::baliprocess::testing::kSpanBytes;
using ::baliprocess::testing::kTraceBytes;
using ::baliprocess::testing::kUnrecorded;
using OtlpSpan = opentelemetry::proto::trace::v1::Span;

class TraceLayerTest : public ServerTest {
 protected:
  // So many of the traces that begin here are recorded.
  void StartTracing(double ratio, Collector& collector) {
    telemetry::OtlpOptions otlp;
    otlp.endpoint = collector.endpoint();
    otlp.service_name = "echo";
    auto writer = telemetry::OtlpWriter(otlp);
    ASSERT_OK(writer.status());
    options_.tracer = std::make_shared<telemetry::Tracer>(
        telemetry::TracerOptions{.ratio = ratio, .delay = absl::Milliseconds(1)},
        *std::move(writer));
    Start();
  }
  Outcome Ask(const std::string& path, const Headers& headers = {}) {
    return CallText(*channel_, path, "x", headers);
  }

  Collector collector_;
};

TEST_F(TraceLayerTest, ARecordedCallIsASpanBelowItsCallers) {
  StartTracing(0, collector_);
  ASSERT_OK(Ask(kEcho, {{"traceparent", kRecorded}}).status);
  const auto spans = collector_.WaitFor(1);
  ASSERT_EQ(spans.size(), 1u);
  const OtlpSpan& span = spans[0].span;
  EXPECT_EQ(span.trace_id(), kTraceBytes);
  EXPECT_EQ(span.parent_span_id(), kSpanBytes);
  EXPECT_NE(span.span_id(), kSpanBytes);
  EXPECT_EQ(span.name(), std::string(kEcho).substr(1));
  EXPECT_EQ(span.kind(), OtlpSpan::SPAN_KIND_SERVER);
  EXPECT_LE(span.start_time_unix_nano(), span.end_time_unix_nano());
  EXPECT_EQ(spans[0].attributes.at("rpc.grpc.status_code"), "0");
  EXPECT_EQ(spans[0].resource.at("service.name"), "echo");
}

TEST_F(TraceLayerTest, ItsStatusAndReasonAreTold) {
  change_ = [](Call&, const EchoRequest&, EchoReply&) {
    return Error(api::v1::Error::RESOURCE_NOT_FOUND, "there is no Jane Citizen");
  };
  StartTracing(0, collector_);
  Headers headers = As("secretary");
  headers.emplace_back("traceparent", kRecorded);
  EXPECT_THAT(Ask(kChange, headers).status, HasReason(api::v1::Error::RESOURCE_NOT_FOUND));
  const auto spans = collector_.WaitFor(1);
  ASSERT_EQ(spans.size(), 1u);
  EXPECT_EQ(spans[0].attributes.at("rpc.grpc.status_code"), "5");
  EXPECT_EQ(spans[0].attributes.at("error.type"), "RESOURCE_NOT_FOUND");
  // Neither who asked nor what about leaves the suite.
  const std::string all = spans[0].span.ShortDebugString();
  EXPECT_EQ(all.find("Jane"), std::string::npos) << all;
  EXPECT_EQ(all.find("secretary"), std::string::npos) << all;
}

TEST_F(TraceLayerTest, TheCallerDecidesAndElseTheRatio) {
  StartTracing(1, collector_);
  ASSERT_OK(Ask(kEcho, {{"traceparent", kUnrecorded}}).status);
  ASSERT_OK(CallBytes(*channel_, "/grpc.health.v1.Health/Check", "").status);
  ASSERT_OK(Ask(kEcho).status);
  const auto spans = collector_.WaitFor(1);
  ASSERT_EQ(spans.size(), 1u);  // spans come in the order of the calls
  EXPECT_EQ(spans[0].span.parent_span_id(), "");
  EXPECT_NE(spans[0].span.trace_id(), kTraceBytes);
}

TEST_F(TraceLayerTest, NoNewTraceIsRecordedAtRatioZero) {
  StartTracing(0, collector_);
  for (int i = 0; i < 10; ++i) ASSERT_OK(Ask(kEcho).status);
  ASSERT_OK(Ask(kEcho, {{"traceparent", kRecorded}}).status);
  EXPECT_EQ(collector_.WaitFor(1).size(), 1u);
}

TEST_F(TraceLayerTest, MethodsThatDoNotExistBeginNoTrace) {
  StartTracing(1, collector_);
  EXPECT_THAT(Ask("/no.Such/Method").status, HasReason(api::v1::Error::UNKNOWN_METHOD));
  ASSERT_OK(Ask(kEcho).status);
  const auto spans = collector_.WaitFor(1);
  ASSERT_EQ(spans.size(), 1u);
  EXPECT_EQ(spans[0].span.name(), std::string(kEcho).substr(1));
}

// The question is a span of its own, and the answer one below it.
TEST_F(TraceLayerTest, WhatIsAskedOfAPeerIsBelowWhoAsks) {
  std::unique_ptr<Peer> peer;
  change_ = [&](Call& call, const EchoRequest& request, EchoReply& reply) {
    return peer->Call(call, kEcho, request, reply);
  };
  StartTracing(1, collector_);
  PeerOptions options;
  options.name = "echo";
  options.address = absl::StrCat("127.0.0.1:", server_->port());
  ASSERT_OK_AND_ASSIGN(peer, Peer::Create(options));
  ASSERT_OK(Ask(kChange, As("secretary")).status);

  const auto spans = collector_.WaitFor(3);
  ASSERT_EQ(spans.size(), 3u);
  const auto find = [&](OtlpSpan::SpanKind kind, const char* path) {
    const auto it = std::find_if(spans.begin(), spans.end(), [&](const CollectedSpan& span) {
      return span.span.kind() == kind && "/" + span.span.name() == path;
    });
    return it == spans.end() ? OtlpSpan() : it->span;
  };
  const OtlpSpan asker = find(OtlpSpan::SPAN_KIND_SERVER, kChange);
  const OtlpSpan question = find(OtlpSpan::SPAN_KIND_CLIENT, kEcho);
  const OtlpSpan answer = find(OtlpSpan::SPAN_KIND_SERVER, kEcho);
  EXPECT_EQ(asker.parent_span_id(), "");
  EXPECT_EQ(question.parent_span_id(), asker.span_id());
  EXPECT_EQ(answer.parent_span_id(), question.span_id());
  EXPECT_EQ(answer.trace_id(), asker.trace_id());
}

TEST_F(TraceLayerTest, ASilentCollectorHoldsNothingUp) {
  Collector silent(true);
  StartTracing(1, silent);
  for (int i = 0; i < 6000; ++i) ASSERT_OK(Ask(kEcho).status);
  EXPECT_GT(options_.tracer->counts().dropped, 0u);  // 4096 wait, and 512 are with the collector
  EXPECT_EQ(options_.tracer->counts().written, 0u);
}

}  // namespace
}  // namespace baliprocess::rpc
