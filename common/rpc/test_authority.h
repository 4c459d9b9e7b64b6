// Certificates for tests.

#ifndef BALIPROCESS_COMMON_RPC_TEST_AUTHORITY_H_
#define BALIPROCESS_COMMON_RPC_TEST_AUTHORITY_H_

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"

#include "common/rpc/tls.h"

namespace baliprocess::rpc {

// A local authority, `ca`, with the certificates `server` and `client`, of 127.0.0.1 and the name
// `echo`; and another authority, `other`, with the certificate `stranger`.
class TestAuthority {
 public:
  // Makes them in a directory of this name.
  explicit TestAuthority(const std::string& name) : directory_(::testing::TempDir() + "/" + name) {
    const std::string script = absl::StrCat(
        "set -e; rm -rf ", directory_, "; mkdir -p ", directory_, "; cd ", directory_,
        "; exec >/dev/null 2>&1\n",
        "new() { openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes "
        "-keyout $1.key -subj /CN=$1 \"${@:2}\"; }\n",
        "for ca in ca other; do new $ca -x509 -days 2 -out $ca.pem; done\n",
        "sign() { printf subjectAltName=IP:127.0.0.1,DNS:echo > ext\n", "  new $1 -out $1.csr\n",
        "  openssl x509 -req -in $1.csr -CA $2.pem -CAkey $2.key -CAcreateserial -days 2 "
        "-extfile ext -out $1.pem; }\n",
        "sign server ca; sign client ca; sign stranger other\n");
    std::ofstream(directory_ + ".sh") << script;
    EXPECT_EQ(std::system(("bash " + directory_ + ".sh").c_str()), 0);
  }

  std::string Path(const std::string& file) const { return directory_ + "/" + file; }

  // The certificate and key called `name`, and the authority called `ca`; empty: none.
  TlsFiles Files(const std::string& name, const std::string& ca) const {
    return {.certificate = name.empty() ? "" : Path(name + ".pem"),
            .key = name.empty() ? "" : Path(name + ".key"),
            .ca = ca.empty() ? "" : Path(ca + ".pem")};
  }

  // Gives a file the contents of another.
  void Replace(const std::string& file, const std::string& by) const {
    std::filesystem::copy_file(Path(by), Path(file),
                               std::filesystem::copy_options::overwrite_existing);
  }

 private:
  const std::string directory_;
};

}  // namespace baliprocess::rpc

#endif  // BALIPROCESS_COMMON_RPC_TEST_AUTHORITY_H_
