#include "services/gateway/listen/http2_stream.h"

#include "services/gateway/listen/downstream.h"

namespace baliprocess::gateway {

void Http2Stream::OnReplySent() {
  reply_sent_ = true;
  exchange_->OnReplySent();
}

void Http2Stream::SendHead(const std::vector<nghttp2_nv>& fields, Body* body) {
  nghttp2_data_provider provider = {};
  if (body != nullptr) provider = ProviderOf(*body);
  nghttp2_submit_response(session_.session(), id_, fields.data(), fields.size(),
                          body == nullptr ? nullptr : &provider);
  session_.Touch();
}

void Http2Stream::SendTrailers(const std::vector<nghttp2_nv>& fields) {
  nghttp2_submit_trailer(session_.session(), id_, fields.data(), fields.size());
}

void Http2Stream::Resume() {
  nghttp2_session_resume_data(session_.session(), id_);
  session_.Touch();
}

void Http2Stream::Consume(size_t bytes) {
  nghttp2_session_consume_stream(session_.session(), id_, bytes);
  session_.Touch();
}

void Http2Stream::Reset(uint32_t error_code) {
  reset_by_gateway_ = true;
  session_.Reset(id_, error_code);
}

bool Http2Stream::Charge(double work) { return connection_.Charge(work); }
void Http2Stream::Earn(double work) { connection_.Earn(work); }
Load& Http2Stream::load() { return connection_.load(); }
const std::vector<std::string>* Http2Stream::certificate_uris() const {
  return &connection_.certificate_uris();
}
const std::shared_ptr<Peer>& Http2Stream::connected() const { return connection_.peer(); }

}  // namespace baliprocess::gateway
