// Filters: whatever a caller sends is refused with INVALID_FIELDS, or compiled to SQL that SQLite
// can prepare, with a parameter for each question mark.

#include <sqlite3.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "baliprocess/membership/v1/member.pb.h"
#include "baliprocess/membership/v1/seat.pb.h"
#include "common/base/errors.h"
#include "common/resource/contract/columns.h"
#include "common/resource/query/filter.h"

namespace {

using baliprocess::api::v1::Visibility;
using baliprocess::resource::Column;
using baliprocess::resource::ColumnKind;

void Require(bool holds, const char* what, const std::string& detail) {
  if (holds) return;
  std::fprintf(stderr, "%s: %s\n", what, detail.c_str());
  std::abort();
}

// A seat's columns, and one of each kind that it hasn't.
std::vector<Column> MakeColumns() {
  std::vector<Column> columns =
      baliprocess::resource::ColumnsOf(baliprocess::membership::v1::Seat::descriptor());
  for (const auto& [name, kind] :
       {std::pair("tags", ColumnKind::kTextList), std::pair("open", ColumnKind::kBool),
        std::pair("size", ColumnKind::kInt), std::pair("ratio", ColumnKind::kDouble)}) {
    Column column;
    column.path = column.name = name;
    column.kind = kind;
    columns.push_back(column);
  }
  return columns;
}

sqlite3* OpenTable(const std::vector<Column>& columns) {
  std::string create = "CREATE TABLE t (";
  for (const Column& column : columns) {
    for (const std::string& declaration : baliprocess::resource::DeclarationsOf(column)) {
      create += declaration + ", ";
    }
  }
  create += "parent TEXT)";
  sqlite3* database = nullptr;
  Require(sqlite3_open(":memory:", &database) == SQLITE_OK, "open", "");
  Require(sqlite3_exec(database, create.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK, "create",
          create);
  return database;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const std::vector<Column>& columns = *new std::vector<Column>(MakeColumns());
  static sqlite3* const database = OpenTable(columns);
  const std::string_view filter(reinterpret_cast<const char*>(data), size);
  const auto condition =
      baliprocess::resource::CompileFilter(filter, columns, Visibility::RESTRICTED);
  if (!condition.ok()) {
    Require(
        baliprocess::ReasonOf(condition.status()) == baliprocess::api::v1::Error::INVALID_FIELDS,
        "not a violation", condition.status().ToString());
    return 0;
  }
  Require(std::count(condition->sql.begin(), condition->sql.end(), '?') ==
              static_cast<std::ptrdiff_t>(condition->params.size()),
          "parameters", condition->sql);
  // As a list puts it together.
  const std::string sql = "SELECT name FROM t WHERE (parent = ?) AND (delete_time IS NULL) AND (" +
                          condition->sql + ") AND (name > ?) ORDER BY name LIMIT ?";
  sqlite3_stmt* statement = nullptr;
  const int code =
      sqlite3_prepare_v2(database, sql.data(), static_cast<int>(sql.size()), &statement, nullptr);
  Require(code == SQLITE_OK, sqlite3_errmsg(database), sql);
  sqlite3_finalize(statement);
  return 0;
}
