// balictl call: any method, with JSON.

#include <istream>
#include <iterator>
#include <ostream>

#include "absl/strings/str_cat.h"
#include "google/api/field_behavior.pb.h"

#include "common/base/descriptors.h"
#include "common/base/ids.h"
#include "common/base/status_macros.h"
#include "services/balictl/client/connection.h"
#include "services/balictl/commands/commands.h"
#include "services/balictl/contract/contract.h"
#include "services/balictl/contract/json.h"
#include "services/balictl/program/files.h"

namespace baliprocess::balictl {
namespace {

using google::protobuf::Message;

// The JSON that the argument is or points to.
absl::StatusOr<std::string> RequestText(const Arguments& arguments, Io& io) {
  if (arguments.positional.size() < 2) return "{}";
  const std::string& source = arguments.positional[1];
  if (source == "-") return std::string(std::istreambuf_iterator<char>(io.in), {});
  if (source.starts_with("@")) return ReadFile(source.substr(1));
  return source;
}

// A caller that wants to repeat the call gives the id itself.
void GiveRequestId(Message& request) {
  constexpr char kField[] = "request_id";
  const auto* field = request.GetDescriptor()->FindFieldByName(kField);
  if (field == nullptr || !HasBehavior(*field, google::api::REQUIRED)) return;
  if (GetText(request, kField).empty()) SetText(request, kField, NewUuid());
}

absl::Status Call(const Arguments& arguments, Io& io) {
  ASSIGN_OR_RETURN(const auto* method, FindMethod(arguments.positional[0]));
  if (method->client_streaming()) {
    return UsageError(absl::StrCat(method->full_name(), " takes a stream, which isn't supported"));
  }
  ASSIGN_OR_RETURN(const std::string text, RequestText(arguments, io));
  const auto request = NewMessage(*method->input_type());
  if (const absl::Status parsed = FromJson(text, *request); !parsed.ok()) {
    return UsageError(absl::StrCat("the request: ", parsed.message()));
  }
  GiveRequestId(*request);
  ASSIGN_OR_RETURN(const auto connection, Connection::Open(arguments));
  if (method->server_streaming()) {
    return connection->Stream(*method, *request, [&io](const Message& message) -> absl::Status {
      ASSIGN_OR_RETURN(const std::string line, ToJsonLine(message));
      io.out << line << std::endl;
      return absl::OkStatus();
    });
  }
  const auto reply = NewMessage(*method->output_type());
  RETURN_IF_ERROR(connection->Call(*method, *request, *reply));
  ASSIGN_OR_RETURN(const std::string json, ToJson(*reply));
  io.out << json;
  return absl::OkStatus();
}

}  // namespace

Command CallCommand() {
  return {.name = "call",
          .arguments = "METHOD [JSON | @FILE | -]",
          .min_arguments = 1,
          .max_arguments = 2,
          .summary = "Call any method with JSON",
          .description =
              "Calls a method of any service and prints the reply as JSON; of a stream, a line of "
              "JSON\nfor each message. The request is given as JSON, in a file, or on the standard "
              "input;\nwithout one it is empty. A request_id that the method needs is made up.\n\n"
              "METHOD is a name such as GetMember; with the service before it when several have "
              "it:\nmembership/WatchChanges, MembershipService/GetMember, or the full name.\n\n"
              "Example:\n  balictl call GetMember '{\"name\": \"members/aus\"}'",
          .flags = WithConnection({}),
          .run = Call};
}

}  // namespace baliprocess::balictl
