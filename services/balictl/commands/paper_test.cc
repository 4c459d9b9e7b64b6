// Papers: what is escaped, dates in words, and balictl report.

#include "services/balictl/program/paper.h"

#include <gmock/gmock.h>

#include "baliprocess/capacity/v1/figures.pb.h"
#include "baliprocess/meetings/v1/delegate.pb.h"
#include "baliprocess/meetings/v1/reports.pb.h"
#include "common/base/date.h"
#include "services/balictl/contract/long_dates.h"
#include "services/balictl/testing/server_fixture.h"

namespace baliprocess::balictl {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

google::type::Date Day(const char* text) {
  return text[0] == '\0' ? google::type::Date() : *ParseDate(text);
}

TEST(LongDates, AreAsPreciseAsTheyAreKnown) {
  const struct {
    const char* first;
    const char* last;
    const char* text;
  } cases[] = {{"", "", ""},
               {"2024", "", "2024"},
               {"2024-05", "", "May 2024"},
               {"2024-05-02", "", "2 May 2024"},
               {"2024-05-02", "2024-05-02", "2 May 2024"},
               {"2024-05-02", "2024-05-03", "2 to 3 May 2024"},
               {"2024-05-30", "2024-06-02", "30 May to 2 June 2024"},
               {"2024-12-30", "2025-01-02", "30 December 2024 to 2 January 2025"},
               {"2024-05", "2024-06", "May to June 2024"},
               {"2024-05-02", "2024-05", "2 May 2024 to May 2024"},
               {"2023", "2024", "2023 to 2024"},
               {"", "2024-05", "May 2024"}};
  for (const auto& one : cases) EXPECT_EQ(LongDates(Day(one.first), Day(one.last)), one.text);
}

// What a text must not become in either form.
constexpr char kHostile[] =
    "<script>alert('x')</script> [a](javascript:b) ![i](http://e/x.png) `c` *d* _e_ | f & \"g\"";

TEST(Paper, TakesNoTextForMarkup) {
  Paper paper(kHostile);
  paper.Part(kHostile);
  paper.Paragraph(kHostile);
  paper.List({kHostile});
  paper.Table({{"A", "B"}, {kHostile, "b"}});
  const std::string html = paper.ToHtml();
  EXPECT_THAT(html, AllOf(Not(HasSubstr("<script")), Not(HasSubstr("alert('x')")),
                          HasSubstr("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;"),
                          HasSubstr("&quot;g&quot;"), HasSubstr("default-src 'none'")));
  const std::string markdown = paper.ToMarkdown();
  EXPECT_THAT(markdown,
              AllOf(Not(HasSubstr("<")), Not(HasSubstr("[a](")), Not(HasSubstr(" `c`")),
                    HasSubstr("\\[a\\](javascript:b) \\!\\[i\\](http://e/x.png) \\`c\\` \\*d\\* "
                              "\\_e\\_ \\| f &amp; \"g\"")));
}

TEST(Paper, BeginsNoBlockByItsText) {
  for (const auto& [text, shown] :
       {std::pair{"# a", "\\# a"}, std::pair{"- a", "\\- a"}, std::pair{"1. a", "1\\. a"},
        std::pair{"12) a", "12\\) a"}, std::pair{"=== a", "\\=== a"}, std::pair{"+ a", "\\+ a"},
        std::pair{"    code", "code"}, std::pair{"a\n# b", "a # b"}, std::pair{"2024", "2024"},
        std::pair{"\x1b[2J", "?\\[2J"}}) {
    Paper paper("T");
    paper.Paragraph(text);
    EXPECT_EQ(paper.ToMarkdown(), std::string("# T\n\n") + shown + "\n");
  }
}

TEST(Paper, LeavesOutWhatHasNothingInIt) {
  Paper paper("T");
  paper.Part("Empty");
  paper.Section("Empty as well");
  paper.Table({{"A", "B"}});
  paper.Part("Full");
  paper.Section("Empty");
  paper.Section("Full too");
  paper.Paragraph("one\n\ntwo");
  paper.Table({{"A", "B"}, {"a", ""}});
  EXPECT_EQ(paper.ToMarkdown(),
            "# T\n\n## Full\n\n### Full too\n\none\n\ntwo\n\n| A |\n|---|\n| a |\n");
}

class ReportTest : public ServerFixture {
 protected:
  void SetUp() override {
    ASSERT_EQ(Do({"import", "deploy/data/bali-process-2024"}).code, 0);
    server_.largest_page = 1000;
    server_.Reply("GetAttendanceGap", meetings::v1::AttendanceGap());
    server_.Reply("GetAgenda", meetings::v1::Agenda());
  }

  meetings::v1::Delegation& DelegationOf(const std::string& name) {
    return static_cast<meetings::v1::Delegation&>(*server_.resources.at(name));
  }
  void Send(const std::string& id, const std::string& name, meetings::v1::Delegate::Role role) {
    meetings::v1::Delegate delegate;
    delegate.set_name("meetings/ahg-17/delegations/aus/delegates/" + id);
    delegate.mutable_person()->set_display_name(name);
    delegate.set_role(role);
    delegate.mutable_contact()->set_email("secret@example.org");
    server_.resources[delegate.name()] = std::make_unique<meetings::v1::Delegate>(delegate);
  }
};

TEST_F(ReportTest, ParticipantsAreInTheOrderOfSuchLists) {
  using meetings::v1::Delegate;
  using meetings::v1::Delegation;
  Send("a", "Zoe", Delegate::HEAD);
  Send("b", "Adam", Delegate::SUPPORT);
  Send("c", "Émile", Delegate::DELEGATE);
  Send("d", "Frank", Delegate::DELEGATE);
  DelegationOf("meetings/ahg-17/delegations/vnm").set_capacity(Delegation::OBSERVER);
  DelegationOf("meetings/ahg-17/delegations/tha").set_attendance(Delegation::APOLOGIES);
  DelegationOf("meetings/ahg-17/delegations/mys").set_attendance(Delegation::ABSENT);
  const Ran ran = Do({"report", "participants", "ahg-17"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  const char* order[] = {"# List of participants",
                         "17th Ad Hoc Group meeting, Kuala Lumpur, MY, 2 to 3 May 2024",
                         "## States",
                         "| Australia | Zoe |",
                         "|  | Émile |",
                         "|  | Frank |",
                         "|  | Adam |",
                         "| Indonesia |",
                         "| New Zealand |",
                         "## Observers",
                         "| Viet Nam |",
                         "## Organisations",
                         "| International Organization for Migration |",
                         "## Apologies",
                         "- Thailand"};
  size_t at = 0;
  for (const char* part : order) {
    const size_t found = ran.out.find(part, at);
    ASSERT_NE(found, std::string::npos) << part << " isn't behind in\n" << ran.out;
    at = found;
  }
  EXPECT_THAT(ran.out, AllOf(Not(HasSubstr("Malaysia")), Not(HasSubstr("secret@example.org"))));
}

TEST_F(ReportTest, SaysWhatItTakes) {
  EXPECT_THAT(Do({"report", "minutes", "ahg-17"}).err, HasSubstr("there is no report minutes"));
  EXPECT_EQ(Do({"report", "meeting", "ahg-17", "2024"}).code, 2);
  EXPECT_EQ(Do({"report", "year", "ahg"}).code, 2);
  EXPECT_THAT(Do({"report", "year", "ahg", "2024-05"}).err, HasSubstr("a year such as 2024"));
  EXPECT_THAT(Do({"report", "figures", "rso", "May"}).err, HasSubstr("the period must be 2023"));
  EXPECT_EQ(Do({"report", "meeting", "bodies/ahg"}).code, 2);
  EXPECT_EQ(Do({"report", "meeting", "ahg-17", "--format", "word"}).code, 2);
}

TEST_F(ReportTest, GoesToAFileThatItReplacesWhenToldTo) {
  EXPECT_EQ(Do({"report", "meeting", "ahg-17", "--file", File("m.md")}).out, "");
  EXPECT_EQ(data_.Read("m.md"), Do({"report", "meeting", "ahg-17"}).out);
  EXPECT_EQ(Do({"report", "meeting", "ahg-17", "--file", File("m.md")}).code, 2);
  EXPECT_EQ(Do({"report", "meeting", "ahg-17", "--file", File("m.md"), "--force"}).code, 0);
}

TEST_F(ReportTest, DatesThatAreNotKnownGetNoDay) {
  const Ran ran = Do({"report", "meeting", "mc-8"});
  EXPECT_THAT(ran.out, AllOf(HasSubstr("February 2023."), Not(HasSubstr("1 February"))));
  EXPECT_THAT(Do({"report", "meeting", "mc-9"}).out, HasSubstr("no date is on record."));
}

}  // namespace
}  // namespace baliprocess::balictl
