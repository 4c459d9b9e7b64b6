// HTTP and JSON, as curl and browsers speak it.

#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include <nlohmann/json.hpp>

#include "baliprocess/common/v1/changes.pb.h"
#include "baliprocess/membership/v1/member.pb.h"
#include "common/base/errors.h"
#include "services/gateway/testing/http_fixture.h"
#include "services/gateway/web/gzip.h"

namespace baliprocess::gateway {
namespace {

using ::baliprocess::testing::IsOk;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;
using ::testing::StartsWith;
using Json = nlohmann::json;
namespace membership = ::baliprocess::membership::v1;

// RFC 9110 6.6.1; whether a service's reply or the gateway's own.
TEST_F(HttpTest, EveryReplyTellsItsTime) {
  SayMember(*backend_);
  const absl::Time before = absl::Now();
  for (const char* path : {kMember, "/v1/nothing"}) {
    absl::Time date;
    std::string error;
    const std::string text(Field(Ask("GET", path), "date"));
    ASSERT_TRUE(absl::ParseTime("%a, %d %b %Y %H:%M:%S GMT", text, &date, &error))
        << path << " " << text;
    EXPECT_LE(before - absl::Seconds(1), date) << path;
    EXPECT_LE(date, absl::Now()) << path;
  }
}

// RFC 6585 5: not a gRPC call's answer, which a client of HTTP takes for success.
TEST_F(HttpTest, TooLargeAHeadIs431) {
  const std::string large(options_.limits.max_header_bytes, 'x');
  const RawStream reply = Ask("GET", kMember, {{"x-large", large}});
  EXPECT_EQ(Status(reply), "431");
  EXPECT_EQ(Field(reply, "content-type"), "application/json");
  EXPECT_EQ(ReasonIn(reply.data), "TOO_LARGE");
}

TEST_F(HttpTest, AResourceIsJson) {
  SayMember(*backend_, "abc");
  const RawStream reply = Ask("GET", kMember);
  EXPECT_EQ(Status(reply), "200");
  EXPECT_EQ(Field(reply, "content-type"), "application/json");
  EXPECT_EQ(Field(reply, "etag"), "\"abc\"");
  EXPECT_EQ(Field(reply, "content-length"), std::to_string(reply.data.size()));
  const Json member = Json::parse(reply.data);
  EXPECT_EQ(member["name"], "members/aus");
  EXPECT_EQ(member["displayName"], "Australia");
  EXPECT_EQ(LastRequest<membership::GetMemberRequest>().name(), "members/aus");
}

TEST_F(HttpTest, TheServiceSeesACallOfGrpcAndNothingOfHttp) {
  SayMember(*backend_);
  Ask("GET", kMember,
      {{"accept", "application/json"},
       {"cookie", "a=b"},
       {"origin", "https://x"},
       {"if-none-match", "\"z\""},
       {"x-request-id", "one-two-three"}});
  const auto headers = backend_->seen().headers;
  for (const char* name : {"accept", "cookie", "origin", "if-none-match", "host"}) {
    EXPECT_EQ(headers.count(name), 0U) << name;
  }
  EXPECT_THAT(headers, Contains(Pair("x-request-id", "one-two-three")));
  EXPECT_THAT(headers, Contains(Pair("authorization", "Bearer secretary")));
}

// base/position_header.h; of replies and of errors alike.
TEST_F(HttpTest, PositionsGoBothWays) {
  SayMember(*backend_);
  const RawStream reply = Ask("GET", kMember, {{"x-bali-position", "here"}});
  EXPECT_EQ(Status(reply), "200");
  EXPECT_EQ(Field(reply, "x-bali-position"), "here");
  SayError(Error(api::v1::Error::RESOURCE_NOT_FOUND, "there is none"));
  const RawStream error = Ask("GET", kMember, {{"x-bali-position", "there"}});
  EXPECT_EQ(Status(error), "404");
  EXPECT_EQ(Field(error, "x-bali-position"), "there");
  EXPECT_EQ(Field(Ask("GET", kMember), "x-bali-position"), "");
}

TEST_F(HttpTest, ABodyAndAQueryBecomeTheRequest) {
  SayMember(*backend_);
  const RawStream reply =
      Ask("POST", "/v1/members?memberId=fiji&validate_only=true", {}, R"({"displayName":"Fiji"})");
  EXPECT_EQ(Status(reply), "200") << reply.data;
  const auto request = LastRequest<membership::CreateMemberRequest>();
  EXPECT_EQ(request.member_id(), "fiji");
  EXPECT_TRUE(request.validate_only());
  EXPECT_EQ(request.member().display_name(), "Fiji");
}

TEST_F(HttpTest, ErrorsOfTheServiceKeepTheirDetails) {
  Violations violations;
  violations.Add("member.display_name", "is required");
  SayError(violations.ToStatus());
  const RawStream reply = Ask("GET", kMember);
  EXPECT_EQ(Status(reply), "400");
  EXPECT_EQ(Field(reply, "content-type"), "application/json");
  const Json status = Json::parse(reply.data);
  EXPECT_EQ(status["code"], 3);
  EXPECT_THAT(status["message"].get<std::string>(), HasSubstr("display_name"));
  EXPECT_THAT(reply.data, HasSubstr("google.rpc.BadRequest"));
  EXPECT_EQ(ReasonIn(reply.data), "INVALID_FIELDS");
}

TEST_F(HttpTest, TriesAreToldInTheHead) {
  SayError(absl::UnavailableError("not now"));
  const RawStream reply = Ask("GET", kMember);
  EXPECT_EQ(Status(reply), "503");
  EXPECT_EQ(Field(reply, "grpc-previous-rpc-attempts"), "3");
  SayMember(*backend_);
  EXPECT_EQ(Field(Ask("GET", kMember), "grpc-previous-rpc-attempts"), "");
}

TEST_F(HttpTest, WhenToComeAgainIsToldInTheHead) {
  SayError(WithRetryAfter(Error(api::v1::Error::OVERLOADED, "busy"), absl::Milliseconds(1500)));
  const RawStream reply = Ask("GET", kMember);
  EXPECT_EQ(Status(reply), "429");
  EXPECT_EQ(Field(reply, "retry-after"), "2");
  for (const absl::Duration soon : {absl::Milliseconds(1), absl::ZeroDuration()}) {
    SayError(WithRetryAfter(Error(api::v1::Error::OVERLOADED, "busy"), soon));
    EXPECT_EQ(Field(Ask("GET", kMember), "retry-after"), "1") << soon;
  }
  SayError(Error(api::v1::Error::OVERLOADED, "busy"));
  EXPECT_EQ(Field(Ask("GET", kMember), "retry-after"), "");
}

TEST_F(HttpTest, WhoMayCallIsJudgedAsForGrpc) {
  const RawStream none = Ask("POST", "/v1/members", {{"authorization", ""}}, "{}");
  EXPECT_EQ(Status(none), "401");
  EXPECT_EQ(Field(none, "www-authenticate"), "Bearer");
  EXPECT_EQ(ReasonIn(none.data), "TOKEN_MISSING");
  const RawStream other = Ask("POST", "/v1/members", {{"authorization", "Bearer observer"}}, "{}");
  EXPECT_EQ(Status(other), "403");
  EXPECT_EQ(ReasonIn(other.data), "ACCESS_DENIED");
  EXPECT_EQ(backend_->seen().calls, 0);
}

// RST_STREAM behind a reply says that the request wasn't needed to its end (RFC 9113 8.1): here it
// had ended before.
TEST_F(HttpTest, ARefusalOfAWholeRequestIsAReplyLikeAnyOther) {
  const int32_t ids[] = {
      Begin("GET", "/v1/members?showDeleted=true", {{"authorization", "Bearer stranger"}}),
      Begin("POST", "/v1/members", {{"authorization", ""}}, "{}"),
      Begin("POST", "/v1/members", {}, "{"),
      Begin("POST", "/v1/meetings/2024-bali/documents/final-report:upload?sizeBytes=x",
            {{"content-type", "application/pdf"}}, "pdf"),
      Begin("POST", kGetMember, {{"content-type", "application/grpc-web-text"}}, "AAA"),
  };
  EXPECT_TRUE(raw_->Until([&] { return raw_->streams()[ids[4]].ended; }));
  Ask("GET", "/v1/nothing");  // what came behind the replies has come
  for (const int32_t id : ids) {
    const RawStream& reply = raw_->streams()[id];
    EXPECT_TRUE(reply.ended) << id;
    EXPECT_FALSE(reply.reset.has_value()) << id;
  }
  EXPECT_EQ(Status(raw_->streams()[ids[0]]), "401");
  EXPECT_EQ(Status(raw_->streams()[ids[3]]), "400");
}

TEST_F(HttpTest, BadRequestsAreToldWhatIsWrong) {
  const BadRequest rows[] = {
      {"GET", "/v1/nothing", {}, "", "404", "RESOURCE_NOT_FOUND"},
      {"GET", "/v1/members/%zz", {}, "", "400", "percent"},
      {"GET", "/v1/members?page_size=%zz", {}, "", "400", "percent"},
      {"PUT", kMember, {}, "", "405", "UNKNOWN_METHOD"},
      {"POST", "/v1/members", {{"content-type", "text/plain"}}, "{}", "415", "UNSUPPORTED_CALL"},
      {"POST",
       "/v1/members",
       {{"content-type", "application/json; charset=latin1"}},
       "{}",
       "415",
       ""},
      {"POST", "/v1/members", {{"content-encoding", "br"}}, "{}", "415", "UNSUPPORTED_CALL"},
      {"POST", "/v1/members", {{"content-encoding", "gzip"}}, "{}", "400", "gzip"},
      {"GET", kMember, {{"accept", "text/html"}}, "", "406", "UNSUPPORTED_CALL"},
      {"GET",
       "/v1/membership:watchChanges",
       {{"accept", "text/html"}},
       "",
       "406",
       "UNSUPPORTED_CALL"},
      {"POST", "/v1/members", {}, "{", "400", "MALFORMED_REQUEST"},
      {"POST", "/v1/members", {}, R"({"nickname":"x"})", "400", "nickname"},
      {"GET", "/v1/members?nickname=x", {}, "", "400", "nickname"},
      {"GET", "/v1/members?pageSize=1.9", {}, "", "400", "page_size"},
      {"GET", "/v1/members?pageSize=4294967297", {}, "", "400", "page_size"},
      {"POST", "/v1/members", {{"idempotency-key", "one"}}, "{}", "400", "UUID"},
      {"DELETE", kMember, {{"if-match", "\"a\", \"b\""}}, "", "400", "if-match"},
  };
  for (const BadRequest& row : rows) {
    const RawStream reply = Ask(row.method, row.path, row.fields, row.body);
    EXPECT_EQ(Status(reply), row.status) << row.method << " " << row.path << ": " << reply.data;
    EXPECT_THAT(reply.data, HasSubstr(row.says)) << row.path;
    EXPECT_EQ(Field(reply, "content-type"), "application/json") << row.path;
    EXPECT_TRUE(Json::accept(reply.data)) << reply.data;
  }
  EXPECT_EQ(backend_->seen().calls, 0);
}

TEST_F(HttpTest, APathSaysWhatItTakes) {
  const RawStream refused = Ask("PUT", kMember);
  EXPECT_EQ(Field(refused, "allow"), "DELETE, GET, HEAD, OPTIONS, PATCH");
  const RawStream options = Ask("OPTIONS", kMember);
  EXPECT_EQ(Status(options), "204");
  EXPECT_EQ(Field(options, "allow"), "DELETE, GET, HEAD, OPTIONS, PATCH");
}

// RFC 9110 9.3.7.
TEST_F(HttpTest, TheGatewayItselfSaysWhatItTakes) {
  const RawStream options = Ask("OPTIONS", "*");
  EXPECT_EQ(Status(options), "204");
  EXPECT_EQ(Field(options, "allow"), "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT");
}

TEST_F(HttpTest, AHeadIsWhatGetWouldSay) {
  SayMember(*backend_, "abc");
  const RawStream get = Ask("GET", kMember);
  const RawStream head = Ask("HEAD", kMember);
  EXPECT_EQ(Status(head), "200");
  EXPECT_EQ(head.data, "");
  EXPECT_EQ(Field(head, "content-length"), Field(get, "content-length"));
  EXPECT_EQ(Field(head, "etag"), Field(get, "etag"));
}

TEST_F(HttpTest, LargeRepliesArePackedForWhoTakesIt) {
  membership::Member member;
  member.set_name("members/aus");
  member.set_short_name(std::string(5000, 'x'));
  member.set_etag("abc");
  backend_->Say({{member.SerializeAsString()}, {}});
  const RawStream plain = Ask("GET", kMember);
  EXPECT_EQ(Field(plain, "content-encoding"), "");
  EXPECT_EQ(Field(plain, "vary"), "authorization, accept-encoding, origin");
  const RawStream packed = Ask("GET", kMember, {{"accept-encoding", "br, gzip;q=0.5"}});
  EXPECT_EQ(Field(packed, "content-encoding"), "gzip");
  EXPECT_EQ(Field(packed, "etag"), "W/\"abc\"");
  EXPECT_LT(packed.data.size(), 500U);
  ASSERT_OK_AND_ASSIGN(const std::string unpacked, Gunzip(packed.data, 1 << 20));
  EXPECT_EQ(unpacked, plain.data);
  EXPECT_EQ(Field(Ask("GET", kMember, {{"accept-encoding", "gzip;q=0"}}), "content-encoding"), "");
}

TEST_F(HttpTest, ABodyMayBePacked) {
  SayMember(*backend_);
  const RawPeer::Fields packed = {{"content-encoding", "gzip"}};
  const RawStream reply =
      Ask("POST", "/v1/members?memberId=fiji", packed, *Gzip(R"({"displayName":"Fiji"})"));
  EXPECT_EQ(Status(reply), "200") << reply.data;
  EXPECT_EQ(LastRequest<membership::CreateMemberRequest>().member().display_name(), "Fiji");
  const RawStream bomb = Ask("POST", "/v1/members", packed, *Gzip(std::string((4 << 20) + 1, ' ')));
  EXPECT_EQ(Status(bomb), "413");
}

// RFC 1952 2.2.
TEST_F(HttpTest, APackedBodyMayHaveManyMembers) {
  const std::string parts = *Gzip(R"({"display)") + *Gzip("") + *Gzip(R"(Name":"Fiji"})");
  ASSERT_OK_AND_ASSIGN(const std::string unpacked, Gunzip(parts, 22));
  EXPECT_EQ(unpacked, R"({"displayName":"Fiji"})");
  EXPECT_EQ(ReasonOf(Gunzip(parts, 21).status()), api::v1::Error::TOO_LARGE) << "of all members";
  const std::string bad[] = {parts + "x", parts.substr(0, parts.size() - 1), ""};
  for (const std::string& packed : bad) {
    EXPECT_EQ(ReasonOf(Gunzip(packed, 100).status()), api::v1::Error::MALFORMED_REQUEST);
  }
}

TEST_F(HttpTest, NamesOfCodingsAreOfAnyCase) {
  SayMember(*backend_);
  const std::string body = R"({"displayName":"Fiji"})";
  EXPECT_EQ(Status(Ask("POST", "/v1/members", {{"content-encoding", "Identity"}}, body)), "200");
  EXPECT_EQ(Status(Ask("POST", "/v1/members", {{"content-encoding", "GZip"}}, *Gzip(body))), "200");
}

TEST_F(HttpTest, ABodyThatIsTooLargeIsRefused) {
  options_.limits.max_message_bytes = 4 << 20;
  const RawStream reply = Ask("POST", "/v1/members", {}, std::string((4 << 20) + 1, ' '));
  EXPECT_EQ(Status(reply), "413");
  EXPECT_EQ(ReasonIn(reply.data), "TOO_LARGE");
}

// 413 is about a request's content.
TEST_F(HttpTest, AReplyThatIsTooLargeIsNotThatOfTheRequest) {
  SayError(Error(api::v1::Error::TOO_LARGE, "ask for the first 7 of these names", {{"fits", "7"}}));
  const RawStream reply = Ask("GET", "/v1/members:batchGet?names=members/aus");
  EXPECT_EQ(Status(reply), "429");
  EXPECT_EQ(ReasonIn(reply.data), "TOO_LARGE");
  EXPECT_EQ(Status(Ask("POST", "/v1/members:batchGet", {}, "{}")), "429");
  SayError(Error(api::v1::Error::TOO_LARGE, "a request of this method has at most 9 bytes"));
  EXPECT_EQ(Status(Ask("POST", "/v1/members", {}, "{}")), "413");
  EXPECT_EQ(Status(Ask("GET", kMember)), "429");
}

class LittleTimeTest : public HttpTest {
 protected:
  LittleTimeTest() { options_.limits.request_timeout = absl::Milliseconds(100); }
};

TEST_F(LittleTimeTest, ABodyThatDoesNotComeIsTheClientsFault) {
  const int32_t id = Begin("POST", "/v1/members", {}, "{", false);
  EXPECT_TRUE(raw_->Until([&] { return raw_->streams()[id].ended; }));
  EXPECT_EQ(Status(raw_->streams()[id]), "408");
  EXPECT_EQ(ReasonIn(raw_->streams()[id].data), "DEADLINE_PASSED");
}

TEST_F(HttpTest, PagesOfListedOriginsMayRead) {
  SayMember(*backend_);
  const RawStream reply = Ask("GET", kMember, {{"origin", "https://desk.example.org"}});
  EXPECT_EQ(Field(reply, "access-control-allow-origin"), "https://desk.example.org");
  EXPECT_THAT(Field(reply, "access-control-expose-headers"), HasSubstr("etag"));
  EXPECT_THAT(Field(reply, "access-control-expose-headers"), HasSubstr("x-bali-position"));
  EXPECT_EQ(Field(reply, "access-control-allow-credentials"), "");
  const RawStream error = Ask("GET", "/v1/nothing", {{"origin", "https://desk.example.org"}});
  EXPECT_EQ(Field(error, "access-control-allow-origin"), "https://desk.example.org");
  const RawStream other = Ask("GET", kMember, {{"origin", "https://else.example.org"}});
  EXPECT_EQ(Field(other, "access-control-allow-origin"), "");
  EXPECT_EQ(Field(other, "vary"), "authorization, origin");
}

TEST_F(HttpTest, PagesOfListedOriginsMayAskWhatTheyMaySend) {
  const RawPeer::Fields asks = {{"origin", "https://desk.example.org"},
                                {"authorization", ""},
                                {"access-control-request-method", "PATCH"},
                                {"access-control-request-headers", "authorization,if-match"}};
  for (const char* path : {kMember, kGetMember, "/v1/nothing"}) {
    const RawStream reply = Ask("OPTIONS", path, asks);
    EXPECT_EQ(Status(reply), "204") << path;
    EXPECT_EQ(Field(reply, "access-control-allow-origin"), "https://desk.example.org") << path;
    EXPECT_EQ(Field(reply, "access-control-allow-headers"), "authorization,if-match") << path;
  }
  EXPECT_EQ(Field(Ask("OPTIONS", kMember, asks), "access-control-allow-methods"),
            "DELETE, GET, HEAD, OPTIONS, PATCH");
  RawPeer::Fields other = asks;
  other[0].second = "https://else.example.org";
  EXPECT_EQ(Field(Ask("OPTIONS", kMember, other), "access-control-allow-methods"), "");
}

}  // namespace
}  // namespace baliprocess::gateway
