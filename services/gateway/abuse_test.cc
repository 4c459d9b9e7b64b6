// Who makes more work than it asks for is cut off, with a reason and a line in the log; who is only
// busy never is.

#include <gmock/gmock.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

#include "common/testing/log_capture.h"
#include "services/gateway/testing/fixture.h"
#include "services/gateway/testing/http1_peer.h"
#include "services/gateway/testing/raw_peer.h"
#include "services/gateway/web/gzip.h"

namespace baliprocess::gateway {
namespace {

using ::baliprocess::testing::IsOk;
using ::baliprocess::testing::LogCapture;
using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::Optional;
using Seen = TestBackend::Seen;

const Headers kHang = {{"do", "hang"}};

class AbuseTest : public GatewayTest {
 protected:
  void StartRaw() {
    Start();
    ConnectRaw();
  }
  void ConnectRaw() {
    raw_ = RawPeer::Connect(gateway_->port());
    ASSERT_NE(raw_, nullptr);
  }

  // Whether the connection ends with this GOAWAY.
  bool IsCutOff() {
    return raw_->Until([&] { return raw_->goaway() == uint32_t{NGHTTP2_ENHANCE_YOUR_CALM}; }) &&
           !raw_->Until([] { return false; }) && raw_->over();
  }

  // Whether everything sent so far was taken.
  bool IsServed() {
    const int32_t id = raw_->Request({});
    return raw_->Until([&] { return raw_->streams()[id].ended; });
  }

  // A call that the client breaks off.
  void BreakOff(uint32_t code) {
    const int32_t id = raw_->Request({{"do", "hang"}});
    ASSERT_TRUE(
        raw_->Until([&] { return nghttp2_session_get_outbound_queue_size(raw_->session()) == 0; }));
    nghttp2_submit_rst_stream(raw_->session(), NGHTTP2_FLAG_NONE, id, code);
  }

  std::unique_ptr<RawPeer> raw_;
};

TEST_F(AbuseTest, RapidResetsAreCutOff) {
  options_.limits.max_resets = 20;
  Start();
  for (const auto code : {NGHTTP2_CANCEL, NGHTTP2_NO_ERROR}) {
    ConnectRaw();
    EXPECT_TRUE(IsServed());
    for (int i = 0; i < 19; ++i) BreakOff(code);
    EXPECT_TRUE(IsServed()) << "at the limit";
    for (int i = 0; i < 3; ++i) BreakOff(code);
    EXPECT_TRUE(IsCutOff()) << code;
    EXPECT_THAT(Call(kGetMember, "").status, IsOk()) << "others aren't concerned";
  }
}

// The client's clock and the gateway's differ, so that either may be first.
TEST_F(AbuseTest, DeadlinesThatPassAreNotAbuse) {
  options_.limits.max_resets = 5;
  Start();
  LogCapture log;
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(Call(kGetMember, "", kHang, absl::Milliseconds(30)).status.code(),
              absl::StatusCode::kDeadlineExceeded);
  }
  EXPECT_THAT(Call(kGetMember, "").status, IsOk());
  EXPECT_EQ(log.Count("client cut off"), 0);
}

// A service that hangs is not its callers' fault. A client that gives it no time is.
TEST_F(AbuseTest, OnlyDeadlinesThatNobodyCanMeetCost) {
  options_.limits.work_per_second = 20;  // 200 at once
  Start();
  const auto late = [&](absl::Duration timeout) {
    for (int i = 0; i < 15 && !raw_->over(); ++i) {
      const auto text = absl::StrCat(absl::ToInt64Milliseconds(timeout), "m");
      const int32_t id = raw_->Request({{"do", "hang"}, {"grpc-timeout", text}});
      const absl::Time end = absl::Now() + timeout;
      raw_->Until([&] { return absl::Now() > end - absl::Milliseconds(8); });
      nghttp2_submit_rst_stream(raw_->session(), NGHTTP2_FLAG_NONE, id, NGHTTP2_CANCEL);
      raw_->Until([&] { return absl::Now() > end; });
    }
  };
  ConnectRaw();
  late(absl::Milliseconds(60));
  EXPECT_TRUE(IsServed());
  late(absl::Milliseconds(20));
  EXPECT_TRUE(IsCutOff());
}

// Each kind of frame, below the limit and beyond it.
TEST_F(AbuseTest, FramesThatMoveNothingAreCutOff) {
  options_.limits.work_per_second = 20;  // 200 at once
  Start();
  struct Kind {
    const char* name;
    int few;
    int many;
    std::function<void(nghttp2_session*)> send;
  };
  const nghttp2_settings_entry entry = {NGHTTP2_SETTINGS_ENABLE_PUSH, 0};
  const Kind kinds[] = {
      {"ping", 60, 120, [](auto* s) { nghttp2_submit_ping(s, NGHTTP2_FLAG_NONE, nullptr); }},
      {"settings", 8, 30,
       [&](auto* s) { nghttp2_submit_settings(s, NGHTTP2_FLAG_NONE, &entry, 1); }},
      {"window update", 120, 250,
       [](auto* s) { nghttp2_submit_window_update(s, NGHTTP2_FLAG_NONE, 0, 1); }},
  };
  for (const Kind& kind : kinds) {
    ConnectRaw();
    for (int i = 0; i < kind.few; ++i) kind.send(raw_->session());
    EXPECT_TRUE(IsServed()) << kind.name;
    for (int i = 0; i < kind.many; ++i) kind.send(raw_->session());
    EXPECT_TRUE(IsCutOff()) << kind.name;
  }
}

TEST_F(AbuseTest, OneByteDataIsCutOff) {
  options_.limits.work_per_second = 20;
  StartRaw();
  std::string dribble("\0\0\1\0\0", 5);
  raw_->Request({{"do", "hang"}}, dribble, false);
  for (int i = 0; i < 250; ++i) raw_->Dribble("x");
  EXPECT_TRUE(IsCutOff());
}

// One large field in HPACK's table, and references to it: a byte each, kilobytes to look at.
TEST_F(AbuseTest, ReferencesBeyondTheLimitAreNotLookedAt) {
  options_.limits.max_resets = 10;
  options_.limits.max_header_bytes = 4000;
  StartRaw();
  const std::string large(3000, 'x');
  const RawPeer::Fields fields(10, {"x-large", large});
  for (int i = 0; i < 12 && !raw_->over(); ++i) {
    const int32_t id = raw_->Request(fields);
    raw_->Until([&] { return raw_->goaway() || raw_->streams()[id].reset; });
  }
  EXPECT_TRUE(IsCutOff());
}

// What is unpacked before nghttp2 takes it (net/head_unpacker.h) is longer than what was paid for.
TEST_F(AbuseTest, HeadsThatAreUnpackedEarnNoMoreThanTheyCost) {
  options_.limits.work_per_second = 20;  // 200 at once
  StartRaw();
  for (int i = 0; i < 100 && !raw_->over(); ++i) {
    const int32_t id =
        raw_->Request({{":path", "/no/such"}, {"authorization", std::string(1600, 'e')}});
    raw_->Until([&] { return raw_->goaway() || raw_->streams()[id].ended; });
  }
  EXPECT_TRUE(IsCutOff());
}

TEST_F(AbuseTest, ForgedTokensAreCutOff) {
  options_.limits.work_per_second = 200;
  StartRaw();
  for (int i = 0; i < 30 && !raw_->over(); ++i) {
    const int32_t id = raw_->Request({{"authorization", absl::StrCat("Bearer forged", i)}});
    raw_->Until([&] { return raw_->goaway() || raw_->streams()[id].ended; });
  }
  EXPECT_TRUE(IsCutOff());
}

// The keys may have been rotated or taken away: that costs no signature, and happens to many.
TEST_F(AbuseTest, TokensOfUnknownKeysAreRefusedCheaply) {
  options_.limits.work_per_second = 200;
  StartRaw();
  for (int i = 0; i < 60; ++i) {
    const int32_t id = raw_->Request({{"authorization", "Bearer rotated"}});
    ASSERT_TRUE(raw_->Until([&] { return raw_->streams()[id].ended; })) << i;
    EXPECT_EQ(raw_->streams()[id].headers["grpc-status"], "16");
  }
  EXPECT_TRUE(IsServed());
}

// Each connection stays far within its own budget.
TEST_F(AbuseTest, WorkOfAnAddressIsBoundedAsAWhole) {
  options_.limits.work_per_second_per_address = 50;  // 1,000 at once
  LogCapture log;
  Start();
  const auto ping = [&](int count) {
    for (int i = 0; i < count; ++i) {
      nghttp2_submit_ping(raw_->session(), NGHTTP2_FLAG_NONE, nullptr);
    }
  };
  std::vector<std::unique_ptr<RawPeer>> connections;
  for (int i = 0; i < 4; ++i) {
    ConnectRaw();
    ping(110);
    EXPECT_TRUE(IsServed()) << i;
    connections.push_back(std::move(raw_));
  }
  for (auto& connection : connections) {
    raw_ = std::move(connection);
    ping(300);
    EXPECT_TRUE(IsCutOff());
  }
  EXPECT_EQ(log.Count("reason=\"too much work of its address\""), 4);
}

// What clients do with calls fills the budget of their address as well.
TEST_F(AbuseTest, BusyClientsAreNotCutOff) {
  options_.limits.work_per_second_per_address = 15;
  options_.limits.work_per_second = 30;  // next to nothing
  Start();
  LogCapture log;
  for (int i = 0; i < 2000; ++i) ASSERT_THAT(Call(kGetMember, "hello").status, IsOk());
  // Uploads and downloads in frames of 16 KiB.
  const std::string message(1 << 20, 'x');
  for (int i = 0; i < 20; ++i) ASSERT_THAT(Call(kGetMember, message).status, IsOk());
  EXPECT_EQ(log.Count("client cut off"), 0);
}

// Many more than a thousand messages in a second, each in a frame of its own.
TEST_F(AbuseTest, StreamsOfSmallMessagesAreNotCutOff) {
  Start();
  LogCapture log;
  Headers headers = As("secretary");
  headers.emplace_back("do", "echo");
  ClientCall call(channel_, kUploadDocument, headers);
  for (int i = 0; i < 5000; ++i) {
    ASSERT_TRUE(call.Send("small"));
    ASSERT_THAT(call.Receive(), Optional(Eq("small")));
  }
  call.EndSending();
  EXPECT_THAT(call.Finish(), IsOk());
  EXPECT_EQ(log.Count("client cut off"), 0);
}

TEST_F(AbuseTest, LogSaysWhoWasCutOffAndWhyInFewLines) {
  options_.limits.max_resets = 400;
  options_.access_log = true;
  LogCapture log;
  StartRaw();
  EXPECT_TRUE(IsServed());
  for (int i = 0; i < 410 && !raw_->over(); ++i) BreakOff(NGHTTP2_CANCEL);
  EXPECT_TRUE(IsCutOff());
  raw_.reset();
  gateway_.reset();
  EXPECT_EQ(log.Count("client cut off"), 1);
  EXPECT_THAT(log.text(), HasSubstr("peer=\"127.0.0.1\" reason=\"too many calls broken off\""));
  EXPECT_LT(log.Count("access: call"), 150);
  EXPECT_GT(log.Count("access: call"), 50);
  EXPECT_GE(log.Count("lines about a peer weren't logged"), 1);
}

// What no rate counts: what browsers ask for permission, and whether the gateway is healthy.
TEST_F(AbuseTest, WhatCostsNoCallFillsNoLog) {
  constexpr int kMany = 200;
  LogCapture log;
  options_.access_log = true;
  StartRaw();
  for (int i = 0; i < kMany; ++i) {
    const int32_t id = raw_->Request({{":method", "OPTIONS"},
                                      {":path", "/v1/members"},
                                      {"content-type", ""},
                                      {"origin", "https://example.org"},
                                      {"access-control-request-method", "POST"}},
                                     "");
    ASSERT_TRUE(raw_->Until([&] { return raw_->streams()[id].ended; }));
  }
  for (int i = 0; i < kMany; ++i) {
    EXPECT_THAT(Call("/grpc.health.v1.Health/Check", "").status, IsOk());
  }
  raw_.reset();
  channel_.reset();
  gateway_.reset();
  EXPECT_GE(log.Count("access: call"), 1);
  EXPECT_LT(log.Count("access: call"), kMany);
}

// A body that is small as it is sent, and large when it is unpacked, counts as many calls.
TEST_F(AbuseTest, UnpackingIsPaidFor) {
  options_.limits.rates.anonymous = {.per_second = 1, .at_once = 20};
  options_.limits.rates.secretariat = {.per_second = 1, .at_once = 20};
  StartRaw();
  const auto ask = [&](const std::string& body) {
    const int32_t id = raw_->Request({{":path", "/v1/members:batchGet"},
                                      {"content-type", "application/json"},
                                      {"content-encoding", "gzip"},
                                      {"authorization", "Bearer secretary"}},
                                     body);
    EXPECT_TRUE(raw_->Until([&] { return raw_->streams()[id].ended; }));
    return raw_->streams()[id].headers[":status"];
  };
  const std::string small = *Gzip(R"({"names": ["members/aus"]})");
  const std::string large =
      *Gzip(absl::StrCat(R"({"names": [")", std::string(1 << 20, 'x'), "\"]}"));
  EXPECT_EQ(ask(small), "200");
  EXPECT_EQ(ask(large), "200") << "what is too much is found when it is there";
  EXPECT_EQ(ask(small), "429");
}

// Frames by hand.
std::string Frame(uint8_t type, uint8_t flags, char stream, const std::string& payload) {
  return std::string("\0\0", 2) + static_cast<char>(payload.size()) + static_cast<char>(type) +
         static_cast<char>(flags) + std::string("\0\0\0", 3) + stream + payload;
}
const std::string kGreeting =
    std::string(NGHTTP2_CLIENT_MAGIC) + Frame(NGHTTP2_SETTINGS, NGHTTP2_FLAG_NONE, 0, "");

TEST_F(AbuseTest, LogSaysWhoBreaksTheRules) {
  Start();
  std::string many = Frame(NGHTTP2_HEADERS, NGHTTP2_FLAG_NONE, 1, "");
  for (int i = 0; i < 100; ++i) many += Frame(NGHTTP2_CONTINUATION, NGHTTP2_FLAG_NONE, 1, "");
  const std::string no_window =
      Frame(NGHTTP2_WINDOW_UPDATE, NGHTTP2_FLAG_NONE, 0, std::string(4, '\0'));
  for (const std::string& bytes : {many, no_window}) {
    LogCapture log;
    const auto peer = Http1Peer::Connect(gateway_->port());
    peer->Send(kGreeting + bytes);
    EXPECT_TRUE(peer->IsClosed());
    EXPECT_EQ(log.Count("client cut off peer=\"127.0.0.1\" reason=\"it breaks the rules"), 1);
  }
}

TEST_F(AbuseTest, LogSaysWhoIsTooSlow) {
  options_.limits.header_timeout = absl::Milliseconds(50);
  options_.limits.handshake_timeout = absl::Milliseconds(50);
  options_.tick = absl::Milliseconds(10);
  Start();
  const std::string head = Frame(NGHTTP2_HEADERS, NGHTTP2_FLAG_NONE, 1, "");
  const std::pair<std::string, std::string> rows[] = {
      {"", "it said nothing in time"},
      {"PRI * HT", "it said nothing in time"},
      {kGreeting + head, "a request's head took too long to come"}};
  for (const auto& [bytes, reason] : rows) {
    LogCapture log;
    const auto peer = Http1Peer::Connect(gateway_->port());
    peer->Send(bytes);
    EXPECT_TRUE(peer->IsClosed());
    EXPECT_EQ(log.Count(absl::StrCat("client cut off peer=\"127.0.0.1\" reason=\"", reason)), 1);
  }
}

TEST_F(AbuseTest, LogSaysThatTheLimitOfConnectionsWasMet) {
  options_.limits.max_connections_per_address = 1;
  LogCapture log;
  StartRaw();
  EXPECT_TRUE(IsServed());
  for (int i = 0; i < 100; ++i) {
    auto refused = RawPeer::Connect(gateway_->port());
    ASSERT_NE(refused, nullptr);
    refused->Until([] { return false; });
  }
  EXPECT_GE(log.Count("connection refused"), 1);
  EXPECT_LT(log.Count("connection refused"), 30);
}

// Else few addresses could keep everybody out by connecting alone.
TEST_F(AbuseTest, IdleConnectionsGiveWayWhenPlacesRunShort) {
  LogCapture log;
  options_.threads = 1;
  options_.limits.max_connections = 4;
  options_.limits.spare_time = absl::Milliseconds(50);
  options_.tick = absl::Milliseconds(10);
  Start();
  std::vector<std::unique_ptr<RawPeer>> idle;
  for (int i = 0; i < 3; ++i) {
    ConnectRaw();
    EXPECT_TRUE(IsServed());
    idle.push_back(std::move(raw_));
  }
  ConnectRaw();
  const int32_t busy = raw_->Request({{"do", "hang"}});
  // The longest idle goes, and others until there is a place.
  EXPECT_TRUE(idle.front()->Until([&] { return idle.front()->goaway().has_value(); }));
  EXPECT_FALSE(idle.front()->Until([] { return false; }));
  EXPECT_TRUE(idle.front()->over());
  const auto next = RawPeer::Connect(gateway_->port());
  ASSERT_NE(next, nullptr);
  const int32_t id = next->Request({});
  EXPECT_TRUE(next->Until([&] { return next->streams()[id].ended; }));
  EXPECT_TRUE(IsServed()) << "whose connection has a call stays";
  EXPECT_FALSE(raw_->goaway().has_value());
  EXPECT_FALSE(raw_->streams()[busy].ended);
  EXPECT_GE(log.Count("idle connections give way"), 1);
}

// What the gateway answers itself waits for its reader as replies of services do, and is bounded as
// they are: pages, what isn't there, what is refused before its rate is looked at.
TEST_F(AbuseTest, AnswersThatNobodyReadsAreBounded) {
  constexpr int kMost = 10;
  options_.limits.max_calls = 2 * kMost;  // of which an address alone may have half
  options_.limits.work_per_second = 1'000'000;
  for (const char* path : {"/v1/nothing", "/openapi.json", "/v1/membership:watchChanges"}) {
    Start();
    raw_ = RawPeer::Connect(gateway_->port(), {{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 0}});
    for (int i = 0; i < 3 * kMost; ++i) {
      raw_->Request({{":method", "GET"}, {":path", path}, {"content-type", ""}}, "");
    }
    const auto begun = [&] {
      return std::count_if(raw_->streams().begin(), raw_->streams().end(),
                           [](const auto& it) { return it.second.headers.contains(":status"); });
    };
    const auto reset = [&] {
      return std::count_if(raw_->streams().begin(), raw_->streams().end(),
                           [](const auto& it) { return it.second.reset.has_value(); });
    };
    EXPECT_TRUE(raw_->Until([&] { return begun() + reset() == 3 * kMost; })) << path;
    EXPECT_EQ(begun(), kMost) << path;
    // The place is given back: as many can be answered again.
    raw_ = RawPeer::Connect(gateway_->port());
    EXPECT_TRUE(IsServed()) << path;
  }
}

TEST_F(AbuseTest, FloodThatIsAnsweredFasterThanItIsReadIsCutOff) {
  LogCapture log;
  StartRaw();
  for (int i = 0; i < 1000; ++i) nghttp2_submit_ping(raw_->session(), NGHTTP2_FLAG_NONE, nullptr);
  EXPECT_TRUE(IsCutOff()) << "it is told why";
  gateway_.reset();
  EXPECT_EQ(log.Count("client cut off"), 1);
}

}  // namespace
}  // namespace baliprocess::gateway
