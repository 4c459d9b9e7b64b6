// What the user ends by Ctrl-C.

#ifndef BALIPROCESS_SERVICES_BALICTL_PROGRAM_INTERRUPTION_H_
#define BALIPROCESS_SERVICES_BALICTL_PROGRAM_INTERRUPTION_H_

#include <functional>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace baliprocess::balictl {

// As of a program that Ctrl-C ends.
inline constexpr int kInterruptedExit = 130;

// The error of what the user has interrupted.
absl::Status InterruptedError();
bool IsInterruption(const absl::Status& status);

// Waits so long, or until the user wants to end what is under way, which is asked a few times a
// second. Null: nobody can.
void Pause(absl::Duration pause, const std::function<bool()>& interrupted);

}  // namespace baliprocess::balictl

#endif  // BALIPROCESS_SERVICES_BALICTL_PROGRAM_INTERRUPTION_H_
