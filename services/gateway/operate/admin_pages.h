// What operators are shown:
//   /metrics  for Prometheus (metrics.h)
//   /healthz  200: the process lives
//   /readyz   200: each service has an address that all event loops may send calls to, and the
//             gateway isn't draining; else 503. JSON that says which service lacks one.
//   /config   the settings in effect, secrets masked, and where each comes from
//   /calls    what is in flight, at most 1000 calls of each event loop

#ifndef BALIPROCESS_SERVICES_GATEWAY_OPERATE_ADMIN_PAGES_H_
#define BALIPROCESS_SERVICES_GATEWAY_OPERATE_ADMIN_PAGES_H_

#include <string>
#include <vector>

#include "common/base/config.h"
#include "services/gateway/operate/admin_server.h"
#include "services/gateway/operate/inspection.h"
#include "services/gateway/operate/metrics.h"

namespace baliprocess::gateway {

class AdminPages {
 public:
  // `gateway` must outlive this object.
  AdminPages(Inspection& gateway, std::vector<Setting> settings);

  AdminPage Answer(const std::string& path);

 private:
  AdminPage MetricsPage() const;
  AdminPage Ready() const;
  AdminPage Config() const;
  AdminPage Calls();

  Inspection& gateway_;
  const std::vector<Setting> settings_;
  const Metrics metrics_;
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_OPERATE_ADMIN_PAGES_H_
