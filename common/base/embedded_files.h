// Files that are part of a program. Each program that has some has a list of its own, which
// common/cmake/EmbeddedFiles.cmake writes.

#ifndef BALIPROCESS_COMMON_BASE_EMBEDDED_FILES_H_
#define BALIPROCESS_COMMON_BASE_EMBEDDED_FILES_H_

#include <string_view>
#include <vector>

namespace baliprocess {

struct EmbeddedFile {
  std::string_view path;  // what the program calls it; where a gateway serves it: `/openapi.json`
  std::string_view gzip;  // what is in it, packed (RFC 1952)
  std::string_view brotli = {};  // also by brotli (RFC 7932), for a program that serves it
};

const std::vector<EmbeddedFile>& EmbeddedFiles();

}  // namespace baliprocess

#endif  // BALIPROCESS_COMMON_BASE_EMBEDDED_FILES_H_
