// balictl edit: a resource in the editor of the user.

#include <google/protobuf/field_mask.pb.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <ostream>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "common/base/descriptors.h"
#include "common/base/status_macros.h"
#include "services/balictl/client/connection.h"
#include "services/balictl/client/mutation.h"
#include "services/balictl/commands/commands.h"
#include "services/balictl/contract/contract.h"
#include "services/balictl/contract/yaml.h"
#include "services/balictl/program/files.h"
#include "services/balictl/program/report.h"

namespace baliprocess::balictl {
namespace {

using google::protobuf::Message;

constexpr char kProblem[] = "#! ";  // begins lines that tell what is wrong
constexpr char kHead[] =
    "# Change fields and save. Dates are 2025, 2025-02 or 2025-02-14; balictl help\n"
    "# values tells how other values are written. Without a change, or with an empty\n"
    "# file, nothing happens.\n";

// The text with what is wrong above each line.
std::string WithProblems(const std::string& text, const std::vector<YamlProblem>& problems) {
  std::string told;
  int number = 0;
  for (const auto& problem : problems) {
    if (problem.line < 1) absl::StrAppend(&told, kProblem, problem.what, "\n");
  }
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    ++number;
    for (const auto& problem : problems) {
      if (problem.line == number) absl::StrAppend(&told, kProblem, problem.what, "\n");
    }
    absl::StrAppend(&told, line, "\n");
  }
  told.pop_back();
  return told;
}

std::string WithoutProblems(const std::string& text) {
  std::string plain;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    if (!absl::StartsWith(line, kProblem)) absl::StrAppend(&plain, line, "\n");
  }
  plain.pop_back();
  return plain;
}

std::vector<YamlProblem> ProblemsOf(const absl::Status& status) {
  std::vector<YamlProblem> problems;
  for (const absl::string_view line : absl::StrSplit(Describe(status), '\n')) {
    problems.push_back({0, std::string(line)});
  }
  return problems;
}

// The editor, run on a file; words of `editor` are separated by blanks, as in $EDITOR="code
// --wait".
absl::Status RunEditor(const std::string& editor, const std::string& path) {
  std::vector<std::string> words = absl::StrSplit(editor, ' ', absl::SkipEmpty());
  words.push_back(path);
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  pid_t child = 0;
  int state = 0;
  if (posix_spawnp(&child, pointers[0], nullptr, nullptr, pointers.data(), environ) != 0 ||
      waitpid(child, &state, 0) != child || state != 0) {
    return UsageError(absl::StrCat("the editor '", editor, "' failed; set EDITOR to another"));
  }
  return absl::OkStatus();
}

class Editing {
 public:
  Editing(Connection& connection, const ResourceKind& kind, const Arguments& arguments, Io& io)
      : connection_(connection), kind_(kind), arguments_(arguments), io_(io) {}

  absl::Status Run(const std::string& name, const std::string& editor, const std::string& path) {
    ASSIGN_OR_RETURN(const auto before, GetResource(connection_, kind_, name));
    const std::unique_ptr<Message> shown(before->New());
    shown->CopyFrom(*before);
    KeepContent(*shown);
    const std::string original = kHead + ToYaml(*shown);
    std::string text = original;
    std::string last = original;  // as it was saved, without what was told in it
    while (true) {
      RETURN_IF_ERROR(WriteFile(path, text, 0600));
      RETURN_IF_ERROR(RunEditor(editor, path));
      ASSIGN_OR_RETURN(const std::string edited, ReadFile(path));
      const std::string plain = WithoutProblems(edited);
      const bool given_up = plain == std::exchange(last, plain);
      if (plain == original || plain.find_first_not_of(" \t\r\n") == std::string::npos) {
        io_.err << "nothing was changed\n";
        return absl::OkStatus();
      }
      std::vector<YamlProblem> problems = Apply(plain, *before);
      if (problems.empty()) return absl::OkStatus();
      if (given_up) {
        for (const auto& problem : problems) io_.err << problem.what << "\n";
        return UsageError("nothing was changed: the problems are still there");
      }
      text = WithProblems(plain, problems);
    }
  }

 private:
  // Sends the resource as the text has it. What is wrong; nothing when it is done.
  std::vector<YamlProblem> Apply(const std::string& text, const Message& before) {
    const auto request = NewMessage(*kind_.update->input_type());
    const auto* reflection = request->GetReflection();
    Message& patch = *reflection->MutableMessage(request.get(), kind_.patch);
    std::vector<YamlProblem> problems = FromYaml(text, patch);
    if (!problems.empty()) return problems;
    SetText(patch, "name", GetText(before, "name"));
    SetText(patch, "etag", GetText(before, "etag"));
    KeepWhatIsLeftOut(before, patch);
    google::protobuf::FieldMask everything;
    everything.add_paths("*");
    const auto* mask = request->GetDescriptor()->FindFieldByName("update_mask");
    reflection->MutableMessage(request.get(), mask)->CopyFrom(everything);
    const absl::Status done =
        Mutate(connection_, *kind_.update, *request, GetText(before, "name"), arguments_, io_);
    return done.ok() ? std::vector<YamlProblem>() : ProblemsOf(done);
  }

  Connection& connection_;
  const ResourceKind& kind_;
  const Arguments& arguments_;
  Io& io_;
};

absl::Status Edit(const Arguments& arguments, Io& io) {
  const std::string& name = arguments.positional[0];
  ASSIGN_OR_RETURN(const ResourceKind* kind, KindOfName(name));
  const auto visual = io.environment("VISUAL");
  const std::string editor =
      visual ? *visual : io.environment("EDITOR").value_or("sensible-editor");
  std::string folder = (std::filesystem::temp_directory_path() / "balictl-XXXXXX").string();
  if (mkdtemp(folder.data()) == nullptr) return UsageError("no temporary file can be made");
  const auto remove = absl::MakeCleanup([&folder] {
    std::error_code error;
    std::filesystem::remove_all(folder, error);
  });
  ASSIGN_OR_RETURN(const auto connection, Connection::Open(arguments));
  return Editing(*connection, *kind, arguments, io).Run(name, editor, folder + "/resource.yaml");
}

}  // namespace

Command EditCommand() {
  return {
      .name = "edit",
      .arguments = "NAME",
      .min_arguments = 1,
      .max_arguments = 1,
      .summary = "Change a resource in an editor",
      .description =
          "Opens the resource as YAML in the editor that $VISUAL or $EDITOR names, and sends it "
          "back when the editor ends. What is wrong is shown in the editor above the line; "
          "saving the file without a change gives up. A change that somebody else made "
          "meanwhile isn't overwritten.\n\n"
          "Example:\n  balictl edit meetings/ahg-19",
      .flags = WithConnection(MutationFlags()),
      .run = Edit};
}

}  // namespace baliprocess::balictl
