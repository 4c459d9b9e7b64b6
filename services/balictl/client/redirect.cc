#include "services/balictl/client/redirect.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <optional>
#include <string_view>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"

namespace baliprocess::balictl {
namespace {

constexpr size_t kLongestRequest = 16 << 10;
constexpr absl::Duration kLongestReading = absl::Seconds(2);
constexpr int kWaiting = 16;

// Whether there is something to read or to accept before the end.
bool AwaitInput(int file, absl::Time end) {
  const int64_t millis = absl::ToInt64Milliseconds(end - absl::Now());
  pollfd input{file, POLLIN, 0};
  return millis > 0 && poll(&input, 1, static_cast<int>(millis)) == 1;
}

// The head of a request, or what there is of it.
std::string ReadHead(int connection, absl::Time end) {
  std::string head;
  char buffer[4096];
  while (head.find("\r\n\r\n") == std::string::npos && head.size() < kLongestRequest &&
         AwaitInput(connection, end)) {
    const ssize_t got = recv(connection, buffer, sizeof(buffer), 0);
    if (got <= 0) break;
    head.append(buffer, static_cast<size_t>(got));
  }
  return head;
}

std::string Decoded(absl::string_view text) {
  std::string decoded;
  for (size_t i = 0; i < text.size(); ++i) {
    uint32_t byte = 0;
    if (text[i] == '%' && i + 2 < text.size() &&
        absl::SimpleHexAtoi(text.substr(i + 1, 2), &byte)) {
      decoded += static_cast<char>(byte);
      i += 2;
    } else {
      decoded += text[i] == '+' ? ' ' : text[i];
    }
  }
  return decoded;
}

// The query of `GET /?code=...&state=... HTTP/1.1`; nullopt for any other request.
std::optional<std::map<std::string, std::string>> QueryOf(const std::string& head) {
  const std::vector<absl::string_view> words =
      absl::StrSplit(absl::string_view(head).substr(0, head.find("\r\n")), ' ');
  if (words.size() != 3 || words[0] != "GET" || words[1].substr(0, 2) != "/?") return std::nullopt;
  std::map<std::string, std::string> query;
  for (const absl::string_view pair : absl::StrSplit(words[1].substr(2), '&')) {
    const std::pair<absl::string_view, absl::string_view> parts =
        absl::StrSplit(pair, absl::MaxSplits('=', 1));
    // Twice is what nobody means (RFC 6749, 3.1).
    if (!query.emplace(Decoded(parts.first), Decoded(parts.second)).second) return std::nullopt;
  }
  return query;
}

void Reply(int connection, std::string_view status, std::string_view text) {
  const std::string reply = absl::StrCat(
      "HTTP/1.1 ", std::string(status), "\r\nContent-Type: text/plain; charset=utf-8\r\n",
      "Content-Length: ", text.size(), "\r\nConnection: close\r\n\r\n", std::string(text));
  send(connection, reply.data(), reply.size(), MSG_NOSIGNAL);
}

// What one connection brings; nullopt when it isn't the browser that is waited for.
std::optional<RedirectAnswer> Serve(int connection, const std::string& state, absl::Time end) {
  const absl::Time limit = std::min(end, absl::Now() + kLongestReading);
  auto query = QueryOf(ReadHead(connection, limit));
  const bool ours = query && (*query)["state"] == state &&
                    (!(*query)["code"].empty() || !(*query)["error"].empty());
  if (!ours) {
    Reply(connection, "404 Not Found", "There is nothing here.\n");
    return std::nullopt;
  }
  RedirectAnswer answer{(*query)["code"], (*query)["error"], (*query)["iss"]};
  Reply(connection, "200 OK",
        answer.error.empty() ? "Signed in. Go on in the terminal; this page can be closed.\n"
                             : "Not signed in. The terminal tells why.\n");
  return answer;
}

}  // namespace

absl::StatusOr<std::unique_ptr<RedirectListener>> RedirectListener::Open() {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* const name = reinterpret_cast<sockaddr*>(&address);
  if (listener < 0 || bind(listener, name, size) != 0 || listen(listener, kWaiting) != 0 ||
      getsockname(listener, name, &size) != 0) {
    const absl::Status failed = absl::ErrnoToStatus(errno, "no port of 127.0.0.1 is free");
    if (listener >= 0) close(listener);
    return failed;
  }
  return std::unique_ptr<RedirectListener>(new RedirectListener(listener, ntohs(address.sin_port)));
}

RedirectListener::~RedirectListener() { close(listener_); }

std::string RedirectListener::uri() const { return absl::StrCat("http://127.0.0.1:", port_, "/"); }

absl::StatusOr<RedirectAnswer> RedirectListener::Await(const std::string& state,
                                                       absl::Duration limit) {
  const absl::Time end = absl::Now() + limit;
  while (AwaitInput(listener_, end)) {
    const int connection = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) continue;
    const std::optional<RedirectAnswer> answer = Serve(connection, state, end);
    close(connection);
    if (answer) return *answer;
  }
  return absl::DeadlineExceededError(
      absl::StrCat("no browser came back within ", absl::FormatDuration(limit)));
}

}  // namespace baliprocess::balictl
