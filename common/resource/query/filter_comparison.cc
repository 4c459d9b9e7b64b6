#include "common/resource/query/filter_comparison.h"

#include <cmath>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/substitute.h"
#include "absl/time/time.h"

#include "common/base/date.h"
#include "common/resource/contract/text_form.h"

namespace baliprocess::resource {
namespace {

using storage::Value;

// What went wrong, or nullopt.
using Problem = std::optional<std::string>;

const char* SqlOf(FilterOperator op) {
  switch (op) {
    case FilterOperator::kNotEqual:
      return "<>";
    case FilterOperator::kLess:
      return "<";
    case FilterOperator::kLessOrEqual:
      return "<=";
    case FilterOperator::kGreater:
      return ">";
    case FilterOperator::kGreaterOrEqual:
      return ">=";
    default:
      return "=";
  }
}

bool IsEquality(FilterOperator op) {
  return op == FilterOperator::kEqual || op == FilterOperator::kNotEqual ||
         op == FilterOperator::kHas;
}

Problem Compare(const Column& column, FilterOperator op, Value value, Condition& out) {
  out.sql = absl::StrCat(column.name, " ", SqlOf(op), " ?");
  out.params = {std::move(value)};
  return std::nullopt;
}

// `text` as a part of a LIKE pattern whose escape character is `!`.
std::string EscapeLike(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '!' || c == '%' || c == '_') escaped += '!';
    escaped += c;
  }
  return escaped;
}

Problem Like(const Column& column, bool negated, std::string pattern, Condition& out) {
  out.sql = absl::StrCat(column.name, negated ? " NOT LIKE" : " LIKE", " ? ESCAPE '!'");
  out.params = {std::move(pattern)};
  return std::nullopt;
}

// What is compared with texts is brought into their form.
std::string InFormOf(const Column& column, std::string_view text, TrimmedEnds ends = {}) {
  return column.text ? NormalText(text, ends) : std::string(text);
}

// `=` and `!=` with asterisks at the ends.
Problem CompareWildcard(const Column& column, FilterOperator op, const FilterValue& value,
                        Condition& out) {
  const size_t last = value.text.size() - 1;
  for (const size_t star : value.stars) {
    if (star != 0 && star != last) {
      return "asterisks only at the ends of the value; the character itself is \\* in quotes";
    }
  }
  const bool leading = value.stars.front() == 0;
  const bool trailing = value.stars.back() == last;
  std::string_view text = value.text;
  if (leading) text.remove_prefix(1);
  if (trailing && !text.empty()) text.remove_suffix(1);
  const std::string part = InFormOf(column, text, {.front = !leading, .back = !trailing});
  return Like(column, op == FilterOperator::kNotEqual,
              absl::StrCat(leading ? "%" : "", EscapeLike(part), trailing ? "%" : ""), out);
}

Problem CompareText(const Column& column, FilterOperator op, const FilterValue& value,
                    Condition& out) {
  if (op == FilterOperator::kHas) {
    const std::string part = InFormOf(column, value.text, {.front = false, .back = false});
    return Like(column, false, absl::StrCat("%", EscapeLike(part), "%"), out);
  }
  if (IsEquality(op) && !value.stars.empty()) return CompareWildcard(column, op, value, out);
  return Compare(column, op, InFormOf(column, value.text), out);
}

Problem CompareList(const Column& column, FilterOperator op, const FilterValue& value,
                    Condition& out) {
  if (op != FilterOperator::kHas) return absl::StrCat("`:` after the list ", column.path);
  const std::string element = InFormOf(column, value.text);
  return Like(column, false, absl::StrCat("%\x1f", EscapeLike(element), "\x1f%"), out);
}

// Who refers to what is a table with an index; a list isn't.
void ByReferences(const FilterValue& value, Condition& out) {
  out.sql = absl::StrCat("name IN (SELECT referrer FROM resource_references WHERE target = ?) AND ",
                         out.sql);
  out.params.insert(out.params.begin(), value.text);
}

Problem CompareEnum(const Column& column, FilterOperator op, const FilterValue& value,
                    Condition& out) {
  if (!IsEquality(op)) return absl::StrCat("`=` or `!=` after ", column.path);
  if (const auto* found = column.enum_type->FindValueByName(value.text)) {
    return Compare(column, op, int64_t{found->number()}, out);
  }
  std::string names;
  for (int i = 0; i < column.enum_type->value_count(); ++i) {
    absl::StrAppend(&names, i == 0 ? "" : ", ", column.enum_type->value(i)->name());
  }
  return absl::StrCat("one of ", names);
}

Problem CompareBool(const Column& column, FilterOperator op, const FilterValue& value,
                    Condition& out) {
  if (!IsEquality(op)) return absl::StrCat("`=` or `!=` after ", column.path);
  if (value.text != "true" && value.text != "false") return "true or false";
  return Compare(column, op, value.text == "true", out);
}

Problem CompareInt(const Column& column, FilterOperator op, const FilterValue& value,
                   Condition& out) {
  int64_t number = 0;
  if (value.quoted || !absl::SimpleAtoi(value.text, &number)) return "a whole number";
  return Compare(column, op, number, out);
}

Problem CompareDouble(const Column& column, FilterOperator op, const FilterValue& value,
                      Condition& out) {
  double number = 0;
  if (value.quoted || !absl::SimpleAtod(value.text, &number) || !std::isfinite(number))
    return "a number";
  return Compare(column, op, number, out);
}

// What selects the rows that `op` certainly doesn't hold for, where the row's value may be absent
// or a span of days: its opposite, as neither selects a row that isn't certain.
FilterOperator OppositeOf(FilterOperator op) {
  switch (op) {
    case FilterOperator::kEqual:
    case FilterOperator::kHas:
      return FilterOperator::kNotEqual;
    case FilterOperator::kNotEqual:
      return FilterOperator::kEqual;
    case FilterOperator::kLess:
      return FilterOperator::kGreaterOrEqual;
    case FilterOperator::kLessOrEqual:
      return FilterOperator::kGreater;
    case FilterOperator::kGreater:
      return FilterOperator::kLessOrEqual;
    case FilterOperator::kGreaterOrEqual:
      return FilterOperator::kLess;
  }
  return op;
}

// Conditions name the first day, which the index is on, even where the last day alone would do.
Problem CompareDate(const Column& column, FilterOperator op, const FilterValue& value,
                    Condition& out) {
  const std::optional<google::type::Date> date = ParseDate(value.text);
  if (!date) return "a date: 2024, 2024-05 or 2024-05-02";
  const DayRange days = DaysOf(*date);
  const Value first = int64_t{days.first};
  const Value last = int64_t{days.last};
  const std::vector<std::string> names = SqlNamesOf(column);
  const auto make = [&](const char* sql, std::vector<Value> params) {
    out.sql = absl::Substitute(sql, names[0], names[1]);
    out.params = std::move(params);
  };
  switch (op) {
    case FilterOperator::kEqual:
    case FilterOperator::kHas:
      make("$0 >= ? AND $0 <= ? AND $1 <= ?", {first, last, last});
      break;
    case FilterOperator::kNotEqual:
      make("($0 < ? AND $1 < ? OR $0 > ?)", {first, first, last});
      break;
    case FilterOperator::kLess:
      make("$0 < ? AND $1 < ?", {first, first});
      break;
    case FilterOperator::kLessOrEqual:
      make("$0 <= ? AND $1 <= ?", {last, last});
      break;
    case FilterOperator::kGreater:
      make("$0 > ?", {last});
      break;
    case FilterOperator::kGreaterOrEqual:
      make("$0 >= ?", {first});
      break;
  }
  return std::nullopt;
}

// The microseconds that a time or a date stands for: from `first`, up to and including `last`.
struct TimeRange {
  int64_t first = 0;
  int64_t last = 0;
};

int64_t StartOf(int32_t year, int32_t month, int32_t day) {
  return absl::ToUnixMicros(absl::FromCivil(absl::CivilDay(year, month, day), absl::UTCTimeZone()));
}

std::optional<TimeRange> ParseTime(const std::string& given) {
  // RFC 3339 section 5.6: T and Z may be in lower case.
  const std::string text = absl::AsciiStrToUpper(given);
  if (const auto date = ParseDate(text)) {
    const DayRange days = DaysOf(*date);
    const absl::CivilDay end(days.last / 10000, days.last / 100 % 100, days.last % 100);
    return TimeRange{
        StartOf(days.first / 10000, days.first / 100 % 100, days.first % 100),
        absl::ToUnixMicros(absl::FromCivil(end + 1, absl::UTCTimeZone())) - 1,
    };
  }
  // Abseil would also take other spellings of the year, and words for eternity.
  constexpr std::string_view kShape = "0000-00-00T00:00:00";
  if (text.size() <= kShape.size() || text.size() > 40) return std::nullopt;
  for (size_t i = 0; i < kShape.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (kShape[i] == '0' ? !digit : text[i] != kShape[i]) return std::nullopt;
  }
  absl::Time time;
  if (!absl::ParseTime(absl::RFC3339_full, text, &time, nullptr)) return std::nullopt;
  return TimeRange{absl::ToUnixMicros(time), absl::ToUnixMicros(time)};
}

Problem CompareTime(const Column& column, FilterOperator op, const FilterValue& value,
                    Condition& out) {
  const std::optional<TimeRange> range = ParseTime(value.text);
  if (!range) return "a time such as 2024-05-02T10:30:00Z, or a date";
  switch (op) {
    case FilterOperator::kLess:
    case FilterOperator::kGreaterOrEqual:
      return Compare(column, op, range->first, out);
    case FilterOperator::kLessOrEqual:
    case FilterOperator::kGreater:
      return Compare(column, op, range->last, out);
    default:
      break;
  }
  out.sql = absl::StrCat(column.name, op == FilterOperator::kNotEqual ? " NOT BETWEEN" : " BETWEEN",
                         " ? AND ?");
  out.params = {range->first, range->last};
  return std::nullopt;
}

// `FIELD:*`
Problem IsSet(const Column& column, Condition& out) {
  out.params.clear();
  switch (column.kind) {
    case ColumnKind::kText:
    case ColumnKind::kTextList:
      out.sql = absl::StrCat(column.name, " <> ''");
      break;
    case ColumnKind::kEnum:
    case ColumnKind::kInt:
    case ColumnKind::kDouble:
      out.sql = absl::StrCat(column.name, " <> 0");
      break;
    case ColumnKind::kBool:
      out.sql = absl::StrCat(column.name, " = TRUE");
      break;
    case ColumnKind::kDate:
    case ColumnKind::kTime:
      out.sql = absl::StrCat(SqlNamesOf(column)[0], " IS NOT NULL");
      break;
  }
  return std::nullopt;
}

Problem CompileByKind(const Column& column, FilterOperator op, const FilterValue& value,
                      Condition& out) {
  switch (column.kind) {
    case ColumnKind::kText:
      return CompareText(column, op, value, out);
    case ColumnKind::kTextList:
      return CompareList(column, op, value, out);
    case ColumnKind::kEnum:
      return CompareEnum(column, op, value, out);
    case ColumnKind::kBool:
      return CompareBool(column, op, value, out);
    case ColumnKind::kInt:
      return CompareInt(column, op, value, out);
    case ColumnKind::kDouble:
      return CompareDouble(column, op, value, out);
    case ColumnKind::kDate:
      return CompareDate(column, op, value, out);
    case ColumnKind::kTime:
      return CompareTime(column, op, value, out);
  }
  return "another field";
}

bool IsAnything(FilterOperator op, const FilterValue& value) {
  return op == FilterOperator::kHas && value.text == "*" && !value.quoted;
}

bool MayBeUnknown(const Column& column) {
  return column.kind == ColumnKind::kDate || column.kind == ColumnKind::kTime;
}

}  // namespace

bool IsSearch(const Column& column, FilterOperator op, const FilterValue& value,
              const ComparisonContext& context) {
  if (IsAnything(op, value)) return false;
  if (column.kind == ColumnKind::kText) {
    return op == FilterOperator::kHas || (!value.stars.empty() && value.stars.front() == 0);
  }
  const bool by_references = column.in_references && context.live && !context.negated;
  return column.kind == ColumnKind::kTextList && !by_references;
}

Problem CompileComparison(const Column& column, FilterOperator op, const FilterValue& value,
                          const ComparisonContext& context, Condition& out) {
  if (!IsAnything(op, value) && MayBeUnknown(column)) {
    return CompileByKind(column, context.negated ? OppositeOf(op) : op, value, out);
  }
  const Problem problem =
      IsAnything(op, value) ? IsSet(column, out) : CompileByKind(column, op, value, out);
  if (problem) return problem;
  if (context.negated) {
    out.sql = absl::StrCat("NOT (", out.sql, ")");
  } else if (column.in_references && context.live && !IsAnything(op, value)) {
    ByReferences(value, out);
  }
  return std::nullopt;
}

}  // namespace baliprocess::resource
