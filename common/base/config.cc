#include "common/base/config.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <utility>

#include "absl/flags/reflection.h"
#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"

#include "common/base/status_macros.h"

namespace baliprocess {
namespace {

constexpr char kMask[] = "***";

absl::string_view ToAbsl(std::string_view text) { return {text.data(), text.size()}; }

// The flags by name, and where each got its value.
class FlagSet {
 public:
  FlagSet() {
    for (const auto& [name, flag] : absl::GetAllFlags()) {
      if (!flag->IsRetired()) flags_[std::string(name)] = {flag, "default"};
    }
  }

  absl::CommandLineFlag* Find(const std::string& name) const {
    const auto it = flags_.find(name);
    return it == flags_.end() ? nullptr : it->second.flag;
  }

  absl::Status Set(const std::string& name, const std::string& value, const std::string& source) {
    const auto it = flags_.find(name);
    if (it == flags_.end()) {
      return absl::InvalidArgumentError(
          absl::StrCat(source, ": there is no flag --", name, "; see --help"));
    }
    std::string why;
    if (!it->second.flag->ParseFrom(value, &why)) {
      // The value isn't repeated: it might be a secret.
      return absl::InvalidArgumentError(absl::StrCat(
          source, ": the value of --", name, " can't be read", why.empty() ? "" : ": ", why));
    }
    it->second.source = source;
    return absl::OkStatus();
  }

  std::vector<Setting> Settings(const std::vector<std::string>& secrets) const {
    std::vector<Setting> settings;
    for (const auto& [name, entry] : flags_) {
      const bool secret = std::find(secrets.begin(), secrets.end(), name) != secrets.end();
      std::string value = entry.flag->CurrentValue();
      value = secret && !value.empty() ? kMask : MaskPassword(value);
      settings.push_back({name, std::move(value), entry.source});
    }
    return settings;
  }

  absl::Status ReadEnvironment(const Environment& environment) {
    for (const auto& [name, entry] : flags_) {
      const std::string variable = EnvironmentName(name);
      if (const auto value = environment(variable)) {
        RETURN_IF_ERROR(Set(name, *value, variable));
      }
    }
    return absl::OkStatus();
  }

  absl::Status ReadFile(const std::string& path) {
    std::ifstream file(path);
    if (!file) return absl::InvalidArgumentError(absl::StrCat(path, ": can't be read"));
    std::string line;
    for (int number = 1; std::getline(file, line); ++number) {
      const absl::string_view text = absl::StripAsciiWhitespace(line);
      if (text.empty() || text[0] == '#') continue;
      const std::string source = absl::StrCat(path, ":", number);
      const std::pair<absl::string_view, absl::string_view> parts =
          absl::StrSplit(text, absl::MaxSplits('=', 1));
      if (parts.first.size() == text.size()) {
        return absl::InvalidArgumentError(absl::StrCat(source, ": must be `name = value`"));
      }
      RETURN_IF_ERROR(Set(std::string(absl::StripAsciiWhitespace(parts.first)),
                          std::string(absl::StripAsciiWhitespace(parts.second)), source));
    }
    if (file.bad()) return absl::InvalidArgumentError(absl::StrCat(path, ": can't be read"));
    return absl::OkStatus();
  }

  std::string Help(const ProgramInfo& program) const {
    std::string text = absl::StrCat("Usage: ", program.usage, "\n\nFlags:\n");
    for (const auto& [name, entry] : flags_) {
      absl::StrAppend(&text, "  --", name, "\n      ",
                      absl::StrReplaceAll(entry.flag->Help(), {{"\n", "\n      "}}),
                      "\n      Default: ", MaskPassword(entry.flag->DefaultValue()),
                      "  Environment: ", EnvironmentName(name), "\n");
    }
    absl::StrAppend(&text,
                    "  --config\n      A file of settings, a line `name = value` each. The "
                    "environment overrides it,\n      the command line overrides both."
                    "\n      Environment: BALI_CONFIG\n"
                    "  --help\n      Prints this text.\n  --version\n      Prints the version.\n");
    return text;
  }

 private:
  struct Entry {
    absl::CommandLineFlag* flag = nullptr;
    std::string source;
  };
  std::map<std::string, Entry> flags_;
};

// The command line, taken apart.
struct CommandLine {
  std::vector<std::pair<std::string, std::string>> values;  // in order
  std::vector<std::string> positional;
  std::optional<std::string> config;
  bool help = false;
  bool version = false;
};

// Splits `--name=value`, `--name value`, `--name` and `--noname` (booleans).
class CommandLineReader {
 public:
  CommandLineReader(const FlagSet& flags, const std::vector<std::string>& arguments)
      : flags_(flags), arguments_(arguments) {}

  absl::StatusOr<CommandLine> Read() {
    while (next_ < arguments_.size()) {
      const std::string& argument = arguments_[next_++];
      if (argument == "--") {
        line_.positional.insert(line_.positional.end(), arguments_.begin() + next_,
                                arguments_.end());
        break;
      }
      if (argument.size() < 2 || argument[0] != '-') {
        line_.positional.push_back(argument);
      } else {
        RETURN_IF_ERROR(ReadFlag(argument.substr(argument[1] == '-' ? 2 : 1)));
      }
    }
    return std::move(line_);
  }

 private:
  absl::Status ReadFlag(const std::string& text) {
    const size_t equals = text.find('=');
    std::string name = text.substr(0, equals);
    std::optional<std::string> value;
    if (equals != std::string::npos) value = text.substr(equals + 1);
    if (name == "help" || name == "version") {
      if (value) return absl::InvalidArgumentError(absl::StrCat("--", name, " takes no value"));
      (name == "help" ? line_.help : line_.version) = true;
      return absl::OkStatus();
    }
    if (!value) {
      ASSIGN_OR_RETURN(value, ImpliedValue(name));
    }
    if (name == "config") {
      line_.config = std::move(value);
    } else {
      line_.values.emplace_back(std::move(name), *std::move(value));
    }
    return absl::OkStatus();
  }

  // The value of a flag that stands without `=`; `no` is taken off the name of a boolean.
  absl::StatusOr<std::string> ImpliedValue(std::string& name) {
    const absl::CommandLineFlag* flag = flags_.Find(name);
    if (flag != nullptr && flag->IsOfType<bool>()) return "true";
    if (flag == nullptr && name.rfind("no", 0) == 0) {
      flag = flags_.Find(name.substr(2));
      if (flag != nullptr && flag->IsOfType<bool>()) {
        name = name.substr(2);
        return "false";
      }
    }
    if (flag == nullptr && name != "config") {
      return absl::InvalidArgumentError(
          absl::StrCat("command line: there is no flag --", name, "; see --help"));
    }
    if (next_ == arguments_.size()) {
      return absl::InvalidArgumentError(absl::StrCat("command line: --", name, " needs a value"));
    }
    return arguments_[next_++];
  }

  const FlagSet& flags_;
  const std::vector<std::string>& arguments_;
  size_t next_ = 0;
  CommandLine line_;
};

}  // namespace

std::string_view Version() { return BALI_VERSION; }

std::string_view Commit() { return BALI_COMMIT; }

std::string EnvironmentName(std::string_view flag) {
  return absl::StrCat("BALI_", absl::AsciiStrToUpper(ToAbsl(flag)));
}

std::string MaskPassword(std::string_view value) {
  std::string masked(value);
  const size_t scheme = masked.find("://");
  // Not a URL, but as programs of PostgreSQL take it: `host=db password=secret`.
  if (scheme == std::string::npos) {
    const size_t start = masked.find("password=");
    if (start != std::string::npos) masked.replace(start + 9, std::string::npos, kMask);
    return masked;
  }
  const size_t authority = scheme + 3;
  const size_t end = std::min(masked.find_first_of("?#", authority), masked.size());
  // The last @: a password may hold one, or a slash, that should have been escaped.
  const size_t at = masked.rfind('@', end);
  const size_t colon = masked.find(':', authority);
  if (at != std::string::npos && colon < at && at >= authority) {
    masked.replace(colon + 1, at - colon - 1, kMask);
  }
  for (const char* parameter : {"?password=", "&password=", "?sslpassword=", "&sslpassword=",
                                "?token=", "&token=", "?access_token=", "&access_token="}) {
    const size_t start = masked.find(parameter);
    if (start == std::string::npos) continue;
    const size_t from = start + std::string_view(parameter).size();
    masked.replace(from, std::min(masked.find('&', from), masked.size()) - from, kMask);
  }
  return masked;
}

absl::StatusOr<Configuration> Configure(const ProgramInfo& program,
                                        const std::vector<std::string>& arguments,
                                        const Environment& environment) {
  FlagSet flags;
  ASSIGN_OR_RETURN(CommandLine line, CommandLineReader(flags, arguments).Read());
  Configuration configuration;
  if (line.help) {
    configuration.answer = flags.Help(program);
    return configuration;
  }
  if (line.version) {
    configuration.answer = absl::StrCat("baliprocess ", ToAbsl(Version()), "\n");
    return configuration;
  }
  if (!line.positional.empty() && !program.positional_arguments) {
    return absl::InvalidArgumentError(
        absl::StrCat("command line: unexpected argument ", line.positional[0], "; see --help"));
  }
  const auto file = line.config ? line.config : environment(EnvironmentName("config"));
  if (file && !file->empty()) RETURN_IF_ERROR(flags.ReadFile(*file));
  RETURN_IF_ERROR(flags.ReadEnvironment(environment));
  for (const auto& [name, value] : line.values) {
    RETURN_IF_ERROR(flags.Set(name, value, "command line"));
  }
  configuration.settings = flags.Settings(program.secret_flags);
  configuration.positional = std::move(line.positional);
  return configuration;
}

Configuration ConfigureOrExit(const ProgramInfo& program, int argc, char** argv) {
  const auto environment = [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    if (value == nullptr) return std::nullopt;
    return value;
  };
  auto configuration =
      Configure(program, std::vector<std::string>(argv + 1, argv + argc), environment);
  if (!configuration.ok()) {
    std::fprintf(stderr, "%s\n", std::string(configuration.status().message()).c_str());
    std::exit(2);
  }
  if (configuration->answer) {
    std::fputs(configuration->answer->c_str(), stdout);
    std::exit(0);
  }
  return *std::move(configuration);
}

}  // namespace baliprocess
