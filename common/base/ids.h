// Identifiers and digests.

#ifndef BALIPROCESS_COMMON_BASE_IDS_H_
#define BALIPROCESS_COMMON_BASE_IDS_H_

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

struct evp_md_ctx_st;  // of OpenSSL

namespace baliprocess {

// `bytes` bytes from the cryptographic random generator.
std::string RandomBytes(size_t bytes);

// A random UUID of version 4 (RFC 9562), in lower case.
std::string NewUuid();

// Whether `text` is a UUID in its 36-character form, any version, either case.
bool IsUuid(std::string_view text);

// Whether `text` can be the id of a resource, the last part of its name: 1 to 63 lower-case
// letters, digits and hyphens, the first a letter, the last not a hyphen (AIP-122).
bool IsResourceId(std::string_view text);

// The 32 bytes of SHA-256.
std::string Sha256(std::string_view data);

// The 32 bytes of HMAC-SHA256 (RFC 2104).
std::string HmacSha256(std::string_view key, std::string_view data);

// SHA-256 of data that comes in parts.
class Sha256Hasher {
 public:
  Sha256Hasher();
  void Add(std::string_view part);
  // The 32 bytes. Call once, last.
  std::string Finish();

 private:
  struct Deleter {
    void operator()(evp_md_ctx_st* context) const;
  };
  std::unique_ptr<evp_md_ctx_st, Deleter> context_;
};

// Lower-case hexadecimal.
std::string ToHex(std::string_view bytes);

}  // namespace baliprocess

#endif  // BALIPROCESS_COMMON_BASE_IDS_H_
