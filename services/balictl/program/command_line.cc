#include "services/balictl/program/command_line.h"

#include <algorithm>
#include <ostream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"

#include "common/base/status_macros.h"
#include "services/balictl/program/nearest.h"
#include "services/balictl/program/pager.h"
#include "services/balictl/program/profiles.h"
#include "services/balictl/program/report.h"
#include "services/balictl/program/terminal_text.h"

namespace baliprocess::balictl {
namespace {

constexpr char kUsagePayload[] = "balictl/usage";

// `--start-date` is --start_date.
const Flag* FindFlag(const Command& command, std::string_view written) {
  const std::string name = absl::StrReplaceAll({written.data(), written.size()}, {{"-", "_"}});
  const auto found = std::find_if(command.flags.begin(), command.flags.end(),
                                  [&](const Flag& flag) { return flag.name == name; });
  return found == command.flags.end() ? nullptr : &*found;
}

// A flag as it was written, and the value in the same word if there is one.
struct Written {
  const Flag* flag = nullptr;
  std::optional<std::string> value;
};

absl::Status NoFlag(const Command& command, const std::string& written) {
  std::vector<std::string> names;
  for (const Flag& flag : command.flags) names.push_back("--" + flag.name);
  return UsageError(absl::StrCat("balictl ", command.name, " has no flag --", written, ".",
                                 DidYouMean("--" + written, names)));
}

absl::StatusOr<Written> ReadFlag(const Command& command, const std::string& word) {
  const std::vector<std::string> parts = absl::StrSplit(word.substr(2), absl::MaxSplits('=', 1));
  Written written{FindFlag(command, parts[0]), std::nullopt};
  if (parts.size() == 2) written.value = parts[1];
  if (!written.flag && parts[0].starts_with("no") && parts.size() == 1) {
    written.flag = FindFlag(command, parts[0].substr(2));
    if (written.flag && !written.flag->value.empty()) written.flag = nullptr;
    written.value = "false";
  }
  if (!written.flag) return NoFlag(command, parts[0]);
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
  if (!notes.empty()) absl::StrAppend(&text, " (", absl::StrJoin(notes, "; "), ")");
  return absl::StrCat(head, "\n", Indented(text, "        "));
}

const Command* FindCommand(const std::vector<Command>& commands, const std::string& name) {
  const auto found = std::find_if(commands.begin(), commands.end(),
                                  [&](const Command& command) { return command.name == name; });
  return found == commands.end() ? nullptr : &*found;
}

bool AsksForHelp(const std::vector<std::string>& words) {
  const auto end = std::find(words.begin(), words.end(), "--");
  return std::any_of(words.begin(), end,
                     [](const std::string& word) { return word == "--help" || word == "-h"; });
}

// The words that may be arguments: neither flags nor values of flags that the command always has.
std::vector<std::string> BareWords(const Command& command, const std::vector<std::string>& words) {
  std::vector<std::string> bare;
  for (size_t i = 0; i < words.size(); ++i) {
    if (!words[i].starts_with("--")) {
      bare.push_back(words[i]);
      continue;
    }
    const Flag* flag = FindFlag(command, words[i].substr(2));
    if (flag != nullptr && !flag->value.empty()) ++i;
  }
  return bare;
}

// The command with the flags that depend on its first argument: the first word that it can be. What
// stands before it may be values of such flags.
absl::StatusOr<Command> Completed(Command command, const std::vector<std::string>& words) {
  if (!command.more_flags) return command;
  absl::Status error;
  for (const std::string& word : BareWords(command, words)) {
    auto flags = command.more_flags(word);
    if (!flags.ok()) {
      error.Update(flags.status());
      continue;
    }
    for (Flag& flag : command.flags) flags->push_back(std::move(flag));
    command.flags = *std::move(flags);
    return command;
  }
  RETURN_IF_ERROR(error);
  return command;
}

// The command that the words begin with, without which they are afterwards.
absl::StatusOr<Command> TakeCommand(const Program& program, std::vector<std::string>& words) {
  if (const Command* command = FindCommand(program.commands, words[0])) {
    words.erase(words.begin());
    return Completed(*command, words);
  }
  if (program.other) {
    ASSIGN_OR_RETURN(Command other, program.other(words));
    return Completed(std::move(other), words);
  }
  return UsageError(absl::StrCat("there is no command ", words[0]));
}

// What `balictl help` shows, and whether there is such a page.
absl::StatusOr<std::string> HelpFor(const Program& program, std::vector<std::string> words) {
  words.erase(std::remove_if(words.begin(), words.end(),
                             [](const std::string& word) { return word.starts_with('-'); }),
              words.end());
  if (words.empty() || words[0] == "help") return HelpOf(program);
  for (const Topic& topic : program.topics) {
    if (topic.name == words[0]) return Wrapped(topic.text, kPageWidth) + "\n";
  }
  ASSIGN_OR_RETURN(const Command command, TakeCommand(program, words));
  return HelpOf(command);
}

// Whether there is a pager is for main to know (program/pager.h).
void TakePagerFlag(std::vector<std::string>& words) {
  const auto end = std::find(words.begin(), words.end(), "--");
  words.erase(std::remove_if(words.begin(), end, IsNoPager), end);
}

absl::Status RunWords(const Program& program, std::vector<std::string> words, Io& io) {
  const bool help = words[0] == "help";
  if (help || AsksForHelp(words)) {
    if (help) words.erase(words.begin());
    ASSIGN_OR_RETURN(const std::string text, HelpFor(program, std::move(words)));
    io.out << text;
    return absl::OkStatus();
  }
  if (words[0] == "--version" || words[0] == "version") {
    io.out << "balictl " << program.version << "\n";
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const Command command, TakeCommand(program, words));
  ASSIGN_OR_RETURN(const Environment environment, WithProfile(command, words, io.environment));
  ASSIGN_OR_RETURN(const Arguments arguments, ParseArguments(command, words, environment));
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
                                  "\n\n", Wrapped(command.description, kPageWidth), "\n");
  bool any = false;
  bool shared = false;
  for (const Flag& flag : command.flags) {
    shared |= flag.shared;
    if (flag.shared) continue;
    absl::StrAppend(&text, any ? "" : "\nFlags:\n", HelpOf(flag));
    any = true;
  }
  if (shared) {
    absl::StrAppend(&text, "\nHow to reach the server, and as whom: balictl help connection\n");
  }
  return text;
}

std::string HelpOf(const Program& program) {
  std::string text =
      "balictl COMMAND [arguments] [flags]\n\n"
      "Works with the services of the Bali Process suite, usually through the gateway.\n\n"
      "Commands:\n";
  const auto line = [&text](const std::string& name, const std::string& summary) {
    absl::StrAppend(&text, "  ", name, std::string(13 - name.size(), ' '), summary, "\n");
  };
  for (const Command& command : program.commands) line(command.name, command.summary);
  line("help", "Show this, or with a command's name all about it");
  if (program.other) {
    absl::StrAppend(&text, "\n",
                    Wrapped("Or a collection and what to do with it, such as `balictl meetings "
                            "convene ahg-18`; `balictl help meetings` tells what can be done.",
                            kPageWidth),
                    "\n");
  }
  if (!program.topics.empty()) text += "\nMore help, after `balictl help`:\n";
  for (const Topic& topic : program.topics) line(topic.name, topic.summary);
  absl::StrAppend(
      &text, "\n",
      Wrapped("What is longer than the terminal is shown by $BALI_PAGER, $PAGER or less; "
              "--no_pager shows it at once.",
              kPageWidth),
      "\n\n",
      Wrapped("Exit codes: 0 done; 1 the server, or the work, reported an error; 2 "
              "wrong usage or input, nothing was sent; 3 the server gave no answer; 130 you "
              "ended it by Ctrl-C.",
              kPageWidth),
      "\n");
  return text;
}

int Run(const Program& program, const std::vector<std::string>& given, Io& io) {
  std::vector<std::string> words = given;
  TakePagerFlag(words);
  if (words.empty()) {
    io.err << HelpOf(program);
    return kUsageExit;
  }
  const absl::Status status = RunWords(program, words, io);
  io.out.flush();
  if (!status.ok()) PrintError(status, io.err);
  if (IsUsageError(status)) io.err << "See balictl help, or balictl help " << words[0] << "\n";
  return ExitCode(status);
}

}  // namespace baliprocess::balictl
