// A file descriptor that is closed by whoever owns it.

#ifndef BALIPROCESS_SERVICES_GATEWAY_NET_UNIQUE_FD_H_
#define BALIPROCESS_SERVICES_GATEWAY_NET_UNIQUE_FD_H_

#include <unistd.h>

#include <utility>

namespace baliprocess::gateway {

class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) : fd_(fd) {}  // a negative one is none
  UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    std::swap(fd_, other.fd_);
    other.Close();
    return *this;
  }
  ~UniqueFd() { Close(); }

  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }

  void Close() {
    if (fd_ >= 0) close(std::exchange(fd_, -1));
  }

 private:
  int fd_ = -1;
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_NET_UNIQUE_FD_H_
