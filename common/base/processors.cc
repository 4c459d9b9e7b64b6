#include "common/base/processors.h"

#include <sched.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>
#include <optional>
#include <thread>
#include <vector>

#include "absl/strings/str_split.h"

namespace baliprocess {
namespace {

// One of the lines of /proc/self/cgroup, `1:cpu,cpuacct:/a/b`, or of version 2, `0::/a/b`.
struct Group {
  std::string controllers;
  std::string path;
};

std::vector<Group> GroupsOf(const std::string& root) {
  std::vector<Group> groups;
  std::ifstream file(root + "/proc/self/cgroup");
  for (std::string line; std::getline(file, line);) {
    const std::vector<std::string> parts = absl::StrSplit(line, absl::MaxSplits(':', 2));
    if (parts.size() == 3) groups.push_back({parts[1], parts[2]});
  }
  return groups;
}

// The next number of a file; `max` and -1 are none.
std::optional<double> NumberIn(std::istream& file) {
  double number = 0;
  if (file >> number && number > 0) return number;
  return std::nullopt;
}

std::optional<double> LimitIn(const std::string& folder) {
  if (std::ifstream file(folder + "/cpu.max"); file) {
    const std::optional<double> quota = NumberIn(file);
    const std::optional<double> period = NumberIn(file);
    return quota && period ? std::optional(*quota / *period) : std::nullopt;
  }
  std::ifstream quota_file(folder + "/cpu.cfs_quota_us");
  std::ifstream period_file(folder + "/cpu.cfs_period_us");
  const std::optional<double> quota = NumberIn(quota_file);
  const std::optional<double> period = NumberIn(period_file);
  return quota && period ? std::optional(*quota / *period) : std::nullopt;
}

// The smallest limit of the group and those above it. In a container the path may be that of the
// host, whose folders aren't there: the root of the file system is the container's own group then.
double LimitOf(const std::string& base, std::string path) {
  double least = std::numeric_limits<double>::infinity();
  while (true) {
    if (const std::optional<double> limit = LimitIn(base + path)) least = std::min(least, *limit);
    if (path.empty()) return least;
    const size_t slash = path.rfind('/');
    path.resize(slash == std::string::npos ? 0 : slash);
  }
}

bool HasCpu(const std::string& controllers) {
  const std::vector<std::string> names = absl::StrSplit(controllers, ',');
  return std::find(names.begin(), names.end(), "cpu") != names.end();
}

int Affinity() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof(set), &set) == 0) return CPU_COUNT(&set);
  // There are more than a set has room for.
  return static_cast<int>(std::thread::hardware_concurrency());
}

}  // namespace

int UsableProcessors(const std::string& root) {
  double limit = Affinity();
  const std::string base = root + "/sys/fs/cgroup";
  for (const Group& group : GroupsOf(root)) {
    if (group.controllers.empty()) {
      limit = std::min(limit, LimitOf(base, group.path));
    } else if (HasCpu(group.controllers)) {
      limit = std::min(limit, LimitOf(base + "/cpu", group.path));
    }
  }
  return std::max(1, static_cast<int>(std::ceil(limit)));
}

}  // namespace baliprocess
