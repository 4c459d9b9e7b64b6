// A request's or a reply's body on its way out of a connection, as the session takes it.

#ifndef BALIPROCESS_SERVICES_GATEWAY_NET_BODY_H_
#define BALIPROCESS_SERVICES_GATEWAY_NET_BODY_H_

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <string>

namespace baliprocess::gateway {

// Must live as long as the stream that it was submitted with.
class Body {
 public:
  // How many bytes, at most `length`, are to be sent in the next DATA frame; `flags` are nghttp2's
  // NGHTTP2_DATA_FLAG_*. NGHTTP2_ERR_DEFERRED when there are none for now.
  virtual ssize_t Read(size_t length, uint32_t* flags) = 0;

  // Moves the bytes that Read announced, `size` of them, to `out`.
  virtual void Move(size_t size, std::string& out) = 0;

 protected:
  ~Body() = default;
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_NET_BODY_H_
