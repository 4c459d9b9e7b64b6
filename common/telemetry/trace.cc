#include "common/telemetry/trace.h"

#include <algorithm>
#include <cstdint>
#include <random>

#include "common/base/ids.h"

namespace baliprocess::telemetry {
namespace {

constexpr size_t kTraceDigits = 32;
constexpr size_t kSpanDigits = 16;
// Where the parts of a header start: `00-TRACE-SPAN-FLAGS`.
constexpr size_t kTraceAt = 3;
constexpr size_t kSpanAt = kTraceAt + kTraceDigits + 1;
constexpr size_t kFlagsAt = kSpanAt + kSpanDigits + 1;
constexpr size_t kHeaderSize = kFlagsAt + 2;
constexpr char kDigits[] = "0123456789abcdef";

// One generator per thread, seeded from the system's: ids cost nanoseconds and no lock.
uint64_t Random() {
  thread_local std::mt19937_64 generator = [] {
    const std::string bytes = RandomBytes(32);
    std::seed_seq seed(bytes.begin(), bytes.end());
    return std::mt19937_64(seed);
  }();
  return generator();
}

// Writes 16 digits.
void WriteHex(uint64_t value, char* out) {
  for (size_t i = kSpanDigits; i-- > 0; value >>= 4) out[i] = kDigits[value & 0xf];
}

// Writes a random id of so many digits; all zero isn't one.
void WriteId(size_t digits, char* out) {
  for (size_t i = 0; i < digits; i += kSpanDigits) {
    WriteHex(std::max<uint64_t>(Random(), 1), out + i);
  }
}

bool IsLowerHex(std::string_view text) {
  for (const char c : text) {
    if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) return false;
  }
  return true;
}

bool AllZero(std::string_view text) {
  return text.find_first_not_of('0') == std::string_view::npos;
}

// Whether a header is valid, as ParseTraceparent says.
bool Valid(std::string_view header) {
  if (header.size() < kHeaderSize) return false;
  const std::string_view version = header.substr(0, 2);
  const std::string_view trace = header.substr(kTraceAt, kTraceDigits);
  const std::string_view span = header.substr(kSpanAt, kSpanDigits);
  for (const size_t at : {kTraceAt, kSpanAt, kFlagsAt}) {
    if (header[at - 1] != '-') return false;
  }
  if (!IsLowerHex(version) || !IsLowerHex(trace) || !IsLowerHex(span) ||
      !IsLowerHex(header.substr(kFlagsAt, 2))) {
    return false;
  }
  if (version == "ff" || AllZero(trace) || AllZero(span)) return false;
  const bool longer = header.size() > kHeaderSize;
  return !longer || (version != "00" && header[kHeaderSize] == '-');
}

// The lowest bit of the flags of a valid header.
bool Sampled(std::string_view header) {
  return (std::string_view(kDigits).find(header[kFlagsAt + 1]) & 1) != 0;
}

}  // namespace

std::optional<TraceContext> ParseTraceparent(std::string_view header) {
  if (!Valid(header)) return std::nullopt;
  return TraceContext{std::string(header.substr(kTraceAt, kTraceDigits)),
                      std::string(header.substr(kSpanAt, kSpanDigits)), Sampled(header)};
}

std::string NextTraceparent(std::string_view received, bool sample_new) {
  return DecidedTraceparent(received, Valid(received) ? Sampled(received) : sample_new);
}

std::string DecidedTraceparent(std::string_view received, bool sampled) {
  std::string header(kHeaderSize, '0');
  header[2] = header[kSpanAt - 1] = header[kFlagsAt - 1] = '-';
  if (Valid(received)) {
    header.replace(kTraceAt, kTraceDigits, received.substr(kTraceAt, kTraceDigits));
  } else {
    WriteId(kTraceDigits, header.data() + kTraceAt);
  }
  WriteId(kSpanDigits, header.data() + kSpanAt);
  if (sampled) header.back() = '1';
  return header;
}

std::string_view TraceIdOf(std::string_view traceparent) {
  return traceparent.empty() ? traceparent : traceparent.substr(kTraceAt, kTraceDigits);
}

std::string_view SpanIdOf(std::string_view traceparent) {
  return traceparent.empty() ? traceparent : traceparent.substr(kSpanAt, kSpanDigits);
}

bool IsSampled(std::string_view traceparent) {
  return !traceparent.empty() && Sampled(traceparent);
}

bool Chance(double ratio) {
  if (ratio <= 0) return false;
  // The 53 bits that a double holds.
  return static_cast<double>(Random() >> 11) * 0x1p-53 < ratio;
}

bool IsCallId(std::string_view text) {
  constexpr size_t kMaxSize = 64;
  return !text.empty() && text.size() <= kMaxSize &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '-' || c == '_' || c == '.';
         });
}

}  // namespace baliprocess::telemetry
