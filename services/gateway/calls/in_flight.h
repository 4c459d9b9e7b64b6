// The calls that are in flight on an event loop, for whoever wants to see what it does.

#ifndef BALIPROCESS_SERVICES_GATEWAY_CALLS_IN_FLIGHT_H_
#define BALIPROCESS_SERVICES_GATEWAY_CALLS_IN_FLIGHT_H_

#include <boost/intrusive/list.hpp>

#include "common/telemetry/call_listing.h"

namespace baliprocess::gateway {

// On the list of its loop as long as it lives.
class InFlight : public boost::intrusive::list_base_hook<
                     boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
 public:
  virtual telemetry::CallDescription Describe() const = 0;

 protected:
  ~InFlight() = default;
};

using InFlightList = boost::intrusive::list<InFlight, boost::intrusive::constant_time_size<false>>;

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_CALLS_IN_FLIGHT_H_
