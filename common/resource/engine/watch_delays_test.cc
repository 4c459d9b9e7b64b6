#include "common/resource/engine/watch_delays.h"

#include <gmock/gmock.h>
#include <prometheus/text_serializer.h>

#include <string>

namespace baliprocess::resource {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string TextOf(const WatchDelays& delays) {
  telemetry::Families families;
  delays.AddMetrics(families);
  return prometheus::TextSerializer().Serialize(families.Take());
}

TEST(WatchDelaysTest, AWatchLagsUntilItHasToldAll) {
  WatchDelays delays;
  const auto watch = delays.Begin();
  EXPECT_THAT(TextOf(delays), HasSubstr("bali_watches 1\n"));
  EXPECT_THAT(TextOf(delays), HasSubstr("bali_watch_lag_seconds 0\n"));
  watch->Woken();
  EXPECT_THAT(TextOf(delays), Not(HasSubstr("bali_watch_lag_seconds 0\n")));
  EXPECT_THAT(TextOf(delays), HasSubstr("bali_watch_delay_seconds_count 0\n"));
  watch->Told();
  watch->CaughtUp();
  EXPECT_THAT(TextOf(delays), HasSubstr("bali_watch_lag_seconds 0\n"));
  EXPECT_THAT(TextOf(delays), HasSubstr("bali_watch_delay_seconds_count 1\n"));
}

TEST(WatchDelaysTest, CatchingUpWithNothingIsNoDelay) {
  WatchDelays delays;
  const auto watch = delays.Begin();
  watch->CaughtUp();
  watch->Woken();  // as by a change that its reader doesn't see
  watch->CaughtUp();
  EXPECT_THAT(TextOf(delays), HasSubstr("bali_watch_lag_seconds 0\n"));
  EXPECT_THAT(TextOf(delays), HasSubstr("bali_watch_delay_seconds_count 0\n"));
}

TEST(WatchDelaysTest, AWatchThatEndedLagsNoMore) {
  WatchDelays delays;
  delays.Begin()->Woken();
  EXPECT_THAT(TextOf(delays), HasSubstr("bali_watches 0\n"));
  EXPECT_THAT(TextOf(delays), HasSubstr("bali_watch_lag_seconds 0\n"));
}

TEST(WatchDelaysTest, AWatchMayOutliveTheDelays) {
  std::shared_ptr<WatchDelays::Watch> watch;
  {
    WatchDelays delays;
    watch = delays.Begin();
  }
  watch->Woken();
  watch->CaughtUp();
}

}  // namespace
}  // namespace baliprocess::resource
