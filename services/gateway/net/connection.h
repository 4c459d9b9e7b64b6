// A socket, TLS on it when there is any, and an HTTP/2 session on that: what a client's connection
// and a service's have in common.
//
// Everything runs on the reactor's thread. What a wake-up brings is read and processed first;
// connections that have something to say are then flushed once each, with one write (Flush, called
// by the reactor). Close is never called from within a callback of the session.

#ifndef BALIPROCESS_SERVICES_GATEWAY_NET_CONNECTION_H_
#define BALIPROCESS_SERVICES_GATEWAY_NET_CONNECTION_H_

#include <nghttp2/nghttp2.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "services/gateway/net/header_block.h"
#include "services/gateway/net/poller.h"
#include "services/gateway/net/timer.h"
#include "services/gateway/net/tls.h"
#include "services/gateway/net/unique_fd.h"

namespace baliprocess::gateway {

class Reactor;

struct SessionDeleter {
  void operator()(nghttp2_session* session) const { nghttp2_session_del(session); }
};

class Connection : public PollHandler, public std::enable_shared_from_this<Connection> {
 public:
  virtual ~Connection() = default;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Null before the transport is open and after the connection was closed.
  nghttp2_session* session() { return session_.get(); }
  bool closed() const { return closed_; }
  // When bytes last came from the peer.
  SteadyTime last_read() const { return last_read_; }

  // To be called when something was submitted to the session: has it flushed at the end of this
  // wake-up.
  void Touch();

  // Writes what the session has to say.
  void Flush();

  // Ends at once. The streams' calls are told.
  void Close();

  // Ends the stream with RST_STREAM.
  void Reset(int32_t stream_id, uint32_t error_code);

  // The peer has caused work (net/work.h) that no call asked for, or has moved something on.
  virtual void Charge(double) {}
  virtual void Earn(double) {}

 protected:
  explicit Connection(Reactor& reactor);

  // Takes the socket, which doesn't block and may be connecting still, in place of any before.
  // False when it can't be had.
  bool Open(UniqueFd socket);
  // Goes on once the socket is connected.
  void Start(std::unique_ptr<TlsChannel> tls);
  void StartSession(bool server);
  // Reads no more; sends GOAWAY with `code` and the reason for people, and ends.
  void Terminate(uint32_t code, std::string_view reason);

  Reactor& reactor() { return reactor_; }
  int socket_fd() const { return socket_.get(); }
  std::string* outgoing() { return &outgoing_; }
  bool open() const { return session_ != nullptr; }
  // Why TLS ended; empty when it didn't, or there is none.
  std::string_view tls_error() const;

  // The socket's attempt to connect has ended, one way or the other: Start, Open another or Close.
  virtual void OnConnect() {}
  // The transport is ready for StartSession.
  virtual void OnOpen() = 0;
  // The connection is closed and its session gone: calls must be told.
  virtual void OnClosed() = 0;

  // Bytes for the session have come. False: it shall not see them.
  virtual bool OnBytes(std::string_view) { return true; }
  // The peer has changed its TLS key so many times.
  virtual void OnKeyUpdates(int) {}
  // The peer has caused more output than it reads; the connection closes, at once unless this
  // terminates it.
  virtual void OnOverflow() {}
  // So many bytes of output wait for the socket. False: the connection closes.
  virtual bool OnHeld(size_t) { return true; }

  // What the session reports.
  virtual void OnBeginHeaders(const nghttp2_frame&) {}
  // False: the rest of the headers is of no interest, and the stream is reset.
  virtual bool OnHeader(const nghttp2_frame& frame, const ReceivedField& field) = 0;
  // A frame that breaks the rules, or a stream beyond the number announced.
  virtual void OnInvalidFrame(const nghttp2_frame&) {}
  virtual void OnFrame(const nghttp2_frame& frame) = 0;
  virtual void OnData(int32_t stream_id, std::string_view bytes) = 0;
  virtual void OnFrameSent(const nghttp2_frame&) {}
  virtual void OnStreamClosed(int32_t stream_id, uint32_t error_code) = 0;

 private:
  friend struct SessionCallbacks;

  void OnReady(uint32_t events) override;
  void Read();
  bool Process(std::string_view bytes);
  bool Consume(std::string_view bytes);
  bool Overflows();
  bool Produce();
  void Write();
  void EndIfOver();

  Reactor& reactor_;
  UniqueFd socket_;
  std::unique_ptr<TlsChannel> tls_;
  std::unique_ptr<nghttp2_session, SessionDeleter> session_;
  std::string outgoing_;             // on its way into the socket
  std::string* produced_ = nullptr;  // where the session's output goes while it is made
  SteadyTime last_read_;
  bool dirty_ = false;
  bool more_to_write_ = false;
  bool started_ = false;
  bool blocked_ = false;  // the socket takes no more at present
  bool ending_ = false;   // the peer has sent its last
  bool deaf_ = false;     // nothing is read any more
  bool closed_ = false;
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_NET_CONNECTION_H_
