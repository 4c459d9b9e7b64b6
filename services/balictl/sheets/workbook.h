// What a workbook (.xlsx) says of its sheets, and what its sheets share.

#ifndef BALIPROCESS_SERVICES_BALICTL_SHEETS_WORKBOOK_H_
#define BALIPROCESS_SERVICES_BALICTL_SHEETS_WORKBOOK_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "services/balictl/sheets/number_format.h"
#include "services/balictl/sheets/sheet.h"
#include "services/balictl/sheets/zip_file.h"

namespace baliprocess::balictl {

struct Workbook {
  struct SheetPart {
    std::string name;
    bool hidden = false;
    std::string part;  // `xl/worksheets/sheet1.xml`
  };
  std::vector<SheetPart> sheets;
  bool from_1904 = false;                 // how days are counted
  std::vector<std::string> strings;       // shared ones, by their numbers
  std::vector<NumberFormat> cell_styles;  // by their numbers

  // The format of a cell's style; of a number that there isn't, the general one.
  NumberFormat FormatOf(size_t style) const {
    return style < cell_styles.size() ? cell_styles[style] : NumberFormat{};
  }
};

absl::StatusOr<Workbook> ReadWorkbook(ZipFile& file, const SheetLimits& limits);

}  // namespace baliprocess::balictl

#endif  // BALIPROCESS_SERVICES_BALICTL_SHEETS_WORKBOOK_H_
