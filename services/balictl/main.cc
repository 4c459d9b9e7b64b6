// The command-line client.

#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <atomic>
#include <iostream>
#include <sstream>

#include "services/balictl/commands/commands.h"
#include "services/balictl/program/pager.h"

namespace balictl = baliprocess::balictl;

namespace {

std::optional<std::string> Variable(const std::string& name) {
  const char* value = getenv(name.c_str());
  return value ? std::optional<std::string>(value) : std::nullopt;
}

// The one that the output goes to; of no size when it goes elsewhere.
balictl::Terminal OutputTerminal() {
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return {};
  return {size.ws_row, size.ws_col};
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
  const std::vector<std::string> words(argv + 1, argv + argc);
  const balictl::Terminal terminal = OutputTerminal();
  const bool errors_shown = isatty(STDERR_FILENO) == 1;
  // A pager is of no use to who has no keys to turn its pages by.
  const bool paged = terminal.rows > 0 && isatty(STDIN_FILENO) == 1 && balictl::MayBePaged(words);
  std::ostringstream text;
  std::ostream& out = paged ? static_cast<std::ostream&>(text) : std::cout;
  // What goes with the text, such as which columns have no room, stays behind the text.
  std::ostream& err = paged && errors_shown ? static_cast<std::ostream&>(text) : std::cerr;
  balictl::Io io{std::cin, out, err, Variable, terminal.columns, errors_shown, Interrupted};
  const int code = balictl::Run(balictl::TheProgram(), words, io);
  if (paged) balictl::ShowText(text.str(), terminal, Variable, std::cout);
  return code;
}
