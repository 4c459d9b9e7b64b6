#include "common/telemetry/file_follower.h"

#include <gmock/gmock.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

#include "common/testing/matchers.h"

namespace baliprocess::telemetry {
namespace {

using ::baliprocess::testing::IsOk;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

class FileFollowerTest : public ::testing::Test {
 protected:
  FileFollowerTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "follower-XXXXXX").string();
    directory_ = mkdtemp(pattern.data());
  }
  ~FileFollowerTest() override { std::filesystem::remove_all(directory_); }

  std::string Path(const std::string& name) const { return directory_ + "/" + name; }
  void Write(const std::string& name, const std::string& contents) const {
    std::ofstream(Path(name)) << contents;
  }
  std::string Read(const std::string& name) const {
    std::ifstream file(Path(name));
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  }

  absl::Status Follow(const std::vector<std::string>& names) {
    std::vector<std::string> paths;
    for (const std::string& name : names) paths.push_back(Path(name));
    return follower_.Follow("thing", paths, [this, names] {
      std::string all;
      for (const std::string& name : names) all += Read(name);
      if (all == "bad" || all.empty()) return absl::InvalidArgumentError("bad");
      const std::lock_guard<std::mutex> lock(mutex_);
      taken_.push_back(all);
      return absl::OkStatus();
    });
  }

  // Waits until so many attempts have been made.
  void Await(size_t attempts) {
    std::unique_lock<std::mutex> lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, std::chrono::seconds(20),
                                  [&] { return outcomes_.size() >= attempts; }));
  }

  std::string directory_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> taken_;
  std::vector<bool> outcomes_;
  FileFollower follower_{[this](std::string_view what, bool succeeded) {
                           EXPECT_EQ(what, "thing");
                           const std::lock_guard<std::mutex> lock(mutex_);
                           outcomes_.push_back(succeeded);
                           changed_.notify_all();
                         },
                         absl::Milliseconds(5)};
};

TEST_F(FileFollowerTest, TakesWhatHasChanged) {
  Write("a", "1");
  Write("b", "2");
  EXPECT_THAT(Follow({"a", "b"}), IsOk());
  Write("b", "3");
  Await(1);
  Write("a", "4");
  Await(2);
  EXPECT_EQ(taken_.back(), "43");
}

TEST_F(FileFollowerTest, FollowsLinks) {
  Write("old", "1");
  Write("new", "2");
  std::filesystem::create_symlink(Path("old"), Path("now"));
  EXPECT_THAT(Follow({"now"}), IsOk());
  std::filesystem::create_symlink(Path("new"), Path("next"));
  std::filesystem::rename(Path("next"), Path("now"));
  Await(1);
  EXPECT_THAT(taken_, ElementsAre("1", "2"));
}

TEST_F(FileFollowerTest, WhatIsBadIsTriedAgainWhenItChanges) {
  Write("a", "1");
  EXPECT_THAT(Follow({"a"}), IsOk());
  std::filesystem::remove(Path("a"));
  Await(1);
  Write("new", "bad");
  std::filesystem::rename(Path("new"), Path("a"));
  Await(2);
  EXPECT_THAT(taken_, ElementsAre("1"));
  Write("new", "2");
  std::filesystem::rename(Path("new"), Path("a"));
  Await(3);
  EXPECT_THAT(taken_, ElementsAre("1", "2"));
  EXPECT_THAT(outcomes_, ElementsAre(false, false, true));
}

TEST_F(FileFollowerTest, WhatIsBadAtFirstIsNotFollowed) {
  Write("a", "bad");
  EXPECT_THAT(Follow({"a"}), Not(IsOk()));
  EXPECT_THAT(taken_, IsEmpty());
}

// Such as a key whose public half is published later, or a lack of file descriptors.
TEST_F(FileFollowerTest, WhatFailsForAWhileIsTriedAgainWithoutAChange) {
  Write("a", "1");
  std::atomic<bool> fails = false;
  std::atomic<int> attempts = 0;
  const auto take = [&] {
    ++attempts;
    return fails ? absl::UnavailableError("for now") : absl::OkStatus();
  };
  EXPECT_THAT(follower_.Follow("thing", {Path("a")}, take), IsOk());
  fails = true;
  Write("a", "2");
  Await(1);
  while (attempts < 5) std::this_thread::yield();
  fails = false;
  Await(2);
  const std::lock_guard<std::mutex> lock(mutex_);
  EXPECT_THAT(outcomes_, ElementsAre(false, true));
}

TEST_F(FileFollowerTest, WhatStaysTheSameIsTakenWhenToldTo) {
  Write("a", "1");
  EXPECT_THAT(Follow({"a"}), IsOk());
  follower_.TakeNow();
  Await(1);
  EXPECT_THAT(taken_, ElementsAre("1", "1"));
}

}  // namespace
}  // namespace baliprocess::telemetry
