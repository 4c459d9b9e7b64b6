#include "services/gateway/testing/http1_peer.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"

#include "services/gateway/testing/backend.h"

namespace baliprocess::gateway {
namespace {

void ReadFields(absl::string_view lines, Http1Answer& answer) {
  for (const absl::string_view line : absl::StrSplit(lines, "\r\n", absl::SkipEmpty())) {
    const std::pair<std::string, std::string> field = absl::StrSplit(line, absl::MaxSplits(':', 1));
    answer.fields[absl::AsciiStrToLower(field.first)] =
        std::string(absl::StripAsciiWhitespace(field.second));
  }
}

// The size of the chunked body at the front of `rest`; nothing when it isn't whole.
std::optional<size_t> TakeChunks(const std::string& rest, Http1Answer& answer) {
  size_t at = 0;
  while (true) {
    const size_t end = rest.find("\r\n", at);
    if (end == std::string::npos) return std::nullopt;
    const size_t size = std::strtoul(rest.c_str() + at, nullptr, 16);
    at = end + 2;
    if (size == 0) break;
    if (rest.size() < at + size + 2) return std::nullopt;
    answer.body.append(rest, at, size);
    at += size + 2;
  }
  if (rest.compare(at, 2, "\r\n") == 0) return at + 2;
  const size_t end = rest.find("\r\n\r\n", at);
  if (end == std::string::npos) return std::nullopt;
  ReadFields(absl::string_view(rest).substr(at, end - at), answer);
  return end + 4;
}

}  // namespace

std::optional<Http1Answer> TakeAnswer(std::string& bytes, bool to_head, bool ended) {
  const size_t head = bytes.find("\r\n\r\n");
  if (head == std::string::npos || !bytes.starts_with("HTTP/1.1 ")) return std::nullopt;
  Http1Answer answer;
  answer.status = std::atoi(bytes.c_str() + 9);
  ReadFields(absl::string_view(bytes).substr(bytes.find("\r\n"), head - bytes.find("\r\n")),
             answer);
  const std::string rest = bytes.substr(head + 4);
  const bool bodiless = to_head || answer.status / 100 == 1 || answer.status == 204;
  size_t size = 0;
  if (!bodiless && answer.fields.count("transfer-encoding") > 0) {
    const auto chunks = TakeChunks(rest, answer);
    if (!chunks) return std::nullopt;
    size = *chunks;
  } else if (!bodiless && answer.fields.count("content-length") > 0) {
    size = std::strtoul(answer.fields["content-length"].c_str(), nullptr, 10);
    if (rest.size() < size) return std::nullopt;
    answer.body = rest.substr(0, size);
  } else if (!bodiless) {
    if (!ended) return std::nullopt;
    size = rest.size();
    answer.body = rest;
  }
  bytes.erase(0, head + 4 + size);
  return answer;
}

Http1Peer::Http1Peer(int fd, std::function<void()> idle) : fd_(fd), idle_(std::move(idle)) {
  fcntl(fd_, F_SETFL, fcntl(fd_, F_GETFL) | O_NONBLOCK);
}

Http1Peer::~Http1Peer() { close(fd_); }

std::unique_ptr<Http1Peer> Http1Peer::Connect(int port, int receive_buffer) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (receive_buffer > 0) {
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof(receive_buffer));
  }
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(port));
  if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    close(fd);
    return nullptr;
  }
  return std::make_unique<Http1Peer>(fd);
}

size_t Http1Peer::SendSome(std::string_view bytes) {
  const ssize_t size = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (size < 0 && errno != EAGAIN) over_ = true;
  return size < 0 ? 0 : static_cast<size_t>(size);
}

bool Http1Peer::Send(std::string_view bytes) {
  return Until([&] {
    bytes.remove_prefix(SendSome(bytes));
    return bytes.empty();
  });
}

bool Http1Peer::Read() {
  char buffer[16384];
  const ssize_t size = recv(fd_, buffer, sizeof(buffer), 0);
  if (size > 0) received_.append(buffer, static_cast<size_t>(size));
  over_ = over_ || size == 0 || (size < 0 && errno != EAGAIN);
  return size > 0;
}

bool Http1Peer::Until(const std::function<bool()>& condition) {
  const absl::Time end = absl::Now() + kSoon;
  while (!condition()) {
    if (over_ || absl::Now() > end) return false;
    if (idle_) idle_();
    pollfd ready = {fd_, POLLIN, 0};
    if (poll(&ready, 1, idle_ ? 0 : 5) > 0) Read();
  }
  return true;
}

std::optional<Http1Answer> Http1Peer::Receive(bool to_head) {
  std::optional<Http1Answer> answer;
  Until([&] {
    answer = TakeAnswer(received_, to_head, over_);
    return answer.has_value();
  });
  if (!answer) answer = TakeAnswer(received_, to_head, over_);
  return answer;
}

}  // namespace baliprocess::gateway
