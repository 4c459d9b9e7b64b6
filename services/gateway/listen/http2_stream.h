// A stream of a client's HTTP/2 connection, and the exchange on it.

#ifndef BALIPROCESS_SERVICES_GATEWAY_LISTEN_HTTP2_STREAM_H_
#define BALIPROCESS_SERVICES_GATEWAY_LISTEN_HTTP2_STREAM_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include <boost/intrusive/list.hpp>

#include "services/gateway/calls/client_stream.h"
#include "services/gateway/calls/exchange.h"
#include "services/gateway/net/http2_session.h"

namespace baliprocess::gateway {

class Downstream;

class Http2Stream final : public ClientStream,
                          public boost::intrusive::list_base_hook<
                              boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
 public:
  using List = boost::intrusive::list<Http2Stream, boost::intrusive::constant_time_size<false>>;

  // The arguments must outlive the stream.
  Http2Stream(Http2Session& session, int32_t id, Downstream& connection)
      : session_(session), id_(id), connection_(connection) {}

  void set_exchange(ExchangePtr exchange) { exchange_ = std::move(exchange); }
  Exchange& exchange() { return *exchange_; }

  void OnReplySent();

  bool reply_sent() const { return reply_sent_; }
  // The stream was reset by the gateway and not by the client's doing.
  bool reset_by_gateway() const { return reset_by_gateway_; }

  void SendHead(const std::vector<nghttp2_nv>& fields, Body* body) override;
  void SendTrailers(const std::vector<nghttp2_nv>& fields) override;
  void Resume() override;
  void Consume(size_t bytes) override;
  void Reset(uint32_t error_code) override;
  bool Charge(double work) override;
  void Earn(double work) override;
  SteadyTime last_read() const override { return session_.last_read(); }
  Load& load() override;
  const std::vector<std::string>* certificate_uris() const override;
  const std::shared_ptr<Peer>& connected() const override;

 private:
  Http2Session& session_;
  const int32_t id_;
  Downstream& connection_;
  ExchangePtr exchange_;
  bool reply_sent_ = false;
  bool reset_by_gateway_ = false;
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_LISTEN_HTTP2_STREAM_H_
