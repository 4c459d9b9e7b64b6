#include "common/telemetry/process.h"

#include <signal.h>
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <string>

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

#include "common/base/status_macros.h"
#include "common/telemetry/log_flags.h"
#include "common/telemetry/service_manager.h"

ABSL_FLAG(std::string, port_file, "",
          "A file to write the bound port to, once calls are taken. For scripts and tests.");

namespace baliprocess::telemetry {
namespace {

sigset_t EndingSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

sigset_t AllSignals() {
  sigset_t signals = EndingSignals();
  sigaddset(&signals, SIGHUP);
  return signals;
}

// Blocks the signals here and so in all threads that start later: WaitForEnd alone receives them.
LogOptions BlockSignals(LogOptions options) {
  const sigset_t signals = AllSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
  return options;
}

// Whole or not at all: a reader never sees a part.
absl::Status WritePort(const std::string& path, int port) {
  const std::string temporary = absl::StrCat(path, ".new");
  std::ofstream file(temporary);
  file << port << '\n';
  file.close();
  if (!file || std::rename(temporary.c_str(), path.c_str()) != 0) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": can't be written"));
  }
  return absl::OkStatus();
}

constexpr char kServing[] = "STATUS=serving";

// Whoever started the process learns how it is, if they wait for that. Nothing depends on it here.
void Tell(std::string_view state) {
  const absl::Status told = TellServiceManager(state);
  if (told.ok()) return;
  Log(Level::kWarn, "main", "the service manager isn't told").Field("error", told.ToString());
}

// With the time by which systemd tells this reload from those before (Type=notify-reload).
std::string Reloading() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return absl::StrCat("RELOADING=1\nMONOTONIC_USEC=",
                      absl::ToInt64Microseconds(absl::DurationFromTimespec(now)));
}

}  // namespace

Process::Process(const ProgramInfo& info, int argc, char** argv)
    : configuration_(ConfigureOrExit(info, argc, argv)),
      logging_(BlockSignals(LogOptionsFromFlags())) {
  LogConfiguration(configuration_.settings);
}

absl::Status Process::Serving(std::string_view listen, int port) const {
  const std::string port_file = absl::GetFlag(FLAGS_port_file);
  if (!port_file.empty()) RETURN_IF_ERROR(WritePort(port_file, port));
  Log(Level::kInfo, "main", "serving").Field("listen", listen).Field("port", port);
  Tell(absl::StrCat("READY=1\n", kServing));
  return absl::OkStatus();
}

void Process::WaitForEnd(const std::function<void()>& on_hangup) const {
  const sigset_t signals = AllSignals();
  int received = 0;
  sigwait(&signals, &received);
  for (; received == SIGHUP; sigwait(&signals, &received)) {
    Tell(Reloading());
    Log(Level::kInfo, "main", "reading anew what can be");
    if (on_hangup) on_hangup();
    Tell(absl::StrCat("READY=1\n", kServing));
  }
  Tell("STOPPING=1\nSTATUS=ends: the calls that there are have a while");
  Log(Level::kInfo, "main", "the end was asked for").Field("signal", received);
}

bool Process::EndIsAsked() {
  sigset_t pending;
  sigpending(&pending);
  return sigismember(&pending, SIGTERM) == 1 || sigismember(&pending, SIGINT) == 1;
}

bool Process::PauseAtStart(absl::Duration time) {
  constexpr absl::Duration kStep = absl::Milliseconds(100);
  for (; time > absl::ZeroDuration() && !EndIsAsked(); time -= kStep) {
    absl::SleepFor(std::min(time, kStep));
  }
  return !EndIsAsked();
}

void Process::Pause(absl::Duration time) const {
  const sigset_t signals = EndingSignals();
  const timespec left = absl::ToTimespec(time);
  if (time > absl::ZeroDuration()) sigtimedwait(&signals, nullptr, &left);
}

int Process::Fail(const absl::Status& status) const {
  if (EndIsAsked()) {
    Log(Level::kInfo, "main", "ended while it started");
    return 0;
  }
  Log(Level::kError, "main", "can't go on").Field("error", std::string_view(status.ToString()));
  TellServiceManagerOfStatus(absl::StrCat("can't go on: ", status.message())).IgnoreError();
  return 1;
}

}  // namespace baliprocess::telemetry
