#include "common/base/processors.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <thread>

namespace baliprocess {
namespace {

// A machine's file systems, in a folder.
class ProcessorsTest : public ::testing::Test {
 protected:
  ProcessorsTest() : root_(::testing::TempDir() + "/processors") {
    std::filesystem::remove_all(root_);
  }
  void Write(const std::string& path, const std::string& content) {
    const std::filesystem::path file = root_ + path;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << content;
  }
  int all() { return UsableProcessors(root_ + "/none"); }

  const std::string root_;
};

TEST_F(ProcessorsTest, WithoutControlGroupsItIsThoseThatTheProcessMayRunOn) {
  EXPECT_GE(all(), 1);
  EXPECT_LE(all(), static_cast<int>(std::thread::hardware_concurrency()));
}

TEST_F(ProcessorsTest, ALimitIsRoundedUp) {
  Write("/proc/self/cgroup", "0::/a/b\n");
  Write("/sys/fs/cgroup/a/b/cpu.max", "10000 100000\n");
  EXPECT_EQ(UsableProcessors(root_), 1);
}

TEST_F(ProcessorsTest, NoLimitIsAll) {
  Write("/proc/self/cgroup", "0::/a/b\n");
  Write("/sys/fs/cgroup/a/b/cpu.max", "max 100000\n");
  EXPECT_EQ(UsableProcessors(root_), all());
}

TEST_F(ProcessorsTest, TheLimitOfAGroupAboveCounts) {
  Write("/proc/self/cgroup", "0::/a/b\n");
  Write("/sys/fs/cgroup/a/b/cpu.max", "max 100000\n");
  Write("/sys/fs/cgroup/a/cpu.max", "50000 100000\n");
  EXPECT_EQ(UsableProcessors(root_), 1);
}

// As in a container that sees its own group as the root and the host's path.
TEST_F(ProcessorsTest, AGroupThatIsNotThereLeavesTheRoot) {
  Write("/proc/self/cgroup", "0::/../../x\n");
  Write("/sys/fs/cgroup/cpu.max", "100000 100000\n");
  EXPECT_EQ(UsableProcessors(root_), 1);
}

TEST_F(ProcessorsTest, VersionOneIsReadToo) {
  Write("/proc/self/cgroup", "3:cpuset:/x\n4:cpu,cpuacct:/a\n");
  Write("/sys/fs/cgroup/cpu/a/cpu.cfs_quota_us", "100000\n");
  Write("/sys/fs/cgroup/cpu/a/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(UsableProcessors(root_), 1);
  Write("/sys/fs/cgroup/cpu/a/cpu.cfs_quota_us", "-1\n");
  EXPECT_EQ(UsableProcessors(root_), all());
}

}  // namespace
}  // namespace baliprocess
