// The pages of the record, and those that describe the interface.

#include <gmock/gmock.h>
#include <google/protobuf/descriptor.pb.h>

#include <iostream>

#include <nlohmann/json.hpp>

#include "services/gateway/testing/fixture.h"
#include "services/gateway/testing/raw_peer.h"
#include "services/gateway/web/gzip.h"

namespace baliprocess::gateway {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using Json = nlohmann::json;

constexpr size_t kMostBytes = 16 << 20;

class PagesTest : public GatewayTest {
 protected:
  void SetUp() override { Begin(); }

  void Begin() {
    Start();
    raw_ = RawPeer::Connect(gateway_->port());
    ASSERT_NE(raw_, nullptr);
  }

  // Without a token.
  RawStream Ask(const std::string& method, const std::string& path, RawPeer::Fields fields = {}) {
    RawPeer::Fields all = {{":method", method}, {":path", path}, {"content-type", ""}};
    all.insert(all.end(), fields.begin(), fields.end());
    const int32_t id = raw_->Request(all, "");
    EXPECT_TRUE(raw_->Until([&] { return raw_->streams()[id].ended; })) << path;
    return raw_->streams()[id];
  }

  std::unique_ptr<RawPeer> raw_;
};

std::string Field(const RawStream& stream, const std::string& name) {
  const auto it = stream.headers.find(name);
  return it == stream.headers.end() ? "" : it->second;
}

// What the page refers to by `attribute="docs/..."`.
std::vector<std::string> ReferencesIn(const std::string& html, const std::string& attribute) {
  std::vector<std::string> paths;
  const std::string before = attribute + "=\"";
  for (size_t at = html.find(before); at != std::string::npos; at = html.find(before, at)) {
    at += before.size();
    paths.push_back(html.substr(at, html.find('"', at) - at));
  }
  return paths;
}

TEST_F(PagesTest, TheOpenApiDocumentIsJson) {
  const RawStream reply = Ask("GET", "/openapi.json");
  EXPECT_EQ(Field(reply, ":status"), "200");
  EXPECT_EQ(Field(reply, "content-type"), "application/json");
  EXPECT_EQ(Field(reply, "content-length"), std::to_string(reply.data.size()));
  EXPECT_EQ(Field(reply, "content-encoding"), "");
  const Json document = Json::parse(reply.data, nullptr, false);
  ASSERT_TRUE(document.is_object());
  EXPECT_EQ(document["openapi"], "3.1.0");
  EXPECT_TRUE(document["paths"].contains("/v1/members/{member}"));
}

TEST_F(PagesTest, WhoAcceptsGzipGetsThePacked) {
  const RawStream plain = Ask("GET", "/openapi.json");
  const RawStream packed = Ask("GET", "/openapi.json", {{"accept-encoding", "gzip, deflate"}});
  EXPECT_EQ(Field(packed, "content-encoding"), "gzip");
  EXPECT_EQ(Field(packed, "vary"), "accept-encoding");
  EXPECT_EQ(Field(packed, "etag"), Field(plain, "etag"));
  EXPECT_LT(packed.data.size() * 5, plain.data.size());
  EXPECT_TRUE(Gunzip(packed.data, kMostBytes).value_or("") == plain.data);  // megabytes
}

TEST_F(PagesTest, TheCodingIsTheOneThatIsLikedBest) {
  const std::pair<const char*, const char*> rows[] = {
      {"gzip, deflate, br, zstd", "br"},
      {"br;q=0.5, gzip", "gzip"},
      {"br;q=0, gzip;q=0.1", "gzip"},
      {"*", "br"},
      {"*;q=0.5, gzip", "gzip"},
      {"gzip;q=0.5, identity", ""},
      {"gzip;q=0, br;q=0", ""},
      {"deflate, zstd", ""},
      {"BR", "br"},
  };
  for (const auto& [accepted, coding] : rows) {
    const RawStream reply = Ask("GET", "/openapi.json", {{"accept-encoding", accepted}});
    EXPECT_EQ(Field(reply, "content-encoding"), coding) << accepted;
    EXPECT_EQ(Field(reply, "vary"), "accept-encoding") << accepted;
    EXPECT_EQ(Field(reply, "content-length"), std::to_string(reply.data.size())) << accepted;
  }
  // The document and the settings are made at the start, when there is nothing that packs by
  // brotli.
  EXPECT_EQ(Field(Ask("GET", "/now", {{"accept-encoding", "br"}}), "content-encoding"), "");
  EXPECT_EQ(Field(Ask("GET", "/now", {{"accept-encoding", "br, gzip"}}), "content-encoding"),
            "gzip");
}

TEST_F(PagesTest, TheDescriptorsHaveCommentsAndImports) {
  const RawStream reply = Ask("GET", "/descriptors.binpb");
  EXPECT_EQ(Field(reply, "content-type"), "application/x-protobuf");
  google::protobuf::FileDescriptorSet files;
  ASSERT_TRUE(files.ParseFromString(reply.data));
  google::protobuf::DescriptorPool pool;
  for (const auto& file : files.file()) ASSERT_NE(pool.BuildFile(file), nullptr) << file.name();
  google::protobuf::SourceLocation location;
  const auto* method = pool.FindMethodByName("baliprocess.meetings.v1.MeetingsService.GetMeeting");
  ASSERT_NE(method, nullptr);
  EXPECT_TRUE(method->GetSourceLocation(&location));
  EXPECT_THAT(location.leading_comments, HasSubstr("meeting"));
  for (const char* name : {"google.api.http", "google.rpc.BadRequest", "grpc.health.v1.Health"}) {
    EXPECT_NE(pool.FindFileContainingSymbol(name), nullptr) << name;
  }
}

TEST_F(PagesTest, WhoHasAPageIsToldSo) {
  for (const char* path : {"/openapi.json", "/descriptors.binpb", "/docs", "/docs/page.js"}) {
    const std::string etag = Field(Ask("GET", path), "etag");
    EXPECT_NE(etag, "") << path;
    const RawStream again = Ask("GET", path, {{"if-none-match", etag}});
    EXPECT_EQ(Field(again, ":status"), "304") << path;
    EXPECT_EQ(Field(again, "etag"), etag) << path;
    EXPECT_EQ(Field(again, "cache-control"), "no-cache") << path;
    EXPECT_EQ(again.data, "") << path;
    const RawStream one = Ask("GET", path, {{"if-none-match", "\"other\", " + etag}});
    EXPECT_EQ(Field(one, ":status"), "304") << path;
    EXPECT_EQ(Field(Ask("GET", path, {{"if-none-match", "\"other\""}}), ":status"), "200") << path;
  }
}

TEST_F(PagesTest, HeadMeasures) {
  const std::string size = std::to_string(Ask("GET", "/docs").data.size());
  const RawStream head = Ask("HEAD", "/docs");
  EXPECT_EQ(Field(head, ":status"), "200");
  EXPECT_EQ(Field(head, "content-length"), size);
  EXPECT_EQ(head.data, "");
}

TEST_F(PagesTest, PagesAreOnlyRead) {
  const RawStream reply = Ask("POST", "/openapi.json");
  EXPECT_EQ(Field(reply, ":status"), "405");
  EXPECT_EQ(Field(reply, "allow"), "GET, HEAD, OPTIONS");
  const RawStream options = Ask("OPTIONS", "/openapi.json");
  EXPECT_EQ(Field(options, ":status"), "204");
  EXPECT_EQ(Field(options, "allow"), "GET, HEAD, OPTIONS");
}

class ListedOriginTest : public PagesTest {
 protected:
  void SetUp() override {
    options_.cors_origins = {"https://desk.example.org"};
    Begin();
  }
};

TEST_F(ListedOriginTest, ItsPagesMayReadOurs) {
  const RawStream reply = Ask("GET", "/openapi.json", {{"origin", "https://desk.example.org"}});
  EXPECT_EQ(Field(reply, "access-control-allow-origin"), "https://desk.example.org");
}

TEST_F(PagesTest, TheDocsRunWithAStrictPolicy) {
  const RawStream page = Ask("GET", "/docs");
  EXPECT_EQ(Field(page, "content-type"), "text/html; charset=utf-8");
  EXPECT_EQ(Field(page, "content-security-policy"),
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
            "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
  EXPECT_EQ(Field(page, "x-content-type-options"), "nosniff");
  // Nothing that the policy would stop.
  EXPECT_THAT(page.data, Not(HasSubstr("<script>")));
  EXPECT_THAT(page.data, Not(HasSubstr("<style")));
  EXPECT_THAT(page.data, Not(HasSubstr("//")));
}

TEST_F(PagesTest, AllThatTheDocsReferToIsThere) {
  const std::string html = Ask("GET", "/docs").data;
  std::vector<std::string> references = ReferencesIn(html, "src");
  EXPECT_EQ(references.size(), 2U);
  for (const std::string& href : ReferencesIn(html, "href")) references.push_back(href);
  EXPECT_EQ(references.size(), 6U);
  for (const std::string& reference : references) {
    const RawStream reply = Ask("GET", "/" + reference);
    EXPECT_EQ(Field(reply, ":status"), "200") << reference;
    EXPECT_NE(Field(reply, "content-type"), "text/html; charset=utf-8") << reference;
    EXPECT_FALSE(reply.data.empty()) << reference;
  }
}

TEST_F(PagesTest, TheDocsHaveOneAddress) {
  const RawStream reply = Ask("GET", "/docs/");
  EXPECT_EQ(Field(reply, ":status"), "302");
  EXPECT_EQ(Field(reply, "location"), "/docs");
  EXPECT_EQ(Field(Ask("GET", "/docs/nothing.js"), ":status"), "404");
  EXPECT_EQ(Field(Ask("GET", "/docs?deep=1"), ":status"), "200");
}

TEST_F(PagesTest, EachAddressOfTheRecordHasTheDocument) {
  const RawStream first = Ask("GET", "/");
  EXPECT_EQ(Field(first, ":status"), "200");
  EXPECT_EQ(Field(first, "content-type"), "text/html; charset=utf-8");
  EXPECT_EQ(Field(first, "cache-control"), "no-cache");
  for (const char* path : {"/now", "/bodies/sg?as_of=2024-05", "/meetings/ahg-17",
                           "/sign-in?code=a", "/history/bodies/sg/seats/aus-chair"}) {
    const RawStream reply = Ask("GET", path);
    EXPECT_EQ(reply.data, first.data) << path;
    EXPECT_EQ(Field(reply, "etag"), Field(first, "etag")) << path;
  }
  for (const char* path : {"/nowhere", "/nowadays", "/v1", "/v1/nothing", "/assets", "/assets/"}) {
    EXPECT_EQ(Field(Ask("GET", path), ":status"), "404") << path;
  }
}

TEST_F(PagesTest, TheRecordRunsWithAStrictPolicy) {
  const RawStream page = Ask("GET", "/now");
  EXPECT_EQ(Field(page, "content-security-policy"),
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
            "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
            "require-trusted-types-for 'script'");
  EXPECT_THAT(page.data, Not(HasSubstr("<script>")));
  EXPECT_THAT(page.data, Not(HasSubstr("<style")));
  EXPECT_THAT(page.data, Not(HasSubstr("//")));
}

TEST_F(PagesTest, WhatTheRecordIsMadeOfIsKeptForGood) {
  const std::string html = Ask("GET", "/").data;
  std::vector<std::string> references = ReferencesIn(html, "src");
  for (const std::string& href : ReferencesIn(html, "href")) references.push_back(href);
  size_t assets = 0;
  for (const std::string& reference : references) {
    const RawStream reply = Ask("GET", reference);
    EXPECT_EQ(Field(reply, ":status"), "200") << reference;
    if (!reference.starts_with("/assets/")) continue;
    ++assets;
    EXPECT_EQ(Field(reply, "cache-control"), "public, max-age=31536000, immutable") << reference;
  }
  EXPECT_GT(assets, 10U);
  // By their own names they would be kept when they have changed.
  EXPECT_EQ(Field(Ask("GET", "/assets/start.js"), ":status"), "404");
}

// Of what a browser loads before it asks for the record, and of the largest module of a page.
TEST_F(PagesTest, TheFirstLoadIsSmall) {
  constexpr size_t kMost = 60 << 10;
  const std::string html = Ask("GET", "/").data;
  size_t before = kMost;
  for (const char* codings : {"gzip", "gzip, br"}) {
    const RawPeer::Fields packed = {{"accept-encoding", codings}};
    size_t size = Ask("GET", "/", packed).data.size();
    for (const char* attribute : {"src", "href"}) {
      for (const std::string& reference : ReferencesIn(html, attribute)) {
        if (reference.starts_with("/assets/")) size += Ask("GET", reference, packed).data.size();
      }
    }
    std::cout << codings << ": " << size << " bytes\n";
    EXPECT_LT(size, before) << codings;
    before = size;
  }
}

TEST_F(PagesTest, WithoutAProviderTheSettingsNameNone) {
  const RawStream reply = Ask("GET", "/settings.json");
  EXPECT_EQ(Field(reply, "content-type"), "application/json");
  EXPECT_EQ(Field(reply, "cache-control"), "no-cache");
  EXPECT_EQ(Json::parse(reply.data, nullptr, false),
            Json({{"rolesClaim", "roles"}, {"memberClaim", "member"}}));
}

class SignInTest : public PagesTest {
 protected:
  void SetUp() override {
    options_.sign_in = *SignInAt({"https://login.example.org:8000/realm"}, "suite");
    options_.sign_in.roles_claim = "realm_access.roles";
    Begin();
  }
};

TEST_F(SignInTest, ThePagesAskTheProviderToo) {
  EXPECT_THAT(Field(Ask("GET", "/"), "content-security-policy"),
              HasSubstr("; connect-src 'self' https://login.example.org:8000; "));
  EXPECT_THAT(Field(Ask("GET", "/docs"), "content-security-policy"),
              HasSubstr("connect-src 'self';"));
  const Json settings = Json::parse(Ask("GET", "/settings.json").data, nullptr, false);
  EXPECT_EQ(settings["signIn"]["issuer"], "https://login.example.org:8000/realm");
  EXPECT_EQ(settings["signIn"]["clientId"], "suite");
  EXPECT_EQ(settings["signIn"]["scope"], "openid offline_access");
  EXPECT_EQ(settings["rolesClaim"], "realm_access.roles");
}

class NoPagesTest : public PagesTest {
 protected:
  void SetUp() override {
    options_.pages = false;
    Begin();
  }
};

TEST_F(NoPagesTest, NothingIsThere) {
  for (const char* path :
       {"/", "/now", "/index.html", "/settings.json", "/openapi.json", "/descriptors.binpb",
        "/docs", "/docs/page.js", "/.well-known/security.txt"}) {
    EXPECT_EQ(Field(Ask("GET", path), ":status"), "404") << path;
  }
}

TEST_F(PagesTest, NobodyIsNamedForHolesByItself) {
  EXPECT_EQ(Field(Ask("GET", "/.well-known/security.txt"), ":status"), "404");
}

// Whatever else there is.
class SecurityPageTest : public PagesTest {
 protected:
  void SetUp() override {
    options_.pages = false;
    options_.security = {.contacts = {"mailto:security@example.org"},
                         .canonical = "https://suite.example.org/.well-known/security.txt"};
    Begin();
  }
};

TEST_F(SecurityPageTest, ItTellsWhereHolesAreReported) {
  const RawStream reply = Ask("GET", "/.well-known/security.txt");
  EXPECT_EQ(Field(reply, ":status"), "200");
  EXPECT_EQ(Field(reply, "content-type"), "text/plain; charset=utf-8");
  EXPECT_THAT(reply.data, ::testing::MatchesRegex(
                              "Contact: mailto:security@example.org\nExpires: [^\n]+Z\n"
                              "Preferred-Languages: en\n"
                              "Canonical: https://suite.example.org/.well-known/security.txt\n"));
  EXPECT_EQ(Field(Ask("GET", "/"), ":status"), "404");
  EXPECT_EQ(Field(Ask("GET", "/now"), ":status"), "404");
  EXPECT_EQ(Field(Ask("POST", "/.well-known/security.txt"), ":status"), "405");
}

}  // namespace
}  // namespace baliprocess::gateway
