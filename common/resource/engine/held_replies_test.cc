#include "common/resource/engine/held_replies.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

#include "common/testing/matchers.h"

namespace baliprocess::resource {
namespace {

using testing::HasReason;

constexpr size_t kOwn = HeldReplies::kMostOfSubject;

TEST(HeldRepliesTest, ACallerHoldsUpToItsOwnBound) {
  HeldReplies held;
  ASSERT_OK(held.Take("anna", kOwn / 2));
  ASSERT_OK(held.Take("anna", kOwn / 2));
  EXPECT_THAT(held.Take("anna", 1), HasReason(api::v1::OVERLOADED));
  EXPECT_OK(held.Take("ben", kOwn));
  held.Release("anna", kOwn / 2);
  EXPECT_OK(held.Take("anna", kOwn / 2));
}

TEST(HeldRepliesTest, AllTogetherHoldUpToTheBoundOfAll) {
  HeldReplies held;
  for (size_t i = 0; i < HeldReplies::kMost / kOwn; ++i) {
    ASSERT_OK(held.Take(absl::StrCat("s", i), kOwn));
  }
  EXPECT_THAT(held.Take("another", 1), HasReason(api::v1::OVERLOADED));
  held.Release("s0", kOwn);
  EXPECT_OK(held.Take("another", kOwn));
}

TEST(HeldRepliesTest, AReplyLargerThanTheBoundsHasItsPlaceByItself) {
  HeldReplies held;
  ASSERT_OK(held.Take("anna", HeldReplies::kMost + 1));
  EXPECT_THAT(held.Take("ben", 1), HasReason(api::v1::OVERLOADED));
  held.Release("anna", HeldReplies::kMost + 1);
  ASSERT_OK(held.Take("ben", 1));
  EXPECT_THAT(held.Take("anna", HeldReplies::kMost), HasReason(api::v1::OVERLOADED));
}

}  // namespace
}  // namespace baliprocess::resource
