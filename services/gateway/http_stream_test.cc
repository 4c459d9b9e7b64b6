// Streams of messages by HTTP: lines of JSON, and server-sent events.

#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"

#include "baliprocess/common/v1/changes.pb.h"
#include "common/base/errors.h"
#include "services/gateway/testing/http_fixture.h"

namespace baliprocess::gateway {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;
using Json = nlohmann::json;

std::vector<std::string> Changes(int count) {
  std::vector<std::string> messages;
  for (int i = 1; i <= count; ++i) {
    common::v1::WatchChangesResponse response;
    response.set_resume_token(absl::StrCat("token-", i));
    messages.push_back(response.SerializeAsString());
  }
  return messages;
}

constexpr char kWatch[] = "/v1/membership:watchChanges";

TEST_F(HttpTest, AStreamIsALineOfJsonForEachMessage) {
  backend_->Say({Changes(2), {}});
  const RawStream reply = Ask("GET", kWatch);
  EXPECT_EQ(Status(reply), "200");
  EXPECT_EQ(Field(reply, "content-type"), "application/x-ndjson");
  EXPECT_EQ(reply.data,
            "{\"changes\":[],\"resumeToken\":\"token-1\"}\n"
            "{\"changes\":[],\"resumeToken\":\"token-2\"}\n");
}

TEST_F(HttpTest, AnErrorWithinAStreamIsItsLastElement) {
  backend_->Say({Changes(1), {grpc::StatusCode::UNAVAILABLE, "go elsewhere"}});
  const RawStream lines = Ask("GET", kWatch);
  EXPECT_EQ(lines.data,
            "{\"changes\":[],\"resumeToken\":\"token-1\"}\n"
            "{\"error\":{\"code\":14,\"message\":\"go elsewhere\",\"details\":[]}}\n");
  const RawStream events = Ask("GET", kWatch, {{"accept", "text/event-stream"}});
  EXPECT_EQ(events.data,
            "id: token-1\ndata: {\"changes\":[],\"resumeToken\":\"token-1\"}\n\n"
            "event: error\ndata: {\"code\":14,\"message\":\"go elsewhere\",\"details\":[]}\n\n");
}

// Its head has gone: there is no second one (RFC 9113 8.1).
TEST_F(HttpTest, WhatIsNoMessageWithinAStreamIsAnErrorOfTheStream) {
  const std::string rows[] = {std::string(5, '\xff'), std::string((16 << 20) + 1, ' ')};
  for (const std::string& bad : rows) {
    std::vector<std::string> messages = Changes(1);
    messages.push_back(bad);
    backend_->Say({messages, {}, true});
    const RawStream lines = Ask("GET", kWatch);
    EXPECT_EQ(Status(lines), "200");
    EXPECT_TRUE(lines.ended);
    EXPECT_THAT(lines.data,
                StartsWith("{\"changes\":[],\"resumeToken\":\"token-1\"}\n"
                           "{\"error\":{\"code\":13,\"message\":\"the service's reply "));
    const RawStream events = Ask("GET", kWatch, {{"accept", "text/event-stream"}});
    EXPECT_EQ(Status(events), "200");
    EXPECT_THAT(events.data, HasSubstr("\n\nevent: error\ndata: {\"code\":13,"));
  }
}

TEST_F(HttpTest, AnErrorBeforeAStreamIsAnError) {
  SayError(Error(api::v1::Error::HISTORY_COMPACTED, "too old"));
  const RawStream reply = Ask("GET", kWatch, {{"accept", "text/event-stream"}});
  EXPECT_EQ(Status(reply), "400");
  EXPECT_EQ(Field(reply, "content-type"), "application/json");
  EXPECT_EQ(ReasonIn(reply.data), "HISTORY_COMPACTED");
}

TEST_F(HttpTest, EventsGoOnWhereTheLastOneWas) {
  backend_->Say({Changes(1), {}});
  const RawStream reply =
      Ask("GET", kWatch, {{"accept", "text/event-stream"}, {"last-event-id", "token-0"}});
  EXPECT_EQ(Field(reply, "content-type"), "text/event-stream");
  EXPECT_EQ(LastRequest<common::v1::WatchChangesRequest>().resume_token(), "token-0");
}

// A browser comes back to the URL that it began with.
TEST_F(HttpTest, EventsGoOnWhereTheLastOneWasWhateverTheQuerySays) {
  backend_->Say({Changes(1), {}});
  for (const char* query : {"?resume_token=token-0", "?fromStart=true", "?resumeToken=token-1"}) {
    const RawStream reply = Ask("GET", kWatch + std::string(query),
                                {{"accept", "text/event-stream"}, {"last-event-id", "token-1"}});
    EXPECT_EQ(Status(reply), "200") << query << reply.data;
    const auto request = LastRequest<common::v1::WatchChangesRequest>();
    EXPECT_EQ(request.resume_token(), "token-1") << query;
    EXPECT_FALSE(request.from_start()) << query;
  }
}

}  // namespace
}  // namespace baliprocess::gateway
