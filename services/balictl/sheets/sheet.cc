#include "services/balictl/sheets/sheet.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

#include "common/base/status_macros.h"
#include "services/balictl/program/command_line.h"
#include "services/balictl/sheets/csv.h"
#include "services/balictl/sheets/text_encoding.h"
#include "services/balictl/sheets/xlsx_reader.h"

namespace baliprocess::balictl {
namespace {

constexpr std::string_view kZip = "PK\x03\x04";
constexpr std::string_view kCompoundFile = "\xd0\xcf\x11\xe0";  // .xls, and what has a password

}  // namespace

absl::Status SheetBuilder::Add(size_t row, size_t column, Cell cell) {
  if (cell.empty()) return absl::OkStatus();
  const std::string where = absl::StrCat("row ", row, ", column ", ColumnLetters(column));
  if (column >= limits_.columns) {
    return UsageError(absl::StrCat(where, ": a sheet may have ", limits_.columns, " columns"));
  }
  if (cell.text.size() > limits_.cell_bytes) {
    return UsageError(absl::StrCat(where, ": a cell may have ", limits_.cell_bytes, " bytes"));
  }
  bytes_ += cell.text.size();
  if (bytes_ > limits_.unpacked_bytes) {
    return UsageError(
        absl::StrCat(where, ": the cells may have ", limits_.unpacked_bytes, " bytes together"));
  }
  std::vector<SheetRow>& rows = sheet_.rows;
  if (rows.empty() || rows.back().number != row) {
    if (!rows.empty() && rows.back().number > row) {
      return UsageError(absl::StrCat(where, ": the rows of the file aren't in order"));
    }
    if (rows.size() == limits_.rows) {
      return UsageError(absl::StrCat(where, ": a sheet may have ", limits_.rows, " rows"));
    }
    rows.emplace_back().number = row;
  }
  std::vector<Cell>& cells = rows.back().cells;
  if (cells.size() <= column) {
    cells_ += column + 1 - cells.size();
    if (cells_ > limits_.cells) {
      return UsageError(absl::StrCat(where, ": a sheet may have ", limits_.cells, " cells"));
    }
    cells.resize(column + 1);
  }
  cells[column] = std::move(cell);
  return absl::OkStatus();
}

absl::StatusOr<Sheet> ReadSheet(std::string_view contents, const std::string& name,
                                const SheetLimits& limits) {
  if (contents.size() > limits.file_bytes) {
    return UsageError(absl::StrCat("may have ", limits.file_bytes, " bytes"));
  }
  if (contents.starts_with(kZip)) return ReadXlsx(contents, name, limits);
  if (contents.starts_with(kCompoundFile)) {
    return UsageError(
        "is a file of old versions of Excel (.xls), or has a password: save it as .xlsx without "
        "one");
  }
  if (!name.empty()) return UsageError("is a text, which has no sheets with names");
  ASSIGN_OR_RETURN(const DecodedText decoded, DecodeText(contents));
  ASSIGN_OR_RETURN(Sheet sheet, ReadCsv(decoded.text, limits));
  if (decoded.encoding != kUtf8) absl::StrAppend(&sheet.form, ", in ", decoded.encoding);
  return sheet;
}

std::string ColumnLetters(size_t column) {
  std::string letters;
  for (size_t left = column + 1; left > 0; left = (left - 1) / 26) {
    letters += static_cast<char>('A' + (left - 1) % 26);
  }
  std::reverse(letters.begin(), letters.end());
  return letters;
}

}  // namespace baliprocess::balictl
