// A socket, TLS on it when there is any, and what is spoken on that (Codec): what a client's
// connection and a service's have in common.
//
// Everything runs on the reactor's thread. What a wake-up brings is read and processed first;
// connections that have something to say are then flushed once each, with one write (Flush, called
// by the reactor). Close is never called from within the codec.

#ifndef BALIPROCESS_SERVICES_GATEWAY_NET_CONNECTION_H_
#define BALIPROCESS_SERVICES_GATEWAY_NET_CONNECTION_H_

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "services/gateway/net/codec.h"
#include "services/gateway/net/counts.h"
#include "services/gateway/net/poller.h"
#include "services/gateway/net/timer.h"
#include "services/gateway/net/tls.h"
#include "services/gateway/net/unique_fd.h"

namespace baliprocess::gateway {

class Reactor;

class Connection : public PollHandler, public std::enable_shared_from_this<Connection> {
 public:
  virtual ~Connection() = default;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  bool closed() const { return closed_; }
  // Whether output waits for the socket to take it.
  bool blocked() const { return blocked_; }
  // Whether all is said, and the peer's end is awaited.
  bool lingering() const { return lingering_; }
  // Of the peer, for people; empty where nobody asks.
  virtual std::string_view address() const { return {}; }
  // When bytes last came from the peer.
  SteadyTime last_read() const { return last_read_; }

  // To be called when the codec has got something to say: has it flushed at the end of this
  // wake-up.
  void Touch();

  // Writes what the codec has to say.
  void Flush();

  // To be called when the codec's appetite is back.
  void ReadOn();

  // Ends at once. The streams' calls are told.
  void Close();

 protected:
  // `traffic` counts what goes through the socket.
  Connection(Reactor& reactor, Traffic& traffic);

  // Takes the socket, which doesn't block and may be connecting still, in place of any before.
  // False when it can't be had.
  bool Open(UniqueFd socket);
  // Goes on once the socket is connected.
  void Start(std::unique_ptr<TlsChannel> tls);
  // Has the kernel notice a peer that is gone: after this silence it asks, `probes` times, so
  // often.
  void WatchPeer(absl::Duration silence, absl::Duration interval, int probes);
  // From now on this is spoken; it must live until OnClosed.
  void Speak(Codec& codec);
  // Nothing of what the peer sends is looked at any more.
  void TurnDeaf() { deaf_ = true; }
  // Once the codec is over, the peer is left time to read what was said, and what it sends
  // meanwhile is thrown away: closing at once would have it lose both (RFC 9112 9.6).
  void LingerAtEnd() { lingers_at_end_ = true; }

  Reactor& reactor() { return reactor_; }
  int socket_fd() const { return socket_.get(); }
  std::string* outgoing() { return &outgoing_; }
  const TlsChannel* tls() const { return tls_.get(); }
  // Why TLS ended; empty when it didn't, or there is none.
  std::string_view tls_error() const;

  // The socket's attempt to connect has ended, one way or the other: Start, Open another or Close.
  virtual void OnConnect() {}
  // The transport is ready for Speak.
  virtual void OnOpen() = 0;
  // The connection is closed, and the codec has nobody to speak to: calls must be told.
  virtual void OnClosed() = 0;

  // Bytes for the codec have come. False: it shall not see them.
  virtual bool OnBytes(std::string_view) { return true; }
  // The peer has changed its TLS key so many times.
  virtual void OnKeyUpdates(int) {}
  // The peer has caused more output than it reads; the connection closes, at once unless this
  // turns it deaf.
  virtual void OnOverflow() {}
  // Nothing can be made of what the peer sends; the connection closes.
  virtual void OnBroken() {}
  // So many bytes of output wait for the socket. False: the connection closes.
  virtual bool OnHeld(size_t) { return true; }

 private:
  void OnReady(uint32_t events) override;
  void Read();
  void Discard();
  bool Process(std::string_view bytes);
  bool Consume(std::string_view bytes);
  bool Overflows();
  bool Produce();
  void Write();
  void EndIfOver();

  Reactor& reactor_;
  Traffic& traffic_;
  UniqueFd socket_;
  std::unique_ptr<TlsChannel> tls_;
  Codec* codec_ = nullptr;
  std::string outgoing_;  // on its way into the socket
  SteadyTime last_read_;
  bool dirty_ = false;
  bool more_to_write_ = false;
  bool started_ = false;
  bool opened_ = false;
  bool blocked_ = false;  // the socket takes no more at present
  bool sated_ = false;    // the socket may have bytes for which there was no appetite
  bool ending_ = false;   // the peer has sent its last
  bool deaf_ = false;     // nothing is read any more
  bool lingers_at_end_ = false;
  bool lingering_ = false;  // until the peer closes
  bool closed_ = false;
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_NET_CONNECTION_H_
