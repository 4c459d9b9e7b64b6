// Call, tried again: when a try has failed before anything of its reply went to the client.

#include <algorithm>
#include <utility>

#include "services/gateway/calls/call.h"
#include "services/gateway/calls/call_host.h"
#include "services/gateway/calls/repeat_rules.h"
#include "services/gateway/net/http2_session.h"

namespace baliprocess::gateway {
namespace {

// A service that wants to be asked again later than this tells the caller itself.
constexpr absl::Duration kLongPushback = absl::Seconds(2);

// How long the head of a stream's reply waits for what is behind it: UNAVAILABLE, perhaps, which
// gRPC's servers send right after a head of its own.
constexpr absl::Duration kHeadWaits = absl::Milliseconds(5);

}  // namespace

void Call::KeepRequest() {
  const bool wanted = host_.options().upstream.repeat_ratio > 0;
  request_.kept = wanted && route_->one_request && request_.ended &&
                  request_.bytes.size() <= kHeldBack &&
                  host_.kept_requests().Take(request_.bytes.size());
}

void Call::LetGoOfRequest() {
  if (!std::exchange(request_.kept, false)) return;
  host_.kept_requests().Give(request_.bytes.size());
  request_.bytes.Pop(std::exchange(request_.sent, 0));
}

// As far as the method goes; whether there is a request_id, the request says.
bool Call::MayBeSafe() const { return route_->repeatable || route_->request_id > 0; }

bool Call::IsSafe() const {
  if (route_->repeatable) return true;
  return route_->request_id > 0 && HasText(OnlyMessage(request_.bytes.front()), route_->request_id);
}

SteadyTime::duration Call::TryTime() const {
  const SteadyTime::duration most = absl::ToChronoNanoseconds(host_.options().upstream.try_timeout);
  return std::min(most, timeout() / 3);
}

bool Call::Repeat(Failure failure) {
  if (!request_.kept || reply_started_ || over() || attempts_ >= kMaxAttempts) return false;
  if (host_.ended()) return false;
  if (failure != Failure::kUnprocessed && !IsSafe()) return false;
  absl::Duration delay = Backoff(attempts_);
  if (failure == Failure::kUnavailable) {
    const auto pushback = Pushback(trailers_.empty() ? reply_fields_ : trailers_);
    if (!pushback || *pushback > kLongPushback) return false;
    delay = std::max(delay, *pushback);
  }
  const SteadyTime now = SteadyNow();
  if (After(now, delay) >= deadline_) return false;
  if (!host_.repeats(*route_->backend).TryTake(now)) return false;
  between_tries_ = true;
  head_by_ = SteadyTime::max();  // of a head that isn't sent on any more
  repeat_after_ = delay;
  avoid_ = address_;
  if (server_ == nullptr) {
    WaitToRepeat();
  } else if (failure == Failure::kSlow || request_.sent < request_.bytes.size()) {
    server_->Reset(server_stream_, NGHTTP2_CANCEL);
  }
  return true;
}

// The stream of the try that failed is over: nothing of it must be left.
void Call::WaitToRepeat() {
  reply_fields_.Clear();
  trailers_.Clear();
  http_status_ = 200;
  grpc_status_ = -1;
  head_come_ = reply_.ended = false;
  request_.sent = 0;
  request_.deferred = false;
  head_by_ = SteadyTime::max();
  repeat_at_ = After(SteadyNow(), repeat_after_);
  SetTimer();
}

void Call::TryAgain() {
  repeat_at_ = SteadyTime::max();
  between_tries_ = false;
  if (try_by_ != SteadyTime::max()) try_by_ = SteadyNow() + TryTime();
  Forward();
}

// Once for a try that is under way: the call may be one that takes long wherever it is made. Time
// before a try, such as that of waiting for a service, isn't the try's.
void Call::OnTryTimeout() {
  const bool under_way = server_ != nullptr && !between_tries_;
  try_by_ = under_way ? SteadyTime::max() : SteadyNow() + TryTime();
  if (under_way && host_.HasOther(*route_->backend, address_)) Repeat(Failure::kSlow);
  SetTimer();
}

// Whether the reply's head is held back for now.
bool Call::HoldHead() {
  if (!request_.kept) return false;
  if (!route_->unary) {
    head_by_ = After(SteadyNow(), kHeadWaits);
    SetTimer();
  }
  return true;
}

}  // namespace baliprocess::gateway
