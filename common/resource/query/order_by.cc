#include "common/resource/query/order_by.h"

#include <algorithm>
#include <bit>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "google/api/resource.pb.h"

#include "baliprocess/api/v1/field.pb.h"
#include "common/base/errors.h"
#include "common/base/text.h"

namespace baliprocess::resource {
namespace {

using storage::Value;

constexpr char kName[] = "name";
constexpr uint32_t kLongText = 100;  // characters

// Whether a text may be so long that keys hold only its beginning. Names never are.
bool IsLongText(const Column& column) {
  if (column.kind != ColumnKind::kText || column.path == kName) return false;
  if (column.fields.empty()) return true;
  const auto& options = column.fields.back()->options();
  if (options.HasExtension(google::api::resource_reference)) return false;
  const uint32_t most = options.GetExtension(api::v1::field).max_length();
  return most == 0 || most > kLongText;
}

// A field of `order_by`, and which way.
struct Item {
  std::string path;
  bool descending = false;
  bool valid = false;
};

Item ParseItem(absl::string_view text) {
  const std::vector<std::string> words =
      absl::StrSplit(text, absl::ByAnyChar(" \t\n"), absl::SkipEmpty());
  Item item;
  if (words.empty() || words.size() > 2) return item;
  item.path = words[0];
  item.descending = words.size() == 2;
  item.valid = words.size() == 1 || words[1] == "desc";
  return item;
}

void AppendFixed(uint64_t number, std::string& bytes) {
  for (int shift = 56; shift >= 0; shift -= 8) bytes += static_cast<char>(number >> shift & 0xFF);
}

// Takes values off the front of a key.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  bool Take(ColumnKind kind, Value& value) {
    uint64_t number = 0;
    if (!TakeFixed(number)) return false;
    switch (kind) {
      case ColumnKind::kText:
      case ColumnKind::kTextList:
        if (number > bytes_.size()) return false;
        value = std::string(bytes_.substr(0, number));
        bytes_.remove_prefix(number);
        return true;
      case ColumnKind::kBool:
        value = number != 0;
        return number <= 1;
      case ColumnKind::kDouble:
        value = std::bit_cast<double>(number);
        return true;
      default:
        value = static_cast<int64_t>(number);
        return true;
    }
  }

  bool at_end() const { return bytes_.empty(); }

 private:
  bool TakeFixed(uint64_t& number) {
    if (bytes_.size() < 8) return false;
    for (int i = 0; i < 8; ++i) number = number << 8 | static_cast<unsigned char>(bytes_[i]);
    bytes_.remove_prefix(8);
    return true;
  }

  std::string_view bytes_;
};

// A value as selected, in the type of its column: bools are selected as numbers.
Value Typed(ColumnKind kind, const Value& value) {
  const auto* number = std::get_if<int64_t>(&value);
  if (kind != ColumnKind::kBool || number == nullptr) return value;
  return *number != 0;
}

absl::Status TooManyFields() {
  return InvalidField(
      "order_by", absl::StrCat("must name at most ", OrderBy::kMaxFields, " fields besides name"));
}

}  // namespace

// As the column, but never NULL, because the engines disagree on its place.
std::string OrderKeyOf(const Column& column) {
  const std::string name = SqlNamesOf(column).front();
  if (column.kind == ColumnKind::kDate) return absl::StrCat("COALESCE(", name, ", 0)");
  // Before the year 1, and within 64 bits on both engines.
  if (column.kind == ColumnKind::kTime)
    return absl::StrCat("COALESCE(", name, ", -9000000000000000000)");
  if (IsLongText(column)) return absl::StrCat("SUBSTR(", name, ", 1, ", kLongText, ")");
  return name;
}

absl::StatusOr<OrderBy> OrderBy::Parse(std::string_view order_by,
                                       const std::vector<Column>& columns,
                                       api::v1::Visibility::Level clearance) {
  OrderBy order;
  Violations violations;
  std::set<std::string> seen;
  const auto add = [&](const std::string& path, bool descending) {
    const Column* column = FindColumn(columns, path);
    if (column == nullptr || column->visibility > clearance) {
      violations.Add("order_by", absl::StrCat("there is no field ", Cut(path, 64), " to order by"));
    } else if (column->kind == ColumnKind::kTextList) {
      violations.Add("order_by", absl::StrCat("the list ", path, " can't be ordered by"));
    } else if (!seen.insert(path).second) {
      violations.Add("order_by", absl::StrCat("must name ", path, " only once"));
    } else {
      order.parts_.push_back({OrderKeyOf(*column), column->kind, descending});
    }
  };
  const absl::string_view text =
      absl::StripAsciiWhitespace(absl::string_view(order_by.data(), order_by.size()));
  const std::vector<absl::string_view> items = absl::StrSplit(text, ',');
  if (items.size() > kMaxFields + 1) return TooManyFields();
  for (const absl::string_view item_text : items) {
    if (text.empty()) break;
    const Item item = ParseItem(item_text);
    if (item.valid) {
      add(item.path, item.descending);
    } else {
      violations.Add("order_by",
                     "must be fields, each followed by desc or nothing, with commas "
                     "between them");
    }
  }
  if (!seen.contains(kName)) add(kName, false);
  if (!violations.empty()) return violations.ToStatus();
  // Nothing is left to order after the name.
  const auto name = std::find_if(order.parts_.begin(), order.parts_.end(),
                                 [](const Part& part) { return part.sql == kName; });
  order.parts_.erase(name + 1, order.parts_.end());
  if (order.parts_.size() > kMaxFields + 1) return TooManyFields();
  return order;
}

std::string OrderBy::Sql() const {
  return absl::StrJoin(parts_, ", ", [](std::string* out, const Part& part) {
    absl::StrAppend(out, part.sql, part.descending ? " DESC" : "");
  });
}

std::string OrderBy::KeySql() const {
  return absl::StrJoin(parts_, ", ",
                       [](std::string* out, const Part& part) { out->append(part.sql); });
}

Condition OrderBy::After(const std::vector<Value>& key) const {
  if (key.size() != parts_.size()) return {"FALSE", {}};
  Condition after;
  const auto add = [&](size_t i, std::string_view sign) {
    after.sql.append(parts_[i].sql).append(" ").append(sign).append(" ?");
    after.params.push_back(Typed(parts_[i].kind, key[i]));
  };
  const size_t last = parts_.size() - 1;
  // What all these rows have in common comes first: an index on the first field can use it.
  if (last > 0) {
    add(0, parts_[0].descending ? "<=" : ">=");
    after.sql += " AND ";
  }
  for (size_t i = 0; i < last; ++i) {
    after.sql += "(";
    add(i, parts_[i].descending ? "<" : ">");
    after.sql += " OR ";
    add(i, "=");
    after.sql += " AND ";
  }
  add(last, parts_[last].descending ? "<" : ">");
  after.sql.append(last, ')');
  return after;
}

std::string OrderBy::EncodeKey(const std::vector<Value>& key) const {
  std::string bytes;
  for (size_t i = 0; i < key.size() && i < parts_.size(); ++i) {
    const Value value = Typed(parts_[i].kind, key[i]);
    if (const auto* text = std::get_if<std::string>(&value)) {
      AppendFixed(text->size(), bytes);
      bytes += *text;
    } else if (const auto* real = std::get_if<double>(&value)) {
      AppendFixed(std::bit_cast<uint64_t>(*real), bytes);
    } else if (const auto* flag = std::get_if<bool>(&value)) {
      AppendFixed(*flag ? 1 : 0, bytes);
    } else if (const auto* number = std::get_if<int64_t>(&value)) {
      AppendFixed(static_cast<uint64_t>(*number), bytes);
    }
  }
  return bytes;
}

absl::StatusOr<std::vector<Value>> OrderBy::DecodeKey(std::string_view bytes) const {
  std::vector<Value> key(parts_.size());
  Reader reader(bytes);
  bool good = true;
  for (size_t i = 0; i < parts_.size() && good; ++i) good = reader.Take(parts_[i].kind, key[i]);
  if (!good || !reader.at_end()) {
    return Error(api::v1::Error::INVALID_PAGE_TOKEN,
                 "the page token is of another query; start again without it");
  }
  return key;
}

}  // namespace baliprocess::resource
