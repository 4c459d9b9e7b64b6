// balictl COLLECTION VERB: what can be done with the resources of a collection.

#include <algorithm>
#include <ostream>
#include <set>

#include "absl/strings/ascii.h"
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

absl::Status RunVerb(const ResourceKind& kind, const Verb& verb, const Arguments& arguments,
                     Io& io) {
  const auto request = NewMessage(*verb.method->input_type());
  std::string subject;
  if (verb.subject != nullptr) {
    subject = verb.subject->name() == "parent" ? arguments.positional[0]
                                               : NameOf(kind, arguments.positional[0]);
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

Command CommandOf(const ResourceKind& kind, const Verb& verb) {
  std::vector<Flag> flags = FlagsOf(FieldsOf(verb));
  if (verb.method->input_type()->FindFieldByName("etag")) {
    flags.push_back({"etag", "ETAG", "", "Only if this is the version of the resource."});
  }
  if (Changes(verb)) {
    for (Flag& flag : MutationFlags()) flags.push_back(std::move(flag));
  }
  const bool has_subject = verb.subject != nullptr;
  const bool of_parent = has_subject && verb.subject->name() == "parent";
  return {.name = absl::StrCat(kind.pattern.Collection(), " ", verb.word),
          .arguments = !has_subject ? ""
                       : of_parent  ? "PARENT"
                                    : "NAME",
          .min_arguments = has_subject ? 1U : 0U,
          .max_arguments = has_subject ? 1U : 0U,
          .summary = "",
          .description =
              absl::StrCat(CommentOf(*verb.method), "\n\nThe method is ", verb.method->name(), "."),
          .flags = WithConnection(std::move(flags)),
          .run = [&kind, &verb](const Arguments& arguments, Io& io) {
            return RunVerb(kind, verb, arguments, io);
          }};
}

// What a collection's help tells: its verbs.
Command CommandOf(const ResourceKind& kind) {
  std::string text = absl::StrCat(CommentOf(*kind.message), "\n\nVerbs of all collections:\n");
  absl::StrAppend(&text, "  list, get, create, update, delete, undelete, edit, history\n");
  if (!VerbsOf(kind).empty()) text += "\nVerbs of its own:\n";
  for (const std::string& word : VerbsOf(kind)) {
    const Verb& verb = **FindVerb(kind, word);
    const std::string comment = CommentOf(*verb.method);
    absl::StrAppend(&text, "  ", word, "\n",
                    Indented(comment.substr(0, comment.find(". ")), "      "));
  }
  return {.name = kind.pattern.Collection(),
          .arguments = "VERB [NAME]",
          .min_arguments = 0,
          .max_arguments = 0,
          .summary = "",
          .description = text,
          .flags = {},
          .run = [&kind](const Arguments&, Io&) -> absl::Status {
            return UsageError(absl::StrCat("say what to do with ", kind.pattern.Collection(),
                                           ": balictl help ", kind.pattern.Collection(),
                                           " tells what there is"));
          }};
}

const std::set<std::string>& CommonVerbs() {
  static const auto& verbs = *new std::set<std::string>{"list",   "get",      "create", "update",
                                                        "delete", "undelete", "edit",   "history"};
  return verbs;
}

// `meetings get ahg-18` as `get meetings/ahg-18`, `seats list bodies/ahg` as `list
// bodies/ahg/seats`: the words after the verb in the form that its command takes.
void CompleteWords(const ResourceKind& kind, const std::string& verb,
                   std::vector<std::string>& words) {
  const bool of_collection = verb == "list" || verb == "create";
  const std::string& collection = kind.pattern.Collection();
  const bool given = !words.empty() && !words[0].starts_with("--");
  if (!of_collection) {
    if (given) words[0] = NameOf(kind, words[0]);
  } else if (kind.pattern.IsTopLevel()) {
    words.insert(words.begin(), collection);
  } else if (given && !words[0].ends_with("/" + collection)) {
    words[0] = absl::StrCat(words[0], "/", collection);
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
  if (!kind.ok()) return NoCommand(words[0]);
  if (words.size() < 2 || words[1].starts_with("--")) {
    words.clear();
    return CommandOf(**kind);
  }
  const std::string word = absl::AsciiStrToLower(words[1]);
  if (!CommonVerbs().contains(word)) {
    ASSIGN_OR_RETURN(const Verb* verb, FindVerb(**kind, word));
    words.erase(words.begin(), words.begin() + 2);
    return CommandOf(**kind, *verb);
  }
  words.erase(words.begin(), words.begin() + 2);
  CompleteWords(**kind, word, words);
  const std::vector<Command> commands = Commands();
  return *std::find_if(commands.begin(), commands.end(),
                       [&word](const Command& command) { return command.name == word; });
}

}  // namespace baliprocess::balictl
