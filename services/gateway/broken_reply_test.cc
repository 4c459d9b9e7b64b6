// Services that break the rules of gRPC: what who calls by HTTP or by gRPC-Web is told then.

#include <gmock/gmock.h>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "google/api/httpbody.pb.h"

#include "baliprocess/common/v1/changes.pb.h"
#include "baliprocess/membership/v1/member.pb.h"
#include "services/gateway/testing/fixture.h"
#include "services/gateway/testing/raw_peer.h"

namespace baliprocess::gateway {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const RawPeer::Fields kHead = {{":status", "200"}, {"content-type", "application/grpc"}};
const RawPeer::Fields kOk = {{"grpc-status", "0"}};
constexpr char kMember[] = "/v1/members/aus";
constexpr char kFile[] = "/v1/meetings/2024-bali/documents/final-report:download";
constexpr char kWatch[] = "/v1/membership:watchChanges";

// As gRPC frames it.
std::string Framed(const google::protobuf::Message& message, char flag = 0) {
  const std::string bytes = message.SerializeAsString();
  return absl::StrCat(std::string{flag, 0, 0, 0, static_cast<char>(bytes.size())}, bytes);
}

std::string Member() {
  membership::v1::Member member;
  member.set_name("members/aus");
  return Framed(member);
}

std::string Change(const std::string& resume_token) {
  common::v1::WatchChangesResponse change;
  change.set_resume_token(resume_token);
  return Framed(change);
}

// The test is the service.
class BrokenReplyTest : public GatewayTest {
 protected:
  void SetUp() override {
    Start(listener_.port());
    service_ = listener_.Accept();
    ASSERT_NE(service_, nullptr);
    client_ = RawPeer::Connect(gateway_->port());
    ASSERT_NE(client_, nullptr);
  }

  struct Reply {
    std::string body;
    RawPeer::Fields trailers = kOk;
    RawPeer::Fields head = kHead;
  };
  // What a client gets for this request when the service replies so.
  RawStream Ask(const RawPeer::Fields& fields, const std::string& body, const Reply& reply) {
    const int32_t id = client_->Request(fields, body);
    EXPECT_TRUE(client_->Flush());
    std::optional<int32_t> call;
    EXPECT_TRUE(service_->Until([&] {
      for (const auto& [stream, state] : service_->streams()) {
        if (state.ended && !state.reset) call = stream;
      }
      return call.has_value();
    }));
    if (!call) return {};
    service_->streams().erase(*call);
    service_->Reply(*call, reply.head, reply.body, reply.trailers);
    EXPECT_TRUE(service_->Flush());
    EXPECT_TRUE(client_->Until([&] {
      const RawStream& stream = client_->streams()[id];
      return stream.ended || stream.reset;
    }));
    return client_->streams()[id];
  }
  RawStream Get(const std::string& path, const Reply& reply, const std::string& accept = "*/*") {
    return Ask({{":method", "GET"},
                {":path", path},
                {"content-type", ""},
                {"accept", accept},
                {"authorization", "Bearer secretary"}},
               "", reply);
  }

  RawListener listener_;
  std::unique_ptr<RawPeer> service_;
  std::unique_ptr<RawPeer> client_;
};

class BrokenFileTest : public BrokenReplyTest {
 protected:
  BrokenFileTest() {
    options_.services = {{"meetings", {absl::StrCat("127.0.0.1:", listener_.port())}}};
  }
};

struct Broken {
  std::string what;
  std::string body;
};

// What no message can be made of, behind these messages.
std::vector<Broken> BrokenBehind(const std::string& messages) {
  std::string compressed = Member();
  compressed[0] = 1;
  std::string odd = Member();
  odd[0] = 7;
  return {{"half a message", messages + Member().substr(0, 9)},
          {"half a prefix", messages + std::string(2, '\0')},
          {"a compressed message", messages + compressed},
          {"an unknown flag", messages + odd}};
}

TEST_F(BrokenReplyTest, AReplyIsOneMessage) {
  EXPECT_EQ(Get(kMember, {Member()}).headers.at(":status"), "200");
  std::vector<Broken> rows = BrokenBehind("");
  rows.push_back({"nothing", ""});
  rows.push_back({"two messages", Member() + Member()});
  for (const Broken& row : rows) {
    const RawStream reply = Get(kMember, {row.body});
    EXPECT_EQ(reply.headers.at(":status"), "500") << row.what;
    EXPECT_EQ(reply.headers.at("content-type"), "application/json") << row.what;
    EXPECT_THAT(reply.data, HasSubstr("INTERNAL_ERROR")) << row.what;
  }
  // An error has none.
  const RawStream error = Get(kMember, {"", {{"grpc-status", "5"}}});
  EXPECT_EQ(error.headers.at(":status"), "404");
}

TEST_F(BrokenReplyTest, AStreamThatEndsWithinAMessageEndsWithAnError) {
  for (const Broken& row : BrokenBehind(Change("a"))) {
    const RawStream lines = Get(kWatch, {row.body});
    EXPECT_EQ(lines.headers.at(":status"), "200") << row.what;
    EXPECT_THAT(lines.data, HasSubstr("\n{\"error\":{\"code\":13,")) << row.what;
    const RawStream events = Get(kWatch, {row.body}, "text/event-stream");
    EXPECT_THAT(events.data, HasSubstr("\n\nevent: error\ndata: {\"code\":13,")) << row.what;
  }
  const RawStream empty = Get(kWatch, {""});
  EXPECT_EQ(empty.headers.at(":status"), "200");
  EXPECT_EQ(empty.data, "");
}

// In front of the end of a file that is known, or measured; and where nothing says what it is.
TEST_F(BrokenFileTest, AFileThatEndsWithinAMessageIsNoFile) {
  google::api::HttpBody piece;
  piece.set_content_type("text/plain");
  piece.set_data("0123456789");
  EXPECT_EQ(Get(kFile, {Framed(piece)}).data, "0123456789");
  std::vector<Broken> rows = BrokenBehind(Framed(piece));
  rows.push_back({"nothing", ""});
  for (const Broken& row : rows) {
    const RawStream reply = Get(kFile, {row.body});
    EXPECT_EQ(reply.headers.at(":status"), "500") << row.what;
    EXPECT_THAT(reply.data, HasSubstr("INTERNAL_ERROR")) << row.what;
  }
}

// A browser would end the reply there, in front of the trailers.
TEST_F(BrokenReplyTest, NoLengthOfTheMessagesIsToldByGrpcWeb) {
  Reply reply = {Member()};
  reply.head.emplace_back("content-length", std::to_string(reply.body.size()));
  const std::string request(5, '\0');
  const RawStream binary = Ask({{"content-type", "application/grpc-web"}}, request, reply);
  EXPECT_EQ(binary.headers.count("content-length"), 0U);
  EXPECT_THAT(binary.data, HasSubstr("grpc-status: 0\r\n"));
  const RawStream text =
      Ask({{"content-type", "application/grpc-web-text"}}, absl::Base64Escape(request), reply);
  EXPECT_EQ(text.headers.count("content-length"), 0U);
  EXPECT_TRUE(text.ended);
}

// What stands behind an end of line would be another field of the event.
TEST_F(BrokenReplyTest, AnIdOfAnEventIsOneLine) {
  for (const std::string& token :
       {std::string("a\nevent: b"), std::string("a\r"), std::string("a\0b", 3)}) {
    const RawStream events = Get(kWatch, {Change(token)}, "text/event-stream");
    EXPECT_THAT(events.data, HasSubstr("data: {"));
    EXPECT_THAT(events.data, Not(HasSubstr("id:")));
  }
  EXPECT_THAT(Get(kWatch, {Change("a b")}, "text/event-stream").data, HasSubstr("id: a b\n"));
}

}  // namespace
}  // namespace baliprocess::gateway
