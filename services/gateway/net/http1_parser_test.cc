// Requests of HTTP/1.1: what is taken, and what isn't, however its bytes come.

#include "services/gateway/net/http1_parser.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

#include "services/gateway/testing/hiding_requests.h"

namespace baliprocess::gateway {
namespace {

using State = Http1Parser::State;

struct Parsed {
  State state;
  int status;  // of the fault
  std::string body;
  std::string rest;  // that wasn't taken
  Http1Head head;
};

// Gives `step` more bytes at a time.
Parsed ParseBy(const std::string& bytes, size_t step, const Http1Limits& limits = {}) {
  Http1Parser parser(limits);
  Parsed parsed;
  std::string waiting;
  for (size_t at = 0; at < bytes.size(); at += step) {
    waiting += bytes.substr(at, step);
    while (const size_t taken = parser.Feed(waiting)) {
      parsed.body += parser.body();
      waiting.erase(0, taken);
    }
  }
  parsed.state = parser.state();
  parsed.status = parser.state() == State::kFailed ? parser.fault().status : 0;
  parsed.rest = waiting;
  parsed.head = parser.head();
  return parsed;
}

// At once and byte by byte, which must be one.
Parsed Parse(const std::string& bytes, const Http1Limits& limits = {}) {
  const Parsed whole = ParseBy(bytes, bytes.size(), limits);
  const Parsed slow = ParseBy(bytes, 1, limits);
  EXPECT_EQ(whole.state, slow.state) << bytes;
  EXPECT_EQ(whole.status, slow.status) << bytes;
  EXPECT_EQ(whole.body, slow.body) << bytes;
  EXPECT_EQ(whole.head.fields, slow.head.fields) << bytes;
  return whole;
}

std::string Get(const std::string& fields) {
  return "GET /v1/members?a=b HTTP/1.1\r\nHost: here\r\n" + fields + "\r\n";
}

std::string Post(const std::string& fields, const std::string& body) {
  return "POST /v1/members HTTP/1.1\r\nHost: here\r\n" + fields + "\r\n" + body;
}

TEST(Http1ParserTest, ReadsAHead) {
  const Parsed parsed = Parse(Get("Accept:  text/html \r\nX-Empty:\r\nTE: trailers\r\n"));
  EXPECT_EQ(parsed.state, State::kDone);
  EXPECT_EQ(parsed.head.method, "GET");
  EXPECT_EQ(parsed.head.path, "/v1/members?a=b");
  EXPECT_EQ(parsed.head.authority, "here");
  const std::vector<std::pair<std::string, std::string>> fields = {{"accept", "text/html"},
                                                                   {"x-empty", ""}};
  EXPECT_EQ(parsed.head.fields, fields);
  EXPECT_TRUE(parsed.head.keep_alive);
  EXPECT_TRUE(parsed.head.takes_trailers);
  EXPECT_FALSE(parsed.head.http10);
}

TEST(Http1ParserTest, ReadsBodies) {
  const Parsed length = Parse(Post("Content-Length: 5\r\n", "hello") + "GET");
  EXPECT_EQ(length.state, State::kDone);
  EXPECT_EQ(length.body, "hello");
  EXPECT_EQ(length.rest, "GET");
  const Parsed chunks = Parse(Post("Transfer-Encoding: Chunked\r\n",
                                   "2\r\nhe\r\n3;a=b\r\nllo\r\n0\r\nX-Trailer: 1\r\n\r\nGET"));
  EXPECT_EQ(chunks.state, State::kDone);
  EXPECT_EQ(chunks.body, "hello");
  EXPECT_EQ(chunks.rest, "GET");
  EXPECT_TRUE(chunks.head.fields.empty()) << "trailers aren't headers";
  EXPECT_EQ(Parse(Post("", "")).state, State::kDone) << "without a length there is no body";
  EXPECT_EQ(Parse(Post("Content-Length: 0\r\n", "")).state, State::kDone);
  EXPECT_EQ(Parse(Post("Transfer-Encoding: chunked\r\n", "0\r\n\r\n")).state, State::kDone);
}

TEST(Http1ParserTest, WaitsForWhatIsMissing) {
  EXPECT_EQ(Parse("GET / HTTP/1.1\r\nHost: here\r\n").state, State::kHead);
  EXPECT_EQ(Parse(Post("Content-Length: 5\r\n", "hell")).state, State::kBody);
  EXPECT_EQ(Parse(Post("Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n0\r\n\r")).state,
            State::kBody);
}

TEST(Http1ParserTest, KnowsWhenAConnectionEnds) {
  const auto keeps = [](const std::string& version, const std::string& fields) {
    return Parse("GET / HTTP/" + version + "\r\nHost: here\r\n" + fields + "\r\n").head.keep_alive;
  };
  EXPECT_TRUE(keeps("1.1", ""));
  EXPECT_FALSE(keeps("1.1", "Connection: foo, Close\r\n"));
  EXPECT_FALSE(keeps("1.0", ""));
  EXPECT_TRUE(keeps("1.0", "Connection: Keep-Alive\r\n"));
  EXPECT_FALSE(keeps("1.0", "Connection: keep-alive, close\r\n"));
}

TEST(Http1ParserTest, FieldsOfTheConnectionEndHere) {
  const Parsed parsed =
      Parse(Get("Connection: Upgrade, X-Mine, HTTP2-Settings\r\nUpgrade: h2c\r\nX-Mine: 1\r\n"
                "HTTP2-Settings: AAMAAABkAAQAAP__\r\nKeep-Alive: 5\r\nX-Yours: 1\r\n"));
  EXPECT_EQ(parsed.state, State::kDone) << "an upgrade is passed over";
  const std::vector<std::pair<std::string, std::string>> fields = {{"x-yours", "1"}};
  EXPECT_EQ(parsed.head.fields, fields);
  EXPECT_EQ(Parse(Get("Connection: authorization\r\nAuthorization: Bearer x\r\n")).status, 400);
  EXPECT_EQ(Parse(Get("Connection: a, b, c, d, e, f, g, h\r\n")).status, 0);
  EXPECT_EQ(Parse(Get("Connection: a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q\r\n")).status, 400);
  std::string lines;
  for (int i = 0; i < 17; ++i) lines += "Connection: a\r\n";
  EXPECT_EQ(Parse(Get(lines)).status, 400);
  for (const char* needed : {"Forwarded", "X-Forwarded-For", "If-Match", "Idempotency-Key"}) {
    const std::string connection = absl::StrCat("Connection: close, ", needed, "\r\n");
    EXPECT_EQ(Parse(Get(connection)).status, 400) << needed;
  }
}

TEST(Http1ParserTest, FormsOfTargets) {
  struct Row {
    const char* line;
    const char* path;  // null: refused
    const char* authority;
    int status = 0;
  };
  const Row rows[] = {
      {"GET / HTTP/1.1", "/", "here"},
      {"GET /a%2Fb?c=d&e HTTP/1.1", "/a%2Fb?c=d&e", "here"},
      {"GET http://there:8080/a?b HTTP/1.1", "/a?b", "there:8080"},
      {"GET HTTPS://there HTTP/1.1", "/", "there"},
      {"GET http://there?x HTTP/1.1", "/?x", "there"},
      {"OPTIONS * HTTP/1.1", "*", "here"},
      {"GET * HTTP/1.1", nullptr, nullptr, 400},
      {"GET a/b HTTP/1.1", nullptr, nullptr, 400},
      {"GET /a#b HTTP/1.1", nullptr, nullptr, 400},
      {"GET /\x80 HTTP/1.1", nullptr, nullptr, 400},
      {"GET http:///a HTTP/1.1", nullptr, nullptr, 400},
      {"GET http://me@there/ HTTP/1.1", nullptr, nullptr, 400},
      {"GET ftp://there/ HTTP/1.1", nullptr, nullptr, 400},
      {"CONNECT there:443 HTTP/1.1", nullptr, nullptr, 501},
  };
  for (const Row& row : rows) {
    const Parsed parsed = Parse(std::string(row.line) + "\r\nHost: here\r\n\r\n");
    EXPECT_EQ(parsed.status, row.status) << row.line;
    if (row.path == nullptr) continue;
    EXPECT_EQ(parsed.head.path, row.path) << row.line;
    EXPECT_EQ(parsed.head.authority, row.authority) << row.line;
  }
}

TEST(Http1ParserTest, WhatIsntARequest) {
  struct Row {
    std::string bytes;
    int status;
  };
  const Row rows[] = {
      {"GET /\r\n", 400},  // HTTP/0.9
      {"GET / HTTP/0.9\r\n", 505},
      {"GET / HTTP/1.2\r\n", 505},
      {"GET / HTTP/2.0\r\n", 505},
      {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
      {"GET / http/1.1\r\n", 400},
      {"GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"GET / HTTP/1.1 \r\nHost: a\r\n\r\n", 400},
      {"GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"G@T / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {" GET / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 400},  // one empty line is forgiven
      {"\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {std::string("\x16\x03\x01\x02\x00\x01", 6), 400},  // TLS
      {"GET / HTTP/1.1\r\n\r\n", 400},                    // no Host
      {"GET / HTTP/1.1\r\nHost:\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
      {Get("Expect: tea\r\n"), 417},
  };
  for (const Row& row : rows) EXPECT_EQ(Parse(row.bytes).status, row.status) << row.bytes;
  EXPECT_EQ(Parse("\r\n" + Get("")).state, State::kDone);
  EXPECT_EQ(Parse("GET / HTTP/1.0\r\n\r\n").state, State::kDone) << "needs no Host";
}

TEST(Http1ParserTest, WhatHidesRequests) {
  for (const HidingRequest& row : HidingRequests()) {
    EXPECT_EQ(Parse(row.bytes).status, row.status) << row.bytes;
  }
}

TEST(Http1ParserTest, HeadsAreLimited) {
  const std::string head = Get("X: y\r\n");
  EXPECT_EQ(Parse(head, {.head_bytes = head.size()}).state, State::kDone);
  EXPECT_EQ(Parse(head, {.head_bytes = head.size() - 1}).status, 431);
  const std::string endless = "GET /" + std::string(2000, 'a');
  EXPECT_EQ(Parse(endless, {.head_bytes = 1000}).status, 431);
  EXPECT_EQ(Parse(endless, {.head_bytes = 2100}).state, State::kHead);
}

TEST(Http1ParserTest, BodiesAreLimited) {
  const Http1Limits limits = {.body_bytes = 5};
  EXPECT_EQ(Parse(Post("Content-Length: 5\r\n", "hello"), limits).state, State::kDone);
  EXPECT_EQ(Parse(Post("Content-Length: 6\r\n", ""), limits).status, 413);
  const std::string chunked = "Transfer-Encoding: chunked\r\n";
  EXPECT_EQ(Parse(Post(chunked, "3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n"), limits).state, State::kDone);
  EXPECT_EQ(Parse(Post(chunked, "3\r\nhel\r\n3\r\nlo!\r\n0\r\n\r\n"), limits).status, 413);
}

TEST(Http1ParserTest, WhatStandsBetweenChunksIsLimited) {
  const std::string chunked = "Transfer-Encoding: chunked\r\n";
  const auto with = [&](size_t extension) {
    return Parse(Post(chunked, "5;" + std::string(extension, 'a') + "\r\nhello\r\n0\r\n\r\n"));
  };
  EXPECT_EQ(with(1000).state, State::kDone);
  EXPECT_EQ(Parse(Post(chunked, "5;" + std::string(2000, 'a'))).status, 400);
  EXPECT_EQ(Parse(Post(chunked, "5;a=\"b c\";d=e\r\nhello\r\n0\r\n\r\n")).body, "hello");
  const Http1Limits limits = {.head_bytes = 2000};
  const std::string trailer(1900, 'a');
  EXPECT_EQ(Parse(Post(chunked, "0\r\nX: " + trailer + "\r\n\r\n"), limits).state, State::kDone);
  EXPECT_EQ(Parse(Post(chunked, "0\r\nX: " + trailer + trailer), limits).status, 431);
}

}  // namespace
}  // namespace baliprocess::gateway
