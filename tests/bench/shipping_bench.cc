// What shipping changes costs those who write to a SQLite store.
//
//   shipping_bench [DIRECTORY]
//
// 16 threads each update a row, wait until the change is on disk, and go on: on a store that ships
// what changes to a folder and on one that doesn't, by turns, so that both see the same machine.
// Figures are medians of the rounds. DIRECTORY (default: the current one) must be on a disk, not in
// memory; folder and stores are both there, so that one disk has the work of two. The status is 1
// when fewer changes are made than the goal says.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"

#include "common/base/status_macros.h"
#include "common/storage/database.h"
#include "common/storage/shipping.h"

namespace baliprocess::storage {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kThreads = 16;
constexpr int kRounds = 7;
constexpr int64_t kRows = 10'000;
constexpr std::chrono::milliseconds kRoundTime(2000);
constexpr double kGoal = 0.7;

void Require(const absl::Status& status) {
  if (status.ok()) return;
  std::fprintf(stderr, "%s\n", status.ToString().c_str());
  std::exit(2);
}

void Fill(Database& db) {
  Require(db.Write([](Transaction& tx) -> absl::Status {
    RETURN_IF_ERROR(
        tx.Execute("CREATE TABLE record (id BIGINT PRIMARY KEY, n BIGINT, body BYTEA)").status());
    for (int64_t id = 0; id < kRows; ++id) {
      RETURN_IF_ERROR(
          tx.Execute("INSERT INTO record VALUES (?, 0, ?)", {id, Bytes{std::string(300, 'x')}})
              .status());
    }
    return absl::OkStatus();
  }));
}

// Changes a second.
double Run(Database& db) {
  std::atomic<int64_t> changes = 0;
  const auto start = Clock::now();
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      for (int64_t n = 0; Clock::now() - start < kRoundTime; ++n) {
        const int64_t id = (n * kThreads + i) * 7919 % kRows;
        Require(db.Write([&](Transaction& tx) {
          return tx.Send("UPDATE record SET n = n + 1 WHERE id = ?", {id});
        }));
        ++changes;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  return static_cast<double>(changes) / std::chrono::duration<double>(Clock::now() - start).count();
}

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

int Main(const std::string& directory) {
  const std::string folder = directory + "/shipping-bench";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder + "/shipped");
  ShippingOptions shipping;
  shipping.folder = folder + "/shipped";
  shipping.service = "bench";
  auto plain = Database::Open(folder + "/plain.db");
  auto shipped = OpenShippedSqlite(folder + "/shipped.db", {}, shipping);
  Require(plain.status());
  Require(shipped.status());
  Fill(**plain);
  Fill(**shipped);
  std::vector<double> without, with, ratios;
  for (int round = 0; round < kRounds; ++round) {
    without.push_back(Run(**plain));
    with.push_back(Run(**shipped));
    ratios.push_back(with.back() / without.back());
  }
  const double ratio = Median(ratios);
  std::printf("%-28s %12s\n%-28s %12.0f\n%-28s %12.0f\n%-28s %12.2f (goal: at least %.2f)\n",
              "16 writers", "changes/s", "nothing is shipped", Median(without), "shipped",
              Median(with), "ratio", ratio, kGoal);
  std::printf("%-28s %12llu\n%-28s %12.1f\n", "given up",
              static_cast<unsigned long long>(shipping.numbers->gaps.get()), "MB shipped",
              static_cast<double>(shipping.numbers->bytes.get()) / 1e6);
  shipped->reset();
  plain->reset();
  std::filesystem::remove_all(folder);
  return ratio >= kGoal && shipping.numbers->gaps.get() == 0 ? 0 : 1;
}

}  // namespace
}  // namespace baliprocess::storage

int main(int argc, char** argv) { return baliprocess::storage::Main(argc > 1 ? argv[1] : "."); }
