#include "common/auth/key_store.h"

#include <gmock/gmock.h>

#include "common/auth/document_server_testing.h"
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

constexpr char kPath[] = "/keys";

class KeyStoreTest : public ::testing::Test {
 protected:
  std::unique_ptr<KeyStore> Open(const std::string& source) {
    auto store = KeyStore::Create({source}, kRefresh, clock_);
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
  EXPECT_THAT(KeyStore::Create({"/nonexistent/keys"}, kRefresh, clock_),
              MessageHas("/nonexistent/keys"));
  const TemporaryFile file("{}");
  EXPECT_THAT(KeyStore::Create({file.path()}, kRefresh, clock_), MessageHas("Key Set"));
  DocumentServer server;
  server.Set(kPath, {.body = "not found"});
  server.Set(kPath, {.status = 404, .body = first_.PublicJwks()});
  EXPECT_THAT(KeyStore::Create({server.url() + kPath}, kRefresh, clock_), MessageHas("404"));
}

TEST_F(KeyStoreTest, RedirectsAreNotFollowed) {
  DocumentServer server;
  server.Set(kPath, {.body = ""});
  server.Set(kPath, {.status = 302, .body = first_.PublicJwks()});
  EXPECT_THAT(KeyStore::Create({server.url() + kPath}, kRefresh, clock_), MessageHas("302"));
  EXPECT_TRUE(Eventually([&] { return server.requests() == 1; }));
}

TEST_F(KeyStoreTest, RefusesHugeDocuments) {
  const std::string huge((1 << 20) + 1, ' ');
  const TemporaryFile file(huge);
  EXPECT_THAT(KeyStore::Create({file.path()}, kRefresh, clock_),
              MessageHas("more than 1048576 bytes"));
  DocumentServer server;
  server.Set(kPath, {.body = huge});
  EXPECT_THAT(KeyStore::Create({server.url() + kPath}, kRefresh, clock_), Not(IsOk()));
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
  DocumentServer server;
  server.Set(kPath, {.body = first_.PublicJwks()});
  const auto store = Open(server.url() + kPath);
  server.Set(kPath, {.body = second_.PublicJwks()});
  EXPECT_EQ(FirstKey(*store), first_.key().kid);
  clock_.Advance(kRefresh);
  EXPECT_TRUE(Eventually([&] { return FirstKey(*store) == second_.key().kid; }));
  EXPECT_EQ(server.requests(), 2);
}

TEST_F(KeyStoreTest, FollowsAUrlWithoutCalls) {
  DocumentServer server;
  server.Set(kPath, {.body = first_.PublicJwks()});
  ASSERT_OK_AND_ASSIGN(const auto store,
                       KeyStore::Create({server.url() + kPath}, absl::Milliseconds(1), clock_));
  server.Set(kPath, {.body = second_.PublicJwks()});
  EXPECT_TRUE(Eventually([&] { return store->Keys()->keys[0].kid == second_.key().kid; }));
}

TEST_F(KeyStoreTest, AUrlIsReadAgainBeforeItsAnswerIsStale) {
  DocumentServer server;
  server.Set(kPath, {.fields = "Cache-Control: max-age=1000\r\n", .body = first_.PublicJwks()});
  const auto store = Open(server.url() + kPath);
  server.Set(kPath, {.body = second_.PublicJwks()});
  clock_.Advance(absl::Seconds(799));
  EXPECT_EQ(FirstKey(*store), first_.key().kid);
  EXPECT_EQ(server.requests(), 1);
  clock_.Advance(absl::Seconds(1));
  EXPECT_TRUE(Eventually([&] { return FirstKey(*store) == second_.key().kid; }));
}

TEST_F(KeyStoreTest, AUrlIsReadAtMostOnceAMinute) {
  DocumentServer server;
  server.Set(kPath, {.fields = "Cache-Control: no-store\r\n", .body = first_.PublicJwks()});
  const auto store = Open(server.url() + kPath);
  clock_.Advance(absl::Seconds(47));
  FirstKey(*store);
  EXPECT_EQ(server.requests(), 1);
  clock_.Advance(absl::Seconds(1));
  EXPECT_TRUE(Eventually([&] { return FirstKey(*store) != "" && server.requests() == 2; }));
}

TEST_F(KeyStoreTest, WhatHasNotChangedIsNotSentAgain) {
  DocumentServer server;
  server.Set(kPath, {.body = first_.PublicJwks(), .etag = "\"a\""});
  const auto store = Open(server.url() + kPath);
  const uint64_t before = store->Generation(clock_.Now());
  store->ReadNow();
  EXPECT_TRUE(Eventually([&] { return server.unchanged() == 1; }));
  EXPECT_EQ(store->Generation(clock_.Now()), before);
  server.Set(kPath, {.body = second_.PublicJwks(), .etag = "\"b\""});
  store->ReadNow();
  EXPECT_TRUE(Eventually([&] { return store->Keys()->keys[0].kid == second_.key().kid; }));
}

// Its etag is no sign that the keys are those of the document.
TEST_F(KeyStoreTest, ABadDocumentIsAskedForAgain) {
  DocumentServer server;
  server.Set(kPath, {.body = first_.PublicJwks()});
  const auto store = Open(server.url() + kPath);
  server.Set(kPath, {.body = "{", .etag = "\"a\""});
  store->ReadNow();
  EXPECT_TRUE(Eventually([&] { return server.requests() == 2; }));
  server.Set(kPath, {.body = second_.PublicJwks(), .etag = "\"a\""});
  EXPECT_TRUE(Eventually([&] {
    store->ReadNow();
    return store->Keys()->keys[0].kid == second_.key().kid;
  }));
}

TEST_F(KeyStoreTest, LastGoodKeysStayWhenAUrlFails) {
  DocumentServer server;
  server.Set(kPath, {.body = first_.PublicJwks()});
  const auto store = Open(server.url() + kPath);
  server.Set(kPath, {.status = 500, .body = second_.PublicJwks()});
  clock_.Advance(kRefresh);
  store->Generation(clock_.Now());
  EXPECT_TRUE(Eventually([&] { return server.requests() == 2; }));
  EXPECT_EQ(store->Keys()->keys[0].kid, first_.key().kid);
  server.Set(kPath, {.body = second_.PublicJwks()});
  clock_.Advance(kRefresh);
  EXPECT_TRUE(Eventually([&] { return FirstKey(*store) == second_.key().kid; }));
}

TEST_F(KeyStoreTest, UnknownKeysAskTheUrlAtMostEveryTenSeconds) {
  DocumentServer server;
  server.Set(kPath, {.body = first_.PublicJwks()});
  const auto store = Open(server.url() + kPath);
  clock_.Advance(absl::Milliseconds(9999));
  for (int i = 0; i < 100; ++i) store->KeyUnknown(clock_.Now());
  server.Set(kPath, {.body = second_.PublicJwks()});
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
  DocumentServer server;
  server.Set(kPath, {.body = first_.PublicJwks()});
  const auto verifier = Verifier(server.url() + kPath);
  server.Set(kPath, {.body = WriteJwks({first_.key(), second_.key()})});
  clock_.Advance(absl::Seconds(10));
  const std::string header = Header(second_);
  EXPECT_THAT(verifier->Verify(header), HasReason(Error::TOKEN_INVALID));
  EXPECT_TRUE(Eventually([&] { return verifier->Verify(header).ok(); }));
  EXPECT_OK(verifier->Verify(Header(first_)));
}

}  // namespace
}  // namespace baliprocess::auth
