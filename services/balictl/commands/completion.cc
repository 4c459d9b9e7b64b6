// balictl completion: what can stand next on the command line, for bash, zsh and fish.

#include <algorithm>
#include <optional>
#include <ostream>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "common/base/descriptors.h"
#include "common/base/status_macros.h"
#include "services/balictl/client/connection.h"
#include "services/balictl/commands/commands.h"
#include "services/balictl/contract/contract.h"
#include "services/balictl/contract/verbs.h"
#include "services/balictl/program/profiles.h"

namespace baliprocess::balictl {
namespace {

using google::protobuf::Message;

// The shells ask `balictl complete WORDS...`, whose last word is the one that is written.
constexpr char kBash[] = R"(_balictl() {
  local IFS=$'\n'
  COMPREPLY=($(balictl complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
  [[ ${COMPREPLY[0]} == */ ]] && compopt -o nospace
}
complete -o default -F _balictl balictl
)";
constexpr char kZsh[] = R"(#compdef balictl
_balictl() {
  local -a found
  found=("${(@f)$(balictl complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)}")
  [[ -n ${found[1]} ]] && compadd -Q -- $found || _files
}
compdef _balictl balictl
)";
constexpr char kFish[] = R"(complete -c balictl -f -a '(
  set -l words (commandline -opc) (commandline -ct)
  balictl complete -- $words[2..-1] 2>/dev/null)'
)";

// Names of resources that are asked for, at most.
constexpr int kMostNames = 200;

// The names in a collection; none when the server doesn't tell.
std::vector<std::string> NamesIn(const Collection& collection, const Arguments& arguments) {
  const auto connection = Connection::Open(arguments);
  if (!connection.ok()) return {};
  const auto request = NewMessage(*collection.kind->list->input_type());
  if (!collection.parent.empty()) SetText(*request, "parent", collection.parent);
  SetNumber(*request, "page_size", kMostNames);
  const auto page = NewMessage(*collection.kind->list->output_type());
  if (!(*connection)->Call(*collection.kind->list, *request, *page).ok()) return {};
  std::vector<std::string> names;
  const auto* reflection = page->GetReflection();
  for (int i = 0; i < reflection->FieldSize(*page, collection.kind->items); ++i) {
    std::string name =
        GetText(reflection->GetRepeatedMessage(*page, collection.kind->items, i), "name");
    // What isn't a name has no place on a command line.
    if (collection.kind->pattern.Matches(name)) names.push_back(std::move(name));
  }
  return names;
}

// Names of resources, and of collections, that begin with `word`: `bodies/a` as `bodies/ahg`.
std::vector<std::string> NamesLike(const std::string& word, const Arguments& arguments) {
  std::vector<std::string> names;
  for (const ResourceKind& kind : Resources()) {
    if (kind.pattern.IsTopLevel()) names.push_back(kind.pattern.Collection() + "/");
  }
  const size_t slash = word.rfind('/');
  if (slash == std::string::npos) return names;
  const std::string path = word.substr(0, slash);
  if (const auto collection = FindCollection(path); collection.ok()) {
    return NamesIn(*collection, arguments);
  }
  for (const ResourceKind& kind : Resources()) {
    if (kind.pattern.MatchesParent(path, /*allow_wildcard=*/false)) {
      names.push_back(absl::StrCat(path, "/", kind.pattern.Collection(), "/"));
    }
  }
  return names;
}

std::vector<std::string> FirstWords() {
  std::vector<std::string> words = {"help"};
  for (const Command& command : Commands()) words.push_back(command.name);
  for (const ResourceKind& kind : Resources()) words.push_back(kind.pattern.Collection());
  return words;
}

// The command that the words begin with, with all its flags; nullopt when they name none.
std::optional<Command> CommandOf(std::vector<std::string> words) {
  const auto commands = Commands();
  const auto found = std::find_if(commands.begin(), commands.end(),
                                  [&](const Command& one) { return one.name == words[0]; });
  absl::StatusOr<Command> command =
      found != commands.end() ? absl::StatusOr<Command>(*found) : FindOtherCommand(words);
  if (!command.ok()) return std::nullopt;
  if (command->more_flags) {
    for (const std::string& word : words) {
      auto more = command->more_flags(word);
      if (!more.ok()) continue;
      for (Flag& flag : *more) command->flags.push_back(std::move(flag));
      break;
    }
  }
  return *std::move(command);
}

const Flag* FlagCalled(const Command& command, const std::string& word) {
  const auto found =
      std::find_if(command.flags.begin(), command.flags.end(),
                   [&](const Flag& flag) { return word == absl::StrCat("--", flag.name); });
  return found == command.flags.end() ? nullptr : &*found;
}

// The words that are listed in a help: `chair|member`.
std::vector<std::string> WordsIn(const std::string& help) {
  if (!absl::StrContains(help, "|")) return {};
  return absl::StrSplit(help, '|');
}

std::vector<std::string> ValuesOf(const Flag& flag) {
  if (flag.value != "COLLECTION") return WordsIn(flag.value);
  std::vector<std::string> collections;
  for (const ResourceKind& kind : Resources()) collections.push_back(kind.pattern.Collection());
  return collections;
}

// What the first argument of a command can be, where that is one of some words: `bash|zsh|fish`.
std::vector<std::string> FirstArguments(const Command& command) {
  return WordsIn(command.arguments.substr(0, command.arguments.find(' ')));
}

// The profiles, for what takes one of them.
std::vector<std::string> ProfileNames(const Environment& environment) {
  const auto profiles = ReadProfiles(environment);
  std::vector<std::string> names;
  if (!profiles.ok()) return names;
  for (const auto& [name, settings] : profiles->all) names.push_back(name);
  return names;
}

std::vector<std::string> Candidates(const std::vector<std::string>& before, const std::string& word,
                                    const Arguments& arguments, const Environment& environment) {
  if (before.empty()) return FirstWords();
  const auto command = CommandOf(before);
  if (before.size() == 1 && before[0] != "help") {
    if (const auto kind = FindKind(before[0]); kind.ok() && command && !command->max_arguments) {
      std::vector<std::string> verbs = VerbsOf((*kind)->pattern.Collection());
      verbs.insert(verbs.end(), CommonVerbs().begin(), CommonVerbs().end());
      return verbs;
    }
  }
  if (before[0] == "help") return FirstWords();
  if (!command) return {};
  if (word.starts_with("-")) {
    std::vector<std::string> flags;
    for (const Flag& flag : command->flags) flags.push_back(absl::StrCat("--", flag.name));
    return flags;
  }
  const Flag* flag = FlagCalled(*command, before.back());
  const bool takes_profile = before[0] == "use" || before[0] == "profile";
  if ((flag != nullptr && flag->name == "profile") ||
      (takes_profile && before.size() <= 2 && before.size() == command->max_arguments)) {
    return ProfileNames(environment);
  }
  if (flag != nullptr && !flag->value.empty()) return ValuesOf(*flag);
  if (before.size() == 1) {
    if (std::vector<std::string> words = FirstArguments(*command); !words.empty()) return words;
  }
  return NamesLike(word, arguments);
}

absl::Status Complete(const Arguments& arguments, Io& io) {
  std::vector<std::string> before = arguments.positional;
  const std::string word = before.empty() ? "" : before.back();
  if (!before.empty()) before.pop_back();
  std::set<std::string> shown;
  for (const std::string& candidate : Candidates(before, word, arguments, io.environment)) {
    if (candidate.starts_with(word) && shown.insert(candidate).second) io.out << candidate << "\n";
  }
  return absl::OkStatus();
}

absl::Status Completion(const Arguments& arguments, Io& io) {
  const std::string& shell = arguments.positional[0];
  if (shell != "bash" && shell != "zsh" && shell != "fish") {
    return UsageError("there is completion for bash, zsh and fish");
  }
  io.out << (shell == "bash" ? kBash : shell == "zsh" ? kZsh : kFish);
  return absl::OkStatus();
}

}  // namespace

Command CompletionCommand() {
  return {
      .name = "completion",
      .arguments = "bash|zsh|fish",
      .min_arguments = 1,
      .max_arguments = 1,
      .summary = "Print what makes a shell complete commands",
      .description =
          "Prints a script for a shell, which then completes commands, flags, words and names of "
          "resources (of which it asks the server).\n\nExamples:\n"
          "  source <(balictl completion bash)      # in ~/.bashrc\n"
          "  source <(balictl completion zsh)       # in ~/.zshrc\n"
          "  balictl completion fish > ~/.config/fish/completions/balictl.fish",
      .flags = {},
      .run = Completion};
}

Command CompleteCommand() {
  return {.name = "complete",
          .arguments = "-- [WORD...]",
          .min_arguments = 0,
          .max_arguments = 1000,
          .summary = "List what a word can become (for shells)",
          .description =
              "Lists what the last WORD can become, behind the words before it. Shells "
              "ask it; see `balictl help completion`.",
          .flags = WithConnection({}),
          .run = Complete};
}

}  // namespace baliprocess::balictl
