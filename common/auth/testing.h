// What the tests of this folder share.

#ifndef BALIPROCESS_COMMON_AUTH_TESTING_H_
#define BALIPROCESS_COMMON_AUTH_TESTING_H_

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "common/auth/signer.h"

namespace baliprocess::auth {

// A file in a directory of its own, removed at the end.
class TemporaryFile {
 public:
  explicit TemporaryFile(std::string_view contents) {
    std::string pattern = (std::filesystem::temp_directory_path() / "auth-XXXXXX").string();
    directory_ = mkdtemp(pattern.data());
    Write(contents);
  }
  ~TemporaryFile() { std::filesystem::remove_all(directory_); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  std::string path() const { return directory_ + "/keys.json"; }
  void Write(std::string_view contents) const {
    std::ofstream(path(), std::ios::binary) << contents;
  }
  void Remove() const { std::filesystem::remove(path()); }

 private:
  std::string directory_;
};

inline TokenSigner NewSigner(Algorithm algorithm = Algorithm::kEdDsa) {
  return *TokenSigner::Generate(algorithm);
}

}  // namespace baliprocess::auth

#endif  // BALIPROCESS_COMMON_AUTH_TESTING_H_
