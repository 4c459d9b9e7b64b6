#include "services/balictl/client/figures_table.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"

#include "baliprocess/capacity/v1/reported_figure.pb.h"
#include "common/base/date.h"
#include "common/base/status_macros.h"
#include "services/balictl/contract/contract.h"

namespace baliprocess::balictl {
namespace {

using capacity::v1::Count;
using capacity::v1::Figures;
using capacity::v1::GetFiguresRequest;
using capacity::v1::ReportedFigure;

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

}  // namespace

absl::StatusOr<Figures> GetFigures(Connection& connection, const std::string& body,
                                   const std::string& period) {
  GetFiguresRequest request;
  request.set_body(absl::StartsWith(body, "bodies/") ? body : absl::StrCat("bodies/", body));
  const std::vector<std::string> ends = absl::StrSplit(period, '/');
  const auto first = ParseDate(ends.front());
  const auto last = ParseDate(ends.back());
  if (ends.size() > 2 || !first || !last) {
    return UsageError("the period must be 2023, 2023-02, or two such dates with a slash between");
  }
  *request.mutable_period()->mutable_start_date() = *first;
  *request.mutable_period()->mutable_end_date() = *last;
  ASSIGN_OR_RETURN(const auto* method, FindMethod("capacity/GetFigures"));
  Figures figures;
  RETURN_IF_ERROR(connection.Call(*method, request, figures));
  return figures;
}

std::vector<Row> FiguresRows(const Figures& figures) {
  std::vector<Row> rows = {
      {"MEASURE", "REPORTED", "COMPUTED", "DIFFERENCE", "UNDECIDED", "SOURCE"}};
  for (const Figures::Entry& entry : figures.entries()) AddRows(entry, rows);
  return rows;
}

std::vector<Row> FigureRowsInWords(const Figures& figures) {
  std::vector<Row> rows = FiguresRows(figures);
  rows[0] = {"Measure", "Reported", "Computed", "Difference", "Undecided", "Source"};
  for (size_t i = 1; i < rows.size(); ++i) {
    std::string words = absl::StrReplaceAll(absl::AsciiStrToLower(rows[i][0]), {{"_", " "}});
    if (!words.empty()) words[0] = absl::ascii_toupper(static_cast<unsigned char>(words[0]));
    rows[i][0] = std::move(words);
  }
  return rows;
}

std::string PeriodText(const Figures& figures) {
  const std::string first = FormatDate(figures.period().start_date());
  const std::string last = FormatDate(figures.period().end_date());
  return absl::StrCat(first, first == last ? "" : " to " + last);
}

}  // namespace baliprocess::balictl
