// How the threads of a process share its connections to PostgreSQL.

#include <atomic>
#include <future>
#include <latch>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "common/testing/postgres.h"
#include "tests/contract/storage_fixture.h"

namespace baliprocess::storage {
namespace {

using testing::ThrowawayPostgres;

class PostgresPoolTest : public ::testing::Test {
 protected:
  testing::TestStore store_{testing::kPostgres};
  std::unique_ptr<Database> db_ = store_.Open();
};

TEST_F(PostgresPoolTest, FewConnectionsServeManyThreads) {
  db_ = store_.Open({.max_connections = 2});
  std::vector<std::thread> threads;
  for (int i = 0; i < 16; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 10; ++j) EXPECT_EQ(SelectInt(*db_, "SELECT 1"), 1);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_LE(SelectInt(*db_,
                      "SELECT COUNT(*) FROM pg_stat_activity WHERE datname ="
                      " current_database() AND application_name = 'baliprocess'"),
            3);  // and the listener's
}

TEST_F(PostgresPoolTest, ReadsThatTakeLongLeaveWritesTheirTurn) {
  constexpr int kConnections = 4;
  db_ = store_.Open({.max_connections = kConnections});
  ASSERT_OK(Execute(*db_, "CREATE TABLE t (id BIGINT)"));
  std::latch reading(kConnections - 1);
  std::latch go_on(1);
  std::atomic<int> begun = 0;
  std::vector<std::thread> readers;
  for (int i = 0; i < 2 * kConnections; ++i) {
    readers.emplace_back([&] {
      EXPECT_OK(db_->Read([&](Transaction& tx) -> absl::Status {
        RETURN_IF_ERROR(tx.Query("SELECT 1").status());
        if (++begun < kConnections) reading.count_down();
        go_on.wait();
        return absl::OkStatus();
      }));
    });
  }
  reading.wait();
  EXPECT_OK(Execute(*db_, "INSERT INTO t VALUES (1)"));
  EXPECT_EQ(begun, kConnections - 1);
  go_on.count_down();
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(SelectInt(*db_, "SELECT COUNT(*) FROM t"), 1);
}

// A URL of the database for a user of its own, who may have so many connections.
std::string UrlWithConnections(const std::string& target, const std::string& user, int most) {
  const ThrowawayPostgres& server = ThrowawayPostgres::Shared();
  const std::string database = ThrowawayPostgres::NameIn(target);
  EXPECT_OK(server.Run("postgres", "CREATE ROLE " + user + " LOGIN CONNECTION LIMIT " +
                                       std::to_string(most) + "; GRANT ALL ON DATABASE " +
                                       database + " TO " + user));
  return server.Url(database) + "&user=" + user;
}

TEST_F(PostgresPoolTest, WithoutAConnectionLeftAnOwnOneIsWaitedFor) {
  ASSERT_OK_AND_ASSIGN(const auto db, Database::Open(UrlWithConnections(store_.target(), "poor", 2),
                                                     {.max_connections = 8}));
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 20; ++j) EXPECT_EQ(SelectInt(*db, "SELECT 1"), 1);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST_F(PostgresPoolTest, WhoWaitsForAnOwnConnectionOpensOneWhenItIsLost) {
  std::atomic<int> looks = 0;
  Database::Options options = {.listen_target = "none"};
  options.give_up = [&] {
    ++looks;
    looks.notify_all();
    return false;
  };
  const std::string url = UrlWithConnections(store_.target(), "poorest", 1);
  ASSERT_OK_AND_ASSIGN(const auto db, Database::Open(url, options));
  std::latch reading(1);
  std::latch go_on(1);
  std::atomic<int> runs = 0;
  auto reader = std::async(std::launch::async, [&] {
    return db->ReadOne([&](Transaction& tx) {
      if (++runs == 1) {
        reading.count_down();
        go_on.wait();
      }
      return tx.Query("SELECT 1").status();
    });
  });
  reading.wait();
  const int enough = looks + 5;
  auto writer = std::async(std::launch::async, [&] {
    return db->Write([](Transaction& tx) { return tx.Query("SELECT 1").status(); });
  });
  // Whoever waits looks about ten times a second.
  for (int seen = looks; seen < enough; seen = looks) looks.wait(seen);
  EXPECT_EQ(SelectInt(*db_,
                      "SELECT COUNT(pg_terminate_backend(pid, 60000)) FROM pg_stat_activity"
                      " WHERE usename = 'poorest'"),
            1);
  go_on.count_down();
  EXPECT_OK(writer.get());
  reader.get().IgnoreError();  // the server may still count the connection that it dropped
}

}  // namespace
}  // namespace baliprocess::storage
