#include "common/resource/engine/clock_trust.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <string>

#include "common/telemetry/log.h"

namespace baliprocess::resource {
namespace {

using ::testing::HasSubstr;

class ClockTrustTest : public ::testing::Test {
 protected:
  // So long, with a look each minute, as the engine looks. Whether the clock was trusted
  // throughout.
  bool TrustedFor(absl::Duration time) {
    bool trusted = true;
    for (; time > absl::ZeroDuration(); time -= absl::Minutes(1)) {
      clock_.Advance(absl::Minutes(1));
      trusted = trust_.Now().has_value() && trusted;
    }
    return trusted;
  }

  FakeClock clock_{absl::FromUnixSeconds(1714640400)};
  ClockTrust trust_{clock_, clock_.since_start(), absl::InfinitePast()};
};

TEST_F(ClockTrustTest, AClockThatGoesOnIsTrusted) {
  EXPECT_EQ(trust_.Now(), clock_.Now());
  clock_.Advance(absl::Hours(24 * 366));  // as after a suspend
  EXPECT_EQ(trust_.Now(), clock_.Now());
}

TEST_F(ClockTrustTest, ItIsComparedFromTheFirstMoment) {
  clock_.Set(absl::Hours(1));
  EXPECT_FALSE(trust_.Now());
}

TEST_F(ClockTrustTest, AMinuteIsPassedOverAndAMicrosecondMoreIsNot) {
  for (const absl::Duration minute : {ClockTrust::kTolerance, -ClockTrust::kTolerance}) {
    ASSERT_TRUE(trust_.Now());
    clock_.Set(minute);
    EXPECT_TRUE(trust_.Now());
    clock_.Set(minute > absl::ZeroDuration() ? minute + absl::Microseconds(1)
                                             : minute - absl::Microseconds(1));
    EXPECT_FALSE(trust_.Now());
    clock_.Set(-minute);
  }
}

TEST_F(ClockTrustTest, AClockThatIsBackIsTrustedAtOnce) {
  for (const absl::Duration wrong : {absl::Hours(9000), -absl::Hours(9000)}) {
    ASSERT_TRUE(trust_.Now());
    clock_.Set(wrong);
    EXPECT_FALSE(TrustedFor(absl::Minutes(30)));
    EXPECT_FALSE(trust_.Now());
    clock_.Set(-wrong);
    EXPECT_TRUE(trust_.Now());
  }
}

TEST_F(ClockTrustTest, AClockThatHasStoodForAnHourIsBelieved) {
  ASSERT_TRUE(trust_.Now());
  clock_.Set(absl::Hours(3));
  EXPECT_FALSE(trust_.Now());
  clock_.Advance(absl::Minutes(40));
  clock_.Set(absl::Hours(3));  // set again: the hour begins anew
  EXPECT_FALSE(trust_.Now());
  clock_.Advance(ClockTrust::kStanding - absl::Microseconds(1));
  EXPECT_FALSE(trust_.Now());
  clock_.Advance(absl::Microseconds(1));
  EXPECT_EQ(trust_.Now(), clock_.Now());
  EXPECT_TRUE(TrustedFor(absl::Hours(2)));
}

TEST_F(ClockTrustTest, AtTheStartItMustNotBeBeforeWhatTheStoreHas) {
  const absl::Time newest = clock_.Now() + absl::Hours(1);
  ClockTrust trust(clock_, clock_.since_start(), newest);
  EXPECT_FALSE(trust.Now());
  clock_.Set(absl::Hours(1) - ClockTrust::kTolerance - absl::Microseconds(1));
  EXPECT_FALSE(trust.Now());
  clock_.Set(absl::Microseconds(1));  // put right
  EXPECT_EQ(trust.Now(), clock_.Now());

  ClockTrust other(clock_, clock_.since_start(), clock_.Now() + absl::Hours(5));
  EXPECT_FALSE(other.Now());
  clock_.Advance(ClockTrust::kStanding);
  EXPECT_EQ(other.Now(), clock_.Now());
}

TEST_F(ClockTrustTest, NothingIsRemovedInTheFirstMinutes) {
  EXPECT_TRUE(trust_.Now());
  EXPECT_FALSE(trust_.NowForRemoval());
  clock_.Advance(ClockTrust::kFirstLook - absl::Microseconds(1));
  EXPECT_FALSE(trust_.NowForRemoval());
  clock_.Set(absl::Hours(1));  // doesn't shorten it
  EXPECT_FALSE(trust_.NowForRemoval());
  clock_.Set(-absl::Hours(1));
  clock_.Advance(absl::Microseconds(1));
  EXPECT_EQ(trust_.NowForRemoval(), clock_.Now());
  clock_.Set(absl::Hours(1));
  EXPECT_FALSE(trust_.NowForRemoval());
}

TEST_F(ClockTrustTest, TheLogSaysItOnceEach) {
  std::string text;
  telemetry::Logging logging({.write = [&](std::string_view lines) { text.append(lines); }});
  ASSERT_TRUE(trust_.Now());
  clock_.Set(absl::Hours(9000));
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(trust_.Now());
  clock_.Advance(ClockTrust::kStanding);
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(trust_.Now());
  logging.Flush();
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 3) << text;
  EXPECT_THAT(text, HasSubstr("isn't trusted"));
  EXPECT_THAT(text, HasSubstr("it is 9000h ahead"));
  EXPECT_THAT(text, HasSubstr("it is believed"));
  EXPECT_THAT(text, HasSubstr("is trusted again"));
}

TEST(ClockTest, TheTimeSinceTheStartGoesOn) {
  const absl::Time before = Clock::SinceStart().Now();
  EXPECT_GT(before, absl::UnixEpoch());
  EXPECT_GE(Clock::SinceStart().Now(), before);
}

}  // namespace
}  // namespace baliprocess::resource
