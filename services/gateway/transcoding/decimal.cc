#include "services/gateway/transcoding/decimal.h"

#include <charconv>
#include <limits>

namespace baliprocess::gateway {
namespace {

// The parts of a number: -12.50e+2 is negative, "12", "50", 2.
struct Parts {
  bool negative = false;
  std::string_view whole;
  std::string_view fraction;
  int exponent = 0;
};

std::string_view TakeDigits(std::string_view& text) {
  size_t size = 0;
  while (size < text.size() && text[size] >= '0' && text[size] <= '9') ++size;
  const std::string_view digits = text.substr(0, size);
  text.remove_prefix(size);
  return digits;
}

bool Take(std::string_view& text, std::string_view any_of) {
  if (text.empty() || any_of.find(text[0]) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

// An exponent beyond this makes any number with so few digits 0 or too large.
constexpr int kMostExponent = 10'000;

std::optional<Parts> Split(std::string_view text) {
  Parts parts;
  parts.negative = Take(text, "-");
  parts.whole = TakeDigits(text);
  if (parts.whole.empty() || (parts.whole.size() > 1 && parts.whole[0] == '0')) {
    return std::nullopt;
  }
  if (Take(text, ".")) {
    parts.fraction = TakeDigits(text);
    if (parts.fraction.empty()) return std::nullopt;
  }
  if (Take(text, "eE")) {
    const bool negative = text.starts_with('-');
    Take(text, "+-");
    const std::string_view digits = TakeDigits(text);
    if (digits.empty()) return std::nullopt;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), parts.exponent);
    if (read.ec != std::errc() || parts.exponent > kMostExponent) parts.exponent = kMostExponent;
    if (negative) parts.exponent = -parts.exponent;
  }
  if (!text.empty()) return std::nullopt;
  return parts;
}

template <typename T>
std::optional<T> ReadFloating(std::string_view text) {
  const auto parts = Split(text);
  if (!parts) return std::nullopt;
  T value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec == std::errc()) return value;
  // Out of range is what is too large, and what is too near to 0: which is 0, as in other readers.
  const std::string digits = std::string(parts->whole).append(parts->fraction);
  const int before_point = static_cast<int>(parts->whole.size()) + parts->exponent;
  const int zeros = static_cast<int>(digits.find_first_not_of('0'));
  if (before_point - zeros > 0) return std::nullopt;
  return T{0};
}

}  // namespace

std::optional<WholeNumber> ReadWholeNumber(std::string_view text) {
  const auto parts = Split(text);
  if (!parts) return std::nullopt;
  std::string digits(parts->whole);
  digits.append(parts->fraction);
  int exponent = parts->exponent - static_cast<int>(parts->fraction.size());
  digits.erase(0, digits.find_first_not_of('0'));
  if (digits.empty()) return WholeNumber{};
  while (digits.back() == '0') {
    digits.pop_back();
    ++exponent;
  }
  constexpr int kMostDigits = std::numeric_limits<uint64_t>::digits10 + 1;
  if (exponent < 0 || exponent > kMostDigits) return std::nullopt;
  digits.append(static_cast<size_t>(exponent), '0');
  WholeNumber number;
  number.negative = parts->negative;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), number.magnitude);
  if (read.ec != std::errc()) return std::nullopt;
  return number;
}

std::optional<double> ReadDouble(std::string_view text) { return ReadFloating<double>(text); }
std::optional<float> ReadFloat(std::string_view text) { return ReadFloating<float>(text); }

}  // namespace baliprocess::gateway
