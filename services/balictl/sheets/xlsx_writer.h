// Tables as Office Open XML workbooks: .xlsx.

#ifndef BALIPROCESS_SERVICES_BALICTL_SHEETS_XLSX_WRITER_H_
#define BALIPROCESS_SERVICES_BALICTL_SHEETS_XLSX_WRITER_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace baliprocess::balictl {

// A workbook with one sheet of this name, the first row as headings that stay in sight. Every cell
// is a text: a spreadsheet neither runs it as a formula nor makes a date of what is none.
absl::StatusOr<std::string> ToXlsx(const std::string& name,
                                   const std::vector<std::vector<std::string>>& rows);

}  // namespace baliprocess::balictl

#endif  // BALIPROCESS_SERVICES_BALICTL_SHEETS_XLSX_WRITER_H_
