#include "common/telemetry/log.h"

#include <poll.h>
#include <spdlog/details/log_msg.h>
#include <spdlog/sinks/sink.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <condition_variable>
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

// Past stdio, whose lock a write that is stuck would hold when the process ends.
void WriteToStandardError(std::string_view lines) {
  while (!lines.empty()) {
    const ssize_t written = write(STDERR_FILENO, lines.data(), lines.size());
    if (written >= 0) {
      lines.remove_prefix(written);
    } else if (errno == EAGAIN) {
      pollfd room = {STDERR_FILENO, POLLOUT, 0};
      poll(&room, 1, -1);
    } else if (errno != EINTR) {
      return;  // nothing useful can be done where standard error fails
    }
  }
}

// The lines on their way, shared by those who log and the thread that writes: that thread may be
// stuck in a write, and outlive the rest.
class Queue {
 public:
  explicit Queue(LogOptions options) : options_(std::move(options)) {}

  Format format() const { return options_.format; }

  // Important lines may use the reserve, and don't wait for company.
  void Append(std::string_view line, Level level) {
    const bool important = level >= Level::kWarn;
    const size_t limit = options_.buffer_bytes + (important ? options_.buffer_bytes / 4 : 0);
    std::unique_lock lock(mutex_);
    if (waiting_.size() >= limit) {
      ++dropped_;
      return;
    }
    const bool first = waiting_.empty();
    waiting_.append(line);
    hurry_ = hurry_ || level == Level::kError || waiting_.size() >= options_.buffer_bytes / 2;
    const bool notify = first || hurry_;
    lock.unlock();
    if (notify) work_.notify_one();
  }

  void Flush() {
    std::unique_lock lock(mutex_);
    hurry_ = true;
    work_.notify_one();
    idle_.wait(lock, [this] { return waiting_.empty() && !writing_; });
  }

  // Returns when everything is written; false when that took too long.
  bool Stop() {
    std::unique_lock lock(mutex_);
    stopping_ = true;
    work_.notify_one();
    return idle_.wait_for(lock, options_.patience, [this] { return stopped_; });
  }

  // Writes until it is stopped.
  void Write() {
    std::string lines;
    std::unique_lock lock(mutex_);
    while (true) {
      work_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
      if (waiting_.empty()) break;
      work_.wait_for(lock, kCollect, [this] { return stopping_ || hurry_; });
      lines.clear();
      lines.swap(waiting_);
      hurry_ = false;
      writing_ = true;
      lock.unlock();
      options_.write(lines);
      lock.lock();
      writing_ = false;
      TellDropped();
      if (waiting_.empty()) idle_.notify_all();
    }
    stopped_ = true;
    idle_.notify_all();
  }

 private:
  // Behind the lines that there was room for.
  void TellDropped() {
    if (dropped_ == 0) return;
    BeginLine(options_.format, Level::kWarn, "log",
              "lines were dropped: nobody read the log, or not fast enough", waiting_);
    AppendKey(options_.format, "lines", waiting_);
    waiting_.append(std::to_string(std::exchange(dropped_, 0)));
    EndLine(options_.format, waiting_);
    hurry_ = true;
  }

  const LogOptions options_;
  std::mutex mutex_;
  std::condition_variable work_;  // lines to write, or hurry
  std::condition_variable idle_;  // everything is written
  std::string waiting_;
  uint64_t dropped_ = 0;
  bool hurry_ = false;
  bool writing_ = false;
  bool stopping_ = false;
  bool stopped_ = false;
};

LogOptions WithWriter(LogOptions options) {
  if (!options.write) options.write = WriteToStandardError;
  return options;
}

}  // namespace

// Collects lines and has them written by a thread of its own.
class Logging::Sink final : public spdlog::sinks::sink {
 public:
  explicit Sink(LogOptions options)
      : queue_(std::make_shared<Queue>(WithWriter(std::move(options)))),
        writer_([queue = queue_] { queue->Write(); }) {}

  ~Sink() override {
    if (queue_->Stop()) {
      writer_.join();
    } else {
      writer_.detach();  // stuck, with all that it needs
    }
  }

  Format format() const { return queue_->format(); }

  void Append(std::string_view line, Level level) { queue_->Append(line, level); }

  // What others log through spdlog.
  void log(const spdlog::details::log_msg& message) override {
    std::string line;
    const Level level = FromSpdlog(message.level);
    const std::string_view component(message.logger_name.data(), message.logger_name.size());
    BeginLine(format(), level, component.empty() ? "main" : component,
              {message.payload.data(), message.payload.size()}, line);
    EndLine(format(), line);
    Append(line, level);
  }

  void flush() override { queue_->Flush(); }

  // The form of a line is ours.
  void set_pattern(const std::string&) override {}
  void set_formatter(std::unique_ptr<spdlog::formatter>) override {}

 private:
  const std::shared_ptr<Queue> queue_;
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
    sink->Append(line_, level_);
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
