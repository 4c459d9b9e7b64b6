#include "common/auth/key_store.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <functional>

#include "absl/strings/str_cat.h"

#include "common/auth/testing.h"
#include "common/auth/token.h"
#include "common/testing/matchers.h"

namespace baliprocess::auth {
namespace {

using api::v1::Error;
using ::baliprocess::testing::HasReason;
using ::baliprocess::testing::IsOk;
using ::baliprocess::testing::MessageHas;
using ::testing::Not;

constexpr absl::Duration kRefresh = absl::Minutes(5);

// Serves one document over HTTP on loopback.
class DocumentServer {
 public:
  explicit DocumentServer(std::string document) : document_(std::move(document)) {
    setenv("no_proxy", "127.0.0.1", 1);
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    EXPECT_EQ(bind(listener_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    EXPECT_EQ(listen(listener_, 16), 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { Serve(); });
  }
  ~DocumentServer() {
    shutdown(listener_, SHUT_RDWR);
    thread_.join();
    close(listener_);
  }

  std::string url() const { return absl::StrCat("http://127.0.0.1:", port_, "/keys"); }
  int requests() const { return requests_; }
  void Set(std::string document, int status = 200) {
    const std::lock_guard lock(mutex_);
    document_ = std::move(document);
    status_ = status;
  }

 private:
  void Serve() {
    for (int peer; (peer = accept(listener_, nullptr, nullptr)) >= 0; close(peer)) {
      std::string request;
      char buffer[1024];
      while (request.find("\r\n\r\n") == std::string::npos) {
        const ssize_t got = read(peer, buffer, sizeof(buffer));
        if (got <= 0) break;
        request.append(buffer, got);
      }
      ++requests_;
      std::string reply;
      {
        const std::lock_guard lock(mutex_);
        reply = absl::StrCat("HTTP/1.1 ", status_,
                             " X\r\nLocation: /other\r\nContent-Length: ", document_.size(),
                             "\r\nConnection: close\r\n\r\n", document_);
      }
      for (std::string_view rest = reply; !rest.empty();) {
        const ssize_t sent = send(peer, rest.data(), rest.size(), MSG_NOSIGNAL);
        if (sent <= 0) break;
        rest.remove_prefix(sent);
      }
    }
  }

  int listener_ = -1;
  uint16_t port_ = 0;
  std::atomic<int> requests_{0};
  std::mutex mutex_;
  std::string document_;
  int status_ = 200;
  std::thread thread_;
};

// Asks until the answer is yes: the reader of URLs is a thread of its own.
bool Eventually(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::yield();
  }
  return true;
}

class KeyStoreTest : public ::testing::Test {
 protected:
  std::unique_ptr<KeyStore> Open(const std::string& source) {
    auto store = KeyStore::Create(source, kRefresh, clock_);
    EXPECT_OK(store);
    return store.ok() ? *std::move(store) : nullptr;
  }
  // The name of the first key, after a look at the clock.
  std::string FirstKey(KeyStore& store) {
    store.Generation(clock_.Now());
    return store.Keys()->keys[0].kid;
  }

  FakeClock clock_{absl::FromUnixSeconds(1714608000)};
  const TokenSigner first_ = NewSigner();
  const TokenSigner second_ = NewSigner();
};

TEST_F(KeyStoreTest, TheFirstReadMustSucceed) {
  EXPECT_THAT(KeyStore::Create("/nonexistent/keys", kRefresh, clock_),
              MessageHas("/nonexistent/keys"));
  const TemporaryFile file("{}");
  EXPECT_THAT(KeyStore::Create(file.path(), kRefresh, clock_), MessageHas("Key Set"));
  DocumentServer server("not found");
  server.Set(first_.PublicJwks(), 404);
  EXPECT_THAT(KeyStore::Create(server.url(), kRefresh, clock_), MessageHas("404"));
}

TEST_F(KeyStoreTest, RedirectsAreNotFollowed) {
  DocumentServer server("");
  server.Set(first_.PublicJwks(), 302);
  EXPECT_THAT(KeyStore::Create(server.url(), kRefresh, clock_), MessageHas("302"));
  EXPECT_TRUE(Eventually([&] { return server.requests() == 1; }));
}

TEST_F(KeyStoreTest, RefusesHugeDocuments) {
  const std::string huge((1 << 20) + 1, ' ');
  const TemporaryFile file(huge);
  EXPECT_THAT(KeyStore::Create(file.path(), kRefresh, clock_), MessageHas("1 MiB"));
  DocumentServer server(huge);
  EXPECT_THAT(KeyStore::Create(server.url(), kRefresh, clock_), Not(IsOk()));
}

TEST_F(KeyStoreTest, FollowsAFileOnceASecond) {
  const TemporaryFile file(first_.PublicJwks());
  const auto store = Open(file.path());
  const uint64_t before = store->Generation(clock_.Now());
  file.Write(second_.PublicJwks());
  clock_.Advance(absl::Milliseconds(999));
  EXPECT_EQ(FirstKey(*store), first_.key().kid);
  clock_.Advance(absl::Milliseconds(1));
  EXPECT_EQ(FirstKey(*store), second_.key().kid);
  EXPECT_NE(store->Generation(clock_.Now()), before);
}

TEST_F(KeyStoreTest, AFileThatStaysTheSameKeepsItsGeneration) {
  const TemporaryFile file(first_.PublicJwks());
  const auto store = Open(file.path());
  const uint64_t before = store->Generation(clock_.Now());
  clock_.Advance(absl::Seconds(5));
  EXPECT_EQ(store->Generation(clock_.Now()), before);
}

TEST_F(KeyStoreTest, LastGoodKeysStayWhenAFileIsBadAndRecover) {
  const TemporaryFile file(first_.PublicJwks());
  const auto store = Open(file.path());
  file.Write(R"({"keys": [)");
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(FirstKey(*store), first_.key().kid);
  file.Remove();
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(FirstKey(*store), first_.key().kid);
  file.Write(second_.PublicJwks());
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(FirstKey(*store), second_.key().kid);
}

TEST_F(KeyStoreTest, AFileIsFollowedAfterTheClockWasSetBack) {
  const TemporaryFile file(first_.PublicJwks());
  const auto store = Open(file.path());
  file.Write(second_.PublicJwks());
  clock_.Advance(-absl::Hours(10));
  EXPECT_EQ(FirstKey(*store), second_.key().kid);
}

TEST_F(KeyStoreTest, FollowsAUrl) {
  DocumentServer server(first_.PublicJwks());
  const auto store = Open(server.url());
  server.Set(second_.PublicJwks());
  EXPECT_EQ(FirstKey(*store), first_.key().kid);
  clock_.Advance(kRefresh);
  EXPECT_TRUE(Eventually([&] { return FirstKey(*store) == second_.key().kid; }));
  EXPECT_EQ(server.requests(), 2);
}

TEST_F(KeyStoreTest, FollowsAUrlWithoutCalls) {
  DocumentServer server(first_.PublicJwks());
  ASSERT_OK_AND_ASSIGN(const auto store,
                       KeyStore::Create(server.url(), absl::Milliseconds(1), clock_));
  server.Set(second_.PublicJwks());
  EXPECT_TRUE(Eventually([&] { return store->Keys()->keys[0].kid == second_.key().kid; }));
}

TEST_F(KeyStoreTest, LastGoodKeysStayWhenAUrlFails) {
  DocumentServer server(first_.PublicJwks());
  const auto store = Open(server.url());
  server.Set(second_.PublicJwks(), 500);
  clock_.Advance(kRefresh);
  store->Generation(clock_.Now());
  EXPECT_TRUE(Eventually([&] { return server.requests() == 2; }));
  EXPECT_EQ(store->Keys()->keys[0].kid, first_.key().kid);
  server.Set(second_.PublicJwks());
  clock_.Advance(kRefresh);
  EXPECT_TRUE(Eventually([&] { return FirstKey(*store) == second_.key().kid; }));
}

TEST_F(KeyStoreTest, UnknownKeysAskTheUrlAtMostEveryTenSeconds) {
  DocumentServer server(first_.PublicJwks());
  const auto store = Open(server.url());
  clock_.Advance(absl::Milliseconds(9999));
  for (int i = 0; i < 100; ++i) store->KeyUnknown(clock_.Now());
  server.Set(second_.PublicJwks());
  clock_.Advance(absl::Milliseconds(1));
  for (int i = 0; i < 100; ++i) store->KeyUnknown(clock_.Now());
  EXPECT_TRUE(Eventually([&] { return store->Keys()->keys[0].kid == second_.key().kid; }));
  EXPECT_EQ(server.requests(), 2);
}

class RotationTest : public KeyStoreTest {
 protected:
  std::unique_ptr<TokenVerifier> Verifier(const std::string& source) {
    auto verifier =
        TokenVerifier::Create(source, {.issuer = "i", .audience = "a"}, kRefresh, clock_);
    EXPECT_OK(verifier);
    return verifier.ok() ? *std::move(verifier) : nullptr;
  }
  std::string Header(const TokenSigner& signer) const {
    return "Bearer " + *signer.Sign(ToJson({.subject = "ann",
                                            .issuer = "i",
                                            .audience = "a",
                                            .roles = {},
                                            .member = "",
                                            .issued = clock_.Now(),
                                            .expires = clock_.Now() + absl::Hours(1)}));
  }
};

TEST_F(RotationTest, AWithdrawnKeyTakesRememberedTokensWithIt) {
  const TemporaryFile file(first_.PublicJwks());
  const auto verifier = Verifier(file.path());
  const std::string header = Header(first_);
  EXPECT_OK(verifier->Verify(header));
  EXPECT_OK(verifier->Verify(header));
  file.Write(second_.PublicJwks());
  clock_.Advance(absl::Seconds(1));
  EXPECT_THAT(verifier->Verify(header), HasReason(Error::TOKEN_INVALID));
  EXPECT_OK(verifier->Verify(Header(second_)));
}

// Who empties the set wants nobody to come in.
TEST_F(RotationTest, AnEmptiedSetTakesAllKeysAway) {
  const TemporaryFile file(first_.PublicJwks());
  const auto verifier = Verifier(file.path());
  const std::string header = Header(first_);
  EXPECT_OK(verifier->Verify(header));
  file.Write("{\"keys\": []}");
  clock_.Advance(absl::Seconds(1));
  EXPECT_THAT(verifier->Verify(header), HasReason(Error::TOKEN_INVALID));
  file.Write(first_.PublicJwks());
  clock_.Advance(absl::Seconds(1));
  EXPECT_OK(verifier->Verify(header));
}

TEST_F(RotationTest, AnUnknownKeyIsRefusedAtOnceAndAcceptedOnceItArrives) {
  DocumentServer server(first_.PublicJwks());
  const auto verifier = Verifier(server.url());
  server.Set(WriteJwks({first_.key(), second_.key()}));
  clock_.Advance(absl::Seconds(10));
  const std::string header = Header(second_);
  EXPECT_THAT(verifier->Verify(header), HasReason(Error::TOKEN_INVALID));
  EXPECT_TRUE(Eventually([&] { return verifier->Verify(header).ok(); }));
  EXPECT_OK(verifier->Verify(Header(first_)));
}

}  // namespace
}  // namespace baliprocess::auth
