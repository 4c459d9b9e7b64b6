// What every store does when many use it at once.

#include <atomic>
#include <chrono>
#include <future>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/time/clock.h"

#include "tests/contract/storage_fixture.h"

namespace baliprocess::storage {
namespace {

class StorageConcurrencyTest : public StorageTest {};
INSTANTIATE_TEST_SUITE_P(Engines, StorageConcurrencyTest,
                         ::testing::ValuesIn(testing::EngineNames()), testing::EngineName);

// Runs `body` with 0 to n-1, each in a thread of its own, and waits for all.
template <typename Body>
void InThreads(int n, const Body& body) {
  std::vector<std::thread> threads;
  for (int i = 0; i < n; ++i) threads.emplace_back([&body, i] { body(i); });
  for (std::thread& thread : threads) thread.join();
}

absl::Status Increment(Transaction& tx, int64_t id) {
  ASSIGN_OR_RETURN(const auto rows, tx.Query("SELECT n FROM counter WHERE id = ?", {id}));
  return tx.Execute("UPDATE counter SET n = ? WHERE id = ?", {AsInt(rows.at(0)[0]) + 1, id})
      .status();
}

TEST_P(StorageConcurrencyTest, NoUpdateIsLost) {
  CreateCounter(*db_);
  constexpr int kThreads = 64;
  constexpr int kRounds = 5;
  std::atomic<int> done = 0;
  InThreads(kThreads, [&](int) {
    for (int i = 0; i < kRounds; ++i) {
      const absl::Status status = db_->Write([](Transaction& tx) { return Increment(tx, 1); });
      EXPECT_TRUE(status.ok() || ClassOf(status) == ErrorClass::kConflict) << status;
      if (status.ok()) ++done;
    }
  });
  EXPECT_EQ(SelectInt(*db_, "SELECT n FROM counter"), done);
  // Conflicts are this layer's business: callers rarely see them.
  EXPECT_GE(done, kThreads * kRounds * 9 / 10);
}

TEST_P(StorageConcurrencyTest, AFailingTransactionHurtsNoOther) {
  CreateCounter(*db_);
  constexpr int kThreads = 32;
  for (int i = 0; i < kThreads; ++i) {
    ASSERT_OK(Execute(*db_, "INSERT INTO counter VALUES (?, 0)", {int64_t{100 + i}}));
  }
  InThreads(kThreads, [&](int i) {
    for (int round = 0; round < 10; ++round) {
      const bool fail = i % 2 == 0;
      const absl::Status status = db_->Write([&](Transaction& tx) -> absl::Status {
        RETURN_IF_ERROR(Increment(tx, 100 + i));
        // Some fail by a statement, some by themselves.
        if (fail && i % 4 == 0) return absl::CancelledError("on purpose");
        if (fail) return tx.Execute("INSERT INTO counter VALUES (1, 1)").status();
        return absl::OkStatus();
      });
      EXPECT_EQ(status.ok(), !fail) << status;
    }
  });
  EXPECT_EQ(SelectInt(*db_, "SELECT COUNT(*) FROM counter WHERE n = 10"), kThreads / 2);
  EXPECT_EQ(SelectInt(*db_, "SELECT COUNT(*) FROM counter WHERE n = 0"), kThreads / 2 + 1);
}

// Two that each check what the other changes (write skew): only one may succeed unchanged.
TEST_P(StorageConcurrencyTest, TransactionsAreSerialisable) {
  ASSERT_OK(Execute(*db_, "CREATE TABLE chairs (name TEXT PRIMARY KEY, active BOOLEAN)"));
  for (int round = 0; round < 20; ++round) {
    ASSERT_OK(Execute(*db_, "DELETE FROM chairs"));
    ASSERT_OK(Execute(*db_, "INSERT INTO chairs VALUES ('AUS', TRUE), ('IDN', TRUE)"));
    InThreads(2, [&](int i) {
      EXPECT_OK(db_->Write([&](Transaction& tx) -> absl::Status {
        ASSIGN_OR_RETURN(const auto rows,
                         tx.Query("SELECT COUNT(*) FROM chairs WHERE active = TRUE"));
        if (AsInt(rows[0][0]) < 2) return absl::OkStatus();
        return tx
            .Execute("UPDATE chairs SET active = FALSE WHERE name = ?", {i == 0 ? "AUS" : "IDN"})
            .status();
      }));
    });
    EXPECT_EQ(SelectInt(*db_, "SELECT COUNT(*) FROM chairs WHERE active = TRUE"), 1);
  }
}

TEST_P(StorageConcurrencyTest, WaitForCommitIsWokenByACommit) {
  CreateCounter(*db_);
  const uint64_t ticket = db_->WaitForCommit(0, absl::Minutes(1));
  // A commit between taking the ticket and waiting isn't missed.
  ASSERT_OK(Execute(*db_, "UPDATE counter SET n = 1"));
  const absl::Time start = absl::Now();
  uint64_t next = db_->WaitForCommit(ticket, absl::Minutes(1));
  EXPECT_GT(next, ticket);
  auto waiting = std::async(std::launch::async, [&] {
    while (SelectInt(*db_, "SELECT n FROM counter") != 2) {
      next = db_->WaitForCommit(next, absl::Minutes(1));
    }
  });
  ASSERT_OK(Execute(*db_, "UPDATE counter SET n = 2"));
  waiting.get();
  EXPECT_LT(absl::Now() - start, absl::Seconds(20));
}

TEST_P(StorageConcurrencyTest, WaitForCommitEndsWithItsTimeout) {
  uint64_t ticket = db_->WaitForCommit(0, absl::Minutes(1));
  const absl::Time start = absl::Now();
  ticket = db_->WaitForCommit(ticket, absl::Milliseconds(5));
  db_->WaitForCommit(ticket, absl::ZeroDuration());
  EXPECT_LT(absl::Now() - start, absl::Seconds(20));
}

TEST_P(StorageConcurrencyTest, WakeWaitersEndsAllWaits) {
  const auto wait_often = [&] {
    uint64_t ticket = 0;
    for (int i = 0; i < 1000; ++i) ticket = db_->WaitForCommit(ticket, absl::InfiniteDuration());
  };
  auto first = std::async(std::launch::async, wait_often);
  auto second = std::async(std::launch::async, wait_often);
  db_->WakeWaiters();
  first.get();
  second.get();
}

// A reader that follows numbers misses nothing: they are given out in the order of commits.
TEST_P(StorageConcurrencyTest, ATailerMissesNothingAndSeesNothingTwice) {
  ASSERT_OK(Execute(*db_, "CREATE TABLE changes (seq " +
                              std::string(db_->dialect().serial_primary_key) +
                              ", writer BIGINT, i BIGINT)"));
  constexpr int kWriters = 8;
  constexpr int kEach = 60;
  const std::string insert = "INSERT INTO changes (writer, i) VALUES (?, ?)";
  const std::string tail = "SELECT seq, writer, i FROM changes WHERE seq > ? ORDER BY seq LIMIT 50";
  std::vector<std::pair<int64_t, int64_t>> seen;
  std::thread tailer([&] {
    int64_t seq = 0;
    uint64_t ticket = 0;
    const absl::Time deadline = absl::Now() + absl::Seconds(60);
    while (seen.size() < kWriters * kEach && absl::Now() < deadline) {
      ticket = db_->WaitForCommit(ticket, absl::Seconds(1));
      for (const Row& row : Select(*db_, tail, {seq})) {
        seq = AsInt(row[0]);
        seen.emplace_back(AsInt(row[1]), AsInt(row[2]));
      }
    }
  });
  InThreads(kWriters, [&](int writer) {
    for (int i = 0; i < kEach; ++i) {
      EXPECT_OK(db_->Write([&](Transaction& tx) -> absl::Status {
        RETURN_IF_ERROR(tx.Execute(insert, {int64_t{writer}, int64_t{i}}).status());
        // Some hold their number for a while.
        if ((writer + i) % 5 == 0) absl::SleepFor(absl::Milliseconds(2));
        return absl::OkStatus();
      }));
    }
  });
  tailer.join();
  EXPECT_EQ(seen.size(), kWriters * kEach);
  EXPECT_EQ(std::set(seen.begin(), seen.end()).size(), seen.size()) << "seen twice";
  // What one writer did one after the other arrives in that order.
  std::vector<int64_t> next(kWriters, 0);
  for (const auto& [writer, i] : seen) EXPECT_EQ(i, next[writer]++);
}

}  // namespace
}  // namespace baliprocess::storage
