// How many connections clients may have, together and per address. Safe for many threads.

#ifndef BALIPROCESS_SERVICES_GATEWAY_LISTEN_CONNECTION_LIMITS_H_
#define BALIPROCESS_SERVICES_GATEWAY_LISTEN_CONNECTION_LIMITS_H_

#include <mutex>
#include <string>
#include <unordered_map>

namespace baliprocess::gateway {

class ConnectionLimits {
 public:
  // Whether there is room for another; then it must be given back.
  bool Take(const std::string& address, int limit, int limit_per_address) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (total_ >= limit) return false;
    int& count = per_address_[address];
    if (count >= limit_per_address) return false;
    ++count;
    ++total_;
    return true;
  }

  void GiveBack(const std::string& address) {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto it = per_address_.find(address);
    if (it == per_address_.end()) return;
    --total_;
    if (--it->second == 0) per_address_.erase(it);
  }

 private:
  std::mutex mutex_;
  int total_ = 0;
  std::unordered_map<std::string, int> per_address_;
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_LISTEN_CONNECTION_LIMITS_H_
