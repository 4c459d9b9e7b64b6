// What orders are refused for, and keys; order_by_sql_test.cc has what they order.

#include "common/resource/query/order_by.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "baliprocess/membership/v1/official.pb.h"
#include "common/resource/query/seal.h"
#include "common/testing/matchers.h"

namespace baliprocess::resource {
namespace {

using storage::Value;
using ::testing::AllOf;
using ::testing::ElementsAre;
using testing::HasReason;
using testing::IsOk;
using testing::MessageHas;
using ::testing::Not;

absl::StatusOr<OrderBy> Parse(std::string_view text) {
  std::vector<Column> columns = ColumnsOf(membership::v1::Official::descriptor());
  Column list;
  list.path = list.name = "tags";
  list.kind = ColumnKind::kTextList;
  columns.push_back(list);
  Column flag;
  flag.path = flag.name = "open";
  flag.kind = ColumnKind::kBool;
  columns.push_back(flag);
  Column real;
  real.path = real.name = "ratio";
  real.kind = ColumnKind::kDouble;
  columns.push_back(real);
  Column secret;
  secret.path = secret.name = "secret";
  secret.visibility = api::v1::Visibility::RESTRICTED;
  columns.push_back(secret);
  return OrderBy::Parse(text, columns, api::v1::Visibility::MEMBERS);
}

void ExpectRefused(std::string_view text, const std::string& message) {
  EXPECT_THAT(Parse(text),
              AllOf(HasReason(api::v1::Error::INVALID_FIELDS), MessageHas("order_by: " + message)))
      << text;
}

TEST(OrderByTest, ByNameUsesThePrimaryKey) {
  ASSERT_OK_AND_ASSIGN(const OrderBy order, Parse(""));
  EXPECT_EQ(order.Sql(), "name");
  EXPECT_EQ(order.KeySql(), "name");
  const Condition after = order.After({Value("officials/a")});
  EXPECT_EQ(after.sql, "name > ?");
  EXPECT_THAT(after.params, ElementsAre(Value("officials/a")));
  EXPECT_EQ(Parse("name")->Sql(), "name");
  EXPECT_EQ(Parse(" name desc ")->After({Value("officials/a")}).sql, "name < ?");
}

TEST(OrderByTest, EndsWithTheName) {
  EXPECT_EQ(Parse("member desc")->Sql(), "member DESC, name");
  EXPECT_EQ(Parse("member,name desc,visibility")->Sql(), "member, name DESC");
  EXPECT_EQ(Parse("  member   desc ,visibility")->Sql(), "member DESC, visibility, name");
}

TEST(OrderByTest, NamesWhatItCantOrderBy) {
  ExpectRefused("rank", "there is no field rank to order by");
  ExpectRefused("secret", "there is no field secret to order by");
  ExpectRefused("given_name", "there is no field given_name to order by");
  ExpectRefused("tags", "the list tags can't be ordered by");
  ExpectRefused("member, member desc", "must name member only once");
  ExpectRefused("name, name", "must name name only once");
  ExpectRefused("member DESC", "must be fields, each followed by desc");
  ExpectRefused("member asc", "must be fields, each followed by desc");
  ExpectRefused("member desc desc", "must be fields, each followed by desc");
  ExpectRefused(",", "must be fields, each followed by desc");
  ExpectRefused("member,", "must be fields, each followed by desc");
  ExpectRefused("member; DROP TABLE t", "must be fields, each followed by desc");
}

TEST(OrderByTest, ReportsAllViolations) {
  EXPECT_THAT(Parse("rank, tags"), AllOf(MessageHas("no field rank"), MessageHas("list tags")));
}

TEST(OrderByTest, LimitsTheNumberOfFields) {
  EXPECT_OK(Parse("member, visibility, open, name"));
  ExpectRefused("member, visibility, open, ratio", "must name at most 3 fields besides name");
  ExpectRefused(std::string(5000, ','), "must name at most 3 fields besides name");
}

TEST(OrderByTest, KeysSurviveEncoding) {
  ASSERT_OK_AND_ASSIGN(const OrderBy order, Parse("open desc, ratio, create_time"));
  const std::string bytes =
      order.EncodeKey({Value(int64_t{1}), Value(0.1), Value(int64_t{-5}), Value("officials/a")});
  ASSERT_OK_AND_ASSIGN(const std::vector<Value> key, order.DecodeKey(bytes));
  EXPECT_THAT(key, ElementsAre(Value(true), Value(0.1), Value(int64_t{-5}), Value("officials/a")));
}

TEST(OrderByTest, BytesOfAnotherOrderAreRefused) {
  ASSERT_OK_AND_ASSIGN(const OrderBy order, Parse("open, member"));
  const std::string bytes =
      order.EncodeKey({Value(true), Value("members/a"), Value("officials/a")});
  ASSERT_OK(order.DecodeKey(bytes));
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_THAT(order.DecodeKey(bytes.substr(0, size)),
                HasReason(api::v1::Error::INVALID_PAGE_TOKEN));
  }
  EXPECT_THAT(order.DecodeKey(bytes + "x"), HasReason(api::v1::Error::INVALID_PAGE_TOKEN));
  EXPECT_THAT(Parse("")->DecodeKey(bytes), HasReason(api::v1::Error::INVALID_PAGE_TOKEN));
  std::string damaged = bytes;
  damaged[0] = '\xff';
  EXPECT_THAT(order.DecodeKey(damaged), HasReason(api::v1::Error::INVALID_PAGE_TOKEN));
}

TEST(OrderByTest, AKeyOfAnotherSizeIsAfterNothing) {
  EXPECT_EQ(Parse("member")->After({Value("officials/a")}).sql, "FALSE");
}

TEST(OrderByTest, TheLongestKeyFitsIntoAToken) {
  // The most fields, texts of as many characters of four bytes as a key holds, the longest names.
  ASSERT_OK_AND_ASSIGN(const OrderBy order, Parse("display_name, family_name, member"));
  EXPECT_EQ(order.KeySql(),
            "SUBSTR(display_name, 1, 100), SUBSTR(family_name, 1, 100), member, name");
  const std::string text(400, '\xf0');
  const std::string id(63, 'a');
  const std::string name = "officials/" + id + "/appointments/" + id;
  const std::string key = order.EncodeKey({Value(text), Value(text), Value(text), Value(name)});
  // A fingerprint of the query may be sealed with it.
  const Sealer sealer("key");
  const std::string token = sealer.Seal(key + std::string(64, 'f'), "q");
  EXPECT_LE(token.size(), Sealer::kMaxTokenLength);
  EXPECT_OK(sealer.Open(token, "q"));
}

}  // namespace
}  // namespace baliprocess::resource
