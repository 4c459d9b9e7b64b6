#include "services/balictl/program/progress.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace baliprocess::balictl {
namespace {

constexpr absl::Duration kPause = absl::Milliseconds(200);  // between two times it is written

}  // namespace

Progress::Progress(std::ostream& out, bool terminal, std::string what)
    : out_(out), terminal_(terminal), what_(std::move(what)) {}

Progress::~Progress() { End(); }

void Progress::Begin(size_t total) {
  total_ = total;
  done_ = 0;
  began_ = absl::Now();
  written_ = absl::InfinitePast();
}

void Progress::Add(size_t count) {
  done_ += count;
  if (terminal_ && absl::Now() - written_ >= kPause) Write();
}

void Progress::End() {
  if (shown_) out_ << "\r\x1b[K" << std::flush;
  shown_ = false;
}

void Progress::Write() {
  written_ = absl::Now();
  const double seconds = absl::ToDoubleSeconds(written_ - began_);
  const double rate = seconds > 0 ? static_cast<double>(done_) / seconds : 0;
  std::string line = absl::StrCat("  ", done_, " of ", total_, " ", what_);
  if (rate > 0 && done_ <= total_) {
    absl::StrAppend(&line, ", ", static_cast<int64_t>(rate), " a second, ",
                    static_cast<int64_t>(static_cast<double>(total_ - done_) / rate), " s left");
  }
  out_ << "\r\x1b[K" << line << std::flush;
  shown_ = true;
}

}  // namespace baliprocess::balictl
