#include "services/gateway/gateway.h"

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

#include "common/base/loopback.h"
#include "common/base/status_macros.h"
#include "services/gateway/event_loop.h"
#include "services/gateway/listen/acceptor.h"
#include "services/gateway/net/address.h"

namespace baliprocess::gateway {
namespace {

absl::Status CheckListener(const Options& options) {
  RETURN_IF_ERROR(SplitHostPort(options.listen).status());
  // What was meant to be secret must not be plaintext because a setting is missing.
  if (!options.tls.certificate.empty()) {
    if (!options.tls.key.empty()) return absl::OkStatus();
    return absl::InvalidArgumentError("a certificate needs its key");
  }
  if (options.client_certificates != ClientCertificates::kNone) {
    return absl::InvalidArgumentError("client certificates need TLS: give a certificate and a key");
  }
  if (!options.tls.key.empty()) return absl::InvalidArgumentError("a key needs its certificate");
  if (IsLoopback(options.listen) || options.allow_plaintext) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("won't listen at ", options.listen,
                   " without TLS: give a certificate and a key, or allow plaintext"));
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

class RunningGateway final : public Gateway {
 public:
  RunningGateway(Options options, Routes routes, Exchanges exchanges, auth::TokenVerifier& verifier)
      : shared_{.options = std::move(options),
                .routes = std::move(routes),
                .exchanges = std::move(exchanges),
                .verifier = &verifier,
                .listener_tls = nullptr,
                .upstream_tls = nullptr,
                .draining = false} {}

  ~RunningGateway() override {
    for (auto& loop : loops_) loop->Stop();
    for (std::thread& thread : threads_) thread.join();
  }

  absl::Status Open() {
    const Options& options = shared_.options;
    if (!options.tls.certificate.empty()) {
      ASSIGN_OR_RETURN(shared_.listener_tls,
                       MakeServerContext(options.tls, options.client_certificates));
    }
    if (!options.upstream_tls.ca.empty()) {
      ASSIGN_OR_RETURN(shared_.upstream_tls, MakeClientContext(options.upstream_tls));
    }
    const int cores = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
    const int threads = options.threads > 0 ? options.threads : cores;
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
    return absl::OkStatus();
  }

  int port() const override { return acceptor_->port(); }

  void Drain(absl::Duration deadline) override {
    acceptor_->Stop();
    shared_.draining = true;
    for (auto& loop : loops_) {
      loop->Drain([this] {
        const std::lock_guard<std::mutex> lock(mutex_);
        ++drained_;
        changed_.notify_all();
      });
    }
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait_for(lock, absl::ToChronoNanoseconds(deadline),
                      [this] { return drained_ == loops_.size(); });
  }

 private:
  Shared shared_;
  std::mutex mutex_;
  std::condition_variable changed_;
  size_t drained_ = 0;
  std::vector<std::unique_ptr<EventLoop>> loops_;
  size_t next_loop_ = 0;
  std::unique_ptr<Acceptor> acceptor_;
  std::vector<std::thread> threads_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Gateway>> Gateway::Start(Options options,
                                                        const auth::AccessPolicy& policy,
                                                        auth::TokenVerifier& verifier) {
  RETURN_IF_ERROR(CheckListener(options));
  RETURN_IF_ERROR(CheckServices(options));
  ASSIGN_OR_RETURN(Routes routes, Routes::Create(policy, options.services));
  ASSIGN_OR_RETURN(Exchanges exchanges, Exchanges::Create(policy, options.cors_origins));
  auto gateway = std::make_unique<RunningGateway>(std::move(options), std::move(routes),
                                                  std::move(exchanges), verifier);
  RETURN_IF_ERROR(gateway->Open());
  return gateway;
}

}  // namespace baliprocess::gateway
