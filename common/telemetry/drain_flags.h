// How long a process takes to end. Linked into programs that call these functions.

#ifndef BALIPROCESS_COMMON_TELEMETRY_DRAIN_FLAGS_H_
#define BALIPROCESS_COMMON_TELEMETRY_DRAIN_FLAGS_H_

#include "absl/time/time.h"

namespace baliprocess::telemetry {

// --drain_delay.
absl::Duration DrainDelayFromFlags();

// --drain_deadline.
absl::Duration DrainDeadlineFromFlags();

}  // namespace baliprocess::telemetry

#endif  // BALIPROCESS_COMMON_TELEMETRY_DRAIN_FLAGS_H_
