// The store fails at each statement of a mutation in turn: it is done whole or not at all, the
// caller is told, and the next one works.

#include <mutex>
#include <string>

#include "absl/strings/str_cat.h"

#include "common/storage/store_error.h"
#include "common/telemetry/log.h"
#include "common/testing/fault_database.h"
#include "tests/contract/membership_fixture.h"
#include "tests/contract/watch_reader.h"

namespace baliprocess::membership {
namespace {

class FaultTest : public ::testing::TestWithParam<std::string> {
 protected:
  FaultTest() {
    auto faults = std::make_unique<testing::FaultDatabase>(
        *store_, storage::StoreError(storage::ErrorClass::kOther, "a fault of the disk"));
    faults_ = faults.get();
    service_ = std::make_unique<Service>(std::move(faults), clock_);
  }

  absl::Status Try(const std::string& method, const std::string& request) {
    return service_->CallText(Secretariat(), method, request).status();
  }

  // All that mutations write, as text.
  std::string Everything() {
    std::string all;
    for (const char* table : {"bodies", "changes", "resource_references", "replays"}) {
      const absl::Status status = store_->Read([&](storage::Transaction& tx) -> absl::Status {
        ASSIGN_OR_RETURN(const auto rows,
                         tx.Query(absl::StrCat("SELECT * FROM ", table, " ORDER BY 1, 2")));
        for (const storage::Row& row : rows) {
          absl::StrAppend(&all, "\n", table);
          for (const storage::Value& value : row) {
            absl::StrAppend(&all, " ", storage::AsInt(value), storage::AsText(value),
                            storage::AsBytes(value));
          }
        }
        return absl::OkStatus();
      });
      EXPECT_OK(status);
    }
    return all;
  }

  // Calls a mutation with a fault at its first statement, its second and so on, until there are no
  // more and it succeeds.
  void FailEachStatement(const std::string& method, const std::string& request) {
    const std::string before = Everything();
    for (int n = 1; n < 100; ++n) {
      SCOPED_TRACE(absl::StrCat(method, ", statement ", n));
      faults_->FailStatement(n);
      const absl::Status status = Try(method, request);
      if (!faults_->struck()) {
        faults_->Heal();
        EXPECT_OK(status);
        EXPECT_GT(n, 3);
        EXPECT_NE(Everything(), before);
        return;
      }
      EXPECT_FALSE(status.ok());
      EXPECT_EQ(Everything(), before);
      EXPECT_OK(Try("ListBodies", ""));
    }
    FAIL() << method << " has no end";
  }

  FakeClock clock_{absl::FromUnixSeconds(1714640400)};
  const testing::TestStore test_store_{GetParam()};
  const std::unique_ptr<storage::Database> store_ = test_store_.Open();
  std::unique_ptr<Service> service_;
  testing::FaultDatabase* faults_ = nullptr;
};

constexpr char kCreate[] =
    "request_id: '9c1f6f0e-3b1c-4d7e-8a54-0f5f6a2b7c11' body_id: 'a' "
    "body { kind: TASK_FORCE display_name: 'Task force' }";

TEST_P(FaultTest, AStatementThatFailsLeavesNothingHalfDone) {
  FailEachStatement("CreateBody", kCreate);
  FailEachStatement("UpdateBody",
                    "request_id: '9c1f6f0e-3b1c-4d7e-8a54-0f5f6a2b7c12' "
                    "body { name: 'bodies/a' display_name: 'Forces' } "
                    "update_mask { paths: 'display_name' }");
  FailEachStatement("DeleteBody",
                    "request_id: '9c1f6f0e-3b1c-4d7e-8a54-0f5f6a2b7c13' name: 'bodies/a'");
  FailEachStatement("UndeleteBody",
                    "request_id: '9c1f6f0e-3b1c-4d7e-8a54-0f5f6a2b7c14' name: 'bodies/a'");
}

TEST_P(FaultTest, ACommitThatFailsLeavesNothing) {
  const std::string before = Everything();
  faults_->FailCommit(1);
  EXPECT_FALSE(Try("CreateBody", kCreate).ok());
  EXPECT_EQ(Everything(), before);
  EXPECT_OK(Try("CreateBody", kCreate));
}

TEST_P(FaultTest, ACommitThatNobodyHeardOfIsReplayed) {
  faults_->LoseAnswer(1);
  EXPECT_FALSE(Try("CreateBody", kCreate).ok());
  const std::string after = Everything();
  EXPECT_OK(Try("CreateBody", kCreate));
  EXPECT_EQ(Everything(), after);
}

TEST_P(FaultTest, AFeedThatCannotBeReadIsSaidAndSoIsItsReturn) {
  std::mutex mutex;
  std::string text;
  telemetry::Logging logging({.write = [&](std::string_view lines) {
    const std::lock_guard lock(mutex);
    text.append(lines);
  }});
  const auto said = [&](std::string_view words) {
    logging.Flush();
    const std::lock_guard lock(mutex);
    return text.find(words) != std::string::npos;
  };
  // Other reads of the engine may be those that fail.
  for (int i = 0; i < 100 && !said("log of changes can't be read"); ++i) {
    ASSERT_OK(Try("CreateBody",
                  absl::StrCat("body_id: 'b", i, "' body { kind: TASK_FORCE display_name: 'B' }")));
    testing::WatchReader reader(*service_, Secretariat());
    ASSERT_OK(Try("CreateBody",
                  absl::StrCat("body_id: 'c", i, "' body { kind: TASK_FORCE display_name: 'C' }")));
    faults_->FailRead(1);
    reader.ReadThrough(absl::StrCat("bodies/c", i));
    faults_->Heal();
  }
  EXPECT_TRUE(said("log of changes can't be read"));
  testing::WatchReader reader(*service_, Secretariat());
  ASSERT_OK(Try("CreateBody", "body_id: 'd' body { kind: TASK_FORCE display_name: 'D' }"));
  reader.ReadThrough("bodies/d");
  EXPECT_TRUE(said("can be read again"));
}

TEST_P(FaultTest, APartOfHousekeepingThatFailsDoesNotStopTheOthers) {
  if (!test_store_.is_sqlite()) GTEST_SKIP() << "another read may be the one that fails";
  ASSERT_OK(Try("CreateBody", kCreate));
  EXPECT_NE(Everything().find("\nreplays"), std::string::npos);
  faults_->FailRead(1);  // of the back-fill, the first part
  clock_.Advance(absl::Hours(24 * 400));
  EXPECT_FALSE(service_->engine().KeepHouse().ok());
  EXPECT_EQ(Everything().find("\nreplays"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(Engines, FaultTest, ::testing::ValuesIn(testing::EngineNames()),
                         testing::EngineName);

}  // namespace
}  // namespace baliprocess::membership
