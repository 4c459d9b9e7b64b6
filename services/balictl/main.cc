// The command-line client.

#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <atomic>
#include <iostream>

#include "services/balictl/commands/commands.h"

namespace {

std::optional<std::string> Variable(const std::string& name) {
  const char* value = getenv(name.c_str());
  return value ? std::optional<std::string>(value) : std::nullopt;
}

// Of the terminal; no limit when the output goes elsewhere.
size_t OutputWidth() {
  winsize size{};
  return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

std::atomic<bool> was_interrupted = false;

// From the first time that it is asked on, the first Ctrl-C is only noted; the second one ends the
// program.
bool Interrupted() {
  static const bool noted = [] {
    struct sigaction action = {};
    action.sa_handler = [](int) { was_interrupted = true; };
    action.sa_flags = static_cast<int>(SA_RESETHAND | SA_RESTART);
    return sigaction(SIGINT, &action, nullptr) == 0;
  }();
  return noted && was_interrupted;
}

}  // namespace

int main(int argc, char** argv) {
  // What goes wrong is reported by the commands; gRPC's own log is for developers, who can ask.
  setenv("GRPC_VERBOSITY", "NONE", /*overwrite=*/0);
  baliprocess::balictl::Io io{std::cin,   std::cout,     std::cerr,
                              Variable,   OutputWidth(), isatty(STDERR_FILENO) == 1,
                              Interrupted};
  return baliprocess::balictl::Run(baliprocess::balictl::TheProgram(), {argv + 1, argv + argc}, io);
}
