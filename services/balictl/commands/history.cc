// balictl history: who changed a resource, when, and what.

#include <algorithm>
#include <ostream>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

#include "baliprocess/common/v1/changes.pb.h"
#include "common/base/descriptors.h"
#include "common/base/status_macros.h"
#include "services/balictl/client/connection.h"
#include "services/balictl/commands/commands.h"
#include "services/balictl/contract/contract.h"
#include "services/balictl/contract/differences.h"
#include "services/balictl/contract/moments.h"
#include "services/balictl/program/terminal_text.h"

namespace baliprocess::balictl {
namespace {

using common::v1::Change;
using common::v1::ListChangesRequest;
using common::v1::ListChangesResponse;
using google::protobuf::Message;

std::unique_ptr<Message> StateOf(const ResourceKind& kind, const google::protobuf::Any& state) {
  auto message = NewMessage(*kind.message);
  if (state.value().empty() || !message->ParseFromString(state.value())) message->Clear();
  return message;
}

// `ConveneMeeting` of its full name; what time alone did has none.
std::string MethodOf(const Change& change) {
  return change.method().empty() ? "time" : change.method().substr(change.method().rfind('.') + 1);
}

void Print(const ResourceKind& kind, const Change& change, Io& io) {
  io.out << FormatMoment(change.change_time()) << "  "
         << absl::AsciiStrToLower(Change::Kind_Name(change.kind())) << " by "
         << (change.actor().empty() ? "time alone" : SafeText(change.actor())) << " ("
         << SafeText(MethodOf(change)) << ")\n";
  if (!change.reason().empty()) io.out << "  reason: " << SafeText(change.reason()) << "\n";
  io.out << TextOf(DifferencesOf(*StateOf(kind, change.before()), *StateOf(kind, change.after())))
         << "\n";
}

absl::Status History(const Arguments& arguments, Io& io) {
  const std::string& name = arguments.positional[0];
  ASSIGN_OR_RETURN(const ResourceKind* kind, KindOfName(name));
  int left = 0;
  if (!absl::SimpleAtoi(arguments.Text("limit"), &left) || left < 1) {
    return UsageError("--limit must be a number from 1");
  }
  ASSIGN_OR_RETURN(const auto* method, FindMethod(absl::StrCat(kind->service, "/ListChanges")));
  ASSIGN_OR_RETURN(const auto connection, Connection::Open(arguments));
  ListChangesRequest request;
  request.set_filter(absl::StrCat("resource = \"", name, "\""));
  request.set_newest_first(true);
  bool any = false;
  do {
    request.set_page_size(std::min(left, 1000));
    ListChangesResponse reply;
    RETURN_IF_ERROR(connection->CallPersistently(*method, request, reply));
    for (const Change& change : reply.changes()) Print(*kind, change, io);
    any |= !reply.changes().empty();
    left -= reply.changes_size();
    request.set_page_token(reply.next_page_token());
  } while (left > 0 && !request.page_token().empty());
  if (!any) io.err << "no changes of " << name << " are known\n";
  if (!request.page_token().empty()) io.err << "there are older changes: --limit\n";
  return absl::OkStatus();
}

}  // namespace

Command HistoryCommand() {
  return {.name = "history",
          .arguments = "NAME",
          .min_arguments = 1,
          .max_arguments = 1,
          .summary = "Show who changed a resource, when, and what",
          .description =
              "Shows the changes of a resource, newest first: when, by whom, by which method, and "
              "field by field what was there before (-) and after (+).\n\n"
              "Example:\n  balictl history meetings/ahg-18",
          .flags = WithConnection({{"limit", "NUMBER", "100", "At most so many changes."}}),
          .run = History};
}

}  // namespace baliprocess::balictl
