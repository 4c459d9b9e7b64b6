// SQLite's write-ahead log, as it is read beside SQLite.

#include <gmock/gmock.h>
#include <sqlite3.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "common/storage/wal_reader.h"
#include "tests/contract/storage_fixture.h"

namespace baliprocess::storage {
namespace {

using testing::IsOk;
using testing::MessageHas;
using ::testing::Not;

constexpr size_t kHeader = 32;
constexpr size_t kFrame = 24 + 4096;

// A database of SQLite's own, which makes no checkpoint by itself.
class WalTest : public ::testing::Test {
 protected:
  WalTest() {
    EXPECT_EQ(sqlite3_open(store_.target().c_str(), &db_), SQLITE_OK);
    Run("PRAGMA journal_mode=WAL");
    Run("PRAGMA wal_autocheckpoint=0");
    Run("CREATE TABLE t (x)");
    reader_ = *WalReader::Open(Log());
  }
  ~WalTest() override { sqlite3_close(db_); }

  std::string Log() const { return store_.target() + "-wal"; }
  void Run(const char* sql) {
    EXPECT_EQ(sqlite3_exec(db_, sql, nullptr, nullptr, nullptr), SQLITE_OK) << sql;
  }
  // Frames in the file, however many of them count.
  uint32_t Frames() const {
    return static_cast<uint32_t>((std::filesystem::file_size(Log()) - kHeader) / kFrame);
  }
  // The numbers of frames, negative for the last of a commit.
  absl::Status Read(uint32_t last) {
    read_.clear();
    return reader_->ReadTo(last, [this](const WalFrame& frame) {
      EXPECT_EQ(frame.data.size(), 4096u);
      EXPECT_GT(frame.page, 0u);
      read_.push_back(frame.size_after == 0 ? frame.number : -static_cast<int>(frame.number));
      return absl::OkStatus();
    });
  }
  void Change(uint32_t frame, size_t byte) const {
    std::fstream file(Log(), std::ios::in | std::ios::out | std::ios::binary);
    const auto at = static_cast<std::streamoff>(kHeader + (frame - 1) * kFrame + byte);
    file.seekg(at);
    const char was = static_cast<char>(file.get());
    file.seekp(at);
    file.put(static_cast<char>(was ^ 1));
  }

  testing::TestStore store_{testing::kSqlite};
  sqlite3* db_ = nullptr;
  std::unique_ptr<WalReader> reader_;
  std::vector<int> read_;
};

TEST_F(WalTest, IsReadCommitByCommit) {
  const uint32_t first = Frames();
  ASSERT_OK(Read(first));
  ASSERT_EQ(read_.size(), first);
  EXPECT_EQ(read_.back(), -static_cast<int>(first));
  Run("INSERT INTO t VALUES (randomblob(20000))");
  const uint32_t second = Frames();
  ASSERT_OK(Read(second));
  ASSERT_EQ(read_.size(), second - first);
  EXPECT_GT(read_.size(), 4u);
  EXPECT_EQ(read_.front(), static_cast<int>(first) + 1);
  EXPECT_EQ(read_.back(), -static_cast<int>(second));
  EXPECT_EQ(*reader_->LastCommit(), second);
  ASSERT_OK(Read(second));
  EXPECT_TRUE(read_.empty());
}

TEST_F(WalTest, ThatBeginsAnewIsReadFromItsBegin) {
  ASSERT_OK(Read(Frames()));
  Run("PRAGMA wal_checkpoint(RESTART)");
  Run("INSERT INTO t VALUES (1)");
  ASSERT_OK(Read(1));
  EXPECT_EQ(read_, std::vector<int>{-1});
  // What the log before has left behind it is none of its frames.
  EXPECT_GT(Frames(), 1u);
  EXPECT_EQ(*reader_->LastCommit(), 1u);
  EXPECT_THAT(Read(2), MessageHas("frame 2 of the write-ahead log is of another log"));
}

TEST_F(WalTest, ThatIsTornEndsWithTheCommitBefore) {
  const uint32_t first = Frames();
  Run("INSERT INTO t VALUES (randomblob(20000))");
  const uint32_t second = Frames();
  std::filesystem::resize_file(Log(), std::filesystem::file_size(Log()) - 10);
  EXPECT_EQ(*reader_->LastCommit(), first);
  EXPECT_THAT(Read(second), MessageHas("isn't there"));
  // The reader is where it was.
  ASSERT_OK(Read(first));
  EXPECT_EQ(read_.size(), first);
}

TEST_F(WalTest, ThatWasChangedIsNotRead) {
  const uint32_t first = Frames();
  Run("INSERT INTO t VALUES (randomblob(20000))");
  const uint32_t second = Frames();
  Change(first + 2, 24 + 100);  // in a page
  EXPECT_THAT(Read(second), MessageHas("isn't what its checksum says"));
  EXPECT_EQ(*reader_->LastCommit(), first);
  Change(first + 2, 24 + 100);
  Change(first + 1, 3);  // the number of the page
  EXPECT_THAT(Read(second), MessageHas("isn't what its checksum says"));
  Change(first + 1, 3);
  Change(first + 1, 9);  // a salt
  EXPECT_THAT(Read(second), MessageHas("is of another log"));
  Change(first + 1, 9);
  EXPECT_OK(Read(second));
}

TEST_F(WalTest, WithoutAHeaderIsNone) {
  std::ofstream(Log() + "2", std::ios::binary) << "";
  const auto empty = WalReader::Open(Log() + "2");
  EXPECT_EQ(*(*empty)->LastCommit(), 0u);
  const auto nothing = [](const WalFrame&) { return absl::OkStatus(); };
  EXPECT_OK((*empty)->ReadTo(0, nothing));
  EXPECT_THAT((*empty)->ReadTo(1, nothing), MessageHas("is empty"));
  std::ofstream(Log() + "2", std::ios::binary) << std::string(5000, 'x');
  EXPECT_EQ(*(*empty)->LastCommit(), 0u);
  EXPECT_THAT((*empty)->ReadTo(1, nothing), MessageHas("header"));
  EXPECT_THAT(WalReader::Open("/no/such/log"), Not(IsOk()));
}

}  // namespace
}  // namespace baliprocess::storage
