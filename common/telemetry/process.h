// The life of a process of the suite: configuration, logs, the signals that end it. Its main():
//
//   telemetry::Process process({.usage = "gateway [flags]"}, argc, argv);
//   ... start to serve; on error: return process.Fail(status);
//   process.Serving(listen, port);
//   process.WaitForEnd();
//   ... drain
//
// Flags: --log_level, --log_format, --port_file. A service manager that gave the process a
// NOTIFY_SOCKET is told READY=1 by Serving, and by WaitForEnd RELOADING=1 and READY=1 around what
// SIGHUP brings, and STOPPING=1 in the end; each with a STATUS for people, and so is what a start
// waits for (start_state.h) and why the process can't go on.

#ifndef BALIPROCESS_COMMON_TELEMETRY_PROCESS_H_
#define BALIPROCESS_COMMON_TELEMETRY_PROCESS_H_

#include <functional>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"

#include "common/base/config.h"
#include "common/telemetry/log.h"

namespace baliprocess::telemetry {

class Process {
 public:
  // Reads the configuration (a mistake in it ends the process with 2), blocks the signals that end
  // the process in all threads to come, starts logs and logs the configuration in effect. So it
  // comes first in main(), before anything that starts a thread.
  Process(const ProgramInfo& info, int argc, char** argv);

  // The configuration in effect, secrets masked.
  const std::vector<Setting>& settings() const { return configuration_.settings; }

  // Tells that calls are taken: in the log, in --port_file, and to the service manager.
  absl::Status Serving(std::string_view listen, int port) const;

  // Returns when SIGTERM or SIGINT asks for the end. `on_hangup`, which may be null, is called at
  // each SIGHUP: what can be read anew is to be.
  void WaitForEnd(const std::function<void()>& on_hangup = nullptr) const;

  // Whether the end has been asked for and WaitForEnd hasn't returned for it: for a process that is
  // still starting.
  static bool EndIsAsked();

  // Waits so long, in steps of a tenth of a second. False once the end has been asked for.
  static bool PauseAtStart(absl::Duration time);

  // Waits so long, or until another SIGTERM or SIGINT comes.
  void Pause(absl::Duration time) const;

  // Logs why the process can't go on. The exit code for main(): 0 when it was asked to end before
  // it served.
  int Fail(const absl::Status& status) const;

 private:
  const Configuration configuration_;
  Logging logging_;
};

}  // namespace baliprocess::telemetry

#endif  // BALIPROCESS_COMMON_TELEMETRY_PROCESS_H_
