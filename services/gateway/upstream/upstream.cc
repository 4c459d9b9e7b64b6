#include "services/gateway/upstream/upstream.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"

#include "common/base/errors.h"
#include "common/telemetry/log.h"
#include "services/gateway/calls/refusal.h"
#include "services/gateway/net/reactor.h"
#include "services/gateway/upstream/endpoint.h"

namespace baliprocess::gateway {
namespace {

constexpr std::string_view kUnavailable = "14";  // grpc-status

// How long what was sent may wait for the service to take it.
constexpr int kUnsentMilliseconds = 20000;

EndpointLoad::Kind KindOf(const Call& call) {
  return call.route()->unary ? EndpointLoad::kUnary : EndpointLoad::kStream;
}

}  // namespace

Upstream::Upstream(Reactor& reactor, std::shared_ptr<Endpoint> endpoint, const TlsContext* tls)
    : Connection(reactor, reactor.counts().services),
      endpoint_(std::move(endpoint)),
      tls_context_(tls),
      health_(http2_, reactor.timers(), endpoint_->service(),
              [this](bool serving) { OnHealth(serving); }),
      timeout_([this] { OnTimeout(); }),
      ping_timer_([this] { OnPingTimer(); }),
      age_timer_([this] { OnAgeTimer(); }) {}

std::string_view Upstream::address() const { return endpoint_->address().text; }

void Upstream::Connect() {
  timeout_.Set(reactor().timers(), After(SteadyNow(), reactor().options().connect_timeout));
  if (Try(endpoint_->address().socket)) return;
  // Not at once: the endpoint that is connecting must not be told of the loss before it knows us.
  connect_failure_ = strerror(errno);
  reactor().Post([self = shared_from_this()] { self->Close(); });
}

bool Upstream::Try(const SocketAddress& address) {
  UniqueFd fd(socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return false;
  if (connect(fd.get(), address.get(), address.size) != 0 && errno != EINPROGRESS) return false;
  return Open(std::move(fd));
}

void Upstream::OnConnect() {
  int error = 0;
  socklen_t size = sizeof(error);
  if (getsockopt(socket_fd(), SOL_SOCKET, SO_ERROR, &error, &size) != 0 || error != 0) {
    return FailToConnect(strerror(error != 0 ? error : errno));
  }
  // Where HTTP/2 PINGs may not.
  WatchPeer(absl::Seconds(20), absl::Seconds(5), 3);
  setsockopt(socket_fd(), IPPROTO_TCP, TCP_USER_TIMEOUT, &kUnsentMilliseconds,
             sizeof(kUnsentMilliseconds));
  if (tls_context_ == nullptr) return Start(nullptr);
  const std::string& name = reactor().options().upstream_name;
  auto tls = std::make_unique<TlsChannel>(tls_context_->get().get(), outgoing(),
                                          name.empty() ? endpoint_->address().host : name);
  TlsChannel& channel = *tls;
  Start(std::move(tls));
  channel.StartHandshake();
  Flush();
}

void Upstream::OnOpen() {
  if (http2_.Start(false, reactor().options().limits)) Speak(http2_);
}

void Upstream::OnSettings() {
  max_header_bytes_ =
      nghttp2_session_get_remote_settings(session(), NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE);
  if (state_ != State::kConnecting) return;
  const UpstreamOptions& options = reactor().options().upstream;
  state_ = State::kOpen;
  opened_ = SteadyNow();
  timeout_.Cancel();
  age_timer_.Set(reactor().timers(), After(opened_, Jittered(options.connection_age)));
  endpoint_->OnConnected();
  telemetry::Log(telemetry::Level::kInfo, "gateway", "service connected")
      .Field("address", endpoint_->address().text);
  if (!options.health) return OnHealth(true);
  timeout_.Set(reactor().timers(), After(opened_, options.health_timeout));
  health_.Start(endpoint_->address().host, tls_context_ != nullptr);
}

void Upstream::OnHealth(bool serving) {
  const bool first = !std::exchange(heard_, true);
  if (!open_for_calls()) return;
  timeout_.Cancel();
  const bool changed = std::exchange(serving_, serving) != serving || first;
  if (!serving && changed) {
    telemetry::Log(telemetry::Level::kWarn, "gateway", "service says that it doesn't serve")
        .Field("address", endpoint_->address().text);
  }
  if (changed) endpoint_->OnReadiness(*this);
}

void Upstream::FailToConnect(std::string why) {
  connect_failure_ = std::move(why);
  Close();
}

void Upstream::OnTimeout() {
  if (state_ == State::kConnecting) return FailToConnect("no answer in time");
  OnHealth(true);
}

bool Upstream::stood(SteadyTime::duration time) const {
  return opened_ != SteadyTime::max() && SteadyNow() - opened_ >= time;
}

void Upstream::Retire() {
  if (state_ == State::kConnecting) return Close();
  GoAway(false);
}

void Upstream::OnGoaway(const nghttp2_goaway& frame) {
  // As gRPC servers say it, of every language.
  const std::string_view why(reinterpret_cast<const char*>(frame.opaque_data),
                             frame.opaque_data_len);
  if (why.find("too_many_pings") != std::string_view::npos) endpoint_->StopPings();
  GoAway(true);
}

void Upstream::GoAway(bool by_service) {
  timeout_.Cancel();
  age_timer_.Cancel();
  if (std::exchange(state_, State::kGoingAway) == State::kGoingAway) return;
  health_.Stop();
  endpoint_->OnGoingAway(*this, by_service);
  EndWithoutCalls();
}

void Upstream::EndWithoutCalls() {
  if (state_ != State::kGoingAway || call_count_ > 0) return;
  nghttp2_submit_goaway(session(), NGHTTP2_FLAG_NONE, 0, NGHTTP2_NO_ERROR, nullptr, 0);
  Touch();
}

void Upstream::OnAgeTimer() {
  aged_ = endpoint_->MayAge();
  if (aged_) return endpoint_->OnAged();
  const absl::Duration age = reactor().options().upstream.connection_age;
  age_timer_.Set(reactor().timers(), After(SteadyNow(), Jittered(age)));
}

// Set when a call begins and it isn't set already; so it costs next to nothing, and a connection
// that is busy is looked at once a second.
void Upstream::OnPingTimer() {
  if (call_count_ == 0 || !endpoint_->pings()) return;
  const UpstreamOptions& options = reactor().options().upstream;
  const SteadyTime now = SteadyNow();
  // A gateway that had no time itself can't tell that the service had.
  const bool late = now > After(ping_due_, options.ping_timeout / 2);
  if (silent() && !late) {
    endpoint_->OnSilent();
    return Close();
  }
  const SteadyTime quiet = After(last_read(), options.ping_after);
  ping_due_ = now < quiet ? quiet : After(now, options.ping_timeout);
  if (now >= quiet && !silent()) {
    nghttp2_submit_ping(session(), NGHTTP2_FLAG_NONE, nullptr);
    Touch();
    pinged_ = now;
    endpoint_->stats()->pings.Add(1);
  }
  ping_timer_.Set(reactor().timers(), ping_due_);
}

void Upstream::OnClosed() {
  http2_.End();  // first: nothing may be submitted to a session that dies
  timeout_.Cancel();
  age_timer_.Cancel();
  ping_timer_.Cancel();
  health_.Stop();
  const bool had_opened = state_ != State::kConnecting;
  if (had_opened) LogLoss();
  if (connect_failure_.empty()) connect_failure_ = tls_error();
  if (connect_failure_.empty()) connect_failure_ = "it was closed before it spoke HTTP/2";
  const auto keep = endpoint_;
  endpoint_->OnLost(*this, had_opened, connect_failure_);
  state_ = State::kGoingAway;
  while (!calls_.empty()) {
    Call& call = calls_.front();
    calls_.pop_front();
    endpoint_->OnCallEnded(KindOf(call));
    call.OnServerLost(call.server_stream() > last_sent_);
    intrusive_ptr_release(&call);
  }
}

// With the first of the calls that end by it: one of them may be the cause.
void Upstream::LogLoss() {
  constexpr int kNamed = 10;
  std::string named;
  int left = kNamed;
  for (Call& call : calls_) {
    if (left-- == 0) break;
    absl::StrAppend(&named, named.empty() ? "" : ", ", call.route()->path, " ",
                    std::string(call.LogId()));
  }
  const auto level = call_count_ > 0 ? telemetry::Level::kWarn : telemetry::Level::kInfo;
  telemetry::LogLine line = telemetry::Log(level, "gateway", "service disconnected");
  line.Field("address", endpoint_->address().text)
      .Field("calls", call_count_)
      .Field("first_calls", named);
  if (silent()) line.Field("reason", "it doesn't answer");
}

void Upstream::Send(Call& call) {
  RequestFields& fields = reactor().request_fields();
  call.CollectRequestFields(endpoint_->address().host, fields);
  // A service that is sent more than it takes ends the call without a reason, gRPC's even the
  // connection.
  if (fields.size() > max_header_bytes_) {
    return call.Refuse(
        Error(api::v1::Error::TOO_LARGE, "the service takes no headers of this size"));
  }
  const int32_t id = http2_.SendRequest(fields, call.request_body(), &call);
  if (id < 0) {
    return call.Refuse(ComeAgain("the service takes no calls at present"));
  }
  intrusive_ptr_add_ref(&call);
  calls_.push_back(call);
  ++call_count_;
  endpoint_->OnCallBegun(KindOf(call), call.attempts() > 0);
  if (!ping_timer_.is_set() && endpoint_->pings()) {
    ping_due_ = After(SteadyNow(), reactor().options().upstream.ping_after);
    ping_timer_.Set(reactor().timers(), ping_due_);
  }
  call.OnSubmitted(http2_, id, endpoint_->id());
  if (++calls_begun_ >= reactor().options().calls_per_connection) GoAway(false);
}

Call* Upstream::FindCall(int32_t stream_id) {
  return static_cast<Call*>(nghttp2_session_get_stream_user_data(session(), stream_id));
}

bool Upstream::OnHeader(const nghttp2_frame& frame, const ReceivedField& field) {
  if (Call* call = FindCall(frame.hd.stream_id)) {
    if (field.name == "grpc-status" && field.value == kUnavailable) endpoint_->OnUnavailable();
    call->AddReplyField(field);
  } else if (health_.Owns(frame.hd.stream_id)) {
    health_.OnHeader(field.name, field.value);
  }
  return true;
}

void Upstream::OnFrame(const nghttp2_frame& frame) {
  const bool end = (frame.hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
  switch (frame.hd.type) {
    case NGHTTP2_HEADERS:
      if (Call* call = FindCall(frame.hd.stream_id)) call->OnReplyHeaders(end);
      break;
    case NGHTTP2_DATA:
      if (!end) break;
      if (Call* call = FindCall(frame.hd.stream_id)) call->OnReplyEnd();
      break;
    case NGHTTP2_SETTINGS:
      if ((frame.hd.flags & NGHTTP2_FLAG_ACK) == 0) OnSettings();
      break;
    case NGHTTP2_GOAWAY:
      OnGoaway(frame.goaway);
      break;
    default:
      break;
  }
}

void Upstream::OnData(int32_t stream_id, std::string_view bytes) {
  if (Call* call = FindCall(stream_id)) return call->OnReplyData(bytes);
  if (health_.Owns(stream_id)) health_.OnData(bytes);
}

void Upstream::OnFrameSent(const nghttp2_frame& frame) {
  if (frame.hd.type == NGHTTP2_HEADERS) last_sent_ = frame.hd.stream_id;
}

void Upstream::OnStreamClosed(int32_t stream_id, uint32_t error) {
  Call* call = FindCall(stream_id);
  if (health_.Owns(stream_id)) return health_.OnClosed();
  if (call == nullptr) return;
  call->UnlinkServer();
  --call_count_;
  endpoint_->OnCallEnded(KindOf(*call));
  if (error == NGHTTP2_REFUSED_STREAM) endpoint_->OnUnavailable();
  call->OnServerClosed(error);
  intrusive_ptr_release(call);
  EndWithoutCalls();
}

}  // namespace baliprocess::gateway
