// Filters of list methods (AIP-160), compiled to bound SQL.
//
//   role = CHAIR AND term.start_date <= 2015 AND (member = "members/aus" OR member = "members/idn")
//
// Grammar, as AIP-160 has it. OR binds tighter than AND, and things side by side are joined by AND
// before that: `a AND b OR c` is `a AND (b OR c)`. Keywords are upper case. NOT and `-` negate
// what follows: a comparison or a parenthesis.
//
// A comparison is FIELD OPERATOR VALUE. The value is a bare word, or a string in single or double
// quotes, in which `\` takes the next character as it is (\n, \r and \t stand for those
// characters).
//
// What is compared with a text is brought into the form in which texts are kept (text_form.h).
//
//   text      =, != (a bare `*` at an end of the value stands for any text; `\*` in quotes is an
//             asterisk), <, <=, >, >= (by bytes), : (contains the value)
//   lists     : (has the value as an element)
//   enums     =, !=, : with the name of a value
//   bools     =, !=, : with true or false
//   numbers   all; `:` is `=`
//   dates     all; `:` is `=`. The value is a year, a month or a day: 2024, 2024-05, 2024-05-02
//   times     all; `:` is `=`. The value is an RFC 3339 timestamp, its T and Z in either case, or a
//             date in UTC
//   any       FIELD:* - the field is set: not empty, not zero, not false, present
//
// A value of year or month precision is the span of its days: `= 2024` is within the year, `< 2024`
// before its first day, `> 2024` after its last. Where the field itself has a partial date, the
// comparison may be undecided, and then neither it nor its negation selects the resource: a filter
// selects what is certain. An absent date or time is undecided too.
//
// Search across fields (a value without a field) and functions aren't supported.

#ifndef BALIPROCESS_COMMON_RESOURCE_QUERY_FILTER_H_
#define BALIPROCESS_COMMON_RESOURCE_QUERY_FILTER_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

#include "baliprocess/api/v1/visibility.pb.h"
#include "common/resource/contract/columns.h"
#include "common/storage/database.h"

namespace baliprocess::resource {

// A SQL condition that can stand in a WHERE clause beside others, joined by AND or OR; each `?` in
// it is a parameter. It may be unknown (NULL) where it isn't true.
struct Condition {
  std::string sql;
  std::vector<storage::Value> params;
};

// Limits, beyond which a filter is refused.
inline constexpr int kMaxFilterDepth = 50;          // of parentheses and negations
inline constexpr int kMaxFilterComparisons = 200;   // in one filter
inline constexpr int kMaxFilterValueLength = 1000;  // characters
// Of comparisons that look through the texts of all rows: `:` on texts and on lists, and `=` with
// an asterisk in front. One of them costs 10 ms for 100,000 rows.
inline constexpr int kMaxFilterSearches = 20;

// Which rows a query looks at beside its filter.
enum class FilteredRows {
  kAny,
  kLive,  // those that aren't deleted: what refers to what is looked up by index then
};

// Compiles `filter`; an empty one becomes TRUE. Fields whose level is above `clearance` don't exist
// for the caller. Only path, name, kind, enum_type, visibility, in_references and text of the
// columns are looked at. Errors: INVALID_FIELDS on `filter`, with the position (the first character
// is 1).
absl::StatusOr<Condition> CompileFilter(std::string_view filter, const std::vector<Column>& columns,
                                        api::v1::Visibility::Level clearance,
                                        FilteredRows rows = FilteredRows::kAny);

}  // namespace baliprocess::resource

#endif  // BALIPROCESS_COMMON_RESOURCE_QUERY_FILTER_H_
