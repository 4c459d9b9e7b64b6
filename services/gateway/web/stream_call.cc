#include "services/gateway/web/stream_call.h"

#include <google/protobuf/descriptor.h>

#include "absl/strings/str_cat.h"

#include "services/gateway/transcoding/http_status.h"
#include "services/gateway/transcoding/json_reply.h"

namespace baliprocess::gateway {
namespace {

// Proxies on the way close what is silent for a minute, some for half of one.
constexpr absl::Duration kSilence = absl::Seconds(15);

// A comment, which means nothing to who reads events.
constexpr char kComment[] = ":\n\n";

}  // namespace

StreamCall::StreamCall(CallHost& host, ClientStream& client, RequestHead&& head,
                       HttpRequest request, TextFields extra)
    : HttpCall(host, client, std::move(head), std::move(request), std::move(extra)),
      events_(Names(HttpCall::request().accept, kEventStreamType)),
      last_sent_(client.last_read()) {}

void StreamCall::OnReplyHead(const TextFields& fields) {
  accepted_ = FindField(fields, "grpc-status").empty();
}

// A stream may be silent for long: that it has begun is told soon.
void StreamCall::OnTick(SteadyTime now) {
  if (!finished() && accepted_) SendHeadOnce();
  if (!finished() && events_ && head_sent_ && now >= After(last_sent_, kSilence)) {
    SendElement(kComment);
  }
  HttpCall::OnTick(now);
}

void StreamCall::SendHeadOnce() {
  if (std::exchange(head_sent_, true)) return;
  SendHeadToClient(200,
                   {{"content-type", std::string(events_ ? kEventStreamType : kNdjsonType)},
                    {"cache-control", "no-store"},
                    {"x-accel-buffering", "no"}},
                   !request().is_head);
  if (request().is_head) set_finished();
}

void StreamCall::SendElement(const std::string& element) {
  last_sent_ = SteadyNow();
  SendToClient(element);
}

void StreamCall::OnReply(const google::protobuf::Message& reply) {
  SendHeadOnce();
  if (finished()) return;
  const std::string json = ContentOf(request().binding(), reply).data;
  if (!events_) return SendElement(json + "\n");
  std::string id = TextIn(reply, "resume_token");
  // An id is one line, and none with a NUL (9.2.6 of the HTML standard).
  if (id.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos) id.clear();
  SendElement(
      absl::StrCat(id.empty() ? "" : absl::StrCat("id: ", id, "\n"), "data: ", json, "\n\n"));
}

void StreamCall::OnStatus(const google::rpc::Status& status) {
  const bool failed = status.code() != 0;
  if (failed && !head_sent_) return FinishWithError(status);
  SendHeadOnce();
  if (finished()) return;
  set_finished();
  if (failed && events_) {
    SendElement(absl::StrCat("event: error\ndata: ", ErrorJson(status), "\n\n"));
  } else if (failed) {
    SendElement(absl::StrCat("{\"error\":", ErrorJson(status), "}\n"));
  }
  EndToClient();
}

}  // namespace baliprocess::gateway
