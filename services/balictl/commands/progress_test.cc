// balictl progress.

#include <gmock/gmock.h>

#include "baliprocess/capacity/v1/figures.pb.h"
#include "services/balictl/testing/server_fixture.h"

namespace baliprocess::balictl {
namespace {

using ::testing::HasSubstr;

class ProgressTest : public ServerFixture {
 protected:
  void SetUp() override {
    ASSERT_EQ(Do({"import", "deploy/data/bali-process-2024"}).code, 0);
    progress_.set_strategy("strategies/adelaide");
    auto& first = *progress_.add_entries();
    first.set_area("strategies/adelaide/areas/one");
    first.set_display_name("The first");
    first.set_completed_activities(12);
    first.set_planned_activities(2);
    first.set_publications(3);
    first.set_programmes(4);
    first.set_priorities(5);
    first.set_work_plan_items(7);
    first.set_completed_work_plan_items(6);
    auto& second = *progress_.add_entries();
    second.set_area("strategies/adelaide/areas/two");
    second.set_display_name("The second");
    server_.Reply("GetStrategyProgress", progress_);
  }

  capacity::v1::StrategyProgress progress_;
};

TEST_F(ProgressTest, HasARowForEachAreaEvenWithoutAnything) {
  const Ran ran = Do({"progress", "adelaide"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(ran.out,
            "Adelaide Strategy for Cooperation (strategies/adelaide)\n\n"
            "AREA        ACTIVITIES  PUBLICATIONS  PROGRAMMES  PRIORITIES  PLAN ITEMS\n"
            "The first   12 of 14    3             4           5           6 of 7\n"
            "The second  0           0             0           0           0\n");
  EXPECT_EQ(Do({"progress", "strategies/adelaide"}).out, ran.out);
}

TEST_F(ProgressTest, SaysThatThereAreNoAreas) {
  progress_.clear_entries();
  server_.Reply("GetStrategyProgress", progress_);
  EXPECT_EQ(Do({"progress", "adelaide"}).out,
            "Adelaide Strategy for Cooperation (strategies/adelaide)\n\nNo areas are on record.\n");
}

TEST_F(ProgressTest, IsJsonWhenAskedFor) {
  EXPECT_THAT(Do({"progress", "adelaide", "--output", "json"}).out,
              HasSubstr("\"completedWorkPlanItems\": 6"));
  EXPECT_EQ(Do({"progress", "adelaide", "--output", "yaml"}).code, 2);
}

TEST_F(ProgressTest, NeedsAStrategyThatIsThere) {
  EXPECT_THAT(Do({"progress", "none"}).err, HasSubstr("RESOURCE_NOT_FOUND"));
  EXPECT_EQ(Do({"progress"}).code, 2);
}

}  // namespace
}  // namespace baliprocess::balictl
