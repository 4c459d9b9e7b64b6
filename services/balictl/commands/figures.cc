// balictl figures: what is reported of a body beside what the records yield.

#include <ostream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/civil_time.h"
#include "absl/time/clock.h"

#include "baliprocess/capacity/v1/figures.pb.h"
#include "baliprocess/capacity/v1/reported_figure.pb.h"
#include "common/base/date.h"
#include "common/base/status_macros.h"
#include "services/balictl/client/connection.h"
#include "services/balictl/commands/commands.h"
#include "services/balictl/contract/contract.h"
#include "services/balictl/contract/json.h"
#include "services/balictl/contract/table.h"

namespace baliprocess::balictl {
namespace {

using capacity::v1::Count;
using capacity::v1::Figures;
using capacity::v1::GetFiguresRequest;
using capacity::v1::ReportedFigure;

// The last that is over.
std::string LastYear() {
  return absl::StrCat(absl::ToCivilYear(absl::Now(), absl::UTCTimeZone()).year() - 1);
}

absl::StatusOr<GetFiguresRequest> Request(const Arguments& arguments) {
  GetFiguresRequest request;
  const std::string& body = arguments.positional[0];
  request.set_body(absl::StartsWith(body, "bodies/") ? body : absl::StrCat("bodies/", body));
  const std::string text = arguments.Text("period");
  const std::vector<std::string> ends = absl::StrSplit(text.empty() ? LastYear() : text, '/');
  const auto first = ParseDate(ends.front());
  const auto last = ParseDate(ends.back());
  if (ends.size() > 2 || !first || !last) {
    return UsageError("--period must be 2023, 2023-02, or two such dates with a slash between");
  }
  *request.mutable_period()->mutable_start_date() = *first;
  *request.mutable_period()->mutable_end_date() = *last;
  return request;
}

std::string CountText(const Count& count) {
  switch (count.disclosure()) {
    case Count::EXACT:
      return absl::StrCat(count.value());
    case Count::ROUNDED:
      return absl::StrCat("about ", count.value());
    case Count::FEWER_THAN_FIVE:
      return "fewer than 5";
    case Count::FIVE_OR_MORE:
      return "5 or more";
    default:
      return "withheld";
  }
}

std::string SourceText(const ReportedFigure& figure) {
  return absl::StrJoin(figure.citations(), "; ", [](std::string* out, const auto& citation) {
    absl::StrAppend(out, citation.title());
  });
}

std::string DifferenceText(const Figures::Reported& reported) {
  if (!reported.has_difference()) return "";
  return reported.difference() == 0 ? "0" : absl::StrFormat("%+d", reported.difference());
}

// One row for each source, or one without.
void AddRows(const Figures::Entry& entry, std::vector<Row>& rows) {
  const std::string measure = ReportedFigure::Measure_Name(entry.measure());
  const std::string computed = CountText(entry.computed());
  const std::string undecided = CountText(entry.undecided());
  for (const auto& reported : entry.reported()) {
    const ReportedFigure& figure = reported.reported_figure();
    rows.push_back({measure, absl::StrCat(figure.value()), computed, DifferenceText(reported),
                    undecided, SourceText(figure)});
  }
  if (entry.reported().empty()) rows.push_back({measure, "", computed, "", undecided, ""});
}

std::string Heading(const Figures& figures) {
  const std::string first = FormatDate(figures.period().start_date());
  const std::string last = FormatDate(figures.period().end_date());
  return absl::StrCat(figures.body(), ", ", first, first == last ? "" : " to " + last, "\n\n");
}

absl::Status RunFigures(const Arguments& arguments, Io& io) {
  ASSIGN_OR_RETURN(const auto request, Request(arguments));
  const std::string output = arguments.Text("output");
  if (output != "table" && output != "json") return UsageError("--output must be table or json");
  ASSIGN_OR_RETURN(const auto* method, FindMethod("capacity/GetFigures"));
  ASSIGN_OR_RETURN(const auto connection, Connection::Open(arguments));
  Figures figures;
  RETURN_IF_ERROR(connection->Call(*method, request, figures));
  if (output == "json") {
    ASSIGN_OR_RETURN(const std::string json, ToJson(figures));
    io.out << json;
    return absl::OkStatus();
  }
  std::vector<Row> rows = {
      {"MEASURE", "REPORTED", "COMPUTED", "DIFFERENCE", "UNDECIDED", "SOURCE"}};
  for (const Figures::Entry& entry : figures.entries()) AddRows(entry, rows);
  io.out << Heading(figures) << FormatTable(std::move(rows), io.width);
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
