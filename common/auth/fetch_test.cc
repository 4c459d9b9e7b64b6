#include "common/auth/fetch.h"

#include <gmock/gmock.h>

#include "absl/time/clock.h"

#include "common/auth/document_server_testing.h"
#include "common/testing/matchers.h"

namespace baliprocess::auth {
namespace {

using ::baliprocess::testing::MessageHas;
using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::Optional;

TEST(CheckUrlTest, HttpsEverywhereAndHttpHere) {
  for (const char* url :
       {"https://login.example.org/keys", "HTTPS://login.example.org", "http://127.0.0.1:8080/keys",
        "http://localhost/keys", "http://[::1]:80/"}) {
    EXPECT_OK(CheckUrl(url)) << url;
  }
  for (const char* url : {"http://login.example.org/keys", "http://127.0.0.1@example.org/",
                          "http://127.0.0.1.example.org/", "http://10.0.0.1/", "http://", ""}) {
    EXPECT_FALSE(CheckUrl(url).ok()) << url;
  }
}

TEST(FreshForTest, ReadsMaxAge) {
  EXPECT_THAT(FreshFor("max-age=600", ""), Optional(Eq(absl::Minutes(10))));
  EXPECT_THAT(FreshFor("public, Max-Age=600 , must-revalidate", "60"),
              Optional(Eq(absl::Minutes(9))));
  EXPECT_THAT(FreshFor("max-age=60", "600"), Optional(Eq(absl::ZeroDuration())));
  EXPECT_THAT(FreshFor("no-store, max-age=600", ""), Optional(Eq(absl::ZeroDuration())));
  EXPECT_THAT(FreshFor("no-cache", ""), Optional(Eq(absl::ZeroDuration())));
  EXPECT_EQ(FreshFor("", "5"), std::nullopt);
  EXPECT_EQ(FreshFor("public, max-age=soon, s-maxage=7", ""), std::nullopt);
}

// A form goes to an endpoint of an issuer, with codes and tokens in it.
class PostFormTest : public ::testing::Test {
 protected:
  absl::StatusOr<Answer> Post(const DocumentServer::Document& document) {
    server_.Set("/token", document);
    return PostForm(server_.url() + "/token", {{"client_id", "desk"}, {"code", "a b&c=d+\n"}});
  }
  DocumentServer server_;
};

TEST_F(PostFormTest, SendsTheFieldsAndTakesAnAnswerOfAnyCode) {
  for (const int status : {200, 204, 400, 404, 500, 503}) {
    ASSERT_OK_AND_ASSIGN(const Answer answer, Post({.status = status, .body = "{}"}));
    EXPECT_EQ(answer.code, status);
    EXPECT_EQ(answer.body, status == 204 ? "" : "{}");
  }
  EXPECT_THAT(server_.request(), HasSubstr("POST /token HTTP/1.1\r\n"));
  EXPECT_THAT(server_.request(), HasSubstr("Content-Type: application/x-www-form-urlencoded\r\n"));
  EXPECT_THAT(server_.request(), HasSubstr("\r\n\r\nclient_id=desk&code=a%20b%26c%3Dd%2B%0A"));
}

TEST_F(PostFormTest, WhatItSendsGoesNowhereElse) {
  server_.Set("/other", {.body = "{}"});
  ASSERT_OK_AND_ASSIGN(const Answer answer, Post({.status = 307}));
  EXPECT_EQ(answer.code, 307);
  EXPECT_EQ(server_.requests(), 1);
  EXPECT_THAT(PostForm("http://192.0.2.1/token", {{"code", "a"}}), MessageHas("must be https://"));
}

TEST_F(PostFormTest, AnswersAreBoundedInSize) {
  constexpr size_t kMost = 1 << 20;
  ASSERT_OK_AND_ASSIGN(const Answer most, Post({.body = std::string(kMost, ' ')}));
  EXPECT_EQ(most.body.size(), kMost);
  EXPECT_EQ(Post({.body = std::string(kMost + 1, ' ')}).status().code(),
            absl::StatusCode::kUnavailable);
}

TEST_F(PostFormTest, AnswersAreBoundedInTime) {
  const absl::Time began = absl::Now();
  EXPECT_EQ(Post({.silent = true}).status().code(), absl::StatusCode::kUnavailable);
  EXPECT_LT(absl::Now() - began, absl::Seconds(30));
}

TEST_F(PostFormTest, AFileOfAuthoritiesMustBeThere) {
  const std::string url = "https" + server_.url().substr(4);
  EXPECT_EQ(PostForm(url, {}, "/nonexistent").status().code(),
            absl::StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace baliprocess::auth
