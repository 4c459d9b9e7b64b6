// The text of a log line, apart from log.cc so that it can be tested.

#ifndef BALIPROCESS_COMMON_TELEMETRY_LOG_TEXT_H_
#define BALIPROCESS_COMMON_TELEMETRY_LOG_TEXT_H_

#include <string>
#include <string_view>

#include "absl/time/time.h"

#include "common/telemetry/log.h"

namespace baliprocess::telemetry {

// `debug`, `info`, `warn` or `error`.
std::string_view LevelName(Level level);

// Appends `text` as a JSON string (RFC 8259), quotes included. Bytes that aren't UTF-8 become
// U+FFFD, so that a reader of the log never fails on what a caller sent.
void AppendQuoted(std::string_view text, std::string& out);

// Appends a time as `2024-05-02T09:30:00.000250Z`.
void AppendTime(absl::Time time, std::string& out);

// What stands before the fields: time (now), level, component, message.
void BeginLine(Format format, Level level, std::string_view component, std::string_view message,
               std::string& out);

// What stands before a field's value.
void AppendKey(Format format, std::string_view key, std::string& out);

// What stands after the fields, line feed included.
void EndLine(Format format, std::string& out);

}  // namespace baliprocess::telemetry

#endif  // BALIPROCESS_COMMON_TELEMETRY_LOG_TEXT_H_
