// balictl edit: a resource in the editor of the user.

#include <google/protobuf/field_mask.pb.h>
#include <google/protobuf/util/message_differencer.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <ostream>
#include <utility>

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
#include "services/balictl/program/child.h"
#include "services/balictl/program/files.h"
#include "services/balictl/program/report.h"

namespace baliprocess::balictl {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::util::MessageDifferencer;

constexpr char kProblem[] = "#! ";  // begins lines that tell what is wrong
constexpr char kHead[] =
    "# Change fields and save; a field whose line is deleted is cleared. Dates are 2025,\n"
    "# 2025-02 or 2025-02-14; balictl help values tells how other values are written.\n"
    "# What the server sets, such as a state, isn't here. Without a change, or with an\n"
    "# empty file, nothing happens.\n";

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
  if (!plain.empty()) plain.pop_back();
  return plain;
}

std::vector<YamlProblem> ProblemsOf(const absl::Status& status) {
  std::vector<YamlProblem> problems;
  for (const absl::string_view line : absl::StrSplit(Describe(status), '\n')) {
    problems.push_back({0, std::string(line)});
  }
  return problems;
}

absl::Status RunEditor(const std::string& editor, const std::string& path) {
  std::vector<std::string> words = WordsOfCommand(editor);
  words.push_back(path);
  if (RunChild({.words = words}).ok()) return absl::OkStatus();
  return UsageError(absl::StrCat("the editor '", editor, "' failed; set EDITOR to another"));
}

// The fields in which two messages differ.
google::protobuf::FieldMask Differing(const Message& before, const Message& after) {
  google::protobuf::FieldMask mask;
  for (int i = 0; i < before.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* field = before.GetDescriptor()->field(i);
    MessageDifferencer differencer;
    const std::vector<const FieldDescriptor*> one = {field};
    if (!differencer.CompareWithFields(before, after, one, one)) mask.add_paths(field->name());
  }
  return mask;
}

class Editing {
 public:
  Editing(Connection& connection, const ResourceKind& kind, const Arguments& arguments, Io& io)
      : connection_(connection), kind_(kind), arguments_(arguments), io_(io) {}

  // Whether the text is of no use any more afterwards: it was sent, or nothing was changed in it.
  bool done() const { return done_; }

  absl::Status Run(const std::string& name, const std::string& editor, const std::string& path) {
    ASSIGN_OR_RETURN(before_, GetResource(connection_, kind_, name));
    if (GetText(*before_, "name") != name) {
      return UsageError(absl::StrCat(name, " was merged into ", GetText(*before_, "name"),
                                     ", which stands for it now"));
    }
    shown_.reset(before_->New());
    shown_->CopyFrom(*before_);
    KeepContent(*shown_);
    KeepGiven(*shown_);
    const std::string original = absl::StrCat("# ", name, "\n", kHead, ToYaml(*shown_));
    std::string text = original;
    std::string last = original;  // as it was saved, without what was told in it
    absl::Status failure;
    while (true) {
      RETURN_IF_ERROR(WriteFile(path, text, 0600));
      RETURN_IF_ERROR(RunEditor(editor, path));
      ASSIGN_OR_RETURN(const std::string edited, ReadFile(path));
      const std::string plain = WithoutProblems(edited);
      if (plain.find_first_not_of(" \t\r\n") == std::string::npos || plain == original) {
        done_ = true;
        io_.err << "nothing was changed\n";
        return absl::OkStatus();
      }
      if (plain == std::exchange(last, plain)) return failure;  // the user gives up
      failure = Apply(plain);
      if (done_) return failure;
      text = WithProblems(plain, problems_);
    }
  }

 private:
  // Sends what differs from what was shown. `problems_` tell what is wrong.
  absl::Status Apply(const std::string& text) {
    const auto request = NewMessage(*kind_.update->input_type());
    const auto* reflection = request->GetReflection();
    Message& patch = *reflection->MutableMessage(request.get(), kind_.patch);
    problems_ = FromYaml(text, patch);
    if (!problems_.empty()) return UsageError(absl::StrCat("the text: ", problems_[0].what));
    const google::protobuf::FieldMask mask = Differing(*shown_, patch);
    SetText(patch, "name", GetText(*before_, "name"));
    SetText(patch, "etag", GetText(*before_, "etag"));
    if (mask.paths().empty()) {
      done_ = true;
      io_.err << "nothing was changed\n";
      return absl::OkStatus();
    }
    const auto* field = request->GetDescriptor()->FindFieldByName("update_mask");
    reflection->MutableMessage(request.get(), field)->CopyFrom(mask);
    absl::Status sent =
        Mutate(connection_, *kind_.update, *request, GetText(*before_, "name"), arguments_, io_);
    done_ = sent.ok();
    if (!done_) problems_ = ProblemsOf(sent);
    return sent;
  }

  Connection& connection_;
  const ResourceKind& kind_;
  const Arguments& arguments_;
  Io& io_;
  std::unique_ptr<Message> before_;
  std::unique_ptr<Message> shown_;
  std::vector<YamlProblem> problems_;
  bool done_ = false;
};

absl::Status Edit(const Arguments& arguments, Io& io) {
  const std::string& name = arguments.positional[0];
  ASSIGN_OR_RETURN(const ResourceKind* kind, KindOfName(name));
  const auto visual = io.environment("VISUAL");
  const std::string editor =
      visual ? *visual : io.environment("EDITOR").value_or("sensible-editor");
  std::string folder = (std::filesystem::temp_directory_path() / "balictl-XXXXXX").string();
  if (mkdtemp(folder.data()) == nullptr) return UsageError("no temporary file can be made");
  const std::string path = folder + "/resource.yaml";
  ASSIGN_OR_RETURN(const auto connection, Connection::Open(arguments));
  Editing editing(*connection, *kind, arguments, io);
  const absl::Status status = editing.Run(name, editor, path);
  std::error_code error;
  if (editing.done() || !std::filesystem::exists(path, error)) {
    std::filesystem::remove_all(folder, error);
  } else {
    io.err << "nothing was changed; the text is in " << path << "\n";
  }
  return status;
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
          "Opens the resource as YAML in the editor that $VISUAL or $EDITOR names, and sends the "
          "fields that were changed when the editor ends. What is wrong is shown in the editor "
          "above the line; saving the file as it is then gives up, and the text stays in a file. "
          "A change that somebody else made meanwhile isn't overwritten.\n\n"
          "Example:\n  balictl edit meetings/ahg-19",
      .flags = WithConnection(MutationFlags()),
      .run = Edit};
}

}  // namespace baliprocess::balictl
