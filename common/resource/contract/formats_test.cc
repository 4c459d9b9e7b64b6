#include "common/resource/contract/formats.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace baliprocess::resource {
namespace {

using Texts = std::vector<std::string>;

void ExpectFormat(api::v1::FieldRules::Format format, const Texts& good, const Texts& bad) {
  for (const std::string& text : good) EXPECT_EQ(WhyNotOfFormat(text, format), nullptr) << text;
  for (const std::string& text : bad) EXPECT_NE(WhyNotOfFormat(text, format), nullptr) << text;
}

TEST(ExamineTest, CountsCodePoints) {
  EXPECT_EQ(Examine("").length, 0u);
  EXPECT_EQ(Examine("abc").length, 3u);
  EXPECT_EQ(Examine("\xc3\xa4\xe0\xb8\x81\xf0\x9f\x8c\x8f").length, 3u);
}

TEST(ExamineTest, KnowsInvalidUtf8) {
  for (const std::string text :
       {"\x80", "\xc3", "\xc0\xaf", "\xc1\xbf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf0\x80\x80\xaf",
        "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "a\xe2\x82", "\xe2\x28\xa1"}) {
    EXPECT_FALSE(Examine(text).valid_utf8);
  }
  EXPECT_TRUE(Examine("\xf4\x8f\xbf\xbf\xed\x9f\xbf\xee\x80\x80").valid_utf8);
}

TEST(ExamineTest, CountsCombiningMarksInARow) {
  std::string marks;
  for (int i = 0; i < kMostMarks; ++i) marks += "\u0301";
  EXPECT_FALSE(Examine("a" + marks + "b" + marks).has_many_marks);
  EXPECT_TRUE(Examine("a" + marks + "\u0323").has_many_marks);
}

TEST(ExamineTest, KnowsControlCharacters) {
  EXPECT_FALSE(Examine("tab\tand\nline feed\xc2\xa0").has_control);
  EXPECT_TRUE(Examine(std::string_view("a\0b", 3)).has_control);
  for (const char* text : {"\r", "\x1f", "\x7f", "\xc2\x80", "\xc2\x9f"}) {
    EXPECT_TRUE(Examine(text).has_control);
  }
  // Of category Zl, not a control character.
  EXPECT_FALSE(Examine("\xe2\x80\xa8").has_control);
}

TEST(FormatTest, LanguageTag) {
  ExpectFormat(api::v1::FieldRules::LANGUAGE_TAG,
               {"en", "id", "zh-Hant", "zh-Hant-TW", "es-419", "sl-rozaj-biske", "de-CH-1996",
                "x-private", "en-US-u-islamcal", "zh-yue-HK", "qaa-Qaaa-QM-x-southern"},
               {"", "e", "-", "en-", "en--US", "english1", "en_US", "a-DE", "en-u", "en-x",
                "de-1996-1996", "en-a-bb-a-cc", "verylonglanguage", "12", "zh-Hant-TW-!"});
}

TEST(FormatTest, Uri) {
  ExpectFormat(api::v1::FieldRules::URI,
               {"https://www.baliprocess.net/", "http://example.org", "HTTPS://example.org/a?b=c#d",
                "https://example.org:8443/%20x", "https://[2001:db8::1]/x", "http://192.0.2.1"},
               {"", "example.org", "/path", "ftp://example.org", "https://", "https:///x",
                "https://exa mple.org", "https://example.org/%2", "https://example.org/%zz",
                "https://user@example.org/", "javascript:alert(1)", "https://example.org:port/",
                "https://example.org/#a#b", "https://-a.org", "https://example.org/<x>",
                "https://[]/", "https://example.org/\xc3\xa4"});
}

TEST(FormatTest, Email) {
  ExpectFormat(api::v1::FieldRules::EMAIL,
               {"info@rso.baliprocess.net", "a.b+c@example.org", "x@xn--a.org"},
               {"", "@example.org", "a@", "a@b", "a@@example.org", "a b@example.org",
                "a@example..org", "a@-example.org", "a@example.1", ".a@example.org",
                "a@example.org ", "a@example.org\n", "a<b@example.org"});
}

TEST(FormatTest, TimeZone) {
  ExpectFormat(
      api::v1::FieldRules::TIME_ZONE,
      {"Asia/Kuala_Lumpur", "UTC", "Australia/Canberra", "Etc/GMT+8", "America/Argentina/Ushuaia"},
      {"", "Asia", "Asia/Nowhere", "asia/kuala_lumpur", "../passwd", "/etc/passwd",
       "Asia/../../../../etc/passwd", "posixrules", "Fixed/UTC+08:00:00", "Asia/", "zone.tab",
       "localtime", std::string(1000, 'A')});
}

TEST(FormatTest, RegionCode) {
  ExpectFormat(api::v1::FieldRules::REGION_CODE, {"AU", "VN"}, {"", "A", "AUS", "au", "A1"});
}

TEST(FormatTest, PhoneNumber) {
  ExpectFormat(api::v1::FieldRules::PHONE_NUMBER, {"+61261234567", "+6221345"},
               {"", "61261234567", "+0123456789", "+61 2 6123", "+123456", "+1234567890123456"});
}

TEST(FormatTest, Uuid4) {
  EXPECT_TRUE(IsUuid4("0b7e5b6e-5a0c-4b2e-9d2f-0f6f0d3c1a2b"));
  EXPECT_TRUE(IsUuid4("0B7E5B6E-5A0C-4B2E-BD2F-0F6F0D3C1A2B"));
  EXPECT_FALSE(IsUuid4("0b7e5b6e-5a0c-1b2e-9d2f-0f6f0d3c1a2b"));  // version 1
  EXPECT_FALSE(IsUuid4("0b7e5b6e-5a0c-4b2e-cd2f-0f6f0d3c1a2b"));  // another variant
  EXPECT_FALSE(IsUuid4(""));
  EXPECT_FALSE(IsUuid4("0b7e5b6e5a0c4b2e9d2f0f6f0d3c1a2b"));
}

TEST(FormatTest, AnyTextWithoutAFormat) {
  EXPECT_EQ(WhyNotOfFormat("anything", api::v1::FieldRules::FORMAT_UNSPECIFIED), nullptr);
}

}  // namespace
}  // namespace baliprocess::resource
