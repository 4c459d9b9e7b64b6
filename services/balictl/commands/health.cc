// balictl health: whether a process is fit for calls, for probes of containers.

#include <algorithm>
#include <ostream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "grpc/health/v1/health.pb.h"
#include "nlohmann/json.hpp"

#include "common/base/status_macros.h"
#include "services/balictl/client/admin_page.h"
#include "services/balictl/client/connection.h"
#include "services/balictl/commands/commands.h"

namespace baliprocess::balictl {
namespace {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

// What a page /readyz says of why a process isn't ready; empty when it says nothing that we know.
std::string WhyNotReady(const std::string& body) {
  const auto page = nlohmann::json::parse(body, nullptr, /*allow_exceptions=*/false);
  if (!page.is_object()) return "";
  std::vector<std::string> why;
  const auto draining = page.find("draining");
  if (draining != page.end() && *draining == true) why.push_back("it is draining");
  const auto needs = page.find("needs");
  if (needs == page.end() || !needs->is_object()) return absl::StrJoin(why, "; ");
  for (const auto& [name, state] : needs->items()) {
    if (!state.is_string() || state == "ready") continue;
    why.push_back(absl::StrCat(name, ": ", state.get<std::string>()));
  }
  return absl::StrJoin(why, "; ");
}

std::string PathOf(const Arguments& arguments) {
  if (arguments.Is("live")) return "/livez";
  return arguments.Is("own") ? "/readyz/own" : "/readyz";
}

absl::Status AskPage(const Arguments& arguments, Io& io) {
  ASSIGN_OR_RETURN(const absl::Time deadline, arguments.Later("timeout", absl::Now()));
  const std::string path = PathOf(arguments);
  ASSIGN_OR_RETURN(const AdminPage page, GetAdminPage(arguments.Text("admin"), path, deadline));
  if (page.status == 200) {
    io.out << (arguments.Is("live") ? "live\n" : "ready\n");
    return absl::OkStatus();
  }
  const std::string why = page.status == 503 ? WhyNotReady(page.body) : "";
  return absl::FailedPreconditionError(why.empty() ? absl::StrCat(path, " answers ", page.status)
                                                   : "not ready: " + why);
}

absl::Status AskHealth(const Arguments& arguments, Io& io) {
  ASSIGN_OR_RETURN(const auto connection, Connection::Open(arguments));
  HealthCheckRequest request;
  request.set_service(arguments.Text("service"));
  HealthCheckResponse response;
  // The description of this one file is built, and not those of the contracts.
  const auto& check =
      *HealthCheckRequest::descriptor()->file()->service(0)->FindMethodByName("Check");
  RETURN_IF_ERROR(connection->Call(check, request, response));
  const std::string& status = HealthCheckResponse::ServingStatus_Name(response.status());
  if (response.status() != HealthCheckResponse::SERVING) {
    return absl::FailedPreconditionError(absl::StrCat("the server says ", status));
  }
  io.out << status << "\n";
  return absl::OkStatus();
}

absl::Status Health(const Arguments& arguments, Io& io) {
  if (arguments.Is("live") && arguments.Is("own")) {
    return UsageError("--live and --own are two questions: ask one of them");
  }
  if (!arguments.Text("admin").empty()) return AskPage(arguments, io);
  if (arguments.Is("live")) return UsageError("--live needs --admin");
  if (arguments.Is("own")) return UsageError("--own needs --admin");
  return AskHealth(arguments, io);
}

}  // namespace

Command HealthCommand() {
  std::vector<Flag> flags = WithConnection({
      {"admin", "HOST:PORT", "",
       "Ask the process' port for operators (its --admin_listen) over plain HTTP,\nwhich costs "
       "least."},
      {"live", "", "", "With --admin: whether the process lives, ready or not."},
      {"own", "", "",
       "With --admin: whether the process is ready as far as it depends on itself. Other\n"
       "processes don't count."},
      {"service", "NAME", "",
       "Without --admin: the service, such as\nbaliprocess.meetings.v1.MeetingsService; all of the "
       "server when left out."},
  });
  const auto timeout = std::find_if(flags.begin(), flags.end(),
                                    [](const Flag& flag) { return flag.name == "timeout"; });
  *timeout = {"timeout", "DURATION", "1s", "How long the answer may take."};
  return {
      .name = "health",
      .summary = "Ask whether a process is ready for calls",
      .description =
          "Says whether a process is ready for calls, and which of its needs isn't met. A light "
          "probe\nfor containers: by --admin over plain HTTP, or else the gRPC health protocol "
          "at --server.\n\nExamples:\n  balictl health --admin 127.0.0.1:9440\n  balictl health "
          "--server 127.0.0.1:7401 --ca ca.crt --cert a.crt --key a.key",
      .flags = std::move(flags),
      .run = Health};
}

}  // namespace baliprocess::balictl
