// What is logged while this object lives, as text.

#ifndef BALIPROCESS_COMMON_TESTING_LOG_CAPTURE_H_
#define BALIPROCESS_COMMON_TESTING_LOG_CAPTURE_H_

#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>

#include "common/telemetry/log.h"

namespace baliprocess::testing {

class LogCapture {
 public:
  LogCapture()
      : logging_({.format = telemetry::Format::kText, .write = [this](std::string_view lines) {
                    const std::lock_guard<std::mutex> lock(mutex_);
                    text_.append(lines);
                  }}) {}

  std::string text() {
    logging_.Flush();
    const std::lock_guard<std::mutex> lock(mutex_);
    return text_;
  }

  // How many lines contain this.
  int Count(std::string_view what) {
    int count = 0;
    const std::string all = text();
    for (size_t at = all.find(what); at != std::string::npos; at = all.find(what, at)) {
      ++count;
      at = all.find('\n', at);
    }
    return count;
  }

 private:
  std::mutex mutex_;
  std::string text_;
  telemetry::Logging logging_;
};

}  // namespace baliprocess::testing

#endif  // BALIPROCESS_COMMON_TESTING_LOG_CAPTURE_H_
