// Sheets of Office Open XML workbooks (ECMA-376): .xlsx.

#ifndef BALIPROCESS_SERVICES_BALICTL_SHEETS_XLSX_READER_H_
#define BALIPROCESS_SERVICES_BALICTL_SHEETS_XLSX_READER_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

#include "services/balictl/sheets/sheet.h"

namespace baliprocess::balictl {

// The sheet of this name; "": the first visible one. Of formulas, the results that the spreadsheet
// program left in the file. Nothing is left out in silence: an error, or a formula without a
// result, is a problem of its cell. Errors are of usage, and complete the sentence "the file ...".
absl::StatusOr<Sheet> ReadXlsx(std::string_view contents, const std::string& name,
                               const SheetLimits& limits);

}  // namespace baliprocess::balictl

#endif  // BALIPROCESS_SERVICES_BALICTL_SHEETS_XLSX_READER_H_
