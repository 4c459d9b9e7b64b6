// Looks up the names of services, which may take seconds, on a thread of its own.

#ifndef BALIPROCESS_SERVICES_GATEWAY_NET_RESOLVER_H_
#define BALIPROCESS_SERVICES_GATEWAY_NET_RESOLVER_H_

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "services/gateway/net/address.h"

namespace baliprocess::gateway {

// Where names are looked up. Tests have one of their own.
class NameLookup {
 public:
  virtual ~NameLookup() = default;
  // The addresses of a host: waits for them. Empty when it isn't known.
  virtual std::vector<SocketAddress> LookUp(const HostPort& host_port) = 0;

  // The system's.
  static NameLookup& System();
};

// One at a time, in the order of asking.
class Resolver {
 public:
  // Called on the resolver's thread; with nothing when the name isn't known.
  using Done = std::function<void(std::vector<SocketAddress>)>;

  // `lookup` must outlive the resolver.
  explicit Resolver(NameLookup& lookup) : lookup_(lookup) {}
  // Waits for what is being looked up; the rest isn't answered.
  ~Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  void Resolve(HostPort host_port, Done done);

 private:
  struct Question {
    HostPort host_port;
    Done done;
  };

  void Run();

  NameLookup& lookup_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Question> questions_;
  bool stopped_ = false;
  std::thread thread_;  // started by the first question
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_NET_RESOLVER_H_
