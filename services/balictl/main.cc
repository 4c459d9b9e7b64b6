// The command-line client.

#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

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

}  // namespace

int main(int argc, char** argv) {
  // What goes wrong is reported by the commands; gRPC's own log is for developers, who can ask.
  setenv("GRPC_VERBOSITY", "NONE", /*overwrite=*/0);
  baliprocess::balictl::Io io{std::cin, std::cout, std::cerr, Variable, OutputWidth()};
  return baliprocess::balictl::Run(baliprocess::balictl::TheProgram(), {argv + 1, argv + argc}, io);
}
