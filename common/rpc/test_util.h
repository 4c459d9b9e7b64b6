// What the tests of this folder share: a server in the process with bodies that tests give, its
// log, and clients.

#ifndef BALIPROCESS_COMMON_RPC_TEST_UTIL_H_
#define BALIPROCESS_COMMON_RPC_TEST_UTIL_H_

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/client_unary_call.h>
#include <grpcpp/impl/codegen/proto_utils.h>
#include <grpcpp/impl/rpc_method.h>
#include <grpcpp/support/sync_stream.h>

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include <nlohmann/json.hpp>

#include "baliprocess/rpctest/echo.pb.h"
#include "common/base/errors.h"
#include "common/rpc/server.h"
#include "common/rpc/status_bridge.h"
#include "common/telemetry/log.h"
#include "common/testing/matchers.h"

namespace baliprocess::rpc {

using rpctest::EchoReply;
using rpctest::EchoRequest;

inline constexpr char kEcho[] = "/baliprocess.rpctest.EchoService/Echo";
inline constexpr char kChange[] = "/baliprocess.rpctest.EchoService/Change";
inline constexpr char kSearch[] = "/baliprocess.rpctest.EchoService/Search";
inline constexpr char kWatch[] = "/baliprocess.rpctest.EchoService/Watch";
inline constexpr char kCollect[] = "/baliprocess.rpctest.EchoService/Collect";

inline const google::protobuf::ServiceDescriptor* EchoServiceDescriptor() {
  return EchoRequest::descriptor()->file()->FindServiceByName("EchoService");
}

// Takes `Bearer NAME` for the callers it was told of.
class FakeVerifier final : public auth::TokenVerifier {
 public:
  void Add(const std::string& name, uint32_t roles, const std::string& member = "",
           absl::Time expires = absl::InfiniteFuture()) {
    callers_[name] = {.subject = name,
                      .roles = roles | 1u << api::v1::Access::PUBLIC,
                      .member = member,
                      .expires = expires};
  }
  // Its tokens aren't good any more.
  void Remove(const std::string& name) {
    const std::lock_guard lock(mutex_);
    callers_.erase(name);
  }
  absl::StatusOr<auth::Caller> Verify(std::string_view authorization) override {
    const std::lock_guard lock(mutex_);
    ++calls_;
    called_.notify_all();
    const auto caller = callers_.find(std::string(authorization.substr(7)));
    if (caller == callers_.end()) return Error(api::v1::Error::TOKEN_INVALID, "unknown");
    return caller->second;
  }

  // Waits until so many calls with a token have come this far: they have their deadlines.
  void WaitForCalls(int calls) {
    std::unique_lock lock(mutex_);
    called_.wait(lock, [&] { return calls_ >= calls; });
  }

 private:
  std::map<std::string, auth::Caller> callers_;
  std::mutex mutex_;
  std::condition_variable called_;
  int calls_ = 0;
};

// The log lines of a test.
class CapturedLog {
 public:
  CapturedLog()
      : logging_({.level = telemetry::Level::kDebug, .write = [this](std::string_view lines) {
                    std::lock_guard lock(mutex_);
                    text_.append(lines);
                  }}) {}

  std::vector<nlohmann::json> Lines(const std::string& component) {
    logging_.Flush();
    std::lock_guard lock(mutex_);
    std::istringstream stream(text_);
    std::vector<nlohmann::json> lines;
    for (std::string line; std::getline(stream, line);) {
      auto parsed = nlohmann::json::parse(line);
      if (parsed["component"] == component && parsed["level"] != "debug")
        lines.push_back(std::move(parsed));
    }
    return lines;
  }

 private:
  std::mutex mutex_;
  std::string text_;
  telemetry::Logging logging_;
};

// How a call went.
struct Outcome {
  absl::Status status;  // with details
  grpc::Status raw;
  std::string text;     // of the reply
  std::string call_id;  // as the server returned it
  std::string position;
};

using Headers = std::vector<std::pair<std::string, std::string>>;

inline void AddHeaders(const Headers& headers, grpc::ClientContext& context) {
  for (const auto& [name, value] : headers) context.AddMetadata(name, value);
}

// A unary call with any bytes for a request.
inline Outcome CallBytes(grpc::Channel& channel, const std::string& path, const std::string& bytes,
                         const Headers& headers = {}, absl::Duration timeout = absl::Seconds(20)) {
  grpc::ClientContext context;
  AddHeaders(headers, context);
  if (timeout != absl::InfiniteDuration()) {
    context.set_deadline(absl::ToChronoTime(absl::Now() + timeout));
  }
  const grpc::Slice slice(bytes);
  const grpc::ByteBuffer request(&slice, 1);
  EchoReply reply;
  const grpc::internal::RpcMethod method(path.c_str(), grpc::internal::RpcMethod::NORMAL_RPC);
  Outcome outcome;
  outcome.raw = grpc::internal::BlockingUnaryCall<grpc::ByteBuffer, EchoReply, grpc::ByteBuffer,
                                                  google::protobuf::MessageLite>(
      &channel, method, &context, request, &reply);
  outcome.status = FromGrpcStatus(outcome.raw, "server");
  outcome.text = reply.text();
  const auto& metadata = context.GetServerInitialMetadata();
  if (const auto id = metadata.find("x-request-id"); id != metadata.end()) {
    outcome.call_id.assign(id->second.data(), id->second.size());
  }
  const auto& trailers = context.GetServerTrailingMetadata();
  if (const auto position = trailers.find("x-bali-position"); position != trailers.end()) {
    outcome.position.assign(position->second.data(), position->second.size());
  }
  return outcome;
}

inline Outcome CallText(grpc::Channel& channel, const std::string& path, const std::string& text,
                        const Headers& headers = {}, absl::Duration timeout = absl::Seconds(20)) {
  EchoRequest request;
  request.set_text(text);
  return CallBytes(channel, path, request.SerializeAsString(), headers, timeout);
}

// A client's side of Watch.
class Watcher {
 public:
  Watcher(grpc::Channel& channel, const Headers& headers,
          absl::Time deadline = absl::InfiniteFuture())
      : method_(kWatch, grpc::internal::RpcMethod::SERVER_STREAMING) {
    AddHeaders(headers, context_);
    if (deadline != absl::InfiniteFuture()) context_.set_deadline(absl::ToChronoTime(deadline));
    reader_.reset(grpc::internal::ClientReaderFactory<EchoReply>::Create(&channel, method_,
                                                                         &context_, EchoRequest()));
  }
  // Waits until the server admitted the call, or refused it.
  void WaitForAdmission() { reader_->WaitForInitialMetadata(); }
  // The text of the next message; nullopt at the end.
  std::optional<std::string> Read() {
    EchoReply reply;
    if (!reader_->Read(&reply)) return std::nullopt;
    return reply.text();
  }
  void Cancel() { context_.TryCancel(); }
  absl::Status Finish() { return FromGrpcStatus(reader_->Finish(), "server"); }

 private:
  grpc::internal::RpcMethod method_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<EchoReply>> reader_;
};

// A server of EchoService. Tests change bodies and options before Start.
class ServerTest : public ::testing::Test {
 protected:
  ServerTest() {
    verifier_->Add("secretary", 1u << api::v1::Access::SECRETARIAT);
    verifier_->Add("australia", 1u << api::v1::Access::MEMBER, "members/aus");
    verifier_->Add("observer", 1u << api::v1::Access::OBSERVER);
  }

  MethodTable Table() {
    MethodTable table(EchoServiceDescriptor());
    table.Unary<EchoRequest, EchoReply>("Echo", Execution::kInline, echo_);
    table.Unary<EchoRequest, EchoReply>("Change", Execution::kPooled, change_);
    table.Unary<EchoRequest, EchoReply>("Search", Execution::kPooled, search_);
    table.ServerStream<EchoRequest>("Watch", watch_);
    table.ClientStream("Collect", collect_);
    return table;
  }

  void Start() {
    std::vector<MethodTable> tables;
    tables.push_back(Table());
    ASSERT_OK_AND_ASSIGN(server_, Server::Start(options_, std::move(tables), verifier_));
    channel_ = grpc::CreateChannel(absl::StrCat("127.0.0.1:", server_->port()),
                                   grpc::InsecureChannelCredentials());
  }

  static Headers As(const std::string& name) { return {{"authorization", "Bearer " + name}}; }

  using Body = std::function<absl::Status(Call&, const EchoRequest&, EchoReply&)>;
  using Stream = std::function<absl::StatusOr<std::unique_ptr<StreamSource>>(
      const std::shared_ptr<Call>&, const EchoRequest&, std::function<void()>)>;
  static absl::Status EchoBody(Call&, const EchoRequest& request, EchoReply& reply) {
    reply.set_text(request.text());
    return absl::OkStatus();
  }

  static ServerOptions FewThreads() {
    ServerOptions options;
    options.worker_threads = 4;
    return options;
  }

  CapturedLog log_;
  Body echo_ = EchoBody;
  Body change_ = EchoBody;
  Body search_ = EchoBody;
  Stream watch_ = [](auto&&...) { return absl::UnimplementedError("no stream in this test"); };
  SinkBody collect_ = [](auto&&) { return absl::UnimplementedError("no sink in this test"); };
  ServerOptions options_ = FewThreads();
  std::shared_ptr<FakeVerifier> verifier_ = std::make_shared<FakeVerifier>();
  std::unique_ptr<Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
};

}  // namespace baliprocess::rpc

#endif  // BALIPROCESS_COMMON_RPC_TEST_UTIL_H_
