// Who doesn't read holds up nobody else, and fills no memory.

#include <gmock/gmock.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

#include "common/testing/log_capture.h"
#include "services/gateway/testing/fixture.h"
#include "services/gateway/testing/raw_peer.h"

namespace baliprocess::gateway {
namespace {

using ::baliprocess::testing::IsOk;
using ::baliprocess::testing::LogCapture;
using Seen = TestBackend::Seen;

using FlowControlTest = GatewayTest;

// Messages may follow each other in it.
RawPeer::Fields Upload(const std::string& what) {
  return {{":path", kUploadDocument}, {"authorization", "Bearer secretary"}, {"do", what}};
}

// 100 MB. A reply that nobody reads stops at its window and at what the sockets between hold.
const Headers kStream = {{"do", "stream"}, {"count", "10000"}, {"size", "10000"}};
constexpr int64_t kHeld = 30 << 20;

// The client's windows are wide open: it is its socket that is full.
TEST_F(FlowControlTest, StalledReaderStopsTheService) {
  Start();
  constexpr int32_t kWide = 1 << 30;
  auto reader = RawPeer::Connect(gateway_->port(), {{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, kWide}});
  ASSERT_NE(reader, nullptr);
  nghttp2_session_set_local_window_size(reader->session(), NGHTTP2_FLAG_NONE, 0, kWide);
  const int32_t id = reader->Request(kStream);
  ASSERT_TRUE(reader->Until([&] { return !reader->streams()[id].data.empty(); }));
  // Nothing is read from here on: the service must come to a stop, while others are served.
  int64_t sent = 0;
  do {
    sent = backend_->seen().bytes_sent;
    for (int i = 0; i < 100; ++i) ASSERT_THAT(Call(kGetMember, "hello").status, IsOk());
  } while (sent != backend_->seen().bytes_sent);
  EXPECT_LT(sent, kHeld);
  reader.reset();
  EXPECT_TRUE(backend_->WaitFor([](const Seen& seen) { return seen.cancelled == 1; }));
}

// gRPC's client takes a stream's bytes only when they are asked for.
TEST_F(FlowControlTest, StalledStreamHoldsUpNoOther) {
  Start();
  ClientCall stalled(channel_, kGetMember, kStream);
  stalled.SendOnly("");
  ASSERT_TRUE(backend_->WaitFor([](const Seen& seen) { return seen.bytes_sent > 0; }));
  const std::string message(1000, 'x');
  for (int i = 0; i < 200; ++i) ASSERT_THAT(Call(kGetMember, message).status, IsOk());
  channel_ = NewChannel();
  for (int i = 0; i < 200; ++i) ASSERT_THAT(Call(kGetMember, message).status, IsOk());
  EXPECT_LT(backend_->seen().bytes_sent, kHeld);
}

// A message of 1 MiB each; most of it is still the service's to keep.
TEST_F(FlowControlTest, UnreadRepliesAreBounded) {
  options_.limits.max_unread_bytes = 8 << 20;  // half of it for one address
  Start();
  auto reader = RawPeer::Connect(gateway_->port(), {{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 0}});
  ASSERT_NE(reader, nullptr);
  for (int i = 0; i < 20; ++i) {
    reader->Request({{"do", "stream"}, {"count", "1"}, {"size", absl::StrCat(1 << 20)}});
  }
  ASSERT_TRUE(reader->Until([&] { return backend_->seen().cancelled == 17; }));
  EXPECT_TRUE(backend_->WaitFor([](const Seen& seen) { return seen.cancelled == 17; }));
  EXPECT_THAT(Call(kGetMember, "hello").status, IsOk()) << "small ones pass";
  // One that is read makes room for another.
  EXPECT_EQ(Call(kGetMember, std::string(1 << 20, 'x')).status.code(),
            absl::StatusCode::kResourceExhausted);
  // Of the 20, the service may have answered any first.
  const auto over = [](const auto& stream) {
    return stream.second.ended || stream.second.reset.has_value();
  };
  auto& streams = reader->streams();
  ASSERT_TRUE(
      reader->Until([&] { return std::count_if(streams.begin(), streams.end(), over) == 17; }));
  const auto held = std::find_if_not(streams.begin(), streams.end(), over);
  ASSERT_NE(held, streams.end());
  nghttp2_submit_rst_stream(reader->session(), NGHTTP2_FLAG_NONE, held->first, NGHTTP2_CANCEL);
  ASSERT_TRUE(reader->Until([&] { return backend_->seen().cancelled == 19; }));
  EXPECT_THAT(Call(kGetMember, std::string(1 << 20, 'x')).status, IsOk());
}

// Small replies: it is their number that counts.
TEST_F(FlowControlTest, UnreadSmallRepliesAreBounded) {
  options_.limits.max_unread_bytes = 80 << 10;
  options_.tick = absl::Milliseconds(20);
  Start();
  auto reader = RawPeer::Connect(gateway_->port(), {{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 0}});
  ASSERT_NE(reader, nullptr);
  for (int i = 0; i < 20; ++i) reader->Request({});
  const auto ended = [&] {
    return std::count_if(reader->streams().begin(), reader->streams().end(),
                         [](const auto& stream) { return stream.second.reset.has_value(); });
  };
  EXPECT_TRUE(reader->Until([&] { return ended() == 11; }));
}

// Replies that are too small to be counted by themselves, but there are many, and the sockets are
// full, of up to 4 MB each: what waits for these counts.
TEST_F(FlowControlTest, OutputThatWaitsForTheSocketIsBounded) {
  constexpr int kCalls = 5000;
  options_.limits.max_unread_bytes = 4096;
  options_.limits.max_streams_per_connection = kCalls;
  options_.limits.max_calls = 8 * kCalls;
  options_.limits.per_address.unfinished_calls = 2 * kCalls;
  options_.tick = absl::Minutes(1);
  // The service is busy, too, and may answer late.
  options_.upstream.ping = false;
  LogCapture log;
  Start();
  std::vector<std::unique_ptr<RawPeer>> readers;
  for (int i = 0; i < 2; ++i) {
    readers.push_back(RawPeer::Connect(gateway_->port(), {}, 16 << 10));
    RawPeer& reader = *readers.back();
    nghttp2_session_set_local_window_size(reader.session(), NGHTTP2_FLAG_NONE, 0, 1 << 30);
    for (int call = 0; call < kCalls; ++call) {
      reader.Request({{"do", "stream"}, {"count", "1"}, {"size", "1000"}});
    }
    // All is asked for; of the answers nothing is read.
    ASSERT_TRUE(reader.SendOnly());
  }
  const absl::Time end = absl::Now() + absl::Minutes(1);
  constexpr char kCut[] = "reason=\"replies that it doesn't read\"";
  while (log.Count(kCut) == 0 && absl::Now() < end) {
    ASSERT_THAT(Call("/grpc.health.v1.Health/Check", "").status, IsOk());
  }
  EXPECT_GE(log.Count(kCut), 1);
}

// Many connections of one address, each with as many calls as it may have, and all are read.
TEST_F(FlowControlTest, BusyFrontEndIsServed) {
  constexpr int kConnections = 64;
  constexpr int kCalls = 100;
  options_.threads = 2;
  options_.limits.max_calls = 2 * kConnections * kCalls;
  // The service is busy, too, and may answer late.
  options_.upstream.ping = false;
  LogCapture log;
  Start();
  std::vector<std::unique_ptr<RawPeer>> connections;
  for (int i = 0; i < kConnections; ++i) {
    connections.push_back(RawPeer::Connect(gateway_->port()));
    ASSERT_NE(connections.back(), nullptr);
  }
  for (int round = 0; round < 3; ++round) {
    for (const auto& connection : connections) {
      for (int i = 0; i < kCalls; ++i)
        connection->Request({}, std::string("\0\0\0\1\0", 5) + std::string(256, 'x'));
      // Sent to all of them before any answer is waited for.
      connection->Until([&] { return nghttp2_session_want_write(connection->session()) == 0; });
    }
    for (const auto& connection : connections) {
      auto& streams = connection->streams();
      ASSERT_TRUE(connection->Until([&] {
        return streams.size() == static_cast<size_t>(kCalls * (round + 1)) &&
               std::all_of(streams.begin(), streams.end(),
                           [](const auto& stream) { return stream.second.ended; });
      }));
      for (auto& [id, stream] : streams) {
        ASSERT_EQ(stream.headers["grpc-status"], "0") << stream.headers["grpc-message"];
      }
    }
  }
  EXPECT_EQ(log.Count("call refused"), 0);
  EXPECT_EQ(log.Count("client cut off"), 0);
}

// A service that reads nothing stops the client, and nobody else.
TEST_F(FlowControlTest, StalledServiceStopsTheClient) {
  Start();
  auto client = RawPeer::Connect(gateway_->port());
  const int32_t id = client->Request(Upload("hang"), std::string(8 << 20, '\0'), false);
  for (int i = 0; i < 100; ++i) ASSERT_THAT(Call(kGetMember, "hello").status, IsOk());
  ASSERT_TRUE(client->Until([&] {
    return nghttp2_session_get_stream_remote_window_size(client->session(), id) == 0 &&
           nghttp2_session_get_remote_window_size(client->session()) > 0;
  }));
  EXPECT_EQ(client->Request({}), id + 2);
  EXPECT_TRUE(client->Until([&] { return client->streams()[id + 2].ended; }));
  EXPECT_EQ(client->streams()[id + 2].headers.at("grpc-status"), "0");
}

// A service whose windows are wide open, but that doesn't read its socket any more.
TEST_F(FlowControlTest, StalledConnectionOfAServiceStopsTheClient) {
  RawListener listener;
  options_.services = {{"meetings", {absl::StrCat("127.0.0.1:", listener.port())}}};
  Start(listener.port());
  constexpr int32_t kWide = 1 << 30;
  auto service = listener.Accept({{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, kWide}});
  ASSERT_NE(service, nullptr);
  nghttp2_session_set_local_window_size(service->session(), NGHTTP2_FLAG_NONE, 0, kWide);
  ASSERT_TRUE(service->Until([&] { return nghttp2_session_want_write(service->session()) == 0; }));
  auto client = RawPeer::Connect(gateway_->port());
  const int32_t id = client->Request(Upload(""), std::string(kHeld, '\0'), false);
  ASSERT_TRUE(client->Until([&] {
    return nghttp2_session_get_stream_remote_window_size(client->session(), id) == 0 &&
           nghttp2_session_get_remote_window_size(client->session()) > 0;
  }));
  // Both connections still carry what doesn't need that one.
  EXPECT_THAT(Call("/grpc.health.v1.Health/Check", "").status, IsOk());
  const int32_t health =
      client->Request({{":path", "/grpc.health.v1.Health/Check"}}, std::string(5, '\0'));
  EXPECT_TRUE(client->Until([&] { return client->streams()[health].ended; }));
  EXPECT_EQ(client->streams()[health].headers["grpc-status"], "0");
}

}  // namespace
}  // namespace baliprocess::gateway
