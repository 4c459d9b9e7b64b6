// The shape of the command line: commands, their flags, and the help that is made of them.

#ifndef BALIPROCESS_SERVICES_BALICTL_PROGRAM_COMMAND_LINE_H_
#define BALIPROCESS_SERVICES_BALICTL_PROGRAM_COMMAND_LINE_H_

#include <cstddef>
#include <functional>
#include <iosfwd>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "common/base/config.h"

namespace baliprocess::balictl {

// What a command talks to besides the server.
struct Io {
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
  Environment environment;
  // Columns of the terminal that `out` is; 0: it is none.
  size_t width = 0;
  // Whether `err` is a terminal, where progress can be shown.
  bool terminal = false;
  // Whether the user has interrupted what takes long and asks this between its steps. Null: nobody
  // can.
  std::function<bool()> interrupted = nullptr;
};

struct Flag {
  std::string name;
  // What stands for the value in the help, such as `FILE`; empty for a boolean.
  std::string value;
  // The default; for a boolean `true` or empty.
  std::string fallback;
  std::string help;
  // The environment variable that is read when the flag isn't given; empty: none.
  std::string environment = "";
  // May be given several times.
  bool repeated = false;
  // One of the flags that many commands share, such as --server: their help is a page of its own,
  // `balictl help connection`.
  bool shared = false;
};

// The values of a command's flags, and its other arguments.
struct Arguments {
  std::vector<std::string> positional;
  std::map<std::string, std::vector<std::string>> flags;  // all of them, defaults included
  std::set<std::string> given;                            // the flags on the command line

  // The last value; "" when there is none.
  std::string Text(const std::string& flag) const;
  bool Is(const std::string& flag) const { return Text(flag) == "true"; }
  const std::vector<std::string>& All(const std::string& flag) const { return flags.at(flag); }
  // A usage error unless the value is a positive duration such as `30s` or `12h`.
  absl::StatusOr<absl::Time> Later(const std::string& flag, absl::Time now) const;
  absl::StatusOr<absl::Duration> Duration(const std::string& flag) const;
};

struct Command {
  std::string name;
  // The other arguments, as shown in the help: `METHOD [JSON | @FILE | -]`.
  std::string arguments = "";
  size_t min_arguments = 0;
  size_t max_arguments = 0;
  // One line, without a full stop.
  std::string summary;
  // Whole sentences. Lines are broken where the help is shown, except those that begin with a
  // blank.
  std::string description;
  std::vector<Flag> flags;
  std::function<absl::Status(const Arguments&, Io&)> run;
  // The flags that depend on the first argument, such as the fields of the resource that it names;
  // null: there are none. An error is one of usage.
  std::function<absl::StatusOr<std::vector<Flag>>(const std::string& first)> more_flags = nullptr;
};

// Finds a command that isn't listed by the first words, such as `meetings convene`, and takes these
// words away. An error is one of usage.
using FindOther = std::function<absl::StatusOr<Command>(std::vector<std::string>& words)>;

// A page of help that is of no command: `balictl help values`.
struct Topic {
  std::string name;
  std::string summary;
  std::string text;
};

struct Program {
  std::vector<Command> commands;
  FindOther other;  // null: there is no other command
  std::vector<Topic> topics;
  std::string version;
};

// An error in how the program is used: exit code 2.
absl::Status UsageError(std::string_view message);
bool IsUsageError(const absl::Status& status);

// Reads `--flag=value`, `--flag value`, `--boolean`, `--noboolean`; after `--` nothing is a flag.
absl::StatusOr<Arguments> ParseArguments(const Command& command,
                                         const std::vector<std::string>& words,
                                         const Environment& environment);

// The help of one command, and of all, in lines of 79 columns.
std::string HelpOf(const Command& command);
std::string HelpOf(const Program& program);

// Runs the program: the first word names the command. Returns the exit code.
int Run(const Program& program, const std::vector<std::string>& words, Io& io);

}  // namespace baliprocess::balictl

#endif  // BALIPROCESS_SERVICES_BALICTL_PROGRAM_COMMAND_LINE_H_
