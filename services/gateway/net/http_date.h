// The time that a reply was made, as HTTP tells it.

#ifndef BALIPROCESS_SERVICES_GATEWAY_NET_HTTP_DATE_H_
#define BALIPROCESS_SERVICES_GATEWAY_NET_HTTP_DATE_H_

#include <string>

#include "absl/time/time.h"

namespace baliprocess::gateway {

// The value of `date` (RFC 9110, 5.6.7 and 6.6.1): `Sun, 06 Nov 1994 08:49:37 GMT`. Every reply of
// HTTP has it. Replies of gRPC have none, as those of gRPC's own servers: no cache reads them.
std::string HttpDate(absl::Time time);

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_NET_HTTP_DATE_H_
