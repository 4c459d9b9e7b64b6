// Both storage engines for contract tests: one test body, instantiated over EngineNames().
//
//   class MyTest : public ::testing::TestWithParam<std::string> {
//    protected:
//     TestStore store_{GetParam()};
//   };
//   INSTANTIATE_TEST_SUITE_P(Engines, MyTest, ::testing::ValuesIn(EngineNames()), EngineName);
//
// Two environment variables run such tests on PostgreSQL alone, in another way: BALI_TEST_LISTEN is
// Database::Options::listen_target, such as `none`; with BALI_TEST_POSES_AS the server answers
// `SELECT version()` with that text, such as `CockroachDB`, and the store takes its dialect.

#ifndef BALIPROCESS_COMMON_TESTING_ENGINE_H_
#define BALIPROCESS_COMMON_TESTING_ENGINE_H_

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "common/storage/database.h"

namespace baliprocess::testing {

inline constexpr char kSqlite[] = "sqlite";
inline constexpr char kPostgres[] = "postgres";

std::vector<std::string> EngineNames();

inline std::string EngineName(const ::testing::TestParamInfo<std::string>& info) {
  return info.param;
}

// A fresh, empty store. On PostgreSQL it is a database of ThrowawayPostgres::Shared().
class TestStore {
 public:
  explicit TestStore(std::string engine);
  ~TestStore();

  TestStore(const TestStore&) = delete;
  TestStore& operator=(const TestStore&) = delete;

  const std::string& engine() const { return engine_; }
  bool is_sqlite() const { return engine_ == kSqlite; }

  // What Database::Open and a service's flag take.
  const std::string& target() const { return target_; }

  // Opens the store. Opened again after the first Database has gone, it is as after a restart; on
  // PostgreSQL two Databases at once are two replicas. Ends the process when it can't be opened.
  std::unique_ptr<storage::Database> Open(storage::Database::Options options = {}) const;

 private:
  const std::string engine_;
  std::string directory_;  // SQLite's
  std::string target_;
};

}  // namespace baliprocess::testing

#endif  // BALIPROCESS_COMMON_TESTING_ENGINE_H_
