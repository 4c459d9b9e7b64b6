#include "services/capacity/iati/iati_results.h"

#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "common/base/date.h"

namespace baliprocess::capacity::iati {
namespace {

using v1::ReportedFigure;

std::string TitleOf(ReportedFigure::Measure measure) {
  switch (measure) {
    case ReportedFigure::DIALOGUES:
      return "Dialogues of several stakeholders";
    case ReportedFigure::WORKSHOPS_AND_TRAININGS:
      return "Workshops and trainings";
    case ReportedFigure::PRACTITIONERS_TRAINED:
      return "Practitioners trained";
    case ReportedFigure::MEMBER_STATES_REACHED:
      return "Member states that sent practitioners";
    case ReportedFigure::PUBLICATIONS:
      return "Publications";
    case ReportedFigure::MEETINGS_SUPPORTED:
      return "Meetings contributed to";
    case ReportedFigure::EXTERNAL_EVENTS:
      return "External events at which the work was shown";
    default:  // of a newer contract
      return ReportedFigure::Measure_Name(measure);
  }
}

// Whoever is trained twice, or a state that is reached twice, is counted once.
bool CountsDistinct(ReportedFigure::Measure measure) {
  return measure == ReportedFigure::PRACTITIONERS_TRAINED ||
         measure == ReportedFigure::MEMBER_STATES_REACHED;
}

std::string CommentOf(const ReportedFigure& figure) {
  const std::string sources = absl::StrJoin(
      figure.citations(), "; ",
      [](std::string* out, const auto& citation) { absl::StrAppend(out, citation.title()); });
  std::string comment = absl::StrCat("As reported in: ", sources);
  if (!figure.note().empty()) absl::StrAppend(&comment, "\n", figure.note());
  return comment;
}

// A period is made of whole months or years where it isn't told in days.
Actual ActualOf(const ReportedFigure& figure) {
  const int32_t first = DaysOf(figure.period().start_date()).first;
  const int32_t last = DaysOf(figure.period().end_date()).last;
  return {FormatDate(DateOf({first, first})), FormatDate(DateOf({last, last})),
          absl::StrCat(figure.value()), CommentOf(figure)};
}

void Add(Actual actual, Result& result) {
  for (std::vector<Actual>& indicator : result.indicators) {
    const bool taken =
        std::any_of(indicator.begin(), indicator.end(), [&actual](const Actual& other) {
          return other.first_day == actual.first_day && other.last_day == actual.last_day;
        });
    if (!taken) return indicator.push_back(std::move(actual));
  }
  result.indicators.push_back({std::move(actual)});
}

}  // namespace

std::vector<Result> ResultsOf(const std::vector<ReportedFigure>& figures) {
  std::map<ReportedFigure::Measure, Result> results;
  for (const ReportedFigure& figure : figures) {
    Result& result = results[figure.measure()];
    result.title = TitleOf(figure.measure());
    result.adds_up = !CountsDistinct(figure.measure());
    Add(ActualOf(figure), result);
  }
  std::vector<Result> list;
  list.reserve(results.size());
  for (auto& [measure, result] : results) list.push_back(std::move(result));
  return list;
}

}  // namespace baliprocess::capacity::iati
