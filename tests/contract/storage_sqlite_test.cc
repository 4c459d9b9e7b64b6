// What only the SQLite store promises: one process, one writer, no false acknowledgement.

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "tests/contract/storage_fixture.h"

namespace baliprocess::storage {
namespace {

using testing::IsOk;
using testing::MessageHas;
using ::testing::Not;

class SqliteTest : public ::testing::Test {
 protected:
  testing::TestStore store_{testing::kSqlite};
};

TEST_F(SqliteTest, ASecondProcessIsRefusedAtOnceAndToldWhy) {
  const auto db = store_.Open();
  ASSERT_OK(Execute(*db, "CREATE TABLE t (id BIGINT)"));
  // A fresh process of this program, told by the environment to open the file.
  setenv("BALI_TEST_OPEN", store_.target().c_str(), 1);
  const std::string command = std::filesystem::read_symlink("/proc/self/exe").string() +
                              " --gtest_filter=SqliteChild.* >/dev/null";
  EXPECT_EQ(std::system(command.c_str()), 0);
  unsetenv("BALI_TEST_OPEN");
  EXPECT_OK(Execute(*db, "INSERT INTO t VALUES (1)"));
}

TEST(SqliteChild, IsRefused) {
  const char* const target = getenv("BALI_TEST_OPEN");
  if (target == nullptr) GTEST_SKIP() << "only for ASecondProcessIsRefusedAtOnceAndToldWhy";
  EXPECT_THAT(Database::Open(target), MessageHas("in use by another process"));
}

// Every number that the child printed was acknowledged before, by one of several writers.
TEST_F(SqliteTest, WhatWasAcknowledgedSurvivesAKill) {
  ASSERT_OK(Execute(*store_.Open(), "CREATE TABLE t (id BIGINT PRIMARY KEY)"));
  setenv("BALI_TEST_WRITE", store_.target().c_str(), 1);
  const std::string command = "exec " + std::filesystem::read_symlink("/proc/self/exe").string() +
                              " --gtest_brief=1 --gtest_filter=SqliteChild.WritesUntilKilled";
  FILE* const output = popen(command.c_str(), "r");
  unsetenv("BALI_TEST_WRITE");
  ASSERT_NE(output, nullptr);
  std::vector<int64_t> acknowledged;
  char line[256];
  pid_t child = -1;
  while (acknowledged.size() < 500 && fgets(line, sizeof(line), output) != nullptr) {
    long long number = 0;
    int pid = 0;
    if (sscanf(line, "pid %d", &pid) == 1) child = pid;
    if (sscanf(line, "acknowledged %lld", &number) == 1) acknowledged.push_back(number);
  }
  ASSERT_GT(child, 0);
  kill(child, SIGKILL);
  // What it had printed when it died.
  while (fgets(line, sizeof(line), output) != nullptr) {
    long long number = 0;
    if (sscanf(line, "acknowledged %lld\n", &number) == 1 &&
        std::string_view(line).ends_with("\n")) {
      acknowledged.push_back(number);
    }
  }
  pclose(output);
  EXPECT_GE(acknowledged.size(), 500);
  const auto db = store_.Open();
  for (const int64_t id : acknowledged) {
    ASSERT_EQ(SelectInt(*db, "SELECT COUNT(*) FROM t WHERE id = ?", {id}), 1) << id;
  }
}

TEST(SqliteChild, WritesUntilKilled) {
  const char* const target = getenv("BALI_TEST_WRITE");
  if (target == nullptr) GTEST_SKIP() << "only for WhatWasAcknowledgedSurvivesAKill";
  auto opened = Database::Open(target);
  ASSERT_OK(opened);
  dprintf(STDOUT_FILENO, "pid %d\n", getpid());
  std::vector<std::thread> writers;
  for (int64_t i = 0; i < 8; ++i) {
    writers.emplace_back([&db = **opened, i] {
      // Ends by itself should nobody kill it.
      for (int64_t id = i; id < 1'000'000; id += 8) {
        if (!Execute(db, "INSERT INTO t VALUES (?)", {id}).ok()) return;
        if (dprintf(STDOUT_FILENO, "acknowledged %lld\n", static_cast<long long>(id)) < 0) return;
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
}

TEST_F(SqliteTest, TargetsThatCannotBeOpenedSayWhy) {
  EXPECT_THAT(Database::Open("/no/such/directory/store.db"),
              MessageHas("no such directory: /no/such/directory"));
  EXPECT_THAT(Database::Open(std::filesystem::path(store_.target()).parent_path().string()),
              MessageHas("can't open the file"));
  EXPECT_THAT(Database::Open(":memory:"), Not(IsOk()));
  EXPECT_THAT(Database::Open(""), Not(IsOk()));
}

TEST_F(SqliteTest, AFileThatIsNoDatabaseIsRefusedAndKept) {
  std::filesystem::copy_file("/proc/self/exe", store_.target());
  const auto size = std::filesystem::file_size(store_.target());
  EXPECT_THAT(Database::Open(store_.target()), MessageHas("not a database"));
  EXPECT_EQ(std::filesystem::file_size(store_.target()), size);
}

// While the writer is held up, mutations queue; then they share a commit, so that a waiter is
// signalled once.
TEST_F(SqliteTest, MutationsThatWaitShareACommit) {
  for (const bool group : {true, false}) {
    const auto db = store_.Open({.group_commit = group});
    ASSERT_OK(Execute(*db, "CREATE TABLE IF NOT EXISTS t (id BIGINT)"));
    const uint64_t before = db->WaitForCommit(0, absl::ZeroDuration());
    constexpr int kWaiting = 10;
    std::promise<void> started;
    std::promise<void> go_on;
    std::thread first([&] {
      EXPECT_OK(db->Write([&](Transaction&) {
        started.set_value();
        go_on.get_future().wait();
        return absl::OkStatus();
      }));
    });
    started.get_future().wait();
    std::vector<std::future<absl::Status>> waiting;
    for (int i = 0; i < kWaiting; ++i) {
      waiting.push_back(
          std::async(std::launch::async, [&] { return Execute(*db, "INSERT INTO t VALUES (1)"); }));
    }
    // There is no event for "has queued": only how many share the commit depends on this, and the
    // test holds for any number above one.
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    go_on.set_value();
    first.join();
    for (auto& answer : waiting) EXPECT_OK(answer.get());
    const uint64_t commits = db->WaitForCommit(0, absl::ZeroDuration()) - before;
    if (group) {
      EXPECT_LT(commits, kWaiting);
    } else {
      EXPECT_EQ(commits, kWaiting + 1);
    }
  }
}

// A full disk, as a limit to the size of files shows it: nothing may be acknowledged that isn't
// there afterwards, and the store recovers when there is room again.
TEST_F(SqliteTest, AWriteThatCannotReachTheDiskIsNotAcknowledged) {
  auto db = store_.Open();
  ASSERT_OK(Execute(*db, "CREATE TABLE t (id BIGINT PRIMARY KEY, y BYTEA)"));
  const auto used = std::filesystem::file_size(store_.target() + "-wal");
  rlimit old_limit;
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &old_limit), 0);
  const auto old_handler = signal(SIGXFSZ, SIG_IGN);
  const rlimit limit = {used + 100'000, old_limit.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &limit), 0);
  std::vector<std::future<absl::Status>> answers;
  for (int64_t i = 0; i < 64; ++i) {
    answers.push_back(std::async(std::launch::async, [&db, i] {
      return Execute(*db, "INSERT INTO t VALUES (?, ?)", {i, Bytes{std::string(20'000, 'x')}});
    }));
  }
  int64_t acknowledged = 0;
  for (auto& answer : answers) {
    const absl::Status status = answer.get();
    EXPECT_TRUE(status.ok() || ClassOf(status) == ErrorClass::kDisk) << status;
    if (status.ok()) ++acknowledged;
  }
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &old_limit), 0);
  signal(SIGXFSZ, old_handler);
  EXPECT_LT(acknowledged, 64);
  EXPECT_EQ(SelectInt(*db, "SELECT COUNT(*) FROM t"), acknowledged);
  EXPECT_OK(Execute(*db, "INSERT INTO t VALUES (1000, NULL)"));
  db.reset();
  db = store_.Open();
  EXPECT_EQ(SelectInt(*db, "SELECT COUNT(*) FROM t"), acknowledged + 1);
}

TEST_F(SqliteTest, TheLogStartsOverThoughThereIsAlwaysAReader) {
  const auto db = store_.Open();
  ASSERT_OK(Execute(*db, "CREATE TABLE t (id BIGINT PRIMARY KEY, y BYTEA)"));
  // Two readers relieve each other, each slower than some commits: neither ends its snapshot before
  // the other has a newer one, so that the log is never free by chance.
  std::mutex mutex;
  std::condition_variable changed;
  int snapshots = 0;
  bool stop = false;
  const auto stopped = [&] {
    std::lock_guard lock(mutex);
    return stop;
  };
  std::vector<std::thread> readers;
  for (int i = 0; i < 2; ++i) {
    readers.emplace_back([&] {
      while (!stopped()) {
        EXPECT_OK(db->Read([&](Transaction& tx) -> absl::Status {
          RETURN_IF_ERROR(tx.Query("SELECT COUNT(*) FROM t").status());
          std::this_thread::sleep_for(std::chrono::milliseconds(30));
          std::unique_lock lock(mutex);
          const int mine = ++snapshots;
          changed.notify_all();
          changed.wait(lock, [&] { return stop || snapshots > mine; });
          return absl::OkStatus();
        }));
      }
    });
  }
  // 300 MB go through the log.
  for (int64_t i = 0; i < 300; ++i) {
    EXPECT_OK(Execute(*db,
                      "INSERT INTO t VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET"
                      " y = excluded.y",
                      {i % 3, Bytes{std::string(1'000'000, static_cast<char>(i))}}));
  }
  {
    std::lock_guard lock(mutex);
    stop = true;
    changed.notify_all();
  }
  for (std::thread& reader : readers) reader.join();
  EXPECT_LT(std::filesystem::file_size(store_.target() + "-wal"), 250'000'000);
}

// A reader of a process that has little time may hold the log for long, and then it has grown.
TEST_F(SqliteTest, TheLogGivesItsRoomBackOnceAReaderHasGone) {
  const auto db = store_.Open();
  ASSERT_OK(Execute(*db, "CREATE TABLE t (id BIGINT PRIMARY KEY, y BYTEA)"));
  const auto write = [&](int64_t megabytes) {
    for (int64_t i = 0; i < megabytes; ++i) {
      EXPECT_OK(Execute(*db,
                        "INSERT INTO t VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET"
                        " y = excluded.y",
                        {i % 3, Bytes{std::string(1'000'000, static_cast<char>(i))}}));
    }
  };
  const auto size = [&] { return std::filesystem::file_size(store_.target() + "-wal"); };
  EXPECT_OK(db->Read([&](Transaction& tx) -> absl::Status {
    RETURN_IF_ERROR(tx.Query("SELECT COUNT(*) FROM t").status());
    write(100);
    return absl::OkStatus();
  }));
  EXPECT_GT(size(), 100'000'000);
  write(20);
  EXPECT_LE(size(), 67'108'864);
}

TEST_F(SqliteTest, AWriteWithinAWriteIsRefusedAndDoesNotHang) {
  const auto db = store_.Open();
  EXPECT_THAT(db->Write([&](Transaction&) { return Execute(*db, "SELECT 1"); }), Not(IsOk()));
}

TEST_F(SqliteTest, ThreadsComeAndGo) {
  auto db = store_.Open();
  for (int i = 0; i < 50; ++i) {
    std::thread([&] { EXPECT_EQ(SelectInt(*db, "SELECT 1"), 1); }).join();
  }
  std::promise<void> closed;
  std::promise<void> has_read;
  std::thread survivor([&] {
    SelectInt(*db, "SELECT 1");
    has_read.set_value();
    closed.get_future().wait();
  });
  has_read.get_future().wait();
  db.reset();
  closed.set_value();
  survivor.join();
  EXPECT_OK(store_.Open()->Ping());
}

}  // namespace
}  // namespace baliprocess::storage
