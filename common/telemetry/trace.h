// W3C trace context, level 1: the `traceparent` header.

#ifndef BALIPROCESS_COMMON_TELEMETRY_TRACE_H_
#define BALIPROCESS_COMMON_TELEMETRY_TRACE_H_

#include <optional>
#include <string>
#include <string_view>

namespace baliprocess::telemetry {

// A place in a trace. Ids are in lower-case hexadecimal.
struct TraceContext {
  std::string trace_id;  // 32 digits, not all zero
  std::string span_id;   // 16 digits, not all zero
  bool sampled = false;
};

// Reads a header; nullopt when it isn't valid. Of versions after 00, what version 00 defines is
// read, as the recommendation asks.
std::optional<TraceContext> ParseTraceparent(std::string_view header);

// The header of a new span, `00-TRACE-SPAN-FLAGS`: in the trace that `received` tells of, sampled
// if that trace is; or in a new trace if `received` isn't valid, sampled if `sample_new`.
std::string NextTraceparent(std::string_view received, bool sample_new = false);

// Likewise, but sampled or not as is said here, whatever `received` tells: for who doesn't leave
// that to its callers.
std::string DecidedTraceparent(std::string_view received, bool sampled);

// The trace id in a valid header; nothing in an empty one.
std::string_view TraceIdOf(std::string_view traceparent);
// Likewise, the span id.
std::string_view SpanIdOf(std::string_view traceparent);
// Whether a valid header says that its trace is recorded; an empty one doesn't.
bool IsSampled(std::string_view traceparent);

// True in so many of all cases, by chance: `ratio` is between 0, never, and 1, always.
bool Chance(double ratio);

// Whether an id that a caller proposes is fit for logs: at most 64 letters, digits, `-`, `_`, `.`.
bool IsCallId(std::string_view text);

}  // namespace baliprocess::telemetry

#endif  // BALIPROCESS_COMMON_TELEMETRY_TRACE_H_
