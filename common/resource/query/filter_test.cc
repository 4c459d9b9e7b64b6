// What filters are refused for; filter_sql_test.cc has what they select.

#include "common/resource/query/filter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

#include "baliprocess/membership/v1/seat.pb.h"
#include "common/testing/matchers.h"

namespace baliprocess::resource {
namespace {

using membership::v1::Seat;
using ::testing::AllOf;
using testing::HasReason;
using testing::MessageHas;

absl::StatusOr<Condition> Compile(std::string_view filter) {
  std::vector<Column> columns = ColumnsOf(Seat::descriptor());
  Column list;
  list.path = list.name = "tags";
  list.kind = ColumnKind::kTextList;
  columns.push_back(list);
  Column number;
  number.path = number.name = "size";
  number.kind = ColumnKind::kInt;
  columns.push_back(number);
  Column real;
  real.path = real.name = "ratio";
  real.kind = ColumnKind::kDouble;
  columns.push_back(real);
  Column flag;
  flag.path = flag.name = "open";
  flag.kind = ColumnKind::kBool;
  columns.push_back(flag);
  Column secret;
  secret.path = secret.name = "secret";
  secret.visibility = api::v1::Visibility::RESTRICTED;
  columns.push_back(secret);
  return CompileFilter(filter, columns, api::v1::Visibility::MEMBERS);
}

void ExpectRefused(const std::string& filter, const std::string& message) {
  EXPECT_THAT(Compile(filter), AllOf(HasReason(api::v1::Error::INVALID_FIELDS),
                                     MessageHas(absl::StrCat("filter: ", message))))
      << filter;
}

TEST(FilterTest, AnEmptyFilterIsTrue) {
  ASSERT_OK_AND_ASSIGN(const Condition condition, Compile(""));
  EXPECT_EQ(condition.sql, "TRUE");
  EXPECT_TRUE(condition.params.empty());
}

TEST(FilterTest, ValuesAreParameters) {
  ASSERT_OK_AND_ASSIGN(const Condition condition,
                       Compile("member = \"members/aus' OR 1=1 --\" role = CHAIR"));
  EXPECT_EQ(condition.sql.find("aus"), std::string::npos);
  EXPECT_EQ(condition.params.size(), 2u);
}

TEST(FilterTest, NamesWhatIsntAField) {
  ExpectRefused("rank = 1", "at character 1: there is no field rank to filter by");
  ExpectRefused("role = CHAIR AND rank = 1", "at character 18: there is no field rank");
  ExpectRefused("basis = x", "at character 1: there is no field basis to filter by");
  ExpectRefused("term = 2024", "at character 1: there is no field term to filter by");
  ExpectRefused("role.x = 1", "at character 1: there is no field role.x to filter by");
  ExpectRefused("Role = CHAIR", "at character 1: there is no field Role to filter by");
}

TEST(FilterTest, FieldsAboveTheClearanceDontExist) {
  ExpectRefused("secret = x", "at character 1: there is no field secret to filter by");
}

TEST(FilterTest, CountsCharactersNotBytes) {
  ExpectRefused("member = '\xc3\xa4\xe0\xb8\x81' rank = 1", "at character 15: there is no field");
}

TEST(FilterTest, ExpectsTheTypeOfTheField) {
  ExpectRefused("role = BOSS",
                "at character 8: expected one of ROLE_UNSPECIFIED, PARTICIPANT, CHAIR, "
                "BODY_OBSERVER");
  ExpectRefused("role = 2", "at character 8: expected one of");
  ExpectRefused("role = chair", "at character 8: expected one of");
  ExpectRefused("role > CHAIR", "at character 6: expected `=` or `!=` after role");
  ExpectRefused("open = 1", "at character 8: expected true or false");
  ExpectRefused("open < true", "at character 6: expected `=` or `!=` after open");
  ExpectRefused("size = x", "at character 8: expected a whole number");
  ExpectRefused("size = 1.5", "at character 8: expected a whole number");
  ExpectRefused("size = '1'", "at character 8: expected a whole number");
  ExpectRefused("size = 9223372036854775808", "at character 8: expected a whole number");
  ExpectRefused("size = *", "at character 8: expected a whole number");
  ExpectRefused("ratio = x", "at character 9: expected a number");
  ExpectRefused("ratio = nan", "at character 9: expected a number");
  ExpectRefused("ratio = inf", "at character 9: expected a number");
  ExpectRefused("tags = x", "at character 6: expected `:` after the list tags");
  ExpectRefused("tags > x", "at character 6: expected `:` after the list tags");
}

TEST(FilterTest, ExpectsDatesThatExist) {
  for (const char* date : {"2024-02-30", "2024-13", "24", "2024-5", "yesterday", "'2024-05-02 '",
                           "2024-05-02T00:00:00Z", "0000", "''"}) {
    ExpectRefused(absl::StrCat("term.start_date > ", date),
                  "at character 19: expected a date: 2024, 2024-05 or 2024-05-02");
  }
}

TEST(FilterTest, ExpectsTimesThatExist) {
  for (const char* time :
       {"2024-02-30", "infinite-future", "2024-05-02T25:00:00Z", "2024-05-02T10:00:00", "now",
        "'2024-05-02 10:00:00Z'", "12024-05-02T10:00:00Z", "2024-05-02T10:00:00Zx",
        "-024-05-02T10:00:00Z", "2024-02-30T10:00:00Z"}) {
    ExpectRefused(absl::StrCat("create_time > ", time), "at character 15: expected a time such as");
  }
}

TEST(FilterTest, ExpectsWildcardsAtTheEnds) {
  ExpectRefused("member = 'a*b'", "at character 10: expected asterisks only at the ends");
  ExpectRefused("member = 'a**'", "at character 10: expected asterisks only at the ends");
}

TEST(FilterTest, SaysWhatIsntSupported) {
  ExpectRefused("australia", "at character 1: expected a field, an operator and a value: search");
  ExpectRefused("\"australia\"", "at character 1: expected a field, an operator and a value");
  ExpectRefused("role = CHAIR australia", "at character 14: expected a field, an operator");
  ExpectRefused("count(role) > 1", "at character 1: functions aren't supported");
  ExpectRefused("role = (CHAIR OR PARTICIPANT)", "at character 8: expected a single value");
  ExpectRefused("role ~ CHAIR", "at character 1: expected a field, an operator and a value");
}

TEST(FilterTest, PointsAtWhatIsMissing) {
  ExpectRefused("role =", "at character 6: expected a value after the operator");
  ExpectRefused("role = AND open = true", "at character 8: expected a value");
  ExpectRefused("role = = CHAIR", "at character 8: expected a value");
  ExpectRefused("role = CHAIR AND", "at character 17: expected a comparison");
  ExpectRefused("role = CHAIR OR", "at character 16: expected a comparison");
  ExpectRefused("AND role = CHAIR", "at character 1: expected a comparison");
  ExpectRefused("role = CHAIR AND OR open = true", "at character 18: expected a comparison");
  ExpectRefused("NOT", "at character 4: expected a comparison");
  ExpectRefused("-", "at character 2: expected a comparison");
  ExpectRefused("= CHAIR", "at character 1: expected a comparison");
  ExpectRefused("()", "at character 2: expected a comparison");
  ExpectRefused("(role = CHAIR", "at character 1: the parenthesis isn't closed");
  ExpectRefused("role = CHAIR)", "at character 13: there is no parenthesis to close");
  ExpectRefused("member = \"aus", "at character 10: the quotation mark isn't closed");
  ExpectRefused("member = 'aus\\'", "at character 10: the quotation mark isn't closed");
  ExpectRefused("member = 'aus\\", "at character 10: the quotation mark isn't closed");
  ExpectRefused("role = CHAIR, open = true", "at character 13: expected a comparison");
  ExpectRefused("member = a\\b", "at character 11: expected a comparison");
}

TEST(FilterTest, RefusesDepth) {
  for (const char* level : {"(", "NOT ", "-", "NOT (", "-(", "role = CHAIR AND ("}) {
    std::string filter;
    for (int i = 0; i < 10'000; ++i) filter += level;
    EXPECT_THAT(Compile(filter + "role = CHAIR"),
                AllOf(HasReason(api::v1::Error::INVALID_FIELDS),
                      MessageHas("parentheses and negations are nested deeper than 50 levels")));
  }
  EXPECT_OK(Compile(std::string(50, '(') + "role = CHAIR" + std::string(50, ')')));
  EXPECT_OK(Compile(std::string(50, '-') + "role = CHAIR"));
  ExpectRefused(std::string(51, '-') + "role = CHAIR", "at character 52: parentheses and");
}

TEST(FilterTest, RefusesTooManyComparisons) {
  std::string filter = "open=true";
  for (int i = 1; i < 200; ++i) filter += " open=true";
  EXPECT_OK(Compile(filter));
  ExpectRefused(filter + " open=true", "at character 2001: there are more than 200 comparisons");
}

TEST(FilterTest, RefusesTooManySearches) {
  const std::string search = "member:aus OR ";
  std::string filter = "member = aus";
  for (int i = 0; i < kMaxFilterSearches; ++i) filter.insert(0, search);
  EXPECT_OK(Compile(filter));
  const size_t at = filter.find("member = aus");
  filter.replace(at, 12, "NOT member = '*s'");
  ExpectRefused(filter,
                absl::StrCat("at character ", at + 5, ": there are more than ", kMaxFilterSearches,
                             " comparisons that search within texts or lists"));
  // What an index can serve isn't counted.
  filter.replace(at, 17, "member = 's*' OR member = s");
  EXPECT_OK(Compile(filter));
}

TEST(FilterTest, RefusesLongValues) {
  EXPECT_OK(Compile("member = " + std::string(1000, 'x')));
  ExpectRefused("member = " + std::string(1001, 'x'),
                "at character 10: the value has more than 1000 characters");
}

TEST(FilterTest, RefusesWhatIsntText) {
  ExpectRefused("member = '\xff'", "must be valid UTF-8");
  ExpectRefused(std::string("member = 'a\0b'", 14), "must not have control characters");
  ExpectRefused("tags:'\x1f'", "must not have control characters");
}

}  // namespace
}  // namespace baliprocess::resource
