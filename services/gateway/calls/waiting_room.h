// Calls that wait for a service that can't be reached at present: how many they are, and what the
// log says of them. Of one service; all event loops share it.

#ifndef BALIPROCESS_SERVICES_GATEWAY_CALLS_WAITING_ROOM_H_
#define BALIPROCESS_SERVICES_GATEWAY_CALLS_WAITING_ROOM_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <utility>

#include "common/base/counts.h"
#include "common/telemetry/state_log.h"
#include "services/gateway/net/peer.h"

namespace baliprocess::gateway {

// Safe for use by many threads.
class WaitingRoom {
 public:
  // At most so many calls at once, and so many bytes of their requests. `service` is its name in
  // the log.
  WaitingRoom(std::string service, int64_t most_calls, int64_t most_bytes);

  // A call's place. It is given back when this object is destroyed.
  class Place {
   public:
    Place() = default;
    Place(Place&& other) noexcept
        : room_(std::exchange(other.room_, nullptr)), bytes_(other.bytes_) {}
    Place& operator=(Place&& other) noexcept {
      std::swap(room_, other.room_);
      std::swap(bytes_, other.bytes_);
      return *this;
    }
    ~Place() {
      if (room_ != nullptr) room_->Leave(bytes_);
    }
    explicit operator bool() const { return room_ != nullptr; }

   private:
    friend class WaitingRoom;
    Place(WaitingRoom& room, int64_t bytes) : room_(&room), bytes_(bytes) {}
    WaitingRoom* room_ = nullptr;
    int64_t bytes_ = 0;
  };

  // A place for a call whose request takes so many bytes meanwhile; none when there is no room.
  Place Enter(int64_t bytes);

  // The service can be reached. Cheap while nobody waits.
  void OnBack() { waits_.Works(); }
  // So many calls have waited in vain, and were refused.
  void OnGivenUp(size_t calls);

  // How many wait, and how many have.
  int64_t calls() const { return calls_; }
  uint64_t entered() const { return entered_.get(); }

 private:
  void Leave(int64_t bytes);

  const std::string service_;
  const int64_t most_calls_;
  const int64_t most_bytes_;
  std::atomic<int64_t> calls_ = 0;
  std::atomic<int64_t> bytes_ = 0;
  SharedCount entered_;

  telemetry::StateLog waits_;
  std::mutex mutex_;
  LogQuota full_;      // under mutex_
  LogQuota given_up_;  // under mutex_
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_CALLS_WAITING_ROOM_H_
