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

// Makes `out` the condition `column op value`. Else returns what would be right, to complete
// "expected ...".
std::optional<std::string> CompileComparison(const Column& column, FilterOperator op,
                                             const FilterValue& value, Condition& out);

}  // namespace baliprocess::resource

#endif  // BALIPROCESS_COMMON_RESOURCE_QUERY_FILTER_COMPARISON_H_
