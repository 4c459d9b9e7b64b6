#include "common/testing/admin_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cstdlib>
#include <sstream>

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace baliprocess::testing {
namespace {

constexpr absl::Duration kSoon = absl::Seconds(30);

}  // namespace

AdminSocket::AdminSocket(int port) : fd_(socket(AF_INET, SOCK_STREAM, 0)) {
  const timeval patience = {absl::ToInt64Seconds(kSoon), 0};
  setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(port));
  if (connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0) return;
  close(fd_);
  fd_ = -1;
}

AdminSocket::~AdminSocket() {
  if (fd_ >= 0) close(fd_);
}

bool AdminSocket::Send(const std::string& bytes) {
  return send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size());
}

std::string AdminSocket::ReadAll() {
  std::string all;
  char buffer[4096];
  while (true) {
    const ssize_t size = recv(fd_, buffer, sizeof(buffer), 0);
    if (size <= 0) return all;
    all.append(buffer, static_cast<size_t>(size));
  }
}

AdminReply AskAdmin(int port, const std::string& request, const std::string& header) {
  AdminSocket socket(port);
  const std::string host = header.find("Host:") == std::string::npos ? "Host: localhost\r\n" : "";
  socket.Send(request + "\r\n" + host + "Connection: close\r\n" + header + "\r\n");
  const std::string all = socket.ReadAll();
  const size_t end = all.find("\r\n\r\n");
  if (end == std::string::npos) return {};
  return {std::atoi(all.substr(9, 3).c_str()), all.substr(0, end), all.substr(end + 4)};
}

std::map<std::string, double> Scrape(int port) {
  std::map<std::string, double> values;
  std::istringstream lines(GetPage(port, "/metrics").body);
  for (std::string line; std::getline(lines, line);) {
    const size_t space = line.rfind(' ');
    if (line.empty() || line[0] == '#' || space == std::string::npos) continue;
    values[line.substr(0, space)] = std::strtod(line.c_str() + space, nullptr);
  }
  return values;
}

bool Soon(const std::function<bool()>& condition) {
  const absl::Time until = absl::Now() + kSoon;
  while (!condition()) {
    if (absl::Now() > until) return false;
    absl::SleepFor(absl::Milliseconds(1));
  }
  return true;
}

}  // namespace baliprocess::testing
