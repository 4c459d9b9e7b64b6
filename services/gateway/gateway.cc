#include "services/gateway/gateway.h"

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <iterator>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

#include "common/base/loopback.h"
#include "common/base/processors.h"
#include "common/base/status_macros.h"
#include "common/telemetry/file_follower.h"
#include "common/telemetry/log.h"
#include "services/gateway/event_loop.h"
#include "services/gateway/listen/acceptor.h"
#include "services/gateway/listen/listener.h"
#include "services/gateway/net/address.h"
#include "services/gateway/operate/gateway_view.h"
#include "services/gateway/operate/inspection.h"

namespace baliprocess::gateway {
namespace {

absl::Status CheckListener(const Options& options) {
  ASSIGN_OR_RETURN(const std::string where, ListeningAt(options.listen));
  // What was meant to be secret must not be plaintext because a setting is missing.
  if (!options.tls.certificate.empty()) {
    if (!options.tls.key.empty()) return absl::OkStatus();
    return absl::InvalidArgumentError("a certificate needs its key");
  }
  if (options.client_certificates != ClientCertificates::kNone) {
    return absl::InvalidArgumentError("client certificates need TLS: give a certificate and a key");
  }
  if (!options.tls.key.empty()) return absl::InvalidArgumentError("a key needs its certificate");
  if (IsLoopback(where) || options.allow_plaintext) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "won't listen at ", where, " without TLS: give a certificate and a key, or allow plaintext"));
}

absl::Status CheckServices(const Options& options) {
  if (options.upstream_tls.ca.empty() && !options.upstream_tls.certificate.empty()) {
    return absl::InvalidArgumentError("a certificate to show to services needs the services' ca");
  }
  for (const ServiceAddresses& service : options.services) {
    for (const std::string& address : service.addresses) {
      RETURN_IF_ERROR(CheckAddress(address));
      if (IsLoopback(address) || !options.upstream_tls.ca.empty() || options.allow_plaintext)
        continue;
      return absl::InvalidArgumentError(absl::StrCat(
          "won't speak to ", address, " without TLS: give the ca of services, or allow plaintext"));
    }
  }
  return absl::OkStatus();
}

class RunningGateway final : public Gateway, private Inspection {
 public:
  RunningGateway(Options options, Routes routes, Exchanges exchanges, auth::TokenVerifier& verifier)
      : shared_{.options = std::move(options),
                .routes = std::move(routes),
                .exchanges = std::move(exchanges),
                .verifier = &verifier,
                .phase = Phase::kServing},
        view_(*this, shared_.options.wait_for_service),
        follower_([this](std::string_view what,
                         bool succeeded) { shared_.options.reloads->Add(what, succeeded); },
                  shared_.options.follow_files) {
    for (const std::string& name : services()) {
      shared_.services.emplace_back(name, shared_.options.limits);
    }
  }

  ~RunningGateway() override {
    shown_ = {};  // operators ask the loops
    for (auto& loop : loops_) loop->Stop();
    for (std::thread& thread : threads_) thread.join();
  }

  absl::Status Open() {
    const Options& options = shared_.options;
    RETURN_IF_ERROR(OpenTls());
    RETURN_IF_ERROR(OpenIdentities());
    const int threads = options.threads > 0 ? options.threads : UsableProcessors();
    for (int i = 0; i < threads; ++i) {
      loops_.push_back(std::make_unique<EventLoop>(shared_));
      if (loops_.back()->poller().usable()) continue;
      return absl::ResourceExhaustedError(absl::StrCat("epoll: ", strerror(errno)));
    }
    // The loops take turns.
    acceptor_ = std::make_unique<Acceptor>(
        *loops_.front(), shared_.peers, [this](UniqueFd socket, std::shared_ptr<Peer> peer) {
          loops_[next_loop_++ % loops_.size()]->Adopt(std::move(socket), std::move(peer));
        });
    RETURN_IF_ERROR(acceptor_->Listen(options.listen));
    for (auto& loop : loops_) threads_.emplace_back([&loop] { loop->Run(); });
    if (options.operators != nullptr) shown_ = options.operators->Show(view_);
    return absl::OkStatus();
  }

  int port() const override { return acceptor_->port(); }

  std::vector<EndpointSnapshot> Endpoints() const override {
    std::vector<EndpointSnapshot> all;
    for (const auto& loop : loops_) {
      for (EndpointSnapshot& endpoint : loop->Endpoints()) all.push_back(std::move(endpoint));
    }
    return all;
  }

  void Reload() override {
    follower_.TakeNow();
    shared_.verifier->Reload();
  }

  void AnnounceDrain() override {
    shared_.phase = Phase::kLeaving;
    for (auto& loop : loops_) {
      loop->Post([&loop = *loop] { loop.health().Refresh(); });
    }
  }

  void Drain(absl::Duration deadline) override {
    const SteadyTime by = After(SteadyNow(), deadline);
    shared_.phase = Phase::kLeaving;
    // First: whoever is accepted before is among those who are told.
    acceptor_->Stop([this] { Tell(stopped_); });
    Await(by, stopped_, 1);
    shared_.phase = Phase::kDraining;
    for (auto& loop : loops_) {
      loop->Drain([this] { Tell(drained_); });
    }
    Await(by, drained_, loops_.size());
  }

 private:
  // One more of what Await waits for.
  void Tell(size_t& count) {
    const std::lock_guard<std::mutex> lock(mutex_);
    ++count;
    changed_.notify_all();
  }

  void Await(SteadyTime by, const size_t& count, size_t wanted) {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait_until(lock, by, [&] { return count >= wanted; });
  }

  // The files are read by the follower's thread from then on.
  absl::Status OpenTls() {
    const Options& options = shared_.options;
    const auto listener = [this, &options] {
      auto context = MakeServerContext(options.tls, options.client_certificates);
      if (context.ok()) shared_.listener_tls.Set(*std::move(context));
      return context.status();
    };
    const auto upstream = [this, &options] {
      auto context = MakeClientContext(options.upstream_tls);
      if (context.ok()) shared_.upstream_tls.Set(*std::move(context));
      return context.status();
    };
    const TlsFiles& mine = options.tls;
    const TlsFiles& theirs = options.upstream_tls;
    if (!mine.certificate.empty()) {
      RETURN_IF_ERROR(
          follower_.Follow("certificate", {mine.certificate, mine.key, mine.ca}, listener));
    }
    if (!theirs.ca.empty()) {
      RETURN_IF_ERROR(follower_.Follow("upstream_certificate",
                                       {theirs.certificate, theirs.key, theirs.ca}, upstream));
    }
    return absl::OkStatus();
  }

  absl::Status OpenIdentities() {
    const Options& options = shared_.options;
    if (options.identities.callers.empty()) return absl::OkStatus();
    shared_.identities =
        std::make_unique<Identities>(options.identities, *shared_.verifier, *options.clock);
    return follower_.Follow("identities",
                            {options.identities.callers, options.identities.signing_key},
                            [this] { return shared_.identities->Reload(); });
  }

  const Routes& routes() const override { return shared_.routes; }
  std::vector<std::string> services() const override {
    std::vector<std::string> names;
    for (size_t i = 0; i < shared_.options.services.size(); ++i) {
      names.emplace_back(shared_.routes.ServiceOf(i));
    }
    return names;
  }
  size_t loops() const override { return loops_.size(); }
  const LoopCounts& loop_counts(size_t loop) const override { return loops_[loop]->counts(); }
  const CallCounts& call_counts(size_t loop) const override { return loops_[loop]->call_counts(); }
  std::vector<EndpointSnapshot> endpoints(size_t loop) const override {
    return loops_[loop]->Endpoints();
  }
  const RepeatBudget& repeats(size_t loop, size_t service) const override {
    return loops_[loop]->repeats(service);
  }
  const WaitingRoom& waiting(size_t service) const override {
    return shared_.services[service].waiting;
  }
  bool reached(size_t service) const override { return shared_.services[service].reached; }
  const CountsByWord& refused_connections() const override { return shared_.peers.refused(); }
  bool draining() const override { return shared_.phase != Phase::kServing; }
  telemetry::CallListing calls(size_t most, absl::Duration patience) override;

  Shared shared_;
  std::mutex mutex_;
  std::condition_variable changed_;
  size_t stopped_ = 0;  // acceptors; guarded by mutex_
  size_t drained_ = 0;  // loops; guarded by mutex_
  std::vector<std::unique_ptr<EventLoop>> loops_;
  size_t next_loop_ = 0;
  std::unique_ptr<Acceptor> acceptor_;
  std::vector<std::thread> threads_;
  const GatewayView view_;
  telemetry::Operators::Shown shown_;
  telemetry::FileFollower follower_;  // the first to go: its thread sets the contexts
};

telemetry::CallListing RunningGateway::calls(size_t most, absl::Duration patience) {
  struct Gathering {
    std::mutex mutex;
    std::condition_variable changed;
    telemetry::CallListing listing;
  };
  // Held by the loops: one that answers too late finds it still there.
  const auto gathering = std::make_shared<Gathering>();
  gathering->listing.silent_loops = loops_.size();
  for (auto& loop : loops_) {
    loop->Post([gathering, most, &loop = *loop] {
      std::vector<telemetry::CallDescription> calls = loop.DescribeCalls(most);
      const std::lock_guard<std::mutex> lock(gathering->mutex);
      telemetry::CallListing& listing = gathering->listing;
      std::move(calls.begin(), calls.end(), std::back_inserter(listing.calls));
      listing.in_flight += loop.in_flight().size();
      --listing.silent_loops;
      gathering->changed.notify_all();
    });
  }
  std::unique_lock<std::mutex> lock(gathering->mutex);
  gathering->changed.wait_for(lock, absl::ToChronoNanoseconds(patience),
                              [&] { return gathering->listing.silent_loops == 0; });
  return gathering->listing;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Gateway>> Gateway::Start(Options options,
                                                        const auth::AccessPolicy& policy,
                                                        auth::TokenVerifier& verifier) {
  RETURN_IF_ERROR(CheckListener(options));
  RETURN_IF_ERROR(CheckServices(options));
  if (!options.identities.callers.empty() &&
      (options.client_certificates == ClientCertificates::kNone ||
       options.identities.signing_key.empty())) {
    return absl::InvalidArgumentError(
        "callers that are known by certificates need client certificates and a signing key");
  }
  ASSIGN_OR_RETURN(Routes routes, Routes::Create(policy, options.services));
  ASSIGN_OR_RETURN(
      Exchanges exchanges,
      Exchanges::Create(policy, options.cors_origins,
                        PublicPages(options.pages, options.sign_in, options.security)));
  auto gateway = std::make_unique<RunningGateway>(std::move(options), std::move(routes),
                                                  std::move(exchanges), verifier);
  RETURN_IF_ERROR(gateway->Open());
  return gateway;
}

}  // namespace baliprocess::gateway
