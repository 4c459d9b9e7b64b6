// A page of a process' port for operators (--admin_listen), over plain HTTP and by sockets alone: a
// probe runs every few seconds, so it may cost little.

#ifndef BALIPROCESS_SERVICES_BALICTL_CLIENT_ADMIN_PAGE_H_
#define BALIPROCESS_SERVICES_BALICTL_CLIENT_ADMIN_PAGE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace baliprocess::balictl {

struct AdminPage {
  int status = 0;  // of HTTP, such as 200
  std::string body;
};

// GET `path` from `address` (HOST:PORT, [IPv6]:PORT). At most 64 KiB. A usage error for another
// form of address; UNAVAILABLE when nobody answers, DEADLINE_EXCEEDED when it takes longer;
// INTERNAL for an answer that isn't HTTP/1.
absl::StatusOr<AdminPage> GetAdminPage(const std::string& address, const std::string& path,
                                       absl::Time deadline);

}  // namespace baliprocess::balictl

#endif  // BALIPROCESS_SERVICES_BALICTL_CLIENT_ADMIN_PAGE_H_
