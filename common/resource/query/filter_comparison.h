// One comparison of a filter, as SQL.

#ifndef BALIPROCESS_COMMON_RESOURCE_QUERY_FILTER_COMPARISON_H_
#define BALIPROCESS_COMMON_RESOURCE_QUERY_FILTER_COMPARISON_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "common/resource/contract/columns.h"
#include "common/resource/query/filter.h"

namespace baliprocess::resource {

enum class FilterOperator {
  kEqual,
  kNotEqual,
  kLess,
  kLessOrEqual,
  kGreater,
  kGreaterOrEqual,
  kHas
};

// The right side of a comparison.
struct FilterValue {
  std::string text;           // quotes and escapes removed
  std::vector<size_t> stars;  // where in `text` an asterisk stands that wasn't escaped
  bool quoted = false;
};

struct ComparisonContext {
  bool negated = false;  // the comparison stands below an odd number of negations
  bool live = false;     // the query looks at rows that aren't deleted alone
};

// Makes `out` a condition that is true of the rows that `column op value`, or its negation,
// certainly selects, and false or unknown of others. No negation may be put above it. Else returns
// what would be right, to complete "expected ...".
std::optional<std::string> CompileComparison(const Column& column, FilterOperator op,
                                             const FilterValue& value,
                                             const ComparisonContext& context, Condition& out);

// Whether the comparison looks through the texts of all rows, as no index could serve it.
bool IsSearch(const Column& column, FilterOperator op, const FilterValue& value,
              const ComparisonContext& context);

}  // namespace baliprocess::resource

#endif  // BALIPROCESS_COMMON_RESOURCE_QUERY_FILTER_COMPARISON_H_
