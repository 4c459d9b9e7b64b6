// A reply of HTTP/1.1 (RFC 9112), as bytes.

#ifndef BALIPROCESS_SERVICES_GATEWAY_NET_HTTP1_REPLY_H_
#define BALIPROCESS_SERVICES_GATEWAY_NET_HTTP1_REPLY_H_

#include <nghttp2/nghttp2.h>

#include <cstdint>
#include <string>
#include <vector>

#include "services/gateway/net/body.h"
#include "services/gateway/net/http1_parser.h"

namespace baliprocess::gateway {

class Http1Reply {
 public:
  enum class Part {
    kSome,    // there may be more
    kNone,    // until the body says that there is more
    kLast,    // the reply is whole
    kBroken,  // it can't be made whole: the connection must end
  };

  // To a request that can't be read, or as what is known of the request allows.
  Http1Reply() = default;
  explicit Http1Reply(const Http1Head& request)
      : is_head_(request.method == "HEAD"),
        http10_(request.http10),
        takes_trailers_(request.takes_trailers) {}

  // Appends the head. `fields` are those of HTTP/2, `:status` first; what is about the connection
  // is written here. The body's end is told by `content-length` when it is among them, else by
  // chunks, or in HTTP/1.0 by the end of the connection. `close`: there will be no reply after this
  // one. Whether the body is to be written: never to HEAD, or with a status that has none.
  bool WriteHead(const std::vector<nghttp2_nv>& fields, bool has_body, bool close,
                 std::string& out);

  // Whether the connection must end behind the reply, once its head is written.
  bool closes() const { return closes_; }

  // Appends the next part of the body.
  Part WriteBody(Body& body, std::string& out);

  // For the end of the body, if it is in chunks and the client takes them; else they are dropped.
  // To be called within Body::Read alone.
  void SetTrailers(const std::vector<nghttp2_nv>& fields);

 private:
  enum class Framing { kLength, kChunks, kUntilClose };

  void WriteConnection(std::string& out) const;

  bool is_head_ = false;
  bool http10_ = false;
  bool takes_trailers_ = false;
  bool closes_ = false;
  Framing framing_ = Framing::kLength;
  uint64_t left_ = 0;  // of the length
  std::string trailers_;
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_NET_HTTP1_REPLY_H_
