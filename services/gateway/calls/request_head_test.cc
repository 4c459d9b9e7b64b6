// The grammar of what a caller may send ahead of a call.

#include "services/gateway/calls/request_head.h"

#include <gmock/gmock.h>

#include "common/testing/matchers.h"

namespace baliprocess::gateway {
namespace {

TEST(TimeoutTest, ReadsEveryUnit) {
  EXPECT_EQ(ParseTimeout("2H"), absl::Hours(2));
  EXPECT_EQ(ParseTimeout("2M"), absl::Minutes(2));
  EXPECT_EQ(ParseTimeout("2S"), absl::Seconds(2));
  EXPECT_EQ(ParseTimeout("2m"), absl::Milliseconds(2));
  EXPECT_EQ(ParseTimeout("2u"), absl::Microseconds(2));
  EXPECT_EQ(ParseTimeout("2n"), absl::Nanoseconds(2));
  EXPECT_EQ(ParseTimeout("99999999H"), absl::Hours(99999999));
  EXPECT_EQ(ParseTimeout("00000000n"), absl::ZeroDuration());
}

TEST(TimeoutTest, WritesWhatItReadsRoundedDown) {
  char buffer[16];
  EXPECT_EQ(FormatTimeout(absl::Seconds(2), buffer), "2000000u");
  EXPECT_EQ(FormatTimeout(absl::Nanoseconds(1999), buffer), "1u");
  EXPECT_EQ(FormatTimeout(-absl::Seconds(1), buffer), "0u");
  EXPECT_EQ(FormatTimeout(absl::Microseconds(100000999), buffer), "100000m");
  EXPECT_EQ(FormatTimeout(absl::Hours(28), buffer), "100800S");
  EXPECT_EQ(FormatTimeout(absl::Hours(99999999), buffer), "99999999S");
}

}  // namespace
}  // namespace baliprocess::gateway
