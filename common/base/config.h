// Configuration of a program: flags that can be given on the command line, in the environment and
// in a file.
//
// A program declares each setting once, with ABSL_FLAG. Its value is, in this order, that of the
// command line (`--listen=127.0.0.1:7000` or `--listen 127.0.0.1:7000`; for booleans also `--flag`
// and `--noflag`), of the environment (`BALI_LISTEN`), of the file that `--config` or BALI_CONFIG
// names, or the default. A file has a line `name = value` per setting; empty lines and lines that
// start with `#` are skipped. Whatever its source, text is read by the flag's own parser.

#ifndef BALIPROCESS_COMMON_BASE_CONFIG_H_
#define BALIPROCESS_COMMON_BASE_CONFIG_H_

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace baliprocess {

// What a program says of itself.
struct ProgramInfo {
  // Shown by --help: one line or more, such as `membership [flags]`, then what it does.
  std::string usage;
  // Flags whose values nobody may read in a log. Passwords in URLs are masked in any flag.
  std::vector<std::string> secret_flags;
  // Whether arguments that aren't flags are allowed, as subcommands are.
  bool positional_arguments = false;
};

// A setting as it is in effect.
struct Setting {
  std::string name;
  std::string value;   // masked when secret
  std::string source;  // "default", "settings.conf:12", "BALI_LISTEN", "command line"
};

struct Configuration {
  std::vector<Setting> settings;  // by name
  std::vector<std::string> positional;
  // Set when the program is to print this text and end: --help and --version.
  std::optional<std::string> answer;
};

// Reads a variable of the environment; nullopt when it isn't set.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

// Sets the program's flags from all sources. INVALID_ARGUMENT, with the source in its text, for a
// flag that doesn't exist, a value that can't be read, a file that can't be read, or an argument
// that isn't allowed. `arguments` doesn't include the program's name.
absl::StatusOr<Configuration> Configure(const ProgramInfo& program,
                                        const std::vector<std::string>& arguments,
                                        const Environment& environment);

// Configure for main(): prints answers and errors, and ends the process with 0 or 2 for them.
Configuration ConfigureOrExit(const ProgramInfo& program, int argc, char** argv);

// The suite's version, as --version tells it: `0.1.0`.
std::string_view Version();

// The commit that the programs were built from, as the build was told it (BALI_COMMIT); else empty.
std::string_view Commit();

// The environment variable of a flag: `BALI_LISTEN` for `listen`.
std::string EnvironmentName(std::string_view flag);

// `value` with the password of a URL such as `postgresql://user:password@host/db` (in the
// authority or as a `password` parameter) replaced by `***`.
std::string MaskPassword(std::string_view value);

}  // namespace baliprocess

#endif  // BALIPROCESS_COMMON_BASE_CONFIG_H_
