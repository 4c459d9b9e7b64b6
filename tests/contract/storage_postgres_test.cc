// What only the PostgreSQL store promises: replicas, retries, reconnection.

#include <atomic>
#include <condition_variable>
#include <future>
#include <latch>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/time/clock.h"

#include "common/testing/postgres.h"
#include "tests/contract/storage_fixture.h"

namespace baliprocess::storage {
namespace {

using testing::MessageHas;
using testing::ThrowawayPostgres;

class PostgresTest : public ::testing::Test {
 protected:
  testing::TestStore store_{testing::kPostgres};
  std::unique_ptr<Database> db_ = store_.Open();
};

TEST_F(PostgresTest, RetriesHaveABound) {
  db_ = store_.Open({.max_retries = 3});
  ASSERT_OK(Execute(*db_,
                    "CREATE FUNCTION conflict() RETURNS INT LANGUAGE plpgsql AS"
                    " 'BEGIN RAISE EXCEPTION SQLSTATE ''40001''; END'"));
  int runs = 0;
  const absl::Status status = db_->Write([&](Transaction& tx) {
    ++runs;
    (void)tx.Query("SELECT conflict()");
    return absl::CancelledError("hides the conflict, to no avail");
  });
  EXPECT_EQ(ClassOf(status), ErrorClass::kConflict);
  EXPECT_EQ(runs, 4);
}

TEST_F(PostgresTest, AConflictThatCommitReportsIsRetried) {
  ASSERT_OK(Execute(*db_, "CREATE SEQUENCE runs"));
  ASSERT_OK(Execute(*db_, "CREATE TABLE t (id BIGINT)"));
  // Sequences don't roll back: the first COMMIT fails, the second succeeds.
  ASSERT_OK(Execute(*db_,
                    "CREATE FUNCTION conflict_once() RETURNS trigger LANGUAGE plpgsql AS"
                    " 'BEGIN IF nextval(''runs'') = 1 THEN RAISE EXCEPTION SQLSTATE"
                    " ''40001''; END IF; RETURN NULL; END'"));
  ASSERT_OK(Execute(*db_,
                    "CREATE CONSTRAINT TRIGGER late AFTER INSERT ON t DEFERRABLE INITIALLY"
                    " DEFERRED FOR EACH ROW EXECUTE FUNCTION conflict_once()"));
  EXPECT_OK(Execute(*db_, "INSERT INTO t VALUES (1)"));
  EXPECT_EQ(SelectInt(*db_, "SELECT COUNT(*) FROM t"), 1);
  EXPECT_EQ(SelectInt(*db_, "SELECT last_value FROM runs"), 2);
}

TEST_F(PostgresTest, WritersOfReplicasTakeTurnsAndSeeTheLatest) {
  const auto other = store_.Open();
  ASSERT_OK(Execute(*db_, "CREATE TABLE n (n BIGINT)"));
  std::atomic<int> inside = 0;
  const auto enter = [&](Database& db) {
    for (int i = 0; i < 10; ++i) {
      EXPECT_OK(db.Write([&](Transaction& tx) -> absl::Status {
        EXPECT_EQ(++inside, 1);
        ASSIGN_OR_RETURN(const auto rows, tx.Query("SELECT COUNT(*) FROM n"));
        const absl::Status status =
            tx.Execute("INSERT INTO n VALUES (?)", {AsInt(rows[0][0])}).status();
        --inside;
        return status;
      }));
    }
  };
  std::thread first([&] { enter(*db_); });
  std::thread second([&] { enter(*other); });
  first.join();
  second.join();
  EXPECT_EQ(SelectInt(*db_, "SELECT COUNT(DISTINCT n) FROM n"), 20);
}

// Statements that make room for others in the cache go without a trace.
TEST_F(PostgresTest, ATransactionMayBeginWhereTheCacheOfStatementsIsFull) {
  db_ = store_.Open({.max_connections = 1});
  for (int i = 0; i < 300; ++i) {
    const std::string sql = absl::StrCat("SELECT ", i);
    ASSERT_OK(db_->ReadOne([&](Transaction& tx) { return tx.Query(sql).status(); }));
    EXPECT_EQ(SelectInt(*db_, sql + " + 1"), i + 1);
    ASSERT_OK(db_->Write([&](Transaction& tx) { return tx.Query(sql + " + 2").status(); }));
  }
  EXPECT_LE(SelectInt(*db_, "SELECT COUNT(*) FROM pg_prepared_statements"), 260);
}

TEST_F(PostgresTest, ASettingOfTheDatabaseDoesNotMakeCommitsLessDurable) {
  const std::string database = ThrowawayPostgres::NameIn(store_.target());
  ASSERT_OK(ThrowawayPostgres::Shared().Run(
      "postgres", "ALTER DATABASE " + database + " SET synchronous_commit = off"));
  db_ = store_.Open();
  EXPECT_OK(db_->Write([](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(const auto rows, tx.Query("SELECT current_setting('synchronous_commit')"));
    EXPECT_EQ(AsText(rows[0][0]), "on");
    return absl::OkStatus();
  }));
}

// An index of a large table takes long.
TEST_F(PostgresTest, ChangesOfTheSchemaHaveNoLimitAndWhatComesNextHasOne) {
  db_ = store_.Open({.longest_read = absl::Milliseconds(300)});
  EXPECT_OK(Execute(*db_, "CREATE TABLE slow AS SELECT 1 AS n, CAST(pg_sleep(1) AS TEXT) AS t"));
  EXPECT_EQ(ClassOf(db_->Write([](Transaction& tx) {
              return tx.Query("SELECT CAST(pg_sleep(1) AS TEXT)").status();
            })),
            ErrorClass::kTimeout);
  EXPECT_EQ(SelectInt(*db_, "SELECT n FROM slow"), 1);
}

TEST_F(PostgresTest, AProcessThatGivesUpWaitsForNothing) {
  std::atomic<bool> over = false;
  db_ = store_.Open({.give_up = [&] { return over.load(); }});
  const auto other = store_.Open();
  std::latch has_turn(1);
  std::latch go_on(1);
  auto holder = std::async(std::launch::async, [&] {
    return other->Write([&](Transaction&) {
      has_turn.count_down();
      go_on.wait();
      return absl::OkStatus();
    });
  });
  has_turn.wait();
  auto waiting = std::async(std::launch::async, [&] {
    return db_->Write([](Transaction&) { return absl::OkStatus(); });
  });
  over = true;
  EXPECT_EQ(ClassOf(waiting.get()), ErrorClass::kConnectionLost);
  go_on.count_down();
  EXPECT_OK(holder.get());
}

TEST_F(PostgresTest, CommitsOfAReplicaWakeWaiters) {
  const auto other = store_.Open();
  // Waits return after a second anyway, so that one alone proves nothing: ten replies within less
  // do.
  ASSERT_OK(Execute(*db_, "CREATE TABLE t (id BIGINT)"));
  const auto await_rows = [](Database& db, int64_t rows) {
    uint64_t ticket = 0;
    while (SelectInt(db, "SELECT COUNT(*) FROM t") < rows) {
      ticket = db.WaitForCommit(ticket, absl::Seconds(10));
    }
  };
  // Both listen once each has heard from the other.
  ASSERT_OK(Execute(*db_, "INSERT INTO t VALUES (0)"));
  await_rows(*other, 1);
  const absl::Time start = absl::Now();
  auto answering = std::async(std::launch::async, [&] {
    for (int i = 1; i <= 10; ++i) {
      await_rows(*other, 2 * i);
      EXPECT_OK(Execute(*other, "INSERT INTO t VALUES (1)"));
    }
  });
  for (int i = 1; i <= 10; ++i) {
    EXPECT_OK(Execute(*db_, "INSERT INTO t VALUES (2)"));
    await_rows(*db_, 2 * i + 1);
  }
  answering.get();
  EXPECT_LT(absl::Now() - start, absl::Seconds(8));
}

TEST_F(PostgresTest, AReplicaThatChangesColumnsDoesNotBreakPreparedStatements) {
  const auto other = store_.Open();
  ASSERT_OK(Execute(*db_, "CREATE TABLE t (id BIGINT)"));
  ASSERT_EQ(Select(*db_, "SELECT * FROM t").size(), 0);
  ASSERT_OK(Execute(*other, "ALTER TABLE t ADD COLUMN x TEXT"));
  ASSERT_OK(Execute(*other, "INSERT INTO t VALUES (1, 'x')"));
  EXPECT_EQ(Select(*db_, "SELECT * FROM t")[0].size(), 2);
}

TEST_F(PostgresTest, ADatabaseThatSortsByLanguageIsRefused) {
  ASSERT_OK_AND_ASSIGN(const std::string url, ThrowawayPostgres::Shared().CreateDatabase(
                                                  "LOCALE_PROVIDER icu ICU_LOCALE 'en'"));
  EXPECT_THAT(Database::Open(url), MessageHas("LOCALE 'C'"));
  ASSERT_OK_AND_ASSIGN(const std::string latin1,
                       ThrowawayPostgres::Shared().CreateDatabase("ENCODING 'LATIN1'"));
  EXPECT_THAT(Database::Open(latin1), MessageHas("UTF-8"));
}

TEST_F(PostgresTest, TheFirstHostThatAcceptsWritesIsUsed) {
  const std::string database = ThrowawayPostgres::NameIn(store_.target());
  const std::string here = ThrowawayPostgres::Shared().Url(database);
  const std::string directory =
      here.substr(here.find("host=") + 5, here.find('&') - here.find("host=") - 5);
  ASSERT_OK_AND_ASSIGN(const auto db, Database::Open("postgresql:///" + database +
                                                     "?user=postgres&host=/nowhere," + directory));
  EXPECT_OK(db->Ping());
  EXPECT_THAT(Database::Open("postgresql:///x?user=postgres&host=/nowhere,/neither"),
              MessageHas("neither"));
}

TEST_F(PostgresTest, ABadUrlIsRefusedWithoutQuotingIt) {
  const auto database = Database::Open("postgresql://user:secret%zz@localhost/db");
  EXPECT_THAT(database, MessageHas("malformed"));
  EXPECT_THAT(database, ::testing::Not(MessageHas("secret")));
}

class PostgresRestartTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_OK_AND_ASSIGN(server_, ThrowawayPostgres::Create());
    ASSERT_OK_AND_ASSIGN(const std::string url, server_->CreateDatabase());
    ASSERT_OK_AND_ASSIGN(db_, Database::Open(url));
    ASSERT_OK(Execute(*db_, "CREATE TABLE t (id BIGINT)"));
  }

  std::unique_ptr<ThrowawayPostgres> server_;
  std::unique_ptr<Database> db_;
};

TEST_F(PostgresRestartTest, ReconnectsUnnoticedAfterARestart) {
  for (const auto& end : {&ThrowawayPostgres::Stop, &ThrowawayPostgres::Kill}) {
    // Several connections are idle when the server goes.
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) threads.emplace_back([&] { EXPECT_OK(db_->Ping()); });
    for (std::thread& thread : threads) thread.join();
    ASSERT_OK((*server_.*end)());
    ASSERT_OK(server_->Start());
    EXPECT_OK(db_->Ping());
    EXPECT_OK(Execute(*db_, "INSERT INTO t VALUES (1)"));
  }
  EXPECT_EQ(SelectInt(*db_, "SELECT COUNT(*) FROM t"), 2);
}

TEST_F(PostgresRestartTest, AnswersConnectionLostWhileTheServerIsDown) {
  ASSERT_OK(server_->Stop());
  const absl::Time start = absl::Now();
  EXPECT_EQ(ClassOf(db_->Ping()), ErrorClass::kConnectionLost);
  EXPECT_EQ(ClassOf(Execute(*db_, "INSERT INTO t VALUES (1)")), ErrorClass::kConnectionLost);
  EXPECT_LT(absl::Now() - start, absl::Seconds(10));
  ASSERT_OK(server_->Start());
  EXPECT_OK(Execute(*db_, "INSERT INTO t VALUES (1)"));
}

TEST_F(PostgresRestartTest, LossBeforeCommitIsRunAgain) {
  int runs = 0;
  EXPECT_OK(db_->Write([&](Transaction& tx) -> absl::Status {
    RETURN_IF_ERROR(tx.Execute("INSERT INTO t VALUES (1)").status());
    if (++runs == 1) {
      EXPECT_OK(server_->Kill());
      EXPECT_OK(server_->Start());
    }
    return tx.Query("SELECT 1").status();
  }));
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(SelectInt(*db_, "SELECT COUNT(*) FROM t"), 1);
}

TEST_F(PostgresRestartTest, LossDuringCommitIsReportedAndNotRunAgain) {
  int runs = 0;
  const absl::Status status = db_->Write([&](Transaction& tx) -> absl::Status {
    ++runs;
    RETURN_IF_ERROR(tx.Execute("INSERT INTO t VALUES (1)").status());
    RETURN_IF_ERROR(server_->Kill());
    return server_->Start();
  });
  EXPECT_EQ(ClassOf(status), ErrorClass::kConnectionLost);
  EXPECT_EQ(runs, 1);
  EXPECT_EQ(SelectInt(*db_, "SELECT COUNT(*) FROM t"), 0);
}

TEST_F(PostgresRestartTest, HowListeningGoesIsTold) {
  ASSERT_OK_AND_ASSIGN(const std::string url, server_->CreateDatabase());
  std::mutex mutex;
  std::condition_variable told;
  int listens = 0;
  int failures = 0;
  Database::Options options;
  options.listened = [&](const absl::Status& status) {
    const std::lock_guard lock(mutex);
    ++(status.ok() ? listens : failures);
    told.notify_all();
  };
  ASSERT_OK_AND_ASSIGN(const auto listener, Database::Open(url, options));
  std::unique_lock lock(mutex);
  told.wait(lock, [&] { return listens == 1; });
  EXPECT_EQ(failures, 0);
  lock.unlock();
  ASSERT_OK(server_->Stop());
  lock.lock();
  told.wait(lock, [&] { return failures >= 2; });  // the loss, and an attempt in vain
  lock.unlock();
  ASSERT_OK(server_->Start());
  lock.lock();
  told.wait(lock, [&] { return listens == 2; });
}

TEST_F(PostgresRestartTest, WaitersHearOfCommitsAfterARestart) {
  ASSERT_OK(server_->Kill());
  ASSERT_OK(server_->Start());
  uint64_t ticket = 0;
  auto waiting = std::async(std::launch::async, [&] {
    while (SelectInt(*db_, "SELECT COUNT(*) FROM t") == 0) {
      ticket = db_->WaitForCommit(ticket, absl::Minutes(1));
    }
  });
  EXPECT_OK(Execute(*db_, "INSERT INTO t VALUES (1)"));
  waiting.get();
}

}  // namespace
}  // namespace baliprocess::storage
