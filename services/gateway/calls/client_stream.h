// The client's end of a request, which the reply is sent through: a stream of HTTP/2, a request of
// HTTP/1.1, or what stands between such a one and a call and speaks another form than gRPC.

#ifndef BALIPROCESS_SERVICES_GATEWAY_CALLS_CLIENT_STREAM_H_
#define BALIPROCESS_SERVICES_GATEWAY_CALLS_CLIENT_STREAM_H_

#include <nghttp2/nghttp2.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/base/steady_time.h"
#include "services/gateway/net/body.h"
#include "services/gateway/net/load.h"
#include "services/gateway/net/peer.h"

namespace baliprocess::gateway {

class ClientStream {
 public:
  // Sends the reply's head, `:status` first; `body` follows, or nothing when it is null. Once.
  // Fields whose flags say that they aren't copied must live until OnReplySent or OnClientClosed.
  virtual void SendHead(const std::vector<nghttp2_nv>& fields, Body* body) = 0;

  // Sends fields behind the body. To be called within Body::Read alone, which then says
  // NGHTTP2_DATA_FLAG_NO_END_STREAM.
  virtual void SendTrailers(const std::vector<nghttp2_nv>& fields) = 0;

  // The body that was deferred (Body::Read) has more, or has ended.
  virtual void Resume() = 0;

  // So many bytes of the request have gone on: the client may send as many more.
  virtual void Consume(size_t bytes) = 0;

  // Ends the stream at once, with a code of RFC 9113 7.
  virtual void Reset(uint32_t error_code) = 0;

  // Takes from, and fills, the budget of work (net/work.h).
  // False: the client is cut off for it.
  virtual bool Charge(double work) = 0;
  virtual void Earn(double work) = 0;

  // When the client was last heard of.
  virtual SteadyTime last_read() const = 0;

  // What the client's connection and its address have under way.
  virtual Load& load() = 0;
  const std::shared_ptr<Peer>& peer() const { return represented_ ? represented_ : connected(); }

  // A proxy has said whose request it is; null: its own.
  void Represent(std::shared_ptr<Peer> peer) { represented_ = std::move(peer); }

  // The URIs in the certificate of the connection; null: nobody asks for them.
  virtual const std::vector<std::string>* certificate_uris() const { return nullptr; }

  // Whose connection it is.
  virtual const std::shared_ptr<Peer>& connected() const = 0;

 protected:
  ~ClientStream() = default;

 private:
  std::shared_ptr<Peer> represented_;
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_CALLS_CLIENT_STREAM_H_
