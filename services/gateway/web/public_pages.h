// The pages that the gateway has itself, open to everybody:
//
//   /, /now, /meetings/…  the record as pages (web/): one document, whose scripts show what the
//                         address says by the JSON interface, with the reader's token
//   /assets/HASH/…        what they are made of. HASH tells the contents, so browsers keep them
//   /settings.json        where readers sign in
//   /openapi.json         the HTTP interface, as OpenAPI 3.1 (services/gateway/describe)
//   /descriptors.binpb    the contract, as a google.protobuf.FileDescriptorSet with comments and
//   with
//                         all that it imports: for grpcurl, buf and Postman
//   /docs, /docs/...      Swagger UI on /openapi.json
//   /.well-known/security.txt   where holes are reported, if the operator says so
//
// They are files of the program (embedded_files.h), made when it is built; the document and the
// settings are finished at its start.

#ifndef BALIPROCESS_SERVICES_GATEWAY_WEB_PUBLIC_PAGES_H_
#define BALIPROCESS_SERVICES_GATEWAY_WEB_PUBLIC_PAGES_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "services/gateway/calls/request_head.h"
#include "services/gateway/settings/security_contact.h"
#include "services/gateway/settings/sign_in.h"
#include "services/gateway/web/local_reply.h"

namespace baliprocess::gateway {

struct PublicPage {
  std::string_view path;  // as logs name it; lives as long as the program
  // Either where it leads, or what it is: the rest.
  std::string_view location = {};
  std::string_view type = {};    // the media type
  std::string_view gzip = {};    // packed
  std::string_view brotli = {};  // packed more; empty for what is made at the start
  // What `gzip` points into, unless it is part of the program.
  std::shared_ptr<std::string> made = {};
  std::string sha256 = {};  // of the bytes that gzip has packed
  std::string policy = {};  // what it may load, and from where
  std::string_view caching = "no-cache";
};

class PublicPages {
 public:
  // Without `served` there is none but that of `security`.
  PublicPages(bool served, const SignIn& sign_in, const SecurityContact& security);

  // The page at this path, or nullptr.
  const PublicPage* Find(std::string_view path) const;

 private:
  void AddFiles();
  void AddRecord(const SignIn& sign_in);
  void AddMade(std::string_view path, std::string_view type, std::string contents,
               std::string policy);

  std::map<std::string, PublicPage, std::less<>> pages_;
};

// The answer to GET and HEAD: packed by what its reader likes best, unpacked as it is taken for
// others; 304 for who has it.
LocalAnswer AnswerOf(const PublicPage& page, const RequestHead& head);

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_WEB_PUBLIC_PAGES_H_
