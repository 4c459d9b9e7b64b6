// What is reported of a body beside what the records yield.

#ifndef BALIPROCESS_SERVICES_BALICTL_CLIENT_FIGURES_TABLE_H_
#define BALIPROCESS_SERVICES_BALICTL_CLIENT_FIGURES_TABLE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "baliprocess/capacity/v1/figures.pb.h"
#include "services/balictl/client/connection.h"
#include "services/balictl/contract/table.h"

namespace baliprocess::balictl {

// The figures of `rso`, or `bodies/rso`, for a year, month or day, or for the first and the last
// with a slash between. Another period is a usage error.
absl::StatusOr<capacity::v1::Figures> GetFigures(Connection& connection, const std::string& body,
                                                 const std::string& period);

// A heading, and for each measure a row for each source, or one without.
std::vector<Row> FiguresRows(const capacity::v1::Figures& figures);

// The same for a paper: `Workshops and trainings` rather than `WORKSHOPS_AND_TRAININGS`.
std::vector<Row> FigureRowsInWords(const capacity::v1::Figures& figures);

// `2023`, or `2022-07 to 2023-06`.
std::string PeriodText(const capacity::v1::Figures& figures);

}  // namespace baliprocess::balictl

#endif  // BALIPROCESS_SERVICES_BALICTL_CLIENT_FIGURES_TABLE_H_
