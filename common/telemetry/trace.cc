#include "common/telemetry/trace.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <random>

#include "common/base/ids.h"

namespace baliprocess::telemetry {
namespace {

constexpr size_t kTraceDigits = 32;
constexpr size_t kSpanDigits = 16;
constexpr size_t kHeaderSize = 2 + 1 + kTraceDigits + 1 + kSpanDigits + 1 + 2;
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

std::string RandomHex(size_t digits) {
  std::string text(digits, '0');
  for (size_t i = 0; i < digits; i += kSpanDigits) {
    WriteHex(std::max<uint64_t>(Random(), 1), text.data() + i);  // all zero isn't an id
  }
  return text;
}

bool IsLowerHex(std::string_view text) {
  return text.find_first_not_of(kDigits) == std::string_view::npos;
}

bool AllZero(std::string_view text) {
  return text.find_first_not_of('0') == std::string_view::npos;
}

}  // namespace

std::string TraceContext::ToTraceparent() const {
  std::string header;
  header.reserve(kHeaderSize);
  header.append("00-").append(trace_id).append("-").append(span_id).append(sampled ? "-01" : "-00");
  return header;
}

std::optional<TraceContext> ParseTraceparent(std::string_view header) {
  if (header.size() < kHeaderSize) return std::nullopt;
  const std::string_view version = header.substr(0, 2);
  const std::string_view trace = header.substr(3, kTraceDigits);
  const std::string_view span = header.substr(36, kSpanDigits);
  const std::string_view flags = header.substr(53, 2);
  if (header[2] != '-' || header[35] != '-' || header[52] != '-') return std::nullopt;
  if (!IsLowerHex(version) || !IsLowerHex(trace) || !IsLowerHex(span) || !IsLowerHex(flags)) {
    return std::nullopt;
  }
  if (version == "ff" || AllZero(trace) || AllZero(span)) return std::nullopt;
  const bool longer = header.size() > kHeaderSize;
  if (longer && (version == "00" || header[kHeaderSize] != '-')) return std::nullopt;
  const bool sampled = (std::strchr(kDigits, flags[1]) - kDigits) & 1;
  return TraceContext{std::string(trace), std::string(span), sampled};
}

TraceContext NewTrace() { return {RandomHex(kTraceDigits), RandomHex(kSpanDigits), false}; }

TraceContext ChildOf(const TraceContext& parent) {
  return {parent.trace_id, RandomHex(kSpanDigits), parent.sampled};
}

std::string NewCallId() {
  char hex[2 * kSpanDigits];
  WriteHex((Random() & ~uint64_t{0xf000}) | 0x4000, hex);                                // version
  WriteHex((Random() & ~(uint64_t{3} << 62)) | (uint64_t{2} << 62), hex + kSpanDigits);  // variant
  std::string id;
  id.reserve(36);
  size_t from = 0;
  for (const size_t digits : {8, 4, 4, 4, 12}) {
    if (from != 0) id.push_back('-');
    id.append(hex + from, digits);
    from += digits;
  }
  return id;
}

}  // namespace baliprocess::telemetry
