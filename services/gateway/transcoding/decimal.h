// Numbers as JSON writes them (RFC 8259 section 6), read without loss.

#ifndef BALIPROCESS_SERVICES_GATEWAY_TRANSCODING_DECIMAL_H_
#define BALIPROCESS_SERVICES_GATEWAY_TRANSCODING_DECIMAL_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace baliprocess::gateway {

// A decimal number that is whole: `-12`, `1.50e2`; not `1.9`. Nothing if the text isn't such a
// number, or has more than 20 digits.
struct WholeNumber {
  bool negative = false;
  uint64_t magnitude = 0;
};
std::optional<WholeNumber> ReadWholeNumber(std::string_view text);

// The nearest double. Nothing if the text isn't a number of JSON, or is beyond the range.
std::optional<double> ReadDouble(std::string_view text);
std::optional<float> ReadFloat(std::string_view text);

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_TRANSCODING_DECIMAL_H_
