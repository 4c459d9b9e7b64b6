#include "services/gateway/net/resolver.h"

#include <utility>

namespace baliprocess::gateway {

NameLookup& NameLookup::System() {
  class SystemLookup final : public NameLookup {
    std::vector<SocketAddress> LookUp(const HostPort& host_port) override {
      return gateway::LookUp(host_port);
    }
  };
  static SystemLookup lookup;
  return lookup;
}

Resolver::~Resolver() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopped_ = true;
  }
  changed_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void Resolver::Resolve(HostPort host_port, Done done) {
  const std::lock_guard<std::mutex> lock(mutex_);
  questions_.push_back({std::move(host_port), std::move(done)});
  if (!thread_.joinable()) thread_ = std::thread([this] { Run(); });
  changed_.notify_one();
}

void Resolver::Run() {
  std::unique_lock<std::mutex> lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return stopped_ || !questions_.empty(); });
    if (stopped_) return;
    const Question question = std::move(questions_.front());
    questions_.erase(questions_.begin());
    lock.unlock();
    question.done(lookup_.LookUp(question.host_port));
    lock.lock();
  }
}

}  // namespace baliprocess::gateway
