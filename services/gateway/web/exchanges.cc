#include "services/gateway/web/exchanges.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "services/gateway/calls/admission.h"
#include "services/gateway/calls/call.h"
#include "services/gateway/calls/rates.h"
#include "services/gateway/net/work.h"
#include "services/gateway/transcoding/json_reply.h"
#include "services/gateway/transcoding/json_request.h"
#include "services/gateway/web/file_call.h"
#include "services/gateway/web/grpc_status.h"
#include "services/gateway/web/grpc_web_call.h"
#include "services/gateway/web/http_request.h"
#include "services/gateway/web/json_call.h"
#include "services/gateway/web/media.h"
#include "services/gateway/web/stream_call.h"

namespace baliprocess::gateway {
namespace {

constexpr char kAnyMethods[] = "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT";

std::string_view PathIn(std::string_view target) { return target.substr(0, target.find('?')); }

std::string_view QueryIn(std::string_view target) {
  const size_t mark = target.find('?');
  return mark == std::string_view::npos ? std::string_view() : target.substr(mark + 1);
}

// 415 or 406 when the request's body or the reply can't be in a form that both know; nothing else
// is judged here.
int FormStatusOf(const HttpRequest& request) {
  const Binding& binding = request.binding();
  const bool typed = !request.content_type.empty() && binding.body != Binding::Body::kNone;
  if (typed && !TakesHttpBody(binding) && !IsJson(request.content_type)) return 415;
  // A file is kept as it is sent.
  const bool takes_gzip = !TakesHttpBody(binding);
  const std::string& coding = request.content_encoding;
  if (!IsIdentity(coding) && !(takes_gzip && IsGzip(coding))) return 415;
  if (RepliesHttpBody(binding)) return 0;  // the type is the file's
  if (Accepts(request.accept, kJsonType)) return 0;
  if (!binding.method->server_streaming()) return 406;
  const bool streams =
      Accepts(request.accept, kNdjsonType) || Accepts(request.accept, kEventStreamType);
  return streams ? 0 : 406;
}

std::string_view FormRuleOf(int http_status) {
  if (http_status == 406) {
    return "replies are application/json, and streams application/x-ndjson or text/event-stream";
  }
  return "the body must be application/json in UTF-8, as it is or in gzip";
}

// Counts a request that leads to no call. It is a caller's own if that has called a moment ago: no
// token is verified for what nobody needs a token for.
absl::Status TakeOneOf(CallHost& host, const RequestHead& head, ClientStream& client) {
  const Peer& peer = *client.peer();
  const SteadyTime now = client.last_read();
  const Admission::Admitted* caller =
      head.authorized_twice() ? nullptr : host.admission().Known(head.authorization());
  if (caller != nullptr) {
    return TakeOne(caller->load->rate, *caller->rate, peer, caller->caller.subject, now);
  }
  const absl::Status taken = TakeOne(client.peer()->anonymous_load().rate,
                                     host.options().limits.rates.anonymous, peer, {}, now);
  if (taken.ok()) return taken;
  return WithRetryAfter(
      Error(api::v1::Error::RATE_LIMITED,
            "requests of one address that lead to no method are limited, beside its calls without "
            "a token: wait"),
      RetryDelayOf(taken));
}

}  // namespace

absl::StatusOr<Exchanges> Exchanges::Create(const auth::AccessPolicy& policy,
                                            std::vector<std::string> cors_origins,
                                            PublicPages pages) {
  std::vector<const google::protobuf::MethodDescriptor*> methods;
  for (const auth::MethodAccess* access : policy.All()) methods.push_back(access->method);
  ASSIGN_OR_RETURN(Bindings bindings, Bindings::Create(methods));
  return Exchanges(std::move(bindings), Cors(std::move(cors_origins)), std::move(pages));
}

ExchangePtr Exchanges::Make(CallHost& host, RequestHead head, ClientStream& client) const {
  if (head.is_grpc()) return new Call(host, client, std::move(head));
  if (head.size() > host.options().limits.max_header_bytes) {
    client.Charge(Work::kLargeHead);
    return Answer(
        host, head, client,
        ErrorAnswer(431, Error(api::v1::Error::TOO_LARGE, "the request's headers are too large")));
  }
  if (head.method() == "POST" && IsGrpcWeb(head.content_type())) {
    TextFields extra = cors_.FieldsOf(head);
    return new GrpcWebCall(host, client, std::move(head), std::move(extra));
  }
  if (Cors::IsPreflight(head) && host.routes().Find(head.path()) != nullptr) {
    return Answer(
        host, head, client,
        {.http_status = 204, .fields = cors_.PreflightFieldsOf(head, "POST"), .body = nullptr});
  }
  if (host.routes().Find(head.path()) != nullptr) {
    if (head.method() != "POST") return Answer(host, head, client, AllowedAnswer(head, "POST"));
    return Answer(host, head, client,
                  ErrorAnswer(415, Error(api::v1::Error::UNSUPPORTED_CALL,
                                         "the path takes application/grpc and "
                                         "application/grpc-web, of Protocol Buffers")));
  }
  return MakeHttp(host, std::move(head), client);
}

ExchangePtr Exchanges::Answer(CallHost& host, const RequestHead& head, ClientStream& client,
                              LocalAnswer answer) const {
  // What a browser asks for permission is free: the call behind it isn't.
  const absl::Status taken =
      Cors::IsPreflight(head) ? absl::OkStatus() : TakeOneOf(host, head, client);
  if (!taken.ok()) answer = ErrorAnswer(429, taken);
  for (auto& field : cors_.FieldsOf(head)) answer.fields.push_back(std::move(field));
  answer.head_only = head.method() == "HEAD";
  return new LocalReply(host, client, std::move(answer));
}

LocalAnswer Exchanges::AllowedAnswer(const RequestHead& head, const std::string& allowed) const {
  if (head.method() != "OPTIONS") {
    return ErrorAnswer(
        405,
        Error(api::v1::Error::UNKNOWN_METHOD, absl::StrCat("the path takes ", allowed, " alone")),
        {{"allow", allowed}});
  }
  TextFields fields = cors_.PreflightFieldsOf(head, allowed);
  fields.emplace_back("allow", allowed);
  return {.http_status = 204, .fields = std::move(fields), .body = nullptr};
}

ExchangePtr Exchanges::MakeHttp(CallHost& host, RequestHead head, ClientStream& client) const {
  const auto answer = [&](LocalAnswer it) { return Answer(host, head, client, std::move(it)); };
  // Of the whole gateway (RFC 9110 9.3.7).
  if (head.method() == "OPTIONS" && head.path() == "*") {
    return answer(AllowedAnswer(head, kAnyMethods));
  }
  if (const PublicPage* page = pages_.Find(PathIn(head.path()))) {
    const bool reads = head.method() == "GET" || head.method() == "HEAD";
    return answer(reads ? AnswerOf(*page, head) : AllowedAnswer(head, "GET, HEAD, OPTIONS"));
  }
  auto match = bindings_.Find(head.method(), PathIn(head.path()));
  if (!match.ok()) return answer(ErrorAnswer(400, match.status()));
  if (match->binding == nullptr) {
    if (match->allowed.empty()) {
      // What isn't there a page learns by the reply to its request, to which a preflight leads.
      if (Cors::IsPreflight(head)) {
        return answer({.http_status = 204,
                       .fields = cors_.PreflightFieldsOf(head, kAnyMethods),
                       .body = nullptr});
      }
      return answer(
          ErrorAnswer(404, Error(api::v1::Error::RESOURCE_NOT_FOUND, "nothing is at this path")));
    }
    return answer(AllowedAnswer(head, absl::StrJoin(match->allowed, ", ")));
  }
  auto query = ParseQuery(QueryIn(head.path()));
  if (!query.ok()) return answer(ErrorAnswer(400, query.status()));
  HttpRequest request(head, *std::move(match), *std::move(query));
  const int form = FormStatusOf(request);
  if (form != 0) {
    return answer(ErrorAnswer(form, Error(api::v1::Error::UNSUPPORTED_CALL, FormRuleOf(form))));
  }
  const Binding& binding = request.binding();
  TextFields extra = cors_.FieldsOf(head);
  if (RepliesHttpBody(binding)) {
    return new FileCall(host, client, std::move(head), std::move(request), std::move(extra));
  }
  if (binding.method->server_streaming()) {
    return new StreamCall(host, client, std::move(head), std::move(request), std::move(extra));
  }
  return new JsonCall(host, client, std::move(head), std::move(request), std::move(extra));
}

}  // namespace baliprocess::gateway
