// Time that only passes: for how long something takes, whatever happens to the machine's clock.

#ifndef BALIPROCESS_COMMON_BASE_STEADY_TIME_H_
#define BALIPROCESS_COMMON_BASE_STEADY_TIME_H_

#include <chrono>

#include "absl/time/time.h"

namespace baliprocess {

using SteadyTime = std::chrono::steady_clock::time_point;

inline SteadyTime SteadyNow() { return std::chrono::steady_clock::now(); }

// How long ago `from` was.
inline absl::Duration Since(SteadyTime from) { return absl::FromChrono(SteadyNow() - from); }

}  // namespace baliprocess

#endif  // BALIPROCESS_COMMON_BASE_STEADY_TIME_H_
