// What the store of the meetings service looks like.

#include "services/meetings/service.h"
#include "tests/contract/meetings_fixture.h"

namespace baliprocess::meetings {
namespace {

using MeetingsSchemaTest = MeetingsTest;
INSTANTIATE_ON_ENGINES(MeetingsSchemaTest);

TEST_P(MeetingsSchemaTest, IsAsCommitted) {
  if (!store_.is_sqlite()) GTEST_SKIP() << "the committed copy is of SQLite's dialect";
  testing::ExpectCommittedSchema(Resources().value(), *service_, "meetings");
}

// Without peers nothing that refers to members could be checked.
TEST_P(MeetingsSchemaTest, TheEngineDoesNotStartWithoutPeers) {
  testing::TestStore fresh(GetParam());
  const auto database = fresh.Open();
  EXPECT_THAT(resource::Engine::Create(Resources().value(), *database, {}).status(),
              testing::MessageHas("refers to other services"));
}

}  // namespace
}  // namespace baliprocess::meetings
