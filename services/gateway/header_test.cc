// Header fields of one caller must not cost the calls of others, which share the connection to the
// service: every odd field is sent once to a real gRPC server, and then many at random.

#include <gmock/gmock.h>

#include <random>
#include <set>

#include "absl/strings/str_cat.h"

#include "common/base/errors.h"
#include "services/gateway/testing/fixture.h"
#include "services/gateway/testing/raw_peer.h"

namespace baliprocess::gateway {
namespace {

using ::baliprocess::testing::HasReason;
using ::baliprocess::testing::IsOk;
using ::testing::Eq;
using ::testing::Optional;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

class HeaderTest : public GatewayTest {
 protected:
  // A stream of another caller on the one connection to the service, which must stand to the end.
  void StartWithNeighbour() {
    Start();
    Headers headers = As("secretary");
    headers.emplace_back("do", "begin");
    neighbour_channel_ = NewChannel();
    neighbour_.emplace(neighbour_channel_, kWatchChanges, headers, absl::InfiniteDuration());
    neighbour_->SendOnly("");
    ASSERT_THAT(neighbour_->Receive(), Optional(Eq("begun")));
    raw_ = RawPeer::Connect(gateway_->port());
    ASSERT_NE(raw_, nullptr);
  }

  // How a call with these fields ends: its grpc-status, or `reset` or an HTTP status.
  std::string Answer(const RawPeer::Fields& fields) {
    if (raw_->over() || raw_->goaway()) raw_ = RawPeer::Connect(gateway_->port());
    const int32_t id = raw_->Request(fields, std::string(5, '\0'));
    const bool answered = raw_->Until([&] {
      const RawStream& stream = raw_->streams()[id];
      return stream.ended || stream.reset;
    });
    if (!answered) return "connection ended";
    RawStream& stream = raw_->streams()[id];
    if (stream.headers.count("grpc-status") == 1) return stream.headers["grpc-status"];
    return stream.reset ? "reset" : stream.headers[":status"];
  }

  // Whether calls still go to the service on the connection of the first.
  bool NeighbourStands() { return Answer({}) == "0" && backend_->seen().peers.size() == 1; }

  std::shared_ptr<grpc::Channel> neighbour_channel_;
  std::optional<ClientCall> neighbour_;
  std::unique_ptr<RawPeer> raw_;
};

TEST_F(HeaderTest, NoOddFieldEndsTheConnectionToTheService) {
  StartWithNeighbour();
  const std::string big(9000, 'a');
  const std::pair<std::string, std::string> odd[] = {
      {"x-bin", "***"},
      {"x-bin", "A"},
      {"x-bin", "AB"},
      {"x-bin", "AA="},
      {"x-bin", "AAA=="},
      {"x-bin", "-_8"},
      {"x-bin", "AAAA AAAA"},
      {"x-bin", "AA==,***"},
      {"x-bin", "$$$"},
      {"x-bin", ""},
      {"x-bin", ","},
      {"x-bin", ",,,"},
      {"x-bin", "="},
      {"x-bin", "===="},
      {"x-bin", "AAAA="},
      {"x-bin", " AA== "},
      {"x-bin", "AA==\t"},
      {"x-bin", "\xff"},
      {"-bin", "***"},
      {"grpc-trace-bin", "!"},
      {"grpc-tags-bin", "!"},
      {"lb-cost-bin", "AA"},
      {"lb-token", "x"},
      {"endpoint-load-metrics-bin", "AA"},
      {"grpc-status", "3"},
      {"grpc-message", "%zz"},
      {"grpc-status-details-bin", "!"},
      {"grpc-internal-encoding-request", "gzip"},
      {"grpc-internal-stream-encoding-request", "gzip"},
      {"grpc-retry-pushback-ms", "x"},
      {"grpc-previous-rpc-attempts", "x"},
      {"grpc-server-stats-bin", "AA"},
      {"grpclb_client_stats", "x"},
      {"grpc-encoding", ""},
      {"grpc-accept-encoding", ",,x,,"},
      {"grpc-accept-encoding", "\xff"},
      {"grpc-timeout", ""},
      {"grpc-timeout", "99999999H"},
      {"te", "gzip"},
      {"te", ""},
      {"content-type", "application/grpc;x=\xff"},
      {"content-type", "application/grpc+"},
      {":authority", ""},
      {":authority", "a b"},
      {":authority", std::string(5000, 'a')},
      {":scheme", "ftp"},
      {":scheme", "x"},
      {":path", "/"},
      {":path", "*"},
      {":method", "CONNECT"},
      {":method", "PRI"},
      {":status", "200"},
      {":protocol", "websocket"},
      {":odd", "x"},
      {"user-agent", ""},
      {"user-agent", std::string(5000, ' ')},
      {"user-agent", "\x80\xff"},
      {"host", ""},
      {"host", "a,b"},
      {"host", "\xff"},
      {"cookie", "a=b; c=d"},
      {"content-length", "4"},
      {"content-length", "x"},
      {"x-big", big},
      {"x!#$%&'*+^`|~y", "z"},
      {"x_y.z-1", "z"},
      {"x-utf8", "\xc3\xa9"},
      {"x-tab", "a\tb"},
      {"x-blank", " a "},
      {"x-empty", ""},
      {"X-Upper", "a"},
      {"", "x"},
      {"x-nul", std::string("a\0b", 3)},
      {"x-cr", "a\rb"},
      {"connection", "close"},
      {"transfer-encoding", "chunked"},
      {"upgrade", "h2c"},
      {"traceparent", "\xff"},
      {"x-request-id", "\xff"},
      {"authorization", "\xff"},
      {"authorization", ""},
      {"grpc-", "x"},
      {std::string(5000, 'n'), "x"},
      {std::string(4000, 'n') + "-bin", "AA"},
  };
  for (const auto& field : odd) {
    const std::string answer = Answer({field});
    EXPECT_NE(answer, "connection ended") << field.first << ": " << field.second;
    ASSERT_TRUE(NeighbourStands()) << field.first << ": " << field.second << " -> " << answer;
  }
}

TEST_F(HeaderTest, NoRandomFieldEndsTheConnectionToTheService) {
  StartWithNeighbour();
  std::mt19937 random(2024);
  const auto below = [&](size_t n) { return static_cast<size_t>(random() % n); };
  const std::string names[] = {
      "x",           "x-bin",        "grpc-encoding", "user-agent",
      "te",          "grpc-timeout", "host",          "grpc-trace-bin",
      ":authority",  "x-y-bin",      "content-type",  "grpc-accept-encoding",
      "grpc-status", "cookie",       "lb-cost-bin",   "grpc-tags-bin"};
  const std::string texts[] = {
      "",         "AA==", "AQ",   "A",  ",",       "=",    " ",
      "\t",       "!",    "gzip", "1S", "-",       "\xff", "application/grpc",
      "identity", "zz",   "AAAA", "+/", "trailers"};
  for (int i = 0; i < 400; ++i) {
    RawPeer::Fields fields;
    for (size_t n = 1 + below(6); n > 0; --n) {
      std::string value;
      for (size_t parts = below(4); parts > 0; --parts) value += texts[below(std::size(texts))];
      if (below(20) == 0) value += std::string(below(9000), 'a');
      fields.emplace_back(names[below(std::size(names))], value);
    }
    const std::string answer = Answer(fields);
    ASSERT_TRUE(NeighbourStands()) << i << ": " << answer << ::testing::PrintToString(fields);
  }
}

// As gRPC's own clients may send and as its servers must read (PROTOCOL-HTTP2.md).
TEST_F(HeaderTest, BinaryFieldsAreSplitAndWhatIsNotBase64IsLeftOut) {
  StartWithNeighbour();
  EXPECT_EQ(Answer({{"a-bin", "AA==,AQ, /w== "}, {"b-bin", "AAA,***,"}, {"c-bin", "AB"}}), "0");
  const auto headers = backend_->seen().headers;
  std::multiset<std::string> a;
  for (auto [it, end] = headers.equal_range("a-bin"); it != end; ++it) a.insert(it->second);
  EXPECT_THAT(a, UnorderedElementsAre(std::string(1, '\0'), "\x01", "\xff"));
  EXPECT_EQ(headers.count("b-bin"), 2u);  // the second is empty
  EXPECT_EQ(headers.find("b-bin")->second, std::string(2, '\0'));
  EXPECT_EQ(headers.count("c-bin"), 0u);
}

TEST_F(HeaderTest, WhatCallersMustNotSetIsLeftOut) {
  StartWithNeighbour();
  EXPECT_EQ(Answer({{"grpc-status", "5"},
                    {"grpc-internal-encoding-request", "gzip"},
                    {"x-utf8", "\xc3\xa9"},
                    {"x+y", "z"},
                    {"x-kept", "  a b\t"}}),
            "0");
  const auto headers = backend_->seen().headers;
  for (const char* name : {"grpc-status", "grpc-internal-encoding-request", "x-utf8", "x+y"}) {
    EXPECT_EQ(headers.count(name), 0u) << name;
  }
  EXPECT_EQ(headers.find("x-kept")->second, "a b");
}

// An authorization that can't be read isn't the public's.
TEST_F(HeaderTest, IllegibleTokenIsRefused) {
  StartWithNeighbour();
  EXPECT_EQ(Answer({{"authorization", "Bearer \xff"}}), "16");
  // nghttp2 would leave this field out, as HTTP/2 forbids the byte.
  EXPECT_EQ(Answer({{"authorization", "Bearer \x01"}}), "16");
}

// Each part of a binary field costs a field's 32 bytes and its name on the way to the service.
TEST_F(HeaderTest, SizeIsOfWhatGoesOn) {
  StartWithNeighbour();
  std::string parts = "AA";
  for (int i = 0; i < 1000; ++i) parts += ",AA";
  EXPECT_EQ(Answer({{"x-bin", parts}}), "8");
  EXPECT_TRUE(NeighbourStands());
}

// At the limit that the service announces: gRPC would end the connection beyond it.
TEST_F(HeaderTest, ServiceIsSentNoMoreThanItTakes) {
  StartWithNeighbour();
  // gRPC's default is 8 KiB.
  EXPECT_EQ(Answer({{"x-large", std::string(7000, 'x')}}), "0");
  EXPECT_EQ(Answer({{"x-large", std::string(8192, 'x')}}), "8");
  size_t fits = 7000;
  while (fits < 8192 && Answer({{"x-large", std::string(fits, 'x')}}) == "0") fits += 100;
  EXPECT_LT(fits, 8192u);
  EXPECT_EQ(raw_->streams().rbegin()->second.headers.count("grpc-status-details-bin"), 1u);
  EXPECT_TRUE(NeighbourStands());
}

// A service's own mistakes in a reply are that call's, or don't matter.
TEST_F(HeaderTest, OddFieldsOfRepliesCostNoOtherCall) {
  RawListener listener;
  Start(listener.port());
  auto service = listener.Accept();
  ASSERT_NE(service, nullptr);
  raw_ = RawPeer::Connect(gateway_->port());
  const std::pair<std::string, std::string> odd[] = {{"grpc-message", "ends in a blank "},
                                                     {"x-bin", "***"},
                                                     {"x!", "z"},
                                                     {"x-utf8", "\xff"},
                                                     {"X-Upper", "a"},
                                                     {"x-nul", {"a\0", 2}},
                                                     {"", "x"},
                                                     {":odd", "x"}};
  for (const auto& field : odd) {
    const int32_t id = raw_->Request({});
    std::optional<int32_t> seen;
    ASSERT_TRUE(raw_->Until([&] { return nghttp2_session_want_write(raw_->session()) == 0; }));
    ASSERT_TRUE(service->Until([&] {
      for (const auto& [stream, state] : service->streams()) {
        if (state.ended && !state.reset) seen = stream;
      }
      return seen.has_value();
    }));
    service->streams().erase(*seen);
    service->ReplyWhole(
        *seen,
        {{":status", "200"}, {"content-type", "application/grpc"}, {"grpc-status", "9"}, field});
    ASSERT_TRUE(
        service->Until([&] { return nghttp2_session_want_write(service->session()) == 0; }));
    ASSERT_TRUE(raw_->Until([&] { return raw_->streams()[id].ended; })) << field.first;
    auto& headers = raw_->streams()[id].headers;
    EXPECT_TRUE(headers["grpc-status"] == "9" || headers["grpc-status"] == "13") << field.first;
    EXPECT_EQ(headers.count("x-bin") + headers.count("x!") + headers.count("x-utf8"), 0u);
    EXPECT_FALSE(service->over());
    if (field.first != "grpc-message") continue;
    EXPECT_EQ(headers["grpc-status"], "9");
    EXPECT_EQ(headers["grpc-message"], "ends in a blank");
  }
}

}  // namespace
}  // namespace baliprocess::gateway
