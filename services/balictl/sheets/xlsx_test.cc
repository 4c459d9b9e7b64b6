// Sheets of workbooks: what cells mean, what is damaged, hostile or too large.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <iterator>
#include <random>

#include "absl/strings/str_cat.h"

#include "services/balictl/program/command_line.h"
#include "services/balictl/sheets/number_format.h"
#include "services/balictl/sheets/sheet.h"
#include "services/balictl/sheets/xlsx_writer.h"
#include "services/balictl/testing/zip_writer.h"

namespace baliprocess::balictl {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string ErrorOf(const std::string& contents, const std::string& name = "",
                    const SheetLimits& limits = {}) {
  const auto sheet = ReadSheet(contents, name, limits);
  if (sheet.ok()) return "";
  EXPECT_TRUE(IsUsageError(sheet.status())) << sheet.status();
  return std::string(sheet.status().message());
}

std::string MakeXlsx(const std::string& sheet_data, const ZipOptions& options = {}) {
  return MakeZip(WorkbookParts(sheet_data), options);
}

// The texts of the cells of the first row, or their problems in brackets.
std::vector<std::string> CellsOf(const std::string& sheet_data) {
  const auto sheet = ReadSheet(MakeXlsx(sheet_data), "");
  EXPECT_TRUE(sheet.ok()) << sheet.status();
  std::vector<std::string> texts;
  if (!sheet.ok() || sheet->rows.empty()) return texts;
  for (const Cell& cell : sheet->rows[0].cells) {
    texts.push_back(cell.problem.empty() ? cell.text : absl::StrCat("[", cell.problem, "]"));
  }
  return texts;
}

TEST(Xlsx, TextsAreSharedOrInTheCell) {
  EXPECT_THAT(CellsOf("<row r='1'><c r='A1' t='s'><v>0</v></c><c r='B1' t='s'><v>1</v></c>"
                      "<c r='D1' t='inlineStr'><is><r><t>in</t></r><r><t> line</t></r></is></c>"
                      "<c t='str'><f>A1</f><v>a &lt;result&gt;</v></c></row>"),
              ElementsAre("Name", "two parts", "", "in line", "a <result>"));
}

TEST(Xlsx, NumbersAreWhatTheirFormatsMean) {
  EXPECT_THAT(CellsOf("<row><c><v>42</v></c><c><v>12.5</v></c><c s='1'><v>45019</v></c>"
                      "<c s='2'><v>45019</v></c><c s='3'><v>45019.5</v></c><c s='4'><v>0.25</v></c>"
                      "<c s='5'><v>3</v></c><c s='99'><v>1e3</v></c><c t='b'><v>1</v></c>"
                      "<c t='d'><v>2023-04-03T00:00:00</v></c></row>"),
              ElementsAre("42", "12.5", "2023-04-03", "2023-04", "2023-04-03 12:00", "06:00", "3",
                          "1000", "yes", "2023-04-03"));
}

TEST(Xlsx, NothingIsLeftOutInSilence) {
  EXPECT_THAT(CellsOf("<row><c t='e'><v>#N/A</v></c><c><f>A1+1</f></c><c t='s'><v>99</v></c>"
                      "<c><v>x</v></c></row>"),
              ElementsAre("[is the error #N/A]", StartsWith("[is a formula without its result"),
                          "[has a text that isn't there]", "[has a number that is none]"));
}

TEST(Xlsx, DaysCountFrom1904WhereTheWorkbookSaysSo) {
  auto parts = WorkbookParts("<row><c s='1'><v>43557</v></c></row>");
  parts["xl/workbook.xml"].replace(parts["xl/workbook.xml"].find("<sheets>"), 0,
                                   "<workbookPr date1904='1'/>");
  const auto sheet = ReadSheet(MakeZip(parts), "");
  ASSERT_TRUE(sheet.ok()) << sheet.status();
  EXPECT_EQ(sheet->rows[0].cells[0].text, "2023-04-03");
}

TEST(Xlsx, TheFirstVisibleSheetIsReadOrTheOneThatIsNamed) {
  const std::string workbook = MakeXlsx("<row r='3'><c r='A3'><v>1</v></c></row>");
  const auto first = ReadSheet(workbook, "");
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->form, "the sheet \"List\"");
  EXPECT_EQ(first->rows[0].number, 3U);
  const auto named = ReadSheet(workbook, "notes & more");
  ASSERT_TRUE(named.ok()) << named.status();
  EXPECT_EQ(named->rows[0].cells[0].text, "Hidden");
  EXPECT_EQ(ErrorOf(workbook, "Lst"),
            "has no sheet \"Lst\"; there are Notes & more, List. Did you mean List?");
}

TEST(Xlsx, WhatUnpacksToTooMuchIsRefused) {
  SheetLimits limits;
  limits.unpacked_bytes = 100'000;
  const std::string padding(90'000, ' ');
  EXPECT_EQ(ErrorOf(MakeXlsx(padding), "", limits), "");
  const std::string bomb(10'000'000, ' ');
  for (const uint32_t said : {0U, 1U}) {  // the truth, or a small number
    const std::string packed = MakeXlsx(bomb, {.said_size = said});
    EXPECT_LT(packed.size(), 20'000U);
    EXPECT_EQ(ErrorOf(packed, "", limits), "unpacks to more than 100000 bytes");
  }
  EXPECT_EQ(ErrorOf(MakeXlsx(bomb, {.deflate = false}), "", limits),
            "unpacks to more than 100000 bytes");
}

// A text that is in the file once, and in each of many cells.
TEST(Xlsx, TextsThatAreSharedCountInEachCell) {
  auto parts = WorkbookParts("<row><c t='s'><v>0</v></c><c t='s'><v>0</v></c></row>");
  parts["xl/sharedStrings.xml"] = "<sst><si><t>" + std::string(6000, 'x') + "</t></si></sst>";
  SheetLimits limits;
  limits.unpacked_bytes = 12'000;
  EXPECT_EQ(ErrorOf(MakeZip(parts), "", limits), "");
  parts["xl/worksheets/sheet1.xml"] =
      "<worksheet><row><c t='s'><v>0</v></c><c t='s'><v>0</v></c><c><v>1</v></c></row></worksheet>";
  EXPECT_EQ(ErrorOf(MakeZip(parts), "", limits),
            "row 1, column C: the cells may have 12000 bytes together");
}

TEST(Xlsx, PartsBesideTheSheetAreSmall) {
  for (const char* part :
       {"_rels/.rels", "xl/_rels/workbook.xml.rels", "xl/workbook.xml", "xl/styles.xml"}) {
    auto parts = WorkbookParts("<row><c><v>1</v></c></row>");
    SheetLimits limits;
    limits.part_bytes = 2000;
    parts[part].resize(2000, ' ');
    EXPECT_EQ(ErrorOf(MakeZip(parts), "", limits), "");
    parts[part].push_back(' ');
    EXPECT_EQ(ErrorOf(MakeZip(parts), "", limits),
              absl::StrCat("has a part, ", part, ", that unpacks to more than 2000 bytes"));
  }
}

TEST(Xlsx, LimitsOfSheetsHold) {
  SheetLimits limits;
  limits.rows = 1;
  limits.columns = 2;
  EXPECT_EQ(ErrorOf(MakeXlsx("<row r='9'><c r='B9'><v>1</v></c></row>"), "", limits), "");
  EXPECT_THAT(ErrorOf(MakeXlsx("<row r='9'><c r='C9'><v>1</v></c></row>"), "", limits),
              HasSubstr("a sheet may have 2 columns"));
  EXPECT_THAT(ErrorOf(MakeXlsx("<row><c><v>1</v></c></row><row><c><v>1</v></c></row>"), "", limits),
              HasSubstr("a sheet may have 1 rows"));
  limits = {};
  limits.cells = 3;  // the workbook has two texts
  EXPECT_EQ(
      ErrorOf(MakeXlsx("<row><c r='B1'><v>1</v></c></row><row><c><v>1</v></c></row>"), "", limits),
      "");
  EXPECT_THAT(ErrorOf(MakeXlsx("<row><c r='D1'><v>1</v></c></row>"), "", limits),
              HasSubstr("row 1, column D: a sheet may have 3 cells"));
  limits.cells = 1;
  EXPECT_EQ(ErrorOf(MakeXlsx("<row><c><v>1</v></c></row>"), "", limits), "has more than 1 texts");
  // Rows and columns that no spreadsheet has.
  for (const char* row :
       {"<row r='0'/>", "<row r='1048577'/>", "<row r='-1'/>", "<row><c r='XFE1'/></row>",
        "<row><c r='12'/></row>", "<c><v>1</v></c>", "<row r='99999999999999999999'/>"}) {
    EXPECT_THAT(ErrorOf(MakeXlsx(row)), HasSubstr("at no place of a sheet")) << row;
  }
  EXPECT_THAT(ErrorOf(MakeXlsx("<row r='2'><c><v>1</v></c></row><row r='1'><c><v>1</v></c></row>")),
              HasSubstr("aren't in order"));
}

TEST(Xlsx, RefusesWhatNoSpreadsheetWrites) {
  auto parts = WorkbookParts("");
  parts["xl/worksheets/sheet1.xml"] =
      "<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;'>]><worksheet>&b;</worksheet>";
  EXPECT_THAT(ErrorOf(MakeZip(parts)), HasSubstr("has a document type"));
  parts["xl/worksheets/sheet1.xml"] = "<worksheet><row>";
  EXPECT_THAT(ErrorOf(MakeZip(parts)), HasSubstr("is no whole XML"));
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "<a>";
  parts["xl/worksheets/sheet1.xml"] = deep;
  EXPECT_THAT(ErrorOf(MakeZip(parts)), HasSubstr("is no whole XML"));
  std::string attributes;
  for (int i = 0; i < 200; ++i) absl::StrAppend(&attributes, " a", i, "=''");
  EXPECT_EQ(ErrorOf(MakeXlsx(absl::StrCat("<a", attributes, "/>"))), "");
  EXPECT_THAT(ErrorOf(MakeXlsx(absl::StrCat("<a", attributes, " b=''/>"))),
              HasSubstr("a tag of XML that is larger"));
  EXPECT_EQ(ErrorOf(MakeXlsx(absl::StrCat("<a b='", std::string(60'000, 'x'), "'/>"))), "");
  EXPECT_THAT(ErrorOf(MakeXlsx(absl::StrCat("<a b='", std::string(66'000, 'x'), "'/>"))),
              HasSubstr("a tag of XML that is larger"));
  EXPECT_THAT(ErrorOf(MakeXlsx("", {.flags = 1})), HasSubstr("has a password"));
  EXPECT_THAT(ErrorOf(MakeZip({{"a", "b"}})), HasSubstr("isn't a spreadsheet (.xlsx)"));
  EXPECT_THAT(ErrorOf(MakeZip({{"mimetype", "application/vnd.oasis"}})), HasSubstr(".ods"));
}

// Whatever is missing or changed, there is an answer. A sanitizer sees whether it is a safe one.
TEST(Xlsx, DamagedFilesAreTold) {
  const std::string whole = MakeXlsx("<row><c t='s'><v>1</v></c></row>");
  for (size_t size = 4; size < whole.size(); ++size) {
    EXPECT_NE(ErrorOf(whole.substr(0, size)), "") << size;
  }
  std::mt19937 random(1);
  const auto change = [&random](std::string& text, size_t first) {
    for (int n = 0; n < 3; ++n) {
      text[first + random() % (text.size() - first)] = static_cast<char>(random());
    }
  };
  for (int i = 0; i < 2000; ++i) {
    std::string changed = whole;
    change(changed, 4);
    static_cast<void>(ReadSheet(changed, ""));
    // A part, whose checksum is right then.
    auto parts = WorkbookParts("<row><c t='s'><v>1</v></c><c r='B1' s='1'><v>4e4</v></c></row>");
    auto part = parts.begin();
    std::advance(part, random() % parts.size());
    change(part->second, 0);
    static_cast<void>(ReadSheet(MakeZip(parts), ""));
  }
}

TEST(Xlsx, WhatIsWrittenIsReadAgain) {
  const auto workbook = ToXlsx("practitioners", {{"name", "note"}, {"a", "=1+1"}, {"", "é\nb"}});
  ASSERT_TRUE(workbook.ok()) << workbook.status();
  const auto sheet = ReadSheet(*workbook, "");
  ASSERT_TRUE(sheet.ok()) << sheet.status();
  ASSERT_EQ(sheet->rows.size(), 3U);
  EXPECT_EQ(sheet->form, "the sheet \"practitioners\"");
  EXPECT_EQ(sheet->rows[1].cells[1].text, "=1+1");
  EXPECT_EQ(sheet->rows[2].cells[0].text, "");
  EXPECT_EQ(sheet->rows[2].cells[1].text, "é\nb");
}

TEST(Xlsx, WhatDoesNotFitIsTold) {
  EXPECT_EQ(ToXlsx("a", {{std::string(32'767, 'x')}}).status(), absl::OkStatus());
  EXPECT_THAT(std::string(ToXlsx("a", {{std::string(32'768, 'x')}}).status().message()),
              HasSubstr("row 1, column 1: doesn't fit"));
}

TEST(NumberFormat, KnowsDatesByTheirLetters) {
  const auto text = [](const std::string& code) {
    return NumberText(45019.75, ReadNumberFormat(code), false);
  };
  EXPECT_EQ(text("General"), "45019.75");
  EXPECT_EQ(text("Standard"), "45019.75");
  EXPECT_EQ(text("#,##0.00 \"days\""), "45019.75");
  EXPECT_EQ(text("0.00E+00"), "45019.75");
  EXPECT_EQ(text("[Red]0;[Yellow]0"), "45019.75");
  EXPECT_EQ(text("[$-409]d-mmm-yy;@"), "2023-04-03");
  EXPECT_EQ(text("yyyy\\-mm\\-dd"), "2023-04-03");
  EXPECT_EQ(text("mmmm yyyy"), "2023-04");
  EXPECT_EQ(text("yyyy"), "2023");
  EXPECT_EQ(text("d mmm"), "2023-04-03");
  EXPECT_EQ(text("dd/mm/yyyy hh:mm"), "2023-04-03 18:00");
  EXPECT_EQ(text("hh:mm"), "45019.75");  // more than a day
  EXPECT_EQ(NumberText(0.5, ReadNumberFormat("h:mm AM/PM"), false), "12:00");
  EXPECT_EQ(NumberText(-1, ReadNumberFormat("yyyy-mm-dd"), false), "-1");
  EXPECT_EQ(NumberText(3e9, ReadNumberFormat("yyyy-mm-dd"), false), "3000000000");
  EXPECT_EQ(NumberText(1, ReadNumberFormat("yyyy-mm-dd"), false), "1900-01-01");
  EXPECT_EQ(NumberText(61, ReadNumberFormat("yyyy-mm-dd"), false), "1900-03-01");
}

}  // namespace
}  // namespace baliprocess::balictl
