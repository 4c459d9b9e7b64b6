// What the store of the capacity-building service looks like.

#include "services/capacity/service.h"
#include "tests/contract/capacity_fixture.h"

namespace baliprocess::capacity {
namespace {

using CapacitySchemaTest = CapacityTest;
INSTANTIATE_ON_ENGINES(CapacitySchemaTest);

TEST_P(CapacitySchemaTest, IsAsCommitted) {
  if (!capacity_store_.is_sqlite()) GTEST_SKIP() << "the committed copy is of SQLite's dialect";
  testing::ExpectCommittedSchema(Resources().value(), *capacity_, "capacity");
}

}  // namespace
}  // namespace baliprocess::capacity
