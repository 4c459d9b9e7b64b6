// Files that are part of the program. common/cmake/EmbeddedFiles.cmake writes the list of them.

#ifndef BALIPROCESS_SERVICES_GATEWAY_WEB_EMBEDDED_H_
#define BALIPROCESS_SERVICES_GATEWAY_WEB_EMBEDDED_H_

#include <string_view>
#include <vector>

namespace baliprocess::gateway {

struct EmbeddedFile {
  std::string_view path;  // where it is served: `/openapi.json`
  std::string_view gzip;  // what is in it, packed (RFC 1952)
};

const std::vector<EmbeddedFile>& EmbeddedFiles();

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_WEB_EMBEDDED_H_
