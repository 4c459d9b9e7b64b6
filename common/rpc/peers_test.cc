#include "common/rpc/peers.h"

#include <thread>

#include "absl/flags/declare.h"
#include "absl/flags/flag.h"
#include "absl/flags/reflection.h"

#include "common/rpc/test_authority.h"
#include "common/rpc/test_util.h"

ABSL_DECLARE_FLAG(std::string, peers);
ABSL_DECLARE_FLAG(std::string, peer_ca);
ABSL_DECLARE_FLAG(std::string, peer_name);
ABSL_DECLARE_FLAG(std::string, tls_cert);
ABSL_DECLARE_FLAG(std::string, tls_key);
ABSL_DECLARE_FLAG(bool, allow_plaintext);
ABSL_DECLARE_FLAG(int32_t, worker_threads);
ABSL_DECLARE_FLAG(absl::Duration, wait_for_peer);

namespace baliprocess::rpc {
namespace {

using ::baliprocess::testing::HasReason;
using ::baliprocess::testing::MessageHas;
using ::testing::AllOf;

// The echo server as a peer of the name that its contract gives it.
class PeersTest : public ServerTest {
 protected:
  static absl::Status Configure(const std::string& list,
                                const std::vector<std::string>& names = {"rpctest"}) {
    absl::SetFlag(&FLAGS_peers, list);
    return Peers::FromFlags(names).status();
  }
  // Calls the server, at `host`, as the flags say.
  absl::Status CallAt(const std::string& host) {
    absl::SetFlag(&FLAGS_peers, absl::StrCat("rpctest=", host, ":", server_->port()));
    const auto peers = Peers::FromFlags({"rpctest"});
    if (!peers.ok()) return peers.status();
    Call parent;
    parent.authorization = "Bearer secretary";
    parent.deadline = absl::InfiniteFuture();
    EchoReply reply;
    return (*peers)->Call(parent, *EchoServiceDescriptor()->FindMethodByName("Search"),
                          EchoRequest(), reply);
  }

  // Names and files that are wrong stay so.
  PeersTest() { absl::SetFlag(&FLAGS_wait_for_peer, absl::ZeroDuration()); }

  const absl::FlagSaver saver_;
};

TEST_F(PeersTest, TheListIsOfNamesAndAddresses) {
  EXPECT_OK(Configure("rpctest=127.0.0.1:1"));
  EXPECT_OK(Configure("rpctest=unix:/tmp/a=b"));
  EXPECT_OK(Configure(" ,rpctest=127.0.0.1:1, ", {"rpctest"}));
  EXPECT_OK(Configure("", {}));
  for (const char* list : {"rpctest", "rpctest=", "=127.0.0.1:1", "127.0.0.1:1", "="}) {
    EXPECT_THAT(Configure(list), AllOf(MessageHas("--peers"), MessageHas("service=address")))
        << list;
  }
}

TEST_F(PeersTest, EveryPeerHasOneAddressAndNoOtherHas) {
  EXPECT_THAT(Configure(""), MessageHas("must say where rpctest is"));
  EXPECT_THAT(Configure("rpctest=127.0.0.1:1", {"rpctest", "second"}),
              MessageHas("must say where second is"));
  EXPECT_THAT(Configure("rpctest=127.0.0.1:1,rpctest=127.0.0.1:2"), MessageHas("rpctest twice"));
  EXPECT_THAT(Configure("rpctest=127.0.0.1:1,third=127.0.0.1:2"),
              AllOf(MessageHas("names third"), MessageHas("asks rpctest")));
}

TEST_F(PeersTest, PlaintextStaysOnThisMachineUnlessAllowed) {
  EXPECT_THAT(Configure("rpctest=rpctest.example.org:1"),
              AllOf(MessageHas("plaintext"), MessageHas("rpctest.example.org:1")));
  absl::SetFlag(&FLAGS_allow_plaintext, true);
  EXPECT_OK(Configure("rpctest=rpctest.example.org:1"));
}

TEST_F(PeersTest, CallsGoToThePeerThatServesTheMethod) {
  Start();
  EXPECT_OK(CallAt("127.0.0.1"));
  absl::SetFlag(&FLAGS_peers, absl::StrCat("other=127.0.0.1:", server_->port()));
  ASSERT_OK_AND_ASSIGN(const auto peers, Peers::FromFlags({"other"}));
  EchoReply reply;
  EXPECT_THAT(peers->Call(Call(), *EchoServiceDescriptor()->FindMethodByName("Search"),
                          EchoRequest(), reply),
              MessageHas("no peer serves baliprocess.rpctest.EchoService.Search"));
}

TEST_F(PeersTest, MethodsThatChangeSomethingAreNotAsked) {
  Start();
  absl::SetFlag(&FLAGS_peers, absl::StrCat("rpctest=127.0.0.1:", server_->port()));
  ASSERT_OK_AND_ASSIGN(const auto peers, Peers::FromFlags({"rpctest"}));
  EchoReply reply;
  EXPECT_THAT(peers->Call(Call(), *EchoServiceDescriptor()->FindMethodByName("Change"),
                          EchoRequest(), reply),
              MessageHas("may change something"));
}

TEST_F(PeersTest, TheWaitIsNotNegative) {
  absl::SetFlag(&FLAGS_wait_for_peer, absl::Seconds(-1));
  EXPECT_THAT(Configure("rpctest=127.0.0.1:1"), MessageHas("--wait_for_peer"));
}

TEST_F(PeersTest, CallsThatWaitForPeersLeaveHalfOfTheWorkers) {
  absl::SetFlag(&FLAGS_worker_threads, 2);
  absl::Notification entered;
  absl::Notification leave;
  search_ = [&](Call&, const EchoRequest&, EchoReply&) {
    entered.Notify();
    leave.WaitForNotification();
    return absl::OkStatus();
  };
  Start();
  absl::SetFlag(&FLAGS_peers, absl::StrCat("rpctest=127.0.0.1:", server_->port()));
  ASSERT_OK_AND_ASSIGN(const auto peers, Peers::FromFlags({"rpctest"}));
  const auto ask = [&] {
    Call parent;
    parent.deadline = absl::InfiniteFuture();
    EchoReply reply;
    return peers->Call(parent, *EchoServiceDescriptor()->FindMethodByName("Search"), EchoRequest(),
                       reply);
  };
  std::thread first([&] { EXPECT_OK(ask()); });
  entered.WaitForNotification();
  EXPECT_THAT(ask(), HasReason(api::v1::Error::OVERLOADED));
  leave.Notify();
  first.join();
}

TEST_F(PeersTest, WhatTheyWereAskedIsSaid) {
  Start();
  absl::SetFlag(&FLAGS_peers, absl::StrCat("rpctest=127.0.0.1:", server_->port()));
  ASSERT_OK_AND_ASSIGN(const auto peers, Peers::FromFlags({"rpctest"}));
  Call parent;
  parent.deadline = absl::InfiniteFuture();
  EchoReply reply;
  EXPECT_OK(peers->Call(parent, *EchoServiceDescriptor()->FindMethodByName("Search"), EchoRequest(),
                        reply));
  peers->SayCounts();
  const auto lines = log_.Lines("peers");
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0]["service"], "rpctest");
  EXPECT_EQ(lines[0]["calls"], 1);
  EXPECT_EQ(lines[0]["failures"], 0);
}

TEST_F(PeersTest, UnusableFilesAreNamed) {
  absl::SetFlag(&FLAGS_peer_ca, "/missing/ca.pem");
  EXPECT_THAT(Configure("rpctest=127.0.0.1:1"), MessageHas("/missing/ca.pem"));
}

TEST_F(PeersTest, PeersProveTheirNameAndAreShownOurs) {
  const TestAuthority authority("peers_test");
  options_.tls = authority.Files("server", "ca");
  Start();
  absl::SetFlag(&FLAGS_peer_ca, authority.Path("ca.pem"));
  absl::SetFlag(&FLAGS_tls_cert, authority.Path("client.pem"));
  absl::SetFlag(&FLAGS_tls_key, authority.Path("client.key"));
  EXPECT_OK(CallAt("127.0.0.1"));
  EXPECT_THAT(CallAt("localhost"), HasReason(api::v1::Error::TEMPORARILY_UNAVAILABLE));
  absl::SetFlag(&FLAGS_peer_name, "echo");
  EXPECT_OK(CallAt("localhost"));
  absl::SetFlag(&FLAGS_peer_name, "another");
  EXPECT_THAT(CallAt("127.0.0.1"), HasReason(api::v1::Error::TEMPORARILY_UNAVAILABLE));
  absl::SetFlag(&FLAGS_peer_name, "");
  absl::SetFlag(&FLAGS_peer_ca, authority.Path("other.pem"));
  EXPECT_THAT(CallAt("127.0.0.1"), HasReason(api::v1::Error::TEMPORARILY_UNAVAILABLE));
}

}  // namespace
}  // namespace baliprocess::rpc
