#include "baliprocess/client/channel.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/client_interceptor.h>

#include <fstream>
#include <iterator>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace baliprocess::client {
namespace {

using grpc::experimental::ClientInterceptorFactoryInterface;
using grpc::experimental::ClientRpcInfo;
using grpc::experimental::InterceptionHookPoints;
using grpc::experimental::Interceptor;
using grpc::experimental::InterceptorBatchMethods;

constexpr int kMaxReplyBytes = 64 << 20;

absl::StatusOr<std::string> Contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string contents{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file.is_open() || file.bad()) {
    return absl::NotFoundError(absl::StrCat(path, ": can't be read"));
  }
  return contents;
}

// Sends the token with each call. While its file can't be read, the call has none, and is refused.
class WithToken final : public Interceptor {
 public:
  explicit WithToken(const Settings& settings) : settings_(settings) {}

  void Intercept(InterceptorBatchMethods* methods) override {
    if (methods->QueryInterceptionHookPoint(InterceptionHookPoints::PRE_SEND_INITIAL_METADATA)) {
      std::string token = settings_.token;
      if (!settings_.token_file.empty()) token = Contents(settings_.token_file).value_or("");
      absl::StripAsciiWhitespace(&token);
      methods->GetSendInitialMetadata()->emplace("authorization", "Bearer " + token);
    }
    methods->Proceed();
  }

 private:
  const Settings& settings_;
};

class WithTokenFactory final : public ClientInterceptorFactoryInterface {
 public:
  explicit WithTokenFactory(Settings settings) : settings_(std::move(settings)) {}

  Interceptor* CreateClientInterceptor(ClientRpcInfo* /*info*/) override {
    return new WithToken(settings_);  // gRPC takes it over
  }

 private:
  const Settings settings_;
};

bool IsLoopback(const std::string& server) {
  const std::string host = server.substr(0, server.rfind(':'));
  const bool is_ipv4 = host.find_first_not_of("0123456789.") == std::string::npos;
  return host == "localhost" || host == "[::1]" || (is_ipv4 && absl::StartsWith(host, "127."));
}

absl::Status Check(const Settings& settings) {
  const bool has_token = !settings.token.empty() || !settings.token_file.empty();
  if (!settings.token.empty() && !settings.token_file.empty()) {
    return absl::InvalidArgumentError("either a token or a file with it");
  }
  if (settings.cert.empty() != settings.key.empty()) {
    return absl::InvalidArgumentError("cert and key belong together");
  }
  if (settings.plaintext && has_token && !IsLoopback(settings.server)) {
    return absl::InvalidArgumentError("a token isn't sent in plaintext to another machine");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> Credentials(const Settings& settings) {
  if (settings.plaintext) return grpc::InsecureChannelCredentials();
  grpc::SslCredentialsOptions options;
  for (const auto& [path, target] : {std::pair(settings.ca, &options.pem_root_certs),
                                     std::pair(settings.cert, &options.pem_cert_chain),
                                     std::pair(settings.key, &options.pem_private_key)}) {
    if (path.empty()) continue;
    auto contents = Contents(path);
    if (!contents.ok()) return contents.status();
    *target = *std::move(contents);
  }
  return grpc::SslCredentials(options);
}

}  // namespace

absl::StatusOr<std::shared_ptr<grpc::Channel>> OpenChannel(const Settings& settings) {
  if (const absl::Status checked = Check(settings); !checked.ok()) return checked;
  const auto credentials = Credentials(settings);
  if (!credentials.ok()) return credentials.status();
  grpc::ChannelArguments options;
  options.SetMaxReceiveMessageSize(kMaxReplyBytes);
  options.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 60000);  // notices a dead peer of a quiet watch
  options.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 5000);
  std::vector<std::unique_ptr<ClientInterceptorFactoryInterface>> interceptors;
  if (!settings.token.empty() || !settings.token_file.empty()) {
    interceptors.push_back(std::make_unique<WithTokenFactory>(settings));
  }
  return grpc::experimental::CreateCustomChannelWithInterceptors(settings.server, *credentials,
                                                                 options, std::move(interceptors));
}

Failure FailureOf(const grpc::Status& status) {
  Failure failure;
  google::rpc::Status details;
  if (!details.ParseFromString(status.error_details())) return failure;
  google::rpc::ErrorInfo info;
  google::rpc::BadRequest request;
  for (const auto& detail : details.details()) {
    if (detail.UnpackTo(&info)) {
      failure.reason = info.reason();
      failure.domain = info.domain();
      failure.metadata.insert(info.metadata().begin(), info.metadata().end());
    } else if (detail.UnpackTo(&request)) {
      for (const auto& violation : request.field_violations()) {
        failure.violations.push_back({violation.field(), violation.description()});
      }
    }
  }
  return failure;
}

}  // namespace baliprocess::client
