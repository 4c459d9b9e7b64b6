// Spans on their way out: in batches, in bounds, and to a collector as OTLP has them.

#include "common/telemetry/tracer.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>

#include "common/telemetry/log.h"
#include "common/telemetry/otlp_writer.h"
#include "common/testing/collector.h"
#include "common/testing/matchers.h"

namespace baliprocess::telemetry {
namespace {

using testing::CollectedSpan;
using testing::Collector;

constexpr char kTrace[] = "0af7651916cd43dd8448eb211c80319c";

Span SpanOf(const std::string& method) {
  Span span;
  span.trace_id = kTrace;
  span.span_id = "b7ad6b7169203331";
  span.method = method;
  span.begin = absl::FromUnixNanos(1700000000'000000001);
  span.end = absl::FromUnixNanos(1700000000'000002001);
  return span;
}

// Takes spans when it is let; fails when it is told.
class FakeWriter final : public SpanWriter {
 public:
  struct State {
    std::mutex mutex;
    std::condition_variable changed;
    bool open = true;
    bool busy = false;
    absl::Status answer;
    std::vector<size_t> batches;

    template <typename Change>
    void Do(Change change) {
      const std::lock_guard lock(mutex);
      change();
      changed.notify_all();
    }
    template <typename Condition>
    bool WaitFor(Condition condition) {
      std::unique_lock lock(mutex);
      return changed.wait_for(lock, std::chrono::seconds(30), condition);
    }
  };

  explicit FakeWriter(State& state) : state_(state) {}

  absl::Status Write(const std::vector<Span>& spans, absl::Duration) override {
    std::unique_lock lock(state_.mutex);
    state_.busy = true;
    state_.changed.notify_all();
    state_.changed.wait(lock, [this] { return state_.open; });
    state_.busy = false;
    state_.batches.push_back(spans.size());
    state_.changed.notify_all();
    return state_.answer;
  }

 private:
  State& state_;
};

TEST(TracerTest, WritesFullBatchesAtOnceAndOthersAfterAWhile) {
  FakeWriter::State state;
  Tracer tracer({.batch = 3, .delay = absl::Hours(1)}, std::make_unique<FakeWriter>(state));
  for (int i = 0; i < 3; ++i) tracer.Record(SpanOf("/a/B"));
  EXPECT_TRUE(state.WaitFor([&] { return state.batches == std::vector<size_t>{3}; }));

  FakeWriter::State soon;
  Tracer eager({.batch = 3, .delay = absl::Milliseconds(1)}, std::make_unique<FakeWriter>(soon));
  eager.Record(SpanOf("/a/B"));
  EXPECT_TRUE(soon.WaitFor([&] { return soon.batches == std::vector<size_t>{1}; }));
}

TEST(TracerTest, WritesWhatWaitsAtItsEnd) {
  FakeWriter::State state;
  {
    Tracer tracer({.batch = 3, .delay = absl::Hours(1)}, std::make_unique<FakeWriter>(state));
    tracer.Record(SpanOf("/a/B"));
  }
  EXPECT_EQ(state.batches, std::vector<size_t>{1});
}

TEST(TracerTest, DropsWhatHasNoRoomAndNeverWaits) {
  FakeWriter::State state;
  state.open = false;
  Tracer tracer({.max_waiting = 10, .batch = 2, .delay = absl::Milliseconds(1)},
                std::make_unique<FakeWriter>(state));
  tracer.Record(SpanOf("/a/B"));
  ASSERT_TRUE(state.WaitFor([&] { return state.busy; }));
  for (int i = 0; i < 1000; ++i) tracer.Record(SpanOf("/a/B"));
  EXPECT_EQ(tracer.counts().dropped, 990u);  // the writer still has one, and ten wait
  state.Do([&] { state.open = true; });
  ASSERT_TRUE(state.WaitFor([&] { return state.batches.size() == 6; }));
}

TEST(TracerTest, CountsWhatNobodyTookAndSaysSoOnce) {
  std::mutex mutex;
  std::string text;
  Logging logging({.format = Format::kText, .write = [&](std::string_view lines) {
                     const std::lock_guard lock(mutex);
                     text.append(lines);
                   }});
  FakeWriter::State state;
  state.answer = absl::UnavailableError("nobody there");
  {
    Tracer tracer({.batch = 1, .delay = absl::Milliseconds(1), .log_every = absl::Hours(1)},
                  std::make_unique<FakeWriter>(state));
    for (size_t i = 1; i <= 5; ++i) {
      tracer.Record(SpanOf("/a/B"));
      ASSERT_TRUE(state.WaitFor([&] { return state.batches.size() == i; }));
    }
  }
  logging.Flush();
  const std::lock_guard lock(mutex);
  const size_t first = text.find("spans dropped");
  ASSERT_NE(first, std::string::npos);
  EXPECT_NE(text.find("nobody there"), std::string::npos);
  EXPECT_EQ(text.find("spans dropped", first + 1), std::string::npos) << text;
}

TEST(TracerTest, SamplesByItsRatio) {
  FakeWriter::State state;
  const Tracer never({.ratio = 0}, std::make_unique<FakeWriter>(state));
  const Tracer always({.ratio = 1}, std::make_unique<FakeWriter>(state));
  for (int i = 0; i < 100; ++i) {
    EXPECT_FALSE(never.SampleNew());
    EXPECT_TRUE(always.SampleNew());
  }
}

TEST(OtlpWriterTest, TellsSpansByTheConventions) {
  Collector collector;
  auto writer = OtlpWriter({.endpoint = collector.endpoint(),
                            .ca = "",
                            .service_name = "gateway",
                            .service_version = "1.2",
                            .service_instance = "i-1"});
  ASSERT_TRUE(writer.ok()) << writer.status();
  Span server = SpanOf("/pkg.Service/Get");
  server.grpc_status = 5;
  server.reason = "NOT_FOUND";
  Span client = SpanOf("/pkg.Service/Get");
  client.kind = Span::Kind::kClient;
  client.parent_id = "00000000000000ff";
  client.grpc_status = 5;
  client.peer = "127.0.0.1:7401";
  client.attempt = 2;
  Span unknown = SpanOf("");
  unknown.grpc_status = 12;
  ASSERT_TRUE((*writer)->Write({server, client, unknown}, absl::Seconds(30)).ok());

  const std::vector<CollectedSpan> spans = collector.WaitFor(3);
  ASSERT_EQ(spans.size(), 3u);
  using otlp = opentelemetry::proto::trace::v1::Span;
  const auto& [first, resource, attributes] = spans[0];
  EXPECT_EQ(first.trace_id().size(), 16u);
  EXPECT_EQ(first.span_id(), "\xb7\xad\x6b\x71\x69\x20\x33\x31");
  EXPECT_EQ(first.parent_span_id(), "");
  EXPECT_EQ(first.name(), "pkg.Service/Get");
  EXPECT_EQ(first.kind(), otlp::SPAN_KIND_SERVER);
  EXPECT_EQ(first.end_time_unix_nano() - first.start_time_unix_nano(), 2000u);
  EXPECT_EQ(first.status().code(), 0);  // the caller's doing
  EXPECT_EQ(resource, (std::map<std::string, std::string>{{"service.name", "gateway"},
                                                          {"service.version", "1.2"},
                                                          {"service.instance.id", "i-1"}}));
  EXPECT_EQ(attributes, (std::map<std::string, std::string>{{"rpc.system", "grpc"},
                                                            {"rpc.service", "pkg.Service"},
                                                            {"rpc.method", "Get"},
                                                            {"rpc.grpc.status_code", "5"},
                                                            {"error.type", "NOT_FOUND"}}));
  EXPECT_EQ(spans[1].span.kind(), otlp::SPAN_KIND_CLIENT);
  EXPECT_EQ(spans[1].span.parent_span_id(), std::string("\0\0\0\0\0\0\0\xff", 8));
  EXPECT_EQ(spans[1].span.status().code(),
            opentelemetry::proto::trace::v1::Status::STATUS_CODE_ERROR);
  EXPECT_EQ(spans[1].attributes.at("server.address"), "127.0.0.1");
  EXPECT_EQ(spans[1].attributes.at("server.port"), "7401");
  EXPECT_EQ(spans[1].attributes.at("baliprocess.attempt"), "2");
  EXPECT_EQ(spans[2].span.name(), "unknown");
  EXPECT_EQ(spans[2].span.status().code(),
            opentelemetry::proto::trace::v1::Status::STATUS_CODE_ERROR);
}

TEST(OtlpWriterTest, GivesUpACollectorThatNeverAnswers) {
  Collector collector(/*silent=*/true);
  auto writer = OtlpWriter({.endpoint = collector.endpoint(),
                            .ca = "",
                            .service_name = "",
                            .service_version = "",
                            .service_instance = ""});
  ASSERT_TRUE(writer.ok());
  EXPECT_EQ((*writer)->Write({SpanOf("/a/B")}, absl::Milliseconds(50)).code(),
            absl::StatusCode::kDeadlineExceeded);
}

TEST(OtlpWriterTest, RefusesWhatIsNoEndpoint) {
  for (const char* endpoint : {"127.0.0.1:4317", "grpc://127.0.0.1:4317", "://"}) {
    OtlpOptions options;
    options.endpoint = endpoint;
    EXPECT_EQ(OtlpWriter(options).status().code(), absl::StatusCode::kInvalidArgument) << endpoint;
  }
  OtlpOptions options;
  options.endpoint = "https://127.0.0.1:4317";
  options.ca = "/nonexistent";
  EXPECT_EQ(OtlpWriter(options).status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace baliprocess::telemetry
