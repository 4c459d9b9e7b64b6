// A service as one event loop sees it: its addresses, which of them gets the next call, and calls
// that wait for one.

#ifndef BALIPROCESS_SERVICES_GATEWAY_UPSTREAM_BACKEND_H_
#define BALIPROCESS_SERVICES_GATEWAY_UPSTREAM_BACKEND_H_

#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "services/gateway/calls/call.h"
#include "services/gateway/settings/options.h"
#include "services/gateway/upstream/endpoint.h"
#include "services/gateway/upstream/shared_service.h"
#include "services/gateway/upstream/target.h"

namespace baliprocess::gateway {

class TlsContext;

class Backend final : private EndpointOwner {
 public:
  // `tls` is for connections to the service; null: they are plaintext. `shared` must outlive the
  // backend.
  Backend(Reactor& reactor, const TlsContext* tls, SharedService& shared,
          const ServiceAddresses& service);
  ~Backend();
  Backend(const Backend&) = delete;
  Backend& operator=(const Backend&) = delete;

  // Looks names up and connects, again and again.
  void Start();
  // Ends all connections and refuses what waits.
  void Stop();

  // Sends the call on, now or as soon as an address is usable. Refuses it, now or later, when there
  // has been none for Options::wait_for_service and no attempt to connect is under way, or when too
  // many wait. The call gives up waiting by itself.
  // Goes to another address than call.avoid(), if one is usable.
  void Submit(Call& call);

  // Whether an address is usable, besides the one with this id.
  bool HasOther(uint64_t address) const;

  // Whether an address is usable and serves.
  bool ready() const;

  // What is known of each address. From any thread.
  std::vector<EndpointSnapshot> Snapshot() const;

 private:
  void OnChange() override;
  void OnConnectFailure() override;
  bool MayEject() const override;
  void OnLeft(Endpoint& endpoint) override;

  // Has the endpoints be those that the targets stand for.
  void OnTargets();
  // How many connections the address with this index keeps, of so many addresses.
  int ConnectionsOf(size_t index, size_t count) const;
  // The endpoint for the next call; null when none is usable.
  // `avoid` is the id of the one to choose only when there is no other.
  Endpoint* Pick(EndpointLoad::Kind kind, uint64_t avoid);
  bool usable() const;
  bool hopeful() const;
  // Whether the service hasn't been out of reach for so long that it isn't waited for any more.
  bool patient() const { return SteadyNow() < patient_until_; }
  void NoteAbsence();
  void TryAll();
  void SetWaitingTimer();
  void OnWaiting();
  void RefuseWaiting();
  void Publish();

  Reactor& reactor_;
  const TlsContext* const tls_context_;
  SharedService& shared_;
  std::list<Target> targets_;
  std::vector<std::shared_ptr<Endpoint>> endpoints_;
  std::vector<std::shared_ptr<Endpoint>> leaving_;
  Call::WaitingList waiting_;
  FunctionTimer waiting_timer_;  // set while calls wait
  bool absent_ = false;          // no address is usable
  SteadyTime patient_until_;     // of the absence
  size_t next_ = 0;              // who has the first turn
  bool stopped_ = false;

  mutable std::mutex mutex_;
  struct Published {
    std::string address;
    std::shared_ptr<const EndpointStats> stats;
  };
  std::vector<Published> published_;  // under mutex_
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_UPSTREAM_BACKEND_H_
