// A call in flight: it joins a client's stream to a service's stream.
//
// Bytes that come from one side are queued until the other side's connection takes them, and only
// then is the sender's window opened again: a queue never holds more than one window. The call
// belongs to the two connections (each holds a reference while its stream lives) and ends when
// both have let go. All on one event loop's thread.

#ifndef BALIPROCESS_SERVICES_GATEWAY_CALL_H_
#define BALIPROCESS_SERVICES_GATEWAY_CALL_H_

#include <nghttp2/nghttp2.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include <boost/intrusive/list.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>

#include "common/base/errors.h"
#include "services/gateway/bytes.h"
#include "services/gateway/header_block.h"
#include "services/gateway/request_head.h"
#include "services/gateway/routes.h"
#include "services/gateway/timer.h"

namespace baliprocess::gateway {

class Downstream;
class EventLoop;
class Upstream;

template <typename Tag>
using CallHook =
    boost::intrusive::list_base_hook<boost::intrusive::tag<Tag>,
                                     boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;
using ClientHook = CallHook<struct ClientTag>;
using ServerHook = CallHook<struct ServerTag>;
using WaitingHook = CallHook<struct WaitingTag>;

class Call final : public boost::intrusive_ref_counter<Call, boost::thread_unsafe_counter>,
                   public ClientHook,
                   public ServerHook,
                   public WaitingHook,
                   public Timer {
 public:
  template <typename Hook>
  using ListBy = boost::intrusive::list<Call, boost::intrusive::base_hook<Hook>,
                                        boost::intrusive::constant_time_size<false>>;
  using ClientList = ListBy<ClientHook>;
  using ServerList = ListBy<ServerHook>;
  using WaitingList = ListBy<WaitingHook>;

  Call(Downstream& client, int32_t stream_id);

  // What the client's connection reports.

  void AddRequestField(nghttp2_rcbuf* name, nghttp2_rcbuf* value, uint8_t flags);
  void OnRequestHeaders(bool end);
  void OnRequestData(std::string_view bytes);
  void OnRequestEnd();
  void OnDrain();         // the gateway is closing
  void OnReplySent();     // to its end
  void OnClientClosed();  // the stream is over, or its connection

  // What the service's connection reports.

  void AddReplyField(nghttp2_rcbuf* name, nghttp2_rcbuf* value, uint8_t flags);
  void OnReplyHeaders(bool end);
  void OnReplyData(std::string_view bytes);
  void OnReplyEnd();
  void OnServerClosed(uint32_t error_code);
  void OnServerLost();
  void UnlinkServer() { ServerHook::unlink(); }

  // For nghttp2's data sources: how much of the body is to be sent now, and then the sending.
  ssize_t ReadRequest(size_t length, uint32_t* flags);
  ssize_t ReadReply(size_t length, uint32_t* flags);
  void MoveRequest(size_t size, std::string& out);
  void MoveReply(size_t size, std::string& out);

  // Sends the request on.
  void Send(Upstream& server);

  // Ends the call with a status: in trailers when the reply has begun already, behind what has come
  // of it. Resets the stream when the client doesn't take these, or the reply was whole.
  void Refuse(const absl::Status& status);

  // For methods that the gateway answers itself: the request so far, and a message of the reply.
  std::string_view local_request() const { return request_.bytes.front(); }
  void ReplyLocally(std::string_view message, bool last);

  const Route* route() const { return route_; }
  // Nothing more can be sent to the client.
  bool over() const { return client_ == nullptr || reply_closed_; }
  // The client's stream was reset by the gateway and not by the client's doing.
  bool reset_by_gateway() const { return reset_by_gateway_; }
  bool reply_sent() const { return reply_sent_; }

 private:
  // The body in one direction.
  struct Flow {
    ByteQueue bytes;
    uint64_t total = 0;
    bool ended = false;     // no more will come
    bool deferred = false;  // nghttp2 waits to be told that there is more
  };

  void OnTimer() override;

  // The steps of OnRequestHeaders. CheckHttp answers the client when it returns false.
  bool CheckHttp();
  absl::Status Admit();
  void StartDeadline();
  void Dispatch();

  void CollectRequestFields(std::vector<nghttp2_nv>& fields);
  void SubmitReplyHeaders(const std::vector<nghttp2_nv>& fields, bool with_body);
  void SubmitTrailers();
  void Resume(Flow& flow, nghttp2_session* session, int32_t stream_id);
  void BreakOff(const absl::Status& status);
  void ResetClient(uint32_t error_code);
  // Ends the service's part, if there is one still. What comes from there after is ignored.
  void LeaveServer(uint32_t error_code);
  bool WaitsForServer() const { return WaitingHook::is_linked(); }
  std::string CodeName() const;
  void LogEnd();

  EventLoop& loop_;
  Downstream* client_;
  Upstream* server_ = nullptr;
  const int32_t client_stream_;
  int32_t server_stream_ = 0;
  const SteadyTime start_;
  SteadyTime deadline_ = SteadyTime::max();
  SteadyTime give_up_ = SteadyTime::max();  // waiting for a connection
  const Route* route_ = nullptr;

  RequestHead head_;
  HeaderBlock reply_fields_;
  HeaderBlock trailers_;
  Flow request_;
  Flow reply_;
  MessageMeter meter_;

  // What the gateway adds; must live until the headers were sent.
  std::string traceparent_;
  char timeout_[16];

  // Copies, for when the client's connection has gone.
  const std::string peer_;
  std::string subject_;

  int http_status_ = 200;
  int grpc_status_ = -1;                                    // none seen
  ErrorReason reason_ = api::v1::ERROR_REASON_UNSPECIFIED;  // the gateway's own

  bool local_ = false;  // answered by the gateway
  bool reply_started_ = false;
  bool reply_closed_ = false;
  bool reply_sent_ = false;
  bool server_left_ = false;
  bool reset_by_gateway_ = false;
  std::optional<absl::Status> refusal_;  // that came after the reply had started
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_CALL_H_
