// What filters select, on both engines.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/resource/query/sql_fixture.h"

namespace baliprocess::resource {
namespace {

using membership::v1::Seat;
using testing::EngineName;
using testing::EngineNames;

class FilterSqlTest : public SqlTest {
 protected:
  // The names that a filter selects, joined.
  std::string Select(const std::string& filter) {
    const auto condition = CompileFilter(filter, columns_, api::v1::Visibility::MEMBERS);
    EXPECT_OK(condition) << filter;
    if (!condition.ok()) return "error";
    std::string names;
    for (const storage::Row& row :
         Query(absl::StrCat("SELECT name FROM t WHERE ", condition->sql, " ORDER BY name"),
               condition->params)) {
      absl::StrAppend(&names, names.empty() ? "" : " ", storage::AsText(row[0]));
    }
    return names;
  }

  struct Case {
    std::string filter;
    std::string names;
  };
  void ExpectAll(const std::vector<Case>& cases) {
    for (const Case& one : cases) EXPECT_EQ(Select(one.filter), one.names) << one.filter;
  }
};

TEST_P(FilterSqlTest, Text) {
  Insert({{.name = "a", .title = "Ad Hoc Group"},
          {.name = "b", .title = "ad hoc"},
          {.name = "c", .title = "100%_!*\"'\\"},
          {.name = "d", .title = ""},
          {.name = "e", .title = "\xc3\x84rzte"}});
  ExpectAll({
      {"", "a b c d e"},
      {" \n\t", "a b c d e"},
      {"title = 'Ad Hoc Group'", "a"},
      {"title=\"ad hoc\"", "b"},
      {"title != 'ad hoc'", "a c d e"},
      {"title = ''", "d"},
      {"title = 'Ad*'", "a"},
      {"title = Ad*", "a"},
      {"title = '*hoc'", "b"},
      {"title = '*d ho*'", "b"},
      {"title != '*d*'", "c d e"},
      {"title = *", "a b c d e"},
      {"title = '*%_!\\**'", "c"},
      {"title = '\\*'", ""},
      {"title:'Hoc'", "a"},
      {"title:Hoc", "a"},
      {"title:'%'", "c"},
      {"title:'_'", "c"},
      {"title:'!'", "c"},
      {"title:'*'", "c"},
      {"title:'\"'", "c"},
      {"title:\"'\"", "c"},
      {"title:'\\\\'", "c"},
      {"title:*", "a b c e"},
      {"NOT title:*", "d"},
      {"title < 'B' AND title >= 'A'", "a"},
      {"title > z", "e"},
      {"title = \xc3\x84*", "e"},
      {"name <= b", "a b"},
      {"title = '; DROP TABLE t; --'", ""},
  });
}

// As it is kept: composed, without blanks at its ends.
TEST_P(FilterSqlTest, WhatIsComparedWithTextsIsInTheirForm) {
  Insert({{.name = "a", .title = "H\u1ed9i ngh\u1ecb", .tags = "\x1fH\u1ed9i\x1f"},
          {.name = "b", .title = "Police two\nlines"},
          {.name = "c ", .title = "Policewoman"}});
  ExpectAll({
      {"title = 'Ho\u0323\u0302i nghi\u0323'", "a"},
      {"title = Ho\u0323\u0302i*", "a"},
      {"title = '*nghi\u0323 '", "a"},
      {"title:'\u0302i nghi\u0323'", ""},
      {"title:'o\u0323\u0302i'", "a"},
      {"title != 'Ho\u0323\u0302i nghi\u0323'", "b c "},
      {"title < 'Ho\u0323\u0302j'", "a"},
      {"tags:' Ho\u0323\u0302i'", "a"},
      {"title = ' Policewoman\u00a0'", "c "},
      {"title:'Police '", "b"},
      {"title:'Police\u00a0two'", "b"},
      {"title = 'Police *'", "b"},
      {"title = ' Police*'", "b c "},
      {"title = '* two\\r\\nlines'", "b"},
      // Names aren't texts.
      {"name = 'c'", ""},
      {"name = 'c '", "c "},
  });
}

TEST_P(FilterSqlTest, ListsEnumsBoolsAndNumbers) {
  Insert({{.name = "a", .tags = "\x1fx\x1fyy\x1f", .role = Seat::CHAIR, .open = true, .size = -3},
          {.name = "b", .tags = "\x1fy\x1f", .role = Seat::PARTICIPANT, .size = 7, .ratio = 0.5},
          {.name = "c"}});
  ExpectAll({
      {"tags:x", "a"},
      {"tags:y", "b"},
      {"tags:yy", "a"},
      {"tags:*", "a b"},
      {"NOT tags:x", "b c"},
      {"tags:'%'", ""},
      {"role = CHAIR", "a"},
      {"role = \"CHAIR\"", "a"},
      {"role != CHAIR", "b c"},
      {"role:CHAIR", "a"},
      {"role = ROLE_UNSPECIFIED", "c"},
      {"role:*", "a b"},
      {"open = true", "a"},
      {"open != true", "b c"},
      {"open:false", "b c"},
      {"open:*", "a"},
      {"size = -3", "a"},
      {"size < 0", "a"},
      {"size >= 0", "b c"},
      {"size > 0", "b"},
      {"size != 7", "a c"},
      {"size:7", "b"},
      {"size:*", "a b"},
      {"size < 9223372036854775807", "a b c"},
      {"ratio = 0.5", "b"},
      {"ratio > 1e-3", "b"},
      {"ratio <= 0", "a c"},
      {"ratio:*", "b"},
  });
}

TEST_P(FilterSqlTest, Dates) {
  Insert({{.name = "day", .start = "2024-05-02"},
          {.name = "month", .start = "2024-05"},
          {.name = "none"},
          {.name = "year", .start = "2024"}});
  ExpectAll({
      // Within, and certainly so.
      {"term.start = 2024", "day month year"},
      {"term.start = 2024-05", "day month"},
      {"term.start = 2024-05-02", "day"},
      {"term.start:2024-05", "day month"},
      {"term.start = '2024-05-02'", "day"},
      // The year may lie within May, so neither it nor its negation is selected.
      {"NOT term.start = 2024-05", ""},
      {"term.start != 2024-05", ""},
      {"term.start != 2024-06", "day month"},
      {"NOT term.start = 2024-06", "day month"},
      {"term.start != 2023", "day month year"},
      {"-term.start = 2023", "day month year"},
      {"term.start < 2025", "day month year"},
      {"term.start < 2024-06", "day month"},
      {"term.start < 2024", ""},
      {"term.start < 2024-05-15", "day"},
      {"NOT term.start < 2024-05-15", ""},
      {"term.start <= 2024", "day month year"},
      {"term.start <= 2024-05-02", "day"},
      {"term.start > 2023", "day month year"},
      {"term.start > 2024-04", "day month"},
      {"term.start > 2024", ""},
      {"NOT term.start > 2024", "day month year"},
      {"term.start >= 2024", "day month year"},
      {"term.start >= 2024-05", "day month"},
      {"term.start >= 2024-05-02", "day"},
      {"NOT term.start >= 2024-05-02", ""},
      {"NOT term.start >= 2025", "day month year"},
      {"term.start:*", "day month year"},
      {"NOT term.start:*", "none"},
      {"NOT term.start:* OR term.start > 2023", "day month none year"},
  });
}

TEST_P(FilterSqlTest, Times) {
  // 2024-05-02T10:30:00.5Z
  Insert({{.name = "a", .made_time = int64_t{1714645800500000}}, {.name = "none"}});
  ExpectAll({
      {"made_time = 2024-05-02T10:30:00.5Z", "a"},
      {"made_time = 2024-05-02t10:30:00.5z", "a"},
      {"made_time = 2024-05-02t18:30:00.5+08:00", "a"},
      {"made_time = '2024-05-02T18:30:00.5+08:00'", "a"},
      {"made_time = 2024-05-02T10:30:00Z", ""},
      {"made_time > 2024-05-02T10:30:00Z", "a"},
      {"made_time <= 2024-05-02T10:30:00Z", ""},
      {"made_time <= 2024-05-02T10:30:00.5Z", "a"},
      {"made_time = 2024-05-02", "a"},
      {"made_time:2024-05", "a"},
      {"made_time = 2024", "a"},
      {"made_time != 2024", ""},
      {"made_time != 2023", "a"},
      {"NOT made_time = 2024-05-03", "a"},
      {"made_time < 2024-05-02", ""},
      {"made_time <= 2024-05-02", "a"},
      {"made_time > 2024-05-02", ""},
      {"made_time >= 2024-05-02", "a"},
      {"made_time > 2024-02-29", "a"},
      {"made_time:*", "a"},
      {"NOT made_time:*", "none"},
  });
}

TEST_P(FilterSqlTest, OperatorsBindAsTheAipSays) {
  Insert({{.name = "a", .open = true, .size = 1},
          {.name = "b", .open = true, .size = 2},
          {.name = "c", .open = false, .size = 1},
          {.name = "d", .open = false, .size = 3}});
  ExpectAll({
      {"open = true AND size = 1", "a"},
      {"open = true size = 1", "a"},
      {"open = true OR size = 1", "a b c"},
      // OR binds tighter than AND.
      {"size = 3 OR open = true AND size = 1", "a"},
      {"(size = 3) OR (open = true AND size = 1)", "a d"},
      {"size = 1 OR size = 3 open = false", "c d"},
      {"NOT open = true", "c d"},
      {"-open = true", "c d"},
      {"NOT (open = true OR size = 3)", "c"},
      {"-(open = true AND size = 1)", "b c d"},
      {"NOT NOT open = true", "a b"},
      {"NOT -open = true", "a b"},
      {"NOT(size=1 OR(size=2))", "d"},
      {"((((size = 1))))", "a c"},
      {"size=1 -open=true", "c"},
      {"(size = 1 OR size = 2) (open = false OR size = 2)", "b c"},
  });
}

TEST_P(FilterSqlTest, TheLargestFiltersRun) {
  Insert({{.name = "a", .size = 1}});
  // As deep as allowed, every parenthesis after something that its parser has to remember.
  for (const std::string level : {"size=1 AND (size=2 OR (", "NOT (", "size=1 AND NOT (", "(",
                                  "(size=2 OR size=1) AND (size=2 OR "}) {
    std::string filter = "size=1";
    int parentheses = 0;
    int depth = 0;
    std::string opening;
    const int depth_of_level = static_cast<int>(std::count(level.begin(), level.end(), '(')) -
                               static_cast<int>(std::count(level.begin(), level.end(), ')')) +
                               (level.find("NOT") != std::string::npos ? 1 : 0);
    for (; depth + depth_of_level + 1 <= kMaxFilterDepth; depth += depth_of_level) {
      opening += level;
      parentheses += static_cast<int>(std::count(level.begin(), level.end(), '(')) -
                     static_cast<int>(std::count(level.begin(), level.end(), ')'));
    }
    filter = opening + filter + std::string(parentheses, ')');
    EXPECT_EQ(Select(filter), "a") << filter;
  }
  // As wide as allowed, with long values.
  std::string wide = "size = 1";
  for (int i = 1; i < kMaxFilterComparisons; ++i) {
    absl::StrAppend(&wide, i % 2 == 0 ? " AND " : " OR ", "size = 1");
  }
  EXPECT_EQ(Select(wide), "a");
  EXPECT_EQ(Select(absl::StrCat("NOT title:'", std::string(kMaxFilterValueLength, '%'), "'")), "a");
  // A balanced tree: both sides of everything are nested.
  std::string tree = "size = 1";
  for (int i = 0; i < 7; ++i) {
    tree = absl::StrCat("(", tree, i % 2 == 0 ? " OR " : " AND ", tree, ")");
  }
  EXPECT_EQ(Select(tree), "a");
}

INSTANTIATE_TEST_SUITE_P(Engines, FilterSqlTest, ::testing::ValuesIn(EngineNames()), EngineName);

}  // namespace
}  // namespace baliprocess::resource
