// Places for connections: how many there are, and who gets one.

#include "services/gateway/listen/peers.h"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

namespace baliprocess::gateway {
namespace {

class PeersTest : public ::testing::Test {
 protected:
  Limits limits_;
  Peers peers_{limits_};
  SteadyTime now_ = SteadyNow();
};

TEST_F(PeersTest, PlacesAreLimitedAndGivenBack) {
  limits_.max_connections = 3;
  limits_.max_connections_per_address = 2;
  auto first = peers_.Admit("a", now_).peer;
  auto second = peers_.Admit("a", now_).peer;
  EXPECT_EQ(peers_.Admit("a", now_).peer, nullptr);
  auto third = peers_.Admit("b", now_).peer;
  EXPECT_NE(third, nullptr);
  EXPECT_EQ(peers_.Admit("c", now_).peer, nullptr);
  second.reset();
  EXPECT_NE(peers_.Admit("a", now_).peer, nullptr);
}

// Trust isn't catching, whoever comes first.
TEST_F(PeersTest, AProxyAndAClientOfOneAddressAreTwo) {
  const auto proxy = peers_.Admit("a", now_, true).peer;
  const auto client = peers_.Admit("a", now_).peer;
  EXPECT_TRUE(proxy->is_proxy());
  EXPECT_FALSE(client->is_proxy());
  EXPECT_FALSE(peers_.Behind("a", now_)->is_proxy());
  EXPECT_FALSE(peers_.Behind("b", now_)->is_proxy());
  EXPECT_TRUE(peers_.Admit("b", now_, true).peer->is_proxy());
}

TEST_F(PeersTest, WhoWasCutOffRepeatedlyConnectsSlowlyForAWhile) {
  auto peer = peers_.Admit("a", now_).peer;
  for (int i = 0; i < 3; ++i) peer->Strike(1, now_);
  EXPECT_FALSE(peer->suspect(now_)) << "a few times is nothing";
  for (int i = 0; i < 100; ++i) peer->Strike(1, now_);
  EXPECT_TRUE(peer->suspect(now_));
  std::vector<std::shared_ptr<Peer>> held;
  const auto admitted = [&](SteadyTime now) {
    int count = 0;
    for (auto answer = peers_.Admit("a", now); answer.peer; answer = peers_.Admit("a", now)) {
      held.push_back(answer.peer);
      ++count;
    }
    EXPECT_TRUE(peers_.Admit("a", now).later);
    return count;
  };
  EXPECT_EQ(admitted(now_), 10);
  EXPECT_EQ(admitted(now_ + std::chrono::seconds(1)), 10);
  EXPECT_NE(peers_.Admit("b", now_).peer, nullptr) << "others aren't concerned";
  EXPECT_FALSE(peer->suspect(now_ + std::chrono::seconds(15))) << "it is forgiven";
}

// The place is empty, but what was done there isn't forgotten: one connection after the other.
TEST_F(PeersTest, LeavingDoesNotClear) {
  for (int i = 0; i < 4; ++i) peers_.Admit("a", now_).peer->Strike(1, now_);
  EXPECT_TRUE(peers_.Admit("a", now_).peer->suspect(now_));
}

}  // namespace
}  // namespace baliprocess::gateway
