#include "common/auth/caller_cache.h"

#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"

namespace baliprocess::auth {
namespace {

std::shared_ptr<const Caller> Named(const std::string& subject) {
  auto caller = std::make_shared<Caller>();
  caller->subject = subject;
  return caller;
}

TEST(CallerCache, FindsWhatWasPut) {
  CallerCache cache;
  cache.Put("token", 1, Named("ann"));
  ASSERT_NE(cache.Find("token", 1), nullptr);
  EXPECT_EQ(cache.Find("token", 1)->subject, "ann");
  EXPECT_EQ(cache.Find("token ", 1), nullptr);
  EXPECT_EQ(cache.Find("toke", 1), nullptr);
}

TEST(CallerCache, ForgetsOlderGenerations) {
  CallerCache cache;
  cache.Put("token", 1, Named("ann"));
  EXPECT_EQ(cache.Find("token", 2), nullptr);
  EXPECT_EQ(cache.Find("token", 1), nullptr);
  EXPECT_EQ(cache.size(), 0u);
}

TEST(CallerCache, IgnoresWhatWasVerifiedWithOlderKeys) {
  CallerCache cache;
  EXPECT_EQ(cache.Find("token", 2), nullptr);
  cache.Put("token", 1, Named("ann"));
  EXPECT_EQ(cache.Find("token", 2), nullptr);
  EXPECT_EQ(cache.size(), 0u);
}

TEST(CallerCache, IsBounded) {
  CallerCache cache(256);
  for (int i = 0; i < 10000; ++i) cache.Put(absl::StrCat("token", i), 1, Named("ann"));
  EXPECT_LE(cache.size(), 256u);
  EXPECT_GE(cache.size(), 128u);
}

TEST(CallerCache, KeepsWhatIsUsed) {
  CallerCache cache(1024);
  cache.Put("used", 1, Named("ann"));
  cache.Put("unused", 1, Named("bob"));
  for (int i = 0; i < 20000; ++i) {
    cache.Put(absl::StrCat("token", i), 1, Named("other"));
    ASSERT_NE(cache.Find("used", 1), nullptr) << i;
  }
  EXPECT_EQ(cache.Find("unused", 1), nullptr);
}

}  // namespace
}  // namespace baliprocess::auth
