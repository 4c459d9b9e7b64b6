// Numbers that a program counts of what it does, for whoever reads them at any time.

#ifndef BALIPROCESS_COMMON_BASE_COUNTS_H_
#define BALIPROCESS_COMMON_BASE_COUNTS_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "absl/time/time.h"

#include "common/base/steady_time.h"

namespace baliprocess {

// Only grows. One thread changes it, with the instructions that a plain number takes; any thread
// may read it.
class Count {
 public:
  void Add(uint64_t amount = 1) {
    value_.store(value_.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
  }
  uint64_t get() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<uint64_t> value_ = 0;
};

// The same for many threads that change it.
class SharedCount {
 public:
  void Add(uint64_t amount = 1) { value_.fetch_add(amount, std::memory_order_relaxed); }
  uint64_t get() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<uint64_t> value_ = 0;
};

// What histograms measure: their bounds, in the unit that they are told in, and how much of it one
// is that is counted.
struct Seconds {  // counted in nanoseconds
  static constexpr std::array<double, 16> kBounds = {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005,
                                                     0.01,   0.025,   0.05,   0.1,   0.25,   0.5,
                                                     1,      2.5,     5,      10};
  static constexpr double kUnit = 1e-9;
};
struct Items {
  static constexpr std::array<double, 11> kBounds = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024};
  static constexpr double kUnit = 1;
};

// How many times something was up to each bound. What is more than the last is counted behind it.
template <typename Measure, typename Number>
class Histogram {
 public:
  static constexpr size_t kCells = Measure::kBounds.size() + 1;

  void AddUnits(uint64_t units) {
    const double value = static_cast<double>(units) * Measure::kUnit;
    size_t i = 0;
    while (i < Measure::kBounds.size() && value > Measure::kBounds[i]) ++i;
    counts_[i].Add();
    units_.Add(units);
  }

  // Between the bound before it, exclusive, and this one.
  uint64_t count(size_t i) const { return counts_[i].get(); }
  // How many were added.
  uint64_t total() const {
    uint64_t total = 0;
    for (const Number& count : counts_) total += count.get();
    return total;
  }
  // Of all that was added.
  double sum() const { return static_cast<double>(units_.get()) * Measure::kUnit; }

 private:
  std::array<Number, kCells> counts_;
  Number units_;
};

// How long something took.
template <typename Number>
class DurationsOf : public Histogram<Seconds, Number> {
 public:
  void Add(SteadyTime::duration time) {
    this->AddUnits(
        static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(time).count()));
  }
  // A clock that was set back counts as nothing.
  void Add(absl::Duration time) {
    const int64_t nanoseconds = absl::ToInt64Nanoseconds(time);
    this->AddUnits(nanoseconds > 0 ? static_cast<uint64_t>(nanoseconds) : 0);
  }
};
using Durations = DurationsOf<Count>;
using SharedDurations = DurationsOf<SharedCount>;

// How many things something was of.
using SharedSizes = Histogram<Items, SharedCount>;

// Sums of histograms of one measure.
template <typename Measure>
struct SumOf {
  std::array<uint64_t, Measure::kBounds.size() + 1> counts = {};
  double sum = 0;

  SumOf() = default;
  template <typename Number>
  explicit SumOf(const Histogram<Measure, Number>& histogram) {
    Add(histogram);
  }
  template <typename Number>
  void Add(const Histogram<Measure, Number>& histogram) {
    for (size_t i = 0; i < counts.size(); ++i) counts[i] += histogram.count(i);
    sum += histogram.sum();
  }
};
using SummedDurations = SumOf<Seconds>;
using SummedSizes = SumOf<Items>;

// Counts by a word that is known where the program is written, such as why something was refused.
// One thread changes them.
class CountsByWord {
 public:
  // `word` is a literal.
  void Add(std::string_view word) {
    for (size_t i = 0; i < cells_.size(); ++i) {
      Cell& cell = cells_[i];
      const char* const text = cell.text.load(std::memory_order_relaxed);
      if (text != nullptr && word != std::string_view(text, cell.size)) continue;
      if (text == nullptr) {
        cell.size = word.size();
        cell.text.store(word.data(), std::memory_order_release);
      }
      return cell.count.Add();
    }
    other_.Add();
  }

  // Adds what was counted to `sums`; words beyond the first 24 are `other`.
  void AddTo(std::map<std::string, uint64_t>& sums) const {
    for (const Cell& cell : cells_) {
      const char* const text = cell.text.load(std::memory_order_acquire);
      if (text == nullptr) break;
      sums[std::string(text, cell.size)] += cell.count.get();
    }
    if (other_.get() > 0) sums["other"] += other_.get();
  }

 private:
  struct Cell {
    std::atomic<const char*> text = nullptr;
    size_t size = 0;  // set before the text
    Count count;
  };
  std::array<Cell, 24> cells_;
  Count other_;
};

}  // namespace baliprocess

#endif  // BALIPROCESS_COMMON_BASE_COUNTS_H_
