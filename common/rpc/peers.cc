#include "common/rpc/peers.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/flags/declare.h"
#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"

#include "common/base/errors.h"
#include "common/base/loopback.h"
#include "common/base/service_name.h"
#include "common/base/status_macros.h"
#include "common/telemetry/log.h"

ABSL_FLAG(
    std::string, peers, "",
    "Where the services are that this one asks: membership=host:port. Of dns:///host:port with "
    "several addresses, one is used at a time. Not for membership, which asks nobody.");
ABSL_FLAG(std::string, peer_ca, "",
          "PEM file of the authorities that signed the certificates of --peers. They are shown "
          "--tls_cert. Empty: plaintext.");
ABSL_FLAG(std::string, peer_name, "",
          "The name that the certificates of --peers must have. Empty: the host of each address.");
ABSL_FLAG(absl::Duration, wait_for_peer, absl::Seconds(10),
          "How long a service of --peers may be out of reach, as while its only replica restarts, "
          "and calls that ask it wait for its return, each within its own deadline. After that "
          "they are refused at once until it is back. 0: they don't wait.");
ABSL_DECLARE_FLAG(std::string, tls_cert);
ABSL_DECLARE_FLAG(std::string, tls_key);
ABSL_DECLARE_FLAG(bool, allow_plaintext);
ABSL_DECLARE_FLAG(int32_t, worker_threads);

namespace baliprocess::rpc {
namespace {

using google::protobuf::MethodOptions;

absl::StatusOr<std::map<std::string, std::string>> Addresses() {
  std::map<std::string, std::string> addresses;
  for (const absl::string_view part :
       absl::StrSplit(absl::GetFlag(FLAGS_peers), ',', absl::SkipWhitespace())) {
    const std::pair<std::string, std::string> pair = absl::StrSplit(part, absl::MaxSplits('=', 1));
    if (pair.first.empty() || pair.second.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat("--peers: \"", part, "\" must be service=address"));
    }
    if (!addresses.insert(pair).second) {
      return absl::InvalidArgumentError(absl::StrCat("--peers names ", pair.first, " twice"));
    }
  }
  return addresses;
}

absl::StatusOr<std::unique_ptr<Peer>> Connect(const std::string& name, const std::string& address,
                                              const std::function<bool()>& ends) {
  PeerOptions options{.name = name, .address = address, .tls = {}, .certificate_name = ""};
  options.wait = absl::GetFlag(FLAGS_wait_for_peer);
  options.ends = ends;
  options.certificate_name = absl::GetFlag(FLAGS_peer_name);
  if (!absl::GetFlag(FLAGS_peer_ca).empty()) {
    options.tls = {absl::GetFlag(FLAGS_tls_cert), absl::GetFlag(FLAGS_tls_key),
                   absl::GetFlag(FLAGS_peer_ca)};
  } else if (!IsLoopback(address) && !absl::GetFlag(FLAGS_allow_plaintext)) {
    return absl::InvalidArgumentError(absl::StrCat("won't send tokens in plaintext to ", address,
                                                   ": give --peer_ca, or --allow_plaintext"));
  }
  return Peer::Create(std::move(options));
}

}  // namespace

std::string PeerAuthorities() { return absl::GetFlag(FLAGS_peer_ca); }

absl::StatusOr<std::unique_ptr<Peers>> Peers::FromFlags(const std::vector<std::string>& names,
                                                        telemetry::FileFollower::OnReload on_reload,
                                                        const std::function<bool()>& ends) {
  ASSIGN_OR_RETURN(const auto addresses, Addresses());
  if (absl::GetFlag(FLAGS_wait_for_peer) < absl::ZeroDuration()) {
    return absl::InvalidArgumentError("--wait_for_peer can't be negative");
  }
  const int workers = absl::GetFlag(FLAGS_worker_threads);
  auto peers = std::unique_ptr<Peers>(new Peers(std::max(1, workers / 2), std::move(on_reload)));
  for (const std::string& name : names) {
    const auto found = addresses.find(name);
    if (found == addresses.end()) {
      return absl::InvalidArgumentError(
          absl::StrCat("--peers must say where ", name, " is: ", name, "=host:port"));
    }
    ASSIGN_OR_RETURN(peers->by_name_[name], Connect(name, found->second, ends));
  }
  for (const auto& [name, address] : addresses) {
    if (peers->by_name_.count(name) == 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("--peers names ", name, "; this service asks ", absl::StrJoin(names, ", ")));
    }
  }
  if (const std::string ca = absl::GetFlag(FLAGS_peer_ca); !ca.empty()) {
    RETURN_IF_ERROR(peers->follower_.Follow(
        "peer_certificate", {absl::GetFlag(FLAGS_tls_cert), absl::GetFlag(FLAGS_tls_key), ca},
        [raw = peers.get()] { return raw->Renew(); }));
  }
  return peers;
}

absl::Status Peers::Renew() {
  for (const auto& [name, peer] : by_name_) RETURN_IF_ERROR(peer->Renew());
  return absl::OkStatus();
}

std::vector<HealthProbe> Peers::Probes() {
  std::vector<HealthProbe> probes;
  for (const auto& [name, peer] : by_name_) {
    probes.push_back(
        {.name = name, .ask = [asked = peer.get()] { return asked->AskHealth(); }, .peer = true});
  }
  return probes;
}

void Peers::AddMetrics(telemetry::Families& families) const {
  families.Counter("bali_peer_calls_total",
                   "Calls to other services, by what became of them: answered, failed, or refused "
                   "since the service was left alone for a while.");
  for (const auto& [name, peer] : by_name_) {
    const Peer::Counts counts = peer->counts();
    const auto add = [&, service = &name](const char* result, int64_t count) {
      families.Add({{"service", *service}, {"result", result}}, static_cast<double>(count));
    };
    add("answered", counts.calls - counts.failures);
    add("failed", counts.failures);
    add("refused", counts.refused);
  }
  families.Counter("bali_peer_waits_total",
                   "Calls that have waited for another service, which couldn't be reached.");
  for (const auto& [name, peer] : by_name_) {
    families.Add({{"service", name}}, static_cast<double>(peer->counts().waits));
  }
}

void Peers::SayCounts() const {
  for (const auto& [name, peer] : by_name_) {
    const Peer::Counts counts = peer->counts();
    telemetry::Log(telemetry::Level::kInfo, "peers", "what a service was asked")
        .Field("service", std::string_view(name))
        .Field("calls", counts.calls)
        .Field("failures", counts.failures)
        .Field("refused", counts.refused)
        .Field("waits", counts.waits);
  }
}

absl::Status Peers::Call(const rpc::Call& parent, const google::protobuf::MethodDescriptor& method,
                         const google::protobuf::Message& request,
                         google::protobuf::Message& reply) {
  const auto found = by_name_.find(ShortServiceName(method.service()->full_name()));
  if (found == by_name_.end()) {
    return absl::InternalError(absl::StrCat("no peer serves ", method.full_name()));
  }
  if (method.options().idempotency_level() != MethodOptions::NO_SIDE_EFFECTS) {
    return absl::InternalError(absl::StrCat(method.full_name(), " may change something"));
  }
  if (!waiting_.Take()) {
    return WithRetryAfter(
        Error(api::v1::Error::OVERLOADED, "too many calls wait for other services already"),
        absl::Seconds(1));
  }
  const absl::Cleanup release = [this] { waiting_.Release(); };
  const std::string path = absl::StrCat("/", method.service()->full_name(), "/", method.name());
  return found->second->Call(parent, path, request, reply);
}

}  // namespace baliprocess::rpc
