#include "common/resource/contract/columns.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include "baliprocess/membership/v1/official.pb.h"
#include "baliprocess/membership/v1/seat.pb.h"

namespace baliprocess::resource {
namespace {

using membership::v1::Official;
using membership::v1::Seat;
using storage::Value;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const Column& ColumnAt(const std::vector<Column>& columns, std::string_view path) {
  const Column* column = FindColumn(columns, path);
  EXPECT_NE(column, nullptr) << path;
  return column == nullptr ? columns.front() : *column;
}

std::vector<Value> ValuesOf(std::string_view path, const google::protobuf::Message& message) {
  const std::vector<Column> columns = ColumnsOf(message.GetDescriptor());
  std::vector<Value> values;
  AppendValues(ColumnAt(columns, path), message, values);
  return values;
}

Seat SeatOf(const std::string& text) {
  Seat seat;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &seat));
  return seat;
}

TEST(ColumnsTest, AreTheFilterableFieldsWithTheNameFirst) {
  std::vector<std::string> paths;
  for (const Column& column : ColumnsOf(Seat::descriptor())) paths.push_back(column.path);
  EXPECT_THAT(paths, ElementsAre("name", "create_time", "update_time", "delete_time", "visibility",
                                 "member", "role", "term.start_date", "term.end_date"));
}

TEST(ColumnsTest, SaysWhatAColumnIs) {
  const std::vector<Column> columns = ColumnsOf(Seat::descriptor());
  EXPECT_EQ(ColumnAt(columns, "name").kind, ColumnKind::kText);
  EXPECT_EQ(ColumnAt(columns, "create_time").kind, ColumnKind::kTime);
  EXPECT_EQ(ColumnAt(columns, "role").kind, ColumnKind::kEnum);
  EXPECT_EQ(ColumnAt(columns, "role").enum_type, Seat::Role_descriptor());
  EXPECT_EQ(ColumnAt(columns, "term.end_date").kind, ColumnKind::kDate);
  EXPECT_EQ(ColumnAt(columns, "term.end_date").name, "term_end_date");
  EXPECT_EQ(FindColumn(columns, "basis"), nullptr);
  EXPECT_EQ(FindColumn(columns, "term"), nullptr);
}

TEST(ColumnsTest, ReferencesAreIndexed) {
  const std::vector<Column> columns = ColumnsOf(Seat::descriptor());
  EXPECT_TRUE(ColumnAt(columns, "member").indexed);
  EXPECT_FALSE(ColumnAt(columns, "role").indexed);
}

TEST(ColumnsTest, DeclaresDatesAsTwoColumns) {
  const std::vector<Column> columns = ColumnsOf(Seat::descriptor());
  EXPECT_THAT(DeclarationsOf(ColumnAt(columns, "term.start_date")),
              ElementsAre("term_start_date_first BIGINT", "term_start_date_last BIGINT"));
  EXPECT_THAT(SqlNamesOf(ColumnAt(columns, "term.start_date")),
              ElementsAre("term_start_date_first", "term_start_date_last"));
  EXPECT_THAT(DeclarationsOf(ColumnAt(columns, "role")),
              ElementsAre("role BIGINT NOT NULL DEFAULT 0"));
  EXPECT_THAT(DeclarationsOf(ColumnAt(columns, "member")),
              ElementsAre("member TEXT NOT NULL DEFAULT ''"));
  EXPECT_THAT(DeclarationsOf(ColumnAt(columns, "update_time")), ElementsAre("update_time BIGINT"));
}

TEST(ColumnsTest, DeclaresEveryKind) {
  Column column;
  column.name = "c";
  column.kind = ColumnKind::kTextList;
  EXPECT_THAT(DeclarationsOf(column), ElementsAre("c TEXT NOT NULL DEFAULT ''"));
  column.kind = ColumnKind::kBool;
  EXPECT_THAT(DeclarationsOf(column), ElementsAre("c BOOLEAN NOT NULL DEFAULT FALSE"));
  column.kind = ColumnKind::kInt;
  EXPECT_THAT(DeclarationsOf(column), ElementsAre("c BIGINT NOT NULL DEFAULT 0"));
  column.kind = ColumnKind::kDouble;
  EXPECT_THAT(DeclarationsOf(column), ElementsAre("c DOUBLE PRECISION NOT NULL DEFAULT 0"));
}

TEST(ColumnsTest, ReadsValues) {
  const Seat seat = SeatOf(R"(name: "bodies/ahg/seats/aus" member: "members/aus" role: CHAIR
      create_time { seconds: 1714608000 nanos: 123456789 }
      term { start_date { year: 2023 month: 2 } })");
  EXPECT_THAT(ValuesOf("name", seat), ElementsAre(Value("bodies/ahg/seats/aus")));
  EXPECT_THAT(ValuesOf("role", seat), ElementsAre(Value(int64_t{Seat::CHAIR})));
  EXPECT_THAT(ValuesOf("create_time", seat), ElementsAre(Value(int64_t{1714608000123456})));
  EXPECT_THAT(ValuesOf("term.start_date", seat),
              ElementsAre(Value(int64_t{20230201}), Value(int64_t{20230228})));
}

TEST(ColumnsTest, AbsentValuesAreNullOrZero) {
  const Seat seat;
  EXPECT_THAT(ValuesOf("member", seat), ElementsAre(Value("")));
  EXPECT_THAT(ValuesOf("role", seat), ElementsAre(Value(int64_t{0})));
  EXPECT_THAT(ValuesOf("create_time", seat), ElementsAre(Value()));
  EXPECT_THAT(ValuesOf("term.end_date", seat), ElementsAre(Value(), Value()));
}

TEST(ColumnsTest, ABadDateIsStoredAsNone) {
  EXPECT_THAT(ValuesOf("term.end_date", SeatOf("term { end_date { month: 13 } }")),
              ElementsAre(Value(), Value()));
}

TEST(ColumnsTest, JoinsListsByUnitSeparators) {
  // No contract has a filterable list yet; the rows of a text list are read the same way.
  membership::v1::BatchGetSeatsRequest request;
  Column column;
  column.kind = ColumnKind::kTextList;
  column.fields = {request.GetDescriptor()->FindFieldByName("names")};
  std::vector<Value> values;
  AppendValues(column, request, values);
  request.add_names("a");
  request.add_names("b");
  AppendValues(column, request, values);
  EXPECT_THAT(values, ElementsAre(Value(""), Value("\x1f"
                                                   "a\x1f"
                                                   "b\x1f")));
}

TEST(ColumnsTest, AnOfficialsContactHasNone) {
  const std::vector<Column> columns = ColumnsOf(Official::descriptor());
  EXPECT_EQ(FindColumn(columns, "contact.email"), nullptr);
  EXPECT_EQ(ColumnAt(columns, "family_name").visibility, api::v1::Visibility::LEVEL_UNSPECIFIED);
}

}  // namespace
}  // namespace baliprocess::resource
