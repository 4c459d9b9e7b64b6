#include "services/gateway/listen/downstream.h"

#include <utility>

#include "common/telemetry/log.h"
#include "services/gateway/calls/call_host.h"
#include "services/gateway/listen/http1_client.h"
#include "services/gateway/listen/http2_client.h"
#include "services/gateway/net/work.h"

namespace baliprocess::gateway {
namespace {

// How long an abuser may take to read why it was cut off.
constexpr absl::Duration kFarewell = absl::Seconds(1);

// Of the budget that a connection begins with, when its address is suspect.
constexpr double kWithheld = 0.98;

// Work is taken from the address's budget, which many threads share, when it is so much.
constexpr double kSettle = 200;

// A deadline that passes is the service's fault, unless it leaves less than this for an answer.
constexpr auto kHasty = std::chrono::milliseconds(50);

// From connecting to the first request, TLS included.
constexpr absl::Duration kYouth = absl::Seconds(1);

// In units of connections that were cut off (Peer::Strike). Networks may be slow, too.
constexpr double kFailedHandshake = 0.05;
constexpr double kSlow = 0.05;

}  // namespace

Downstream::Downstream(CallHost& host, std::shared_ptr<Peer> peer,
                       std::function<void(Downstream&)> on_closed)
    : Connection(host, host.counts().clients),
      host_(host),
      peer_(std::move(peer)),
      on_closed_(std::move(on_closed)),
      accepted_(SteadyNow()),
      last_call_(accepted_),
      budget_(host.options().limits.work_at_once(), host.options().limits.work_per_second,
              accepted_) {
  host.counts().accepted.Add();
  if (peer_->suspect(accepted_)) budget_.Charge(kWithheld * budget_.level(accepted_), accepted_);
}

void Downstream::Serve(UniqueFd socket, SSL_CTX* tls) {
  if (!Connection::Open(std::move(socket))) return Close();
  secure_ = tls != nullptr;
  Start(tls == nullptr ? nullptr : std::make_unique<TlsChannel>(tls, outgoing()));
}

// Over TLS, a client that offers no protocol by ALPN speaks HTTP/1.1 (RFC 9113 3.2).
void Downstream::OnOpen() {
  open_once_ = true;
  if (!secure_) return;
  host_.counts().handshakes.Add();
  if (!host_.options().identities.callers.empty()) certificate_uris_ = tls()->PeerUris();
  Speak(tls()->agreed_on_http2() ? Spoken::kHttp2 : Spoken::kHttp1);
}

void Downstream::Speak(Spoken spoken) {
  if (spoken == Spoken::kHttp1) {
    protocol_ = std::make_unique<Http1Client>(*this);
  } else {
    protocol_ = Http2Client::Create(*this);
  }
  if (!protocol_) return;
  Connection::Speak(*protocol_);
  if (draining_) protocol_->Drain();
}

bool Downstream::Hear(std::string_view bytes) {
  const Spoken spoken = SpokenIn(first_bytes_ + std::string(bytes.substr(0, kPreface.size())));
  if (spoken == Spoken::kUnknown) {
    first_bytes_.append(bytes);
    return false;
  }
  Speak(spoken);
  if (!protocol_ || first_bytes_.empty()) return true;
  protocol_->CostOf(first_bytes_);
  return protocol_->Take(first_bytes_) == Codec::Taken::kGood;
}

void Downstream::OnClosed() {
  host_.counts().closed.Add();
  if (!open_once_) LogFailedHandshake();
  if (protocol_) protocol_->OnClosed();
  OnHeld(0);
  SettleAtEnd();
  on_closed_(*this);
}

bool Downstream::IsIdle(SteadyTime now) const {
  return now >= After(last_call_, host_.options().limits.idle_timeout);
}

bool Downstream::IsSpare(SteadyTime now) const {
  return protocol_ && protocol_->idle() &&
         now >= After(last_call_, host_.options().limits.spare_time);
}

bool Downstream::IsYoung(SteadyTime now) const {
  return !requested_ && now < After(accepted_, kYouth);
}

bool Downstream::IsStuck(SteadyTime now) const {
  return blocked() && now >= After(last_call_, host_.options().limits.reply_timeout);
}

void Downstream::EndExchange(Exchange& exchange, bool left) {
  last_call_ = last_read();
  const bool late = exchange.IsAtDeadline(last_read());
  const bool hasty = !exchange.served() && exchange.timeout() < kHasty;
  served_ = served_ || exchange.served();
  if (exchange.served()) Earn(Work::kCall);
  exchange.OnClientClosed();
  if (hasty) Charge(Work::kHastyCall);
  // A client whose deadline has come breaks off what nobody waits for any more.
  if (left && !late) OnBrokenOff();
}

void Downstream::OnBrokenOff() {
  const Limits& limits = host_.options().limits;
  Pay(static_cast<double>(limits.work_at_once()) / limits.max_resets, "too many calls broken off");
}

void Downstream::Pay(double work, const char* reason) {
  budget_.Charge(work, last_read());
  if (budget_.level(last_read()) < 0) return CutOff(reason);
  unsettled_ += work;
  if (unsettled_ >= kSettle && !Settle()) CutOff("too much work of its address");
}

bool Downstream::Settle() { return peer_->Pay(std::exchange(unsettled_, 0), last_read()); }

// Who only shakes hands, again and again, makes work too.
void Downstream::SettleAtEnd() {
  if (secure_ && !served_) unsettled_ += Work::kHandshake;
  if (!Settle() && cut_ == SteadyTime::max()) Blame("too many connections without a call");
}

bool Downstream::Charge(double work) {
  Pay(work, "too much work for what it brings");
  return cut_ == SteadyTime::max();
}

void Downstream::Earn(double work) {
  budget_.Give(work);
  unsettled_ -= work;
  if (unsettled_ <= -kSettle) Settle();
}

bool Downstream::OnBytes(std::string_view bytes) {
  const bool heard = protocol_ != nullptr || Hear(bytes);
  const double cost = protocol_ ? protocol_->CostOf(bytes) : 0;
  Pay(Work::kRead + cost, "too many frames that move nothing");
  return heard && cut_ == SteadyTime::max();
}

void Downstream::OnKeyUpdates(int count) {
  Pay(Work::kKeyUpdate * count, "too many TLS key updates");
}

void Downstream::OnOverflow() { CutOff("answers that it doesn't read"); }

bool Downstream::OnHeld(size_t bytes) {
  const int64_t more = static_cast<int64_t>(bytes) - held_;
  if (more > 0 && !peer_->unread_bytes().Take(more)) {
    CutOff("replies that it doesn't read");
    return false;
  }
  if (more < 0) peer_->unread_bytes().Give(-more);
  held_ += more;
  return true;
}

void Downstream::CutOff(const char* reason) {
  if (cut_ != SteadyTime::max()) return;
  cut_ = SteadyNow();
  Blame(reason);
  if (closed()) return;
  TurnDeaf();
  if (protocol_) protocol_->Leave(reason);
  Touch();
}

void Downstream::OnBroken() {
  if (cut_ != SteadyTime::max()) return;
  cut_ = SteadyNow();
  Blame("it breaks the rules of HTTP/2");
}

void Downstream::GiveUp(const char* reason) {
  if (cut_ == SteadyTime::max()) Blame(reason, kSlow);
  cut_ = SteadyNow();
  Close();
}

void Downstream::Blame(const char* reason, double weight) {
  const SteadyTime now = SteadyNow();
  host_.counts().cut_off.Add(reason);
  peer_->Strike(weight, now);
  if (!peer_->MayLog(Peer::Topic::kConnection, now)) return;
  telemetry::Log(telemetry::Level::kWarn, "gateway", "client cut off")
      .Field("peer", peer_->address())
      .Field("reason", reason);
}

// Who only connects and leaves, as load balancers do that look whether the port is open, isn't
// worth a line.
void Downstream::LogFailedHandshake() {
  const SteadyTime now = SteadyNow();
  const std::string_view error = tls_error();
  const bool slow = now >= After(accepted_, host_.options().limits.handshake_timeout);
  if (error.empty() && !slow) return;
  host_.counts().handshake_failures.Add(slow ? "too slow" : "failed");
  peer_->Strike(kFailedHandshake, now);
  if (!peer_->MayLog(Peer::Topic::kConnection, now)) return;
  telemetry::Log(telemetry::Level::kInfo, "gateway", "handshake failed")
      .Field("peer", peer_->address())
      .Field("error", slow ? "too slow" : error);
}

// Who has connected before the listener was closed can't know that it would have been refused.
void Downstream::Drain() {
  if (closed()) return;
  draining_ = true;
  if (!protocol_) return;
  protocol_->Drain();
  Touch();
}

void Downstream::Tick(SteadyTime now) {
  const bool no_hello =
      !greeted_ && now >= After(accepted_, host_.options().limits.handshake_timeout);
  const bool cut = cut_ != SteadyTime::max() && now >= After(cut_, kFarewell);
  const bool unused = draining_ && !protocol_ && !IsYoung(now);
  if (no_hello && open_once_) return GiveUp("it said nothing in time");
  if (no_hello || cut || unused) return Close();
  if (protocol_) protocol_->Tick(now);
}

}  // namespace baliprocess::gateway
