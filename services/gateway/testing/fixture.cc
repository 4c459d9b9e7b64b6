#include "services/gateway/testing/fixture.h"

#include <grpcpp/impl/rpc_method.h>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "google/rpc/status.pb.h"

#include "services/gateway/settings/rates.h"

namespace baliprocess::gateway {
namespace {

using ByteStreamFactory =
    grpc::internal::ClientReaderWriterFactory<grpc::ByteBuffer, grpc::ByteBuffer>;

std::string ToString(grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  if (!buffer.Dump(&slices).ok()) return {};
  std::string text;
  for (const grpc::Slice& slice : slices) {
    text.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return text;
}

std::string Find(const std::multimap<grpc::string_ref, grpc::string_ref>& metadata,
                 const std::string& name) {
  const auto it = metadata.find(name);
  return it == metadata.end() ? "" : std::string(it->second.data(), it->second.size());
}

}  // namespace

absl::StatusOr<auth::Caller> FakeVerifier::Verify(std::string_view authorization) {
  const auto caller = [&](api::v1::Access::Role role) {
    return auth::Caller{.subject = std::string(authorization.substr(7)),
                        .roles = 1u << role | 1u << api::v1::Access::PUBLIC,
                        .member = ""};
  };
  if (authorization == "Bearer secretary") return caller(api::v1::Access::SECRETARIAT);
  if (authorization == "Bearer observer") return caller(api::v1::Access::OBSERVER);
  if (authorization != "Bearer brief") return Error(api::v1::Error::TOKEN_INVALID, "unknown token");
  auth::Caller brief = caller(api::v1::Access::SECRETARIAT);
  brief.expires = start_ + absl::Minutes(1);
  if (clock_.Now() >= brief.expires) return Error(api::v1::Error::TOKEN_EXPIRED, "expired token");
  return brief;
}

ClientCall::ClientCall(const std::shared_ptr<grpc::Channel>& channel, const std::string& path,
                       const Headers& headers, absl::Duration timeout)
    : path_(path) {
  for (const auto& [name, value] : headers) context_.AddMetadata(name, value);
  if (timeout != absl::InfiniteDuration()) {
    context_.set_deadline(absl::ToChronoTime(absl::Now() + timeout));
  }
  const grpc::internal::RpcMethod method(path_.c_str(), grpc::internal::RpcMethod::BIDI_STREAMING);
  stream_.reset(ByteStreamFactory::Create(channel.get(), method, &context_));
}

ClientCall::~ClientCall() {
  if (finished_) return;
  Cancel();
  Finish().IgnoreError();
}

bool ClientCall::Send(const std::string& message) {
  const grpc::Slice slice(message);
  return stream_->Write(grpc::ByteBuffer(&slice, 1));
}

std::optional<std::string> ClientCall::Receive() {
  grpc::ByteBuffer message;
  if (!stream_->Read(&message)) return std::nullopt;
  return ToString(message);
}

absl::Status ClientCall::Finish() {
  while (Receive()) {
  }
  raw_ = stream_->Finish();
  finished_ = true;
  google::rpc::Status details;
  if (!details.ParseFromString(raw_.error_details()) || details.code() == 0) {
    return absl::Status(static_cast<absl::StatusCode>(raw_.error_code()), raw_.error_message());
  }
  return FromRpcStatus(details);
}

std::string ClientCall::header(const std::string& name) {
  return Find(context_.GetServerInitialMetadata(), name);
}

std::string ClientCall::trailer(const std::string& name) {
  return Find(context_.GetServerTrailingMetadata(), name);
}

GatewayTest::GatewayTest() {
  options_.listen = "127.0.0.1:0";
  options_.threads = 1;
  options_.connections_per_service = 1;
  options_.access_log = false;
  options_.wait_for_service = absl::ZeroDuration();  // as waiting_test.cc says
  options_.upstream.health = false;
  options_.clock = &clock_;
  options_.limits.rates = NoRates();  // tests are faster than people
}

// Clients first, so that a gateway that is slow to end shows.
GatewayTest::~GatewayTest() {
  channel_.reset();
  gateway_.reset();
}

void GatewayTest::Start() {
  backend_ = std::make_unique<TestBackend>();
  if (options_.services.empty()) {
    const std::string address = absl::StrCat("127.0.0.1:", backend_->port());
    options_.services = {{"membership", {address}}, {"meetings", {address}}};
  }
  Start(backend_->port());
}

void GatewayTest::Start(int backend_port) {
  if (options_.services.empty()) {
    options_.services = {{"membership", {absl::StrCat("127.0.0.1:", backend_port)}}};
  }
  ASSERT_OK_AND_ASSIGN(policy_, auth::AccessPolicy::ForServices(auth::AccessPolicy::AllServices()));
  // A gateway of before is shown to the operators of before, as long as it is there.
  const std::unique_ptr<telemetry::Operators> before = std::move(operators_);
  ASSERT_OK_AND_ASSIGN(operators_, telemetry::Operators::Start(admin_, {}, process_));
  options_.operators = operators_.get();
  ASSERT_OK_AND_ASSIGN(gateway_, Gateway::Start(options_, *policy_, verifier_));
  channel_ = NewChannel();
}

std::shared_ptr<grpc::Channel> GatewayTest::NewChannel() {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 50);
  arguments.SetInt(GRPC_ARG_MAX_RECEIVE_MESSAGE_LENGTH, -1);
  return grpc::CreateCustomChannel(absl::StrCat("127.0.0.1:", gateway_->port()),
                                   grpc::InsecureChannelCredentials(), arguments);
}

Outcome GatewayTest::Call(const std::string& path, const std::string& message,
                          const Headers& headers, absl::Duration timeout) {
  ClientCall call(channel_, path, headers, timeout);
  call.Send(message);
  call.EndSending();
  Outcome outcome;
  outcome.reply = call.Receive().value_or("");
  outcome.status = call.Finish();
  return outcome;
}

}  // namespace baliprocess::gateway
