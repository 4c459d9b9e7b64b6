// gRPC-Web: what browsers' libraries send, and what they get.

#include <gmock/gmock.h>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

#include "services/gateway/testing/fixture.h"
#include "services/gateway/testing/raw_peer.h"

namespace baliprocess::gateway {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

// A message, or trailers (0x80), as gRPC-Web frames them.
std::string Frame(const std::string& bytes, char flag = 0) {
  const auto size = static_cast<uint32_t>(bytes.size());
  return absl::StrCat(
      std::string{flag, static_cast<char>(size >> 24), static_cast<char>(size >> 16),
                  static_cast<char>(size >> 8), static_cast<char>(size)},
      bytes);
}

class GrpcWebTest : public GatewayTest {
 protected:
  void SetUp() override {
    Start();
    raw_ = RawPeer::Connect(gateway_->port());
    ASSERT_NE(raw_, nullptr);
  }

  RawStream Ask(const std::string& body, const std::string& type, RawPeer::Fields fields = {}) {
    fields.insert(fields.begin(), {"content-type", type});
    const int32_t id = raw_->Request(fields, body);
    EXPECT_TRUE(raw_->Until([&] {
      const RawStream& stream = raw_->streams()[id];
      return stream.ended || stream.reset;
    }));
    return raw_->streams()[id];
  }

  std::unique_ptr<RawPeer> raw_;
};

// Each piece of base64 has padding of its own.
std::string Decoded(std::string_view text) {
  std::string all;
  for (; !text.empty(); text.remove_prefix(4)) {
    std::string part;
    EXPECT_TRUE(absl::Base64Unescape(absl::string_view(text.data(), 4), &part));
    all += part;
  }
  return all;
}

TEST_F(GrpcWebTest, MessagesAreGrpcsAndTrailersComeBehind) {
  for (const char* type : {"application/grpc-web", "application/grpc-web+proto"}) {
    const RawStream reply = Ask(Frame("hello"), type, {{"ask-this", "back"}});
    EXPECT_EQ(reply.headers.at(":status"), "200");
    EXPECT_EQ(reply.headers.at("content-type"), "application/grpc-web+proto");
    EXPECT_EQ(reply.headers.at("ask-this"), "back");
    EXPECT_EQ(reply.headers.count("grpc-status"), 0U);
    ASSERT_THAT(reply.data, StartsWith(Frame("hello") + "\x80"));
    EXPECT_THAT(reply.data, HasSubstr("grpc-status: 0\r\n"));
    EXPECT_THAT(reply.data, HasSubstr("trailing-ask-this: back\r\n"));
  }
}

TEST_F(GrpcWebTest, TextIsBase64) {
  const std::string request = absl::Base64Escape(Frame("hello"));
  const RawStream reply = Ask(request, "application/grpc-web-text");
  EXPECT_EQ(reply.headers.at("content-type"), "application/grpc-web-text+proto");
  EXPECT_THAT(Decoded(reply.data), StartsWith(Frame("hello") + "\x80"));
  // The reply's form is asked for by itself.
  const RawStream binary =
      Ask(request, "application/grpc-web-text", {{"accept", "application/grpc-web+proto"}});
  EXPECT_THAT(binary.data, StartsWith(Frame("hello")));
}

TEST_F(GrpcWebTest, TextMayComeInPiecesWithPaddingEach) {
  const std::string frame = Frame("hello, world");
  for (size_t cut = 1; cut < frame.size(); ++cut) {
    const std::string text = absl::StrCat(absl::Base64Escape(frame.substr(0, cut)),
                                          absl::Base64Escape(frame.substr(cut)));
    const RawStream reply = Ask(text, "application/grpc-web-text");
    EXPECT_THAT(Decoded(reply.data), StartsWith(frame)) << cut;
  }
}

TEST_F(GrpcWebTest, LargeTextPasses) {
  const std::string frame = Frame(std::string(2'000'000, 'x'));
  const RawStream reply = Ask(absl::Base64Escape(frame), "application/grpc-web-text");
  EXPECT_THAT(Decoded(reply.data), StartsWith(frame));
}

TEST_F(GrpcWebTest, WhatIsNotBase64IsRefused) {
  for (const char* text : {"!!!!", "AAAAA", "AAA"}) {
    const RawStream reply = Ask(text, "application/grpc-web-text");
    EXPECT_EQ(reply.headers.at(":status"), "200");
    EXPECT_THAT(Decoded(reply.data), HasSubstr("grpc-status: 3\r\n")) << text;
  }
  EXPECT_EQ(backend_->seen().calls, 0);
}

TEST_F(GrpcWebTest, ARefusalComesInTheBodyWhereAPageCanReadIt) {
  const RawStream reply = Ask(Frame(""), "application/grpc-web",
                              {{":path", kCreateMember}, {"authorization", "Bearer observer"}});
  EXPECT_EQ(reply.headers.at(":status"), "200");
  EXPECT_THAT(reply.data, StartsWith("\x80"));
  EXPECT_THAT(reply.data, HasSubstr("grpc-status: 7\r\n"));
  EXPECT_THAT(reply.data, HasSubstr("grpc-status-details-bin: "));
}

TEST_F(GrpcWebTest, AStreamComesAsItIs) {
  const RawStream reply = Ask(Frame(""), "application/grpc-web",
                              {{":path", kWatchChanges},
                               {"do", "stream"},
                               {"count", "3"},
                               {"size", "70000"},
                               {"authorization", "Bearer secretary"}});
  const std::string message = Frame(std::string(70000, 'x'));
  ASSERT_THAT(reply.data, StartsWith(absl::StrCat(message, message, message, "\x80")));
  EXPECT_THAT(reply.data, HasSubstr("grpc-status: 0\r\n"));
}

}  // namespace
}  // namespace baliprocess::gateway
