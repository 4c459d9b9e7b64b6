// Spreadsheets: whatever is in a file is refused in words of usage, or is a sheet within the
// limits, in UTF-8, whose rows come in order. An input is a file as it is: CSV or an archive. An
// input whose first line is a part of a workbook is that part of one that is whole otherwise, so
// that its checksum is right.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>

#include "common/base/text.h"
#include "services/balictl/program/command_line.h"
#include "services/balictl/sheets/sheet.h"
#include "services/balictl/testing/zip_writer.h"

namespace {

using baliprocess::DecodeUtf8;
using baliprocess::balictl::Cell;
using baliprocess::balictl::IsUsageError;
using baliprocess::balictl::MakeZip;
using baliprocess::balictl::ReadSheet;
using baliprocess::balictl::Sheet;
using baliprocess::balictl::SheetLimits;
using baliprocess::balictl::SheetRow;
using baliprocess::balictl::WorkbookParts;

constexpr SheetLimits kLimits = {.file_bytes = 16384,
                                 .unpacked_bytes = 8192,
                                 .part_bytes = 4096,
                                 .rows = 20,
                                 .columns = 30,
                                 .cells = 200,
                                 .cell_bytes = 100};
constexpr char kRow[] =
    "<row r='1'><c r='A1' t='s'><v>1</v></c><c r='B1' s='1'><v>45019</v></c></row>";

void Require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

bool IsUtf8(std::string_view text) {
  while (!text.empty()) {
    const size_t size = DecodeUtf8(text).size;
    if (size == 0) return false;
    text.remove_prefix(size);
  }
  return true;
}

void Check(const Sheet& sheet) {
  Require(sheet.rows.size() <= kLimits.rows, "rows");
  size_t cells = 0;
  size_t bytes = 0;
  size_t last = 0;
  for (const SheetRow& row : sheet.rows) {
    Require(row.number > last, "order of rows");
    last = row.number;
    cells += row.cells.size();
    Require(row.cells.size() <= kLimits.columns, "columns");
    Require(!row.cells.empty() && !row.cells.back().empty(), "a row or an end without content");
    for (const Cell& cell : row.cells) {
      bytes += cell.text.size();
      Require(cell.text.size() <= kLimits.cell_bytes, "bytes of a cell");
      Require(cell.text.empty() || cell.problem.empty(), "a value and a problem");
      Require(IsUtf8(cell.text) && IsUtf8(cell.problem), "UTF-8");
    }
  }
  Require(cells <= kLimits.cells, "cells");
  Require(bytes <= kLimits.unpacked_bytes, "bytes of all cells");
  Require(IsUtf8(sheet.form) && IsUtf8(sheet.note), "UTF-8 of what is told");
}

void Read(std::string_view contents, const std::string& name) {
  const auto sheet = ReadSheet(contents, name, kLimits);
  if (sheet.ok()) return Check(*sheet);
  Require(IsUsageError(sheet.status()) && !sheet.status().message().empty(), "an error of usage");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  Read(bytes, "");
  std::map<std::string, std::string> parts = WorkbookParts(kRow);
  const size_t line = bytes.find('\n');
  const auto part = parts.find(std::string(bytes.substr(0, line)));
  if (line == std::string_view::npos || part == parts.end()) return 0;
  part->second = bytes.substr(line + 1);
  const std::string workbook = MakeZip(parts, {.deflate = false});
  Read(workbook, "");
  Read(workbook, "List");
  return 0;
}
