#include "services/balictl/client/mutation.h"

#include <ostream>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "common/base/descriptors.h"
#include "common/base/ids.h"
#include "common/base/status_macros.h"
#include "services/balictl/contract/differences.h"
#include "services/balictl/contract/json.h"
#include "services/balictl/contract/verbs.h"
#include "services/balictl/program/terminal_text.h"

namespace baliprocess::balictl {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::Message;
using google::protobuf::MethodDescriptor;

bool HasField(const Descriptor& type, const std::string& name) {
  return type.FindFieldByName(name) != nullptr;
}

// The kind that a method answers with; nullptr when its reply is no resource.
const ResourceKind* KindOfReply(const MethodDescriptor& method) {
  for (const ResourceKind& kind : Resources()) {
    if (kind.message == method.output_type()) return &kind;
  }
  return nullptr;
}

// `create`, of CreateMember; `convene`, of ConveneMeeting; `open-silence`, of OpenSilence.
std::string ActionOf(const MethodDescriptor& method) {
  if (const Verb* verb = VerbOf(method)) return verb->word;
  std::string word;
  for (const char c : method.name()) {
    if (!word.empty() && absl::ascii_isupper(static_cast<unsigned char>(c))) break;
    word += absl::ascii_tolower(static_cast<unsigned char>(c));
  }
  return word;
}

absl::StatusOr<bool> WantsJson(const Arguments& arguments) {
  const std::string output = arguments.Text("output");
  if (output != "text" && output != "json") return UsageError("--output must be text or json");
  return output == "json";
}

// What stands for the state before a resource is there: its name alone.
std::unique_ptr<Message> Nothing(const Message& after) {
  std::unique_ptr<Message> nothing(after.New());
  SetText(*nothing, "name", GetText(after, "name"));
  return nothing;
}

void Print(const MethodDescriptor& method, const Message& before, const Message& after,
           bool dry_run, Io& io) {
  const std::string differences = TextOf(DifferencesOf(before, after));
  io.out << SafeText(GetText(after, "name")) << ": " << ActionOf(method)
         << (dry_run ? " on trial" : " done")
         << (differences.empty() && &before != &after ? ", nothing changes" : "") << "\n"
         << differences;
}

}  // namespace

std::vector<Flag> MutationFlags() {
  return {{"dry_run", "", "",
           "Check everything with the server and show what would change; write "
           "nothing."},
          {"output", "text|json", "text", "text: what changed. json: the server's reply."}};
}

absl::StatusOr<std::unique_ptr<Message>> GetResource(Connection& connection,
                                                     const ResourceKind& kind,
                                                     const std::string& name) {
  const auto request = NewMessage(*kind.get->input_type());
  SetText(*request, "name", name);
  auto reply = NewMessage(*kind.message);
  RETURN_IF_ERROR(connection.CallPersistently(*kind.get, *request, *reply));
  return reply;
}

absl::Status Mutate(Connection& connection, const MethodDescriptor& method, Message& request,
                    const std::string& subject, const Arguments& arguments, Io& io) {
  ASSIGN_OR_RETURN(const bool json, WantsJson(arguments));
  const bool dry_run = arguments.Is("dry_run");
  if (dry_run && !HasField(*method.input_type(), "validate_only")) {
    return UsageError(absl::StrCat(method.name(), " can't be tried without doing it"));
  }
  if (HasField(*method.input_type(), "validate_only")) SetFlag(request, "validate_only", dry_run);
  if (HasField(*method.input_type(), "request_id")) SetText(request, "request_id", NewUuid());
  const ResourceKind* kind = KindOfReply(method);
  std::unique_ptr<Message> before;
  if (kind != nullptr && !json && kind->pattern.Matches(subject)) {
    // Only for what is shown: a caller who may not read it may perhaps change it.
    auto found = GetResource(connection, *kind, subject);
    if (found.ok()) before = *std::move(found);
  }
  const auto reply = NewMessage(*method.output_type());
  RETURN_IF_ERROR(connection.CallPersistently(method, request, *reply));
  if (json || kind == nullptr) {
    ASSIGN_OR_RETURN(const std::string text, ToJson(*reply));
    if (json || text != "{}\n") io.out << text;
    if (!json && text == "{}\n") io.out << (subject.empty() ? "done" : subject + ": done") << "\n";
    return absl::OkStatus();
  }
  // Of a merged practitioner Get answers with the one that stands for it; what was erased isn't
  // shown once more.
  const bool comparable = subject.empty() || (before && GetText(*before, "name") == subject &&
                                              !absl::StartsWith(method.name(), "Erase"));
  Print(method, !comparable ? *reply : before ? *before : *Nothing(*reply), *reply, dry_run, io);
  return absl::OkStatus();
}

}  // namespace baliprocess::balictl
