// Requests of HTTP/1.1 that could be read in two ways, and were by somebody ("request smuggling").

#ifndef BALIPROCESS_SERVICES_GATEWAY_TESTING_HIDING_REQUESTS_H_
#define BALIPROCESS_SERVICES_GATEWAY_TESTING_HIDING_REQUESTS_H_

#include <string>
#include <vector>

namespace baliprocess::gateway {

struct HidingRequest {
  std::string bytes;  // to /outer; /hidden is what another reader finds in it
  int status = 400;   // that it must be refused with
};

std::vector<HidingRequest> HidingRequests();

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_TESTING_HIDING_REQUESTS_H_
