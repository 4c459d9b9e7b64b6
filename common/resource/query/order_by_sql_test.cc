// Paging by key through tables, on both engines.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/resource/query/order_by.h"
#include "common/resource/query/sql_fixture.h"

namespace baliprocess::resource {
namespace {

using testing::EngineName;
using testing::EngineNames;

class OrderBySqlTest : public SqlTest {
 protected:
  OrderBySqlTest() {
    // Ties everywhere, so that every part of a key decides somewhere.
    std::vector<TestRow> rows;
    for (int i = 0; i < 48; ++i) {
      TestRow row;
      row.name = absl::StrCat("r", i / 10, i % 10);
      row.title = i % 3 == 0 ? "" : i % 3 == 1 ? "B" : "\xc3\xa4";
      row.open = i % 2 == 0;
      row.size = i % 4 - 1;
      row.ratio = (i % 5) / 3.0;
      row.start = i % 6 == 0 ? "" : i % 6 == 1 ? "2024" : "2024-02";
      if (i % 7 != 0) row.made_time = int64_t{i % 7 - 3};
      rows.push_back(row);
    }
    Insert(rows);
  }

  OrderBy Parse(const std::string& text) {
    auto order = OrderBy::Parse(text, columns_, api::v1::Visibility::MEMBERS);
    EXPECT_OK(order) << text;
    return *std::move(order);
  }

  std::vector<std::string> All(const OrderBy& order) {
    std::vector<std::string> names;
    for (const auto& row : Query("SELECT name FROM t ORDER BY " + order.Sql(), {})) {
      names.push_back(storage::AsText(row[0]));
    }
    return names;
  }

  // All names, by pages of `size` rows, each found by the encoded key of the one before.
  std::vector<std::string> ByPages(const OrderBy& order, int size) {
    std::vector<std::string> names;
    Condition after{"TRUE", {}};
    for (;;) {
      const auto rows = Query(absl::StrCat("SELECT ", order.KeySql(), " FROM t WHERE ", after.sql,
                                           " ORDER BY ", order.Sql(), " LIMIT ", size),
                              after.params);
      if (rows.empty() || names.size() > 100) return names;
      for (const auto& row : rows) names.push_back(storage::AsText(row.back()));
      const auto key = order.DecodeKey(order.EncodeKey(rows.back()));
      EXPECT_OK(key);
      after = order.After(*key);
    }
  }
};

TEST_P(OrderBySqlTest, PagesAreTheWholeInOrder) {
  for (const char* text :
       {"", "name desc", "size", "size desc", "open, size desc", "title desc, open, ratio desc",
        "ratio", "term.start", "term.start desc, title", "made_time desc", "made_time, size",
        "open desc, name desc", "size, name, title"}) {
    const OrderBy order = Parse(text);
    const std::vector<std::string> all = All(order);
    EXPECT_EQ(all.size(), 48u);
    for (const int size : {1, 5, 48}) EXPECT_EQ(ByPages(order, size), all) << text;
  }
}

TEST_P(OrderBySqlTest, AbsentDatesAndTimesComeFirst) {
  EXPECT_EQ(All(Parse("term.start"))[0], "r00");
  EXPECT_EQ(All(Parse("term.start desc")).back(), "r42");
  EXPECT_EQ(All(Parse("made_time"))[0], "r00");
}

TEST_P(OrderBySqlTest, TextOrdersByBytes) {
  const std::vector<std::string> all = All(Parse("title"));
  EXPECT_EQ(all.front(), "r00");
  EXPECT_EQ(all[16], "r01");
  EXPECT_EQ(all.back(), "r47");
}

TEST_P(OrderBySqlTest, LongTextsPageByTheirBeginning) {
  const std::string start(100, 'z');
  Insert({{.name = "long1", .title = start + "b"}, {.name = "long2", .title = start + "a"}});
  const OrderBy order = Parse("title desc");
  EXPECT_EQ(ByPages(order, 1), All(order));
  EXPECT_EQ(All(order).size(), 50u);
}

INSTANTIATE_TEST_SUITE_P(Engines, OrderBySqlTest, ::testing::ValuesIn(EngineNames()), EngineName);

}  // namespace
}  // namespace baliprocess::resource
