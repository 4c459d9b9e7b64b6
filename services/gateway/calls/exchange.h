// One request of a client and its reply, in whatever form: a gRPC call (Call), or something that
// speaks HTTP as browsers and scripts do. The client's connection makes an exchange when the head
// of the request is whole (CallHost::MakeExchange), and tells it what comes.

#ifndef BALIPROCESS_SERVICES_GATEWAY_CALLS_EXCHANGE_H_
#define BALIPROCESS_SERVICES_GATEWAY_CALLS_EXCHANGE_H_

#include <string_view>

#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>

#include "common/base/steady_time.h"

namespace baliprocess::gateway {

class Exchange : public boost::intrusive_ref_counter<Exchange, boost::thread_unsafe_counter> {
 public:
  virtual ~Exchange() = default;

  // Begins; `end`: the request has no body. Called once, before everything else.
  virtual void Begin(bool end) = 0;
  virtual void OnRequestData(std::string_view bytes) = 0;
  virtual void OnRequestEnd() = 0;
  virtual void OnDrain() = 0;               // the gateway is closing
  virtual void OnTick(SteadyTime now) = 0;  // now and then
  virtual void OnReplySent() = 0;           // to its end
  // The stream is over, or its connection: the ClientStream is no more. Called once, at the end.
  virtual void OnClientClosed() = 0;

  // What its end says of the client.

  // It was answered by a service, or by the gateway with what was asked for.
  virtual bool served() const = 0;
  // The client can take its deadline for passed: its clock and the gateway's aren't one, and it
  // rounds the timeout that it sends.
  virtual bool IsAtDeadline(SteadyTime now) const = 0;
  // How long the client wants to wait.
  virtual SteadyTime::duration timeout() const = 0;
};

using ExchangePtr = boost::intrusive_ptr<Exchange>;

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_CALLS_EXCHANGE_H_
