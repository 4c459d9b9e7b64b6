// What is spoken on a connection: takes the bytes that the peer sends, and makes those that are
// sent to it.

#ifndef BALIPROCESS_SERVICES_GATEWAY_NET_CODEC_H_
#define BALIPROCESS_SERVICES_GATEWAY_NET_CODEC_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace baliprocess::gateway {

class Codec {
 public:
  enum class Taken {
    kGood,
    kFlooded,  // the peer has caused more answers than are kept for it
    kBroken,   // nothing can be made of what it sends
  };
  enum class Made {
    kAll,   // that there is to say
    kMore,  // is to be said
    kLost,  // nothing can be said any more: the connection ends without another word
  };

  // How many bytes are taken at present; 0: the socket isn't read until Connection::ReadOn.
  virtual size_t appetite() const { return SIZE_MAX; }

  // Takes bytes of the peer: no more than its appetite was, and what TLS held back.
  virtual Taken Take(std::string_view bytes) = 0;

  // Appends what there is to say, until `out` has about `target` bytes.
  virtual Made Produce(size_t target, std::string& out) = 0;

  // Whether Produce has something to say.
  virtual bool wants_write() const = 0;

  // Whether everything is said and nothing more is heard: the connection ends.
  virtual bool over() const = 0;

  // Messages that wait to be sent which the peer can cause without reading.
  virtual size_t answers() const { return 0; }

 protected:
  ~Codec() = default;
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_NET_CODEC_H_
