// A sheet of a spreadsheet, as it is read from a file: CSV or XLSX.

#ifndef BALIPROCESS_SERVICES_BALICTL_SHEETS_SHEET_H_
#define BALIPROCESS_SERVICES_BALICTL_SHEETS_SHEET_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace baliprocess::balictl {

// What a file may have. A file beyond a limit isn't read at all.
struct SheetLimits {
  size_t file_bytes = size_t{32} << 20;
  // Of all that is read of an XLSX file, which is an archive: whatever it says of its sizes. Of the
  // texts of all cells together, too: many cells may share a text, which is in the file once.
  size_t unpacked_bytes = size_t{256} << 20;
  // Of each part of an XLSX file beside the sheet and the shared texts.
  size_t part_bytes = size_t{16} << 20;
  size_t rows = 100'000;
  size_t columns = 200;
  size_t cells = 2'000'000;  // with the empty ones before them in their rows; and shared texts
  size_t cell_bytes = 65'536;
};

struct Cell {
  // A text as it is. What the spreadsheet keeps as another value is in the forms of values.h:
  // `2025-02-14`, `2025-02-14 09:30`, `09:30`, `12.5`, `yes`. A date that is shown without its day
  // has none: `2025-02`.
  std::string text;
  // Why the cell has no value that can be told, such as `is the error #N/A`; "": it has.
  std::string problem = "";

  bool empty() const { return text.empty() && problem.empty(); }
};

struct SheetRow {
  size_t number = 0;  // from 1, as spreadsheets show it
  std::vector<Cell> cells;
};

struct Sheet {
  // What was recognised: `CSV with semicolons, in Windows-1252`; `the sheet "Participants"`.
  std::string form;
  // What a reader may not expect, such as that there are more sheets; "": nothing.
  std::string note;
  std::vector<SheetRow> rows;  // those with content
};

// Adds a cell to the rows, which come in order, as far as the limits allow.
class SheetBuilder {
 public:
  SheetBuilder(const SheetLimits& limits, Sheet& sheet) : limits_(limits), sheet_(sheet) {}

  // `row` from 1, `column` from 0. An empty cell is left out.
  absl::Status Add(size_t row, size_t column, Cell cell);

 private:
  const SheetLimits limits_;
  Sheet& sheet_;
  size_t cells_ = 0;
  size_t bytes_ = 0;
};

// The sheet in the contents of a file. `name` is the sheet of an XLSX file; "": its first visible
// one. The kind of file is recognised by the contents. Errors are of usage.
absl::StatusOr<Sheet> ReadSheet(std::string_view contents, const std::string& name,
                                const SheetLimits& limits = {});

// `A`, `Z`, `AA`: what spreadsheets call a column, from 0.
std::string ColumnLetters(size_t column);

}  // namespace baliprocess::balictl

#endif  // BALIPROCESS_SERVICES_BALICTL_SHEETS_SHEET_H_
