// The columns of a resource: one per filterable field, derived from the message's descriptor.

#ifndef BALIPROCESS_COMMON_RESOURCE_CONTRACT_COLUMNS_H_
#define BALIPROCESS_COMMON_RESOURCE_CONTRACT_COLUMNS_H_

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <string>
#include <string_view>
#include <vector>

#include "baliprocess/api/v1/visibility.pb.h"
#include "common/storage/database.h"

namespace baliprocess::resource {

enum class ColumnKind {
  kText,      // string: TEXT
  kTextList,  // repeated string: TEXT, each element between two U+001F
  kEnum,      // enum: BIGINT, its number
  kBool,      // bool: BOOLEAN
  kInt,       // integers: BIGINT
  kDouble,    // float, double: DOUBLE PRECISION
  kDate,      // google.type.Date: two BIGINT columns, NAME_first and NAME_last, the days it may
              // stand for as yyyymmdd (base/date.h); both NULL when absent
  kTime,      // google.protobuf.Timestamp: BIGINT, microseconds since 1970; NULL when absent
};

// Stands before and after each element of a list, as stored.
inline constexpr char kListSeparator[] = "\x1f";

// A filterable field.
struct Column {
  std::string path;  // as in filters: `term.start_date`
  std::string name;  // as in SQL: `term_start_date`
  ColumnKind kind = ColumnKind::kText;
  const google::protobuf::EnumDescriptor* enum_type = nullptr;  // of kEnum
  // Callers below this level are told that there is no such field.
  api::v1::Visibility::Level visibility = api::v1::Visibility::LEVEL_UNSPECIFIED;
  // The table has an index on it. Lists have none: see in_references.
  bool indexed = false;
  // A list of names of resources, each of which a live resource has a row of in
  // `resource_references` (schema.h).
  bool in_references = false;
  // Of texts (text_form.h): what is kept, and compared with, is in their form.
  bool text = false;
  // From the resource down to the field.
  std::vector<const google::protobuf::FieldDescriptor*> fields;
};

// The columns of a message type, in field order: its filterable fields, and those of its singular
// message fields, under their path. `name` comes first, always. The level of a nested field is the
// highest on its path.
std::vector<Column> ColumnsOf(const google::protobuf::Descriptor* type);

// The column with this path, or nullptr.
const Column* FindColumn(const std::vector<Column>& columns, std::string_view path);

// The SQL columns of `column`, each with its type: `kind BIGINT NOT NULL DEFAULT 0`.
std::vector<std::string> DeclarationsOf(const Column& column);

// The names of the SQL columns of `column`: one, or two for a date.
std::vector<std::string> SqlNamesOf(const Column& column);

// Appends the value of `column` in `message` to `values`, in the order of SqlNamesOf.
void AppendValues(const Column& column, const google::protobuf::Message& message,
                  std::vector<storage::Value>& values);

}  // namespace baliprocess::resource

#endif  // BALIPROCESS_COMMON_RESOURCE_CONTRACT_COLUMNS_H_
