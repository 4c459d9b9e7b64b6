#include "common/telemetry/drain_flags.h"

#include "absl/flags/flag.h"

ABSL_FLAG(
    absl::Duration, drain_delay, absl::ZeroDuration(),
    "How long after SIGTERM calls are still taken, while health and readiness say that they "
    "had better go elsewhere: as long as balancers take to notice. A second SIGTERM ends it.");
// Less than the ten seconds after which Docker kills.
ABSL_FLAG(absl::Duration, drain_deadline, absl::Seconds(8),
          "How long calls in progress may take after SIGTERM, and after --drain_delay, before they "
          "are ended.");

namespace baliprocess::telemetry {

absl::Duration DrainDelayFromFlags() { return absl::GetFlag(FLAGS_drain_delay); }

absl::Duration DrainDeadlineFromFlags() { return absl::GetFlag(FLAGS_drain_deadline); }

}  // namespace baliprocess::telemetry
