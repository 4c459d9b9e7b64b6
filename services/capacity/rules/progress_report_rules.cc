#include <set>

#include "absl/strings/str_cat.h"

#include "baliprocess/capacity/v1/progress_report.pb.h"
#include "common/resource/contract/names.h"
#include "services/capacity/rules/rules.h"

namespace baliprocess::capacity {
namespace {

using resource::ParentOf;
using v1::ProgressReport;

void Validate(const ProgressReport& report, std::string_view prefix, Violations& violations) {
  std::set<std::string> seen;
  for (int i = 0; i < report.items_size(); ++i) {
    const std::string& item = report.items(i).item();
    const std::string path = absl::StrCat(std::string(prefix), ".items[", i, "].item");
    if (ParentOf(item) != ParentOf(report.name())) {
      violations.Add(path, "must be an item of the same work plan");
    } else if (!seen.insert(item).second) {
      violations.Add(path, "must be an item that isn't reported on above");
    }
  }
}

}  // namespace

resource::Rules ProgressReportRules() {
  return resource::RulesOf<ProgressReport>(Validate, nullptr);
}

}  // namespace baliprocess::capacity
