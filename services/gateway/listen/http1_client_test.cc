// A client's connection that speaks HTTP/1.1, without the rest of a gateway: requests are answered
// by exchanges of the test, on the test's thread.

#include "services/gateway/listen/http1_client.h"

#include <gmock/gmock.h>
#include <sys/socket.h>

#include <atomic>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

#include "common/testing/log_capture.h"
#include "services/gateway/calls/call_host.h"
#include "services/gateway/calls/client_stream.h"
#include "services/gateway/listen/downstream.h"
#include "services/gateway/net/header_block.h"
#include "services/gateway/testing/fixture.h"
#include "services/gateway/testing/hiding_requests.h"
#include "services/gateway/testing/http1_peer.h"

namespace baliprocess::gateway {
namespace {

using ::baliprocess::testing::LogCapture;
using ::testing::HasSubstr;

// What the exchanges of a test have seen.
struct Seen {
  std::vector<std::string> requests;  // method, scheme, authority and path
  std::string body;
  int ended = 0;   // requests that came whole
  int closed = 0;  // exchanges
  int sent = 0;    // replies to their end
  int drained = 0;
};

// Answers as the path says:
//   /echo     what comes, as it comes
//   /length   the same when all has come, with its length
//   /short    "ab" with length 5;  /long  "ab" with length 1
//   /large    a megabyte, with length
//   /empty    204
//   /large_early  a megabyte with length, without a look at the body
//   /early    403 at once, without a look at the body
//   /hold     nothing; takes in nothing of the body
//   /trailers "ab", and a trailer
//   /reset    nothing, and resets
class TestExchange final : public Exchange, private Body {
 public:
  TestExchange(const RequestHead& head, ClientStream& client, Seen& seen)
      : path_(head.path()), client_(&client), seen_(seen) {
    seen_.requests.push_back(
        absl::StrCat(std::string(head.method()), " ", std::string(head.passed_on().Find(":scheme")),
                     " ", std::string(head.passed_on().Find(":authority")), " ", path_));
  }

  void Begin(bool end) override {
    if (path_ == "/echo") Send({{":status", "200"}, {"x-one", "1"}}, true);
    if (path_ == "/early") Send({{":status", "403"}}, false);
    if (path_ == "/large_early") {
      reply_ = std::string(1 << 20, 'x');
      SendWithLength(reply_.size());
    }
    if (path_ == "/reset") client_->Reset(NGHTTP2_CANCEL);
    if (end) OnRequestEnd();
  }
  void OnRequestData(std::string_view bytes) override {
    seen_.body += bytes;
    if (path_ == "/hold") return;
    reply_ += bytes;
    if (path_ != "/echo") return client_->Consume(bytes.size());
    client_->Resume();
  }
  void OnRequestEnd() override {
    ++seen_.ended;
    ended_ = true;
    if (path_ == "/echo") client_->Resume();
    if (path_ == "/length") SendWithLength(reply_.size());
    if (path_ == "/short" || path_ == "/long") {
      reply_ = "ab";
      SendWithLength(path_ == "/short" ? 5 : 1);
    }
    if (path_ == "/large") {
      reply_ = std::string(1 << 20, 'x');
      SendWithLength(reply_.size());
    }
    if (path_ == "/empty") Send({{":status", "204"}}, false);
    if (path_ == "/trailers") {
      reply_ = "ab";
      Send({{":status", "200"}}, true);
    }
  }
  void OnDrain() override { ++seen_.drained; }
  void OnTick(SteadyTime) override {}
  void OnReplySent() override {
    ++seen_.sent;
    served_ = true;
  }
  void OnClientClosed() override {
    ++seen_.closed;
    client_ = nullptr;
  }

  bool served() const override { return served_; }
  bool IsAtDeadline(SteadyTime) const override { return false; }
  SteadyTime::duration timeout() const override { return std::chrono::hours(1); }

 private:
  void Send(const std::vector<std::pair<std::string, std::string>>& pairs, bool body) {
    std::vector<nghttp2_nv> fields;
    for (const auto& [name, value] : pairs) fields.push_back(SharedField(name, value));
    client_->SendHead(fields, body ? this : nullptr);
  }
  void SendWithLength(size_t length) {
    Send({{":status", "200"}, {"content-length", std::to_string(length)}}, true);
  }

  ssize_t Read(size_t length, uint32_t* flags) override {
    const size_t size = std::min(length, reply_.size());
    const bool all = ended_ || path_ == "/large_early";
    if (size == 0 && !all) return NGHTTP2_ERR_DEFERRED;
    if (all && size == reply_.size()) {
      *flags |= NGHTTP2_DATA_FLAG_EOF;
      if (path_ == "/trailers") {
        *flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
        client_->SendTrailers({SharedField("x-trailer", "1")});
      }
    }
    return static_cast<ssize_t>(size);
  }
  void Move(size_t size, std::string& out) override {
    out.append(reply_, 0, size);
    reply_.erase(0, size);
    if (path_ == "/echo") client_->Consume(size);
  }

  const std::string path_;
  ClientStream* client_;
  Seen& seen_;
  std::string reply_;
  bool ended_ = false;
  bool served_ = false;
};

class TestHost final : public CallHost {
 public:
  TestHost(const Options& options, const Routes& routes, auth::TokenVerifier& verifier,
           Callers& callers, const std::atomic<Phase>& phase, Seen& seen)
      : CallHost(options, routes, verifier, callers, phase), seen_(seen) {}
  ExchangePtr MakeExchange(RequestHead head, ClientStream& client) override {
    return new TestExchange(head, client, seen_);
  }
  void Forward(size_t, Call&) override {}
  bool HasOther(size_t, uint64_t) const override { return false; }
  bool IsReady(size_t) const override { return true; }

  // Does what there is to do, and waits for a moment when there is nothing.
  void Turn() {
    FunctionTimer wake([] {});
    wake.Set(timers(), SteadyNow() + std::chrono::milliseconds(1));
    Reactor::Turn();
  }

 private:
  Seen& seen_;
};

class Http1ClientTest : public ::testing::Test {
 protected:
  Http1ClientTest() { options_.limits.max_message_bytes = 1 << 20; }
  ~Http1ClientTest() override {
    if (client_ && !client_->closed()) client_->Close();
  }

  void Connect() {
    if (!host_) {
      host_ = std::make_unique<TestHost>(options_, routes_, verifier_, callers_, phase_, seen_);
    }
    if (client_ && !client_->closed()) client_->Close();
    int fds[2];
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), 0);
    auto peer = std::make_shared<Peer>("test", options_.limits, pools_, SteadyNow());
    client_ = std::make_shared<Downstream>(*host_, std::move(peer), [](Downstream&) {});
    client_->Serve(UniqueFd(fds[0]), nullptr);
    peer_ = std::make_unique<Http1Peer>(fds[1], [this] { host_->Turn(); });
    seen_ = Seen();
  }

  std::optional<Http1Answer> Ask(const std::string& request) {
    peer_->Send(request);
    return peer_->Receive(request.starts_with("HEAD"));
  }
  int StatusOf(const std::string& request) {
    const auto answer = Ask(request);
    return answer ? answer->status : 0;
  }

  Options options_;
  FakeClock clock_{absl::FromUnixSeconds(1700000000)};
  FakeVerifier verifier_{clock_};
  Routes routes_;
  Callers callers_;
  std::atomic<Phase> phase_ = Phase::kServing;
  Pools pools_{.calls = {1000}, .unread_bytes = {48 << 20}};
  Seen seen_;
  std::unique_ptr<TestHost> host_;
  std::shared_ptr<Downstream> client_;
  std::unique_ptr<Http1Peer> peer_;
};

std::string Get(const std::string& path, const std::string& fields = "") {
  return absl::StrCat("GET ", path, " HTTP/1.1\r\nHost: here\r\n", fields, "\r\n");
}

std::string Post(const std::string& path, const std::string& body, const std::string& fields = "") {
  return absl::StrCat("POST ", path, " HTTP/1.1\r\nHost: here\r\nContent-Length: ", body.size(),
                      "\r\n", fields, "\r\n", body);
}

std::string Chunked(const std::string& path, const std::string& chunks,
                    const std::string& fields = "") {
  return absl::StrCat("POST ", path, " HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n",
                      fields, "\r\n", chunks);
}

TEST_F(Http1ClientTest, ConnectionIsKept) {
  Connect();
  for (int i = 0; i < 3; ++i) {
    const auto answer = Ask(Post("/length", "hello"));
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 200);
    EXPECT_EQ(answer->body, "hello");
    EXPECT_EQ(answer->fields.count("connection"), 0);
  }
  EXPECT_EQ(seen_.requests.front(), "POST http here /length");
  EXPECT_EQ(seen_.sent, 3);
  EXPECT_EQ(seen_.closed, 3);
  EXPECT_FALSE(peer_->over());
}

TEST_F(Http1ClientTest, ConnectionEndsWhenTheClientSaysSo) {
  for (const char* request : {"GET /empty HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
                              "GET /empty HTTP/1.0\r\n\r\n"}) {
    Connect();
    const auto answer = Ask(request);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->fields.at("connection"), "close");
    EXPECT_TRUE(peer_->IsClosed());
  }
  Connect();
  const auto kept = Ask("GET /empty HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->fields.at("connection"), "keep-alive");
  EXPECT_EQ(StatusOf(Get("/empty")), 204);
}

TEST_F(Http1ClientTest, ChunksGoOnAsTheyCome) {
  Connect();
  const auto received = [&](const char* what) {
    return peer_->Until([&] { return peer_->received().find(what) != std::string::npos; });
  };
  peer_->Send(Chunked("/echo", "5\r\nhel"));
  EXPECT_TRUE(received("3\r\nhel\r\n"));
  peer_->Send("lo\r\n");
  EXPECT_TRUE(received("2\r\nlo\r\n"));
  peer_->Send("0\r\n\r\n");
  const auto answer = peer_->Receive();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, "hello");
  EXPECT_EQ(answer->fields.at("x-one"), "1");
  EXPECT_EQ(answer->fields.at("transfer-encoding"), "chunked");
}

TEST_F(Http1ClientTest, PipelinedRequestsAreAnsweredInTurn) {
  Connect();
  std::string requests;
  for (int i = 0; i < 50; ++i) {
    requests += Post("/length", std::to_string(i)) + Chunked("/length", "1\r\nx\r\n0\r\n\r\n");
  }
  peer_->Send(requests);
  for (int i = 0; i < 50; ++i) {
    auto answer = peer_->Receive();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->body, std::to_string(i));
    answer = peer_->Receive();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->body, "x");
  }
}

TEST_F(Http1ClientTest, NextRequestIsntReadBeforeTheReply) {
  Connect();
  peer_->Send(Get("/hold") + Get("/empty"));
  ASSERT_TRUE(peer_->Until([&] { return seen_.requests.size() == 1; }));
  // Far more than is ever kept here.
  const std::string more(8 << 20, 'x');
  size_t sent = 0;
  for (int i = 0; i < 200; ++i) {
    sent += peer_->SendSome(more);
    host_->Turn();
  }
  EXPECT_LT(sent, more.size() / 4) << "it stays in the sockets";
  EXPECT_EQ(seen_.requests.size(), 1);
}

TEST_F(Http1ClientTest, BodyThatIsntTakenIsntRead) {
  Connect();
  const std::string body(8 << 20, 'x');
  const std::string request = Post("/hold", body);
  size_t sent = 0;
  for (int i = 0; i < 300; ++i) {
    sent += peer_->SendSome(std::string_view(request).substr(sent));
    host_->Turn();
  }
  EXPECT_LE(seen_.body.size(), static_cast<size_t>(options_.limits.stream_window_bytes));
  EXPECT_GT(seen_.body.size(), 100u << 10);
  EXPECT_LT(sent, body.size() / 4);
}

TEST_F(Http1ClientTest, LargeBodiesGoThroughBothWays) {
  Connect();
  const std::string body(4 << 20, 'y');
  const std::string request = Post("/echo", body);
  size_t sent = 0;
  std::optional<Http1Answer> answer;
  EXPECT_TRUE(peer_->Until([&] {
    sent += peer_->SendSome(std::string_view(request).substr(sent));
    return sent == request.size();
  }));
  answer = peer_->Receive();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, body);
}

TEST_F(Http1ClientTest, WhoDoesntReadIsntWrittenTo) {
  Connect();
  peer_->Send(Get("/large"));
  for (int i = 0; i < 200; ++i) host_->Turn();
  EXPECT_EQ(seen_.sent, 0) << "most of it is with the exchange still";
  const auto answer = peer_->Receive();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body.size(), 1u << 20);
  EXPECT_EQ(seen_.sent, 1);
}

TEST_F(Http1ClientTest, OldClientsGetTheBodyUntilTheEnd) {
  Connect();
  const auto answer =
      Ask("POST /echo HTTP/1.0\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nab");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, "ab");
  EXPECT_EQ(answer->fields.count("transfer-encoding"), 0);
  EXPECT_EQ(answer->fields.at("connection"), "close");
  EXPECT_TRUE(peer_->over());
}

TEST_F(Http1ClientTest, HeadHasNoBody) {
  Connect();
  auto answer = Ask("HEAD /large HTTP/1.1\r\nHost: here\r\n\r\n");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->fields.at("content-length"), std::to_string(1 << 20));
  answer = Ask("HEAD /echo HTTP/1.1\r\nHost: here\r\n\r\n");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->fields.count("transfer-encoding"), 0);
  EXPECT_EQ(StatusOf(Get("/empty")), 204) << "nothing stands between the replies";
}

TEST_F(Http1ClientTest, TrailersGoToWhoTakesThem) {
  Connect();
  auto answer = Ask(Get("/trailers", "TE: trailers\r\nConnection: TE\r\n"));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, "ab");
  EXPECT_EQ(answer->fields["x-trailer"], "1");
  answer = Ask(Get("/trailers"));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, "ab");
  EXPECT_EQ(answer->fields.count("x-trailer"), 0);
}

TEST_F(Http1ClientTest, ContinueIsSaidToWhoWaits) {
  Connect();
  const std::string head = "POST /length HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: ";
  EXPECT_EQ(StatusOf(head + "100-continue\r\n\r\n"), 100);
  auto answer = Ask("ab");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, "ab");
  EXPECT_EQ(StatusOf("POST /early HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n"
                     "Expect: 100-continue\r\n\r\n"),
            403);
  EXPECT_TRUE(peer_->IsClosed()) << "the body may come or not";
  Connect();
  EXPECT_EQ(StatusOf("POST /length HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n"
                     "Expect: 100-continue\r\n\r\n"),
            200)
      << "nothing more is to come";
}

// What is left of a request that was answered is thrown away, when it is little.
TEST_F(Http1ClientTest, ReplyBeforeTheRequestEndsNeedntBeTheLast) {
  Connect();
  const std::string request = Post("/early", std::string(60000, 'x'));
  const std::string_view rest = std::string_view(request).substr(100);
  EXPECT_EQ(StatusOf(request.substr(0, 100)), 403);
  EXPECT_EQ(seen_.closed, 1);
  peer_->Send(rest);
  EXPECT_EQ(StatusOf(Get("/empty")), 204);
  EXPECT_EQ(StatusOf(request + Get("/empty")), 403);
  const auto answer = peer_->Receive();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 204);
  // It has its time.
  EXPECT_EQ(StatusOf(request.substr(0, 100)), 403);
  client_->Tick(SteadyNow());
  EXPECT_FALSE(client_->closed());
  client_->Tick(SteadyNow() + std::chrono::seconds(10));
  EXPECT_TRUE(client_->closed());
  EXPECT_TRUE(peer_->IsClosed());
  EXPECT_EQ(peer_->received(), "");
}

// Who goes on sending gets the reply all the same.
TEST_F(Http1ClientTest, ReplyBeforeTheRequestEndsIsTheLast) {
  Connect();
  const std::string body(1 << 20, 'x');
  const std::string requests = Post("/early", body) + Get("/empty");
  size_t sent = 0;
  for (int i = 0; i < 1000 && sent < requests.size(); ++i) {
    sent += peer_->SendSome(std::string_view(requests).substr(sent));
    host_->Turn();
  }
  EXPECT_EQ(sent, requests.size());
  const auto answer = peer_->Receive();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 403);
  EXPECT_EQ(answer->fields.at("connection"), "close");
  EXPECT_TRUE(peer_->IsClosed());
  EXPECT_EQ(peer_->received(), "");
  EXPECT_EQ(seen_.requests.size(), 1);
}

TEST_F(Http1ClientTest, ReplyOfAnotherLengthEndsTheConnection) {
  for (const char* path : {"/short", "/long", "/reset"}) {
    Connect();
    EXPECT_FALSE(Ask(Get(path))) << path;
    EXPECT_TRUE(peer_->over()) << path;
    EXPECT_EQ(seen_.closed, 1) << path;
  }
}

TEST_F(Http1ClientTest, ExchangeLearnsThatItsClientIsGone) {
  Connect();
  peer_->Send(Get("/hold"));
  ASSERT_TRUE(peer_->Until([&] { return seen_.requests.size() == 1; }));
  peer_.reset();
  for (int i = 0; i < 100 && seen_.closed == 0; ++i) host_->Turn();
  EXPECT_EQ(seen_.closed, 1);
  EXPECT_EQ(seen_.sent, 0);
  EXPECT_TRUE(client_->closed());
}

TEST_F(Http1ClientTest, NothingHidesInARequest) {
  for (const HidingRequest& row : HidingRequests()) {
    Connect();
    const auto answer = Ask(row.bytes);
    ASSERT_TRUE(answer) << row.bytes;
    EXPECT_EQ(answer->status, row.status) << row.bytes;
    EXPECT_TRUE(peer_->IsClosed()) << row.bytes;
    EXPECT_EQ(peer_->received(), "") << row.bytes;
    EXPECT_EQ(seen_.ended, 0) << row.bytes;
    for (const std::string& request : seen_.requests) {
      EXPECT_EQ(request, "POST http here /outer") << row.bytes;
    }
  }
  Connect();
  EXPECT_EQ(StatusOf(Chunked("/length", "0\r\n\r\n") + Get("/empty")), 200);
  EXPECT_EQ(peer_->Receive()->status, 204) << "what doesn't hide is served";
}

TEST_F(Http1ClientTest, ErrorsAreStatusesInJson) {
  Connect();
  const auto answer = Ask("GET / HTTP/1.1\r\n\r\n");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 400);
  EXPECT_EQ(answer->fields.at("content-type"), "application/json");
  EXPECT_EQ(answer->fields.at("connection"), "close");
  EXPECT_THAT(answer->body, HasSubstr("\"code\":3,\"message\":\"the request has no Host\""));
  EXPECT_THAT(answer->body, HasSubstr("MALFORMED_REQUEST"));
  EXPECT_TRUE(peer_->IsClosed());
  EXPECT_TRUE(seen_.requests.empty());
}

// Names, values and 32 for each field count, as in HTTP/2.
TEST_F(Http1ClientTest, LargeHeadsAreRefused) {
  options_.limits.max_header_bytes = 1000;
  Connect();
  std::string few;
  for (int i = 0; i < 10; ++i) few += "X: y\r\n";
  EXPECT_EQ(StatusOf(Get("/empty", few)), 204);
  EXPECT_EQ(StatusOf(Get("/empty", few + few + few)), 431) << "many fields";
  Connect();
  EXPECT_EQ(StatusOf(Get("/empty", "X: " + std::string(2000, 'x') + "\r\n")), 431);
  EXPECT_TRUE(peer_->IsClosed());
}

TEST_F(Http1ClientTest, LargeBodiesAreRefused) {
  options_.limits.max_body_bytes = 5;
  Connect();
  EXPECT_EQ(StatusOf(Post("/length", "hello")), 200);
  EXPECT_EQ(StatusOf(Post("/length", "hello!")), 413);
  EXPECT_EQ(seen_.requests.size(), 1);
  Connect();
  EXPECT_EQ(StatusOf(Chunked("/length", "5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n")), 413);
  EXPECT_EQ(seen_.closed, 1);
}

// A reply that doesn't depend on the rest of the request is sent, another is broken off.
TEST_F(Http1ClientTest, BadBodyBehindTheReply) {
  for (const char* path : {"/large_early", "/echo"}) {
    Connect();
    peer_->Send(Chunked(path, "xyz\r\nchunks\r\n"));
    const auto answer = peer_->Receive();
    EXPECT_EQ(answer.has_value(), path == std::string("/large_early"));
    EXPECT_TRUE(peer_->over() || peer_->IsClosed());
    EXPECT_EQ(seen_.closed, 1);
    EXPECT_EQ(seen_.ended, 0);
  }
}

TEST_F(Http1ClientTest, GrpcNeedsHttp2) {
  Connect();
  EXPECT_EQ(StatusOf(Post("/length", "", "Content-Type: application/grpc+proto\r\n")), 505);
  EXPECT_TRUE(seen_.requests.empty());
  Connect();
  EXPECT_EQ(StatusOf(Post("/length", "", "Content-Type: application/grpc-web\r\n")), 200);
}

TEST_F(Http1ClientTest, SlowHeadsAreRefused) {
  options_.limits.header_timeout = absl::Milliseconds(50);
  Connect();
  EXPECT_EQ(StatusOf(Get("/empty")), 204);
  peer_->Send("GET / HT");
  for (int i = 0; i < 10; ++i) host_->Turn();
  client_->Tick(SteadyNow());
  EXPECT_FALSE(client_->closed());
  client_->Tick(SteadyNow() + std::chrono::milliseconds(50));
  const auto answer = peer_->Receive();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 408);
  EXPECT_TRUE(peer_->IsClosed());
}

TEST_F(Http1ClientTest, SilentClientsAreLeft) {
  Connect();
  client_->Tick(SteadyNow() + std::chrono::seconds(9));
  EXPECT_FALSE(client_->closed());
  client_->Tick(SteadyNow() + std::chrono::seconds(11));
  EXPECT_TRUE(client_->closed()) << "it has never said anything";
  Connect();
  EXPECT_EQ(StatusOf(Get("/empty") + "\r\n"), 204) << "with an empty line behind it";
  client_->Tick(SteadyNow() + std::chrono::minutes(29));
  EXPECT_FALSE(client_->closed());
  client_->Tick(SteadyNow() + std::chrono::minutes(31));
  EXPECT_TRUE(client_->closed());
}

TEST_F(Http1ClientTest, DrainEndsIdleConnections) {
  Connect();
  EXPECT_EQ(StatusOf(Get("/empty")), 204);
  client_->Drain();
  EXPECT_TRUE(client_->closed());
}

TEST_F(Http1ClientTest, DrainLetsARequestEnd) {
  Connect();
  const std::string request = Post("/length", "hello");
  peer_->Send(request.substr(0, request.size() - 1));
  ASSERT_TRUE(peer_->Until([&] { return seen_.requests.size() == 1; }));
  client_->Drain();
  EXPECT_EQ(seen_.drained, 1);
  const auto answer = Ask("o");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, "hello");
  EXPECT_EQ(answer->fields.at("connection"), "close");
  EXPECT_TRUE(peer_->IsClosed());
}

// The client's end is awaited, but not for ever.
TEST_F(Http1ClientTest, WhoDoesntCloseIsLeft) {
  Connect();
  EXPECT_EQ(StatusOf(Get("/empty", "Connection: close\r\n")), 204);
  EXPECT_TRUE(peer_->IsClosed()) << "nothing more is said";
  client_->Tick(SteadyNow());
  EXPECT_FALSE(client_->closed()) << "but it is listened to";
  client_->Tick(SteadyNow() + std::chrono::seconds(3));
  EXPECT_TRUE(client_->closed());
}

TEST_F(Http1ClientTest, WhoDoesntReadTheEndOfAReplyIsLeft) {
  Connect();
  // More than the socket takes, less than is made of replies in two flushes.
  const std::string request = Post("/length", std::string(255000, 'x'));
  size_t sent = 0;
  for (int i = 0; i < 1000 && seen_.sent == 0; ++i) {
    sent += peer_->SendSome(std::string_view(request).substr(sent));
    host_->Turn();
  }
  EXPECT_EQ(seen_.sent, 1) << "the exchange is done";
  EXPECT_TRUE(client_->blocked());
  client_->Tick(SteadyNow() + std::chrono::seconds(29));
  EXPECT_FALSE(client_->closed());
  client_->Tick(SteadyNow() + std::chrono::seconds(30));
  EXPECT_TRUE(client_->closed());
}

TEST_F(Http1ClientTest, TinyChunksAreCutOff) {
  options_.limits.work_per_second = 20;  // 200 at once
  LogCapture log;
  Connect();
  peer_->Send(Chunked("/hold", ""));
  for (int i = 0; i < 100; ++i) peer_->Send("1\r\nx\r\n");
  for (int i = 0; i < 20; ++i) host_->Turn();
  EXPECT_FALSE(peer_->over());
  std::string many;
  for (int i = 0; i < 200; ++i) many += "1\r\nx\r\n";
  peer_->Send(many);
  const auto answer = peer_->Receive();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 429);
  EXPECT_TRUE(peer_->IsClosed());
  EXPECT_EQ(log.Count("client cut off"), 1);
}

}  // namespace
}  // namespace baliprocess::gateway
