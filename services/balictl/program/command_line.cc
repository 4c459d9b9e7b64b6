#include "services/balictl/program/command_line.h"

#include <algorithm>
#include <ostream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

#include "common/base/status_macros.h"
#include "services/balictl/program/report.h"

namespace baliprocess::balictl {
namespace {

constexpr char kUsagePayload[] = "balictl/usage";

const Flag* FindFlag(const Command& command, std::string_view name) {
  const auto found = std::find_if(command.flags.begin(), command.flags.end(),
                                  [&](const Flag& flag) { return flag.name == name; });
  return found == command.flags.end() ? nullptr : &*found;
}

// A flag as it was written, and the value in the same word if there is one.
struct Written {
  const Flag* flag = nullptr;
  std::optional<std::string> value;
};

absl::StatusOr<Written> ReadFlag(const Command& command, const std::string& word) {
  const std::vector<std::string> parts = absl::StrSplit(word.substr(2), absl::MaxSplits('=', 1));
  Written written{FindFlag(command, parts[0]), std::nullopt};
  if (parts.size() == 2) written.value = parts[1];
  if (!written.flag && parts[0].starts_with("no") && parts.size() == 1) {
    written.flag = FindFlag(command, parts[0].substr(2));
    if (written.flag && !written.flag->value.empty()) written.flag = nullptr;
    written.value = "false";
  }
  if (!written.flag) {
    return UsageError(absl::StrCat("balictl ", command.name, " has no flag --", parts[0]));
  }
  const bool boolean = written.flag->value.empty();
  if (boolean && !written.value) written.value = "true";
  if (boolean && written.value != "true" && written.value != "false") {
    return UsageError(absl::StrCat("--", parts[0], " must be true or false"));
  }
  return written;
}

// Gives the flags that weren't written the value of the environment, or the default.
void Complete(const Command& command, const Environment& environment, Arguments& arguments) {
  for (const Flag& flag : command.flags) {
    auto& values = arguments.flags[flag.name];
    if (!values.empty()) continue;
    const auto set =
        flag.environment.empty() ? std::nullopt : environment(std::string(flag.environment));
    if (set) {
      const bool yes = flag.value.empty() && *set == "1";
      values.push_back(yes ? "true" : *set);
    } else if (!flag.fallback.empty()) {
      values.push_back(flag.fallback);
    }
  }
}

std::string Indented(const std::string& text, const std::string& indent) {
  return absl::StrCat(indent, absl::StrJoin(absl::StrSplit(text, '\n'), "\n" + indent), "\n");
}

std::string HelpOf(const Flag& flag) {
  std::string head = absl::StrCat("  --", flag.name);
  if (!flag.value.empty()) absl::StrAppend(&head, " ", flag.value);
  if (flag.repeated) absl::StrAppend(&head, " (repeatable)");
  std::vector<std::string> notes;
  if (!flag.fallback.empty()) {
    notes.push_back(flag.value.empty() ? absl::StrCat("default: yes; --no", flag.name, " for no")
                                       : absl::StrCat("default: ", flag.fallback));
  }
  if (!flag.environment.empty()) notes.push_back(absl::StrCat("environment: ", flag.environment));
  std::string text = flag.help;
  if (!notes.empty()) absl::StrAppend(&text, "\n(", absl::StrJoin(notes, "; "), ")");
  return absl::StrCat(head, "\n", Indented(text, "        "));
}

const Command* FindCommand(const std::vector<Command>& commands, const std::string& name) {
  const auto found = std::find_if(commands.begin(), commands.end(),
                                  [&](const Command& command) { return command.name == name; });
  return found == commands.end() ? nullptr : &*found;
}

bool AsksForHelp(const std::vector<std::string>& words) {
  return std::find(words.begin(), words.end(), "--help") != words.end();
}

absl::Status RunCommand(const Command& command, const std::vector<std::string>& words, Io& io) {
  ASSIGN_OR_RETURN(const Arguments arguments, ParseArguments(command, words, io.environment));
  return command.run(arguments, io);
}

}  // namespace

std::string Arguments::Text(const std::string& flag) const {
  const auto& values = flags.at(flag);
  return values.empty() ? "" : values.back();
}

absl::StatusOr<absl::Duration> Arguments::Duration(const std::string& flag) const {
  absl::Duration duration;
  if (!absl::ParseDuration(Text(flag), &duration) || duration <= absl::ZeroDuration()) {
    return UsageError(absl::StrCat("--", flag, " must be a duration such as 30s, 15m or 12h"));
  }
  return duration;
}

absl::StatusOr<absl::Time> Arguments::Later(const std::string& flag, absl::Time now) const {
  ASSIGN_OR_RETURN(const absl::Duration duration, Duration(flag));
  return now + duration;
}

absl::Status UsageError(std::string_view message) {
  absl::Status status = absl::InvalidArgumentError({message.data(), message.size()});
  status.SetPayload(kUsagePayload, absl::Cord());
  return status;
}

bool IsUsageError(const absl::Status& status) {
  return status.GetPayload(kUsagePayload).has_value();
}

absl::StatusOr<Arguments> ParseArguments(const Command& command,
                                         const std::vector<std::string>& words,
                                         const Environment& environment) {
  Arguments arguments;
  bool flags_end = false;
  for (size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (flags_end || !word.starts_with("--")) {
      arguments.positional.push_back(word);
      continue;
    }
    if (word == "--") {
      flags_end = true;
      continue;
    }
    ASSIGN_OR_RETURN(Written written, ReadFlag(command, word));
    if (!written.value) {
      if (++i == words.size()) return UsageError(absl::StrCat(word, " needs a value"));
      written.value = words[i];
    }
    auto& values = arguments.flags[written.flag->name];
    if (!values.empty() && !written.flag->repeated) {
      return UsageError(absl::StrCat("--", written.flag->name, " is given twice"));
    }
    values.push_back(*std::move(written.value));
    arguments.given.insert(written.flag->name);
  }
  const size_t count = arguments.positional.size();
  if (count < command.min_arguments || count > command.max_arguments) {
    return UsageError(absl::StrCat(count < command.min_arguments ? "too few" : "too many",
                                   " arguments: balictl ", command.name, " ", command.arguments));
  }
  Complete(command, environment, arguments);
  return arguments;
}

std::string HelpOf(const Command& command) {
  std::string text = absl::StrCat("balictl ", command.name, command.arguments.empty() ? "" : " ",
                                  command.arguments, command.flags.empty() ? "" : " [flags]",
                                  "\n\n", command.description, "\n");
  if (!command.flags.empty()) absl::StrAppend(&text, "\nFlags:\n");
  for (const Flag& flag : command.flags) absl::StrAppend(&text, HelpOf(flag));
  return text;
}

std::string HelpOf(const std::vector<Command>& commands) {
  std::string text =
      "balictl COMMAND [arguments] [flags]\n\n"
      "Works with the services of the Bali Process suite, usually through the gateway.\n\n"
      "Commands:\n";
  for (const Command& command : commands) {
    absl::StrAppend(&text, "  ", command.name, std::string(13 - command.name.size(), ' '),
                    command.summary, "\n");
  }
  absl::StrAppend(&text, "  help         Show this, or with a command's name all about it\n\n",
                  "Exit codes: 0 done; 1 the server, or the work, reported an error; 2 wrong usage "
                  "or input,\nnothing was sent; 3 the server gave no answer.\n");
  return text;
}

int Run(const std::vector<Command>& commands, const std::vector<std::string>& words, Io& io) {
  std::vector<std::string> rest = words;
  if (rest.empty()) {
    io.err << HelpOf(commands);
    return kUsageExit;
  }
  bool help = AsksForHelp(rest);
  if (rest[0] == "help") {
    help = true;
    rest.erase(rest.begin());
  }
  if (help && (rest.empty() || rest[0] == "--help")) {
    io.out << HelpOf(commands);
    return 0;
  }
  const Command* command = FindCommand(commands, rest[0]);
  if (!command) {
    io.err << "error: there is no command " << rest[0] << "; see balictl help\n";
    return kUsageExit;
  }
  if (help) {
    io.out << HelpOf(*command);
    return 0;
  }
  const absl::Status status = RunCommand(*command, {rest.begin() + 1, rest.end()}, io);
  io.out.flush();
  if (!status.ok()) PrintError(status, io.err);
  if (IsUsageError(status)) io.err << "See balictl help " << command->name << "\n";
  return ExitCode(status);
}

}  // namespace baliprocess::balictl
