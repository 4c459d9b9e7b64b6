// balictl list: which columns there are, and in which order, in each form.

#include <gmock/gmock.h>

#include "baliprocess/membership/v1/seat.pb.h"
#include "services/balictl/contract/fields.h"
#include "services/balictl/contract/table.h"
#include "services/balictl/sheets/sheet.h"
#include "services/balictl/testing/server_fixture.h"

namespace baliprocess::balictl {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class ListTest : public ServerFixture {
 protected:
  ListTest() {
    for (const char* id : {"a", "b"}) {
      auto seat = std::make_unique<membership::v1::Seat>();
      seat->set_name(std::string("bodies/ahg/seats/") + id);
      seat->set_member("members/aus");
      seat->set_role(membership::v1::Seat::CHAIR);
      seat->mutable_term()->mutable_start_date()->set_year(2002);
      server_.resources[seat->name()] = std::move(seat);
    }
  }
  Ran List(const std::vector<std::string>& flags) {
    std::vector<std::string> words = {"list", "bodies/ahg/seats"};
    words.insert(words.end(), flags.begin(), flags.end());
    return Do(words);
  }
  // The headings of a spreadsheet.
  static std::vector<std::string> HeadingsOf(const std::string& contents) {
    std::vector<std::string> headings;
    const auto sheet = ReadSheet(contents, "");
    EXPECT_TRUE(sheet.ok()) << sheet.status();
    if (!sheet.ok() || sheet->rows.empty()) return headings;
    for (const Cell& cell : sheet->rows[0].cells) headings.push_back(cell.text);
    return headings;
  }
};

TEST_F(ListTest, TheColumnsAreThoseThatAreNamedInThatOrder) {
  EXPECT_EQ(List({"--columns", "role,name,term.start_date", "--output", "csv"}).out,
            "role,name,term.start_date\r\nCHAIR,bodies/ahg/seats/a,2002\r\n"
            "CHAIR,bodies/ahg/seats/b,2002\r\n");
  EXPECT_EQ(List({"--columns", "role,name,term.start_date"}).out,
            "ROLE   NAME                TERM.START_DATE\nCHAIR  bodies/ahg/seats/a  2002\n"
            "CHAIR  bodies/ahg/seats/b  2002\n");
  EXPECT_THAT(HeadingsOf(List({"--columns", "role,name", "--output", "xlsx"}).out),
              ::testing::ElementsAre("role", "name"));
  // In any case, with hyphens and blanks.
  EXPECT_THAT(List({"--columns", " Member , TERM.start-date", "--output", "csv"}).out,
              HasSubstr("member,term.start_date\r\nmembers/aus,2002\r\n"));
  // A column that has nothing in it is there, too.
  EXPECT_THAT(List({"--columns", "basis,name", "--output", "csv"}).out,
              HasSubstr("basis,name\r\n,bodies/ahg/seats/a\r\n"));
}

TEST_F(ListTest, WithoutNamesASpreadsheetHasAllFieldsInTheOrderOfTheContract) {
  std::vector<std::string> all;
  for (const FieldPath& path : AllFields(*membership::v1::Seat::descriptor())) {
    all.push_back(TitleOf(path));
  }
  ASSERT_EQ(all[0], "name");
  EXPECT_EQ(HeadingsOf(List({"--output", "csv"}).out), all);
  EXPECT_EQ(HeadingsOf(List({"--output", "xlsx"}).out), all);
}

TEST_F(ListTest, ColumnsThatCannotBeAreToldBeforeAnythingIsSent) {
  const Ran unknown = List({"--columns", "name,rle", "--output", "csv"});
  EXPECT_EQ(unknown.code, 2);
  EXPECT_THAT(unknown.err, AllOf(HasSubstr("--columns: there is no field rle; there are name, "),
                                 HasSubstr("Did you mean role?")));
  for (const char* form : {"json", "yaml"}) {
    const Ran whole = List({"--columns", "name", "--output", form});
    EXPECT_EQ(whole.code, 2);
    EXPECT_THAT(whole.err, HasSubstr("--columns is for tables, csv and xlsx"));
  }
  EXPECT_THAT(server_.calls, IsEmpty());
}

}  // namespace
}  // namespace baliprocess::balictl
