// The listener for operators by itself: what it takes, and its bounds.

#include "common/telemetry/admin_server.h"

#include <gmock/gmock.h>

#include <list>
#include <string>

#include "absl/strings/str_cat.h"

#include "common/testing/admin_client.h"
#include "common/testing/log_capture.h"
#include "common/testing/matchers.h"

namespace baliprocess::telemetry {
namespace {

using ::baliprocess::testing::AdminReply;
using ::baliprocess::testing::AdminSocket;
using ::baliprocess::testing::AskAdmin;
using ::baliprocess::testing::GetPage;
using ::baliprocess::testing::LogCapture;
using ::baliprocess::testing::Soon;
using ::testing::HasSubstr;

class AdminServerTest : public ::testing::Test {
 protected:
  AdminServerTest() { options_.listen = "127.0.0.1:0"; }

  void Start() { ASSERT_OK_AND_ASSIGN(server_, AdminServer::Start(options_, Answer)); }
  int port() { return server_->port(); }
  AdminReply Get(const std::string& path) { return GetPage(port(), path); }

  static AdminPage Answer(const std::string& path) {
    if (path == "/livez") return {.content_type = "text/plain", .body = "ok\n"};
    return {.status = 404, .body = "none"};
  }

  AdminOptions options_;
  std::unique_ptr<AdminServer> server_;
};

TEST_F(AdminServerTest, TakesGetAndHeadAlone) {
  Start();
  EXPECT_EQ(AskAdmin(port(), "HEAD /livez HTTP/1.1").status, 200);
  EXPECT_EQ(AskAdmin(port(), "HEAD /livez HTTP/1.1").body, "");
  const AdminReply post = AskAdmin(port(), "POST /livez HTTP/1.1");
  EXPECT_EQ(post.status, 405);
  EXPECT_THAT(post.head, HasSubstr("Allow: GET, HEAD"));
  EXPECT_EQ(Get("/none").status, 404);
  EXPECT_EQ(Get("/livez?x=1").status, 200);
  EXPECT_EQ(AskAdmin(port(), "GET /livez HTTP/1.1", "Content-Length: 5\r\n").status, 413);
  EXPECT_EQ(AskAdmin(port(), "nonsense").status, 400);
}

TEST_F(AdminServerTest, BoundsTheHeadOfARequest) {
  Start();
  EXPECT_EQ(AskAdmin(port(), "GET /livez HTTP/1.1", "X: " + std::string(7000, 'x') + "\r\n").status,
            200);
  EXPECT_EQ(AskAdmin(port(), "GET /livez HTTP/1.1", "X: " + std::string(9000, 'x') + "\r\n").status,
            431);
}

TEST_F(AdminServerTest, KeepsConnectionsForMoreRequests) {
  Start();
  AdminSocket socket(port());
  const std::string request = "GET /livez HTTP/1.1\r\nHost: localhost\r\n";
  ASSERT_TRUE(socket.Send(request + "\r\n" + request + "Connection: close\r\n\r\n"));
  const std::string all = socket.ReadAll();
  const size_t first = all.find("200 OK");
  ASSERT_NE(first, std::string::npos);
  EXPECT_NE(all.find("200 OK", first + 1), std::string::npos);
}

TEST_F(AdminServerTest, AConnectionIsOverAfterAHundredRequests) {
  Start();
  AdminSocket socket(port());
  std::string requests;
  for (int i = 0; i < 150; ++i) requests += "GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n";
  ASSERT_TRUE(socket.Send(requests));
  const std::string all = socket.ReadAll();
  int replies = 0;
  for (size_t at = all.find("200 OK"); at != std::string::npos; at = all.find("200 OK", at + 1)) {
    ++replies;
  }
  EXPECT_EQ(replies, 100);
  EXPECT_EQ(
      AskAdmin(port(), "GET /livez HTTP/1.1", "Host: localhost\r\nHost: localhost\r\n").status,
      400);
}

TEST_F(AdminServerTest, EndsWhoIsSlow) {
  options_.timeout = absl::Milliseconds(50);
  Start();
  AdminSocket silent(port());
  EXPECT_EQ(silent.ReadAll(), "");
  AdminSocket unfinished(port());
  ASSERT_TRUE(unfinished.Send("GET /livez HT"));
  EXPECT_EQ(unfinished.ReadAll(), "");
  AdminSocket idle(port());
  ASSERT_TRUE(idle.Send("GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  EXPECT_THAT(idle.ReadAll(), HasSubstr("ok"));
}

TEST_F(AdminServerTest, BoundsItsConnectionsAndSaysSo) {
  options_.max_connections = 2;
  LogCapture log;
  Start();
  std::list<AdminSocket> held;
  for (int i = 0; i < 2; ++i) {
    held.emplace_back(port());
    ASSERT_TRUE(held.back().Send("GET /livez HT"));
  }
  AdminSocket beyond(port());
  EXPECT_EQ(beyond.ReadAll(), "");
  EXPECT_EQ(log.Count("an operator's connection was refused"), 1);
  held.clear();
  EXPECT_TRUE(Soon([&] { return Get("/livez").status == 200; }));
  server_.reset();  // its thread logs
}

// A page of the web can have its own name resolved to loopback, and ask there.
TEST_F(AdminServerTest, OnLoopbackAnswersLoopbackNamesAlone) {
  Start();
  for (const char* host :
       {"localhost", "localhost:9000", "127.0.0.1:9000", "127.0.0.1", "[::1]:9"}) {
    EXPECT_EQ(AskAdmin(port(), "GET /livez HTTP/1.1", absl::StrCat("Host: ", host, "\r\n")).status,
              200)
        << host;
  }
  for (const char* host :
       {"example.org", "127.example.org:80", "", "unix:9000", "unix-abstract:9000", "unix:/path",
        "127.0.0.1:9000.example.org", "localhost:x"}) {
    EXPECT_EQ(AskAdmin(port(), "GET /livez HTTP/1.1", absl::StrCat("Host: ", host, "\r\n")).status,
              403)
        << host;
  }
}

TEST_F(AdminServerTest, ListensBeyondLoopbackOnlyWhenTold) {
  options_.listen = "0.0.0.0:0";
  EXPECT_EQ(AdminServer::Start(options_, Answer).status().code(),
            absl::StatusCode::kInvalidArgument);
  options_.allow_remote = true;
  Start();
  EXPECT_EQ(AskAdmin(port(), "GET /livez HTTP/1.1", "Host: example.org\r\n").status, 200);
}

TEST_F(AdminServerTest, RefusesAddressesThatItCannotHave) {
  Start();
  options_.listen = absl::StrCat("127.0.0.1:", port());
  EXPECT_EQ(AdminServer::Start(options_, Answer).status().code(),
            absl::StatusCode::kFailedPrecondition);
  for (const char* bad : {"127.0.0.1", "example.org:80", "unix:/tmp/x"}) {
    options_.listen = bad;
    options_.allow_remote = true;
    EXPECT_FALSE(AdminServer::Start(options_, Answer).ok()) << bad;
  }
}

}  // namespace
}  // namespace baliprocess::telemetry
