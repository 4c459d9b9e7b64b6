// balictl progress: what was done in each area of a strategy.

#include <ostream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "baliprocess/capacity/v1/figures.pb.h"
#include "baliprocess/capacity/v1/strategy.pb.h"
#include "common/base/status_macros.h"
#include "services/balictl/client/connection.h"
#include "services/balictl/commands/commands.h"
#include "services/balictl/contract/contract.h"
#include "services/balictl/contract/json.h"
#include "services/balictl/contract/table.h"

namespace baliprocess::balictl {
namespace {

namespace capacity = capacity::v1;

// `6 of 7`.
std::string OfAll(int done, int all) { return all == 0 ? "0" : absl::StrCat(done, " of ", all); }

void Print(const capacity::Strategy& strategy, const capacity::StrategyProgress& progress, Io& io) {
  io.out << strategy.display_name() << " (" << strategy.name() << ")\n\n";
  if (progress.entries().empty()) {
    io.out << "No areas are on record.\n";
    return;
  }
  std::vector<Row> rows = {
      {"AREA", "ACTIVITIES", "PUBLICATIONS", "PROGRAMMES", "PRIORITIES", "PLAN ITEMS"}};
  for (const auto& entry : progress.entries()) {
    const int activities = entry.completed_activities() + entry.planned_activities();
    rows.push_back({entry.display_name(), OfAll(entry.completed_activities(), activities),
                    absl::StrCat(entry.publications()), absl::StrCat(entry.programmes()),
                    absl::StrCat(entry.priorities()),
                    OfAll(entry.completed_work_plan_items(), entry.work_plan_items())});
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
  return {
      .name = "progress",
      .arguments = "STRATEGY",
      .min_arguments = 1,
      .max_arguments = 1,
      .summary = "Show what was done in each area of a strategy",
      .description =
          "Shows, for each area of a strategy, as far as the caller may see it: how many of its "
          "activities\nhave taken place, of those that weren't cancelled; publications, "
          "programmes and priorities;\nhow many items of work plans are done, of those that "
          "weren't dropped.\n\n"
          "Example:\n  balictl progress adelaide",
      .flags = WithConnection({{"output", "table|json", "table", "How to print it."}}),
      .run = Progress};
}

}  // namespace baliprocess::balictl
