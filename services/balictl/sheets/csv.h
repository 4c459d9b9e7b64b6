// Tables as comma-separated values.

#ifndef BALIPROCESS_SERVICES_BALICTL_SHEETS_CSV_H_
#define BALIPROCESS_SERVICES_BALICTL_SHEETS_CSV_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

#include "services/balictl/sheets/sheet.h"

namespace baliprocess::balictl {

// The rows by RFC 4180, in UTF-8, each ending with CR LF; cells with commas, quotes or line breaks
// are quoted. A text that a spreadsheet would run as a formula (it begins with = + - @ or a tab,
// and is no number) gets an apostrophe in front: people write into the record whom its reader
// needn't trust.
std::string ToCsv(const std::vector<std::vector<std::string>>& rows);

// The reverse, of UTF-8. Cells are parted by commas, semicolons, tabs or bars: by what the first
// line has most of, or says (`sep=;`). Lines end with CR LF, LF or CR; within quotes a line end is
// of the cell. The apostrophe that ToCsv puts before a formula is taken away. Errors are of usage,
// and name the row.
absl::StatusOr<Sheet> ReadCsv(std::string_view text, const SheetLimits& limits = {});

}  // namespace baliprocess::balictl

#endif  // BALIPROCESS_SERVICES_BALICTL_SHEETS_CSV_H_
