// google.protobuf.Timestamp and Duration as text, in the forms of ProtoJSON.
//
// TimeUtil of Protocol Buffers (3.21) ends the process for a time before the year 1, which a caller
// may send, and takes durations that are out of range.

#ifndef BALIPROCESS_SERVICES_GATEWAY_TRANSCODING_TIMES_H_
#define BALIPROCESS_SERVICES_GATEWAY_TRANSCODING_TIMES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace baliprocess::gateway {

// What both types consist of; a Duration's nanoseconds have the sign of its seconds.
struct SecondsAndNanos {
  int64_t seconds = 0;
  int32_t nanos = 0;
};

// RFC 3339, such as `2024-05-02T11:30:00.5+02:00`: from year 1 to 9999 in UTC, with up to nine
// digits of a second.
std::optional<SecondsAndNanos> ReadTimestamp(std::string_view text);

// Seconds with an `s`, such as `-1.5s`: up to 10,000 years, with up to nine digits of a second.
std::optional<SecondsAndNanos> ReadDuration(std::string_view text);

// Appends the text, in UTC, with no digits of a second or 3, 6 or 9. Appends nothing and returns
// false for what is out of range.
bool AppendTimestamp(const SecondsAndNanos& time, std::string& text);
bool AppendDuration(const SecondsAndNanos& duration, std::string& text);

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_TRANSCODING_TIMES_H_
