// What the store of the meetings service looks like.

#include <fstream>
#include <iterator>

#include "common/resource/schema.h"
#include "services/meetings/service.h"
#include "tests/contract/meetings_fixture.h"

namespace baliprocess::meetings {
namespace {

using MeetingsSchemaTest = MeetingsTest;
INSTANTIATE_ON_ENGINES(MeetingsSchemaTest);

TEST_P(MeetingsSchemaTest, IsAsCommitted) {
  const std::string path = "services/meetings/schema.sql";
  std::ifstream file(path);
  const std::string committed{std::istreambuf_iterator<char>(file), {}};
  if (!store_.is_sqlite()) GTEST_SKIP() << "the committed copy is of SQLite's dialect";
  EXPECT_EQ(resource::PrintSchema(Resources().value(), service_->database().dialect()), committed)
      << "The schema has changed. Raise kSchemaVersion in services/meetings/service.h and write "
         "what `meetings --print-schema` prints to "
      << path;
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
