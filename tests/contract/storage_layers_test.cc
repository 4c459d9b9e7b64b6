// Layers over the stores: what is told to an observer, and what faults do.

#include "common/storage/observed_database.h"
#include "common/storage/store_error.h"
#include "common/testing/fault_database.h"
#include "tests/contract/storage_fixture.h"

namespace baliprocess::storage {
namespace {

class StorageLayersTest : public StorageTest {
 protected:
  StorageLayersTest() { CreateCounter(*db_); }
  int64_t Counter() { return SelectInt(*db_, "SELECT n FROM counter"); }
};

constexpr char kAdd[] = "UPDATE counter SET n = n + 1";

TEST_P(StorageLayersTest, AnObserverHearsOfEachStatementAndTransaction) {
  StoreCounters counters;
  ObservedDatabase observed(*db_, counters);
  ASSERT_OK(Execute(observed, kAdd));
  EXPECT_EQ(SelectInt(observed, "SELECT n FROM counter"), 1);
  EXPECT_FALSE(Execute(observed, "SELEKT").ok());
  // Work that refuses by itself is no failure of the store.
  EXPECT_FALSE(observed.Write([](Transaction&) { return absl::NotFoundError("no"); }).ok());
  const StoreCounters::Counts counts = counters.Get();
  EXPECT_EQ(counts.writes, 3);
  EXPECT_EQ(counts.reads, 1);
  EXPECT_EQ(counts.statements, 3);
  EXPECT_EQ(counts.failed_statements, 1);
  EXPECT_EQ(counts.failed_transactions, 1);
  counters.Listened(absl::OkStatus());
  counters.Listened(absl::UnavailableError("x"));
  EXPECT_EQ(counters.Get().failed_listens, 1);
}

TEST_P(StorageLayersTest, AFaultStrikesOnceAndUndoesItsTransaction) {
  testing::FaultDatabase faulty(*db_, StoreError(ErrorClass::kOther, "a fault"));
  faulty.FailStatement(2);
  const auto add_twice = [](Transaction& tx) -> absl::Status {
    RETURN_IF_ERROR(tx.Execute(kAdd).status());
    return tx.Execute(kAdd).status();
  };
  EXPECT_EQ(ClassOf(faulty.Write(add_twice)), ErrorClass::kOther);
  EXPECT_TRUE(faulty.struck());
  EXPECT_EQ(Counter(), 0);
  ASSERT_OK(faulty.Write(add_twice));
  EXPECT_EQ(Counter(), 2);
}

TEST_P(StorageLayersTest, AFailedStatementCannotBePassedOver) {
  testing::FaultDatabase faulty(*db_, StoreError(ErrorClass::kOther, "a fault"));
  faulty.FailStatement(1);
  EXPECT_FALSE(faulty
                   .Write([](Transaction& tx) {
                     EXPECT_FALSE(tx.Execute(kAdd).ok());
                     EXPECT_FALSE(tx.Execute(kAdd).ok());
                     return absl::OkStatus();
                   })
                   .ok());
  EXPECT_EQ(Counter(), 0);
}

TEST_P(StorageLayersTest, ACommitFailsOrIsOnlyNotToldOf) {
  testing::FaultDatabase faulty(*db_, StoreError(ErrorClass::kOther, "a fault"));
  faulty.FailCommit(1);
  EXPECT_FALSE(Execute(faulty, kAdd).ok());
  EXPECT_EQ(Counter(), 0);
  faulty.LoseAnswer(1);
  EXPECT_FALSE(Execute(faulty, kAdd).ok());
  EXPECT_EQ(Counter(), 1);
}

INSTANTIATE_TEST_SUITE_P(Engines, StorageLayersTest, ::testing::ValuesIn(testing::EngineNames()),
                         testing::EngineName);

}  // namespace
}  // namespace baliprocess::storage
