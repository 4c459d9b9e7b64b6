#include "services/gateway/listen/listener.h"

#include <fcntl.h>
#include <netdb.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

#include "common/base/status_macros.h"

namespace baliprocess::gateway {
namespace {

constexpr std::string_view kInherited = "fd:";

absl::Status CannotListen(const std::string& address, std::string_view why) {
  return absl::FailedPreconditionError(
      absl::StrCat("can't listen at ", address, ": ", std::string(why)));
}

// Not bound when errno says why.
bool BindAndListen(int fd, const SocketAddress& address) {
  const int on = 1;
  return setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 &&
         bind(fd, address.get(), address.size) == 0 && listen(fd, SOMAXCONN) == 0;
}

int OptionOf(int fd, int option) {
  int value = 0;
  socklen_t size = sizeof(value);
  return getsockopt(fd, SOL_SOCKET, option, &value, &size) == 0 ? value : -1;
}

// The descriptor in `fd:3`, if it is what it must be.
absl::StatusOr<int> InheritedSocket(const std::string& address) {
  int fd = -1;
  if (!absl::SimpleAtoi(address.substr(kInherited.size()), &fd) || fd < 3) {
    return CannotListen(address, "not a descriptor such as fd:3");
  }
  const int family = OptionOf(fd, SO_DOMAIN);
  const bool listens = OptionOf(fd, SO_ACCEPTCONN) == 1;
  if (!listens || (family != AF_INET && family != AF_INET6)) {
    return CannotListen(address, "no listening socket of TCP was inherited there");
  }
  return fd;
}

absl::StatusOr<UniqueFd> Inherit(const std::string& address) {
  ASSIGN_OR_RETURN(const int fd, InheritedSocket(address));
  // A second gateway in this process shall find it, too.
  UniqueFd own(fcntl(fd, F_DUPFD_CLOEXEC, 3));
  if (!own || fcntl(own.get(), F_SETFL, fcntl(own.get(), F_GETFL) | O_NONBLOCK) != 0) {
    return CannotListen(address, strerror(errno));
  }
  return own;
}

absl::StatusOr<UniqueFd> Bind(const std::string& address) {
  ASSIGN_OR_RETURN(HostPort host_port, SplitHostPort(address));
  if (host_port.host == "localhost") host_port.host = "127.0.0.1";
  const std::optional<SocketAddress> numeric = NumericAddress(host_port);
  if (!numeric) {
    return absl::InvalidArgumentError(
        absl::StrCat("can't listen at ", address, ": not a numeric address"));
  }
  UniqueFd socket(
      ::socket(numeric->storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket || !BindAndListen(socket.get(), *numeric)) {
    return CannotListen(address, strerror(errno));
  }
  return socket;
}

bool IsInherited(const std::string& address) { return address.starts_with(kInherited); }

}  // namespace

absl::StatusOr<Listener> OpenListener(const std::string& address) {
  Listener listener;
  ASSIGN_OR_RETURN(listener.socket, IsInherited(address) ? Inherit(address) : Bind(address));
  if (getsockname(listener.socket.get(), listener.address.get(), &listener.address.size) != 0) {
    return CannotListen(address, strerror(errno));
  }
  return listener;
}

absl::StatusOr<std::string> ListeningAt(const std::string& address) {
  if (!IsInherited(address)) {
    RETURN_IF_ERROR(SplitHostPort(address).status());
    return address;
  }
  ASSIGN_OR_RETURN(const int fd, InheritedSocket(address));
  SocketAddress bound;
  char host[NI_MAXHOST];
  if (getsockname(fd, bound.get(), &bound.size) != 0 ||
      getnameinfo(bound.get(), bound.size, host, sizeof(host), nullptr, 0, NI_NUMERICHOST) != 0) {
    return CannotListen(address, "its address isn't known");
  }
  const bool v6 = bound.storage.ss_family == AF_INET6;
  return v6 ? absl::StrCat("[", host, "]:", PortOf(bound)) : absl::StrCat(host, ":", PortOf(bound));
}

}  // namespace baliprocess::gateway
