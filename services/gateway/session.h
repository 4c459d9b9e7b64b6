// How the gateway sets up its nghttp2 sessions.

#ifndef BALIPROCESS_SERVICES_GATEWAY_SESSION_H_
#define BALIPROCESS_SERVICES_GATEWAY_SESSION_H_

#include <nghttp2/nghttp2.h>

#include "services/gateway/options.h"

namespace baliprocess::gateway {

class Connection;

// A session whose events go to `connection`, with our SETTINGS submitted; nullptr when memory
// is out.
nghttp2_session* NewSession(Connection& connection, bool server, const Limits& limits);

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_SESSION_H_
