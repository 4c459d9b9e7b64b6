#include "baliprocess/capacity/v1/reported_figure.pb.h"
#include "services/capacity/rules/rules.h"

namespace baliprocess::capacity {
namespace {

using v1::ReportedFigure;

void Validate(const ReportedFigure& figure, std::string_view prefix, Violations& violations) {
  const std::string path(prefix);
  if (figure.has_period() && !figure.period().has_start_date()) {
    violations.Add(path + ".period.start_date", "is required");
  }
  if (figure.has_period() && !figure.period().has_end_date()) {
    violations.Add(path + ".period.end_date", "is required");
  }
  if (figure.citations().empty()) {
    violations.Add(path + ".citations", "must name a source: a reported figure is somebody's word");
  }
}

}  // namespace

resource::Rules ReportedFigureRules() {
  return resource::RulesOf<ReportedFigure>(Validate, nullptr);
}

}  // namespace baliprocess::capacity
