#include "services/gateway/transcoding/query.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/testing/matchers.h"
#include "services/gateway/transcoding/testing/request_rows.h"

namespace baliprocess::gateway {
namespace {

using baliprocess::testing::HasReason;
using ::testing::HasSubstr;
using ::testing::StartsWith;

struct Row {
  const char* query;
  const char* read;  // how what is read begins
};

class QueryTest : public ::testing::Test {
 protected:
  void Check(const std::vector<Row>& rows) {
    for (const auto& [query, read] : rows) {
      const std::string actual = table_.Read("GET", "/x", query);
      if (*read == '?') {
        EXPECT_THAT(actual, StartsWith(read)) << query;
      } else {
        EXPECT_EQ(actual, read) << query;
      }
    }
  }

  RequestTable table_{{R"(get: "/x")", R"(get: "/x/{f_string}/{sub.f_int32}")",
                       R"(post: "/x" body: "*")", R"(post: "/x:sub" body: "sub")"}};
};

TEST_F(QueryTest, NamesFieldsInEitherSpelling) {
  Check({
      {"", ""},
      {"f_int32=1", "f_int32: 1"},
      {"fInt32=1", "f_int32: 1"},
      {"sub.f_string=a&sub.fInt32=2", "sub { f_int32: 2 f_string: \"a\" }"},
      {"sub.sub.sub.f_bool=true", "sub { sub { sub { f_bool: true } } }"},
      {"other-name=x", "renamed: \"x\""},
      {"renamed=x", "renamed: \"x\""},
      {"f%5Fstring=x", "f_string: \"x\""},
      {"sub%2Ef_string=x", "sub { f_string: \"x\" }"},
      {"&f_int32=1&&", "f_int32: 1"},
      {"nope=1", "?nope: isn't a field of the request"},
      {"sub.nope=1", "?sub.nope: isn't a field of the request"},
      {"sub.f_int32.x=1", "?sub.f_int32.x: isn't a field of the request"},
      {"f_Int32=1", "?f_Int32: isn't a field of the request"},
      {"othername=1", "?othername: isn't a field of the request"},
      {"=1", "?: isn't a field of the request"},
      {".f_int32=1", "?.f_int32: isn't a field of the request"},
      {"sub.=1", "?sub.: isn't a field of the request"},
      {"$alt=json", "?$alt: isn't a field of the request"},
      {"nope=1&f_int32=x&color=",
       "?nope: isn't a field of the request; f_int32: must be an integer from -2147483648 to "
       "2147483647; color: must be the name or number of a test.Color"},
  });
}

TEST_F(QueryTest, DecodesNamesAndValues) {
  Check({
      {"f_string=a+b", "f_string: \"a b\""},
      {"f_string=a%2Bb", "f_string: \"a+b\""},
      {"f_string=a%20b%2Fc/d", "f_string: \"a b/c/d\""},
      {"f_string=a%26b%3Dc", "f_string: \"a&b=c\""},
      {"f_string=a=b", "f_string: \"a=b\""},
      {"f_string=%E2%82%AC", "f_string: \"€\""},
      {"f_string=a;b", "f_string: \"a;b\""},
      {"p_string", "p_string: \"\""},
      {"p_string=", "p_string: \"\""},
      {"f_string=%", "?f_string: must be percent-encoded UTF-8"},
      {"f_string=%4", "?f_string: must be percent-encoded UTF-8"},
      {"f_string=%zz", "?f_string: must be percent-encoded UTF-8"},
      {"f_string=%ff", "?f_string: must be percent-encoded UTF-8"},
      {"f%string=x", "?query: must be percent-encoded UTF-8"},
  });
}

TEST_F(QueryTest, ReadsNumbersStrictly) {
  Check({
      {"f_int32=-2147483648", "f_int32: -2147483648"},
      {"f_int32=2147483647", "f_int32: 2147483647"},
      {"f_int32=1.0", "f_int32: 1"},
      {"f_int32=1e2", "f_int32: 100"},
      {"f_int32=2147483648", "?f_int32: must be an integer from"},
      {"f_int32=1.9", "?f_int32: must be an integer from"},
      {"f_int32=", "?f_int32: must be an integer from"},
      {"f_int32", "?f_int32: must be an integer from"},
      {"f_int32=+1", "?f_int32: must be an integer from"},  // that is a space
      {"f_int32=%2B1", "?f_int32: must be an integer from"},
      {"f_int32=1%20", "?f_int32: must be an integer from"},
      {"f_int32=0x1", "?f_int32: must be an integer from"},
      {"f_int32=01", "?f_int32: must be an integer from"},
      {"f_int32=true", "?f_int32: must be an integer from"},
      {"f_int64=9223372036854775807", "f_int64: 9223372036854775807"},
      {"f_int64=-9223372036854775808", "f_int64: -9223372036854775808"},
      {"f_int64=9223372036854775808", "?f_int64: must be an integer from"},
      {"f_int64=-9223372036854775809", "?f_int64: must be an integer from"},
      {"f_int64=99999999999999999999", "?f_int64: must be an integer from"},
      {"f_uint32=4294967295", "f_uint32: 4294967295"},
      {"f_uint32=4294967296", "?f_uint32: must be an integer from 0 to 4294967295"},
      {"f_uint32=-1", "?f_uint32: must be an integer from"},
      {"f_uint64=18446744073709551615", "f_uint64: 18446744073709551615"},
      {"f_uint64=18446744073709551616", "?f_uint64: must be an integer from"},
      {"f_sint32=-5&f_fixed64=5", "f_sint32: -5 f_fixed64: 5"},
      {"f_double=1.5e-3", "f_double: 0.0015"},
      {"f_double=NaN", "f_double: nan"},
      {"f_double=-Infinity&f_float=Infinity", "f_double: -inf f_float: inf"},
      {"f_double=1e400", "?f_double: must be a number"},
      {"f_double=nan", "?f_double: must be a number"},
      {"f_double=inf", "?f_double: must be a number"},
      {"f_double=0x10", "?f_double: must be a number"},
      {"f_double=1,5", "?f_double: must be a number"},
      {"f_double=.5", "?f_double: must be a number"},
      {"f_float=3.4028235e38", "f_float: 3.40282347e+38"},
      {"f_float=1e39", "?f_float: must be a number"},
      {"f_bool=true", "f_bool: true"},
      {"f_bool=false", ""},
      {"f_bool=1", "?f_bool: must be true or false"},
      {"f_bool=True", "?f_bool: must be true or false"},
      {"f_bool=", "?f_bool: must be true or false"},
  });
}

TEST_F(QueryTest, ReadsEnumsAndBytes) {
  Check({
      {"color=RED", "color: RED"},
      {"color=2", "color: GREEN"},
      {"color=7", "color: 7"},
      {"color=-1", "color: -1"},
      {"color=4294967297",
       "?color: must be the name or number of a test.Color: COLOR_UNSPECIFIED, "
       "RED, GREEN"},
      {"color=1.5", "?color: must be the name"},
      {"color=red", "?color: must be the name"},
      {"r_color=RED&r_color=2", "r_color: RED r_color: GREEN"},
      {"f_bytes=-_8%3D", "f_bytes: \"\\373\\377\""},
      {"f_bytes=%2B/8=", "f_bytes: \"\\373\\377\""},
      {"f_bytes=-_8", "f_bytes: \"\\373\\377\""},
      {"f_bytes=+/8=", "?f_bytes: must be bytes in base64"},  // that is a space
      {"f_bytes=!", "?f_bytes: must be bytes in base64"},
      {"f_bytes=YQ=", "?f_bytes: must be bytes in base64"},
      {"f_bytes=Y", "?f_bytes: must be bytes in base64"},
      {"f_bytes=YR==", "?f_bytes: must be bytes in base64"},  // a bit after the last byte
      {"f_bytes=-_", "?f_bytes: must be bytes in base64"},
  });
}

TEST_F(QueryTest, ReadsWellKnownTypes) {
  Check({
      {"time=2024-05-02T09:30:00Z", "time { seconds: 1714642200 }"},
      {"time=2024-05-02T11:30:00.5%2B02:00", "time { seconds: 1714642200 nanos: 500000000 }"},
      {"time=2024-05-02T11:30:00+02:00", "?time: must be a time"},  // that is a space
      {"time=2024-05-02", "?time: must be a time"},
      {"time=2024-13-02T09:30:00Z", "?time: must be a time"},
      {"time=10000-01-01T00:00:00Z", "?time: must be a time"},
      {"time=1714642200", "?time: must be a time"},
      {"time.seconds=5", "?time.seconds: isn't a field of the request"},
      {"times=1970-01-01T00:00:01Z&times=1970-01-01T00:00:02Z",
       "times { seconds: 1 } times { seconds: 2 }"},
      {"times=1970-01-01T00:00:01Z&times=x", "?times: must be a time"},
      {"duration=1.5s", "duration { seconds: 1 nanos: 500000000 }"},
      {"duration=-1s", "duration { seconds: -1 }"},
      {"duration=1", "?duration: must be seconds"},
      {"duration=315576000001s", "?duration: must be seconds"},
      {"mask=displayName,term.startDate",
       "mask { paths: \"display_name\" paths: \"term.start_date\" }"},
      {"mask=display_name", "mask { paths: \"display_name\" }"},
      {"mask=*", "mask { paths: \"*\" }"},
      {"mask=", "mask { }"},
      {"mask=a,,b", "?mask: must be the paths"},
      {"w_int32=0", "w_int32 { }"},
      {"w_int32=5&w_string=x&w_bool=true",
       "w_int32 { value: 5 } w_string { value: \"x\" } "
       "w_bool { value: true }"},
      {"w_int64=1.9", "?w_int64: must be an integer from"},
      {"w_int32.value=5", "?w_int32.value: isn't a field of the request"},
      {"w_bytes=YQ", "w_bytes { value: \"a\" }"},
      {"null=NULL_VALUE", ""},
  });
}

TEST_F(QueryTest, ReadsRepeatedFieldsAndRefusesWhatHasNoForm) {
  Check({
      {"r_int32=3&r_int32=1&rInt32=2", "r_int32: 3 r_int32: 1 r_int32: 2"},
      {"r_int32=1&r_int32=x", "?r_int32: must be an integer from"},
      {"r_string=a,b&r_string=", "r_string: \"a,b\" r_string: \"\""},
      {"f_int32=1&f_int32=1", "?f_int32: must be given once"},
      {"f_int32=1&fInt32=2", "?f_int32: must be given once"},
      {"time=1970-01-01T00:00:01Z&time=1970-01-01T00:00:01Z", "?time: must be given once"},
      {"sub.f_int32=1&sub.f_string=x", "sub { f_int32: 1 f_string: \"x\" }"},
      {"subs=1", "?subs: is a list of messages"},
      {"subs.f_int32=1", "?subs.f_int32: isn't a field of the request"},
      {"subs.f_int32=1&subs.f_int32=2", "?subs.f_int32: isn't a field of the request"},
      {"counts=1", "?counts: is a map"},
      {"counts.a=1", "?counts.a: isn't a field of the request"},
      {"counts%5Ba%5D=1", "?counts[a]: isn't a field of the request"},
      {"sub=x", "?sub: is a message: name its fields"},
      {"empty=", "?empty: is a message"},
      {"struct=x", "?struct: is a message"},
      {"value=x", "?value: is a message"},
      {"any=x", "?any: is a message"},
      {"this=a", "this: \"a\""},
      {"this=a&that=1", "?that: must not be given beside this"},
      {"other.f_int32=1&other.f_string=x", "other { f_int32: 1 f_string: \"x\" }"},
      {"that=1&other.f_int32=1", "?other.f_int32: must not be given beside that"},
  });
}

TEST_F(QueryTest, RefusesWhatIsElsewhere) {
  EXPECT_EQ(table_.Read("GET", "/x/a/1", "sub.f_string=b"),
            "f_string: \"a\" sub { f_int32: 1 f_string: \"b\" }");
  EXPECT_EQ(table_.Read("GET", "/x/a/1", "f_string=a"), "?f_string: is given by the path");
  EXPECT_EQ(table_.Read("GET", "/x/a/1", "sub.fInt32=1"), "?sub.f_int32: is given by the path");
  EXPECT_EQ(table_.Read("POST", "/x", "f_string=a"),
            "?f_string: belongs in the body, not in the query");
  EXPECT_EQ(table_.Read("POST", "/x:sub", "sub.f_string=a"),
            "?sub.f_string: belongs in the body, not in the query");
  EXPECT_EQ(table_.Read("POST", "/x:sub", "f_string=a"), "f_string: \"a\"");
}

TEST_F(QueryTest, BoundsDepthAndWordsOfErrors) {
  std::string name = "sub";
  for (int i = 0; i < 30; ++i) name += ".sub";
  EXPECT_THAT(table_.Read("GET", "/x", name + ".f_int32=1"), StartsWith("sub { sub {"));
  EXPECT_THAT(table_.Read("GET", "/x", name + ".sub.f_int32=1"), HasSubstr("isn't a field"));
  EXPECT_LT(table_.Read("GET", "/x", std::string(5000, 'x') + "=1").size(), 300U);
}

}  // namespace
}  // namespace baliprocess::gateway
