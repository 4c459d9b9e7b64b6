// balictl progress: what was done in each area of a strategy.

#include <ostream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

#include "baliprocess/capacity/v1/capacity_service.pb.h"
#include "common/base/status_macros.h"
#include "services/balictl/commands.h"
#include "services/balictl/connection.h"
#include "services/balictl/contract.h"
#include "services/balictl/json.h"
#include "services/balictl/table.h"

namespace baliprocess::balictl {
namespace {

namespace capacity = capacity::v1;

// The id of an area of the strategy in the heading: `law-enforcement`.
std::string IdOf(const std::string& area, const std::string& strategy) {
  return std::string(absl::StripPrefix(area, absl::StrCat(strategy, "/areas/")));
}

void Print(const capacity::Strategy& strategy, const capacity::StrategyProgress& progress, Io& io) {
  io.out << strategy.display_name() << " (" << strategy.name() << ")\n\n";
  std::vector<Row> rows = {{"AREA", "NAME", "ACTIVITIES", "PLANNED", "PUBLICATIONS", "PROGRAMMES",
                            "PRIORITIES", "PLAN ITEMS", "ITEMS DONE"}};
  for (const auto& entry : progress.entries()) {
    rows.push_back({IdOf(entry.area(), strategy.name()), entry.display_name(),
                    absl::StrCat(entry.completed_activities()),
                    absl::StrCat(entry.planned_activities()), absl::StrCat(entry.publications()),
                    absl::StrCat(entry.programmes()), absl::StrCat(entry.priorities()),
                    absl::StrCat(entry.work_plan_items()),
                    absl::StrCat(entry.completed_work_plan_items())});
  }
  if (progress.entries().empty()) {
    io.out << "No areas are on record.\n";
    return;
  }
  io.out << FormatTable(std::move(rows), io.width);
}

absl::Status Progress(const Arguments& arguments, Io& io) {
  const std::string& strategy = arguments.positional[0];
  const std::string name =
      absl::StartsWith(strategy, "strategies/") ? strategy : absl::StrCat("strategies/", strategy);
  const std::string output = arguments.Text("output");
  if (output != "table" && output != "json") return UsageError("--output must be table or json");
  ASSIGN_OR_RETURN(const auto get_progress, FindMethod("capacity/GetStrategyProgress"));
  ASSIGN_OR_RETURN(const auto get_strategy, FindMethod("capacity/GetStrategy"));
  ASSIGN_OR_RETURN(const auto connection, Connection::Open(arguments));
  capacity::GetStrategyProgressRequest request;
  request.set_strategy(name);
  capacity::StrategyProgress progress;
  RETURN_IF_ERROR(connection->Call(*get_progress, request, progress));
  if (output == "json") {
    ASSIGN_OR_RETURN(const std::string json, ToJson(progress));
    io.out << json;
    return absl::OkStatus();
  }
  capacity::GetStrategyRequest strategy_request;
  strategy_request.set_name(name);
  capacity::Strategy found;
  RETURN_IF_ERROR(connection->Call(*get_strategy, strategy_request, found));
  Print(found, progress, io);
  return absl::OkStatus();
}

}  // namespace

Command ProgressCommand() {
  return {.name = "progress",
          .arguments = "STRATEGY",
          .min_arguments = 1,
          .max_arguments = 1,
          .summary = "Show what was done in each area of a strategy",
          .description =
              "Shows, for each area of a strategy, what the caller may see of it: activities that "
              "have\ntaken place, those that are planned or have begun, publications, programmes, "
              "priorities,\nand items of work plans, with how many of these are done.\n\n"
              "Example:\n  balictl progress adelaide",
          .flags = WithConnection({{"output", "table|json", "table", "How to print it."}}),
          .run = Progress};
}

}  // namespace baliprocess::balictl
