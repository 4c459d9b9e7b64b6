#include "services/gateway/net/http_date.h"

#include <gtest/gtest.h>

namespace baliprocess::gateway {
namespace {

TEST(HttpDateTest, IsThatOfTheStandard) {
  EXPECT_EQ(HttpDate(absl::FromUnixSeconds(784111777)), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(HttpDate(absl::FromUnixSeconds(0)), "Thu, 01 Jan 1970 00:00:00 GMT");
  EXPECT_EQ(HttpDate(absl::FromUnixSeconds(1709251199)), "Thu, 29 Feb 2024 23:59:59 GMT");
}

}  // namespace
}  // namespace baliprocess::gateway
