// Secrets, and what is new with each call, on their way to a service: whole, of the call that they
// belong to, and never indexed (RFC 7541 7.1.3).

#include <gmock/gmock.h>

#include <set>
#include <string>
#include <vector>

#include "services/gateway/testing/raw_peer.h"
#include "services/gateway/testing/replicas.h"

namespace baliprocess::gateway {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

constexpr char kToken[] = "Bearer secretary";

class LiteralsTest : public ReplicasTest {
 protected:
  // A client and a service that the test plays itself, and the gateway between them.
  void StartRaw(std::vector<nghttp2_settings_entry> settings = {}) {
    Start(listener_.port());
    service_ = listener_.Accept(std::move(settings));
    client_ = RawPeer::Connect(gateway_->port());
    ASSERT_NE(service_, nullptr);
    ASSERT_NE(client_, nullptr);
  }

  // Makes the client send what it has.
  void Send() {
    ASSERT_TRUE(
        client_->Until([&] { return nghttp2_session_want_write(client_->session()) == 0; }));
  }

  // The next call that the service sees.
  RawStream NextCall() {
    const size_t seen = seen_++;
    const bool came = service_->Until([&] {
      return service_->streams().size() > seen && service_->streams().rbegin()->second.ended;
    });
    EXPECT_TRUE(came);
    return came ? service_->streams().rbegin()->second : RawStream();
  }

  RawStream Forward(const RawPeer::Fields& fields) {
    client_->Request(fields);
    Send();
    return NextCall();
  }

  RawListener listener_;
  std::unique_ptr<RawPeer> service_;
  std::unique_ptr<RawPeer> client_;
  size_t seen_ = 0;
};

TEST_F(LiteralsTest, TokensAndWhatIsNewWithEachCallEnterNoTable) {
  StartRaw();
  std::set<size_t> table_sizes;
  for (const std::string token : {"secretary", "observer", "brief", "secretary"}) {
    const RawStream call = Forward({{"authorization", "Bearer " + token},
                                    {"grpc-timeout", "20S"},
                                    {"x-request-id", "of-" + token},
                                    {"x-common", "the same"}});
    EXPECT_EQ(call.headers.at("authorization"), "Bearer " + token);
    EXPECT_THAT(call.headers.at("traceparent"), SizeIs(55));
    EXPECT_EQ(call.headers.at("x-common"), "the same");
    EXPECT_EQ(call.headers.at("x-request-id"), "of-" + token);
    EXPECT_THAT(call.never_indexed,
                ElementsAre("authorization", "grpc-timeout", "traceparent", "x-request-id"));
    table_sizes.insert(nghttp2_session_get_hd_inflate_dynamic_table_size(service_->session()));
  }
  EXPECT_THAT(table_sizes, SizeIs(1));
}

TEST_F(LiteralsTest, WhatAClientSaysNeverToIndexIsNot) {
  StartRaw();
  client_->NeverIndex("x-secret");
  for (int i = 0; i < 3; ++i) {
    const RawStream call = Forward({{"x-secret", std::string(100, 'e')}, {"x-open", "open"}});
    EXPECT_EQ(call.headers.at("x-secret"), std::string(100, 'e'));
    EXPECT_EQ(call.headers.at("x-open"), "open");
    EXPECT_THAT(call.never_indexed, ElementsAre("traceparent", "x-secret"));
  }
}

// The rest of such heads doesn't fit into one frame.
TEST_F(LiteralsTest, LargeHeadsAreForwardedWhole) {
  StartRaw();
  for (const size_t size : {size_t{100}, size_t{7000}, size_t{9000}, size_t{14000}}) {
    const RawStream call = Forward({{"authorization", kToken}, {"x-big", std::string(size, '~')}});
    EXPECT_EQ(call.headers.at("authorization"), kToken);
    EXPECT_THAT(call.headers.at("x-big"), SizeIs(size));
    EXPECT_THAT(call.never_indexed, ElementsAre("authorization", "traceparent"));
  }
}

TEST_F(LiteralsTest, ACallThatIsGivenUpBeforeItWasSentLeavesItsTokenToNobody) {
  StartRaw({{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, 1}});
  Forward({{"authorization", "Bearer observer"}});
  const int32_t waiting = client_->Request({{"authorization", "Bearer brief"}});
  Send();
  nghttp2_submit_rst_stream(client_->session(), NGHTTP2_FLAG_NONE, waiting, NGHTTP2_CANCEL);
  const int32_t anonymous = client_->Request({{"x-who", "nobody"}});
  client_->Request({{"authorization", kToken}});
  Send();
  ASSERT_TRUE(Await([&] { return Sum(&EndpointSnapshot::outstanding) >= 3; }));
  const auto answer = [&] {
    const int32_t id = service_->streams().rbegin()->first;
    service_->ReplyWhole(id, {{":status", "200"}, {"grpc-status", "5"}});
  };
  answer();
  const RawStream next = NextCall();
  EXPECT_EQ(next.headers.at("x-who"), "nobody");
  EXPECT_EQ(next.headers.count("authorization"), 0u);
  answer();
  EXPECT_EQ(NextCall().headers.at("authorization"), kToken);
  EXPECT_TRUE(client_->Until([&] { return client_->streams()[anonymous].ended; }));
}

TEST_F(LiteralsTest, AnotherTryHasTheTokenToo) {
  StartRaw();
  const RawStream first = Forward({{"authorization", kToken}});
  nghttp2_submit_rst_stream(service_->session(), NGHTTP2_FLAG_NONE,
                            service_->streams().rbegin()->first, NGHTTP2_REFUSED_STREAM);
  const RawStream second = NextCall();
  EXPECT_EQ(second.headers.at("grpc-previous-rpc-attempts"), "1");
  EXPECT_EQ(second.headers.at("authorization"), kToken);
  EXPECT_THAT(second.never_indexed, ElementsAre("authorization", "traceparent"));
}

// Whether it has come to the gateway Huffman-coded or as it is, once or often.
TEST_F(LiteralsTest, LongValuesThatRepeatArriveAsTheyWereSent) {
  StartRaw();
  for (const std::string& value : {std::string(350, 'e'), std::string(350, '~')}) {
    for (int i = 0; i < 5; ++i) {
      const RawStream call = Forward({{"authorization", kToken}, {"x-long", value}});
      EXPECT_EQ(call.headers.at("x-long"), value) << i;
    }
  }
}

}  // namespace
}  // namespace baliprocess::gateway
