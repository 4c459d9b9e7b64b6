#include "services/gateway/transcoding/json_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "baliprocess/meetings/v1/meetings_service.pb.h"
#include "baliprocess/membership/v1/membership_service.pb.h"
#include "common/testing/matchers.h"
#include "services/gateway/transcoding/json_reader.h"
#include "services/gateway/transcoding/testing/request_rows.h"

namespace baliprocess::gateway {
namespace {

using ::testing::StartsWith;

class JsonRequestTest : public ::testing::Test {
 protected:
  std::string Post(std::string_view json, std::string_view path = "/x") {
    return table_.Read("POST", path, "", {"application/json", json});
  }
  void Check(const std::vector<std::pair<const char*, const char*>>& rows,
             std::string_view path = "/x") {
    for (const auto& [json, read] : rows) {
      if (*read == '?' || *read == '!') {
        EXPECT_THAT(Post(json, path), StartsWith(read)) << json;
      } else {
        EXPECT_EQ(Post(json, path), read) << json;
      }
    }
  }

  RequestTable table_{
      {R"(post: "/x" body: "*" additional_bindings { post: "/x/{f_string}" body: "*" }
                          additional_bindings { post: "/sub/{sub.f_string}" body: "sub" }
                          additional_bindings { post: "/choice/{that}" body: "*" })",
       R"(post: "/scalar" body: "f_string" additional_bindings {
                          post: "/number" body: "f_int32" } additional_bindings {
                          post: "/list" body: "r_int32" } additional_bindings {
                          post: "/subs" body: "subs" } additional_bindings {
                          post: "/map" body: "counts" } additional_bindings {
                          post: "/time" body: "time" } additional_bindings {
                          post: "/value" body: "value" } additional_bindings {
                          post: "/wrapper" body: "w_string" })",
       R"(post: "/file/{f_string}" body: "file")", R"(post: "/none")"}};
};

TEST_F(JsonRequestTest, RefusesWhatIsNotJson) {
  Check({
      {"{", "!the body isn't valid JSON: line 1, column 2"},
      {"{\n  \"f_int32\": ,", "!the body isn't valid JSON: line 2, column 14"},
      {"{} x", "!the body isn't valid JSON: line 1, column 4"},
      {"{}{}", "!the body isn't valid JSON"},
      {" ", "!the body isn't valid JSON"},
      {"{'f_int32': 1}", "!the body isn't valid JSON"},
      {"{f_int32: 1}", "!the body isn't valid JSON"},
      {R"({"f_int32": 1,})", "!the body isn't valid JSON"},
      {R"({"r_int32": [1,]})", "!the body isn't valid JSON"},
      {R"({"f_int32": 01})", "!the body isn't valid JSON"},
      {R"({"f_int32": +1})", "!the body isn't valid JSON"},
      {R"({"f_int32": 0x1})", "!the body isn't valid JSON"},
      {R"({"f_double": NaN})", "!the body isn't valid JSON"},
      {R"({"f_bool": True})", "!the body isn't valid JSON"},
      {R"({"f_int32": 1 /* one */})", "!the body isn't valid JSON"},
      {"{\"f_string\": \"a\nb\"}", "!the body isn't valid JSON"},
      {"{\"f_string\": \"\xff\"}", "!the body isn't valid JSON"},
      {"{\"f_string\": \"\xed\xa0\x80\"}", "!the body isn't valid JSON"},
      {R"({"f_string": "\ud800"})", "!the body isn't valid JSON"},
      {R"({"f_string": "\udc00\ud800"})", "!the body isn't valid JSON"},
      {R"({"f_string": "\x41"})", "!the body isn't valid JSON"},
      {R"({"f_string": "\ud83d\ude00 \u00e9\n"})", "f_string: \"😀 é\\n\""},
      {"[]", "?: must be an object"},
      {"1", "?: must be an object"},
      {"\"x\"", "?: must be an object"},
      {"null", "?: must be an object"},
      {"", ""},
      {"{}", ""},
      {" {} \n", ""},
  });
}

TEST_F(JsonRequestTest, RefusesAZeroByte) {
  using namespace std::string_view_literals;
  const std::string many = "!the body has more than 1000 line feeds or tabs in a row";
  EXPECT_EQ(Post(absl::StrCat("{", std::string(1000, '\n'), "}")), "");
  EXPECT_EQ(Post(absl::StrCat("{", std::string(900, '\n'), " ", std::string(101, '\t'), "}")),
            many);
  EXPECT_EQ(Post(absl::StrCat(std::string(1001, '\r'), "x")), many);
  EXPECT_EQ(Post("{}\0 more"sv), "!the body isn't valid JSON: line 1, column 3");
  EXPECT_EQ(Post("\n{\0}"sv), "!the body isn't valid JSON: line 2, column 2");
  EXPECT_EQ(Post("{\"f_string\": \"\0\"}"sv), "!the body isn't valid JSON: line 1, column 15");
  EXPECT_EQ(Post(R"({"f_string": "\u0000"})"), "f_string: \"\\000\"");
}

TEST_F(JsonRequestTest, NamesFieldsInEitherSpellingOnce) {
  Check({
      {R"({"f_int32": 1})", "f_int32: 1"},
      {R"({"fInt32": 1})", "f_int32: 1"},
      {R"({"other-name": "a"})", "renamed: \"a\""},
      {R"({"renamed": "a"})", "renamed: \"a\""},
      {R"({"f\u0049nt32": 1})", "f_int32: 1"},
      {R"({"nope": {"a": [1, {"b": null}]}})", "?nope: isn't a field of the request"},
      {R"({"sub": {"nope": 1}})", "?sub.nope: isn't a field of the request"},
      {R"({"subs": [{}, {"nope": 1}]})", "?subs[1].nope: isn't a field of the request"},
      {R"({"FInt32": 1})", "?FInt32: isn't a field of the request"},
      {R"({"": 1})", "?: isn't a field of the request"},
      {R"({"@type": 1})", "?@type: isn't a field of the request"},
      {R"({"f_int32": 1, "f_int32": 1})", "?f_int32: must be given once"},
      {R"({"f_int32": 1, "fInt32": 2})", "?f_int32: must be given once"},
      {R"({"f_int32": null, "f_int32": 2})", "?f_int32: must be given once"},
      {R"({"sub": {}, "sub": {}})", "?sub: must be given once"},
      {R"({"r_int32": [1], "r_int32": [2]})", "?r_int32: must be given once"},
      // All errors at once, each by its place.
      {R"({"nope": 1, "sub": {"f_int32": "x"}, "by_number": {"1": {"f_bool": 1}}, "r_int32": [1, 2.5]})",
       "?nope: isn't a field of the request; sub.f_int32: must be an integer from -2147483648 to "
       "2147483647; by_number[1].f_bool: must be true or false; r_int32[1]: must be an integer"},
  });
}

TEST_F(JsonRequestTest, ReadsNumbersStrictly) {
  Check({
      {R"({"f_int32": -2147483648, "f_int64": 9223372036854775807})",
       "f_int32: -2147483648 f_int64: 9223372036854775807"},
      {R"({"f_int64": "-9223372036854775808", "f_uint64": "18446744073709551615"})",
       "f_int64: -9223372036854775808 f_uint64: 18446744073709551615"},
      {R"({"f_uint64": 18446744073709551615, "f_uint32": 4294967295})",
       "f_uint32: 4294967295 f_uint64: 18446744073709551615"},
      {R"({"f_int32": 1.0, "f_int64": 1e18, "f_uint32": "1e2"})",
       "f_int32: 1 f_int64: 1000000000000000000 f_uint32: 100"},
      {R"({"f_int64": 9007199254740993.0})", "f_int64: 9007199254740993"},
      {R"({"f_int32": 1.9})", "?f_int32: must be an integer from"},
      {R"({"f_int32": "1.9"})", "?f_int32: must be an integer from"},
      {R"({"f_int32": 2147483648})", "?f_int32: must be an integer from"},
      {R"({"f_int32": 18446744073709551615})", "?f_int32: must be an integer from"},
      {R"({"f_int64": 9223372036854775808})", "?f_int64: must be an integer from"},
      {R"({"f_uint64": 18446744073709551616})", "?f_uint64: must be an integer from"},
      {R"({"f_uint32": -1})", "?f_uint32: must be an integer from"},
      {R"({"f_int32": ""})", "?f_int32: must be an integer from"},
      {R"({"f_int32": " 1"})", "?f_int32: must be an integer from"},
      {R"({"f_int32": "0x1"})", "?f_int32: must be an integer from"},
      {R"({"f_int32": true})", "?f_int32: must be an integer from"},
      {R"({"f_int32": {}})", "?f_int32: must not be an object"},
      {R"({"f_int32": [1]})", "?f_int32: must not be a list"},
      {R"({"f_double": 1, "f_float": "1.5"})", "f_double: 1 f_float: 1.5"},
      {R"({"f_double": "NaN", "f_float": "-Infinity"})", "f_double: nan f_float: -inf"},
      {R"({"f_double": 1e400})", "?f_double: must be a number in the range"},
      {R"({"f_float": 1e39})", "?f_float: must be a number within the range"},
      {R"({"f_double": "0x10"})", "?f_double: must be a number"},
      {R"({"f_double": "Inf"})", "?f_double: must be a number"},
      {R"({"f_double": true})", "?f_double: must be a number"},
      {R"({"f_bool": true})", "f_bool: true"},
      {R"({"f_bool": "true"})", "?f_bool: must be true or false"},
      {R"({"f_bool": 1})", "?f_bool: must be true or false"},
  });
}

TEST_F(JsonRequestTest, ReadsTextBytesAndEnumsStrictly) {
  Check({
      {R"({"f_string": 1})", "?f_string: must be a string"},
      {R"({"f_string": true})", "?f_string: must be a string"},
      {R"({"f_string": {}})", "?f_string: must not be an object"},
      {R"({"f_string": []})", "?f_string: must not be a list"},
      {R"({"f_bytes": "-_8="})", "f_bytes: \"\\373\\377\""},
      {R"({"f_bytes": "+/8"})", "f_bytes: \"\\373\\377\""},
      {R"({"f_bytes": "Y Q"})", "?f_bytes: must be bytes in base64"},
      {R"({"f_bytes": "!"})", "?f_bytes: must be bytes in base64"},
      {R"({"f_bytes": 1})", "?f_bytes: must be bytes in base64"},
      {R"({"color": "RED", "r_color": [2, "RED", 7]})",
       "color: RED r_color: GREEN r_color: RED r_color: 7"},
      {R"({"color": 1.0})", "color: RED"},
      {R"({"color": 4294967297})", "?color: must be the name or number"},
      {R"({"color": 1.5})", "?color: must be the name or number"},
      {R"({"color": "red"})", "?color: must be the name or number"},
      {R"({"color": "1"})", "?color: must be the name or number"},
      {R"({"color": true})", "?color: must be the name or number"},
      {R"({"r_color": ["RED", "BLUE"]})", "?r_color[1]: must be the name or number"},
  });
}

TEST_F(JsonRequestTest, ReadsListsMapsAndNulls) {
  Check({
      {R"({"r_int32": [3, "1"], "r_string": []})", "r_int32: 3 r_int32: 1"},
      {R"({"r_int32": 1})", "?r_int32: must be a list"},
      {R"({"r_int32": {"0": 1}})", "?r_int32: must be a list"},
      {R"({"r_int32": [1, null]})", "?r_int32[1]: must not be null"},
      {R"({"r_int32": [[1]]})", "?r_int32[0]: must not be a list"},
      {R"({"subs": [{"f_int32": 1}, {}]})", "subs { f_int32: 1 } subs { }"},
      {R"({"subs": [1]})", "?subs[0]: must be an object"},
      {R"({"subs": {}})", "?subs: must be a list"},
      {R"({"subs": [null]})", "?subs[0]: must not be null"},
      {R"({"sub": []})", "?sub: must not be a list"},
      {R"({"sub": "x"})", "?sub: must be an object"},
      {R"({"counts": {"a": 1}})", "counts { key: \"a\" value: 1 }"},
      {R"({"counts": {"a": 1, "a": 2}})", "?counts[a]: must be given once"},
      {R"({"counts": {"a": null}})", "?counts[a]: must not be null"},
      {R"({"counts": [1]})", "?counts: must be an object"},
      {R"({"counts": 1})", "?counts: must be an object"},
      {R"({"by_number": {"-1": {"f_int32": 2}}})", "by_number { key: -1 value { f_int32: 2 } }"},
      {R"({"by_number": {"x": {"f_int32": "y"}}})",
       "?by_number[x]: the key must be an integer from"},
      {R"({"by_bool": {"true": "a"}})", "by_bool { key: true value: \"a\" }"},
      {R"({"by_bool": {"1": "a"}})", "?by_bool[1]: the key must be true or false"},
      {R"({"f_int32": null, "sub": null, "r_int32": null, "counts": null, "time": null,
           "w_int32": null, "p_int32": null, "this": null})",
       ""},
      {R"({"p_int32": 0, "p_string": ""})", "p_int32: 0 p_string: \"\""},
      {R"({"this": "a"})", "this: \"a\""},
      {R"({"this": null, "that": 1})", "that: 1"},
      {R"({"this": "a", "that": 1})", "?that: must not be given beside this"},
      {R"({"that": 1, "other": {}})", "?other: must not be given beside that"},
  });
}

TEST_F(JsonRequestTest, ReadsWellKnownTypes) {
  Check({
      {R"({"time": "1970-01-01T00:00:01.5Z", "duration": "1.5s", "mask": "aB,c.d_e"})",
       "time { seconds: 1 nanos: 500000000 } duration { seconds: 1 nanos: 500000000 } "
       "mask { paths: \"a_b\" paths: \"c.d_e\" }"},
      {R"({"time": {}})", "?time: must not be an object"},
      {R"({"time": {"seconds": 1}})", "?time: must not be an object"},
      {R"({"time": 1})", "?time: must be a time"},
      {R"({"time": "0000-01-01T00:00:00Z"})", "?time: must be a time"},
      {R"({"times": ["1970-01-01T00:00:01Z", "x"]})", "?times[1]: must be a time"},
      {R"({"duration": 1})", "?duration: must be seconds"},
      {R"({"mask": {"paths": ["a"]}})", "?mask: must not be an object"},
      {R"({"mask": ["a"]})", "?mask: must not be a list"},
      {R"({"w_int32": 5, "w_string": "", "w_int64": "7", "w_bytes": "YQ==", "w_double": 1.5})",
       "w_int32 { value: 5 } w_string { } w_bytes { value: \"a\" } w_int64 { value: 7 } "
       "w_double { value: 1.5 }"},
      {R"({"w_int32": {"value": 5}})", "?w_int32: must not be an object"},
      {R"({"w_int32": 1.5})", "?w_int32: must be an integer"},
      {R"({"w_bool": "true"})", "?w_bool: must be true or false"},
      {R"({"empty": {}})", "empty { }"},
      {R"({"empty": {"a": 1}})", "?empty.a: isn't a field of the request"},
      {R"({"struct": {"a": 1, "b": {"c": [true, null, "x"]}}})",
       "struct { fields { key: \"a\" value { number_value: 1 } } fields { key: \"b\" value { "
       "struct_value { fields { key: \"c\" value { list_value { values { bool_value: true } "
       "values { null_value: NULL_VALUE } values { string_value: \"x\" } } } } } } } }"},
      {R"({"struct": {"a": 1, "a": 2}})", "?struct[a]: must be given once"},
      {R"({"struct": []})", "?struct: must not be a list"},
      {R"({"struct": 1})", "?struct: must be an object"},
      {R"({"value": null})", "value { null_value: NULL_VALUE }"},
      {R"({"value": "x"})", "value { string_value: \"x\" }"},
      {R"({"value": "NaN"})", "value { string_value: \"NaN\" }"},
      {R"({"value": [1]})", "value { list_value { values { number_value: 1 } } }"},
      {R"({"value": {}})", "value { struct_value { } }"},
      {R"({"values": [null, [], {}]})",
       "values { null_value: NULL_VALUE } values { list_value { } } values { struct_value { } }"},
      {R"({"value_map": {"a": null}})",
       "value_map { key: \"a\" value { null_value: NULL_VALUE } }"},
      {R"({"list": [1, "a"]})",
       "list { values { number_value: 1 } values { string_value: \"a\" } }"},
      {R"({"list": {}})", "?list: must be a list"},
      {R"({"list": 1})", "?list: must be a list"},
      {R"({"null": null})", ""},
      {R"({"any": {"@type": "type.googleapis.com/test.Message", "f_int32": 1}})",
       "?any: is of any type"},
  });
}

TEST_F(JsonRequestTest, ReadsABodyThatIsAField) {
  Check({{R"("a")", "f_string: \"a\""},
         {R"({"f_string": "a"})", "?f_string: must not be an object"},
         {R"(["a"])", "?f_string: must not be a list"},
         {"1", "?f_string: must be a string"},
         {"null", ""},
         {"", ""}},
        "/scalar");
  Check({{"1", "f_int32: 1"}, {"1.9", "?f_int32: must be an integer"}, {"{}", "?f_int32: must"}},
        "/number");
  Check({{"[1, 2]", "r_int32: 1 r_int32: 2"},
         {"1", "?r_int32: must be a list"},
         {"[1, \"x\"]", "?r_int32[1]: must be an integer"}},
        "/list");
  Check({{R"([{"f_int32": 1}])", "subs { f_int32: 1 }"},
         {R"([{"nope": 1}])", "?subs[0].nope: isn't a field"},
         {"{}", "?subs: must be a list"}},
        "/subs");
  Check({{R"({"a": 1})", "counts { key: \"a\" value: 1 }"}, {"[]", "?counts: must be an object"}},
        "/map");
  Check({{R"("1970-01-01T00:00:01Z")", "time { seconds: 1 }"}, {"{}", "?time: must not be"}},
        "/time");
  Check({{"null", "value { null_value: NULL_VALUE }"}, {"1", "value { number_value: 1 }"}},
        "/value");
  Check({{R"("a")", "w_string { value: \"a\" }"}, {R"({"value": "a"})", "?w_string: must not be"}},
        "/wrapper");
}

TEST_F(JsonRequestTest, JoinsThePathAndTheBody) {
  Check({{R"({"f_int32": 1})", "f_int32: 1 f_string: \"a\""},
         {"", "f_string: \"a\""},
         {R"({"f_string": "a"})", "f_string: \"a\""},
         {R"({"f_string": ""})", "f_string: \"a\""},
         {R"({"f_string": "b"})", "?f_string: is given twice, with different values"}},
        "/x/a");
  Check({{R"({"f_int32": 1})", "sub { f_int32: 1 f_string: \"a\" }"},
         {"", "sub { f_string: \"a\" }"},
         {R"({"f_string": "a"})", "sub { f_string: \"a\" }"},
         {R"({"f_string": "b"})", "?sub.f_string: is given twice, with different values"}},
        "/sub/a");
  Check({{"{}", "that: 5"},
         {R"({"that": 5})", "that: 5"},
         {R"({"that": 6})", "?that: is given twice"},
         {R"({"this": "a"})", "?that: must not be given beside this"}},
        "/choice/5");
  Check({{"", "?that: must be an integer from"}}, "/choice/x");
  // What is wrong in the body, the query and the path is told together.
  EXPECT_THAT(table_.Read("POST", "/sub/a", "nope=1", {"", R"({"f_bool": 1})"}),
              StartsWith("?sub.f_bool: must be true or false; nope: isn't a field"));
}

TEST_F(JsonRequestTest, TakesHttpBodiesAsTheyAre) {
  EXPECT_EQ(table_.Read("POST", "/file/a", "f_int32=1", {"text/x", "{\x01"}),
            "f_int32: 1 f_string: \"a\" file { content_type: \"text/x\" data: \"{\\001\" }");
  EXPECT_EQ(table_.Read("POST", "/file/a", "file.data=YQ", {"text/x", "b"}),
            "?file.data: belongs in the body, not in the query");
  EXPECT_EQ(table_.Read("POST", "/file/a", "", {"", ""}), "f_string: \"a\" file { }");
}

TEST_F(JsonRequestTest, RefusesABodyWhereThereIsNone) {
  EXPECT_EQ(table_.Read("POST", "/none", "f_int32=1"), "f_int32: 1");
  EXPECT_EQ(table_.Read("POST", "/none", "", {"", "{}"}), "!the method takes no body");
}

TEST_F(JsonRequestTest, BoundsDepth) {
  const auto nested = [](std::string_view open, int depth, std::string_view close) {
    std::string json;
    for (int i = 0; i < depth; ++i) json += open;
    for (int i = 0; i < depth; ++i) json += close;
    return json;
  };
  const std::string subs = R"({"sub":)";
  EXPECT_THAT(
      Post(nested(subs, kMostJsonDepth - 1, "}").insert(subs.size() * (kMostJsonDepth - 1), "{}")),
      StartsWith("sub { sub {"));
  EXPECT_EQ(Post(nested(subs, kMostJsonDepth, "}").insert(subs.size() * kMostJsonDepth, "{}")),
            "!the body is nested deeper than 100 levels");
  EXPECT_EQ(Post(nested("[", kMostJsonDepth, "]"), "/value").substr(0, 7), "value {");
  EXPECT_EQ(Post(nested("[", kMostJsonDepth + 1, "]"), "/value"),
            "!the body is nested deeper than 100 levels");
  // So is what has no place.
  EXPECT_EQ(Post(R"({"nope":)" + nested("[", 100'000, "]") + "}"),
            "!the body is nested deeper than 100 levels");
}

TEST_F(JsonRequestTest, BoundsValues) {
  const auto list = [](const char* element, size_t count) {
    std::string json = "[";
    for (size_t i = 0; i < count; ++i) absl::StrAppend(&json, i == 0 ? "" : ",", element);
    return json + "]";
  };
  constexpr char kTooMany[] = "!the body has more than 100000 values";
  EXPECT_THAT(Post(list("1", kMostJsonValues - 1), "/list"), StartsWith("r_int32: 1"));
  EXPECT_EQ(Post(list("1", kMostJsonValues), "/list"), kTooMany);
  EXPECT_THAT(Post(list("{}", kMostJsonValues / 2 - 1), "/subs"), StartsWith("subs { }"));
  EXPECT_EQ(Post(list("{}", kMostJsonValues / 2), "/subs"), kTooMany);
  std::string map = "{";
  for (size_t i = 0; i < kMostJsonValues; ++i)
    absl::StrAppend(&map, i == 0 ? "" : ",", "\"", i, "\":1");
  EXPECT_EQ(Post(map + "}", "/map"), kTooMany);
}

TEST_F(JsonRequestTest, TellsAtMostSoManyViolations) {
  std::string json = "[";
  for (size_t i = 0; i < 2 * kMostViolations; ++i) json += i == 0 ? "\"x\"" : ",\"x\"";
  const std::string told = Post(json + "]", "/list");
  EXPECT_EQ(std::count(told.begin(), told.end(), '['), static_cast<long>(kMostViolations));
}

TEST_F(JsonRequestTest, SetsFieldsFromHeaders) {
  membership::v1::UpdateMemberRequest request;
  EXPECT_OK(SetFromText(request, "member.etag", "a"));
  EXPECT_OK(SetFromText(request, "member.etag", "a"));
  EXPECT_EQ(request.member().etag(), "a");
  EXPECT_EQ(ViolationsOf(SetFromText(request, "member.etag", "b")),
            "member.etag: is given twice, with different values");
  EXPECT_EQ(ViolationsOf(SetFromText(request, "nope", "b")), "nope: isn't a field of the request");
  EXPECT_EQ(ViolationsOf(SetFromText(request, "member", "b")),
            "member: isn't a field of the request");
}

// Of types that are compiled in, too.
TEST(OwnRequestsTest, AreRead) {
  ASSERT_OK_AND_ASSIGN(const Bindings bindings, Bindings::Create(OwnMethods()));
  ASSERT_OK_AND_ASSIGN(const Match update, bindings.Find("PATCH", "/v1/members/aus"));
  membership::v1::UpdateMemberRequest request;
  ASSERT_OK_AND_ASSIGN(const QueryParameters query, ParseQuery("updateMask=displayName"));
  ASSERT_OK(ReadRequest(update, query, {"", R"({"displayName": "Australia", "kind": "STATE"})"},
                        request));
  EXPECT_EQ(RequestTable::Printed(request),
            "member { name: \"members/aus\" kind: STATE display_name: \"Australia\" } "
            "update_mask { paths: \"display_name\" }");

  ASSERT_OK_AND_ASSIGN(const Match upload,
                       bindings.Find("POST", "/v1/meetings/m/documents/d:upload"));
  meetings::v1::UploadDocumentRequest document;
  ASSERT_OK(ReadRequest(upload, {}, {"application/pdf", "%PDF"}, document));
  EXPECT_EQ(document.content().data(), "%PDF");
  EXPECT_EQ(document.content().content_type(), "application/pdf");
}

}  // namespace
}  // namespace baliprocess::gateway
