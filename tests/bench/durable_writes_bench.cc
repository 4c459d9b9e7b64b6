// What sharing commits is worth on both engines, and what a read costs.
//
//   durable_writes_bench [DIRECTORY]
//
// 64 threads each update a row, wait until the change is on disk, and go on: with group commit and
// with a commit for each, by turns, so that both see the same machine. Figures are medians of the
// rounds. DIRECTORY (default: the current one) must be on a disk, not in memory, as /tmp must be,
// where the PostgreSQL server has its data. The status is 1 when group commit is worth less than
// the goal on either engine.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "absl/status/status.h"

#include "common/base/status_macros.h"
#include "common/storage/database.h"
#include "common/testing/postgres.h"

namespace baliprocess::storage {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kThreads = 64;
constexpr int kRounds = 7;
constexpr int64_t kRows = 10'000;
constexpr std::chrono::milliseconds kRoundTime(1500);
constexpr double kSqliteGoal = 2.5;
constexpr double kPostgresGoal = 3;

struct Result {
  double per_second;
  double p50_ms;
  double p99_ms;
  double worst_ms;
};

template <typename T>
T Median(std::vector<T> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

Result MedianOf(const std::vector<Result>& rounds) {
  const auto median = [&](double Result::*field) {
    std::vector<double> values;
    for (const Result& round : rounds) values.push_back(round.*field);
    return Median(values);
  };
  return {median(&Result::per_second), median(&Result::p50_ms), median(&Result::p99_ms),
          median(&Result::worst_ms)};
}

void Require(const absl::Status& status) {
  if (status.ok()) return;
  std::fprintf(stderr, "%s\n", status.ToString().c_str());
  std::exit(2);
}

std::unique_ptr<Database> OpenStore(const std::string& path, bool group_commit) {
  auto database = Database::Open(path, {.group_commit = group_commit});
  Require(database.status());
  return *std::move(database);
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

Result RunWrites(Database& db) {
  std::vector<std::vector<double>> latencies(kThreads);
  const auto start = Clock::now();
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      for (int64_t n = 0; Clock::now() - start < kRoundTime; ++n) {
        const int64_t id = (n * kThreads + i) % kRows;
        const auto before = Clock::now();
        Require(db.Write([&](Transaction& tx) {
          return tx.Send("UPDATE record SET n = n + 1 WHERE id = ?", {id});
        }));
        latencies[i].push_back(
            std::chrono::duration<double, std::milli>(Clock::now() - before).count());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  std::vector<double> all;
  for (const auto& each : latencies) all.insert(all.end(), each.begin(), each.end());
  std::sort(all.begin(), all.end());
  return {all.size() / seconds, all[all.size() / 2], all[all.size() * 99 / 100], all.back()};
}

// Microseconds per SELECT of one row by its key, in a Read of its own.
double RunReads(Database& db) {
  const int kReads = db.reads_are_local() ? 100'000 : 10'000;
  const auto start = Clock::now();
  for (int64_t i = 0; i < kReads; ++i) {
    Require(db.Read([&](Transaction& tx) {
      return tx.Query("SELECT n, body FROM record WHERE id = ?", {i * 7919 % kRows}).status();
    }));
  }
  return std::chrono::duration<double, std::micro>(Clock::now() - start).count() / kReads;
}

void Print(const char* name, const Result& result) {
  std::printf("%-22s %12.0f %10.2f %10.2f %10.2f\n", name, result.per_second, result.p50_ms,
              result.p99_ms, result.worst_ms);
}

bool Compare(const char* engine, const std::string& target, double goal) {
  Fill(*OpenStore(target, true));
  std::vector<Result> grouped;
  std::vector<Result> single;
  std::vector<double> reads;
  for (int i = 0; i < kRounds; ++i) {
    grouped.push_back(RunWrites(*OpenStore(target, true)));
    single.push_back(RunWrites(*OpenStore(target, false)));
    reads.push_back(RunReads(*OpenStore(target, true)));
  }
  const Result with = MedianOf(grouped);
  const Result without = MedianOf(single);
  const double ratio = with.per_second / without.per_second;
  std::printf("durable updates on %s, %d callers, median of %d rounds\n", engine, kThreads,
              kRounds);
  std::printf("%-22s %12s %10s %10s %10s\n", "", "per second", "p50 ms", "p99 ms", "worst ms");
  Print("group commit", with);
  Print("one commit each", without);
  std::printf("%-22s %12.2f (goal: at least %.1f)\n", "ratio", ratio, goal);
  std::printf("point read             %12.2f us\n", Median(reads));
  return ratio >= goal;
}

int Run(const std::string& directory) {
  const bool sqlite = Compare("SQLite", directory + "/store.db", kSqliteGoal);
  auto server = testing::ThrowawayPostgres::Create({.fsync = true});
  Require(server.status());
  const auto url = (*server)->CreateDatabase();
  Require(url.status());
  const bool postgres = Compare("PostgreSQL", *url, kPostgresGoal);
  return sqlite && postgres ? 0 : 1;
}

}  // namespace
}  // namespace baliprocess::storage

int main(int argc, char** argv) {
  std::string directory = std::string(argc > 1 ? argv[1] : ".") + "/durable-writes-XXXXXX";
  if (mkdtemp(directory.data()) == nullptr) {
    std::perror(directory.c_str());
    return 2;
  }
  const int status = baliprocess::storage::Run(directory);
  std::error_code ignored;  // what remains is a temporary file
  std::filesystem::remove_all(directory, ignored);
  return status;
}
