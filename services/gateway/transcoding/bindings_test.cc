#include "services/gateway/transcoding/bindings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "common/base/errors.h"
#include "common/testing/matchers.h"
#include "services/gateway/transcoding/testing/text_contract.h"

namespace baliprocess::gateway {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kMessages[] = R"(
  message Message {
    string a = 1; string b = 2; string c = 3; int32 number = 4;
    Message sub = 5; repeated string list = 6; map<string, string> labels = 7;
    google.protobuf.Timestamp time = 8; google.api.HttpBody file = 9; repeated Message subs = 10;
  })";

// The bindings of methods M0, M1, ... with these rules. The contract lives as long.
struct Table {
  explicit Table(const std::vector<std::string>& rules)
      : contract(TextContract::OfRules(rules, kMessages)),
        bindings(Bindings::Create(contract->methods())) {}

  // Such as `M0 a=x b=y`, `405 GET,HEAD,OPTIONS`, `404` or `400`.
  std::string Find(std::string_view http_method, std::string_view path) const {
    const auto match = bindings->Find(http_method, path);
    if (!match.ok()) {
      EXPECT_EQ(ReasonOf(match.status()), api::v1::Error::MALFORMED_REQUEST) << match.status();
      return "400";
    }
    if (match->binding == nullptr) {
      return match->allowed.empty() ? "404"
                                    : absl::StrCat("405 ", absl::StrJoin(match->allowed, ","));
    }
    std::string text = match->binding->method->name();
    for (size_t i = 0; i < match->values.size(); ++i) {
      absl::StrAppend(&text, " ", match->binding->path_template.variables[i].field_path, "=",
                      match->values[i]);
    }
    return text;
  }

  std::unique_ptr<TextContract> contract;
  absl::StatusOr<Bindings> bindings;
};

struct Row {
  const char* http_method;
  const char* path;
  const char* found;
};

void Check(const Table& table, const std::vector<Row>& rows) {
  ASSERT_TRUE(table.bindings.ok()) << table.bindings.status();
  for (const Row& row : rows) {
    EXPECT_EQ(table.Find(row.http_method, row.path), row.found) << row.http_method << row.path;
  }
}

TEST(BindingsTest, MatchesSegments) {
  const Table table({R"(get: "/v1/shelves")", R"(get: "/v1/{a=shelves/*}")",
                     R"(get: "/v1/shelves/{a}/books/{b}")", R"(get: "/v1/files/{a=**}")",
                     R"(get: "/v1/**")", R"(get: "/v1/{a=dirs/**}")"});
  Check(table, {
                   {"GET", "/v1/shelves", "M0"},
                   {"GET", "/v1/shelves/1", "M1 a=shelves/1"},
                   {"GET", "/v1/shelves/1/books/2", "M2 a=1 b=2"},
                   {"GET", "/v1/files/x/y", "M3 a=x/y"},
                   {"GET", "/v1/files/x", "M3 a=x"},
                   {"GET", "/v1/files", "M3 a="},
                   {"GET", "/v1/files/", "M3 a="},
                   {"GET", "/v1/files//x/", "M3 a=/x/"},
                   {"GET", "/v1/dirs", "M5 a=dirs"},
                   {"GET", "/v1/dirs/a/b", "M5 a=dirs/a/b"},
                   {"GET", "/v1", "M4"},
                   {"GET", "/v1/", "M4"},
                   {"GET", "/v1/shelves/", "M4"},  // `*` isn't nothing
                   {"GET", "/v1/shelves//books/2", "M4"},
                   {"GET", "/v1/shelves/1/books", "M4"},
                   {"GET", "/v2/shelves", "404"},
                   {"GET", "/", "404"},
                   {"GET", "", "404"},
                   {"GET", "v1/shelves", "404"},
                   {"GET", "/V1/shelves", "404"},
                   {"GET", "*", "404"},
               });
}

TEST(BindingsTest, PrefersLiteralsToOneSegmentToTheRest) {
  const Table table({R"(get: "/x/**")", R"(get: "/x/{a}")", R"(get: "/x/y")", R"(get: "/x/{a}/z")",
                     R"(get: "/x/y/{b}")", R"(get: "/x/y/{a=**}")", R"(post: "/x/y")",
                     R"(custom: {kind: "*" path: "/any/{a}"})", R"(get: "/any/{b}")"});
  Check(table, {
                   {"GET", "/x/y", "M2"},
                   {"GET", "/x/q", "M1 a=q"},
                   {"GET", "/x/q/z", "M3 a=q"},
                   {"GET", "/x/y/z", "M4 b=z"},  // literals count from the left
                   {"GET", "/x/y/z/w", "M5 a=z/w"},
                   {"GET", "/x/q/w", "M0"},  // and back from where a literal led nowhere
                   {"GET", "/any/1", "M8 b=1"},
                   {"PUT", "/any/1", "M7 a=1"},
                   {"OPTIONS", "/any/1", "M7 a=1"},
               });
}

TEST(BindingsTest, MatchesVerbs) {
  const Table table({R"(get: "/v1/{a=things/*}")", R"(post: "/v1/{a=things/*}:undo")",
                     R"(get: "/v1/things:count")", R"(get: "/v1/{b=**}:scan")",
                     R"(get: "/v1/things")"});
  Check(table, {
                   {"POST", "/v1/things/1:undo", "M1 a=things/1"},
                   {"GET", "/v1/things:count", "M2"},
                   {"GET", "/v1/things/1:scan", "M3 b=things/1"},
                   {"GET", "/v1:scan", "M3 b="},
                   // A verb that no template has is part of the segment.
                   {"GET", "/v1/things/1:2", "M0 a=things/1:2"},
                   {"GET", "/v1/things/1:", "M0 a=things/1:"},
                   {"GET", "/v1/things/1:x:scan", "M3 b=things/1:x"},
                   // An encoded colon never begins one; other characters of a verb may be encoded.
                   {"GET", "/v1/things/1%3Ascan", "M0 a=things/1:scan"},
                   {"GET", "/v1/things%3Acount", "404"},
                   {"GET", "/v1/things:c%6Funt", "M2"},
                   {"POST", "/v1/things/1:Undo", "405 GET,HEAD,OPTIONS"},
                   {"GET", "/v1/things/1:undo", "405 OPTIONS,POST"},
                   {"GET", "/v1/things/:scan", "M3 b=things/"},
                   {"GET", "/v1/things/a:scan/b", "404"},
               });
}

TEST(BindingsTest, DecodesAsTheHttpRuleSays) {
  const Table table({R"(get: "/one/{a}")", R"(get: "/more/{a=x/*}")", R"(get: "/rest/{a=**}")",
                     R"(get: "/l%20t/{a=lit}")"});
  Check(table, {
                   {"GET", "/one/a%2Fb%2fc", "M0 a=a/b/c"},
                   {"GET", "/one/a%20b+c%2Bd", "M0 a=a b+c+d"},
                   {"GET", "/one/%E2%82%AC", "M0 a=€"},
                   {"GET", "/one/%2525", "M0 a=%25"},
                   {"GET", "/more/x/a%2Fb%2fc%3A", "M1 a=x/a%2Fb%2fc:"},
                   {"GET", "/rest/a%2Fb/c%20d", "M2 a=a%2Fb/c d"},
                   {"GET", "/%6Fne/x", "M0 a=x"},
                   {"GET", "/l%20t/l%69t", "M3 a=lit"},
                   {"GET", "/one/%", "400"},
                   {"GET", "/one/%4x", "400"},
                   {"GET", "/one/%ff", "400"},
                   {"GET", "/one/a:%ff", "400"},
                   {"GET", "/%C3/%A9", "400"},
               });
}

// Situations that grpc-httpjson-transcoding (Envoy's) is tested by. Templates with something after
// `**` are left aside: google/api/http.proto has none.
TEST(BindingsTest, AgreesWithEnvoy) {
  const Table table({R"(get: "/a/{a}/c/d/e")", R"(get: "/{a=a/*}/b/{b=*}/c")",
                     R"(get: "/a/{a=b/*}/{b=d/**}")", R"(get: "/{a=*}/a")", R"(get: "/a/b/{a=*}")",
                     R"(get: "/a/b/c/{a=**}")", R"(get: "/{a=*}/d/e/f/{b=**}")",
                     R"(get: "/{a=*}/{b=*}:verb")", R"(get: "/p/{a=p/*/q/*}/c")"});
  Check(table, {
                   {"GET", "/a/book/c/d/e", "M0 a=book"},
                   {"GET", "/a/hello/b/world/c", "M1 a=a/hello b=world"},
                   {"GET", "/a/b/zoo/d/animal/tiger", "M2 a=b/zoo b=d/animal/tiger"},
                   {"GET", "/foo/a", "M3 a=foo"},
                   {"GET", "/a/b/foo", "M4 a=foo"},
                   {"GET", "/a/b/c/foo/bar/baz", "M5 a=foo/bar/baz"},
                   {"GET", "/foo/d/e/f/bar/baz", "M6 a=foo b=bar/baz"},
                   {"GET", "/some:verb/const:verb", "M7 a=some:verb b=const"},
                   {"GET", "/some/other:verb/", "404"},
                   {"GET", "/p/p/foo%20foo/q/bar%2Fbar/c", "M8 a=p/foo foo/q/bar%2Fbar"},
                   {"GET", "/p/p/x/q/%21%23%24%26%27%28%29%2A%2B%2C%2F%3A%3B%3D%3F%40%5B%5D/c",
                    "M8 a=p/x/q/!#$&'()*+,%2F:;=?@[]"},
               });
  const Table verbs({R"(get: "/{a=**}:verb")", R"(get: "/{a=**}")"});
  Check(verbs, {
                   {"GET", "/foo/other:verb", "M0 a=foo/other"},
                   {"GET", "/foo/other", "M1 a=foo/other"},
                   {"GET", "/foo/other:unknown", "M1 a=foo/other:unknown"},
                   {"GET", "/foo/other:verb/hello", "M1 a=foo/other:verb/hello"},
               });
}

TEST(BindingsTest, DecodesEveryCharacter) {
  const Table table({R"(get: "/{a}")"});
  for (int c = 0; c < 0x80; ++c) {
    for (const char* form : {"/%%%02x", "/%%%02X"}) {
      std::array<char, 8> path;
      std::snprintf(path.data(), path.size(), form, c);
      EXPECT_EQ(table.Find("GET", path.data()), std::string("M0 a=") + static_cast<char>(c));
    }
  }
}

TEST(BindingsTest, TellsWhatAPathAllows) {
  const Table table({R"(get: "/x/{a}" additional_bindings { post: "/x/{b}" body: "*" })",
                     R"(delete: "/x/y")", R"(patch: "/p")", R"(put: "/p")",
                     R"(custom: {kind: "PURGE" path: "/p"})",
                     R"(custom: {kind: "HEAD" path: "/own"})", R"(get: "/own")"});
  Check(table, {
                   {"GET", "/x/1", "M0 a=1"},
                   {"HEAD", "/x/1", "M0 a=1"},
                   {"POST", "/x/1", "M0 b=1"},
                   {"DELETE", "/x/1", "405 GET,HEAD,OPTIONS,POST"},
                   {"OPTIONS", "/x/1", "405 GET,HEAD,OPTIONS,POST"},
                   {"get", "/x/1", "405 GET,HEAD,OPTIONS,POST"},
                   // A template that is more specific doesn't hide another's HTTP methods.
                   {"GET", "/x/y", "M0 a=y"},
                   {"DELETE", "/x/y", "M1"},
                   {"PUT", "/x/y", "405 DELETE,GET,HEAD,OPTIONS,POST"},
                   {"PURGE", "/p", "M4"},
                   {"HEAD", "/p", "405 OPTIONS,PATCH,PURGE,PUT"},
                   {"HEAD", "/own", "M5"},
                   {"GET", "/own", "M6"},
                   {"OPTIONS", "/nowhere", "404"},
               });
}

TEST(BindingsTest, RefusesRulesThatClash) {
  const std::vector<std::string> rows[] = {
      {R"(get: "/x/{a}")", R"(get: "/x/{b}")"},
      {R"(get: "/x/{a}")", R"(get: "/x/*")"},
      {R"(get: "/{a=x/*}:v")", R"(get: "/x/{b}:v")"},
      {R"(get: "/x")", R"(post: "/x" additional_bindings { get: "/x" })"},
      {R"(get: "/%61")", R"(get: "/a")"},
      {R"(get: "/x/{a=**}")", R"(get: "/{b=x/**}")"},
  };
  for (const auto& rules : rows) {
    const Table table(rules);
    ASSERT_FALSE(table.bindings.ok()) << rules[0];
    EXPECT_THAT(
        std::string(table.bindings.status().message()),
        AllOf(HasSubstr("test.Service.M0"), HasSubstr("test.Service.M1"), HasSubstr("clash")));
  }
  EXPECT_TRUE(Table({R"(get: "/x/{a}")", R"(post: "/x/{a}")", R"(get: "/x/{a}:v")",
                     R"(get: "/x/{a=**}")", R"(get: "/x/y")"})
                  .bindings.ok());
}

TEST(BindingsTest, RefusesWrongRules) {
  const std::pair<const char*, const char*> rows[] = {
      {R"(get: "x")", "the path x doesn't begin with a slash"},
      {R"(body: "*")", "no HTTP method"},
      {R"(custom: {kind: "" path: "/x"})", "'' isn't an HTTP method"},
      {R"(custom: {kind: "G T" path: "/x"})", "'G T' isn't an HTTP method"},
      {R"(get: "/{nothing}")", "the variable nothing isn't"},
      {R"(get: "/{sub}")", "the variable sub isn't"},
      {R"(get: "/{sub.nothing}")", "the variable sub.nothing isn't"},
      {R"(get: "/{a.b}")", "the variable a.b isn't"},
      {R"(get: "/{list}")", "the variable list isn't"},
      {R"(get: "/{labels}")", "the variable labels isn't"},
      {R"(get: "/{subs.a}")", "the variable subs.a isn't"},
      {R"(get: "/{time}")", "the variable time isn't"},
      {R"(post: "/x" body: "nothing")", "the body nothing isn't a field"},
      {R"(post: "/x" body: "sub.a")", "the body sub.a isn't a field"},
      {R"(post: "/{a}" body: "a")", "a is in the path and the body"},
      {R"(get: "/x" body: "*")", "GET has no body"},
      {R"(get: "/x" response_body: "nothing")", "the response body nothing isn't a field"},
      {R"(get: "/x" additional_bindings { get: "/y" additional_bindings { get: "/z" } })",
       "has further ones"},
      {R"(get: "/x" additional_bindings { get: "/{y}" })", "the variable y isn't"},
  };
  for (const auto& [rule, error] : rows) {
    const Table table({rule});
    ASSERT_FALSE(table.bindings.ok()) << rule;
    EXPECT_THAT(std::string(table.bindings.status().message()),
                AllOf(HasSubstr("test.Service.M0"), HasSubstr(error)));
  }
}

TEST(BindingsTest, KnowsBodiesOfRules) {
  const Table table({R"(post: "/all" body: "*")",
                     R"(post: "/field" body: "sub" response_body: "b")", R"(delete: "/none")"});
  ASSERT_TRUE(table.bindings.ok()) << table.bindings.status();
  const auto& all = table.bindings->all();
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0]->body, Binding::Body::kAll);
  EXPECT_EQ(all[0]->response_field, nullptr);
  EXPECT_EQ(all[1]->body, Binding::Body::kField);
  EXPECT_EQ(all[1]->body_field->name(), "sub");
  EXPECT_EQ(all[1]->response_field->name(), "b");
  EXPECT_EQ(all[2]->body, Binding::Body::kNone);
}

// A tree that is as bad as it can be for a search: every way but the last leads nowhere.
TEST(BindingsTest, WorkIsBounded) {
  std::vector<std::string> rules;
  for (int i = 0; i < 12; ++i) {
    std::string path;
    for (int depth = 0; depth < 12; ++depth) path += (i >> (depth % 4)) % 2 == 0 ? "/a" : "/*";
    rules.push_back(absl::StrCat("get: \"", path, "/end", i, "\""));
  }
  const Table table(rules);
  std::string path;
  for (int i = 0; i < 100'000; ++i) path += "/a";
  EXPECT_EQ(table.Find("GET", path), "404");
}

// A path that a template matches.
std::string Example(const PathTemplate& path_template) {
  std::string path;
  for (size_t i = 0; i < path_template.segments.size(); ++i) {
    const auto& segment = path_template.segments[i];
    const bool literal = segment.kind == PathTemplate::Segment::Kind::kLiteral;
    absl::StrAppend(&path, "/", literal ? segment.literal : absl::StrCat("x", i));
  }
  return path_template.verb.empty() ? path : absl::StrCat(path, ":", path_template.verb);
}

TEST(BindingsTest, EveryBindingOfOurContractIsReached) {
  const auto methods = OwnMethods();
  const auto bindings = Bindings::Create(methods);
  ASSERT_TRUE(bindings.ok()) << bindings.status();
  EXPECT_GT(bindings->all().size(), methods.size());
  std::map<const google::protobuf::MethodDescriptor*, int> reached;
  for (const auto& binding : bindings->all()) {
    const std::string path = Example(binding->path_template);
    const auto match = bindings->Find(binding->http_method, path);
    ASSERT_TRUE(match.ok()) << path << match.status();
    EXPECT_EQ(match->binding, binding.get()) << binding->http_method << path;
    EXPECT_EQ(match->values.size(), binding->variables.size()) << path;
    ++reached[binding->method];
  }
  for (const auto* method : methods) {
    // Of services alone: the gateway doesn't know them (auth/access.h).
    if (method->full_name().starts_with("baliprocess.operate.")) continue;
    EXPECT_GT(reached[method], 0) << method->full_name();
  }
}

}  // namespace
}  // namespace baliprocess::gateway
