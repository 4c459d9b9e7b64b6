// What the contract tests of the stores share.

#ifndef BALIPROCESS_TESTS_CONTRACT_STORAGE_FIXTURE_H_
#define BALIPROCESS_TESTS_CONTRACT_STORAGE_FIXTURE_H_

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

#include "common/base/status_macros.h"
#include "common/storage/database.h"
#include "common/testing/engine.h"
#include "common/testing/matchers.h"

namespace baliprocess::storage {

// Runs one statement in a transaction of its own.
inline absl::Status Execute(Database& db, std::string_view sql,
                            const std::vector<Value>& params = {}) {
  return db.Write([&](Transaction& tx) { return tx.Execute(sql, params).status(); });
}

// The rows of one SELECT, of a Read of its own; empty on error, which fails the test.
inline std::vector<Row> Select(Database& db, std::string_view sql,
                               const std::vector<Value>& params = {}) {
  std::vector<Row> rows;
  const absl::Status status = db.Read([&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(rows, tx.Query(sql, params));
    return absl::OkStatus();
  });
  EXPECT_OK(status);
  return rows;
}

// The single number that a SELECT answers, -1 when it doesn't.
inline int64_t SelectInt(Database& db, std::string_view sql,
                         const std::vector<Value>& params = {}) {
  const std::vector<Row> rows = Select(db, sql, params);
  return rows.size() == 1 ? AsInt(rows[0][0]) : -1;
}

class StorageTest : public ::testing::TestWithParam<std::string> {
 protected:
  // One row, id 1, n 0.
  void CreateCounter(Database& db) {
    ASSERT_OK(Execute(db, "CREATE TABLE counter (id BIGINT PRIMARY KEY, n BIGINT NOT NULL)"));
    ASSERT_OK(Execute(db, "INSERT INTO counter VALUES (1, 0)"));
  }

  testing::TestStore store_{GetParam()};
  std::unique_ptr<Database> db_ = store_.Open();
};

}  // namespace baliprocess::storage

#endif  // BALIPROCESS_TESTS_CONTRACT_STORAGE_FIXTURE_H_
