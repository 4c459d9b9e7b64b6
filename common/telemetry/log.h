// Logs: one line per event on standard error, as JSON or as text.
//
//   telemetry::Log(telemetry::Level::kWarn, "storage", "connection lost")
//       .Field("host", host).Field("attempt", attempt);
//
// Lines are written when the statement ends. Each has a time (RFC 3339, UTC, microseconds), a
// level, the component it comes from and a message; what varies belongs into fields. What other
// code logs through spdlog's default logger comes out in the same form.

#ifndef BALIPROCESS_COMMON_TELEMETRY_LOG_H_
#define BALIPROCESS_COMMON_TELEMETRY_LOG_H_

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace baliprocess::telemetry {

enum class Level { kDebug, kInfo, kWarn, kError };
enum class Format { kJson, kText };

// A line in the making.
class LogLine {
 public:
  ~LogLine();  // writes it
  LogLine(const LogLine&) = delete;
  LogLine& operator=(const LogLine&) = delete;

  // `key` is ours and needs no escaping; values may hold anything.
  LogLine& Field(std::string_view key, std::string_view value);
  LogLine& Field(std::string_view key, const char* value) {
    return Field(key, std::string_view(value));
  }
  LogLine& Field(std::string_view key, bool value) { return Raw(key, value ? "true" : "false"); }
  template <std::integral T>
  LogLine& Field(std::string_view key, T value) {
    return Integer(key, static_cast<int64_t>(value));
  }

 private:
  friend LogLine Log(Level level, std::string_view component, std::string_view message);
  LogLine(Level level, std::string_view component, std::string_view message);
  LogLine& Integer(std::string_view key, int64_t value);
  LogLine& Raw(std::string_view key, std::string_view value);

  const Level level_;
  const bool enabled_;
  Format format_ = Format::kText;
  std::string line_;
};

LogLine Log(Level level, std::string_view component, std::string_view message);

// Whether lines of this level are written.
bool LogEnabled(Level level);

struct LogOptions {
  Level level = Level::kInfo;
  Format format = Format::kJson;
  // Takes whole lines, several at a time, on one thread; standard error when empty.
  std::function<void(std::string_view lines)> write{};
  // Lines waiting to be written, in bytes. Nobody who logs ever waits: lines beyond it are dropped
  // and counted, and a line says how many as soon as there is room. Warnings and errors have a
  // quarter more.
  size_t buffer_bytes = 1 << 20;
  // How long the end of logging waits for a writer that is stuck. What it didn't write is lost.
  std::chrono::milliseconds patience{2000};
};

// Logging while this object lives. Lines are written by a thread of its own, so that a slow
// standard error doesn't slow down calls; destruction writes what is left, if it can. One at a
// time; without one, lines are text written through spdlog's default logger.
class Logging {
 public:
  explicit Logging(LogOptions options);
  ~Logging();
  Logging(const Logging&) = delete;
  Logging& operator=(const Logging&) = delete;

  // Returns when everything logged so far has been written.
  void Flush();

 private:
  class Sink;
  friend class LogLine;
  std::shared_ptr<Sink> sink_;
};

}  // namespace baliprocess::telemetry

#endif  // BALIPROCESS_COMMON_TELEMETRY_LOG_H_
