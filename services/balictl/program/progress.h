// How far something long has come, on a terminal.

#ifndef BALIPROCESS_SERVICES_BALICTL_PROGRAM_PROGRESS_H_
#define BALIPROCESS_SERVICES_BALICTL_PROGRAM_PROGRESS_H_

#include <cstddef>
#include <ostream>
#include <string>

#include "absl/time/time.h"

namespace baliprocess::balictl {

// A line that is written anew, a few times a second: `  1200 of 20000 records, 412 a second, 46 s
// left`. Without a terminal nothing is written.
class Progress {
 public:
  // `terminal`: whether `out` is one.
  Progress(std::ostream& out, bool terminal, std::string what);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // From now on, towards `total`.
  void Begin(size_t total);
  void Add(size_t count);
  // Takes the line away, so that something else can be written.
  void End();

 private:
  void Write();

  std::ostream& out_;
  const bool terminal_;
  const std::string what_;
  size_t total_ = 0;
  size_t done_ = 0;
  absl::Time began_;
  absl::Time written_;
  bool shown_ = false;
};

}  // namespace baliprocess::balictl

#endif  // BALIPROCESS_SERVICES_BALICTL_PROGRAM_PROGRESS_H_
