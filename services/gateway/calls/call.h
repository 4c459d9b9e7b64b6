// A call in flight: it joins a client's stream to a service's stream.
//
// Bytes that come from one side are queued until the other side's connection takes them, and only
// then is the sender's window opened again: a queue never holds more than one window. The call
// belongs to the two connections (each holds a reference while its stream lives) and ends when
// both have let go. All on one event loop's thread; life_of_a_call.md
// tells the whole story.

#ifndef BALIPROCESS_SERVICES_GATEWAY_CALLS_CALL_H_
#define BALIPROCESS_SERVICES_GATEWAY_CALLS_CALL_H_

#include <nghttp2/nghttp2.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include <boost/intrusive/list.hpp>

#include "common/base/errors.h"
#include "services/gateway/calls/call_trace.h"
#include "services/gateway/calls/client_stream.h"
#include "services/gateway/calls/exchange.h"
#include "services/gateway/calls/in_flight.h"
#include "services/gateway/calls/reader_progress.h"
#include "services/gateway/calls/request_head.h"
#include "services/gateway/calls/routes.h"
#include "services/gateway/calls/waiting_room.h"
#include "services/gateway/net/body.h"
#include "services/gateway/net/bytes.h"
#include "services/gateway/net/header_block.h"
#include "services/gateway/net/load.h"
#include "services/gateway/net/timer.h"

namespace baliprocess::gateway {

class CallHost;
class Http2Session;

template <typename Tag>
using CallHook =
    boost::intrusive::list_base_hook<boost::intrusive::tag<Tag>,
                                     boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;
using ServerHook = CallHook<struct ServerTag>;
using WaitingHook = CallHook<struct WaitingTag>;

// Requests of one message up to this size go on when they are whole: unfinished, they cost the
// service nothing. Such a one is kept until the reply begins, so that the call can be made again.
inline constexpr size_t kHeldBack = 64 << 10;

class Call final : public Exchange,
                   public ServerHook,
                   public WaitingHook,
                   public InFlight,
                   public Timer {
 public:
  template <typename Hook>
  using ListBy = boost::intrusive::list<Call, boost::intrusive::base_hook<Hook>,
                                        boost::intrusive::constant_time_size<false>>;
  using ServerList = ListBy<ServerHook>;
  using WaitingList = ListBy<WaitingHook>;

  // `host` must outlive the call, `client` lives until OnClientClosed.
  Call(CallHost& host, ClientStream& client, RequestHead head);

  // What the client's connection reports.
  void Begin(bool end) override;
  void OnRequestData(std::string_view bytes) override;
  void OnRequestEnd() override;
  void OnDrain() override;
  void OnTick(SteadyTime now) override;
  void OnReplySent() override;
  void OnClientClosed() override;

  // What the service's connection asks for and reports.

  // The header fields to open the service's stream with; they live as long as the call. `authority`
  // is the service's, for a call that names none.
  void CollectRequestFields(std::string_view authority, RequestFields& fields);
  // What to send behind these; nullptr when the request has no body.
  Body* request_body() { return request_.ended && request_.bytes.empty() ? nullptr : &request_; }
  // The request is on its way. `address` is of the service's, unlike that of any other, and not 0.
  void OnSubmitted(Http2Session& server, int32_t stream_id, uint64_t address);
  int32_t server_stream() const { return server_stream_; }
  // How often the request was on its way.
  int attempts() const { return attempts_; }
  // Whether it has a place among the calls of its peer.
  bool counted() const { return counted_call_; }
  // Takes a place among those that wait for its service; until it is on its way, or over. False:
  // there is no room for it.
  bool TakePlace(WaitingRoom& room);
  // The address where the last try has failed; 0: there was none.
  uint64_t avoid() const { return avoid_; }
  void AddReplyField(const ReceivedField& field);
  void OnReplyHeaders(bool end);
  void OnReplyData(std::string_view bytes);
  void OnReplyEnd();
  void OnServerClosed(uint32_t error_code);
  // `unseen`: the request was never sent.
  void OnServerLost(bool unseen);
  void UnlinkServer() { ServerHook::unlink(); }

  // Ends the call with a status: in trailers when the reply has begun already, behind what has come
  // of it. Resets the stream when the client doesn't take these, or the reply was whole.
  void Refuse(const absl::Status& status);

  // Ends it so since its client doesn't read the reply, in time or at all: then so much waits that
  // there is no room for it.
  void RefuseSlowReader();
  void EndUnread();

  // For methods that the gateway answers itself: the request so far, and a message of the reply.
  std::string_view local_request() const { return request_.bytes.front(); }
  void ReplyLocally(std::string_view message, bool last);

  // The reply's status of HTTP, for the log, where the client sees another than gRPC's.
  void set_http_status(int status) { http_status_ = status; }

  // Of a request whose text is about to be read, and was: counts that work among the calls of the
  // caller. Whether that may begin; the call is refused otherwise.
  bool MayRead();
  void CountReading(size_t bytes);

  // Counts bytes of the request's message that are held for the call elsewhere, of which
  // OnRequestData doesn't know yet, among those that its client may have under way. Refuses the
  // call when there are too many, or when one message can't be so large.
  void CountHeld(size_t bytes);
  // A part of a request of many messages is to come, of which OnRequestData doesn't know yet. Until
  // that has a message of it, it has the time of a message that has begun.
  void AwaitPart();

  const Route* route() const { return route_; }
  // What the call is known by in logs, here and in the service: the caller's id, or else the id of
  // the trace, which is made up here when there is none.
  std::string_view LogId();
  telemetry::CallDescription Describe() const override;
  // Nothing more can be sent to the client.
  bool over() const { return client_ == nullptr || reply_closed_; }
  // A service has answered it, or the gateway a question about its health.
  bool served() const override {
    return reply_sent_ && grpc_status_ >= 0 && reason_ == api::v1::Error::REASON_UNSPECIFIED;
  }
  bool IsAtDeadline(SteadyTime now) const override;
  SteadyTime::duration timeout() const override { return deadline_ - start_; }

 private:
  // The body in one direction.
  struct Flow {
    ByteQueue bytes;
    uint64_t total = 0;
    bool ended = false;     // no more will come
    bool deferred = false;  // nghttp2 waits to be told that there is more
  };
  // Why a try has failed: the service has surely not begun with it, has said that it fails, is
  // gone, or is slow.
  enum class Failure { kUnprocessed, kUnavailable, kLost, kSlow };
  struct RequestFlow final : Flow, Body {
    explicit RequestFlow(Call& whose) : call(whose) {}
    ssize_t Read(size_t length, uint32_t* flags) override;
    void Move(size_t size, std::string& out) override;
    Call& call;
    bool kept = false;  // the bytes stay, for another try
    size_t sent = 0;    // of those that stay
  };
  struct ReplyFlow final : Flow, Body {
    explicit ReplyFlow(Call& whose) : call(whose) {}
    ssize_t Read(size_t length, uint32_t* flags) override;
    void Move(size_t size, std::string& out) override;
    Call& call;
  };

  void OnTimer() override;

  // The steps of Begin. CheckHttp answers the client when it returns false.
  bool CheckHttp();
  absl::Status Admit();
  absl::Status CheckHead() const;
  absl::Status CountIn(bool whole);
  // The refusal, which is logged.
  absl::Status Overloaded(std::string_view what);
  // Decides whether its trace is recorded. The client is known if it has a token.
  void StartTrace();
  void StartDeadline();
  void Dispatch();
  void Forward();

  // Keeps the request for another try, if it can be had.
  void KeepRequest();
  void LetGoOfRequest();
  bool MayBeSafe() const;
  // To be done twice.
  bool IsSafe() const;
  // How long a try may take that can be made elsewhere.
  SteadyTime::duration TryTime() const;
  // The try has failed. True: there will be another one.
  bool Repeat(Failure failure);
  void WaitToRepeat();
  void TryAgain();
  void OnTryTimeout();
  // Nothing that the service still sends is of interest.
  bool deaf() const { return server_left_ || between_tries_; }

  // What is wrong with the messages in the next bytes of the request, or at its end.
  absl::Status JudgeMessages(std::string_view bytes);
  absl::Status JudgeEnd() const;
  // Counts the message that has begun among those that aren't whole, or no longer.
  absl::Status CountMessage();
  // For what is next: the deadline, the end of waiting for a service or for the request.
  void SetTimer();

  bool IsReplyOfGrpc() const;
  bool WasLeftUndone(const HeaderBlock& last);
  bool HoldHead();
  void StartReply(bool with_body);
  void SubmitReplyHeaders(const std::vector<nghttp2_nv>& fields, bool with_body);
  void SubmitTrailers();
  // Bytes of the reply that the client hasn't read: those here and, as the service holds it, the
  // rest of a unary call's message.
  int64_t Unread() const;
  // Counts as many among those of the client's address. False: there is no room for more.
  bool CountUnread();
  // Has the other side send more of the body.
  void ResumeRequest();
  void ResumeReply();
  void BreakOff(const absl::Status& status);
  void ResetClient(uint32_t error_code);
  // Ends the service's part, if there is one still. What comes from there after is ignored.
  void LeaveServer(uint32_t error_code);
  bool WaitsForServer() const { return WaitingHook::is_linked(); }
  std::string_view TraceId();
  // The traceparent that the service is told with the next attempt.
  std::string_view NextTraceparent();
  // The status of gRPC's that it ended with.
  int Code() const;
  // Tells how it ended: counts, the trace, the log.
  void TellEnd();
  void LogEnd(SteadyTime now);

  CallHost& host_;
  ClientStream* client_;
  Http2Session* server_ = nullptr;
  int32_t server_stream_ = 0;
  const SteadyTime start_;
  SteadyTime deadline_ = SteadyTime::max();
  SteadyTime give_up_ = SteadyTime::max();     // waiting for a connection
  WaitingRoom::Place place_;                   // while it waits for that
  SteadyTime request_by_ = SteadyTime::max();  // the request, or its message, must be whole
  SteadyTime try_by_ = SteadyTime::max();      // the try may be made elsewhere
  SteadyTime repeat_at_ = SteadyTime::max();   // the next try
  SteadyTime head_by_ = SteadyTime::max();     // the reply's head goes on
  uint64_t timed_message_ = 0;                 // whose time that is, of a stream's messages
  ReaderProgress reader_;
  int64_t unread_ = 0;  // that are counted
  const Route* route_ = nullptr;

  RequestHead head_;
  HeaderBlock reply_fields_;
  HeaderBlock trailers_;
  RequestFlow request_{*this};
  ReplyFlow reply_{*this};
  MessageMeter meter_;
  MessageMeter reply_meter_;
  Share share_;
  RateMeter* rate_ = nullptr;  // of the caller; null: not known yet
  const RateLimit* rate_limit_ = nullptr;
  bool held_elsewhere_ = false;  // the message was (CountHeld), before it came here
  bool counted_call_ = false;    // among those of the peer
  int64_t counted_ = 0;          // of the message that isn't whole, in share_

  // What the gateway adds; must live until the headers were sent.
  std::string traceparent_;  // where there is no trace_ and the client sent none that can go on
  char timeout_[16];
  std::string previous_attempts_;  // of repeats

  // For when the client's connection has gone.
  std::unique_ptr<CallTrace> trace_;  // null: it isn't recorded
  const std::shared_ptr<Peer> peer_;
  std::string subject_;

  int http_status_ = 200;
  int grpc_status_ = -1;                                     // none seen
  ErrorReason reason_ = api::v1::Error::REASON_UNSPECIFIED;  // the gateway's own

  int attempts_ = 0;
  uint64_t address_ = 0;  // of the service, of the last try
  uint64_t avoid_ = 0;
  absl::Duration repeat_after_;

  bool local_ = false;       // answered by the gateway
  bool dispatched_ = false;  // the request goes on as it comes; before, it is held back
  bool between_tries_ = false;
  bool head_come_ = false;  // the reply's, from the service
  bool reply_started_ = false;
  bool reply_closed_ = false;
  bool reply_sent_ = false;
  bool server_left_ = false;
  bool reset_by_gateway_ = false;
  std::optional<absl::Status> refusal_;  // that came after the reply had started
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_CALLS_CALL_H_
