#include "services/capacity/identity/name_form.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace baliprocess::capacity {
namespace {

struct Pair {
  const char* what;
  const char* a;
  const char* b;
};

// Names are made up.
constexpr Pair kSame[] = {
    {"order and accents", "Tr\u1ea7n V\u0103n An", "AN Tran van"},
    {"composed or not", "Nguy\u1ec5n", "Nguye\u0302\u0303n"},
    {"Vietnamese d", "\u0110\u1eb7ng", "dang"},
    {"full width", "\uff34\uff41\uff4e\uff41\uff4b\uff41", "Tanaka"},
    {"half-width katakana", "\uff80\uff85\uff76", "\u30bf\u30ca\u30ab"},
    {"ligature", "Ste\ufb01", "Stefi"},
    {"sharp s", "Stra\u00df", "STRASS"},
    {"Turkish dotted I", "\u0130brahim", "ibrahim"},
    {"Turkish dotless i", "Y\u0131ld\u0131z", "YILDIZ"},
    {"byte order mark", "\ufeffTanaka Ken", "Tanaka Ken"},
    {"soft hyphen", "Tana\u00adka Ken", "Tanaka Ken"},
    {"right-to-left mark", "Ahmad\u200f Khan", "Ahmad Khan"},
    {"bidi isolate", "\u2068Ahmad\u2069 Khan", "Ahmad Khan"},
    {"variation selector", "Tanaka\ufe0f", "Tanaka"},
    {"word joiner", "Tana\u2060ka", "Tanaka"},
    {"no-break and ideographic space", "Tanaka\u00a0Ken", "Tanaka\u3000Ken"},
    {"kinds of hyphen", "Abdul-Rahman", "Abdul\u2010Rahman"},
    {"hyphen or space", "Abdul\u2013Rahman", "abdul rahman"},
    {"kinds of apostrophe", "O'Brien", "O\u2019Brien"},
    {"accent as an apostrophe", "O\u00b4Brien", "O`Brien"},
    {"modifier letter apostrophe", "Ma\u02bcruf", "Ma'ruf"},
    {"no apostrophe", "Ma'ruf", "Maruf"},
    {"ayn", "\u02bfAbd", "Abd"},
    {"initials", "Silva, K.M.P.", "K M P Silva"},
    {"initials without stops", "K.M.P. Silva", "KMP Silva"},
    {"stop without a space", "Dr.Aung", "Dr. Aung"},
    {"Arabic vowel signs", "\u0623\u064e\u062d\u0652\u0645\u064e\u062f",
     "\u0623\u062d\u0645\u062f"},
    {"Arabic shadda", "\u0645\u062d\u0645\u0651\u062f", "\u0645\u062d\u0645\u062f"},
    {"alef with and without hamza", "\u0623\u062d\u0645\u062f", "\u0627\u062d\u0645\u062f"},
    {"tatweel", "\u0645\u062d\u0640\u0640\u0645\u062f", "\u0645\u062d\u0645\u062f"},
    {"Arabic and Persian yeh", "\u0639\u0644\u064a", "\u0639\u0644\u06cc"},
    {"Arabic and Persian kaf", "\u0643\u0631\u064a\u0645", "\u06a9\u0631\u06cc\u0645"},
    {"teh marbuta", "\u0641\u0627\u0637\u0645\u0629", "\u0641\u0627\u0637\u0645\u0647"},
    {"Arabic presentation forms", "\ufee3\ufea4\ufee4\ufeaa", "\u0645\u062d\u0645\u062f"},
    {"Persian ZWNJ", "\u0639\u0644\u06cc\u200c\u0631\u0636\u0627",
     "\u0639\u0644\u06cc\u0631\u0636\u0627"},
    {"Hebrew points", "\u05d3\u05b8\u05bc\u05d5\u05b4\u05d3", "\u05d3\u05d5\u05d3"},
    {"Myanmar: dot below and asat", "\u1021\u1004\u1037\u103a \u1019\u103c",
     "\u1021\u1004\u103a\u1037 \u1019\u103c"},
    {"Myanmar: vowels in either order", "\u1000\u102d\u102f", "\u1000\u102f\u102d"},
    {"Myanmar: medial behind the vowel", "\u1000\u103b\u102d", "\u1000\u102d\u103b"},
    {"Myanmar: spaces", "\u1026\u1038 \u101e\u1014\u103a\u1037 \u1007\u1004\u103a",
     "\u1026\u1038\u101e\u1014\u1037\u103a\u1007\u1004\u103a"},
    {"Myanmar: zero for wa", "\u1040\u1004\u103a\u1038", "\u101d\u1004\u103a\u1038"},
    {"Myanmar: nya for u", "\u1026\u1038", "\u1009\u102e\u1038"},
    {"Myanmar: great sa", "\u1015\u103f\u102c", "\u1015\u101e\u1039\u101e\u102c"},
    {"Myanmar: au in two parts", "\u102a\u1007\u102c",
     "\u101e\u103c\u1031\u102c\u103a\u1007\u102c"},
    {"Lao: vowel and tone", "\u0e81\u0eb8\u0ec8\u0ea1", "\u0e81\u0ec8\u0eb8\u0ea1"},
    {"Lao: ligature of ho", "\u0edc\u0eb9", "\u0eab\u0e99\u0eb9"},
    {"Thai: sara am in two parts", "\u0e19\u0e49\u0e33", "\u0e19\u0e4d\u0e49\u0e32"},
    {"Thai: tone behind sara am's circle", "\u0e19\u0e49\u0e33", "\u0e19\u0e49\u0e4d\u0e32"},
    {"Thai: vowel and tone", "\u0e19\u0e38\u0e49\u0e22", "\u0e19\u0e49\u0e38\u0e22"},
    {"Thai: two sara e", "\u0e41\u0e14\u0e07", "\u0e40\u0e40\u0e14\u0e07"},
    {"Thai ZWSP", "\u0e2a\u0e21\u200b\u0e0a\u0e32\u0e22", "\u0e2a\u0e21\u0e0a\u0e32\u0e22"},
    {"Khmer ZWSP", "\u179f\u17bb\u1781\u200b\u179f\u17bb\u1797\u17b6",
     "\u179f\u17bb\u1781\u179f\u17bb\u1797\u17b6"},
    {"Khmer: order of subscripts", "\u179f\u17d2\u178f\u17d2\u179a\u17b8",
     "\u179f\u17d2\u179a\u17d2\u178f\u17b8"},
    {"Khmer: subscript behind the vowel", "\u1780\u17d2\u179a\u17bb\u1798",
     "\u1780\u17bb\u17d2\u179a\u1798"},
    {"Khmer: subscript da and ta", "\u1785\u17b7\u1793\u17d2\u178f\u17b6",
     "\u1785\u17b7\u1793\u17d2\u178a\u17b6"},
    {"Khmer: a vowel in two parts", "\u179f\u17c4\u1797", "\u179f\u17c1\u17b6\u1797"},
    {"Sinhala ZWJ", "\u0dc1\u0dca\u200d\u0dbb\u0dd3", "\u0dc1\u0dca\u0dbb\u0dd3"},
    {"Bengali khanda ta", "\u0989\u09ce\u09aa\u09b2", "\u0989\u09a4\u09cd\u200d\u09aa\u09b2"},
    {"Bengali vowel in two parts", "\u09b0\u09cb\u09ae\u09be", "\u09b0\u09c7\u09be\u09ae\u09be"},
    {"Malayalam chillu", "\u0d30\u0d3e\u0d1c\u0d7b", "\u0d30\u0d3e\u0d1c\u0d28\u0d4d\u200d"},
    {"Tamil shri", "\u0bb6\u0bcd\u0bb0\u0bc0\u0ba9\u0bbf", "\u0bb8\u0bcd\u0bb0\u0bc0\u0ba9\u0bbf"},
    {"Hangul jamo", "\uae40\ucca0\uc218", "\u1100\u1175\u11b7\u110e\u1165\u11af\u1109\u116e"},
};

constexpr Pair kApart[] = {
    {"another letter", "Tanaka Ken", "Tanaka Ren"},
    {"one word and two", "Abdulrahman", "Abdul Rahman"},
    {"another initial", "K.M.P. Silva", "K.M.R. Silva"},
    {"a name less", "Somebody", "Somebody Else"},
    {"o and oe", "M\u00f6ller", "Moeller"},
    {"Arabic letters that differ by dots", "\u0628\u0627\u0633\u0645", "\u064a\u0627\u0633\u0645"},
    {"Arabic he and ha", "\u0645\u0647\u062f\u064a", "\u0645\u062f\u064a"},
    {"Persian gaf and kaf", "\u06af\u0644", "\u06a9\u0644"},
    {"Myanmar vowels", "\u1019\u102d\u102f\u1038", "\u1019\u102d\u1038"},
    {"Myanmar medials", "\u1000\u103b\u102d", "\u1000\u103d\u102d"},
    {"Myanmar letters", "\u1000\u1031\u102c\u103a", "\u1001\u1031\u102c\u103a"},
    {"Lao vowels", "\u0e81\u0eb8\u0ec8\u0ea1", "\u0e81\u0eb9\u0ec8\u0ea1"},
    {"Lao letters", "\u0e81\u0eb8\u0ec8\u0ea1", "\u0e82\u0eb8\u0ec8\u0ea1"},
    {"Khmer vowels", "\u179f\u17bb\u1781", "\u179f\u17bc\u1781"},
    {"Khmer subscript or not", "\u1780\u17d2\u179a\u17bb\u1798", "\u1780\u179a\u17bb\u1798"},
    {"Khmer subscripts", "\u1780\u17d2\u179a\u17bb\u1798", "\u1780\u17d2\u179b\u17bb\u1798"},
    {"Thai letters", "\u0e2a\u0e21\u0e0a\u0e32\u0e22", "\u0e2a\u0e21\u0e2b\u0e32\u0e22"},
    {"Sinhala vowels", "\u0dc1\u0dca\u0dbb\u0dd3", "\u0dc1\u0dca\u0dbb\u0dcf"},
    {"Tamil letters", "\u0b95\u0bb2\u0bbe", "\u0b95\u0bae\u0bbe"},
    {"Han", "\u738b\u4f1f", "\u738b\u82b3"},
};

TEST(NameFormTest, OneNameInTwoSpellings) {
  for (const auto& [what, a, b] : kSame) {
    EXPECT_EQ(NormaliseName(a), NormaliseName(b)) << what;
    EXPECT_NE(NormaliseName(a), "") << what;
  }
}

TEST(NameFormTest, TwoNamesStayApart) {
  for (const auto& [what, a, b] : kApart) EXPECT_NE(NormaliseName(a), NormaliseName(b)) << what;
}

TEST(NameFormTest, IsInLatinWordsInOrder) {
  EXPECT_EQ(NormaliseName("Tr\u1ea7n V\u0103n An"), "an tran van");
  EXPECT_EQ(NormaliseName("\u041c\u0430\u0440\u0438\u044f"), "maria");
  EXPECT_EQ(NormaliseName("-- \u3002 ' \u200b"), "");
  EXPECT_EQ(NormaliseName(""), "");
}

// What a name costs within a write is bounded: U+FDFA is written with 18 letters.
TEST(NameFormTest, NamesAreAsLongAsTheyAreWrittenOut) {
  const auto repeated = [](const std::string& text, int count) {
    std::string name;
    for (int i = 0; i < count; ++i) name += text;
    return name;
  };
  const std::string ligature = "\ufdfa";
  const std::string han = "\u4e2d";
  EXPECT_FALSE(IsNameTooLong(repeated("a", kMostOfName)));
  EXPECT_TRUE(IsNameTooLong(repeated("a", kMostOfName + 1)));
  EXPECT_FALSE(IsNameTooLong(repeated("\u1ea7", kMostOfName)));  // a Vietnamese letter
  EXPECT_FALSE(IsNameTooLong(repeated(han, kMostBeyondLatin)));
  EXPECT_TRUE(IsNameTooLong(repeated(han, kMostBeyondLatin + 1)));
  EXPECT_FALSE(IsNameTooLong(repeated(ligature, 5)));
  EXPECT_TRUE(IsNameTooLong(repeated(ligature, 290)));
}

TEST(ZawgyiTest, IsKnownByWhatUnicodeDoesNotHave) {
  for (const char* name : {
           "\u1031\u1021\u102c\u1004\u1039\u1006\u1014\u1039\u1038",  // Aung San
           "\u1026\u1038\u101e\u1014\u1039\u1094\u1007\u1004\u1039",  // U Thant Zin
           "\u103b\u1019\u1004\u1037\u1039",                          // Myint
           "\u1031\u1000\u103a\u102c\u1039",                          // Kyaw
           "\u1031\u1012\u1021\u1031\u1038\u1031\u1021\u1038",        // Daw Aye Aye, joined on
           "U \u1031\u1021\u102c\u1004\u1039",                        // beside Latin
           "\u1031\u1019\u102c\u1004\u1039\u1031\u1019\u102c\u1004\u1039",  // Maung Maung
       }) {
    EXPECT_TRUE(IsZawgyi(name)) << name;
  }
}

TEST(ZawgyiTest, NamesInUnicodeAreNotTakenForIt) {
  for (const char* name : {
           "Aung San",
           "",
           "\u0645\u062d\u0645\u062f",
           // Burmese: Aung San Suu Kyi, U Thant Zin, Myint, Kyaw, Khin Thway, with kinzi, with a
           // stacked consonant, with ZWSP, with the order of marks changed.
           "\u1021\u1031\u102c\u1004\u103a\u1006\u1014\u103a\u1038\u1005\u102f\u1000\u103c\u100a"
           "\u103a",
           "\u1026\u1038\u101e\u1014\u103a\u1037\u1007\u1004\u103a",
           "\u1019\u103c\u1004\u1037\u103a",
           "\u1000\u103b\u1031\u102c\u103a",
           "\u1001\u1004\u103a\u101e\u103d\u1031\u1038",
           "\u101e\u1004\u103a\u1039\u1001\u102c",
           "\u101e\u1039\u1018\u1031\u102c",
           "\u1019\u1031\u102c\u1004\u103a\u200b\u1019\u1031\u102c\u1004\u103a",
           "\u1000\u102f\u102d\u1000\u102d\u102f",
           // Shan, with its own consonants, vowels and tones.
           "\u1075\u101d\u103a\u1038\u107c\u102c\u1004\u103a\u1038",
           "\u1078\u1062\u103a\u1088\u1019\u102d\u1030\u1004\u103a\u1038\u1010\u1086\u1038",
           "\u1081\u1031\u1083\u1088",
           // Sgaw and Pwo Karen.
           "\u1000\u100a\u102e\u1000\u103b\u102d\u103a",
           "\u1005\u102e\u1062\u103a\u1010\u1030\u1063\u103a",
           "\u1015\u1065\u102d\u1066\u103a\u1069",
           // Mon, with its medials and vowels.
           "\u1019\u1014\u103a",
           "\u1017\u105e\u1034",
           "\u1000\u1031\u102c\u1036",
           "\u1002\u105f\u1033\u1010\u103a",
       }) {
    EXPECT_FALSE(IsZawgyi(name)) << name;
  }
}

}  // namespace
}  // namespace baliprocess::capacity
