// What a call needs of the event loop that it lives on: besides the reactor, the rules for calls
// and the way on to the services. The loop derives from this class, so that calls include nothing
// of the loop, of clients' connections or of services'.

#ifndef BALIPROCESS_SERVICES_GATEWAY_CALLS_CALL_HOST_H_
#define BALIPROCESS_SERVICES_GATEWAY_CALLS_CALL_HOST_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>

#include "common/auth/token.h"
#include "services/gateway/calls/admission.h"
#include "services/gateway/calls/call_counts.h"
#include "services/gateway/calls/exchange.h"
#include "services/gateway/calls/health.h"
#include "services/gateway/calls/in_flight.h"
#include "services/gateway/calls/kept_requests.h"
#include "services/gateway/calls/repeat_budget.h"
#include "services/gateway/calls/request_head.h"
#include "services/gateway/calls/routes.h"
#include "services/gateway/net/reactor.h"
#include "services/gateway/net/token_bucket.h"

namespace baliprocess::gateway {

class Call;
class ClientStream;

// How far a gateway is: it takes calls; it does and says that it soon won't; it is closing.
enum class Phase { kServing, kLeaving, kDraining };

class CallHost : public Reactor {
 public:
  // The arguments must outlive the host.
  CallHost(const Options& options, const Routes& routes, auth::TokenVerifier& verifier,
           Callers& callers, const std::atomic<Phase>& phase)
      : Reactor(options),
        routes_(routes),
        phase_(phase),
        call_counts_(routes),
        admission_(verifier, callers, options.limits.rates, *options.clock),
        health_(*this),
        kept_requests_(options.upstream.max_kept_bytes) {
    for (size_t i = 0; i < options.services.size(); ++i) {
      repeats_.emplace_back(std::string(routes.ServiceOf(i)), options.upstream.repeat_ratio,
                            SteadyNow());
    }
  }

  const Routes& routes() const { return routes_; }
  Admission& admission() { return admission_; }
  Health& health() { return health_; }
  // May be read on any thread.
  CallCounts& call_counts() { return call_counts_; }
  InFlightList& in_flight() { return in_flight_; }

  // Null: no trace is recorded.
  telemetry::Tracer* tracer() const { return options().tracer.get(); }
  // Whether a trace may be recorded because its client asks for that: ten a second at most, so that
  // nobody can fill a collector.
  bool MayTraceAsAsked(SteadyTime now) { return asked_traces_.TryTake(1, now); }
  KeptRequests& kept_requests() { return kept_requests_; }
  // Of calls to Options::services[backend].
  RepeatBudget& repeats(size_t backend) { return repeats_[backend]; }
  // Whether the gateway is closing.
  bool draining() const { return phase_ == Phase::kDraining; }
  // Whether clients had better go elsewhere.
  bool leaving() const { return phase_ != Phase::kServing; }

  // Whether the host has ended: nothing is sent on any more.
  bool ended() const { return ended_; }

  // What handles a request with this head. Its reply goes to `client`, which lives until the
  // exchange is told OnClientClosed.
  virtual ExchangePtr MakeExchange(RequestHead head, ClientStream& client) = 0;

  // Sends the call on to Options::services[backend], now or as soon as a connection to that service
  // is ready; to another address than call.avoid(), if there is one.
  virtual void Forward(size_t backend, Call& call) = 0;

  // Whether an address of Options::services[backend] is usable, besides this one.
  virtual bool HasOther(size_t backend, uint64_t address) const = 0;

  // Whether there is a connection to Options::services[backend].
  virtual bool IsReady(size_t backend) const = 0;

 protected:
  ~CallHost() = default;
  void End() { ended_ = true; }

 private:
  const Routes& routes_;
  const std::atomic<Phase>& phase_;
  CallCounts call_counts_;
  InFlightList in_flight_;
  TokenBucket asked_traces_{10, 10, SteadyNow()};
  Admission admission_;
  Health health_;
  KeptRequests kept_requests_;
  bool ended_ = false;
  std::deque<RepeatBudget> repeats_;  // as Options::services
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_CALLS_CALL_HOST_H_
