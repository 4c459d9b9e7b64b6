// What an event loop counts. One thread changes these numbers, with the instructions that a plain
// number takes; any thread may read them at any time.

#ifndef BALIPROCESS_SERVICES_GATEWAY_NET_COUNTS_H_
#define BALIPROCESS_SERVICES_GATEWAY_NET_COUNTS_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "common/base/steady_time.h"

namespace baliprocess::gateway {

// Only grows.
class Count {
 public:
  void Add(uint64_t amount = 1) {
    value_.store(value_.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
  }
  uint64_t get() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<uint64_t> value_ = 0;
};

// How long something took: how many times it was up to each bound.
class Durations {
 public:
  // In seconds. What took longer than the last is counted behind it.
  static constexpr std::array<double, 16> kBounds = {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005,
                                                     0.01,   0.025,   0.05,   0.1,   0.25,   0.5,
                                                     1,      2.5,     5,      10};

  void Add(SteadyTime::duration time) {
    const double seconds = std::chrono::duration<double>(time).count();
    size_t i = 0;
    while (i < kBounds.size() && seconds > kBounds[i]) ++i;
    counts_[i].Add();
    nanoseconds_.Add(
        static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(time).count()));
  }

  // Between the bound before it, exclusive, and this one.
  uint64_t count(size_t i) const { return counts_[i].get(); }
  double seconds() const { return static_cast<double>(nanoseconds_.get()) * 1e-9; }

 private:
  std::array<Count, kBounds.size() + 1> counts_;
  Count nanoseconds_;
};

// Counts by a word that is known where the program is written, such as why something was refused.
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

// Bytes that went through sockets, TLS and HTTP/2 around them included.
struct Traffic {
  Count received;
  Count sent;
};

// Of one loop; what concerns calls is in calls/call_counts.h.
struct LoopCounts {
  Traffic clients;
  Traffic services;
  // From when the loop has something to do until it waits again: what comes meanwhile waits so
  // long.
  Durations turns;

  // Of clients' connections.
  Count accepted;
  Count closed;
  Count handshakes;  // of TLS, that succeeded
  CountsByWord handshake_failures;
  CountsByWord cut_off;         // by why
  CountsByWord http1_refusals;  // requests that can't be read or served as HTTP/1.1, by why
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_NET_COUNTS_H_
