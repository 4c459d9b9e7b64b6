// A client's connection: limits, abuse, timeouts and the choice of HTTP/2 or HTTP/1.1 are judged
// here, requests in what is spoken (ClientProtocol).

#ifndef BALIPROCESS_SERVICES_GATEWAY_LISTEN_DOWNSTREAM_H_
#define BALIPROCESS_SERVICES_GATEWAY_LISTEN_DOWNSTREAM_H_

#include <openssl/ssl.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "services/gateway/calls/exchange.h"
#include "services/gateway/listen/client_protocol.h"
#include "services/gateway/listen/first_bytes.h"
#include "services/gateway/net/connection.h"
#include "services/gateway/net/load.h"
#include "services/gateway/net/peer.h"
#include "services/gateway/net/token_bucket.h"

namespace baliprocess::gateway {

class CallHost;

class Downstream final : public Connection {
 public:
  // `on_closed` is called when the connection and its calls have ended.
  Downstream(CallHost& host, std::shared_ptr<Peer> peer,
             std::function<void(Downstream&)> on_closed);

  // `tls` may be null: the connection is plaintext then.
  void Serve(UniqueFd socket, SSL_CTX* tls);

  // Asks the client to go elsewhere, at once with what its streams do; ends when its calls have
  // ended.
  void Drain();

  // Whether the client has no request under way, and has had none for so long that another client
  // may have its place.
  bool IsSpare(SteadyTime now) const;
  // When the last call began or ended; or the connection, when there was none.
  SteadyTime last_call() const { return last_call_; }

  // Judges timeouts; called now and then.
  void Tick(SteadyTime now);

  // The rest is for what is spoken on the connection.

  CallHost& host() { return host_; }
  const std::shared_ptr<Peer>& peer() const { return peer_; }
  Load& load() { return load_; }
  // Of the client's certificate, where Options::identities asks for them.
  const std::vector<std::string>& certificate_uris() const { return certificate_uris_; }
  // Whether there is TLS.
  bool secure() const { return secure_; }

  // The client has said what the protocol begins with.
  void OnGreeted() { greeted_ = true; }

  // Whether there was no exchange for too long. To be asked while there is none.
  bool IsIdle(SteadyTime now) const;
  // Whether the socket hasn't taken the end of the last reply for too long. Likewise.
  bool IsStuck(SteadyTime now) const;
  // Whether its first request may well be on its way: the client has just connected.
  bool IsYoung(SteadyTime now) const;
  // A request has begun.
  void OnRequest() {
    last_call_ = last_read();
    requested_ = true;
  }
  // Tells the exchange that its client's stream is over, and judges it. `left`: by the client's
  // doing, before the reply was sent.
  void EndExchange(Exchange& exchange, bool left);
  // The client has broken off a request, or made it impossible.
  void OnBrokenOff();

  // Takes from, and fills, the budgets of work (net/work.h) of the connection and of its address.
  // When one of them is empty the client is cut off: Charge returns false.
  bool Charge(double work);
  void Earn(double work);
  // The same as Charge, with the reason when it is the connection's that is empty.
  void Pay(double work, const char* reason);

  // The client breaks the rules of what it speaks, and the connection ends for it.
  void OnBroken() override;
  // Closes the connection of a client that takes too long for something, and says so.
  void GiveUp(const char* reason);

  using Connection::LingerAtEnd;
  using Connection::WatchPeer;

 private:
  void OnOpen() override;
  void OnClosed() override;
  bool OnBytes(std::string_view bytes) override;
  void OnKeyUpdates(int count) override;
  void OnOverflow() override;
  bool OnHeld(size_t bytes) override;

  void Speak(Spoken spoken);
  // Keeps the client's first bytes until they tell what it speaks. False: they don't yet.
  bool Hear(std::string_view bytes);
  // Takes what hasn't been taken of the address's yet.
  bool Settle();
  void SettleAtEnd();
  // An abuser is told to calm down, and left.
  void CutOff(const char* reason);
  // Remembers and logs that; `weight` as Peer::Strike has it.
  void Blame(const char* reason, double weight = 1);
  void LogFailedHandshake();

  CallHost& host_;
  const std::shared_ptr<Peer> peer_;
  Load load_;
  const std::function<void(Downstream&)> on_closed_;
  std::unique_ptr<ClientProtocol> protocol_;  // null: not known yet
  std::string first_bytes_;                   // that didn't tell
  std::vector<std::string> certificate_uris_;

  const SteadyTime accepted_;
  SteadyTime last_call_;  // when the last call began or ended

  TokenBucket budget_;
  double unsettled_ = 0;  // work that the address's budget doesn't know of; negative: earned
  int64_t held_ = 0;      // bytes that wait for the socket, among the address's unread ones
  SteadyTime cut_ = SteadyTime::max();  // when it was
  bool open_once_ = false;              // TLS was agreed on
  bool greeted_ = false;
  bool requested_ = false;  // a request has begun, once
  bool draining_ = false;   // it is to end: told before it was known what is spoken
  bool secure_ = false;     // there is TLS
  bool served_ = false;     // a call was answered
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_LISTEN_DOWNSTREAM_H_
