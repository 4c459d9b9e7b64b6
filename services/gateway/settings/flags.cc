#include "services/gateway/settings/flags.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <string>
#include <vector>

#include "absl/flags/declare.h"
#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "common/base/status_macros.h"
#include "services/gateway/settings/rates.h"
#include "services/gateway/settings/sign_in.h"

ABSL_FLAG(
    std::string, listen, "127.0.0.1:8443",
    "Where to serve: host:port; port 0 takes any that is free. fd:3 is a listening socket that "
    "the gateway inherits as this descriptor, such as of a systemd socket unit: connections "
    "wait there, and none is lost, while one gateway takes the place of another.");
ABSL_FLAG(int32_t, threads, 0,
          "Event loops; 0: one for each processor that the process may use (its affinity, and "
          "the limit of its control group).");
ABSL_FLAG(
    std::string, tls_cert, "",
    "PEM file of the certificate that clients see, intermediates after it. Empty: plaintext.");
ABSL_FLAG(std::string, tls_key, "", "PEM file of the certificate's private key.");
ABSL_FLAG(
    std::string, client_certificates, "none",
    "Whether clients show a certificate: none, optional or required. --client_ca says whose.");
ABSL_FLAG(std::string, client_ca, "", "PEM file of the authorities of clients' certificates.");
ABSL_FLAG(std::vector<std::string>, trusted_proxies, {},
          "Networks of balancers in front of the gateway, such as 10.0.0.0/8,2001:db8::/48. They, "
          "and nobody else, are believed whose connections and requests they pass on, as "
          "--client_address says.");
ABSL_FLAG(
    std::string, client_address, "connection",
    "How --trusted_proxies tell a client's address, which limits and logs go by: "
    "proxy-protocol (versions 1 and 2; each of their connections must begin with that header), "
    "forwarded (the header field of RFC 7239) or x-forwarded-for. Name what they write: a field "
    "that they pass on as it came is the client's word. connection: there are no proxies.");
ABSL_FLAG(
    std::string, client_identities, "",
    "A JSON file of callers that are known by the URI in their certificates, and need no token: "
    "[{\"uri\": \"spiffe://example.org/desk\", \"subject\": \"desk\", \"roles\": "
    "[\"member\"], \"member\": \"aus\"}]. A token beside a certificate counts alone. Needs "
    "--client_certificates and --internal_signing_key; followed when it changes.");
ABSL_FLAG(
    std::string, internal_signing_key, "",
    "PEM file of the key with which the gateway signs a token of five minutes for each of "
    "--client_identities, for the services. Gateway and services must list --internal_issuer, "
    "with the public key, in --issuers. balictl keygen makes both. Followed when it changes: a "
    "key whose public half isn't known yet leaves the old one in use.");
ABSL_FLAG(
    std::string, internal_issuer, "baliprocess-gateway",
    "The `iss` of tokens that --internal_signing_key signs; their `aud` is --token_audience.");
ABSL_FLAG(
    bool, allow_plaintext, false,
    "Serve, and speak to services, in plaintext elsewhere than on loopback and unix sockets.");
ABSL_FLAG(std::string, upstream, "",
          "Where services are: membership=host:port,meetings=host:port. Several addresses of one "
          "service are joined by +; unix:/path is an address too. A host that is a name stands for "
          "all addresses that it is known by. Calls go to the address with the least under way. "
          "Required.");
ABSL_FLAG(absl::Duration, resolve_interval, absl::Seconds(10),
          "How often names of services are looked up again; sooner when an address can't be "
          "connected to.");
ABSL_FLAG(bool, upstream_ping, true,
          "Send an HTTP/2 PING to a service when a call waits and nothing came for a second, and "
          "give the connection up when there is no answer. Off for services that take PINGs for "
          "abuse, as gRPC's servers do unless they are told otherwise.");
ABSL_FLAG(
    bool, upstream_health, true,
    "Ask services by grpc.health.v1 whether they serve, and send calls to those that say that "
    "they don't only while no other does. Services that don't know grpc.health.v1 are taken "
    "to serve.");
ABSL_FLAG(absl::Duration, connection_age, absl::Minutes(10),
          "How old a connection to a service becomes before another takes its place, more or less "
          "a fifth: new replicas behind one address get their share.");
ABSL_FLAG(absl::Duration, max_ejection, absl::Seconds(30),
          "How long at most an address gets no calls because it didn't answer. It begins with a "
          "second and doubles. No more than half of a service's addresses are ejected.");
ABSL_FLAG(absl::Duration, slow_start, absl::Seconds(5),
          "How long an address that has become usable takes to get its full share of calls.");
ABSL_FLAG(double, repeat_ratio, 0.2,
          "How many calls to a service may be repeated, as a part of all; a few always may. Calls "
          "are repeated that fail before a reply has begun and that may be made again: their "
          "method says so (idempotency_level), they have a request_id, or the service never saw "
          "them. 0: none.");
ABSL_FLAG(absl::Duration, try_timeout, absl::Seconds(5),
          "A unary call that may be made again and has no reply after this time is made again at "
          "another address, once; and after a third of its caller's time, if that is less.");
ABSL_FLAG(std::string, upstream_ca, "",
          "PEM file of the authorities of services' certificates. Empty: plaintext.");
ABSL_FLAG(std::string, upstream_cert, "", "PEM file of the certificate shown to services.");
ABSL_FLAG(std::string, upstream_key, "", "PEM file of that certificate's private key.");
ABSL_FLAG(std::string, upstream_name, "",
          "The name that services' certificates must have. Empty: the host of their address.");
ABSL_FLAG(int32_t, connections_per_service, 2,
          "Connections to each service per event loop; never less than one per address.");
ABSL_FLAG(absl::Duration, connect_timeout, absl::Seconds(2),
          "How long an attempt to connect to a service may take, and a call waits for the first "
          "one.");
ABSL_FLAG(
    absl::Duration, wait_for_service, absl::Seconds(10),
    "How long a service may be out of reach, such as while its only replica restarts, and calls "
    "wait for it, each within its own deadline. After that calls are refused at once until the "
    "service is back. 0: calls wait for no more than the first attempt to connect.");
ABSL_FLAG(int64_t, max_waiting_calls, 1000,
          "Calls at once that wait for one service; more are refused at once.");
ABSL_FLAG(int64_t, max_waiting_bytes, 8 << 20,
          "Bytes of the requests of calls that wait for one service; more are refused at once.");
ABSL_FLAG(absl::Duration, default_deadline, absl::Seconds(30),
          "The deadline of unary calls whose caller set none.");
ABSL_FLAG(int32_t, max_header_bytes, 16 << 10, "The largest headers of a call, in bytes.");
ABSL_FLAG(int32_t, max_streams_per_connection, 100, "Calls at once on a client's connection.");
ABSL_FLAG(int32_t, max_connections, 10000,
          "Connections of clients at once. When nine of ten are there, those that have had no "
          "request for 10 s give way to others, the longest idle first.");
ABSL_FLAG(int32_t, max_connections_per_address, 1000,
          "Connections at once from one address. This and the other limits of an address hold for "
          "all clients behind one NAT or proxy together, and for an IPv6 network of 64 bits: raise "
          "the flags that end in _per_address where many share one.");
ABSL_FLAG(
    int64_t, max_calls, 3000,
    "Calls at once of all clients. An address may have as many as are free: half of them when "
    "it is alone.");
ABSL_FLAG(int32_t, max_message_bytes, 4 << 20, "The largest message of a request, in bytes.");
ABSL_FLAG(int64_t, max_body_bytes, 64 << 20,
          "The largest body of a request of HTTP/1.1, in bytes. Of a body that is one message, "
          "--max_message_bytes bites first.");
ABSL_FLAG(int64_t, max_unfinished_calls_per_address, 1000,
          "Calls at once of one address whose request hasn't come to its end.");
ABSL_FLAG(
    int64_t, max_unfinished_calls_per_caller, 500,
    "Calls at once of one caller, by the subject of its tokens, whose request hasn't come to its "
    "end.");
ABSL_FLAG(int64_t, max_unfinished_bytes_per_connection, 16 << 20,
          "Bytes of messages that a connection's calls may have announced and not sent to their "
          "end.");
ABSL_FLAG(
    int64_t, max_unfinished_bytes_per_address, 32 << 20,
    "Bytes of messages that the calls of one address may have announced and not sent to their "
    "end.");
ABSL_FLAG(int64_t, max_unfinished_bytes_per_caller, 32 << 20,
          "Bytes of messages that the calls of one caller, by the subject of its tokens, may have "
          "announced and not sent to their end.");
ABSL_FLAG(int64_t, max_streams_per_address, 500,
          "Open streams, such as watches, of one address at once.");
ABSL_FLAG(int64_t, max_streams_per_caller, 80,
          "Open streams of one caller at once, by the subject of its tokens. Services have limits "
          "of their own (--max_streams_per_subject).");
ABSL_FLAG(int64_t, max_anonymous_streams_per_address, 50,
          "Open streams without a token of one address at once. Services have a limit of their own "
          "for those of all addresses (--max_anonymous_streams).");
ABSL_FLAG(
    std::vector<std::string>, rates, {},
    "Calls a second of one caller, by the subject of its tokens, and how many at once after a "
    "rest, by role. The default is public=20:100,observer=100:400,member=100:400,"
    "secretariat=1000:5000,operator=200:1000; what isn't named keeps it, member=0 is no "
    "limit, and none alone limits nobody. public is for all without a token of one address "
    "together, or of one IPv6 network "
    "of 64 bits. A caller with several roles has the widest. Beyond that calls are refused with "
    "RATE_LIMITED, or 429, and told when to come again. Health checks aren't counted.");
ABSL_FLAG(int64_t, max_unread_bytes, 48 << 20,
          "Bytes of replies that have begun to come and that clients haven't read, here and in the "
          "services. An address may have as many as are free: half of them when it is alone. Calls "
          "beyond that are ended, to be retried.");
ABSL_FLAG(
    absl::Duration, handshake_timeout, absl::Seconds(10),
    "How long a client's connection may take to a TLS handshake and the first word behind it, "
    "and a balancer's to its PROXY header.");
ABSL_FLAG(absl::Duration, header_timeout, absl::Seconds(10),
          "How long the head of a request may take to come, once it has begun.");
ABSL_FLAG(absl::Duration, request_timeout, absl::Seconds(60),
          "How long a message of a request may take to come; by HTTP a body, and each 256 KiB of a "
          "file.");
ABSL_FLAG(
    absl::Duration, reply_timeout, absl::Seconds(30),
    "How long a client may take nothing of a reply that waits for it, before the call is ended.");
ABSL_FLAG(absl::Duration, max_unary_deadline, absl::Minutes(10),
          "The longest deadline of unary calls: later ones are brought forward.");
ABSL_FLAG(int32_t, max_resets, 1000,
          "Calls that a connection may break off within 10 seconds before it is cut.");
ABSL_FLAG(
    int32_t, work_per_second, 10000,
    "Work that a connection may cause each second with frames that move nothing, such as PING "
    "or one-byte DATA, in microseconds of a core, before it is cut. Ten times as much at once.");
ABSL_FLAG(
    int32_t, work_per_second_per_address, 50000,
    "As --work_per_second, for all connections of one address. Twenty times as much at once.");
ABSL_FLAG(absl::Duration, idle_timeout, absl::Minutes(30),
          "How long a connection of a client is kept without a call or another request.");
ABSL_FLAG(std::vector<std::string>, cors_origins, {},
          "Origins whose pages may read replies, as browsers send them: https://desk.example.org, "
          "joined by commas; * is every origin. Empty: none.");
ABSL_FLAG(
    bool, pages, true,
    "Answer the pages of the record at /, and /openapi.json, /descriptors.binpb and /docs, which "
    "describe the interface, to everybody.");
ABSL_FLAG(
    std::string, oidc_client_id, "",
    "The client that the pages of the record are at the first --oidc_issuer: readers sign in "
    "there, and its tokens are good here. It is a public client (PKCE, no secret) whose redirect "
    "URI is https://GATEWAY/sign-in. Empty: a token can be pasted.");
ABSL_FLAG(
    std::string, oidc_scope, "openid offline_access",
    "What the pages ask that issuer for. offline_access has tokens renewed until the reader signs "
    "out; without it, readers sign in again when a token ends.");
ABSL_FLAG(bool, access_log, true, "Log every call.");
ABSL_DECLARE_FLAG(std::string, token_audience);
ABSL_DECLARE_FLAG(std::vector<std::string>, oidc_issuer);
ABSL_DECLARE_FLAG(std::string, roles_claim);
ABSL_DECLARE_FLAG(std::string, member_claim);

namespace baliprocess::gateway {
namespace {

absl::StatusOr<ClientCertificates> ParseClientCertificates(const std::string& text) {
  if (text == "none") return ClientCertificates::kNone;
  if (text == "optional") return ClientCertificates::kOptional;
  if (text == "required") return ClientCertificates::kRequired;
  return absl::InvalidArgumentError("--client_certificates must be none, optional or required");
}

absl::StatusOr<ClientAddress> ParseClientAddress(const std::string& text, bool proxies) {
  if (proxies != (text != "connection")) {
    return absl::InvalidArgumentError("--trusted_proxies and --client_address belong together");
  }
  if (text == "connection") return ClientAddress::kConnection;
  if (text == "proxy-protocol") return ClientAddress::kProxyProtocol;
  if (text == "forwarded") return ClientAddress::kForwarded;
  if (text == "x-forwarded-for") return ClientAddress::kXForwardedFor;
  return absl::InvalidArgumentError(
      "--client_address must be connection, proxy-protocol, forwarded or x-forwarded-for");
}

// Before conversion: a negative number would become an enormous one.
absl::Status CheckPositive() {
  const int64_t numbers[] = {
      absl::GetFlag(FLAGS_connections_per_service),
      absl::GetFlag(FLAGS_max_header_bytes),
      absl::GetFlag(FLAGS_max_streams_per_connection),
      absl::GetFlag(FLAGS_max_connections),
      absl::GetFlag(FLAGS_max_connections_per_address),
      absl::GetFlag(FLAGS_max_message_bytes),
      absl::GetFlag(FLAGS_max_body_bytes),
      absl::GetFlag(FLAGS_max_resets),
      absl::GetFlag(FLAGS_work_per_second),
      absl::GetFlag(FLAGS_work_per_second_per_address),
      absl::GetFlag(FLAGS_max_calls),
      absl::GetFlag(FLAGS_max_waiting_calls),
      absl::GetFlag(FLAGS_max_waiting_bytes),
      absl::GetFlag(FLAGS_max_anonymous_streams_per_address),
      absl::GetFlag(FLAGS_max_unread_bytes),
      absl::GetFlag(FLAGS_max_unfinished_calls_per_address),
      absl::GetFlag(FLAGS_max_unfinished_calls_per_caller),
      absl::GetFlag(FLAGS_max_unfinished_bytes_per_connection),
      absl::GetFlag(FLAGS_max_unfinished_bytes_per_address),
      absl::GetFlag(FLAGS_max_unfinished_bytes_per_caller),
      absl::GetFlag(FLAGS_max_streams_per_address),
      absl::GetFlag(FLAGS_max_streams_per_caller),
  };
  const absl::Duration durations[] = {
      absl::GetFlag(FLAGS_connect_timeout),    absl::GetFlag(FLAGS_default_deadline),
      absl::GetFlag(FLAGS_request_timeout),    absl::GetFlag(FLAGS_reply_timeout),
      absl::GetFlag(FLAGS_max_unary_deadline), absl::GetFlag(FLAGS_idle_timeout),
      absl::GetFlag(FLAGS_resolve_interval),   absl::GetFlag(FLAGS_connection_age),
      absl::GetFlag(FLAGS_max_ejection),       absl::GetFlag(FLAGS_slow_start),
      absl::GetFlag(FLAGS_try_timeout),        absl::GetFlag(FLAGS_handshake_timeout),
      absl::GetFlag(FLAGS_header_timeout)};
  const bool positive =
      std::all_of(std::begin(numbers), std::end(numbers), [](int64_t n) { return n > 0; }) &&
      std::all_of(std::begin(durations), std::end(durations),
                  [](absl::Duration d) { return d > absl::ZeroDuration(); });
  if (positive) return absl::OkStatus();
  return absl::InvalidArgumentError(
      "limits, timeouts and --connections_per_service must be positive");
}

void SetLoadLimits(Limits& limits) {
  limits.per_connection.unfinished_bytes = absl::GetFlag(FLAGS_max_unfinished_bytes_per_connection);
  limits.per_address.unfinished_calls = absl::GetFlag(FLAGS_max_unfinished_calls_per_address);
  limits.per_address.unfinished_bytes = absl::GetFlag(FLAGS_max_unfinished_bytes_per_address);
  limits.per_address.streams = absl::GetFlag(FLAGS_max_streams_per_address);
  limits.per_caller.unfinished_calls = absl::GetFlag(FLAGS_max_unfinished_calls_per_caller);
  limits.per_caller.unfinished_bytes = absl::GetFlag(FLAGS_max_unfinished_bytes_per_caller);
  limits.per_caller.streams = absl::GetFlag(FLAGS_max_streams_per_caller);
  limits.anonymous_per_address.streams = absl::GetFlag(FLAGS_max_anonymous_streams_per_address);
}

void SetLimits(Limits& limits) {
  limits.max_header_bytes = static_cast<size_t>(absl::GetFlag(FLAGS_max_header_bytes));
  limits.max_streams_per_connection =
      static_cast<uint32_t>(absl::GetFlag(FLAGS_max_streams_per_connection));
  limits.max_connections = absl::GetFlag(FLAGS_max_connections);
  limits.max_connections_per_address = absl::GetFlag(FLAGS_max_connections_per_address);
  limits.max_message_bytes = static_cast<uint32_t>(absl::GetFlag(FLAGS_max_message_bytes));
  limits.max_body_bytes = static_cast<uint64_t>(absl::GetFlag(FLAGS_max_body_bytes));
  limits.max_resets = absl::GetFlag(FLAGS_max_resets);
  limits.work_per_second = absl::GetFlag(FLAGS_work_per_second);
  limits.idle_timeout = absl::GetFlag(FLAGS_idle_timeout);
  limits.work_per_second_per_address = absl::GetFlag(FLAGS_work_per_second_per_address);
  limits.max_calls = absl::GetFlag(FLAGS_max_calls);
  limits.max_waiting_calls = absl::GetFlag(FLAGS_max_waiting_calls);
  limits.max_waiting_bytes = absl::GetFlag(FLAGS_max_waiting_bytes);
  limits.max_unread_bytes = absl::GetFlag(FLAGS_max_unread_bytes);
  SetLoadLimits(limits);
  limits.handshake_timeout = absl::GetFlag(FLAGS_handshake_timeout);
  limits.header_timeout = absl::GetFlag(FLAGS_header_timeout);
  limits.request_timeout = absl::GetFlag(FLAGS_request_timeout);
  limits.reply_timeout = absl::GetFlag(FLAGS_reply_timeout);
  limits.max_unary_deadline = absl::GetFlag(FLAGS_max_unary_deadline);
}

UpstreamOptions UpstreamOptionsFromFlags() {
  UpstreamOptions options;
  options.resolve_interval = absl::GetFlag(FLAGS_resolve_interval);
  options.ping = absl::GetFlag(FLAGS_upstream_ping);
  options.health = absl::GetFlag(FLAGS_upstream_health);
  options.connection_age = absl::GetFlag(FLAGS_connection_age);
  options.max_ejection = absl::GetFlag(FLAGS_max_ejection);
  options.slow_start = absl::GetFlag(FLAGS_slow_start);
  options.repeat_ratio = absl::GetFlag(FLAGS_repeat_ratio);
  options.try_timeout = absl::GetFlag(FLAGS_try_timeout);
  return options;
}

absl::StatusOr<SignIn> SignInFromFlags() {
  ASSIGN_OR_RETURN(SignIn sign_in,
                   SignInAt(absl::GetFlag(FLAGS_oidc_issuer), absl::GetFlag(FLAGS_oidc_client_id)));
  sign_in.scope = absl::GetFlag(FLAGS_oidc_scope);
  sign_in.roles_claim = absl::GetFlag(FLAGS_roles_claim);
  sign_in.member_claim = absl::GetFlag(FLAGS_member_claim);
  return sign_in;
}

}  // namespace

absl::StatusOr<std::vector<ServiceAddresses>> ParseUpstreams(const std::string& text) {
  std::vector<ServiceAddresses> services;
  for (const absl::string_view part : absl::StrSplit(text, ',', absl::SkipWhitespace())) {
    const std::pair<std::string, std::string> pair = absl::StrSplit(part, absl::MaxSplits('=', 1));
    if (pair.first.empty() || pair.second.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat("--upstream: \"", part, "\" must be service=address"));
    }
    services.push_back({pair.first, absl::StrSplit(pair.second, '+')});
  }
  if (services.empty()) {
    return absl::InvalidArgumentError("--upstream is required, such as membership=127.0.0.1:7401");
  }
  return services;
}

absl::StatusOr<Options> OptionsFromFlags() {
  RETURN_IF_ERROR(CheckPositive());
  const double repeat_ratio = absl::GetFlag(FLAGS_repeat_ratio);
  if (!(repeat_ratio >= 0 && repeat_ratio <= 1)) {
    return absl::InvalidArgumentError("--repeat_ratio must be between 0 and 1");
  }
  Options options;
  options.wait_for_service = absl::GetFlag(FLAGS_wait_for_service);
  if (options.wait_for_service < absl::ZeroDuration()) {
    return absl::InvalidArgumentError("--wait_for_service can't be negative");
  }
  options.listen = absl::GetFlag(FLAGS_listen);
  options.threads = absl::GetFlag(FLAGS_threads);
  options.tls = {absl::GetFlag(FLAGS_tls_cert), absl::GetFlag(FLAGS_tls_key),
                 absl::GetFlag(FLAGS_client_ca)};
  ASSIGN_OR_RETURN(options.client_certificates,
                   ParseClientCertificates(absl::GetFlag(FLAGS_client_certificates)));
  ASSIGN_OR_RETURN(options.trusted_proxies, Networks::Parse(absl::GetFlag(FLAGS_trusted_proxies)));
  ASSIGN_OR_RETURN(options.client_address, ParseClientAddress(absl::GetFlag(FLAGS_client_address),
                                                              !options.trusted_proxies.empty()));
  options.identities = {absl::GetFlag(FLAGS_client_identities),
                        absl::GetFlag(FLAGS_internal_signing_key),
                        absl::GetFlag(FLAGS_internal_issuer), absl::GetFlag(FLAGS_token_audience)};
  options.allow_plaintext = absl::GetFlag(FLAGS_allow_plaintext);
  ASSIGN_OR_RETURN(options.services, ParseUpstreams(absl::GetFlag(FLAGS_upstream)));
  options.upstream_tls = {absl::GetFlag(FLAGS_upstream_cert), absl::GetFlag(FLAGS_upstream_key),
                          absl::GetFlag(FLAGS_upstream_ca)};
  options.upstream_name = absl::GetFlag(FLAGS_upstream_name);
  options.connections_per_service = absl::GetFlag(FLAGS_connections_per_service);
  options.upstream = UpstreamOptionsFromFlags();
  options.connect_timeout = absl::GetFlag(FLAGS_connect_timeout);
  options.default_deadline = absl::GetFlag(FLAGS_default_deadline);
  options.access_log = absl::GetFlag(FLAGS_access_log);
  options.pages = absl::GetFlag(FLAGS_pages);
  ASSIGN_OR_RETURN(options.sign_in, SignInFromFlags());
  ASSIGN_OR_RETURN(options.security, SecurityContactFromFlags());
  options.cors_origins = absl::GetFlag(FLAGS_cors_origins);
  SetLimits(options.limits);
  ASSIGN_OR_RETURN(options.limits.rates, ParseRates(absl::GetFlag(FLAGS_rates)));
  return options;
}

}  // namespace baliprocess::gateway
