#include "common/telemetry/otlp_writer.h"

#include <google/protobuf/repeated_ptr_field.h>
#include <grpcpp/grpcpp.h>

#include <cstdint>
#include <string_view>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "opentelemetry/proto/collector/trace/v1/trace_service.grpc.pb.h"

#include "common/base/read_file.h"
#include "common/base/status_macros.h"

namespace baliprocess::telemetry {
namespace {

namespace otlp = opentelemetry::proto;

constexpr char kSystemAuthorities[] = "/etc/ssl/certs/ca-certificates.crt";

std::string FromHex(const std::string& digits) { return absl::HexStringToBytes(digits); }

otlp::common::v1::AnyValue* Add(
    google::protobuf::RepeatedPtrField<otlp::common::v1::KeyValue>& attributes,
    std::string_view key) {
  otlp::common::v1::KeyValue* attribute = attributes.Add();
  attribute->set_key(key.data(), key.size());
  return attribute->mutable_value();
}

// Which statuses are a failure of the span: for a server, those that aren't the caller's doing.
bool IsFailure(Span::Kind kind, int code) {
  if (kind != Span::Kind::kServer) return code != grpc::StatusCode::OK;
  switch (code) {
    case grpc::StatusCode::UNKNOWN:
    case grpc::StatusCode::DEADLINE_EXCEEDED:
    case grpc::StatusCode::UNIMPLEMENTED:
    case grpc::StatusCode::INTERNAL:
    case grpc::StatusCode::UNAVAILABLE:
    case grpc::StatusCode::DATA_LOSS:
      return true;
    default:
      return false;
  }
}

// `host:port` apart, for attributes; the port is 0 when there is none.
std::pair<std::string_view, int64_t> SplitPeer(std::string_view peer) {
  const size_t colon = peer.rfind(':');
  int64_t port = 0;
  if (colon == std::string_view::npos ||
      !absl::SimpleAtoi(absl::string_view(peer.data() + colon + 1, peer.size() - colon - 1),
                        &port)) {
    return {peer, 0};
  }
  return {peer.substr(0, colon), port};
}

void SetAttributes(const Span& from, otlp::trace::v1::Span& span) {
  auto& attributes = *span.mutable_attributes();
  if (from.kind == Span::Kind::kStore) {
    Add(attributes, "db.system")
        ->set_string_value(absl::AsciiStrToLower({from.engine.data(), from.engine.size()}));
    Add(attributes, "db.operation")->set_string_value(from.method);
    return;
  }
  Add(attributes, "rpc.system")->set_string_value("grpc");
  // `/package.Service/Method`
  const size_t slash = from.method.rfind('/');
  if (slash != std::string::npos && slash > 0) {
    Add(attributes, "rpc.service")->set_string_value(from.method.substr(1, slash - 1));
    Add(attributes, "rpc.method")->set_string_value(from.method.substr(slash + 1));
  }
  Add(attributes, "rpc.grpc.status_code")->set_int_value(from.grpc_status);
  if (!from.reason.empty()) {
    Add(attributes, "error.type")->set_string_value(std::string(from.reason));
  }
  if (!from.peer.empty()) {
    const auto [host, port] = SplitPeer(from.peer);
    Add(attributes, "server.address")->set_string_value(std::string(host));
    if (port > 0) Add(attributes, "server.port")->set_int_value(port);
  }
  if (from.attempt > 0) Add(attributes, "baliprocess.attempt")->set_int_value(from.attempt);
}

std::string NameOf(const Span& span) {
  if (span.kind == Span::Kind::kStore) return "store " + span.method;
  return span.method.empty() ? "unknown" : span.method.substr(1);
}

void Fill(const Span& from, otlp::trace::v1::Span& span) {
  using otlp::trace::v1::Span_SpanKind;
  span.set_trace_id(FromHex(from.trace_id));
  span.set_span_id(FromHex(from.span_id));
  span.set_parent_span_id(FromHex(from.parent_id));
  span.set_name(NameOf(from));
  span.set_kind(from.kind == Span::Kind::kServer ? Span_SpanKind::Span_SpanKind_SPAN_KIND_SERVER
                                                 : Span_SpanKind::Span_SpanKind_SPAN_KIND_CLIENT);
  span.set_start_time_unix_nano(static_cast<uint64_t>(absl::ToUnixNanos(from.begin)));
  span.set_end_time_unix_nano(static_cast<uint64_t>(absl::ToUnixNanos(from.end)));
  SetAttributes(from, span);
  if (IsFailure(from.kind, from.grpc_status)) {
    span.mutable_status()->set_code(otlp::trace::v1::Status::STATUS_CODE_ERROR);
  }
}

class Writer final : public SpanWriter {
 public:
  Writer(const OtlpOptions& options, const std::shared_ptr<grpc::Channel>& channel)
      : collector_(otlp::collector::trace::v1::TraceService::NewStub(channel)) {
    auto& attributes = *resource_.mutable_attributes();
    Add(attributes, "service.name")->set_string_value(options.service_name);
    Add(attributes, "service.version")->set_string_value(options.service_version);
    Add(attributes, "service.instance.id")->set_string_value(options.service_instance);
    scope_.set_name("baliprocess");
    scope_.set_version(options.service_version);
  }

  absl::Status Write(const std::vector<Span>& spans, absl::Duration timeout) override {
    otlp::collector::trace::v1::ExportTraceServiceRequest request;
    otlp::trace::v1::ResourceSpans& ours = *request.add_resource_spans();
    *ours.mutable_resource() = resource_;
    otlp::trace::v1::ScopeSpans& scoped = *ours.add_scope_spans();
    *scoped.mutable_scope() = scope_;
    for (const Span& span : spans) Fill(span, *scoped.add_spans());

    otlp::collector::trace::v1::ExportTraceServiceResponse response;
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + timeout));
    const grpc::Status status = collector_->Export(&context, request, &response);
    return absl::Status(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
  }

 private:
  const std::unique_ptr<otlp::collector::trace::v1::TraceService::Stub> collector_;
  otlp::resource::v1::Resource resource_;
  otlp::common::v1::InstrumentationScope scope_;
};

absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> TlsCredentials(const std::string& ca) {
  const std::string path = ca.empty() ? kSystemAuthorities : ca;
  absl::StatusOr<std::string> authorities = ReadFile(path);
  if (!authorities.ok() || authorities->empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("the collector's authorities: ", path, " can't be read"));
  }
  grpc::SslCredentialsOptions ssl;
  ssl.pem_root_certs = *std::move(authorities);
  return grpc::SslCredentials(ssl);
}

}  // namespace

absl::StatusOr<std::unique_ptr<SpanWriter>> OtlpWriter(const OtlpOptions& options) {
  const size_t scheme_end = options.endpoint.find("://");
  const std::string scheme = options.endpoint.substr(0, scheme_end);
  if (scheme_end == std::string::npos || (scheme != "http" && scheme != "https")) {
    return absl::InvalidArgumentError(
        absl::StrCat("the collector's address \"", options.endpoint,
                     "\" must be http://host:port or https://host:port"));
  }
  std::shared_ptr<grpc::ChannelCredentials> credentials = grpc::InsecureChannelCredentials();
  if (scheme == "https") {
    ASSIGN_OR_RETURN(credentials, TlsCredentials(options.ca));
  }
  grpc::ChannelArguments arguments;
  // Proxies of the environment are for traffic that leaves; collectors are near.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  return std::make_unique<Writer>(
      options,
      grpc::CreateCustomChannel(options.endpoint.substr(scheme_end + 3), credentials, arguments));
}

}  // namespace baliprocess::telemetry
