#include "common/storage/postgres_values.h"

#include <bit>
#include <charconv>
#include <cstdint>
#include <limits>
#include <optional>
#include <system_error>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"

#include "common/storage/internal.h"

namespace baliprocess::storage {
namespace {

// Types, as numbered in the server's catalogue (pg_type.dat).
constexpr Oid kBool = 16;
constexpr Oid kBytea = 17;
constexpr Oid kName = 19;
constexpr Oid kInt8 = 20;
constexpr Oid kInt2 = 21;
constexpr Oid kInt4 = 23;
constexpr Oid kText = 25;
constexpr Oid kFloat4 = 700;
constexpr Oid kFloat8 = 701;
constexpr Oid kUnknown = 705;  // an untyped literal
constexpr Oid kVarchar = 1043;
constexpr Oid kNumeric = 1700;
constexpr Oid kVoid = 2278;  // of functions that return nothing

template <typename Number>
std::string Print(Number number) {
  char buffer[32];  // the longest int64 has 20 characters, the longest shortest double 24
  const auto end = std::to_chars(buffer, buffer + sizeof(buffer), number).ptr;
  return std::string(buffer, end);
}

// The number that `text` is, or nothing when it isn't exactly one.
template <typename Number>
std::optional<Number> Parse(std::string_view text) {
  Number number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// The number in network byte order at the front of `data`, taken off; 0 when there is too little.
template <typename Unsigned>
Unsigned Take(std::string_view& data) {
  Unsigned number = 0;
  if (data.size() < sizeof(number)) return number;
  for (size_t i = 0; i < sizeof(number); ++i) {
    number = static_cast<Unsigned>(number << 8 | static_cast<unsigned char>(data[i]));
  }
  data.remove_prefix(sizeof(number));
  return number;
}

// A NUMERIC is a count of digits to the base 10,000, the exponent of the first digit, the sign, the
// number of decimals to show, and the digits; 0xC000 and above as a sign are NaN and infinities.
// What shows decimals is a double even if they are all 0, so that an AVG always is one.
Value NumericValue(std::string_view data) {
  constexpr uint16_t kNegative = 0x4000;
  constexpr uint16_t kNotANumber = 0xC000;
  const int count = Take<uint16_t>(data);
  const int weight = static_cast<int16_t>(Take<uint16_t>(data));
  const uint16_t sign = Take<uint16_t>(data);
  const bool whole = Take<uint16_t>(data) == 0;
  if (sign >= kNotANumber) return std::numeric_limits<double>::quiet_NaN();
  std::string text = sign == kNegative ? "-" : "";
  for (int i = 0; i < count; ++i)
    absl::StrAppend(&text, absl::Dec(Take<uint16_t>(data), absl::kZeroPad4));
  if (count == 0) text = "0";
  // Of the last digit. Zeros at the end are left out, so a whole number may need some.
  const int exponent = count == 0 ? 0 : weight - count + 1;
  constexpr int kInt64Exponent = 4;
  if (whole && exponent >= 0 && exponent <= kInt64Exponent) {
    const std::string digits = text + std::string(4 * static_cast<size_t>(exponent), '0');
    if (const auto number = Parse<int64_t>(digits)) return *number;
  }
  absl::StrAppend(&text, "e", 4 * exponent);
  return Parse<double>(text).value_or(std::numeric_limits<double>::quiet_NaN());
}

}  // namespace

Oid TypeOf(const Value& value) {
  struct Visitor {
    Oid operator()(std::monostate) const { return 0; }
    Oid operator()(int64_t) const { return kInt8; }
    Oid operator()(double) const { return kFloat8; }
    Oid operator()(bool) const { return kBool; }
    Oid operator()(const std::string&) const { return kText; }
    Oid operator()(const Bytes&) const { return kBytea; }
  };
  return std::visit(Visitor(), value);
}

Arguments::Arguments(const std::vector<Value>& params) {
  printed_.reserve(params.size());  // values_ points into it
  for (const Value& value : params) Add(value);
}

void Arguments::Add(const Value& value) {
  if (const auto* bytes = std::get_if<Bytes>(&value)) return AddData(bytes->data, /*format=*/1);
  if (const auto* text = std::get_if<std::string>(&value)) {
    has_nul_ = has_nul_ || text->find('\0') != std::string::npos;
    return AddData(*text, /*format=*/0);
  }
  if (const auto* number = std::get_if<int64_t>(&value)) return AddPrinted(Print(*number));
  if (const auto* number = std::get_if<double>(&value)) return AddPrinted(Print(*number));
  if (const auto* flag = std::get_if<bool>(&value)) return AddPrinted(*flag ? "t" : "f");
  values_.push_back(nullptr);
  lengths_.push_back(0);
  formats_.push_back(0);
}

void Arguments::AddPrinted(std::string text) {
  AddData(printed_.emplace_back(std::move(text)), /*format=*/0);
}

void Arguments::AddData(const std::string& data, int format) {
  values_.push_back(data.data());
  lengths_.push_back(static_cast<int>(data.size()));
  formats_.push_back(format);
}

absl::StatusOr<Value> ValueOf(Oid type, std::string_view data) {
  switch (type) {
    case kBool:
      return int64_t{data == std::string_view("\1", 1) ? 1 : 0};
    case kInt2:
      return int64_t{static_cast<int16_t>(Take<uint16_t>(data))};
    case kInt4:
      return int64_t{static_cast<int32_t>(Take<uint32_t>(data))};
    case kInt8:
      return static_cast<int64_t>(Take<uint64_t>(data));
    case kFloat4:
      return double{std::bit_cast<float>(Take<uint32_t>(data))};
    case kFloat8:
      return std::bit_cast<double>(Take<uint64_t>(data));
    case kNumeric:
      return NumericValue(data);
    case kBytea:
      return Bytes{std::string(data)};
    case kText:
    case kName:
    case kVarchar:
    case kUnknown:
    case kVoid:
      return std::string(data);
    default:
      return StoreError(ErrorClass::kOther,
                        absl::StrCat("a column of the type ", type, ": CAST it to one in use"));
  }
}

}  // namespace baliprocess::storage
