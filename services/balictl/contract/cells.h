// The fields of a record as cells of a spreadsheet, and back: what is written comes back as it was.

#ifndef BALIPROCESS_SERVICES_BALICTL_CONTRACT_CELLS_H_
#define BALIPROCESS_SERVICES_BALICTL_CONTRACT_CELLS_H_

#include <google/protobuf/message.h>

#include <string>
#include <string_view>

#include "absl/status/status.h"

#include "common/base/descriptors.h"

namespace baliprocess::balictl {

// As CellOf. Of a list, an element with a comma, a semicolon, a quote or a line break is in double
// quotes, in which a double quote is written twice; a message with messages of its own is JSON.
std::string SheetCellOf(const google::protobuf::Message& message, const FieldPath& path);

// Sets the field to the value of a cell that isn't empty, in the forms of values.h. Elements of a
// list are parted by commas, semicolons or line breaks; those that are messages, `title=Minutes,
// uri=https://a.example`, by semicolons or line breaks. They are added to those that are there. The
// error is one of usage, and completes the name of the field.
absl::Status SetSheetCell(google::protobuf::Message& message, const FieldPath& path,
                          std::string_view text);

}  // namespace baliprocess::balictl

#endif  // BALIPROCESS_SERVICES_BALICTL_CONTRACT_CELLS_H_
