// How much of the machine's processors a process may use.

#ifndef BALIPROCESS_COMMON_BASE_PROCESSORS_H_
#define BALIPROCESS_COMMON_BASE_PROCESSORS_H_

#include <string>

namespace baliprocess {

// The processors that the process may run on (its affinity), and no more than its control groups
// give it the time of, rounded up: cpu.max of version 2 (`200000 100000` is two), cpu.cfs_quota_us
// and cpu.cfs_period_us of version 1, its own and those above it. At least 1. `root` is where the
// file systems are: another for tests.
int UsableProcessors(const std::string& root = "");

}  // namespace baliprocess

#endif  // BALIPROCESS_COMMON_BASE_PROCESSORS_H_
