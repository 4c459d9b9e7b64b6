// What a request by HTTP depends on: entity tags, keys against repeats, and that none of these is
// passed over.

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "baliprocess/membership/v1/member.pb.h"
#include "common/base/errors.h"
#include "services/gateway/testing/http_fixture.h"

namespace baliprocess::gateway {
namespace {

using ::testing::HasSubstr;
using Json = nlohmann::json;
namespace membership = ::baliprocess::membership::v1;

TEST_F(HttpTest, AnEtagIsAPrecondition) {
  SayMember(*backend_, "abc");
  Ask("DELETE", kMember, {{"if-match", "\"abc\""}});
  EXPECT_EQ(LastRequest<membership::DeleteMemberRequest>().etag(), "abc");
  Ask("PATCH", kMember, {{"if-match", "W/\"abc\""}}, R"({"displayName":"Fiji"})");
  const auto update = LastRequest<membership::UpdateMemberRequest>();
  EXPECT_EQ(update.member().etag(), "abc");
  EXPECT_EQ(update.member().name(), "members/aus");
  SayError(Error(api::v1::Error::ETAG_MISMATCH, "it has changed"));
  EXPECT_EQ(Status(Ask("DELETE", kMember, {{"if-match", "\"old\""}})), "412");
  EXPECT_EQ(Status(Ask("DELETE", kMember + std::string("?etag=old"))), "409");
}

// No call is made without what the caller has asked for with it.
TEST_F(HttpTest, WhatDecidesIsNotPassedOver) {
  const std::string key = "6f1c2d0e-8f3b-4c61-9d2a-5b7e0a4c1f90";
  const std::string missing = kMember + std::string("?allowMissing=true");
  const BadRequest rows[] = {
      {"PATCH", kMember, {{"if-match", "\"wr\xf6ng\""}}, "{}", "412", "ETAG_MISMATCH"},
      {"PATCH", kMember, {{"if-match", ""}}, "{}", "400", "if-match"},
      {"PATCH", kMember, {{"if-match", "*"}, {"if-match", "\"a\""}}, "{}", "400", "if-match"},
      {"PATCH", missing, {{"if-match", "*"}}, "{}", "400", "if-match"},
      {"DELETE", missing, {{"if-match", "\"a\""}}, "", "400", "if-match"},
      {"POST", "/v1/members", {{"if-match", "\"a\""}}, "{}", "400", "if-match"},
      {"PATCH", kMember, {{"if-none-match", "*"}}, "{}", "412", "ETAG_MISMATCH"},
      {"DELETE", kMember, {{"if-none-match", "*"}}, "", "412", "ETAG_MISMATCH"},
      {"PATCH", kMember, {{"if-none-match", "\"a\""}}, "{}", "400", "if-none-match"},
      {"PATCH", missing, {{"if-none-match", "*"}}, "{}", "400", "if-none-match"},
      {"POST", "/v1/members", {{"if-none-match", "*"}}, "{}", "400", "if-none-match"},
      {"POST", "/v1/members", {{"idempotency-key", "\xe9"}}, "{}", "400", "idempotency-key"},
      {"POST", "/v1/members", {{"idempotency-key", ""}}, "{}", "400", "idempotency-key"},
      {"POST",
       "/v1/members",
       {{"idempotency-key", key}, {"idempotency-key", key}},
       "{}",
       "400",
       "idempotency-key"},
      {"GET",
       "/v1/membership:watchChanges",
       {{"last-event-id", "\xff\xfe"}},
       "",
       "400",
       "last-event-id"},
      {"POST", "/v1/members", {{"content-encoding", "\xff"}}, "{}", "415", "UNSUPPORTED_CALL"},
      {"POST", "/v1/members", {{"content-type", "text/\xe9"}}, "{}", "415", "UNSUPPORTED_CALL"},
      {"POST",
       "/v1/members",
       {{"content-type", "application/json"}, {"content-type", "text/plain"}},
       "{}",
       "415",
       "UNSUPPORTED_CALL"},
  };
  for (const BadRequest& row : rows) {
    const RawStream reply = Ask(row.method, row.path, row.fields, row.body);
    const std::string& field = row.fields.back().first;
    EXPECT_EQ(Status(reply), row.status) << row.method << " " << field << ": " << reply.data;
    EXPECT_THAT(reply.data, HasSubstr(row.says)) << row.method << " " << field;
    EXPECT_TRUE(Json::accept(reply.data)) << reply.data;
  }
  EXPECT_EQ(backend_->seen().calls, 0);
}

TEST_F(HttpTest, WhatTheClientHasIsNotSentAgain) {
  SayMember(*backend_, "abc");
  const RawStream same = Ask("GET", kMember, {{"if-none-match", "\"abc\""}});
  EXPECT_EQ(Status(same), "304");
  EXPECT_EQ(same.data, "");
  EXPECT_EQ(Field(same, "etag"), "\"abc\"");
  EXPECT_EQ(Status(Ask("GET", kMember, {{"if-none-match", "\"old\""}})), "200");
}

// A cache in between can't tell by the tag what which caller may see.
TEST_F(HttpTest, NoCacheKeepsWhatACallerWasTold) {
  SayMember(*backend_, "abc");
  for (const char* tag : {"\"old\"", "\"abc\""}) {
    const RawStream reply = Ask("GET", kMember, {{"if-none-match", tag}});
    EXPECT_EQ(Field(reply, "cache-control"), "no-store") << tag;
    EXPECT_THAT(Field(reply, "vary"), HasSubstr("authorization")) << tag;
  }
  SayError(Error(api::v1::Error::RESOURCE_NOT_FOUND, "there is none"));
  EXPECT_EQ(Field(Ask("GET", kMember), "cache-control"), "no-store");
}

TEST_F(HttpTest, WhatTheClientHasMayBeOneOfAList) {
  SayMember(*backend_, "abc");
  const RawPeer::Fields matching[] = {
      {{"if-none-match", "*"}},
      {{"if-none-match", "W/\"abc\""}},
      {{"if-none-match", "\"x\", \"abc\""}},
      {{"if-none-match", ",\"a,b\" ,W/\"abc\",\"z\""}},
      {{"if-none-match", "\"x\""}, {"if-none-match", "\"abc\""}},
  };
  for (const auto& fields : matching) {
    EXPECT_EQ(Status(Ask("GET", kMember, fields)), "304") << fields.back().second;
  }
  for (const char* other : {"\"x\", \"ab\"", "abc", "\"x, abc\"", "\"abc", "\"x\" *", ",", "W/"}) {
    EXPECT_EQ(Status(Ask("GET", kMember, {{"if-none-match", other}})), "200") << other;
  }
  // Without a tag nothing is named.
  SayMember(*backend_);
  EXPECT_EQ(Status(Ask("GET", kMember, {{"if-none-match", "\"\""}})), "200");
}

TEST_F(HttpTest, LinesOfOneListAreOne) {
  SayMember(*backend_);
  const RawPeer::Fields accepts = {{"accept", "text/html"}, {"accept", "application/json"}};
  EXPECT_EQ(Status(Ask("GET", kMember, accepts)), "200");
  const RawStream two = Ask("DELETE", kMember, {{"if-match", "\"a\""}, {"if-match", "\"b\""}});
  EXPECT_EQ(Status(two), "400") << "one version alone can be asked for";
}

TEST_F(HttpTest, AnIdempotencyKeyIsTheRequestId) {
  SayMember(*backend_);
  const std::string key = "6f1c2d0e-8f3b-4c61-9d2a-5b7e0a4c1f90";
  Ask("POST", "/v1/members?memberId=fiji", {{"idempotency-key", key}}, R"({"displayName":"Fiji"})");
  EXPECT_EQ(LastRequest<membership::CreateMemberRequest>().request_id(), key);
}

}  // namespace
}  // namespace baliprocess::gateway
