// Which exchange handles a request: a gRPC call, one by gRPC-Web, one by HTTP and JSON, or an
// answer of the gateway's own. By the request's head and the descriptors compiled into the program,
// and by nothing else.

#ifndef BALIPROCESS_SERVICES_GATEWAY_WEB_EXCHANGES_H_
#define BALIPROCESS_SERVICES_GATEWAY_WEB_EXCHANGES_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "common/auth/access.h"
#include "services/gateway/calls/call_host.h"
#include "services/gateway/calls/client_stream.h"
#include "services/gateway/calls/exchange.h"
#include "services/gateway/calls/request_head.h"
#include "services/gateway/transcoding/bindings.h"
#include "services/gateway/web/cors.h"
#include "services/gateway/web/local_reply.h"
#include "services/gateway/web/public_pages.h"

namespace baliprocess::gateway {

// Doesn't change: for all loops.
class Exchanges {
 public:
  // For the methods in `policy`, and with the gateway's own `pages`. An error when HTTP
  // bindings of two of them clash (bindings.h).
  static absl::StatusOr<Exchanges> Create(const auth::AccessPolicy& policy,
                                          std::vector<std::string> cors_origins, PublicPages pages);

  ExchangePtr Make(CallHost& host, RequestHead head, ClientStream& client) const;

 private:
  Exchanges(Bindings bindings, Cors cors, PublicPages pages)
      : bindings_(std::move(bindings)), cors_(std::move(cors)), pages_(std::move(pages)) {}

  ExchangePtr MakeHttp(CallHost& host, RequestHead head, ClientStream& client) const;
  ExchangePtr Answer(CallHost& host, const RequestHead& head, ClientStream& client,
                     LocalAnswer answer) const;
  // When the path has no such HTTP method: to OPTIONS, which ones it has; to others, 405.
  LocalAnswer AllowedAnswer(const RequestHead& head, const std::string& allowed) const;

  Bindings bindings_;
  Cors cors_;
  PublicPages pages_;
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_WEB_EXCHANGES_H_
