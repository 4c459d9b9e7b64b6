#include "services/gateway/calls/reader_progress.h"

#include <gtest/gtest.h>

namespace baliprocess::gateway {
namespace {

constexpr absl::Duration kTimeout = absl::Seconds(30);

SteadyTime At(int seconds) { return SteadyTime() + std::chrono::seconds(seconds); }

TEST(ReaderProgressTest, WhoTakesNothingHasStoppedWhenTheTimeIsOver) {
  ReaderProgress progress;
  EXPECT_FALSE(progress.HasStopped(true, At(0), kTimeout));
  EXPECT_FALSE(progress.HasStopped(true, At(29), kTimeout));
  EXPECT_TRUE(progress.HasStopped(true, At(30), kTimeout));
  EXPECT_FALSE(progress.HasStopped(true, At(31), kTimeout)) << "told once";
}

TEST(ReaderProgressTest, LittleIsNoProgress) {
  ReaderProgress progress;
  EXPECT_FALSE(progress.HasStopped(true, At(0), kTimeout));
  progress.Moved(4095);
  EXPECT_TRUE(progress.HasStopped(true, At(30), kTimeout));
}

TEST(ReaderProgressTest, WhoReadsHasItsTimeAnew) {
  ReaderProgress progress;
  EXPECT_FALSE(progress.HasStopped(true, At(0), kTimeout));
  progress.Moved(4095);
  progress.Moved(1);
  EXPECT_FALSE(progress.HasStopped(true, At(30), kTimeout));
  EXPECT_FALSE(progress.HasStopped(true, At(59), kTimeout));
  EXPECT_TRUE(progress.HasStopped(true, At(60), kTimeout));
}

TEST(ReaderProgressTest, WhileNothingWaitsNoTimePasses) {
  ReaderProgress progress;
  EXPECT_FALSE(progress.HasStopped(true, At(0), kTimeout));
  EXPECT_FALSE(progress.HasStopped(false, At(20), kTimeout));
  EXPECT_FALSE(progress.HasStopped(true, At(40), kTimeout));
  EXPECT_TRUE(progress.HasStopped(true, At(70), kTimeout));
}

}  // namespace
}  // namespace baliprocess::gateway
