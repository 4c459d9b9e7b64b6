// A server of HTTP on loopback for the tests of this folder.

#ifndef BALIPROCESS_COMMON_AUTH_DOCUMENT_SERVER_TESTING_H_
#define BALIPROCESS_COMMON_AUTH_DOCUMENT_SERVER_TESTING_H_

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"

namespace baliprocess::auth {

// Serves documents by their paths. Each connection has one answer.
class DocumentServer {
 public:
  struct Document {
    int status = 200;
    std::string fields = {};  // of the head, each with its end of line
    std::string body = {};
    std::string etag = {};  // a request that has it is told 304
    bool silent = false;    // the answer never comes
  };

  DocumentServer() {
    setenv("no_proxy", "127.0.0.1", 1);
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    EXPECT_EQ(bind(listener_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    EXPECT_EQ(listen(listener_, 16), 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { Serve(); });
  }
  ~DocumentServer() {
    shutdown(listener_, SHUT_RDWR);
    thread_.join();
    close(listener_);
  }
  DocumentServer(const DocumentServer&) = delete;
  DocumentServer& operator=(const DocumentServer&) = delete;

  std::string url() const { return absl::StrCat("http://127.0.0.1:", port_); }
  int requests() const { return requests_; }
  int unchanged() const { return unchanged_; }  // answered with 304
  // The latest one, with its head.
  std::string request() {
    const std::lock_guard lock(mutex_);
    return request_;
  }

  void Set(const std::string& path, Document document) {
    const std::lock_guard lock(mutex_);
    documents_[path] = std::move(document);
  }

 private:
  void Serve() {
    for (int peer; (peer = accept(listener_, nullptr, nullptr)) >= 0; close(peer)) {
      std::string request;
      while (!IsWhole(request) && ReadMore(peer, request)) continue;
      const std::string reply = Answer(request);
      // Until the client has waited enough.
      while (reply.empty() && ReadMore(peer, request)) continue;
      for (std::string_view rest = reply; !rest.empty();) {
        const ssize_t sent = send(peer, rest.data(), rest.size(), MSG_NOSIGNAL);
        if (sent <= 0) break;
        rest.remove_prefix(static_cast<size_t>(sent));
      }
    }
  }

  static bool ReadMore(int peer, std::string& request) {
    char buffer[1024];
    const ssize_t got = read(peer, buffer, sizeof(buffer));
    if (got > 0) request.append(buffer, static_cast<size_t>(got));
    return got > 0;
  }

  // Whether the head is there, and the body that it tells of.
  static bool IsWhole(const std::string& request) {
    constexpr std::string_view kLength = "\r\nContent-Length: ";
    const size_t end = request.find("\r\n\r\n");
    if (end == std::string::npos) return false;
    const size_t length = request.find(kLength);
    if (length > end) return true;
    return request.size() >=
           end + 4 + strtoul(request.c_str() + length + kLength.size(), nullptr, 10);
  }

  // To `GET /path HTTP/1.1`; "": none.
  std::string Answer(const std::string& request) {
    ++requests_;
    const std::lock_guard lock(mutex_);
    request_ = request;
    const size_t path = request.find(' ') + 1;
    const auto found = documents_.find(request.substr(path, request.find(' ', path) - path));
    Document document = found == documents_.end() ? Document{.status = 404} : found->second;
    if (document.silent) return "";
    if (!document.etag.empty()) absl::StrAppend(&document.fields, "ETag: ", document.etag, "\r\n");
    const std::string condition = absl::StrCat("If-None-Match: ", document.etag, "\r\n");
    if (!document.etag.empty() && request.find(condition) != std::string::npos) {
      ++unchanged_;
      return absl::StrCat("HTTP/1.1 304 X\r\n", document.fields, "Connection: close\r\n\r\n");
    }
    return absl::StrCat("HTTP/1.1 ", document.status, " X\r\nLocation: /other\r\n", document.fields,
                        "Content-Length: ", document.body.size(), "\r\nConnection: close\r\n\r\n",
                        document.body);
  }

  int listener_ = -1;
  uint16_t port_ = 0;
  std::atomic<int> requests_{0};
  std::atomic<int> unchanged_{0};
  std::mutex mutex_;
  std::map<std::string, Document> documents_;
  std::string request_;
  std::thread thread_;
};

// Asks until the answer is yes: the reader of URLs is a thread of its own.
inline bool Eventually(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::yield();
  }
  return true;
}

}  // namespace baliprocess::auth

#endif  // BALIPROCESS_COMMON_AUTH_DOCUMENT_SERVER_TESTING_H_
