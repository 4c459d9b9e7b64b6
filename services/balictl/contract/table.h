// Tables of text.

#ifndef BALIPROCESS_SERVICES_BALICTL_CONTRACT_TABLE_H_
#define BALIPROCESS_SERVICES_BALICTL_CONTRACT_TABLE_H_

#include <google/protobuf/message.h>

#include <cstddef>
#include <string>
#include <vector>

#include "common/base/descriptors.h"

namespace baliprocess::balictl {

using Row = std::vector<std::string>;

// Columns as wide as their content, two spaces apart; the first row is the heading. Columns without
// content are left out. When the lines would be longer than `width` columns of a terminal (0: no
// limit), the widest columns are cut, with `…`, to no less than eight; the first one, which says
// what the row is of, never is.
std::string FormatTable(std::vector<Row> rows, size_t width);

// The columns of a resource, those that are missed most first: the name, and the fields that can be
// filtered by, amounts and links, without times of the record and the visibility. `delete_time` is
// among them when asked for.
std::vector<FieldPath> ColumnsOf(const google::protobuf::Descriptor* type, bool with_deleted);

// `term.start_date`.
std::string TitleOf(const FieldPath& path);

// The field for people: partial dates as 2024-05, times in UTC, names of enum values, lists with
// commas; "" when absent.
std::string CellOf(const google::protobuf::Message& message, const FieldPath& path);

// Leaves out columns without content, and, from the last one on, those for which `width` (0: no
// limit) has no room. Only text that people wrote may be cut, to no less than 16. Returns the
// headings of those left out for want of room. `rows` are ResourceRows of `columns`.
std::vector<std::string> DropWhatDoesNotFit(std::vector<Row>& rows,
                                            const std::vector<FieldPath>& columns, size_t width);

// One row per resource below a heading.
std::vector<Row> ResourceRows(const std::vector<const google::protobuf::Message*>& resources,
                              const std::vector<FieldPath>& columns);

}  // namespace baliprocess::balictl

#endif  // BALIPROCESS_SERVICES_BALICTL_CONTRACT_TABLE_H_
