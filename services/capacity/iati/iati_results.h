// The figures that sources report of a body, as IATI's results.

#ifndef BALIPROCESS_SERVICES_CAPACITY_IATI_IATI_RESULTS_H_
#define BALIPROCESS_SERVICES_CAPACITY_IATI_IATI_RESULTS_H_

#include <vector>

#include "baliprocess/capacity/v1/reported_figure.pb.h"
#include "services/capacity/iati/iati_record.h"

namespace baliprocess::capacity::iati {

// One result for each measure that is reported. Figures of the same measure and period, which may
// contradict each other, become values of different indicators, so that nobody adds them up.
std::vector<Result> ResultsOf(const std::vector<v1::ReportedFigure>& figures);

}  // namespace baliprocess::capacity::iati

#endif  // BALIPROCESS_SERVICES_CAPACITY_IATI_IATI_RESULTS_H_
