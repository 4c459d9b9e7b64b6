// balictl COLLECTION VERB: what can be done with the resources of a collection.

#include <algorithm>
#include <ostream>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "google/api/field_behavior.pb.h"

#include "common/base/descriptors.h"
#include "common/base/status_macros.h"
#include "services/balictl/client/connection.h"
#include "services/balictl/client/mutation.h"
#include "services/balictl/commands/commands.h"
#include "services/balictl/contract/documentation.h"
#include "services/balictl/contract/fields.h"
#include "services/balictl/contract/json.h"
#include "services/balictl/contract/verbs.h"
#include "services/balictl/program/nearest.h"
#include "services/balictl/program/terminal_text.h"

namespace baliprocess::balictl {
namespace {

using google::protobuf::Message;

// The fields of the request other than its subject.
std::vector<FieldPath> FieldsOf(const Verb& verb) {
  std::vector<FieldPath> fields = GivenFields(*verb.method->input_type());
  fields.erase(std::remove_if(fields.begin(), fields.end(),
                              [&](const FieldPath& path) { return path[0] == verb.subject; }),
               fields.end());
  return fields;
}

// Whether the method changes something: then it takes an id that makes it safe to repeat.
bool Changes(const Verb& verb) {
  return verb.method->input_type()->FindFieldByName("request_id") != nullptr;
}

absl::Status Ask(Connection& connection, const Verb& verb, const Message& request, Io& io) {
  const auto reply = NewMessage(*verb.method->output_type());
  RETURN_IF_ERROR(verb.method->server_streaming()
                      ? connection.CallForPieces(*verb.method, request, *reply)
                      : connection.CallPersistently(*verb.method, request, *reply));
  ASSIGN_OR_RETURN(const std::string json, ToJson(*reply));
  io.out << json;
  return absl::OkStatus();
}

// The name that the caller means, of a parent, or of a resource of the collection.
std::string SubjectOf(const Verb& verb, const std::string& text) {
  const auto kind = FindKind(verb.collection);
  return verb.subject->name() == "parent" || !kind.ok() ? text : NameOf(**kind, text);
}

absl::Status RunVerb(const Verb& verb, const Arguments& arguments, Io& io) {
  const auto request = NewMessage(*verb.method->input_type());
  std::string subject;
  if (verb.subject != nullptr) {
    subject = SubjectOf(verb, arguments.positional[0]);
    SetText(*request, verb.subject->name(), subject);
  }
  RETURN_IF_ERROR(SetGiven(FieldsOf(verb), arguments, *request).status());
  if (verb.method->input_type()->FindFieldByName("etag")) {
    SetText(*request, "etag", arguments.Text("etag"));
  }
  ASSIGN_OR_RETURN(const auto connection, Connection::Open(arguments));
  if (!Changes(verb)) return Ask(*connection, verb, *request, io);
  return Mutate(*connection, *verb.method, *request, subject, arguments, io);
}

Command CommandOf(const Verb& verb) {
  std::vector<Flag> flags = FlagsOf(FieldsOf(verb));
  if (verb.method->input_type()->FindFieldByName("etag")) {
    flags.push_back({"etag", "ETAG", "", "Only if this is the version of the resource."});
  }
  if (Changes(verb)) {
    for (Flag& flag : MutationFlags()) flags.push_back(std::move(flag));
  }
  const bool has_subject = verb.subject != nullptr;
  const bool of_parent = has_subject && verb.subject->name() == "parent";
  return {
      .name = absl::StrCat(verb.collection, " ", verb.word),
      .arguments = !has_subject ? ""
                   : of_parent  ? "PARENT"
                                : "NAME",
      .min_arguments = has_subject ? 1U : 0U,
      .max_arguments = has_subject ? 1U : 0U,
      .summary = "",
      .description =
          absl::StrCat(CommentOf(*verb.method), "\n\nThe method is ", verb.method->name(), "."),
      .flags = WithConnection(std::move(flags)),
      .run = [&verb](const Arguments& arguments, Io& io) { return RunVerb(verb, arguments, io); }};
}

// What the help of a collection, or of a service, tells: its verbs.
Command CommandOf(const std::string& collection) {
  const auto kind = FindKind(collection);
  std::string text;
  if (kind.ok()) {
    text = absl::StrCat(CommentOf(*(*kind)->message), "\n\nVerbs of all collections:\n  ",
                        absl::StrJoin(CommonVerbs(), ", "), "\n\n");
  }
  text += "Verbs of its own:\n";
  for (const std::string& word : VerbsOf(collection)) {
    const std::string comment = CommentOf(*(*FindVerb(collection, word))->method);
    absl::StrAppend(&text, "  ", word, "\n",
                    Indented(comment.substr(0, comment.find(". ")), "      "));
  }
  return {.name = collection,
          .arguments = "VERB [NAME]",
          .min_arguments = 0,
          .max_arguments = 0,
          .summary = "",
          .description = text,
          .flags = {},
          .run = [collection](const Arguments&, Io&) -> absl::Status {
            return UsageError(absl::StrCat("say what to do with ", collection, ": balictl help ",
                                           collection, " tells what there is"));
          }};
}

// The place of the first word that is neither a flag nor, as far as can be told, the value of one.
size_t FirstBare(const std::vector<std::string>& words) {
  size_t last = words.size();
  for (size_t i = 0; i < words.size(); ++i) {
    if (words[i].starts_with("--")) continue;
    const bool behind_flag =
        i > 0 && words[i - 1].starts_with("--") && !absl::StrContains(words[i - 1], '=');
    if (!behind_flag) return i;
    last = i;
  }
  return last;
}

// `meetings get ahg-18` as `get meetings/ahg-18`, `seats list bodies/ahg` as `list
// bodies/ahg/seats`: the words after the verb in the form that its command takes.
void CompleteWords(const ResourceKind& kind, const std::string& verb,
                   std::vector<std::string>& words) {
  const std::string& collection = kind.pattern.Collection();
  const bool of_collection = verb == "list" || verb == "create";
  if (of_collection && kind.pattern.IsTopLevel()) {
    words.insert(words.begin(), collection);
    return;
  }
  const size_t bare = FirstBare(words);
  if (bare == words.size()) return;
  std::string& word = words[bare];
  if (!of_collection) {
    word = NameOf(kind, word);
  } else if (!word.ends_with("/" + collection)) {
    word = absl::StrCat(word, "/", collection);
  }
}

absl::Status NoCommand(const std::string& word) {
  std::vector<std::string> known;
  for (const Command& command : Commands()) known.push_back(command.name);
  for (const ResourceKind& kind : Resources()) known.push_back(kind.pattern.Collection());
  return UsageError(
      absl::StrCat("there is no command ", word, ", nor a collection.", DidYouMean(word, known)));
}

}  // namespace

absl::StatusOr<Command> FindOtherCommand(std::vector<std::string>& words) {
  const auto kind = FindKind(words[0]);
  if (!kind.ok() && VerbsOf(words[0]).empty()) return NoCommand(words[0]);
  const std::string collection = kind.ok() ? (*kind)->pattern.Collection() : words[0];
  if (words.size() < 2 || words[1].starts_with("--")) {
    words.clear();
    return CommandOf(collection);
  }
  const std::string word = absl::AsciiStrToLower(words[1]);
  const auto& common = CommonVerbs();
  if (!kind.ok() || std::find(common.begin(), common.end(), word) == common.end()) {
    ASSIGN_OR_RETURN(const Verb* verb, FindVerb(collection, word));
    words.erase(words.begin(), words.begin() + 2);
    return CommandOf(*verb);
  }
  words.erase(words.begin(), words.begin() + 2);
  CompleteWords(**kind, word, words);
  const std::vector<Command> commands = Commands();
  return *std::find_if(commands.begin(), commands.end(),
                       [&word](const Command& command) { return command.name == word; });
}

}  // namespace baliprocess::balictl
