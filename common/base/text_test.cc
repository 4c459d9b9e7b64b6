#include "common/base/text.h"

#include <gtest/gtest.h>

#include <string>

namespace baliprocess {
namespace {

TEST(TextTest, ReadsTheFirstCharacter) {
  EXPECT_EQ(DecodeUtf8("ab").code, 'a');
  EXPECT_EQ(DecodeUtf8("ab").size, 1);
  EXPECT_EQ(DecodeUtf8(std::string(1, '\0')).size, 1);
  EXPECT_EQ(DecodeUtf8("\xc3\xa9!").code, 0xE9u);
  EXPECT_EQ(DecodeUtf8("\xe2\x82\xac").size, 3);
  EXPECT_EQ(DecodeUtf8("\xf4\x8f\xbf\xbf").code, 0x10FFFFu);
}

TEST(TextTest, RefusesWhatIsNotWellFormed) {
  for (const char* text :
       {"", "\x80", "\xc1\xbf", "\xc3", "\xc3(", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xe2\x82",
        "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80"}) {
    EXPECT_EQ(DecodeUtf8(text).size, 0) << text;
  }
}

}  // namespace
}  // namespace baliprocess
