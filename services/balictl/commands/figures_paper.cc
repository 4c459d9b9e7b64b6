// balictl report figures.

#include "absl/strings/str_cat.h"

#include "common/base/status_macros.h"
#include "services/balictl/client/display_names.h"
#include "services/balictl/client/figures_table.h"
#include "services/balictl/commands/papers.h"
#include "services/balictl/contract/long_dates.h"

namespace baliprocess::balictl {

absl::StatusOr<Paper> FiguresPaper(Connection& connection, const std::string& body,
                                   const std::string& period) {
  ASSIGN_OR_RETURN(const capacity::v1::Figures figures, GetFigures(connection, body, period));
  ASSIGN_OR_RETURN(const DisplayNames names, DisplayNames::Of(connection, {figures.body()}));
  const std::string name = names.Get(figures.body());
  Paper paper(absl::StrCat("Figures of ", name.empty() ? figures.body() : name, ", ",
                           LongDates(figures.period().start_date(), figures.period().end_date())));
  paper.Paragraph(
      "Reported is what sources say of just this period. Computed is what the records yield that "
      "certainly belong to the period; undecided is by how much it would be higher with the "
      "records "
      "that may or may not belong to it. One is never added to the other.");
  paper.Table(FigureRowsInWords(figures));
  return paper;
}

}  // namespace baliprocess::balictl
