#include "services/gateway/upstream/upstream.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "absl/strings/str_cat.h"

#include "common/base/errors.h"
#include "common/telemetry/log.h"
#include "services/gateway/calls/header_rules.h"
#include "services/gateway/net/reactor.h"
#include "services/gateway/upstream/backend.h"

namespace baliprocess::gateway {
namespace {

// How long what was sent may wait for the service to take it.
constexpr int kUnsentMilliseconds = 20000;

}  // namespace

Upstream::Upstream(Reactor& reactor, Backend& backend, const TlsContext* tls, std::string address)
    : Connection(reactor, reactor.counts().services),
      backend_(backend),
      tls_context_(tls),
      address_(std::move(address)),
      timeout_([this] { Close(); }) {}

void Upstream::Connect() {
  timeout_.Set(reactor().timers(), After(SteadyNow(), reactor().options().connect_timeout));
  if (!address_.starts_with("unix:")) return Resolve();
  host_ = "localhost";
  OnResolved({UnixAddress(std::string_view(address_).substr(5))});
}

void Upstream::Resolve() {
  const auto host_port = SplitHostPort(address_);
  host_ = host_port->host;  // checked when the gateway was made
  if (const auto numeric = NumericAddress(*host_port)) return OnResolved({*numeric});
  auto self = std::static_pointer_cast<Upstream>(shared_from_this());
  reactor().resolver().Resolve(*host_port, [self](std::vector<SocketAddress> addresses) {
    self->reactor().Post([self, addresses] {
      if (!self->closed()) self->OnResolved(addresses);
    });
  });
}

void Upstream::OnResolved(std::vector<SocketAddress> addresses) {
  addresses_ = std::move(addresses);
  std::reverse(addresses_.begin(), addresses_.end());
  TryNext();
}

void Upstream::TryNext() {
  while (!addresses_.empty()) {
    const SocketAddress address = addresses_.back();
    addresses_.pop_back();
    if (Try(address)) return;
  }
  // Not at once: the backend that is connecting must not be told of the loss before it knows us.
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
    return TryNext();
  }
  // HTTP/2 PINGs on quiet streams are taken for abuse by gRPC servers.
  WatchPeer(absl::Seconds(20), absl::Seconds(5), 3);
  setsockopt(socket_fd(), IPPROTO_TCP, TCP_USER_TIMEOUT, &kUnsentMilliseconds,
             sizeof(kUnsentMilliseconds));
  if (tls_context_ == nullptr) return Start(nullptr);
  const std::string& name = reactor().options().upstream_name;
  auto tls = std::make_unique<TlsChannel>(tls_context_->get().get(), outgoing(),
                                          name.empty() ? host_ : name);
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
  state_ = State::kReady;
  timeout_.Cancel();
  telemetry::Log(telemetry::Level::kInfo, "gateway", "service connected")
      .Field("address", address_);
  backend_.OnReady(*this);
}

// Takes no more calls, and closes when those it has are over.
void Upstream::GoAway() {
  timeout_.Cancel();
  if (std::exchange(state_, State::kGoingAway) == State::kGoingAway) return;
  backend_.OnGoingAway(*this);
}

void Upstream::OnClosed() {
  http2_.End();  // first: nothing may be submitted to a session that dies
  timeout_.Cancel();
  const bool was_ready = state_ != State::kConnecting;
  state_ = State::kGoingAway;
  if (was_ready) LogLoss();
  backend_.OnLost(*this);
  while (!calls_.empty()) {
    Call& call = calls_.front();
    calls_.pop_front();
    call.OnServerLost();
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
  telemetry::Log(level, "gateway", "service disconnected")
      .Field("address", address_)
      .Field("calls", call_count_)
      .Field("first_calls", named);
}

// A service that is sent more than it takes ends the call without a reason, gRPC's even the
// connection.
bool Upstream::Takes(const std::vector<nghttp2_nv>& fields) const {
  size_t size = 0;
  for (const nghttp2_nv& field : fields) size += FieldSize(field.namelen, field.valuelen);
  return size <= max_header_bytes_;
}

void Upstream::Send(Call& call) {
  std::vector<nghttp2_nv>& fields = reactor().fields();
  call.CollectRequestFields(fields);
  if (!Takes(fields)) {
    return call.Refuse(
        Error(api::v1::Error::TOO_LARGE, "the service takes no headers of this size"));
  }
  nghttp2_data_provider provider = {};
  Body* const body = call.request_body();
  if (body != nullptr) provider = ProviderOf(*body);
  const int32_t id = nghttp2_submit_request(session(), nullptr, fields.data(), fields.size(),
                                            body == nullptr ? nullptr : &provider, &call);
  if (id < 0) {
    return call.Refuse(
        Error(api::v1::Error::TEMPORARILY_UNAVAILABLE, "the service takes no calls at present"));
  }
  intrusive_ptr_add_ref(&call);
  calls_.push_back(call);
  ++call_count_;
  Touch();
  call.OnSubmitted(http2_, id);
  if (++calls_begun_ >= reactor().options().calls_per_connection) GoAway();
}

Call* Upstream::FindCall(int32_t stream_id) {
  return static_cast<Call*>(nghttp2_session_get_stream_user_data(session(), stream_id));
}

bool Upstream::OnHeader(const nghttp2_frame& frame, const ReceivedField& field) {
  if (Call* call = FindCall(frame.hd.stream_id)) call->AddReplyField(field);
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
      GoAway();
      break;
    default:
      break;
  }
}

void Upstream::OnData(int32_t stream_id, std::string_view bytes) {
  if (Call* call = FindCall(stream_id)) call->OnReplyData(bytes);
}

void Upstream::OnStreamClosed(int32_t stream_id, uint32_t error) {
  Call* call = FindCall(stream_id);
  if (call == nullptr) return;
  call->UnlinkServer();
  --call_count_;
  call->OnServerClosed(error);
  intrusive_ptr_release(call);
  if (state_ != State::kGoingAway || call_count_ > 0) return;
  nghttp2_submit_goaway(session(), NGHTTP2_FLAG_NONE, 0, NGHTTP2_NO_ERROR, nullptr, 0);
  Touch();
}

}  // namespace baliprocess::gateway
