#include "common/resource/contract/search_words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace baliprocess::resource {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::vector<std::string> Words(std::string_view text) { return SearchWords(text, 100); }

TEST(SearchWordsTest, AreApartWhereNoLetterOrDigitIs) {
  EXPECT_THAT(Words("The AHG-18 (Phuket, 2024): e-mail, 3.14 can't_wait"),
              ElementsAre("the", "ahg", "18", "phuket", "2024", "e", "mail", "3", "14", "can", "t",
                          "wait"));
  EXPECT_THAT(Words(""), IsEmpty());
  EXPECT_THAT(Words(" -- … !"), IsEmpty());
}

// Most texts take a shorter way; one letter beyond ASCII must change nothing of the others.
TEST(SearchWordsTest, AreTheSameByBothWays) {
  for (const std::string text : {"AHG-18 3.14 can't_wait", "a1b2 4th U.S.A. x@y.org", "1,000.5%"}) {
    std::vector<std::string> expected = Words(text);
    expected.emplace_back("e");
    EXPECT_EQ(Words(text + " é"), expected) << text;
  }
}

TEST(SearchWordsTest, CapitalsAndAccentsDontMatter) {
  EXPECT_THAT(Words("CÔTE D’IVOIRE"), ElementsAre("cote", "d", "ivoire"));
  EXPECT_THAT(Words("Đà Nẵng, Türkiye, Østfold, Straße"),
              ElementsAre("da", "nang", "turkiye", "ostfold", "strasse"));
  EXPECT_THAT(Words("Αθήνα Йошкар"), ElementsAre("αθηνα", "иошкар"));
  EXPECT_THAT(Words("e\u0301te\u0301"), ElementsAre("ete"));  // letters and marks apart
  EXPECT_THAT(Words("ﬁnance Ｗｉｄｅ"), ElementsAre("finance", "wide"));
  EXPECT_EQ(Words("القُدس"), Words("القدس"));
  EXPECT_EQ(Words("أحمد"), Words("احمد"));
}

// Marks of these scripts are vowels and tones; their words have no blanks between them.
TEST(SearchWordsTest, AreFoundWhereThereAreNoBlanks) {
  EXPECT_THAT(Words("การค้ามนุษย์เป็นอาชญากรรม"), Contains("มนุษย์"));
  EXPECT_THAT(Words("ប្រទេសកម្ពុជា"), Contains("កម្ពុជា"));
  EXPECT_THAT(Words("ປະເທດລາວ"), Contains("ລາວ"));
  EXPECT_THAT(Words("အစည်းအဝေးမှတ်တမ်း"), Contains("မှတ်တမ်း"));
  EXPECT_THAT(Words("人口贩运"), Contains("人口"));
}

TEST(SearchWordsTest, AreBounded) {
  EXPECT_THAT(SearchWords("a b c d", 3), ElementsAre("a", "b", "c"));
  EXPECT_THAT(SearchWords("á b c d", 3), ElementsAre("a", "b", "c"));
  EXPECT_THAT(Words(std::string(kMostOfWord, 'x')), ElementsAre(std::string(kMostOfWord, 'x')));
  EXPECT_THAT(Words(std::string(kMostOfWord + 1, 'x')), ElementsAre(std::string(kMostOfWord, 'x')));
  EXPECT_THAT(Words("é" + std::string(kMostOfWord, 'x')),
              ElementsAre("e" + std::string(kMostOfWord - 1, 'x')));
}

TEST(SearchWordsTest, WhatIsNoUtf8HasWordsBesides) {
  EXPECT_THAT(Words("one \xff two"), ElementsAre("one", "two"));
}

TEST(FindBeginningTest, TellsWhereTheFirstWordBegins) {
  EXPECT_EQ(FindBeginning("On the Meeting", {"meet"}), 7);
  EXPECT_EQ(FindBeginning("On the Meeting", {"eet"}), std::nullopt);
  EXPECT_EQ(FindBeginning("À la réunion", {"reun", "none"}), 6);
  EXPECT_EQ(FindBeginning("", {"a"}), std::nullopt);
  EXPECT_NE(FindBeginning("การค้ามนุษย์", {"มนุษย์"}), std::nullopt);
}

TEST(AfterBeginningTest, IsBehindEveryWordThatBeginsSo) {
  for (const std::string word : {"a", "az", "a\xF4\x80\x80\x80"}) {
    EXPECT_LT(word, AfterBeginning("a"));
  }
  EXPECT_GT("b", AfterBeginning("a"));
}

}  // namespace
}  // namespace baliprocess::resource
