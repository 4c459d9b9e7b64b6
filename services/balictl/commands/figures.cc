// balictl figures: what is reported of a body beside what the records yield.

#include <ostream>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "absl/time/clock.h"

#include "baliprocess/capacity/v1/figures.pb.h"
#include "common/base/status_macros.h"
#include "services/balictl/client/connection.h"
#include "services/balictl/client/figures_table.h"
#include "services/balictl/commands/commands.h"
#include "services/balictl/contract/json.h"
#include "services/balictl/contract/table.h"

namespace baliprocess::balictl {
namespace {

using capacity::v1::Figures;

// The last that is over.
std::string LastYear() {
  return absl::StrCat(absl::ToCivilYear(absl::Now(), absl::UTCTimeZone()).year() - 1);
}

absl::Status RunFigures(const Arguments& arguments, Io& io) {
  const std::string period = arguments.Text("period");
  const std::string output = arguments.Text("output");
  if (output != "table" && output != "json") return UsageError("--output must be table or json");
  ASSIGN_OR_RETURN(const auto connection, Connection::Open(arguments));
  ASSIGN_OR_RETURN(const Figures figures, GetFigures(*connection, arguments.positional[0],
                                                     period.empty() ? LastYear() : period));
  if (output == "json") {
    ASSIGN_OR_RETURN(const std::string json, ToJson(figures));
    io.out << json;
    return absl::OkStatus();
  }
  io.out << figures.body() << ", " << PeriodText(figures) << "\n\n"
         << FormatTable(FiguresRows(figures), io.width);
  return absl::OkStatus();
}

}  // namespace

Command FiguresCommand() {
  return {.name = "figures",
          .arguments = "BODY",
          .min_arguments = 1,
          .max_arguments = 1,
          .summary = "Show a body's figures, reported and computed",
          .description =
              "Shows each measure of a body for a period: what sources report, what the records "
              "yield\nthat certainly belong to the period, the one less the other, and how many "
              "more there\nwould be with the records that may or may not belong to it. One is "
              "never added to the\nother. `balictl call ListFigureRecords` lists the records.\n\n"
              "Example:\n  balictl figures rso --period 2023",
          .flags = WithConnection(
              {{"period", "PERIOD", "",
                "A year, month or day, or the first and the last: 2023, 2023-02,\n"
                "2022-07/2023-06. Without --period, last year. A caller without a token\n"
                "may ask for years only."},
               {"output", "table|json", "table", "How to print it."}}),
          .run = RunFigures};
}

}  // namespace baliprocess::balictl
