// What a client speaks on its connection: HTTP/2 or HTTP/1.1. It has the client's requests under
// way, while limits, abuse and the end are the connection's to judge (Downstream).

#ifndef BALIPROCESS_SERVICES_GATEWAY_LISTEN_CLIENT_PROTOCOL_H_
#define BALIPROCESS_SERVICES_GATEWAY_LISTEN_CLIENT_PROTOCOL_H_

#include <string_view>

#include "common/base/steady_time.h"
#include "services/gateway/net/codec.h"

namespace baliprocess::gateway {

class ClientProtocol : public Codec {
 public:
  virtual ~ClientProtocol() = default;

  // What these bytes, the next that the client has sent, cost to take (net/work.h), besides the
  // read that brought them.
  virtual double CostOf(std::string_view bytes) = 0;

  // Whether no request is under way, nor has begun to come.
  virtual bool idle() const = 0;

  // Has the client go elsewhere, at once with what its streams do; ends when its requests have
  // ended. May close the connection.
  virtual void Drain() = 0;

  // Judges timeouts; called now and then. May close the connection.
  virtual void Tick(SteadyTime now) = 0;

  // The client is cut off: says so, with this reason, and that there is no more to be said.
  virtual void Leave(std::string_view reason) = 0;

  // The connection is closed: tells the exchanges.
  virtual void OnClosed() = 0;
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_LISTEN_CLIENT_PROTOCOL_H_
