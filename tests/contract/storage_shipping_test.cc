// A SQLite store as it was at any moment, from what was shipped of it.

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

#include "common/base/clock.h"
#include "common/storage/shipped_chain_writer.h"
#include "common/storage/shipped_files.h"
#include "common/storage/shipped_restore.h"
#include "common/storage/shipping.h"
#include "tests/contract/storage_fixture.h"

namespace baliprocess::storage {
namespace {

using testing::IsOk;
using testing::MessageHas;

constexpr absl::Time kNever = absl::InfiniteFuture();

class ShippingTest : public ::testing::Test {
 protected:
  ShippingTest() {
    std::filesystem::create_directory(folder_);
    options_.folder = folder_;
    options_.service = "membership";
    options_.interval = absl::Milliseconds(20);
    options_.clock = &clock_;
  }
  ~ShippingTest() override { std::filesystem::remove_all(folder_); }

  void Open() {
    options_.numbers = std::make_shared<ShippingNumbers>();
    auto opened = OpenShippedSqlite(store_.target(), {}, options_);
    ASSERT_OK(opened);
    db_ = *std::move(opened);
    ASSERT_OK(Execute(*db_,
                      "CREATE TABLE IF NOT EXISTS t (n INTEGER PRIMARY KEY AUTOINCREMENT, "
                      "writer BIGINT, y BYTEA)"));
  }
  void OpenAndShip() {
    Open();
    ASSERT_TRUE(AllIsShipped());
  }
  absl::Status Add(size_t bytes = 10, int64_t writer = 0) {
    return Execute(*db_, "INSERT INTO t (writer, y) VALUES (?, ?)",
                   {writer, Bytes{std::string(bytes, 'x')}});
  }
  // A row, a second after whatever was before; the moment after it.
  absl::Time AddOne() {
    clock_.Advance(absl::Seconds(1));
    EXPECT_OK(Add());
    return clock_.Now() + absl::Microseconds(1);  // times differ by that, at least
  }

  static bool Becomes(const std::function<bool()>& what) {
    const absl::Time deadline = absl::Now() + absl::Seconds(60);
    while (!what() && absl::Now() < deadline) absl::SleepFor(absl::Milliseconds(5));
    return what();
  }
  bool AllIsShipped() const {
    return Becomes([&] { return options_.numbers->Lag() == absl::ZeroDuration(); });
  }
  uint64_t LogBytes() const { return std::filesystem::file_size(store_.target() + "-wal"); }

  std::string Chain() const { return ListShippedChains(folder_).value().back().path; }
  std::string Segment(uint64_t number) const {
    return ShippedPath(Chain(), ShippedKind::kSegment, number);
  }

  absl::StatusOr<RestoredState> Restore(absl::Time until, const std::string& service = "") {
    std::filesystem::remove(restored_);
    std::ofstream file(restored_);
    return RestoreShipped(folder_, service, until, restored_);
  }
  // How many rows there were then; -1 when it can't be told.
  int64_t RowsAt(absl::Time until) {
    const auto state = Restore(until);
    EXPECT_OK(state);
    if (!state.ok()) return -1;
    const auto restored = Database::Open(restored_);
    EXPECT_OK(restored);
    if (!restored.ok()) return -1;
    EXPECT_EQ(AsText(Select(**restored, "PRAGMA integrity_check")[0][0]), "ok");
    return SelectInt(**restored, "SELECT COUNT(*) FROM t");
  }

  FakeClock clock_{absl::FromUnixSeconds(1'700'000'000)};
  testing::TestStore store_{testing::kSqlite};
  const std::string folder_ = store_.target() + ".shipped";
  const std::string restored_ = store_.target() + ".restored";
  ShippingOptions options_;
  std::unique_ptr<Database> db_;
};

TEST_F(ShippingTest, EveryMomentIsRestored) {
  OpenAndShip();
  std::vector<absl::Time> moments;
  for (int i = 0; i < 5; ++i) {
    moments.push_back(AddOne());
    if (i % 2 == 0) {
      ASSERT_TRUE(AllIsShipped());
    }
  }
  db_.reset();
  for (size_t i = 0; i < moments.size(); ++i) {
    EXPECT_EQ(RowsAt(moments[i]), static_cast<int64_t>(i) + 1);
    EXPECT_EQ(RowsAt(moments[i] - absl::Microseconds(2)), static_cast<int64_t>(i));
  }
  EXPECT_EQ(RowsAt(kNever), 5);
  EXPECT_THAT(Restore(moments[0] - absl::Hours(1)), MessageHas("the oldest moment is 2023-11-14T"));
}

TEST_F(ShippingTest, TheLogStartsOverAndNothingIsLost) {
  OpenAndShip();
  std::vector<absl::Time> moments;
  for (int i = 0; i < 30; ++i) {
    clock_.Advance(absl::Seconds(1));
    ASSERT_OK(Add(2'000'000));
    moments.push_back(clock_.Now() + absl::Milliseconds(1));
  }
  EXPECT_LT(LogBytes(), 45'000'000u);  // of 60 MB
  ASSERT_TRUE(AllIsShipped());
  EXPECT_EQ(options_.numbers->gaps.get(), 0u);
  db_.reset();
  EXPECT_EQ(RowsAt(moments[10]), 11);
  EXPECT_EQ(RowsAt(moments[29]), 30);
}

TEST_F(ShippingTest, UnderWritersWhatIsRestoredIsAPrefixWithAllThatWasAcknowledged) {
  options_.clock = &Clock::System();
  options_.copy_age = absl::Seconds(1);  // and copies are made meanwhile
  OpenAndShip();
  constexpr int64_t kWriters = 16;
  std::array<std::atomic<int64_t>, kWriters> acknowledged{};
  std::atomic<bool> stop = false;
  std::vector<std::thread> writers;
  for (int64_t writer = 0; writer < kWriters; ++writer) {
    writers.emplace_back([&, writer] {
      while (!stop) {
        EXPECT_OK(Add(2000, writer));
        ++acknowledged[writer];
      }
    });
  }
  std::vector<std::pair<absl::Time, std::vector<int64_t>>> moments;
  for (int i = 0; i < 4; ++i) {
    const int64_t until = acknowledged[0] + 100;
    ASSERT_TRUE(Becomes([&] { return acknowledged[0] >= until; }));
    const std::vector<int64_t> counts(acknowledged.begin(), acknowledged.end());
    moments.emplace_back(absl::Now(), counts);
  }
  stop = true;
  for (std::thread& writer : writers) writer.join();
  db_.reset();
  for (const auto& [moment, counts] : moments) {
    const int64_t rows = RowsAt(moment);
    const auto restored = Database::Open(restored_);
    ASSERT_OK(restored);
    EXPECT_EQ(SelectInt(**restored, "SELECT MAX(n) FROM t"), rows);
    for (int64_t writer = 0; writer < kWriters; ++writer) {
      EXPECT_GE(SelectInt(**restored, "SELECT COUNT(*) FROM t WHERE writer = ?", {writer}),
                counts[writer]);
    }
  }
}

TEST_F(ShippingTest, FilesThatAreMissingCutOrChangedAreNamed) {
  OpenAndShip();
  std::vector<absl::Time> moments;
  for (int i = 0; i < 3; ++i) {
    moments.push_back(AddOne());
    ASSERT_TRUE(AllIsShipped());
  }
  db_.reset();
  const auto chain = ListShippedChains(folder_).value().back();
  const std::string second = chain.segments.at(chain.segments.size() - 1);
  std::ifstream file(second, std::ios::binary);
  const std::string was((std::istreambuf_iterator<char>(file)), {});
  std::filesystem::remove(second);
  EXPECT_THAT(Restore(kNever), MessageHas(second + " is missing; the newest moment before it is"));
  const auto write = [&](const std::string& bytes) {
    std::ofstream(second, std::ios::binary | std::ios::trunc) << bytes;
  };
  write(was.substr(0, was.size() - 1));
  EXPECT_THAT(Restore(kNever), MessageHas(second + " is cut"));
  write("");
  EXPECT_THAT(Restore(kNever), MessageHas(second + " is cut"));
  for (const size_t byte : {size_t{0}, was.size() / 2, was.size() - kShippedFooterBytes + 110}) {
    std::string changed = was;
    changed[byte] ^= 1;
    write(changed);
    EXPECT_THAT(Restore(kNever), MessageHas(second)) << byte;
  }
  // One that is whole, and another's.
  std::filesystem::copy_file(chain.segments.begin()->second, second,
                             std::filesystem::copy_options::overwrite_existing);
  EXPECT_THAT(Restore(kNever), MessageHas(second + " doesn't belong"));
  EXPECT_EQ(RowsAt(moments[0]), 1);  // what is before it isn't concerned
  write(was);
  EXPECT_EQ(RowsAt(kNever), 3);
  std::filesystem::resize_file(chain.copies.at(0), 5000);
  EXPECT_THAT(Restore(kNever), MessageHas(chain.copies.at(0) + " is cut"));
}

TEST_F(ShippingTest, BetweenTwoChainsNothingIsRestored) {
  OpenAndShip();
  const absl::Time first = AddOne();
  ASSERT_TRUE(AllIsShipped());
  db_.reset();
  clock_.Advance(absl::Minutes(10));
  // Who ships nothing writes meanwhile.
  db_ = store_.Open();
  EXPECT_OK(Add());
  db_.reset();
  clock_.Advance(absl::Minutes(10));
  OpenAndShip();
  const absl::Time third = AddOne();
  db_.reset();
  EXPECT_EQ(RowsAt(first), 1);
  EXPECT_THAT(Restore(first + absl::Minutes(10)), MessageHas("nothing was shipped between"));
  EXPECT_EQ(RowsAt(third - absl::Microseconds(2)), 2);
  EXPECT_EQ(RowsAt(third), 3);
}

TEST_F(ShippingTest, WhatALogHadBeforeTheStartIsInTheCopy) {
  db_ = store_.Open();
  ASSERT_OK(Execute(*db_, "CREATE TABLE t (n INTEGER PRIMARY KEY, writer BIGINT, y BYTEA)"));
  EXPECT_OK(Add());
  // As a kill leaves it: the log beside the file.
  for (const char* suffix : {"", "-wal"}) {
    std::filesystem::copy_file(store_.target() + suffix, restored_ + suffix);
  }
  db_.reset();
  for (const char* suffix : {"", "-wal"}) {
    std::filesystem::rename(restored_ + suffix, store_.target() + suffix);
  }
  OpenAndShip();
  const absl::Time second = AddOne();
  db_.reset();
  EXPECT_EQ(RowsAt(second - absl::Microseconds(2)), 1);
  EXPECT_EQ(RowsAt(second), 2);
}

TEST_F(ShippingTest, AFolderThatIsAwayKeepsNobodyFromTheStore) {
  options_.most_pages = 1000;
  std::filesystem::remove(folder_);
  Open();
  for (int i = 0; i < 20; ++i) ASSERT_OK(Add(1'000'000));
  EXPECT_LT(LogBytes(), 16'000'000u);
  EXPECT_TRUE(Becomes([&] { return options_.numbers->failures.get() > 0; }));
  EXPECT_GT(options_.numbers->Lag(), absl::ZeroDuration());
  EXPECT_FALSE(std::filesystem::exists(folder_));
  std::filesystem::create_directory(folder_);
  EXPECT_TRUE(AllIsShipped());
  const absl::Time last = AddOne();
  db_.reset();
  EXPECT_EQ(RowsAt(last), 21);
}

TEST_F(ShippingTest, IsGivenUpRatherThanFillTheDiskOfTheStore) {
  options_.most_pages = 1000;
  OpenAndShip();
  const absl::Time first = AddOne();
  ASSERT_TRUE(AllIsShipped());
  std::filesystem::rename(folder_, folder_ + ".away");
  clock_.Advance(absl::Seconds(1));
  for (int i = 0; i < 20; ++i) ASSERT_OK(Add(1'000'000));
  EXPECT_EQ(options_.numbers->gaps.get(), 1u);
  EXPECT_LT(LogBytes(), 16'000'000u);
  std::filesystem::rename(folder_ + ".away", folder_);
  ASSERT_TRUE(AllIsShipped());
  const absl::Time last = AddOne();
  db_.reset();
  EXPECT_EQ(RowsAt(first), 1);
  EXPECT_EQ(RowsAt(last), 22);
  EXPECT_EQ(ListShippedChains(folder_)->size(), 2u);
}

TEST_F(ShippingTest, AFolderThatHangsIsNotWaitedFor) {
  options_.most_pages = 1000;
  OpenAndShip();
  AddOne();
  ASSERT_TRUE(AllIsShipped());
  const uint64_t next = ListShippedChains(folder_)->back().segments.size() + 1;
  const std::string part = Segment(next) + ".part";
  signal(SIGPIPE, SIG_IGN);
  ASSERT_EQ(mkfifo(part.c_str(), 0600), 0);  // whoever opens it waits for a reader
  const absl::Time begun = absl::Now();
  for (int i = 0; i < 20; ++i) ASSERT_OK(Add(1'000'000));
  EXPECT_LT(absl::Now() - begun, absl::Seconds(30));
  EXPECT_EQ(options_.numbers->gaps.get(), 1u);
  EXPECT_LT(LogBytes(), 16'000'000u);
  close(open(part.c_str(), O_RDONLY | O_NONBLOCK));
  EXPECT_TRUE(AllIsShipped());
  const absl::Time last = AddOne();
  db_.reset();
  EXPECT_EQ(RowsAt(last), 22);
}

TEST_F(ShippingTest, WhenTheClockIsSetBackAnotherChainBegins) {
  OpenAndShip();
  const absl::Time first = AddOne();
  ASSERT_TRUE(AllIsShipped());
  clock_.Set(-absl::Hours(1));
  AddOne();
  ASSERT_TRUE(Becomes([&] { return ListShippedChains(folder_)->size() == 2; }));
  ASSERT_TRUE(AllIsShipped());
  const absl::Time third = AddOne();
  db_.reset();
  EXPECT_EQ(RowsAt(third), 3);
  EXPECT_EQ(RowsAt(third - absl::Microseconds(2)), 2);
  EXPECT_EQ(ListShippedChains(folder_)->size(), 2u);
  EXPECT_LT(third, first);
}

TEST_F(ShippingTest, WhatIsOldIsRemoved) {
  OpenAndShip();
  const absl::Time first = AddOne();
  ASSERT_TRUE(AllIsShipped());
  db_.reset();
  clock_.Advance(absl::Hours(2));
  options_.copy_age = absl::ZeroDuration();  // a copy behind each segment
  options_.idle_interval = absl::Hours(1);
  OpenAndShip();
  const absl::Time second = AddOne();
  ASSERT_TRUE(AllIsShipped());
  ASSERT_TRUE(Becomes([&] { return ListShippedChains(folder_)->back().copies.size() >= 2; }));
  const absl::Time third = AddOne();
  db_.reset();
  EXPECT_EQ(RowsAt(first), 1);
  ASSERT_OK(RemoveShippedBefore(folder_, "meetings", kNever));
  EXPECT_EQ(RowsAt(first), 1);
  ASSERT_OK(RemoveShippedBefore(folder_, "membership", second));
  EXPECT_THAT(Restore(first), MessageHas("nothing as old as"));
  EXPECT_EQ(RowsAt(second), 2);
  EXPECT_EQ(RowsAt(third), 3);
  EXPECT_EQ(ListShippedChains(folder_)->size(), 1u);
  ASSERT_OK(RemoveShippedBefore(folder_, "membership", kNever));
  EXPECT_EQ(ListShippedChains(folder_)->back().copies.size(), 1u);
  EXPECT_EQ(RowsAt(kNever), 3);
}

TEST_F(ShippingTest, ChainsAreBoundedByTheHour) {
  options_.most_chains_an_hour = 2;
  for (int i = 0; i < 2; ++i) {
    OpenAndShip();
    db_.reset();
  }
  Open();
  EXPECT_TRUE(Becomes([&] { return options_.numbers->failures.get() > 0; }));
  EXPECT_EQ(ListShippedChains(folder_)->size(), 2u);
  clock_.Advance(absl::Hours(2));
  EXPECT_TRUE(AllIsShipped());
}

TEST_F(ShippingTest, SeveralServicesShareAFolder) {
  OpenAndShip();
  const absl::Time last = AddOne();
  db_.reset();
  options_.service = "meetings";
  OpenAndShip();
  db_.reset();
  EXPECT_THAT(Restore(last), MessageHas("several services, say which: meetings, membership"));
  EXPECT_OK(Restore(last, "membership"));
  EXPECT_THAT(Restore(last, "capacity"), MessageHas("no copy of a store of capacity"));
}

TEST_F(ShippingTest, OnlyTheOwnerReadsTheFiles) {
  OpenAndShip();
  AddOne();
  db_.reset();
  using std::filesystem::perms;
  EXPECT_EQ(std::filesystem::status(Chain()).permissions(), perms::owner_all);
  for (const auto& entry : std::filesystem::directory_iterator(Chain())) {
    EXPECT_EQ(entry.status().permissions(), perms::owner_read | perms::owner_write) << entry.path();
  }
  EXPECT_FALSE(std::filesystem::exists(store_.target() + ".copy-to-ship"));
}

}  // namespace
}  // namespace baliprocess::storage
