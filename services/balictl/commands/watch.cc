// balictl watch: the changes of a service as they happen.

#include <algorithm>
#include <limits>
#include <ostream>
#include <set>
#include <string_view>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "google/api/resource.pb.h"

#include "baliprocess/common/v1/changes.pb.h"
#include "common/base/status_macros.h"
#include "services/balictl/client/connection.h"
#include "services/balictl/commands/commands.h"
#include "services/balictl/contract/contract.h"
#include "services/balictl/contract/json.h"
#include "services/balictl/contract/verbs.h"
#include "services/balictl/program/interruption.h"
#include "services/balictl/program/terminal_text.h"

namespace baliprocess::balictl {
namespace {

using common::v1::Change;
using common::v1::WatchChangesRequest;
using common::v1::WatchChangesResponse;
using google::protobuf::Message;

constexpr absl::Duration kFirstPause = absl::Milliseconds(200);
constexpr absl::Duration kLongestPause = absl::Seconds(10);

// Ends a watch that has shown as many changes as were asked for.
absl::Status Enough() { return absl::CancelledError("enough"); }

// What is left to show, and where to go on.
struct Progress {
  WatchChangesRequest request;
  int64_t left = std::numeric_limits<int64_t>::max();
  bool moved = false;  // on this connection
  bool stood = false;  // on any connection
};

std::string Line(const Change& change) {
  const absl::Time time = absl::FromUnixSeconds(change.change_time().seconds()) +
                          absl::Nanoseconds(change.change_time().nanos());
  return absl::StrCat(absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", time, absl::UTCTimeZone()), "  ",
                      change.actor().empty() ? "-" : change.actor(), "  ",
                      Change::Kind_Name(change.kind()), "  ", change.resource());
}

absl::Status Show(const WatchChangesResponse& response, bool json, Progress& progress, Io& io) {
  progress.moved = progress.stood = true;
  for (const Change& change : response.changes()) {
    std::string line = Line(change);
    if (json) {
      ASSIGN_OR_RETURN(line, ToJsonLine(change));
    }
    io.out << line << std::endl;
    progress.request.set_resume_token(change.resume_token());
    progress.request.set_from_start(false);
    if (--progress.left == 0) return Enough();
  }
  if (!response.resume_token().empty()) {
    progress.request.set_resume_token(response.resume_token());
    progress.request.set_from_start(false);
  }
  return absl::OkStatus();
}

bool IsInterrupted(const Io& io) { return io.interrupted && io.interrupted(); }

// A word as a shell takes it.
std::string Quoted(const std::string& word) {
  const bool plain = std::all_of(word.begin(), word.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
           std::string_view("_-./:@,=+").find(c) != std::string_view::npos;
  });
  if (plain && !word.empty()) return word;
  return absl::StrCat("'", absl::StrReplaceAll(word, {{"'", "'\\''"}}), "'");
}

// The command that goes on where this one ended: what was given, but for where to begin, and for
// the token, which isn't for the screen.
std::string CommandToGoOn(const Arguments& arguments, const std::string& resume_token) {
  static const auto& left_out =
      *new std::set<std::string>{"resume", "from_start", "count", "token"};
  std::string command = absl::StrCat("balictl watch ", Quoted(arguments.positional[0]));
  for (const std::string& flag : arguments.given) {
    if (left_out.contains(flag)) continue;
    if (flag == "plaintext") {
      absl::StrAppend(&command, arguments.Is(flag) ? " --plaintext" : " --noplaintext");
      continue;
    }
    for (const std::string& value : arguments.All(flag)) {
      absl::StrAppend(&command, " --", flag, " ", Quoted(value));
    }
  }
  return absl::StrCat(command, " --resume ", Quoted(resume_token));
}

// Follows over as many connections as it takes.
absl::Status Follow(Connection& connection, const google::protobuf::MethodDescriptor& method,
                    bool json, Progress& progress, Io& io) {
  absl::Duration pause = kFirstPause;
  while (true) {
    progress.moved = false;
    const WatchChangesRequest request = progress.request;
    const absl::Status status =
        connection.Stream(method, request, [&](const Message& message) -> absl::Status {
          return Show(static_cast<const WatchChangesResponse&>(message), json, progress, io);
        });
    if (progress.left == 0) return absl::OkStatus();
    if (IsInterrupted(io)) return InterruptedError();
    // A server that drains ends its streams well or with UNAVAILABLE.
    if (!status.ok() && !IsPassing(status)) return status;
    // A server that never answered is rather a wrong address than an interruption.
    if (!status.ok() && !progress.stood) return status;
    if (progress.moved) {
      pause = kFirstPause;
      io.err << "the connection was lost; connecting again\n";
    }
    Pause(pause, io.interrupted);
    pause = std::min(2 * pause, kLongestPause);
  }
}

absl::StatusOr<Progress> Start(const Arguments& arguments) {
  Progress progress;
  progress.request.set_resume_token(arguments.Text("resume"));
  progress.request.set_from_start(arguments.Is("from_start"));
  for (const std::string& type : arguments.All("type")) {
    const auto kind = FindKind(type);  // `members` and `member` as well as the type's full name
    progress.request.add_types(
        kind.ok() ? (*kind)->message->options().GetExtension(google::api::resource).type() : type);
  }
  if (const std::string count = arguments.Text("count"); !count.empty()) {
    if (!absl::SimpleAtoi(count, &progress.left) || progress.left <= 0) {
      return UsageError("--count must be a positive number");
    }
  }
  return progress;
}

absl::Status Watch(const Arguments& arguments, Io& io) {
  const std::string output = arguments.Text("output");
  if (output != "text" && output != "json") return UsageError("--output must be text or json");
  ASSIGN_OR_RETURN(const auto* service, FindService(arguments.positional[0]));
  const auto* method = service->FindMethodByName("WatchChanges");
  if (!method || method->output_type() != WatchChangesResponse::descriptor()) {
    return UsageError(absl::StrCat(service->full_name(), " has no changes to watch"));
  }
  ASSIGN_OR_RETURN(Progress progress, Start(arguments));
  ASSIGN_OR_RETURN(const auto connection, Connection::Open(arguments));
  connection->interrupted = io.interrupted;
  const absl::Status status = Follow(*connection, *method, output == "json", progress, io);
  if (!status.ok() && !progress.request.resume_token().empty()) {
    io.err << "to go on from here: "
           << SafeText(CommandToGoOn(arguments, progress.request.resume_token())) << "\n";
  }
  return status;
}

}  // namespace

Command WatchCommand() {
  return {.name = "watch",
          .arguments = "SERVICE",
          .min_arguments = 1,
          .max_arguments = 1,
          .summary = "Follow the changes of a service",
          .description =
              "Shows the changes of a service's resources as they happen, a line for each: time, "
              "actor,\nwhat happened, name. When the connection is lost it is made again, and "
              "nothing is missed\nor shown twice. Ctrl-C ends it, and tells the command that goes "
              "on.\n\n"
              "Example:\n  balictl watch membership",
          .flags = WithConnection(
              {{"resume", "TOKEN", "",
                "Start after the change with this resume token.\n"
                "Without it, with what happens from now on."},
               {"from_start", "", "", "Start with the oldest change kept."},
               {"type", "TYPE", "", "Only these types, such as baliprocess.net/Member.", "", true},
               {"count", "NUMBER", "", "End after so many changes."},
               {"output", "text|json", "text", "json: each change whole, with its resume token."}}),
          .run = Watch};
}

}  // namespace baliprocess::balictl
