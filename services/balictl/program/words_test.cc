// Words and texts: suggestions, widths on a terminal, lines.

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "services/balictl/program/nearest.h"
#include "services/balictl/program/terminal_text.h"
#include "services/balictl/testing/testing.h"

namespace baliprocess::balictl {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(Nearest, FindsWhatWasMeant) {
  const std::vector<std::string> words = {"bodies", "meetings", "agendaItems", "list", "get"};
  EXPECT_THAT(Nearest("body", words), IsEmpty());
  EXPECT_THAT(Nearest("bodis", words), ElementsAre("bodies"));
  EXPECT_THAT(Nearest("meet", words), ElementsAre("meetings"));
  EXPECT_THAT(Nearest("AGENDA-ITEM", words), ElementsAre("agendaItems"));
  EXPECT_THAT(Nearest("lsit", words), ElementsAre("list"));  // two letters swapped
  EXPECT_THAT(Nearest("frobnicate", words), IsEmpty());
  EXPECT_THAT(Nearest("", words), IsEmpty());
  EXPECT_THAT(Nearest(std::string(1000, 'x'), words), IsEmpty());
  EXPECT_EQ(DidYouMean("bodis", words), " Did you mean bodies?");
  EXPECT_EQ(DidYouMean("frobnicate", words), "");
}

TEST(TerminalText, CountsColumnsAsTerminalsDo) {
  EXPECT_EQ(Columns("abc"), 3U);
  EXPECT_EQ(Columns("é"), 1U);
  EXPECT_EQ(Columns("e\xCC\x81"), 1U);    // e and a combining accent
  EXPECT_EQ(Columns("法律系"), 6U);       // wide characters
  EXPECT_EQ(Columns("กำลัง"), 4U);         // Thai, with marks above
  EXPECT_EQ(Columns("👩‍💻"), 2U);  // an emoji of several
  EXPECT_EQ(Columns("🇮🇩"), 2U);           // a flag of two letters
  EXPECT_EQ(Columns("zero\xE2\x80\x8Bwidth"), 9U);
  EXPECT_EQ(Columns("\xFF"), 1U);  // no UTF-8
}

TEST(TerminalText, IsCutBetweenCharacters) {
  EXPECT_EQ(CutTo("abcdef", 6), "abcdef");
  EXPECT_EQ(CutTo("abcdefg", 6), "abcde…");
  EXPECT_EQ(CutTo("法律系", 4), "法…");
  EXPECT_EQ(CutTo("e\xCC\x81tat", 3), "e\xCC\x81t…");
  EXPECT_EQ(CutTo("abc", 0), "");
}

TEST(TerminalText, SteersNoTerminal) {
  EXPECT_EQ(SafeText("a\x1b[2J\nb\tc"), "a?[2J b c");
  EXPECT_EQ(SafeText("a\xE2\x80\xAE"
                     "b"),
            "a?b");  // turns the direction of writing
  EXPECT_EQ(SafeText("นี่ é"), "นี่ é");
}

TEST(TerminalText, IsWrappedButForExamples) {
  EXPECT_EQ(Wrapped("one two three four", 9), "one two\nthree\nfour");
  EXPECT_EQ(Wrapped("one\ntwo", 79), "one two");
  EXPECT_EQ(Wrapped("one\n\nExample:\n  a long line that stays as it is", 9),
            "one\n\nExample:\n  a long line that stays as it is");
  EXPECT_EQ(Wrapped("unbreakably", 4), "unbreakably");
}

TEST(Program, HelpFitsEightyColumns) {
  std::vector<std::vector<std::string>> pages = {{}, {"values"}, {"connection"}, {"meetings"}};
  for (const Command& command : Commands()) pages.push_back({command.name});
  for (std::vector<std::string>& page : pages) {
    page.insert(page.begin(), "help");
    const Ran help = RunProgram(page);
    EXPECT_EQ(help.code, 0) << help.err;
    for (size_t from = 0, to = 0; to != std::string::npos; from = to + 1) {
      to = help.out.find('\n', from);
      EXPECT_LE(Columns(help.out.substr(from, to - from)), 80U) << help.out.substr(from, to - from);
    }
  }
}

TEST(Program, AnswersToItsUsualFlags) {
  EXPECT_EQ(RunProgram({"-h"}).out, RunProgram({"help"}).out);
  EXPECT_EQ(RunProgram({"help", "help"}).out, RunProgram({"help"}).out);
  EXPECT_EQ(RunProgram({"get", "-h"}).out, RunProgram({"help", "get"}).out);
  EXPECT_THAT(RunProgram({"--version"}).out, HasSubstr("balictl "));
  EXPECT_THAT(RunProgram({"lsit", "bodies"}).err, HasSubstr("Did you mean list?"));
  EXPECT_EQ(RunProgram({"lsit", "bodies"}).code, 2);
}

}  // namespace
}  // namespace baliprocess::balictl
