// Replies of HTTP/1.1 as bytes.

#include "services/gateway/net/http1_reply.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "services/gateway/net/header_block.h"

namespace baliprocess::gateway {
namespace {

using Part = Http1Reply::Part;
using Fields = std::vector<std::pair<std::string, std::string>>;

std::vector<nghttp2_nv> ToNv(const Fields& fields) {
  std::vector<nghttp2_nv> nv;
  for (const auto& [name, value] : fields) nv.push_back(SharedField(name, value));
  return nv;
}

Http1Head To(const std::string& method, bool http10 = false) {
  Http1Head head;
  head.method = method;
  head.http10 = http10;
  return head;
}

std::string HeadOf(const Fields& fields, const Http1Head& request, bool has_body,
                   bool close = false) {
  Http1Reply reply(request);
  std::string out;
  const std::vector<nghttp2_nv> nv = ToNv(fields);
  reply.WriteHead(nv, has_body, close, out);
  EXPECT_EQ(reply.closes(), out.find("connection: close\r\n") != std::string::npos) << out;
  return out;
}

// Gives out its parts, each once, and between them nothing.
class Parts final : public Body {
 public:
  explicit Parts(std::vector<std::string> parts) : parts_(std::move(parts)) {}
  ssize_t Read(size_t, uint32_t* flags) override {
    if (std::exchange(waits_, true)) {
      waits_ = false;
      return NGHTTP2_ERR_DEFERRED;
    }
    if (next_ == parts_.size()) {
      *flags |= NGHTTP2_DATA_FLAG_EOF;
      return 0;
    }
    return static_cast<ssize_t>(parts_[next_].size());
  }
  void Move(size_t, std::string& out) override { out += parts_[next_++]; }

 private:
  std::vector<std::string> parts_;
  size_t next_ = 0;
  bool waits_ = false;
};

TEST(Http1ReplyTest, HeadSaysWhereTheBodyEnds) {
  const Fields ok = {{":status", "200"}, {"x-a", "b"}};
  EXPECT_EQ(HeadOf(ok, To("GET"), true),
            "HTTP/1.1 200 OK\r\nx-a: b\r\ntransfer-encoding: chunked\r\n\r\n");
  EXPECT_EQ(HeadOf(ok, To("GET"), false), "HTTP/1.1 200 OK\r\nx-a: b\r\ncontent-length: 0\r\n\r\n");
  for (const bool has_body : {true, false}) {
    EXPECT_EQ(HeadOf(ok, To("HEAD"), has_body), "HTTP/1.1 200 OK\r\nx-a: b\r\n\r\n");
  }
  EXPECT_EQ(HeadOf(ok, To("GET", true), true),
            "HTTP/1.1 200 OK\r\nx-a: b\r\nconnection: close\r\n\r\n");
  const Fields length = {{":status", "404"}, {"content-length", "5"}};
  EXPECT_EQ(HeadOf(length, To("GET"), true), "HTTP/1.1 404 Not Found\r\ncontent-length: 5\r\n\r\n");
  EXPECT_EQ(HeadOf(length, To("GET", true), true),
            "HTTP/1.1 404 Not Found\r\ncontent-length: 5\r\nconnection: keep-alive\r\n\r\n");
  EXPECT_EQ(HeadOf(length, To("HEAD"), false),
            "HTTP/1.1 404 Not Found\r\ncontent-length: 5\r\n\r\n");
  EXPECT_EQ(HeadOf({{":status", "204"}}, To("GET"), false), "HTTP/1.1 204 No Content\r\n\r\n");
  EXPECT_EQ(HeadOf({{":status", "304"}}, To("GET"), true), "HTTP/1.1 304 Not Modified\r\n\r\n");
}

TEST(Http1ReplyTest, ConnectionIsWrittenHere) {
  EXPECT_EQ(HeadOf({{":status", "204"},
                    {"connection", "keep-alive"},
                    {"keep-alive", "5"},
                    {"transfer-encoding", "gzip"},
                    {"upgrade", "h2c"}},
                   To("GET"), false, true),
            "HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n");
  EXPECT_EQ(HeadOf({{":status", "200"}, {"content-length", "5"}}, To("GET"), false),
            "HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\n")
      << "what was promised doesn't come";
}

TEST(Http1ReplyTest, FieldsCantBreakOut) {
  EXPECT_EQ(HeadOf({{":status", "204"},
                    {"x-a", "b\r\nset-cookie: c"},
                    {"x-b", "c\nd"},
                    {"x-c\r", "d"},
                    {"x-d", std::string("e\0f", 3)}},
                   To("GET"), false),
            "HTTP/1.1 204 No Content\r\n\r\n");
}

TEST(Http1ReplyTest, BodyGoesInChunks) {
  Http1Reply reply(To("GET"));
  std::string head;
  std::string out;
  EXPECT_TRUE(reply.WriteHead(ToNv({{":status", "200"}}), true, false, head));
  Parts parts({std::string(20, 'x'), "ab"});
  EXPECT_EQ(reply.WriteBody(parts, out), Part::kSome);
  EXPECT_EQ(reply.WriteBody(parts, out), Part::kNone);
  EXPECT_EQ(reply.WriteBody(parts, out), Part::kSome);
  EXPECT_EQ(reply.WriteBody(parts, out), Part::kNone);
  EXPECT_EQ(reply.WriteBody(parts, out), Part::kLast);
  EXPECT_EQ(out, "14\r\n" + std::string(20, 'x') + "\r\n2\r\nab\r\n0\r\n\r\n");
}

TEST(Http1ReplyTest, TrailersGoToWhoTakesThem) {
  for (const bool takes : {true, false}) {
    Http1Head request = To("GET");
    request.takes_trailers = takes;
    Http1Reply reply(request);
    std::string head;
    std::string out;
    reply.WriteHead(ToNv({{":status", "200"}}), true, false, head);
    reply.SetTrailers(ToNv({{"x-a", "b"}, {"x-bad", "c\r\n"}}));
    Parts parts({});
    EXPECT_EQ(reply.WriteBody(parts, out), Part::kLast);
    EXPECT_EQ(out, takes ? "0\r\nx-a: b\r\n\r\n" : "0\r\n\r\n");
  }
}

TEST(Http1ReplyTest, BodyMustBeAsLongAsWasSaid) {
  const auto end = [](const char* length) {
    Http1Reply reply(To("GET"));
    std::string out;
    reply.WriteHead(ToNv({{":status", "200"}, {"content-length", length}}), true, false, out);
    out.clear();
    Parts parts({"ab", "c"});
    while (true) {
      const Part part = reply.WriteBody(parts, out);
      if (part == Part::kLast || part == Part::kBroken) return std::pair(part, out);
    }
  };
  EXPECT_EQ(end("3"), std::pair(Part::kLast, std::string("abc")));
  EXPECT_EQ(end("2"), std::pair(Part::kBroken, std::string("ab")));
  EXPECT_EQ(end("4"), std::pair(Part::kBroken, std::string("abc")));
}

}  // namespace
}  // namespace baliprocess::gateway
