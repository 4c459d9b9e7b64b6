// Copies of a store that is written to.

#include <array>
#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/clock.h"

#include "tests/contract/storage_fixture.h"

namespace baliprocess::storage {
namespace {

using testing::IsOk;
using testing::MessageHas;
using ::testing::Not;

class BackupTest : public ::testing::Test {
 protected:
  BackupTest() {
    EXPECT_OK(Execute(*db_,
                      "CREATE TABLE t (place INTEGER PRIMARY KEY AUTOINCREMENT, "
                      "writer BIGINT, n BIGINT, y BYTEA)"));
    // Some pieces' worth.
    for (int64_t n = 0; n < 40; ++n) EXPECT_OK(Add(/*writer=*/100, n, 100'000));
  }

  absl::Status Add(int64_t writer, int64_t n, size_t bytes) {
    return Execute(*db_, "INSERT INTO t (writer, n, y) VALUES (?, ?, ?)",
                   {writer, n, Bytes{std::string(bytes, 'x')}});
  }

  // Whether so many pages of the log are told of within a time: after a write's answer.
  bool AwaitLog(const std::function<bool(int64_t pages)>& agrees) const {
    const absl::Time deadline = absl::Now() + absl::Seconds(30);
    while (!agrees(numbers_->wal_pages) && absl::Now() < deadline) std::this_thread::yield();
    return agrees(numbers_->wal_pages);
  }

  testing::TestStore store_{testing::kSqlite};
  const std::shared_ptr<StoreNumbers> numbers_ = std::make_shared<StoreNumbers>();
  const std::unique_ptr<Database> db_ = store_.Open({.numbers = numbers_});
  const std::string path_ = store_.target() + ".copy";
};

// Writers that go on until told to stop, each acknowledging its numbers in order.
class Writers {
 public:
  explicit Writers(std::function<absl::Status(int64_t writer, int64_t n)> add) {
    for (int64_t writer = 0; writer < kWriters; ++writer) {
      threads_.emplace_back([this, add, writer] {
        for (int64_t n = 0; !stop_; ++n) {
          EXPECT_OK(add(writer, n));
          ++acknowledged_[writer];
          ++all_;
        }
      });
    }
  }
  ~Writers() { Stop(); }

  void Stop() {
    stop_ = true;
    for (std::thread& thread : threads_) {
      if (thread.joinable()) thread.join();
    }
  }

  // Whether `more` were acknowledged within a time.
  bool GoOn(int64_t more) const {
    const int64_t until = all_ + more;
    const absl::Time deadline = absl::Now() + absl::Seconds(30);
    while (all_ < until && absl::Now() < deadline) std::this_thread::yield();
    return all_ >= until;
  }

  std::vector<int64_t> Acknowledged() const { return {acknowledged_.begin(), acknowledged_.end()}; }

  static constexpr int64_t kWriters = 8;

 private:
  std::array<std::atomic<int64_t>, kWriters> acknowledged_{};
  std::atomic<int64_t> all_ = 0;
  std::atomic<bool> stop_ = false;
  std::vector<std::thread> threads_;
};

TEST_F(BackupTest, IsThePrefixOfWhatWasCommittedAndWritersGoOn) {
  Writers writers([&](int64_t writer, int64_t n) { return Add(writer, n, 2000); });
  ASSERT_TRUE(writers.GoOn(50));
  const std::vector<int64_t> before = writers.Acknowledged();
  int64_t noted = 0;
  int pieces = 0;
  bool went_on = true;
  ASSERT_OK(db_->CopyTo({.path = path_,
                         .note = [&](Transaction& tx) -> absl::Status {
                           ASSIGN_OR_RETURN(const auto rows, tx.Query("SELECT MAX(place) FROM t"));
                           noted = AsInt(rows[0][0]);
                           return absl::OkStatus();
                         },
                         .give_up =
                             [&] {
                               ++pieces;
                               went_on = went_on && writers.GoOn(10);
                               return false;
                             }}));
  writers.Stop();
  EXPECT_TRUE(went_on);
  EXPECT_GE(pieces, 4);
  ASSERT_OK_AND_ASSIGN(const auto copy, Database::Open(path_));
  EXPECT_EQ(AsText(Select(*copy, "PRAGMA integrity_check")[0][0]), "ok");
  // Places are given in the order of commits, and none is left out.
  EXPECT_EQ(SelectInt(*copy, "SELECT MAX(place) FROM t"), noted);
  EXPECT_EQ(SelectInt(*copy, "SELECT COUNT(*) FROM t"), noted);
  EXPECT_GT(SelectInt(*db_, "SELECT MAX(place) FROM t"), noted);
  for (int64_t writer = 0; writer < Writers::kWriters; ++writer) {
    const int64_t copied = SelectInt(*copy, "SELECT COUNT(*) FROM t WHERE writer = ?", {writer});
    EXPECT_GE(copied, before[writer]) << writer;
    if (copied == 0) continue;
    EXPECT_EQ(SelectInt(*copy, "SELECT MAX(n) FROM t WHERE writer = ?", {writer}), copied - 1);
  }
}

// Else nobody hears of a backup that stands while the disk fills (alert StoreWalGrows).
TEST_F(BackupTest, TheLogThatItKeepsFromTheStoreIsTold) {
  bool told = false;
  ASSERT_OK(db_->CopyTo({.path = path_, .give_up = [&] {
                           if (told) return false;
                           for (int64_t n = 0; n < 3; ++n) EXPECT_OK(Add(/*writer=*/1, n, 5 << 20));
                           told = AwaitLog([](int64_t pages) { return pages > 3 * 1280; });
                           return !told;
                         }}));
  EXPECT_OK(Add(/*writer=*/2, 0, 5 << 20));
  EXPECT_TRUE(AwaitLog([](int64_t pages) { return pages == 0; }));
}

TEST_F(BackupTest, OnlyTheOwnerReadsTheFile) {
  ASSERT_OK(db_->CopyTo({.path = path_}));
  EXPECT_EQ(std::filesystem::status(path_).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(BackupTest, ThatIsGivenUpLeavesNoFile) {
  int pieces = 0;
  EXPECT_EQ(db_->CopyTo({.path = path_, .give_up = [&] { return ++pieces == 3; }}).code(),
            absl::StatusCode::kCancelled);
  EXPECT_EQ(pieces, 3);
  EXPECT_FALSE(std::filesystem::exists(path_));
  EXPECT_OK(Add(1, 1, 10));
}

TEST_F(BackupTest, ReplacesNoFile) {
  ASSERT_OK(db_->CopyTo({.path = path_}));
  EXPECT_THAT(db_->CopyTo({.path = path_}), MessageHas("can't make"));
  EXPECT_TRUE(std::filesystem::exists(path_));
}

TEST_F(BackupTest, WithoutRoomLeavesNoFile) {
  const absl::Status status = db_->CopyTo({.path = "/no/such/directory/copy"});
  EXPECT_EQ(ClassOf(status), ErrorClass::kDisk) << status;
}

TEST(BackupOfPostgres, IsForItsOwnTools) {
  const testing::TestStore store(testing::kPostgres);
  const absl::Status status = store.Open()->CopyTo({.path = "/no/such/directory/copy"});
  EXPECT_EQ(status.code(), absl::StatusCode::kUnimplemented);
  EXPECT_THAT(status, MessageHas("pg_dump"));
}

}  // namespace
}  // namespace baliprocess::storage
