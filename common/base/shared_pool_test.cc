#include "common/base/shared_pool.h"

#include <gtest/gtest.h>

#include <vector>

namespace baliprocess {
namespace {

// However many have all that they may, the next one finds room.
TEST(PoolTest, LeavesRoomForOthers) {
  SharedPool pool{1000};
  std::vector<std::unique_ptr<PoolShare>> shares;
  int64_t taken = 0;
  for (int i = 0; i < 4; ++i) {
    shares.push_back(std::make_unique<PoolShare>(pool));
    int64_t own = 0;
    while (shares.back()->Take(10)) own += 10;
    taken += own;
    EXPECT_NEAR(own, 1000 - taken, 10) << i;
  }
  EXPECT_LT(taken, 1000);
  EXPECT_EQ(pool.taken, taken);
  PoolShare large(pool);
  EXPECT_TRUE(large.Take(500)) << "all that it has";
  EXPECT_FALSE(large.Take(1));
  large.Give(500);
  shares.back()->Give(10);
  EXPECT_TRUE(shares.back()->Take(10));
}

TEST(PoolTest, WhoHoldsNothingIsForgotten) {
  PoolShares shares(1000);
  PoolTicket first;
  ASSERT_TRUE(first.Take(shares.Of("anna"), 400));
  PoolTicket second;
  EXPECT_FALSE(second.Take(shares.Of("anna"), 400)) << "it is the same share";
  EXPECT_TRUE(second.Take(shares.Of("ben"), 400));
  EXPECT_EQ(shares.taken(), 800);
  second = PoolTicket();
  first = PoolTicket();
  EXPECT_EQ(shares.taken(), 0);
  EXPECT_TRUE(first.Take(shares.Of("anna"), 900)) << "anything when the share holds nothing else";
}

}  // namespace
}  // namespace baliprocess
