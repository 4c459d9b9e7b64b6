// How the gateway sets up its nghttp2 sessions.

#ifndef BALIPROCESS_SERVICES_GATEWAY_NET_SESSION_H_
#define BALIPROCESS_SERVICES_GATEWAY_NET_SESSION_H_

#include <nghttp2/nghttp2.h>

#include "services/gateway/net/body.h"
#include "services/gateway/settings/options.h"

namespace baliprocess::gateway {

class Connection;

// A session whose events go to `connection`, with our SETTINGS submitted; nullptr when memory
// is out.
nghttp2_session* NewSession(Connection& connection, bool server, const Limits& limits);

// For nghttp2_submit_*: has the session take its DATA frames from `body`.
nghttp2_data_provider ProviderOf(Body& body);

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_NET_SESSION_H_
