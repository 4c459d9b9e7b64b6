// Sheets that are texts: encodings, separators, quotes, limits.

#include "services/balictl/sheets/csv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/balictl/program/command_line.h"
#include "services/balictl/sheets/text_encoding.h"

namespace baliprocess::balictl {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using std::string_literals::operator""s;

std::vector<std::string> TextsOf(const SheetRow& row) {
  std::vector<std::string> texts;
  for (const Cell& cell : row.cells) texts.push_back(cell.text);
  return texts;
}

// The texts of all rows, or the error.
struct Read {
  std::vector<std::vector<std::string>> rows;
  std::vector<size_t> numbers;
  std::string form;
  std::string error;
};

Read ReadText(const std::string& text, const SheetLimits& limits = {}) {
  Read read;
  const auto sheet = ReadSheet(text, "", limits);
  if (!sheet.ok()) {
    EXPECT_TRUE(IsUsageError(sheet.status())) << sheet.status();
    read.error = std::string(sheet.status().message());
    return read;
  }
  read.form = sheet->form;
  for (const SheetRow& row : sheet->rows) {
    read.rows.push_back(TextsOf(row));
    read.numbers.push_back(row.number);
  }
  return read;
}

TEST(Csv, RunsNothingInASpreadsheet) {
  EXPECT_EQ(ToCsv({{"a", "=1+1", "-5", "@x", "b,\"c\""}}), "a,'=1+1,-5,'@x,\"b,\"\"c\"\"\"\r\n");
}

TEST(Csv, ComesBackAsItWas) {
  const std::vector<std::vector<std::string>> rows = {
      {"a", "=1+1", "'=1+1", "-5", "'-5", "'tis", "\tx", "@", "''@"},
      {"two\nlines", "a \"quoted\" word", ",", ";", "é", "'", "\"", " blank ", "x"}};
  EXPECT_EQ(ReadText(ToCsv(rows)).rows, rows);
}

TEST(Csv, PartsBySeparatorsThatPeopleUse) {
  EXPECT_THAT(ReadText("a,b\n1,\"2;3\"\n").rows,
              ElementsAre(ElementsAre("a", "b"), ElementsAre("1", "2;3")));
  EXPECT_THAT(ReadText("a;b\n1,5;2\n").rows,
              ElementsAre(ElementsAre("a", "b"), ElementsAre("1,5", "2")));
  EXPECT_THAT(ReadText("a\tb\n").rows, ElementsAre(ElementsAre("a", "b")));
  EXPECT_THAT(ReadText("a|b\n").rows, ElementsAre(ElementsAre("a", "b")));
  EXPECT_THAT(ReadText("\"x;y;z\",b\n").rows, ElementsAre(ElementsAre("x;y;z", "b")));
  EXPECT_THAT(ReadText("sep=;\na;b,c,d\n").rows, ElementsAre(ElementsAre("a", "b,c,d")));
  EXPECT_EQ(ReadText("a;b\n").form, "CSV with semicolons");
  for (const char* text : {"sep=:\na:b\n", "sep=\na,b\n", "sep=\"\na,b\n"}) {
    EXPECT_THAT(ReadText(text).error, HasSubstr("says in its first line (sep=)")) << text;
  }
}

TEST(Csv, LinesEndInAnyWayAndGoOnWithinQuotes) {
  for (const std::string& end : {"\n"s, "\r\n"s, "\r"s}) {
    const Read read = ReadText("a,b" + end + "\"one" + end + "two\",2" + end + end + "3,4");
    EXPECT_THAT(read.rows, ElementsAre(ElementsAre("a", "b"), ElementsAre("one" + end + "two", "2"),
                                       ElementsAre("3", "4")));
    // As a spreadsheet counts: an empty row is one, a line break in a cell isn't.
    EXPECT_THAT(read.numbers, ElementsAre(1, 2, 4));
  }
  EXPECT_THAT(ReadText("").rows, IsEmpty());
  EXPECT_THAT(ReadText("\n,,\n").rows, IsEmpty());
}

TEST(Csv, TellsWhereAQuoteIsWrong) {
  EXPECT_EQ(ReadText("a,b\n1,\"two\n").error,
            "row 2, column B: the cell has a quote that is never closed");
  EXPECT_THAT(ReadText("a\n\"b\" c\n").error,
              HasSubstr("row 2, column A: the cell has text behind"));
}

TEST(Csv, RecognisesEncodings) {
  EXPECT_THAT(ReadText("\xef\xbb\xbfn\xc3\xa9,b").rows, ElementsAre(ElementsAre("né", "b")));
  const Read western = ReadText("n\xe9;\x80 5;\x93x\x94\n");
  EXPECT_THAT(western.rows, ElementsAre(ElementsAre("né", "€ 5", "“x”")));
  EXPECT_EQ(western.form, "CSV with semicolons, in Windows-1252");
  EXPECT_THAT(ReadText("\xff\xfe"
                       "a\0,\0\xe9\0"s)
                  .rows,
              ElementsAre(ElementsAre("a", "é")));
  EXPECT_THAT(ReadText("\xfe\xff\0a\0,\xd8\x3d\xde\x00"s).rows, ElementsAre(ElementsAre("a", "😀")));
  EXPECT_THAT(ReadText("a\0,\0b\0\n\0"s).rows, ElementsAre(ElementsAre("a", "b")));
  EXPECT_EQ(ReadText("a\0,\0b\0\n\0"s).form, "CSV with commas, in UTF-16");
}

TEST(Csv, RefusesWhatIsNoText) {
  EXPECT_THAT(ReadText("a\n\x81").error, HasSubstr("line 2: isn't text in UTF-8"));
  EXPECT_THAT(ReadText("\xff\xfe\x3d\xd8"s).error, HasSubstr("half a character"));
  EXPECT_THAT(ReadText("\xff\xfe\x00"s).error, HasSubstr("half a character"));
  EXPECT_THAT(ReadText("\xef\xbb\xbf\xe9").error, HasSubstr("isn't from end to end"));
  EXPECT_THAT(ReadText("a,b\nc\0,d"s).error, HasSubstr("NUL"));
  EXPECT_THAT(ReadText("\xd0\xcf\x11\xe0\xa1").error, HasSubstr("old versions of Excel"));
}

TEST(Csv, HasLimits) {
  SheetLimits limits;
  limits.rows = 2;
  limits.columns = 2;
  limits.cells = 3;
  limits.cell_bytes = 4;
  limits.file_bytes = 12;
  EXPECT_THAT(ReadText("a,b\n\n1234", limits).rows, SizeIs(2));
  EXPECT_EQ(ReadText("a\nb\nc", limits).error, "row 3, column A: a sheet may have 2 rows");
  EXPECT_EQ(ReadText("a,,c", limits).error, "row 1, column C: a sheet may have 2 columns");
  EXPECT_EQ(ReadText("a,b\nc,d", limits).error, "row 2, column B: a sheet may have 3 cells");
  EXPECT_EQ(ReadText("12345", limits).error, "row 1, column A: a cell may have 4 bytes");
  EXPECT_EQ(ReadText("a\n\n\n\n\n\n\n\n\n\n\n\n", limits).error, "may have 12 bytes");
}

TEST(ColumnLetters, AreThoseOfSpreadsheets) {
  EXPECT_EQ(ColumnLetters(0), "A");
  EXPECT_EQ(ColumnLetters(25), "Z");
  EXPECT_EQ(ColumnLetters(26), "AA");
  EXPECT_EQ(ColumnLetters(701), "ZZ");
  EXPECT_EQ(ColumnLetters(702), "AAA");
}

}  // namespace
}  // namespace baliprocess::balictl
