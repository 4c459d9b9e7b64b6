// Several replicas of one service, behind one gateway: what tests of balancing and of repeats
// share.

#ifndef BALIPROCESS_SERVICES_GATEWAY_TESTING_REPLICAS_H_
#define BALIPROCESS_SERVICES_GATEWAY_TESTING_REPLICAS_H_

#include <deque>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

#include "services/gateway/net/resolver.h"
#include "services/gateway/testing/fixture.h"

namespace baliprocess::gateway {

inline std::string LoopbackAddress(int port) { return absl::StrCat("127.0.0.1:", port); }

// Names as a test says.
class FakeLookup final : public NameLookup {
 public:
  void Set(std::vector<int> ports) {
    const std::lock_guard<std::mutex> lock(mutex_);
    ports_ = std::move(ports);
  }
  std::vector<SocketAddress> LookUp(const HostPort&) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    std::vector<SocketAddress> addresses;
    for (const int port : ports_) {
      addresses.push_back(*NumericAddress({"127.0.0.1", static_cast<uint16_t>(port)}));
    }
    return addresses;
  }

 private:
  std::mutex mutex_;
  std::vector<int> ports_;
};

class ReplicasTest : public GatewayTest {
 protected:
  ~ReplicasTest() override {
    for (const auto& replica : replicas_) replica->Stop();
    Outcomes();
  }

  // Starts so many replicas, and a gateway in front of them and of what listens at `others`.
  void StartReplicas(int count, const std::vector<int>& others = {}) {
    std::vector<std::string> addresses;
    for (int i = 0; i < count; ++i) {
      replicas_.push_back(std::make_unique<TestBackend>());
      addresses.push_back(LoopbackAddress(replicas_.back()->port()));
    }
    for (const int port : others) addresses.push_back(LoopbackAddress(port));
    options_.services = {{"membership", addresses}};
    Start(0);
    AwaitUsable(count);
  }

  // Waits until so many addresses are usable, by the first event loop.
  void AwaitUsable(int count) {
    EXPECT_TRUE(Await([&] { return Count(EndpointState::kUsable) >= count; }));
  }
  int Count(EndpointState state) {
    int count = 0;
    for (const EndpointSnapshot& endpoint : gateway_->Endpoints()) count += endpoint.state == state;
    return count;
  }
  EndpointSnapshot Of(int port) {
    for (const EndpointSnapshot& endpoint : gateway_->Endpoints()) {
      if (endpoint.address == LoopbackAddress(port)) return endpoint;
    }
    return {};
  }
  // The sum over all addresses.
  template <typename T>
  T Sum(T EndpointSnapshot::*number) {
    T sum = 0;
    for (const EndpointSnapshot& endpoint : gateway_->Endpoints()) sum += endpoint.*number;
    return sum;
  }

  static bool Await(const std::function<bool()>& condition) {
    const absl::Time end = absl::Now() + kSoon;
    while (!condition()) {
      if (absl::Now() > end) return false;
      absl::SleepFor(absl::Milliseconds(1));
    }
    return true;
  }

  // Makes calls on threads of their own, whose outcomes are awaited by Outcomes.
  void CallInBackground(int n, const std::string& path = kGetMember, const Headers& headers = {}) {
    for (int i = 0; i < n; ++i) {
      statuses_.emplace_back();
      absl::Status& status = statuses_.back();
      threads_.emplace_back(
          [this, path, headers, &status] { status = Call(path, "hello", headers).status; });
    }
  }
  std::list<absl::Status>& Outcomes() {
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
    return statuses_;
  }

  int Seen() {
    int calls = 0;
    for (const auto& replica : replicas_) calls += replica->seen().calls;
    return calls;
  }

  FakeLookup lookup_;
  std::deque<std::unique_ptr<TestBackend>> replicas_;
  std::list<absl::Status> statuses_;
  std::vector<std::thread> threads_;
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_TESTING_REPLICAS_H_
