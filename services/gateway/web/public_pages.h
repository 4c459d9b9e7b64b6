// The pages that the gateway has itself, open to everybody:
//
//   /openapi.json       the HTTP interface, as OpenAPI 3.1 (services/gateway/describe)
//   /descriptors.binpb  the contract, as a google.protobuf.FileDescriptorSet with comments and with
//                       all that it imports: for grpcurl, buf and Postman
//   /docs, /docs/...    Swagger UI on /openapi.json; `/` leads there
//
// They are files of the program (embedded_files.h), made when it is built.

#ifndef BALIPROCESS_SERVICES_GATEWAY_WEB_PUBLIC_PAGES_H_
#define BALIPROCESS_SERVICES_GATEWAY_WEB_PUBLIC_PAGES_H_

#include <map>
#include <string>
#include <string_view>

#include "services/gateway/calls/request_head.h"
#include "services/gateway/web/local_reply.h"

namespace baliprocess::gateway {

struct PublicPage {
  std::string_view path;
  // Either where it leads, or what it is: the rest.
  std::string_view location;
  std::string_view type;  // the media type
  std::string_view gzip;  // packed
  std::string sha256;     // of the packed bytes
};

class PublicPages {
 public:
  // Without `served` there are none.
  explicit PublicPages(bool served);

  // The page at exactly this path, or nullptr.
  const PublicPage* Find(std::string_view path) const;

 private:
  std::map<std::string_view, PublicPage> pages_;
};

// The answer to GET and HEAD: packed for who accepts gzip, unpacked as it is taken for others; 304
// for who has it.
LocalAnswer AnswerOf(const PublicPage& page, const RequestHead& head);

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_WEB_PUBLIC_PAGES_H_
