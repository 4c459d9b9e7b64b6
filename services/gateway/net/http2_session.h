// HTTP/2 on a connection, by nghttp2, as the gateway sets it up.

#ifndef BALIPROCESS_SERVICES_GATEWAY_NET_HTTP2_SESSION_H_
#define BALIPROCESS_SERVICES_GATEWAY_NET_HTTP2_SESSION_H_

#include <nghttp2/nghttp2.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "services/gateway/net/body.h"
#include "services/gateway/net/codec.h"
#include "services/gateway/net/connection.h"
#include "services/gateway/net/header_block.h"
#include "services/gateway/net/literal_queue.h"
#include "services/gateway/settings/options.h"

namespace baliprocess::gateway {

class Http2Session final : public Codec {
 public:
  // What the session reports.
  class Events {
   public:
    virtual void OnBeginHeaders(const nghttp2_frame&) {}
    // False: the rest of the headers is of no interest, and the stream is reset.
    virtual bool OnHeader(const nghttp2_frame& frame, const ReceivedField& field) = 0;
    // A frame that breaks the rules, or a stream beyond the number announced.
    virtual void OnInvalidFrame(const nghttp2_frame&) {}
    virtual void OnFrame(const nghttp2_frame& frame) = 0;
    virtual void OnData(int32_t stream_id, std::string_view bytes) = 0;
    virtual void OnFrameSent(const nghttp2_frame&) {}
    virtual void OnStreamClosed(int32_t stream_id, uint32_t error_code) = 0;

   protected:
    ~Events() = default;
  };

  // The arguments must outlive the session.
  Http2Session(Connection& connection, Events& events) : connection_(connection), events_(events) {}

  // Submits our SETTINGS, the first to be said. False when memory is out.
  bool Start(bool server, const Limits& limits);

  // To be called when the connection is closed: nothing may be submitted any more.
  void End() { session_.reset(); }

  // nghttp2's. Null before Start and after End.
  nghttp2_session* session() { return session_.get(); }

  // As client: sends a request, with `body` unless that is null, and returns its stream's id; below
  // 0: none can be sent.
  int32_t SendRequest(RequestFields& fields, Body* body, void* stream_user_data);

  // Ends the stream with RST_STREAM.
  void Reset(int32_t stream_id, uint32_t error_code);

  // Sends GOAWAY with `code` and the reason for people, and ends.
  void Terminate(uint32_t code, std::string_view reason);

  // As the connection's.
  void Touch() { connection_.Touch(); }
  SteadyTime last_read() const { return connection_.last_read(); }
  std::string_view address() const { return connection_.address(); }

  Taken Take(std::string_view bytes) override;
  Made Produce(size_t target, std::string& out) override;
  bool wants_write() const override;
  bool over() const override;
  size_t answers() const override;

 private:
  friend struct SessionCallbacks;
  struct Deleter {
    void operator()(nghttp2_session* session) const { nghttp2_session_del(session); }
  };

  // Puts the literals that belong to the frame at the end of `out`, if any, into it.
  void AddLiterals(size_t frame_size, std::string& out);

  Connection& connection_;
  Events& events_;
  std::unique_ptr<nghttp2_session, Deleter> session_;
  bool server_ = false;
  std::string* produced_ = nullptr;  // where the output goes while it is made
  LiteralQueue literals_;
};

// For nghttp2_submit_*: has the session take its DATA frames from `body`.
nghttp2_data_provider ProviderOf(Body& body);

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_NET_HTTP2_SESSION_H_
