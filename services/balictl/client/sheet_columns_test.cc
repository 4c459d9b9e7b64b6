// Headings, dates and ids of sheets.

#include "services/balictl/client/sheet_columns.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

#include "services/balictl/client/sheet_dates.h"
#include "services/balictl/client/sheet_ids.h"
#include "services/balictl/contract/cells.h"
#include "services/balictl/contract/table.h"
#include "services/balictl/program/command_line.h"

namespace baliprocess::balictl {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

using Strings = std::vector<std::string>;

SheetRow RowOf(const Strings& texts) {
  SheetRow row{1, {}};
  for (const std::string& text : texts) row.cells.push_back({text});
  return row;
}

SheetTarget TargetOf(const std::string& into, const std::string& with = "") {
  const auto target = FindSheetTarget(into, with);
  EXPECT_TRUE(target.ok()) << target.status();
  return target.value_or(SheetTarget{});
}

// What each column is of: a field, `*` before one of the companion; `name`, `etag`, `-`.
Strings Match(const SheetTarget& target, const Strings& headings, const Strings& maps = {},
              const Strings& ignored = {}) {
  const auto matched = MatchColumns(RowOf(headings), target, maps, ignored);
  if (!matched.ok()) {
    EXPECT_TRUE(IsUsageError(matched.status()));
    return {std::string(matched.status().message())};
  }
  Strings fields;
  for (const SheetColumn& column : matched->columns) {
    switch (column.use) {
      case SheetColumn::Use::kLeftAside:
        fields.emplace_back("-");
        break;
      case SheetColumn::Use::kName:
        fields.emplace_back("name");
        break;
      case SheetColumn::Use::kEtag:
        fields.emplace_back("etag");
        break;
      case SheetColumn::Use::kField:
        fields.push_back(absl::StrCat(column.of_companion ? "*" : "", TitleOf(column.path)));
    }
  }
  return fields;
}

TEST(Headings, AreFieldsAsPeopleWriteThem) {
  const SheetTarget seats = TargetOf("bodies/ahg/seats");
  EXPECT_THAT(Match(seats, {"Name", "ID"}), ElementsAre(HasSubstr("both of the field name")));
  EXPECT_THAT(Match(seats, {"NAME", "member", " Role ", "term.start_date", "uid", "etag"}),
              ElementsAre("name", "member", "role", "term.start_date", "-", "etag"));
  EXPECT_THAT(Match(seats, {"Id", "MEMBER:", "Term start-date", "End Date"}),
              ElementsAre("name", "member", "term.start_date", "term.end_date"));
}

TEST(Headings, ThatFitTheCompanionAreTheCompanions) {
  const SheetTarget both = TargetOf("activities/a/participations", "practitioner");
  EXPECT_THAT(Match(both, {"Member", "Agency", "Full name", "Birth date", "E-mail", "Attendance",
                           "participation.agency", "Practitioner"}),
              ElementsAre("*member", "*agency", "*identity.full_name", "*identity.birth_date",
                          "*identity.email", "attendance", "agency", "practitioner"));
  EXPECT_EQ(FindSheetTarget("activities/a/participations", "role").status().message(),
            "--with: role is no field of participations that refers to a record without a parent");
}

TEST(Headings, ThatAreOfNoFieldAreToldTogetherWithTheNearest) {
  const SheetTarget seats = TargetOf("bodies/ahg/seats");
  EXPECT_THAT(Match(seats, {"id", "Membr", "Rôle", "Remarks"}),
              ElementsAre(AllOf(HasSubstr("Membr (column B) is of no field. Did you mean member?"),
                                HasSubstr("Remarks (column D) is of no field."),
                                HasSubstr("--ignore 'HEADING'"))));
  EXPECT_THAT(Match(seats, {"id", "State", "Remarks"}, {"State=member"}, {"remarks"}),
              ElementsAre("name", "member", "-"));
  EXPECT_THAT(Match(seats, {"id", "a", "b"}, {}, {"*"}), ElementsAre("name", "-", "-"));
  EXPECT_THAT(Match(seats, {"id"}, {"State=member"}),
              ElementsAre(HasSubstr("the sheet hasn't every heading")));
  EXPECT_THAT(Match(seats, {"id"}, {"State=membr"}),
              ElementsAre(HasSubstr("Did you mean member?")));
  EXPECT_THAT(Match(seats, {"id"}, {"State"}), ElementsAre(HasSubstr("must be HEADING=FIELD")));
  EXPECT_THAT(Match(seats, {"member", "Member"}),
              ElementsAre(HasSubstr("both of the field member")));
}

std::string DateIn(const std::string& text, DateOrder order = DateOrder::kUnknown) {
  const auto read = ReadSheetDate(text, order);
  return read.ok() ? *read : std::string(read.status().message());
}

TEST(SheetDates, ThatSayThemselvesAreRead) {
  for (const char* text : {"2023-04-03", "2023/4/3", "2023.04.03", "3 April 2023", "3-Apr-2023",
                           "Apr 3, 2023", "3. APR 2023"}) {
    EXPECT_EQ(DateIn(text), "2023-04-03") << text;
    EXPECT_FALSE(AsksForOrder(text)) << text;
  }
  for (const char* text : {"2023-04", "2023/04", "04/2023", "4.2023", "April 2023", "Apr-2023"}) {
    EXPECT_EQ(DateIn(text), "2023-04") << text;
  }
  EXPECT_EQ(DateIn("2023"), "2023");
}

TEST(SheetDates, AreNeverGuessed) {
  EXPECT_TRUE(AsksForOrder("03/04/2023"));
  EXPECT_TRUE(AsksForOrder("31/12/2023"));
  EXPECT_EQ(DateIn("03/04/2023"), "may be two dates: \"03/04/2023\"");
  EXPECT_EQ(DateIn("03/04/2023", DateOrder::kDayFirst), "2023-04-03");
  EXPECT_EQ(DateIn("03/04/2023", DateOrder::kMonthFirst), "2023-03-04");
  EXPECT_EQ(DateIn("31.12.2023", DateOrder::kDayFirst), "2023-12-31");
  EXPECT_THAT(DateIn("31/12/2023", DateOrder::kMonthFirst), HasSubstr("isn't a date in the order"));
  EXPECT_THAT(DateIn("31/12/2023", DateOrder::kYearFirst), HasSubstr("isn't a date in the order"));
  for (const char* text : {"03/04/23", "Feb 23", "30 Feb 2023", "May", "1/2/3/2023", "2023-13",
                           "3 Apr May 2023", "99999", "soon", "12 12 12"}) {
    EXPECT_THAT(DateIn(text, DateOrder::kDayFirst), HasSubstr("must be a date such as")) << text;
  }
  EXPECT_EQ(ParseDateOrder("ydm").status().message(), "--date_order must be dmy, mdy or ymd");
}

std::string IdOf(const std::string& text, const Strings& cells) {
  const SheetTarget both = TargetOf("activities/a/participations", "practitioner");
  const auto columns =
      MatchColumns(RowOf({"No.", "Member", "Full name", "Agency"}), both, {}, {"No."});
  EXPECT_TRUE(columns.ok()) << columns.status();
  const auto ids = IdTemplate::Parse(text, *columns);
  if (!ids.ok()) return std::string(ids.status().message());
  const auto id = ids->IdOf(RowOf(cells));
  return id.ok() ? *id : std::string(id.status().message());
}

TEST(SheetIds, AreMadeOfColumns) {
  EXPECT_EQ(IdOf("bkk24-{No}", {"017"}), "bkk24-017");
  EXPECT_EQ(IdOf("w-{member}-{Agency}", {"", "members/aus", "", " Côte  d’Or (Police) "}),
            "w-aus-cote-d-or-police");
  EXPECT_EQ(IdOf("{No}", {"17"}).substr(0, 12), "'17' must be");
  EXPECT_EQ(IdOf("b{No}", {""}), "needs No. (column A), which is empty");
  EXPECT_THAT(IdOf("b{Agency}", {"", "", "", "警察"}), HasSubstr("can't be made of the letters"));
  EXPECT_THAT(IdOf("b{No}", {std::string(70, 'x')}), HasSubstr("1 to 63"));
}

TEST(SheetIds, NameNobody) {
  EXPECT_THAT(IdOf("b-{Full name}", {}), HasSubstr("identifies a person, which an id mustn't"));
  EXPECT_THAT(IdOf("b-{Nr}", {}), HasSubstr("there is no column Nr"));
  EXPECT_THAT(IdOf("b-{No", {}), HasSubstr("a brace is never closed"));
  EXPECT_THAT(IdOf("b", {}), HasSubstr("must name a column in braces"));
}

// Every list and every value of every type: what is written is what is read.
TEST(SheetCells, ListsComeBackAsTheyWere) {
  const ResourceKind* kind = *KindOfName("practitioners/a");
  const auto message = NewMessage(*kind->message);
  const auto* aliases = kind->message->FindFieldByName("identity_hashes");
  const Strings texts = {"plain", "a, b", "c; d", "\"quoted\"", "two\nlines", " blank ", "x\"y"};
  for (const std::string& text : texts)
    message->GetReflection()->AddString(message.get(), aliases, text);
  const auto again = NewMessage(*kind->message);
  ASSERT_TRUE(SetSheetCell(*again, {aliases}, SheetCellOf(*message, {aliases})).ok());
  EXPECT_EQ(again->DebugString(), message->DebugString());
  const auto typed = NewMessage(*kind->message);
  ASSERT_TRUE(SetSheetCell(*typed, {aliases}, "a; b\nc , ,\"d,e\" ").ok());
  EXPECT_EQ(SheetCellOf(*typed, {aliases}), "a, b, c, \"d,e\"");
  EXPECT_EQ(SetSheetCell(*typed, {aliases}, "\"a").message(),
            "must be a list, each quote of which is closed");
}

TEST(SheetCells, MessagesOfListsComeBackToo) {
  const ResourceKind* kind = *KindOfName("practitioners/a");
  const auto* citations = kind->message->FindFieldByName("citations");
  const auto message = NewMessage(*kind->message);
  ASSERT_TRUE(SetSheetCell(*message, {citations},
                           "title=Minutes,uri=https://a.example\n\"title=\"\"List; of, 2024\"\"\"")
                  .ok());
  EXPECT_EQ(message->GetReflection()->FieldSize(*message, citations), 2);
  const auto again = NewMessage(*kind->message);
  ASSERT_TRUE(SetSheetCell(*again, {citations}, SheetCellOf(*message, {citations})).ok());
  EXPECT_EQ(again->DebugString(), message->DebugString());
}

}  // namespace
}  // namespace baliprocess::balictl
