// A table with a column of every kind, for tests that run what filters and orders compile to.

#ifndef BALIPROCESS_COMMON_RESOURCE_QUERY_SQL_FIXTURE_H_
#define BALIPROCESS_COMMON_RESOURCE_QUERY_SQL_FIXTURE_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "baliprocess/membership/v1/seat.pb.h"
#include "common/base/date.h"
#include "common/resource/contract/columns.h"
#include "common/resource/query/filter.h"
#include "common/storage/database.h"
#include "common/testing/engine.h"
#include "common/testing/matchers.h"

namespace baliprocess::resource {

inline Column TestColumn(const std::string& path, ColumnKind kind) {
  Column column;
  column.path = path;
  column.name = path;
  std::replace(column.name.begin(), column.name.end(), '.', '_');
  column.kind = kind;
  if (kind == ColumnKind::kEnum) column.enum_type = membership::v1::Seat::Role_descriptor();
  return column;
}

inline std::vector<Column> TestColumns() {
  std::vector<Column> columns = {
      TestColumn("name", ColumnKind::kText),      TestColumn("title", ColumnKind::kText),
      TestColumn("tags", ColumnKind::kTextList),  TestColumn("role", ColumnKind::kEnum),
      TestColumn("open", ColumnKind::kBool),      TestColumn("size", ColumnKind::kInt),
      TestColumn("ratio", ColumnKind::kDouble),   TestColumn("term.start", ColumnKind::kDate),
      TestColumn("made_time", ColumnKind::kTime), TestColumn("secret", ColumnKind::kText),
  };
  for (Column& column : columns) column.text = column.path == "title" || column.path == "tags";
  columns.back().visibility = api::v1::Visibility::RESTRICTED;
  return columns;
}

// A row; everything not set is zero, empty or absent.
struct TestRow {
  std::string name = {};
  std::string title = {};
  std::string tags = {};
  int64_t role = 0;
  bool open = false;
  int64_t size = 0;
  double ratio = 0;
  std::string start = {};  // as ParseDate reads it
  storage::Value made_time = {};
};

class SqlTest : public ::testing::TestWithParam<std::string> {
 protected:
  SqlTest() {
    std::vector<std::string> declarations;
    for (const Column& column : columns_) {
      for (const std::string& declaration : DeclarationsOf(column)) {
        declarations.push_back(declaration);
      }
    }
    const std::string create =
        absl::StrCat("CREATE TABLE t (", absl::StrJoin(declarations, ", "), ")");
    EXPECT_OK(database_->Write(
        [&](storage::Transaction& transaction) { return transaction.Execute(create).status(); }));
  }

  void Insert(const std::vector<TestRow>& rows) {
    EXPECT_OK(database_->Write([&](storage::Transaction& transaction) -> absl::Status {
      for (const TestRow& row : rows) {
        storage::Value first;
        storage::Value last;
        if (const auto date = ParseDate(row.start)) {
          first = int64_t{DaysOf(*date).first};
          last = int64_t{DaysOf(*date).last};
        }
        const absl::Status status =
            transaction
                .Execute("INSERT INTO t VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                         {row.name, row.title, row.tags, row.role, row.open, row.size, row.ratio,
                          first, last, row.made_time, std::string("secret")})
                .status();
        if (!status.ok()) return status;
      }
      return absl::OkStatus();
    }));
  }

  std::vector<storage::Row> Query(const std::string& sql,
                                  const std::vector<storage::Value>& params) {
    std::vector<storage::Row> rows;
    EXPECT_OK(database_->Read([&](storage::Transaction& transaction) -> absl::Status {
      auto result = transaction.Query(sql, params);
      if (!result.ok()) return result.status();
      rows = *std::move(result);
      return absl::OkStatus();
    })) << sql;
    return rows;
  }

  const std::vector<Column> columns_ = TestColumns();
  testing::TestStore store_{GetParam()};
  std::unique_ptr<storage::Database> database_ = store_.Open();
};

}  // namespace baliprocess::resource

#endif  // BALIPROCESS_COMMON_RESOURCE_QUERY_SQL_FIXTURE_H_
