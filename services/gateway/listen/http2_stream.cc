#include "services/gateway/listen/http2_stream.h"

#include "services/gateway/net/session.h"

namespace baliprocess::gateway {

void Http2Stream::OnReplySent() {
  reply_sent_ = true;
  exchange_->OnReplySent();
}

void Http2Stream::SendHead(const std::vector<nghttp2_nv>& fields, Body* body) {
  nghttp2_data_provider provider = {};
  if (body != nullptr) provider = ProviderOf(*body);
  nghttp2_submit_response(connection_.session(), id_, fields.data(), fields.size(),
                          body == nullptr ? nullptr : &provider);
  connection_.Touch();
}

void Http2Stream::SendTrailers(const std::vector<nghttp2_nv>& fields) {
  nghttp2_submit_trailer(connection_.session(), id_, fields.data(), fields.size());
}

void Http2Stream::Resume() {
  nghttp2_session_resume_data(connection_.session(), id_);
  connection_.Touch();
}

void Http2Stream::Consume(size_t bytes) {
  nghttp2_session_consume_stream(connection_.session(), id_, bytes);
  connection_.Touch();
}

void Http2Stream::Reset(uint32_t error_code) {
  reset_by_gateway_ = true;
  connection_.Reset(id_, error_code);
}

}  // namespace baliprocess::gateway
