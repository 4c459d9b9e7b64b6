// What writes that wait together do to each other on PostgreSQL: they share a transaction.

#include <future>
#include <latch>
#include <memory>
#include <thread>
#include <vector>

#include "tests/contract/storage_fixture.h"

namespace baliprocess::storage {
namespace {

// Writes that come while another commits, in the order in which they come. The first holds the
// writer up until all others have come; one or another may still be on its way, and comes in a
// batch of its own.
std::vector<absl::Status> WriteTogether(Database& db, const std::vector<Work>& works) {
  std::latch waiting(static_cast<ptrdiff_t>(works.size()));
  std::latch begun(1);
  std::vector<absl::Status> answers(works.size());
  auto first = std::async(std::launch::async, [&] {
    EXPECT_OK(db.Write([&](Transaction&) {
      begun.count_down();
      waiting.wait();
      return absl::OkStatus();
    }));
  });
  begun.wait();
  std::vector<std::thread> threads;
  for (size_t i = 0; i < works.size(); ++i) {
    threads.emplace_back([&, i] {
      waiting.count_down();
      answers[i] = db.Write(works[i]);
    });
  }
  first.get();
  for (std::thread& thread : threads) thread.join();
  return answers;
}

Work Insert(int64_t id) {
  return [id](Transaction& tx) { return tx.Send("INSERT INTO t (id) VALUES (?)", {id}); };
}

class GroupTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_OK(Execute(*db_,
                      "CREATE TABLE t (id BIGINT PRIMARY KEY, made_by TEXT DEFAULT"
                      " CAST(pg_current_xact_id() AS TEXT))"));
  }

  testing::TestStore store_{testing::kPostgres};
  std::unique_ptr<Database> db_ = store_.Open();
};

TEST_F(GroupTest, WritesThatWaitTogetherShareATransaction) {
  constexpr int kRounds = 10;
  constexpr int64_t kWorks = 20;
  for (int64_t round = 0; round < kRounds; ++round) {
    std::vector<Work> works;
    for (int64_t i = 0; i < kWorks; ++i) works.push_back(Insert(round * kWorks + i));
    for (const absl::Status& answer : WriteTogether(*db_, works)) EXPECT_OK(answer);
  }
  EXPECT_EQ(SelectInt(*db_, "SELECT COUNT(*) FROM t"), kRounds * kWorks);
  EXPECT_LE(SelectInt(*db_, "SELECT COUNT(DISTINCT made_by) FROM t"), kRounds * kWorks / 4);
}

TEST_F(GroupTest, OneThatRefusesIsUndoneWithoutTheOthers) {
  const absl::Status refused = absl::CancelledError("refused");
  const Work unsent = [&](Transaction& tx) {
    EXPECT_OK(Insert(100)(tx));
    return refused;
  };
  const Work sent = [&](Transaction& tx) -> absl::Status {
    EXPECT_OK(Insert(101)(tx));
    EXPECT_OK(tx.Query("SELECT 1"));  // what was inserted has been sent
    return refused;
  };
  const Work returning = [&](Transaction& tx) -> absl::Status {
    EXPECT_OK(tx.Query("INSERT INTO t (id) VALUES (102) RETURNING id"));
    return refused;
  };
  const auto answers =
      WriteTogether(*db_, {Insert(1), unsent, Insert(2), sent, returning, Insert(3)});
  EXPECT_EQ(answers, std::vector<absl::Status>({absl::OkStatus(), refused, absl::OkStatus(),
                                                refused, refused, absl::OkStatus()}));
  EXPECT_EQ(SelectInt(*db_, "SELECT COUNT(*) FROM t"), 3);
  EXPECT_EQ(SelectInt(*db_, "SELECT MAX(id) FROM t"), 3);
}

TEST_F(GroupTest, AStatementThatFailsFailsItsOwnWorkAlone) {
  ASSERT_OK(Execute(*db_, "INSERT INTO t (id) VALUES (2)"));
  const auto answers = WriteTogether(*db_, {Insert(1), Insert(2), Insert(3)});
  EXPECT_OK(answers[0]);
  EXPECT_EQ(ClassOf(answers[1]), ErrorClass::kUnique);
  EXPECT_OK(answers[2]);
  EXPECT_EQ(SelectInt(*db_, "SELECT COUNT(*) FROM t"), 3);
}

TEST_F(GroupTest, WhatWasSentLaterIsSeenByTheNextQuery) {
  EXPECT_OK(db_->Write([](Transaction& tx) -> absl::Status {
    EXPECT_OK(Insert(1)(tx));
    ASSIGN_OR_RETURN(const auto rows, tx.Query("SELECT COUNT(*) FROM t"));
    EXPECT_EQ(AsInt(rows[0][0]), 1);
    return absl::OkStatus();
  }));
}

TEST_F(GroupTest, AnErrorOfWhatWasSentComesAtTheCommitAtTheLatest) {
  ASSERT_OK(Execute(*db_, "INSERT INTO t (id) VALUES (1)"));
  EXPECT_EQ(ClassOf(db_->Write([](Transaction& tx) {
              EXPECT_OK(Insert(1)(tx));
              return absl::OkStatus();
            })),
            ErrorClass::kUnique);
}

}  // namespace
}  // namespace baliprocess::storage
