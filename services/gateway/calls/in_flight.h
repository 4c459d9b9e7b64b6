// The calls that are in flight on an event loop, for whoever wants to see what it does.

#ifndef BALIPROCESS_SERVICES_GATEWAY_CALLS_IN_FLIGHT_H_
#define BALIPROCESS_SERVICES_GATEWAY_CALLS_IN_FLIGHT_H_

#include <string>

#include "absl/time/time.h"
#include <boost/intrusive/list.hpp>

namespace baliprocess::gateway {

struct CallDescription {
  std::string method;    // `/package.Service/Method`, or `unknown`
  std::string subject;   // of its caller's token; empty: it has none
  std::string peer;      // the client's address
  std::string upstream;  // the service's; empty: it isn't on its way
  std::string trace_id;  // empty: there is none yet
  absl::Duration age;
};

// On the list of its loop as long as it lives.
class InFlight : public boost::intrusive::list_base_hook<
                     boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
 public:
  virtual CallDescription Describe() const = 0;

 protected:
  ~InFlight() = default;
};

using InFlightList = boost::intrusive::list<InFlight, boost::intrusive::constant_time_size<false>>;

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_CALLS_IN_FLIGHT_H_
