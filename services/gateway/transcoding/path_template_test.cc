#include "services/gateway/transcoding/path_template.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "services/gateway/transcoding/percent.h"

namespace baliprocess::gateway {
namespace {

using ::testing::HasSubstr;

// Such as `v1/*/** x.y=1+2 :verb`: segments, then each variable by its segments (single ones with
// an exclamation mark), then the verb.
std::string Described(const PathTemplate& parsed) {
  std::vector<std::string> segments;
  for (const auto& segment : parsed.segments) {
    switch (segment.kind) {
      case PathTemplate::Segment::Kind::kLiteral:
        segments.push_back(segment.literal);
        break;
      case PathTemplate::Segment::Kind::kOne:
        segments.push_back("*");
        break;
      case PathTemplate::Segment::Kind::kRest:
        segments.push_back("**");
        break;
    }
  }
  std::string text = absl::StrJoin(segments, "/");
  for (const auto& variable : parsed.variables) {
    absl::StrAppend(&text, " ", variable.field_path, "=", variable.first, "+", variable.count,
                    variable.single ? "!" : "");
  }
  if (!parsed.verb.empty()) absl::StrAppend(&text, " :", parsed.verb);
  return text;
}

TEST(PathTemplateTest, ReadsTheGrammar) {
  const std::pair<const char*, const char*> rows[] = {
      {"/shelves", "shelves"},
      {"/v1/shelves/books", "v1/shelves/books"},
      {"/**", "**"},
      {"/*", "*"},
      {"/a:foo", "a :foo"},
      {"/*:foo", "* :foo"},
      {"/**:foo", "** :foo"},
      {"/*/*", "*/*"},
      {"/a/*/**:verb", "a/*/** :verb"},
      {"/{id}", "* id=0+1!"},
      {"/{a.b.c}", "* a.b.c=0+1!"},
      {"/{_x.y_2}", "* _x.y_2=0+1!"},
      {"/{id=*}", "* id=0+1!"},
      {"/{id=**}", "** id=0+1"},
      {"/{id=a}", "a id=0+1!"},
      {"/v1/{name=a/*/b/*}:run", "v1/a/*/b/* name=1+4 :run"},
      {"/v1/{name=a/*}/b/{other.id}", "v1/a/*/b/* name=1+2 other.id=4+1!"},
      {"/v1/{parent=a/**}", "v1/a/** parent=1+2"},
      {"/v1/a/{x}/{y}/{z=**}:go", "v1/a/*/*/** x=2+1! y=3+1! z=4+1 :go"},
      {"/a%2Fb/c%20d", "a/b/c d"},
      {"/a-._~!$&'()+,;=@", "a-._~!$&'()+,;=@"},
      {"/a:%3Ab", "a ::b"},
  };
  for (const auto& [text, expected] : rows) {
    const auto parsed = PathTemplate::Parse(text);
    ASSERT_TRUE(parsed.ok()) << text << ": " << parsed.status();
    EXPECT_EQ(Described(*parsed), expected) << text;
  }
}

TEST(PathTemplateTest, RefusesWhatIsNotOfTheGrammar) {
  const std::pair<const char*, const char*> rows[] = {
      {"", "doesn't begin with a slash"},
      {"a", "doesn't begin with a slash"},
      {"//", "empty segment"},
      {"/", "empty segment"},
      {"/a/", "empty segment"},
      {"/a//b", "empty segment"},
      {"/a:", "empty segment or verb"},
      {"/a:b:c", "unexpected ':'"},
      {"/a:b/c", "unexpected '/'"},
      {"/{", "without the name of a field"},
      {"/{}", "without the name of a field"},
      {"/{=*}", "without the name of a field"},
      {"/{1a}", "without the name of a field"},
      {"/{a.}", "without the name of a field"},
      {"/{a", "isn't closed"},
      {"/{a=}", "empty segment"},
      {"/{a=*", "isn't closed"},
      {"/{a=b:c}", "isn't closed"},
      {"/{a={b}}", "a variable within a variable"},
      {"/{a}b", "unexpected 'b'"},
      {"/{a}{b}", "unexpected '{'"},
      {"/b{a}", "unexpected '{'"},
      {"/}", "empty segment"},
      {"/***", "unexpected '*'"},
      {"/*a", "unexpected 'a'"},
      {"/a*", "unexpected '*'"},
      {"/**/a", "something after **"},
      {"/**/*", "something after **"},
      {"/{a=**}/b", "something after **"},
      {"/{a=**/b}", "something after **"},
      {"/{a}/{a}", "names a twice"},
      {"/a b", "unexpected ' '"},
      {"/a?b", "unexpected '?'"},
      {"/a%2", "% that isn't"},
      {"/a%zz", "% that isn't"},
      {"/%ff", "% that isn't"},
  };
  for (const auto& [text, error] : rows) {
    const auto parsed = PathTemplate::Parse(text);
    ASSERT_FALSE(parsed.ok()) << text;
    EXPECT_THAT(std::string(parsed.status().message()), HasSubstr(error)) << text;
  }
}

TEST(PercentTest, Decodes) {
  using enum PercentDecoding;
  const std::tuple<const char*, PercentDecoding, std::optional<std::string>> rows[] = {
      {"a+b", kAll, "a+b"},
      {"a+b", kQuery, "a b"},
      {"a%2Bb%2bc", kAll, "a+b+c"},
      {"a%2Bb", kQuery, "a+b"},
      {"a%20b", kAll, "a b"},
      {"a%20b", kQuery, "a b"},
      {"%2F%2f%3A", kAll, "//:"},
      {"%2F%2f%3A", kAllButSlash, "%2F%2f:"},
      {"%252F", kAll, "%2F"},
      {"%E2%82%AC", kAll, "€"},
      {"€", kAll, "€"},
      {"%", kAll, std::nullopt},
      {"a%4", kAll, std::nullopt},
      {"%4g", kAll, std::nullopt},
      {"%g4", kAll, std::nullopt},
      {"%+1", kAll, std::nullopt},
      {"%C3", kAll, std::nullopt},        // half a character
      {"%ED%A0%80", kAll, std::nullopt},  // a surrogate
      {"%C0%AF", kAll, std::nullopt},     // overlong
      {"\xff", kQuery, std::nullopt},
  };
  for (const auto& [text, decoding, expected] : rows) {
    EXPECT_EQ(PercentDecode(text, decoding), expected) << text;
  }
}

}  // namespace
}  // namespace baliprocess::gateway
