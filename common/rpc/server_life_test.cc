// Listening, TLS, health, reflection and draining.

#include <atomic>
#include <thread>

#include "absl/strings/str_cat.h"
#include "grpc/health/v1/health.pb.h"

#include "common/rpc/client.h"
#include "common/rpc/test_authority.h"
#include "common/rpc/test_util.h"
#include "common/testing/admin_client.h"

namespace baliprocess::rpc {
namespace {

using ::baliprocess::testing::HasReason;
using ::baliprocess::testing::IsOk;
using ::baliprocess::testing::MessageHas;
using ::baliprocess::testing::Soon;
using ::grpc::health::v1::HealthCheckRequest;
using ::grpc::health::v1::HealthCheckResponse;
using ::testing::Not;

// The health that the server reports for a service.
HealthCheckResponse::ServingStatus Health(grpc::Channel& channel, const std::string& service) {
  grpc::ClientContext context;
  HealthCheckRequest request;
  request.set_service(service);
  HealthCheckResponse response;
  const grpc::internal::RpcMethod method("/grpc.health.v1.Health/Check",
                                         grpc::internal::RpcMethod::NORMAL_RPC);
  const grpc::Status status =
      grpc::internal::BlockingUnaryCall<HealthCheckRequest, HealthCheckResponse,
                                        google::protobuf::MessageLite,
                                        google::protobuf::MessageLite>(&channel, method, &context,
                                                                       request, &response);
  return status.ok() ? response.status() : HealthCheckResponse::SERVICE_UNKNOWN;
}

// A stream that says nothing and never ends by itself.
class SilentSource final : public StreamSource {
 public:
  absl::StatusOr<Next> Pull(google::protobuf::Message&) override { return Next::kIdle; }
};

class ServerLifeTest : public ServerTest {
 protected:
  ServerLifeTest() {
    watch_ = [](auto&&...) { return std::make_unique<SilentSource>(); };
  }
  absl::Status TryStart() {
    auto server = Server::Start(options_, {Table()}, verifier_);
    if (server.ok()) server_ = *std::move(server);
    return server.status();
  }
};

TEST_F(ServerLifeTest, HealthOfServicesAndOfTheWhole) {
  Start();
  EXPECT_EQ(Health(*channel_, ""), HealthCheckResponse::SERVING);
  EXPECT_EQ(Health(*channel_, "baliprocess.rpctest.EchoService"), HealthCheckResponse::SERVING);
  EXPECT_EQ(Health(*channel_, "no.such.Service"), HealthCheckResponse::SERVICE_UNKNOWN);
}

TEST_F(ServerLifeTest, HealthFollowsWhatTheServerDependsOn) {
  std::atomic<bool> answers = false;
  const HealthProbe probe = {
      "store", [&] { return answers ? absl::OkStatus() : absl::InternalError("gone"); }};
  ASSERT_OK_AND_ASSIGN(server_, Server::Start(options_, {Table()}, verifier_, {probe}));
  channel_ = grpc::CreateChannel(absl::StrCat("127.0.0.1:", server_->port()),
                                 grpc::InsecureChannelCredentials());
  // It has never answered, and that is enough.
  EXPECT_EQ(Health(*channel_, ""), HealthCheckResponse::NOT_SERVING);
  EXPECT_EQ(Health(*channel_, "baliprocess.rpctest.EchoService"), HealthCheckResponse::NOT_SERVING);
  EXPECT_OK(CallText(*channel_, kEcho, "").status);  // who calls may still try
  answers = true;
  while (Health(*channel_, "") != HealthCheckResponse::SERVING) {
    absl::SleepFor(absl::Milliseconds(10));
  }
}

// As soon as the server has started, its health is known.
TEST_F(ServerLifeTest, AServerWhoseProbesAnswerServesFromTheStart) {
  const HealthProbe probe = {"store", [] { return absl::OkStatus(); }};
  ASSERT_OK_AND_ASSIGN(server_, Server::Start(options_, {Table()}, verifier_, {probe}));
  channel_ = grpc::CreateChannel(absl::StrCat("127.0.0.1:", server_->port()),
                                 grpc::InsecureChannelCredentials());
  EXPECT_EQ(Health(*channel_, ""), HealthCheckResponse::SERVING);
}

TEST_F(ServerLifeTest, AServerThatMissesAnotherOneServes) {
  const HealthProbe probe = {
      .name = "peer", .ask = [] { return absl::UnavailableError("gone"); }, .peer = true};
  ASSERT_OK_AND_ASSIGN(server_, Server::Start(options_, {Table()}, verifier_, {probe}));
  channel_ = grpc::CreateChannel(absl::StrCat("127.0.0.1:", server_->port()),
                                 grpc::InsecureChannelCredentials());
  EXPECT_EQ(Health(*channel_, ""), HealthCheckResponse::SERVING);
}

TEST_F(ServerLifeTest, ReflectionOnlyWhenAskedFor) {
  const char* method = "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo";
  Start();
  EXPECT_THAT(CallText(*channel_, method, "").status, HasReason(api::v1::Error::UNKNOWN_METHOD));
  options_.reflection = true;
  Start();
  EXPECT_THAT(CallText(*channel_, method, "").status,
              Not(HasReason(api::v1::Error::UNKNOWN_METHOD)));
  EXPECT_EQ(CallText(*channel_, kEcho, "still served").text, "still served");
  EXPECT_THAT(CallText(*channel_, "/no/such", "").status,
              HasReason(api::v1::Error::UNKNOWN_METHOD));
}

TEST_F(ServerLifeTest, TwoServersNeverShareAPort) {
  Start();
  options_.listen = absl::StrCat("127.0.0.1:", server_->port());
  EXPECT_THAT(Server::Start(options_, {Table()}, verifier_).status(), MessageHas("can't listen"));
}

TEST_F(ServerLifeTest, UnixSockets) {
  options_.listen = "unix:" + ::testing::TempDir() + "/server_life_test.sock";
  ASSERT_OK(TryStart());
  EXPECT_EQ(server_->port(), 0);
  const auto channel = grpc::CreateChannel(options_.listen, grpc::InsecureChannelCredentials());
  EXPECT_EQ(CallText(*channel, kEcho, "near").text, "near");
}

TEST_F(ServerLifeTest, PlaintextOnlyNearUnlessAllowed) {
  for (const std::string& far : {std::string("0.0.0.0:0"), std::string("[::]:0"),
                                 std::string("10.0.0.1:0"), std::string("example.org:0")}) {
    options_.listen = far;
    EXPECT_THAT(TryStart(), MessageHas("won't serve plaintext")) << far;
  }
  options_.listen = "0.0.0.0:0";
  options_.allow_plaintext = true;
  EXPECT_OK(TryStart());
}

TEST_F(ServerLifeTest, ImpossibleOptionsAreRefused) {
  options_.max_streams = 0;
  EXPECT_THAT(TryStart(), MessageHas("must be positive"));
}

TEST_F(ServerLifeTest, DrainLetsCallsFinishAndEndsStreams) {
  absl::Notification entered;
  absl::Notification leave;
  change_ = [&](Call&, const EchoRequest&, EchoReply& reply) {
    entered.Notify();
    leave.WaitForNotification();
    reply.set_text("done");
    return absl::OkStatus();
  };
  Start();
  Outcome outcome;
  std::thread caller([&] { outcome = CallText(*channel_, kChange, "", As("secretary")); });
  entered.WaitForNotification();
  Watcher watcher(*channel_, As("observer"));
  watcher.WaitForAdmission();
  std::thread drain([&] { server_->Shutdown(absl::Seconds(30)); });
  // The stream ends while the call is still in progress.
  EXPECT_EQ(watcher.Read(), std::nullopt);
  EXPECT_THAT(watcher.Finish(), HasReason(api::v1::Error::TEMPORARILY_UNAVAILABLE));
  leave.Notify();
  caller.join();
  drain.join();
  EXPECT_OK(outcome.status);
  EXPECT_EQ(outcome.text, "done");
  EXPECT_FALSE(CallText(*channel_, kEcho, "", {}, absl::Seconds(1)).status.ok());
}

TEST_F(ServerLifeTest, DrainCancelsWhatOutlastsItsPatience) {
  absl::Notification entered;
  change_ = [&](Call& call, const EchoRequest&, EchoReply&) {
    entered.Notify();
    while (!call.cancelled()) absl::SleepFor(absl::Milliseconds(1));
    return absl::CancelledError("stopped");
  };
  Start();
  Outcome outcome;
  std::thread caller([&] { outcome = CallText(*channel_, kChange, "", As("secretary")); });
  entered.WaitForNotification();
  server_->Shutdown(absl::Milliseconds(50));
  caller.join();
  EXPECT_FALSE(outcome.status.ok());
}

TEST_F(ServerLifeTest, DrainDoesNotWaitForHealthWatchers) {
  Start();
  grpc::ClientContext context;
  const grpc::internal::RpcMethod method("/grpc.health.v1.Health/Watch",
                                         grpc::internal::RpcMethod::SERVER_STREAMING);
  const std::unique_ptr<grpc::ClientReader<HealthCheckResponse>> reader(
      grpc::internal::ClientReaderFactory<HealthCheckResponse>::Create(
          channel_.get(), method, &context, HealthCheckRequest()));
  HealthCheckResponse response;
  ASSERT_TRUE(reader->Read(&response));
  EXPECT_EQ(response.status(), HealthCheckResponse::SERVING);
  const absl::Time start = absl::Now();
  std::thread drain([&] { server_->Shutdown(absl::Seconds(30)); });
  while (reader->Read(&response)) EXPECT_EQ(response.status(), HealthCheckResponse::NOT_SERVING);
  drain.join();
  EXPECT_LT(absl::Now() - start, absl::Seconds(20));
}

class TlsTest : public ServerLifeTest {
 protected:
  TlsTest() {
    options_.listen = "127.0.0.1:0";
    options_.tls = authority_.Files("server", "");
  }

  // A call to the server from a peer with these files.
  absl::Status CallAs(const TlsFiles& files) {
    PeerOptions options;
    options.name = "server";
    options.address = absl::StrCat("127.0.0.1:", server_->port());
    options.tls = files;
    auto peer = Peer::Create(options);
    if (!peer.ok()) return peer.status();
    Call parent;
    parent.deadline = absl::InfiniteFuture();
    EchoReply reply;
    return (*peer)->Call(parent, kEcho, EchoRequest(), reply);
  }

  const TestAuthority authority_{"tls_test"};
};

TEST_F(TlsTest, ServerProvesWhoItIs) {
  ASSERT_OK(TryStart());
  EXPECT_OK(CallAs(authority_.Files("", "ca")));
  EXPECT_THAT(CallAs(authority_.Files("", "other")),
              HasReason(api::v1::Error::TEMPORARILY_UNAVAILABLE));
  EXPECT_THAT(CallAs(TlsFiles()), HasReason(api::v1::Error::TEMPORARILY_UNAVAILABLE));
}

TEST_F(TlsTest, ClientsProveWhoTheyAreWhenAsked) {
  options_.tls = authority_.Files("server", "ca");
  ASSERT_OK(TryStart());
  EXPECT_OK(CallAs(authority_.Files("client", "ca")));
  EXPECT_THAT(CallAs(authority_.Files("", "ca")),
              HasReason(api::v1::Error::TEMPORARILY_UNAVAILABLE));
  EXPECT_THAT(CallAs(authority_.Files("stranger", "ca")),
              HasReason(api::v1::Error::TEMPORARILY_UNAVAILABLE));
}

TEST_F(TlsTest, OnlyNamedClientsMayCall) {
  options_.tls = authority_.Files("server", "ca");
  options_.client_names = {"gateway", "client"};
  ASSERT_OK(TryStart());
  EXPECT_OK(CallAs(authority_.Files("client", "ca")));
  EXPECT_THAT(CallAs(authority_.Files("server", "ca")), HasReason(api::v1::Error::ACCESS_DENIED));
  options_.client_names = {"echo"};  // an alternative name that both have
  ASSERT_OK(TryStart());
  EXPECT_OK(CallAs(authority_.Files("server", "ca")));
  options_.tls.ca = "";
  EXPECT_THAT(TryStart(), MessageHas("names of clients"));
}

// By connections that are made after that.
TEST_F(TlsTest, FilesThatChangeAreFollowed) {
  std::atomic<int> good = 0;
  std::atomic<int> bad = 0;
  options_.tls = authority_.Files("server", "ca");
  options_.follow_files = absl::Milliseconds(10);
  options_.on_reload = [&](std::string_view what, bool succeeded) {
    EXPECT_EQ(what, "certificate");
    ++(succeeded ? good : bad);
  };
  ASSERT_OK(TryStart());
  EXPECT_OK(CallAs(authority_.Files("client", "ca")));
  authority_.Replace("server.pem", "ext");
  EXPECT_TRUE(Soon([&] { return bad == 1; }));
  EXPECT_OK(CallAs(authority_.Files("client", "ca"))) << "what is bad leaves the old";
  authority_.Replace("server.pem", "stranger.pem");
  EXPECT_TRUE(Soon([&] { return bad == 2; }));
  EXPECT_OK(CallAs(authority_.Files("client", "ca"))) << "the key isn't the certificate's";
  authority_.Replace("server.key", "stranger.key");
  EXPECT_TRUE(Soon([&] { return good == 1; }));
  EXPECT_THAT(CallAs(authority_.Files("client", "ca")),
              HasReason(api::v1::Error::TEMPORARILY_UNAVAILABLE));
  authority_.Replace("ca.pem", "other.pem");
  EXPECT_TRUE(Soon([&] { return good == 2; }));
  EXPECT_OK(CallAs(authority_.Files("stranger", "other")));
  EXPECT_THAT(CallAs(authority_.Files("client", "other")),
              HasReason(api::v1::Error::TEMPORARILY_UNAVAILABLE));
  server_->Reload();
  EXPECT_TRUE(Soon([&] { return good == 3; })) << "also what is the same";
}

TEST_F(TlsTest, PeersShowTheirNewCertificate) {
  options_.tls = authority_.Files("server", "ca");
  ASSERT_OK(TryStart());
  authority_.Replace("mine.pem", "stranger.pem");
  authority_.Replace("mine.key", "stranger.key");
  PeerOptions options;
  options.name = "server";
  options.address = absl::StrCat("127.0.0.1:", server_->port());
  options.tls = authority_.Files("mine", "ca");
  ASSERT_OK_AND_ASSIGN(const auto peer, Peer::Create(options));
  const auto call = [&] {
    Call parent;
    parent.deadline = absl::InfiniteFuture();
    EchoReply reply;
    return peer->Call(parent, kEcho, EchoRequest(), reply);
  };
  EXPECT_THAT(call(), HasReason(api::v1::Error::TEMPORARILY_UNAVAILABLE));
  authority_.Replace("mine.pem", "client.pem");
  EXPECT_THAT(peer->Renew(), MessageHas("mine.key: isn't the key of"));
  authority_.Replace("mine.key", "client.key");
  EXPECT_OK(peer->Renew());
  EXPECT_OK(call());
}

TEST_F(TlsTest, UnusableFilesAreNamed) {
  options_.tls.key = authority_.Path("missing.key");
  EXPECT_THAT(TryStart(), MessageHas("missing.key: can't be read"));
  options_.tls.key = authority_.Path("ext");
  EXPECT_THAT(TryStart(), MessageHas("ext: isn't a PEM file"));
  options_.tls.key = "";
  EXPECT_THAT(TryStart(), MessageHas("belong together"));
  options_.tls = {.certificate = "", .key = "", .ca = authority_.Path("ca.pem")};
  EXPECT_THAT(TryStart(), MessageHas("need a TLS certificate"));
}

}  // namespace
}  // namespace baliprocess::rpc
