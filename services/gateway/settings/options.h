// What a gateway is told: the settings that flags.h fills and tests construct.

#ifndef BALIPROCESS_SERVICES_GATEWAY_SETTINGS_OPTIONS_H_
#define BALIPROCESS_SERVICES_GATEWAY_SETTINGS_OPTIONS_H_

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"

#include "common/base/clock.h"
#include "common/base/tls_files.h"
#include "common/telemetry/operators.h"
#include "common/telemetry/reloads.h"
#include "common/telemetry/tracer.h"
#include "services/gateway/settings/networks.h"
#include "services/gateway/settings/security_contact.h"
#include "services/gateway/settings/sign_in.h"

namespace baliprocess::gateway {

class NameLookup;

enum class ClientCertificates { kNone, kOptional, kRequired };

// How a trusted proxy tells whose connection or request it passes on; kConnection: there is none.
enum class ClientAddress { kConnection, kProxyProtocol, kForwarded, kXForwardedFor };

// Where a service is found.
struct ServiceAddresses {
  // `membership`, or the full `baliprocess.membership.v1.MembershipService`.
  std::string service;
  // `host:port`, `[v6]:port` or `unix:/path`, any number. A host that is a name stands for all
  // addresses that it is known by; they are looked up again and again. Calls are spread over all.
  std::vector<std::string> addresses;
};

// What a connection, an address or a caller may have under way. A caller is the subject of its
// tokens; all of an address who have no token are one caller.
struct LoadLimits {
  int64_t unfinished_calls = INT64_MAX;  // whose request isn't whole
  int64_t unfinished_bytes = INT64_MAX;  // announced by their messages
  int64_t streams = INT64_MAX;           // open
};

// How often somebody may call: so often a second, and so many at once after a rest.
struct RateLimit {
  double per_second = 0;  // 0: there is no limit
  double at_once = 1;
};

// By role; a caller with several has the widest.
struct Rates {
  // Without a token, all of one address together: pages that people read, and who stands behind one
  // NAT.
  RateLimit anonymous = {20, 100};
  // A page of a program that people work with makes tens of calls at once.
  RateLimit observer = {100, 400};
  RateLimit member = {100, 400};
  // More than a program does that makes one call after the other, such as an import by balictl, and
  // a fraction of what services bear.
  RateLimit secretariat = {1000, 5000};
  RateLimit system_operator = {200, 1000};
};

struct Limits {
  size_t max_header_bytes = 16 << 10;  // names, values and 32 per field, as RFC 9113 6.5.2 counts
  uint32_t max_streams_per_connection = 100;
  int max_connections = 10000;
  // When places run short, who has had no request for so long gives way to others.
  absl::Duration spare_time = absl::Seconds(10);
  int max_connections_per_address = 1000;
  uint32_t max_message_bytes = 4 << 20;  // of a request; replies are the services' own
  uint64_t max_body_bytes = 64 << 20;    // of a request of HTTP/1.1
  // Buffered at most per stream and direction: the window that HTTP/2 grants a sender.
  int32_t stream_window_bytes = 128 << 10;

  // A connection's calls are bounded by max_streams_per_connection.
  LoadLimits per_connection = {.unfinished_bytes = 16 << 20};
  LoadLimits per_address = {.unfinished_calls = 1000, .unfinished_bytes = 32 << 20, .streams = 500};
  // Less than what a service takes of one subject (100 streams), and of all without a token (250).
  LoadLimits per_caller = {.unfinished_calls = 500, .unfinished_bytes = 32 << 20, .streams = 80};
  LoadLimits anonymous_per_address = {.streams = 50};
  // Of all clients. An address may have as much as is free (shared_pool.h): half when it is alone.
  int64_t max_calls = 3000;
  // That wait for one service (Options::wait_for_service), and bytes of their requests.
  int64_t max_waiting_calls = 1000;
  int64_t max_waiting_bytes = 8 << 20;
  int64_t max_unread_bytes = 48 << 20;                 // of replies, here and in the services
  absl::Duration request_timeout = absl::Seconds(60);  // for a message that has begun
  absl::Duration reply_timeout = absl::Seconds(30);    // for a client that takes nothing of a reply
  absl::Duration max_unary_deadline = absl::Minutes(10);

  Rates rates;

  // Abuse ends the connection. Work that no call asked for (net/work.h), in microseconds of a core,
  // that a connection may cause each second, and ten times as much at once.
  int work_per_second = 10000;
  int work_at_once() const { return 10 * work_per_second; }
  // The same of all connections of an address; twenty times as much at once.
  int work_per_second_per_address = 50000;
  int work_at_once_per_address() const { return 20 * work_per_second_per_address; }
  // Calls that a connection may break off at once, or in ten seconds: part of the same budget.
  int max_resets = 1000;

  absl::Duration handshake_timeout = absl::Seconds(10);   // TLS, and then the client's SETTINGS
  absl::Duration header_timeout = absl::Seconds(10);      // from a HEADERS frame to its last byte
  absl::Duration idle_timeout = absl::Minutes(30);        // without a call
  absl::Duration keepalive_interval = absl::Seconds(60);  // of silence, then a PING
  absl::Duration keepalive_timeout = absl::Seconds(20);   // for its answer
};

// How the addresses of services are watched over, and calls spread over them.
struct UpstreamOptions {
  absl::Duration resolve_interval = absl::Seconds(10);  // names are looked up again

  // An HTTP/2 PING goes out on a connection when a call waits there and nothing came for so long;
  // when nothing comes for `ping_timeout` after it, the connection is given up.
  bool ping = true;
  absl::Duration ping_after = absl::Seconds(1);
  absl::Duration ping_timeout = absl::Milliseconds(800);

  // Services are asked by grpc.health.v1 whether they serve. One that doesn't know this service
  // serves; so does one that says nothing for `health_timeout`.
  bool health = true;
  absl::Duration health_timeout = absl::Seconds(1);

  // A connection is replaced when it is so old, between 0.8 and 1.2 of it.
  absl::Duration connection_age = absl::Minutes(10);

  // An address that doesn't answer gets no calls for so long; each time in a row for twice as long.
  absl::Duration ejection = absl::Seconds(1);
  absl::Duration max_ejection = absl::Seconds(30);
  // An address that is usable again, or for the first time, gets its full share after so long.
  absl::Duration slow_start = absl::Seconds(5);

  // Calls that may be made again are when they fail, at most so many of a service's (0: none).
  double repeat_ratio = 0.2;
  // A unary call that may be made again and has no reply after this time is, elsewhere, once; and
  // after a third of the time that its caller gives it, if that is less.
  absl::Duration try_timeout = absl::Seconds(5);
  // Requests that are kept for that, in bytes per event loop; those beyond can't be repeated.
  int64_t max_kept_bytes = 16 << 20;
};

// Callers by their certificates (calls/identities.h).
struct IdentityFiles {
  std::string callers;      // who is who, in JSON; empty: nobody is known by a certificate
  std::string signing_key;  // PEM, of the tokens that are made for them
  std::string issuer = "baliprocess-gateway";  // of these
  std::string audience = "baliprocess";
};

struct Options {
  std::string listen = "127.0.0.1:8443";
  int threads = 0;  // event loops; 0: one per core
  TlsFiles tls;     // of the listener; without a certificate it speaks plaintext
  ClientCertificates client_certificates = ClientCertificates::kNone;
  IdentityFiles identities;
  bool allow_plaintext = false;  // beyond loopback

  // Who is behind a proxy (listen/proxy_header.h, calls/forwarded.h). Others aren't believed.
  ClientAddress client_address = ClientAddress::kConnection;
  Networks trusted_proxies;

  std::vector<ServiceAddresses> services;
  TlsFiles upstream_tls;            // with a ca, services are spoken to over TLS
  std::string upstream_name;        // what their certificates must name; empty: the address's host
  int connections_per_service = 2;  // per event loop, and at least one per address
  UpstreamOptions upstream;
  // A connection is replaced after this many: stream ids don't last for ever (RFC 9113 5.1.1).
  uint32_t calls_per_connection = 1u << 29;
  absl::Duration connect_timeout = absl::Seconds(2);
  absl::Duration reconnect_delay = absl::Milliseconds(50);  // the first; then doubled
  absl::Duration max_reconnect_delay = absl::Seconds(2);
  // Calls wait for a service that can't be reached, until it can't for so long.
  absl::Duration wait_for_service = absl::Seconds(10);

  absl::Duration default_deadline = absl::Seconds(30);  // of unary calls that state none
  absl::Duration tick = absl::Seconds(1);  // how often timeouts of connections are looked at
  absl::Duration follow_files = absl::Seconds(2);  // how often they are looked at
  std::shared_ptr<telemetry::Reloads> reloads =
      std::make_shared<telemetry::Reloads>(std::initializer_list<std::string_view>{
          "certificate", "identities", "jwks", "upstream_certificate"});
  bool access_log = true;
  // Origins whose pages may read replies (web/cors.h).
  std::vector<std::string> cors_origins;
  bool pages = true;  // the gateway's own, for everybody (web/public_pages.h)
  Limits limits;
  telemetry::Operators* operators = nullptr;  // whom the gateway is shown to; null: nobody
  std::shared_ptr<telemetry::Tracer> tracer;  // where spans go; null: no trace is recorded
  const Clock* clock = &Clock::System();      // judges the expiry of tokens
  NameLookup* names = nullptr;  // where names of services are looked up; null: the system
  SignIn sign_in;               // of those who read the gateway's own pages
  SecurityContact security;     // whom holes are reported to
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_SETTINGS_OPTIONS_H_
