#include "common/telemetry/log.h"

#include <gmock/gmock.h>
#include <spdlog/spdlog.h>

#include <condition_variable>
#include <mutex>
#include <sstream>
#include <thread>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/telemetry/log_text.h"
#include "common/telemetry/state_log.h"

namespace baliprocess::telemetry {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;

// Where log lines of a test go.
class Capture {
 public:
  LogOptions Options() {
    return {.write = [this](std::string_view lines) {
      std::lock_guard lock(mutex_);
      text_.append(lines);
    }};
  }
  std::string text() {
    std::lock_guard lock(mutex_);
    return text_;
  }
  std::vector<nlohmann::json> lines() {
    std::istringstream stream(text());
    std::vector<nlohmann::json> lines;
    for (std::string line; std::getline(stream, line);) {
      lines.push_back(nlohmann::json::parse(line));
    }
    return lines;
  }

 private:
  std::mutex mutex_;
  std::string text_;
};

TEST(LogTest, LineIsJsonWithItsFields) {
  Capture capture;
  {
    Logging logging(capture.Options());
    Log(Level::kInfo, "test", "it happened")
        .Field("name", "a \"b\"\n")
        .Field("n", -5)
        .Field("yes", true);
  }
  const auto lines = capture.lines();
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0]["level"], "info");
  EXPECT_EQ(lines[0]["component"], "test");
  EXPECT_EQ(lines[0]["message"], "it happened");
  EXPECT_EQ(lines[0]["name"], "a \"b\"\n");
  EXPECT_EQ(lines[0]["n"], -5);
  EXPECT_EQ(lines[0]["yes"], true);
  EXPECT_THAT(lines[0]["time"].get<std::string>(),
              MatchesRegex("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{6}Z"));
}

TEST(LogTest, LinesBelowTheLevelAreNotWritten) {
  Capture capture;
  LogOptions options = capture.Options();
  options.level = Level::kWarn;
  {
    Logging logging(options);
    EXPECT_FALSE(LogEnabled(Level::kInfo));
    Log(Level::kInfo, "test", "quiet").Field("a", 1);
    Log(Level::kError, "test", "loud");
  }
  EXPECT_THAT(capture.text(), Not(HasSubstr("quiet")));
  EXPECT_THAT(capture.text(), HasSubstr("loud"));
}

TEST(LogTest, SpdlogComesOutInTheSameForm) {
  Capture capture;
  {
    Logging logging(capture.Options());
    spdlog::warn("from \"elsewhere\" {}", 7);
  }
  const auto lines = capture.lines();
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0]["level"], "warn");
  EXPECT_EQ(lines[0]["message"], "from \"elsewhere\" 7");
}

TEST(LogTest, TextFormIsOneLineToo) {
  Capture capture;
  LogOptions options = capture.Options();
  options.format = Format::kText;
  {
    Logging logging(options);
    Log(Level::kError, "test", "two\nlines").Field("value", "x y").Field("n", 3);
  }
  EXPECT_THAT(capture.text(), HasSubstr(" error test: two\\nlines value=\"x y\" n=3\n"));
}

TEST(LogTest, FlushReturnsWhenAllIsWritten) {
  Capture capture;
  Logging logging(capture.Options());
  Log(Level::kInfo, "test", "one");
  logging.Flush();
  EXPECT_EQ(capture.lines().size(), 1u);
}

// A writer that is stuck until it is let go.
class StuckWriter {
 public:
  LogOptions Options() {
    LogOptions options;
    options.buffer_bytes = 1000;
    options.patience = std::chrono::milliseconds(50);
    options.write = [state = state_](std::string_view lines) {
      std::unique_lock lock(state->mutex);
      state->stuck = true;
      state->changed.notify_all();
      state->changed.wait(lock, [&] { return state->released; });
      state->text.append(lines);
    };
    return options;
  }
  void WaitUntilStuck() {
    std::unique_lock lock(state_->mutex);
    state_->changed.wait(lock, [&] { return state_->stuck; });
  }
  void Release() {
    const std::lock_guard lock(state_->mutex);
    state_->released = true;
    state_->changed.notify_all();
  }
  std::string text() {
    const std::lock_guard lock(state_->mutex);
    return state_->text;
  }

 private:
  struct State {
    std::mutex mutex;
    std::condition_variable changed;
    bool stuck = false;
    bool released = false;
    std::string text;
  };
  const std::shared_ptr<State> state_ = std::make_shared<State>();
};

TEST(LogTest, DropsAndCountsRatherThanWaitsWhenFull) {
  StuckWriter writer;
  LogOptions options = writer.Options();
  options.patience = std::chrono::seconds(20);
  {
    Logging logging(options);
    Log(Level::kInfo, "test", "first");
    writer.WaitUntilStuck();
    for (int i = 0; i < 1000; ++i) Log(Level::kInfo, "test", "a line");  // nobody waits
    Log(Level::kError, "test", "there is a reserve for this");
    writer.Release();
  }
  const std::string text = writer.text();
  EXPECT_THAT(text, HasSubstr("there is a reserve for this"));
  const auto told = text.rfind("\"lines\":");
  ASSERT_NE(told, std::string::npos);
  const int dropped = std::stoi(text.substr(told + 8));
  // All are there or counted; three lines are others.
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n') - 3 + dropped, 1000);
  EXPECT_GT(dropped, 900);
}

TEST(LogTest, AWriterThatIsStuckDoesNotKeepTheProcess) {
  StuckWriter writer;
  {
    Logging logging(writer.Options());
    Log(Level::kInfo, "test", "first");
    writer.WaitUntilStuck();
  }
  writer.Release();
}

TEST(LogTextTest, EscapesWhatJsonCannotHold) {
  const auto quoted = [](std::string_view text) {
    std::string out;
    AppendQuoted(text, out);
    return out;
  };
  EXPECT_EQ(quoted("plain"), R"("plain")");
  EXPECT_EQ(quoted("\"\\\n\r\t"), R"("\"\\\n\r\t")");
  EXPECT_EQ(quoted(std::string_view("\0\x1f\x7f", 3)), R"("\u0000\u001f\u007f")");
  EXPECT_EQ(quoted("caf\xc3\xa9 \xf0\x9f\x98\x80"), "\"caf\xc3\xa9 \xf0\x9f\x98\x80\"");
  // Cut off, overlong, surrogate, beyond the last character, stray continuation.
  for (const std::string_view bad :
       {"\xc3", "\xc0\xaf", "\xed\xa0\x80", "\xf5\x80\x80\x80", "\x80"}) {
    EXPECT_THAT(quoted(bad), HasSubstr("\xef\xbf\xbd"));
    EXPECT_TRUE(nlohmann::json::accept(quoted(bad)));
  }
}

TEST(LogTextTest, TimesHaveMicroseconds) {
  std::string out;
  AppendTime(absl::FromUnixMicros(1714642200000250), out);
  EXPECT_EQ(out, "2024-05-02T09:30:00.000250Z");
}

TEST(StateLogTest, SaysEachChangeOnce) {
  Capture capture;
  Logging logging(capture.Options());
  StateLog log({.component = "x", .lost = "lost", .back = "back", .service = "s", .pause = {}});
  log.Works();
  for (int i = 0; i < 3; ++i) log.Fails("why");
  log.Works();
  log.Works();
  log.Fails("again");
  logging.Flush();
  const auto lines = capture.lines();
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines[0]["message"], "lost");
  EXPECT_EQ(lines[0]["error"], "why");
  EXPECT_EQ(lines[0]["service"], "s");
  EXPECT_EQ(lines[1]["message"], "back");
  EXPECT_EQ(lines[1]["failures"], 2);  // beside the one that was said
  EXPECT_EQ(lines[2]["error"], "again");
}

TEST(StateLogTest, WhatGoesToAndFroHasFewLines) {
  Capture capture;
  Logging logging(capture.Options());
  StateLog log({.component = "x", .lost = "lost", .back = "back", .pause = absl::Hours(1)});
  for (int i = 0; i < 1000; ++i) {
    log.Fails("why");
    log.Works();
  }
  logging.Flush();
  EXPECT_EQ(capture.lines().size(), 2u);
}

// Though it failed within the pause, the log doesn't end with "back".
TEST(StateLogTest, AFailureThatLastsIsSaidAfterThePause) {
  Capture capture;
  Logging logging(capture.Options());
  StateLog log({.component = "x", .lost = "lost", .back = "back", .pause = absl::Milliseconds(50)});
  log.Fails("first");
  log.Works();
  while (capture.lines().size() < 3) {
    log.Fails("second");
    logging.Flush();
  }
  EXPECT_EQ(capture.lines()[2]["error"], "second");
}

}  // namespace
}  // namespace baliprocess::telemetry
