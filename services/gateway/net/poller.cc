#include "services/gateway/net/poller.h"

#include <sys/eventfd.h>

#include <algorithm>
#include <chrono>
#include <climits>
#include <utility>

namespace baliprocess::gateway {
namespace {

constexpr int kBatch = 32;

// Rounded up: earlier there would be nothing to do.
int MillisecondsUntil(SteadyTime time) {
  if (time == SteadyTime::max()) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(time - SteadyNow()).count();
  return static_cast<int>(std::clamp<int64_t>(left, 0, INT_MAX));
}

}  // namespace

Poller::Poller()
    : epoll_(epoll_create1(EPOLL_CLOEXEC)), wakeup_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  usable_ = epoll_ && wakeup_ && Register(wakeup_.get(), *this, EPOLLIN | EPOLLET);
}

bool Poller::Add(int fd, PollHandler& handler) {
  return Register(fd, handler, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET);
}

bool Poller::Register(int fd, PollHandler& handler, uint32_t events) {
  epoll_event event = {events, {&handler}};
  return epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) == 0;
}

void Poller::Forget(PollHandler& handler) {
  if (std::exchange(handler.again_, false)) std::erase(again_, &handler);
  for (size_t i = next_; i < ready_.size(); ++i) {
    if (ready_[i].data.ptr == &handler) ready_[i].data.ptr = nullptr;
  }
}

void Poller::Remove(int fd, PollHandler& handler) {
  epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
  Forget(handler);
}

void Poller::Again(PollHandler& handler) {
  if (!std::exchange(handler.again_, true)) again_.push_back(&handler);
}

void Poller::Post(std::function<void()> function) {
  const std::lock_guard<std::mutex> lock(mutex_);
  posted_.push_back(std::move(function));
  if (posted_.size() == 1) eventfd_write(wakeup_.get(), 1);
}

bool Poller::Turn(SteadyTime until, SteadyTime* woken) {
  epoll_event fresh[kBatch];
  const int timeout = again_.empty() ? MillisecondsUntil(until) : 0;
  const int count = epoll_wait(epoll_.get(), fresh, kBatch, timeout);
  if (woken != nullptr) *woken = SteadyNow();
  ready_.assign(fresh, fresh + std::max(count, 0));
  for (PollHandler* handler : again_) {
    handler->again_ = false;
    ready_.push_back({EPOLLIN, {handler}});
  }
  again_.clear();
  for (next_ = 0; next_ < ready_.size();) {
    const epoll_event event = ready_[next_++];
    if (event.data.ptr != nullptr) static_cast<PollHandler*>(event.data.ptr)->OnReady(event.events);
  }
  return !ready_.empty();
}

void Poller::OnReady(uint32_t) {
  eventfd_t count = 0;
  eventfd_read(wakeup_.get(), &count);
  std::vector<std::function<void()>> functions;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    functions.swap(posted_);
  }
  for (const auto& function : functions) function();
}

}  // namespace baliprocess::gateway
