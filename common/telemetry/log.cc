#include "common/telemetry/log.h"

#include <spdlog/details/log_msg.h>
#include <spdlog/sinks/sink.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <charconv>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <ctime>
#include <mutex>
#include <thread>
#include <utility>

#include "common/telemetry/log_text.h"

namespace baliprocess::telemetry {
namespace {

// Lines are collected this long before they are written together: a write per line would cost a
// busy server more than the calls it reports on.
constexpr std::chrono::milliseconds kCollect(10);

// Longer lines are rare, and their memory isn't kept.
constexpr size_t kMostSpare = 4096;

spdlog::level::level_enum ToSpdlog(Level level) {
  switch (level) {
    case Level::kDebug:
      return spdlog::level::debug;
    case Level::kInfo:
      return spdlog::level::info;
    case Level::kWarn:
      return spdlog::level::warn;
    case Level::kError:
      break;
  }
  return spdlog::level::err;
}

Level FromSpdlog(spdlog::level::level_enum level) {
  if (level <= spdlog::level::debug) return Level::kDebug;
  if (level == spdlog::level::info) return Level::kInfo;
  return level == spdlog::level::warn ? Level::kWarn : Level::kError;
}

void WriteToStandardError(std::string_view lines) {
  // Nothing useful can be done where standard error fails.
  std::fwrite(lines.data(), 1, lines.size(), stderr);
  std::fflush(stderr);
}

}  // namespace

// Collects lines and writes them on its own thread.
class Logging::Sink final : public spdlog::sinks::sink {
 public:
  explicit Sink(LogOptions options) : options_(std::move(options)) {
    if (!options_.write) options_.write = WriteToStandardError;
    writer_ = std::thread([this] { Write(); });
  }

  ~Sink() override {
    {
      std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    work_.notify_one();
    writer_.join();
  }

  Format format() const { return options_.format; }

  // `urgent` lines don't wait for company.
  void Append(std::string_view line, bool urgent) {
    std::unique_lock lock(mutex_);
    space_.wait(lock, [this] { return waiting_.size() < options_.buffer_bytes; });
    const bool first = waiting_.empty();
    waiting_.append(line);
    hurry_ = hurry_ || urgent || waiting_.size() >= options_.buffer_bytes / 2;
    const bool notify = first || hurry_;
    lock.unlock();
    if (notify) work_.notify_one();
  }

  // What others log through spdlog.
  void log(const spdlog::details::log_msg& message) override {
    std::string line;
    const Level level = FromSpdlog(message.level);
    const std::string_view component(message.logger_name.data(), message.logger_name.size());
    BeginLine(options_.format, level, component.empty() ? "main" : component,
              {message.payload.data(), message.payload.size()}, line);
    EndLine(options_.format, line);
    Append(line, level == Level::kError);
  }

  void flush() override {
    std::unique_lock lock(mutex_);
    hurry_ = true;
    work_.notify_one();
    idle_.wait(lock, [this] { return waiting_.empty() && !writing_; });
  }

  // The form of a line is ours.
  void set_pattern(const std::string&) override {}
  void set_formatter(std::unique_ptr<spdlog::formatter>) override {}

 private:
  void Write() {
    std::string lines;
    std::unique_lock lock(mutex_);
    while (true) {
      work_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
      if (waiting_.empty()) return;
      work_.wait_for(lock, kCollect, [this] { return stopping_ || hurry_; });
      lines.clear();
      lines.swap(waiting_);
      hurry_ = false;
      writing_ = true;
      lock.unlock();
      space_.notify_all();
      options_.write(lines);
      lock.lock();
      writing_ = false;
      if (waiting_.empty()) idle_.notify_all();
    }
  }

  LogOptions options_;
  std::mutex mutex_;
  std::condition_variable work_;   // lines to write, or hurry
  std::condition_variable space_;  // room for lines
  std::condition_variable idle_;   // everything is written
  std::string waiting_;
  bool hurry_ = false;
  bool writing_ = false;
  bool stopping_ = false;
  std::thread writer_;
};

namespace {

// The memory of a line, kept for the thread's next one.
thread_local std::string spare_line;

// The sink in use. Logging outlives whoever logs, so a plain pointer will do.
std::atomic<spdlog::sinks::sink*> current_sink{nullptr};

}  // namespace

Logging::Logging(LogOptions options) {
  const auto level = ToSpdlog(options.level);
  sink_ = std::make_shared<Sink>(std::move(options));
  auto logger = std::make_shared<spdlog::logger>("", sink_);
  logger->set_level(level);
  spdlog::set_default_logger(std::move(logger));
  current_sink = sink_.get();
}

Logging::~Logging() {
  current_sink = nullptr;
  // Lines of others have somewhere to go afterwards, too.
  spdlog::set_default_logger(std::make_shared<spdlog::logger>(""));
}

void Logging::Flush() { sink_->flush(); }

bool LogEnabled(Level level) { return spdlog::default_logger_raw()->should_log(ToSpdlog(level)); }

LogLine::LogLine(Level level, std::string_view component, std::string_view message)
    : level_(level), enabled_(LogEnabled(level)) {
  if (!enabled_) return;
  line_.swap(spare_line);
  line_.clear();
  if (const auto* sink = static_cast<Logging::Sink*>(current_sink.load())) {
    format_ = sink->format();
    BeginLine(format_, level, component, message, line_);
  } else {
    line_.append(component).append(": ").append(message);
  }
}

LogLine::~LogLine() {
  if (!enabled_) return;
  if (auto* sink = static_cast<Logging::Sink*>(current_sink.load())) {
    EndLine(format_, line_);
    sink->Append(line_, level_ == Level::kError);
  } else {
    spdlog::log(ToSpdlog(level_), spdlog::string_view_t(line_.data(), line_.size()));
  }
  if (line_.capacity() <= kMostSpare) spare_line.swap(line_);
}

LogLine& LogLine::Field(std::string_view key, std::string_view value) {
  if (!enabled_) return *this;
  AppendKey(format_, key, line_);
  AppendQuoted(value, line_);
  return *this;
}

LogLine& LogLine::Integer(std::string_view key, int64_t value) {
  char digits[24];
  const auto result = std::to_chars(digits, digits + sizeof(digits), value);
  return Raw(key, {digits, static_cast<size_t>(result.ptr - digits)});
}

LogLine& LogLine::Raw(std::string_view key, std::string_view value) {
  if (!enabled_) return *this;
  AppendKey(format_, key, line_);
  line_.append(value);
  return *this;
}

LogLine Log(Level level, std::string_view component, std::string_view message) {
  return LogLine(level, component, message);
}

}  // namespace baliprocess::telemetry
