// The text of gRPC-Web (PROTOCOL-WEB.md of gRPC): base64 texts one behind the other, each with
// padding of its own, that come in pieces of any size.

#ifndef BALIPROCESS_SERVICES_GATEWAY_WEB_BASE64_READER_H_
#define BALIPROCESS_SERVICES_GATEWAY_WEB_BASE64_READER_H_

#include <string>
#include <string_view>

namespace baliprocess::gateway {

class Base64Reader {
 public:
  // Appends to `bytes` what the text so far stands for. False when it isn't base64 (RFC 4648 4, in
  // its one right form); nothing is to be read after that.
  bool Read(std::string_view text, std::string& bytes);

  // Whether the text may end here: not within four characters.
  bool whole() const { return rest_.empty(); }

 private:
  std::string rest_;  // up to three characters
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_WEB_BASE64_READER_H_
