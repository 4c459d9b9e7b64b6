// A listener for operators (operators.h): a few pages over plain HTTP/1.1, on a thread of its own,
// apart from what serves clients.
//
// Bounded, whoever comes: connections at once, the size of a request's head (it has no body), and
// the time that a request or a reply may take. What is beyond that is closed.

#ifndef BALIPROCESS_COMMON_TELEMETRY_ADMIN_SERVER_H_
#define BALIPROCESS_COMMON_TELEMETRY_ADMIN_SERVER_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace baliprocess::telemetry {

struct AdminOptions {
  // `host:port` with a numeric host, or `localhost`; port 0 takes any that is free.
  std::string listen;
  // Elsewhere than on loopback: there is neither TLS nor a password.
  bool allow_remote = false;
  int max_connections = 16;
  size_t max_head_bytes = 8 << 10;
  absl::Duration timeout = absl::Seconds(5);  // for a request, and for taking the reply
};

struct AdminPage {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
};

class AdminServer {
 public:
  // Makes the page of a path, such as `/metrics`. Runs on the listener's thread, one at a time.
  using Answer = std::function<AdminPage(const std::string& path)>;

  // INVALID_ARGUMENT for an address that isn't allowed, FAILED_PRECONDITION for one that can't be
  // had.
  static absl::StatusOr<std::unique_ptr<AdminServer>> Start(AdminOptions options, Answer answer);

  // Ends its connections.
  virtual ~AdminServer() = default;

  virtual int port() const = 0;
};

}  // namespace baliprocess::telemetry

#endif  // BALIPROCESS_COMMON_TELEMETRY_ADMIN_SERVER_H_
