// The listener for operators: a few pages over plain HTTP/1.1, on a thread of its own, apart from
// what serves clients.
//
// Bounded, whoever comes: connections at once, the size of a request's head (it has no body), and
// the time that a request or a reply may take. What is beyond that is closed.

#ifndef BALIPROCESS_SERVICES_GATEWAY_OPERATE_ADMIN_SERVER_H_
#define BALIPROCESS_SERVICES_GATEWAY_OPERATE_ADMIN_SERVER_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"

#include "services/gateway/settings/options.h"

namespace baliprocess::gateway {

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

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_OPERATE_ADMIN_SERVER_H_
