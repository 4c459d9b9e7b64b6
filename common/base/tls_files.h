// Where the PEM files of one side of TLS are.

#ifndef BALIPROCESS_COMMON_BASE_TLS_FILES_H_
#define BALIPROCESS_COMMON_BASE_TLS_FILES_H_

#include <string>

namespace baliprocess {

struct TlsFiles {
  std::string certificate;  // own certificate, with the intermediates after it
  std::string key;          // its private key
  std::string ca;           // authorities that the other side's certificate must come from

  bool empty() const { return certificate.empty() && key.empty() && ca.empty(); }
};

}  // namespace baliprocess

#endif  // BALIPROCESS_COMMON_BASE_TLS_FILES_H_
