// The rows of a sheet as records.

#ifndef BALIPROCESS_SERVICES_BALICTL_CLIENT_SHEET_RECORDS_H_
#define BALIPROCESS_SERVICES_BALICTL_CLIENT_SHEET_RECORDS_H_

#include <optional>
#include <string>

#include "services/balictl/client/data_directory.h"
#include "services/balictl/client/sheet_columns.h"
#include "services/balictl/client/sheet_dates.h"
#include "services/balictl/client/sheet_ids.h"
#include "services/balictl/sheets/sheet.h"

namespace baliprocess::balictl {

struct SheetPlan {
  std::string file;  // as it is told, `participants.csv`
  SheetTarget target;
  SheetColumns columns;
  size_t first_row = 1;           // of the records, in Sheet.rows
  std::optional<IdTemplate> ids;  // nullopt: a column has them
  DateOrder date_order = DateOrder::kUnknown;
  bool clear = false;  // an empty cell clears its field
};

// The row and the column of the first date whose order isn't known; "": there is none.
std::string DateThatAsks(const Sheet& sheet, const SheetPlan& plan);

// A record for each row, and one for its companion where the row doesn't name it. What a cell must
// be and isn't, by its form and by the contract, is a problem with the row and the column: `row 12,
// Birth date (column D): must be ...`. Whether a field that is required is missing depends on
// whether the record is there already, which only the server knows.
DataSet SheetRecords(const Sheet& sheet, const SheetPlan& plan);

}  // namespace baliprocess::balictl

#endif  // BALIPROCESS_SERVICES_BALICTL_CLIENT_SHEET_RECORDS_H_
