#include "services/balictl/client/admin_page.h"

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

#include "common/base/host_port.h"
#include "common/base/status_macros.h"
#include "services/balictl/program/command_line.h"

namespace baliprocess::balictl {
namespace {

constexpr size_t kMaxBytes = 64 << 10;

class Socket {
 public:
  explicit Socket(int fd) : fd_(fd) {}
  ~Socket() {
    if (fd_ >= 0) close(fd_);
  }
  Socket(Socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Socket& operator=(Socket&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  int fd() const { return fd_; }

 private:
  int fd_;
};

absl::Status Failure(const char* what, int error) {
  return absl::UnavailableError(absl::StrCat(what, ": ", absl::ErrnoToStatus(error, "").message()));
}

absl::Status Await(const Socket& socket, short events, absl::Time deadline) {
  pollfd wanted{socket.fd(), events, 0};
  for (;;) {
    const auto left = absl::ToInt64Milliseconds(deadline - absl::Now());
    if (left <= 0) return absl::DeadlineExceededError("there was no answer in time");
    const int ready = poll(&wanted, 1, static_cast<int>(std::min<int64_t>(left, 60000)));
    if (ready > 0) return absl::OkStatus();
    if (ready < 0 && errno != EINTR) return Failure("poll", errno);
  }
}

absl::StatusOr<Socket> ConnectTo(const addrinfo& address, absl::Time deadline) {
  Socket made(socket(address.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (made.fd() < 0) return Failure("socket", errno);
  if (connect(made.fd(), address.ai_addr, address.ai_addrlen) == 0) return made;
  if (errno != EINPROGRESS) return Failure("connect", errno);
  RETURN_IF_ERROR(Await(made, POLLOUT, deadline));
  int error = 0;
  socklen_t size = sizeof error;
  if (getsockopt(made.fd(), SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
  if (error != 0) return Failure("connect", error);
  return made;
}

absl::StatusOr<Socket> Connect(const std::string& address, absl::Time deadline) {
  const auto parts = SplitHostPort(address);
  if (!parts.ok()) return UsageError("--admin must be HOST:PORT, such as 127.0.0.1:9440");
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error =
      getaddrinfo(parts->host.c_str(), std::to_string(parts->port).c_str(), &hints, &found);
  if (error != 0)
    return absl::UnavailableError(absl::StrCat(parts->host, ": ", gai_strerror(error)));
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found, &freeaddrinfo);
  absl::StatusOr<Socket> connected = absl::UnavailableError("no address");
  for (; found != nullptr && !connected.ok(); found = found->ai_next) {
    connected = ConnectTo(*found, deadline);
  }
  return connected;
}

absl::Status Send(const Socket& socket, std::string_view text, absl::Time deadline) {
  while (!text.empty()) {
    const ssize_t sent = send(socket.fd(), text.data(), text.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN && errno != EINTR) return Failure("send", errno);
    if (sent > 0) text.remove_prefix(static_cast<size_t>(sent));
    if (!text.empty()) RETURN_IF_ERROR(Await(socket, POLLOUT, deadline));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> ReceiveAll(const Socket& socket, absl::Time deadline) {
  std::string all;
  std::array<char, 4096> part;
  while (all.size() <= kMaxBytes) {
    RETURN_IF_ERROR(Await(socket, POLLIN, deadline));
    const ssize_t size = recv(socket.fd(), part.data(), part.size(), 0);
    if (size == 0) return all;
    if (size < 0 && errno != EAGAIN && errno != EINTR) return Failure("recv", errno);
    if (size > 0) all.append(part.data(), static_cast<size_t>(size));
  }
  return absl::InternalError("the page is larger than 64 KiB");
}

}  // namespace

absl::StatusOr<AdminPage> GetAdminPage(const std::string& address, const std::string& path,
                                       absl::Time deadline) {
  ASSIGN_OR_RETURN(const Socket socket, Connect(address, deadline));
  RETURN_IF_ERROR(Send(
      socket,
      absl::StrCat("GET ", path, " HTTP/1.1\r\nHost: ", address, "\r\nConnection: close\r\n\r\n"),
      deadline));
  ASSIGN_OR_RETURN(const std::string answer, ReceiveAll(socket, deadline));
  // HTTP/1.1 200 OK (RFC 9112 4).
  AdminPage page;
  const size_t head = answer.find("\r\n\r\n");
  if (!answer.starts_with("HTTP/1.") || head == std::string::npos ||
      !absl::SimpleAtoi(answer.substr(9, 3), &page.status)) {
    return absl::InternalError("the answer isn't HTTP/1");
  }
  page.body = answer.substr(head + 4);
  return page;
}

}  // namespace baliprocess::balictl
