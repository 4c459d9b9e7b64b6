#include "common/base/ids.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <cstdlib>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace baliprocess {

std::string RandomBytes(size_t bytes) {
  std::string out(bytes, '\0');
  // Without randomness no token, key or name of ours could be trusted.
  if (RAND_bytes(reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(bytes)) != 1) {
    std::abort();
  }
  return out;
}

std::string NewUuid() {
  std::string bytes = RandomBytes(16);
  bytes[6] = static_cast<char>((bytes[6] & 0x0f) | 0x40);
  bytes[8] = static_cast<char>((bytes[8] & 0x3f) | 0x80);
  const std::string hex = ToHex(bytes);
  return absl::StrCat(hex.substr(0, 8), "-", hex.substr(8, 4), "-", hex.substr(12, 4), "-",
                      hex.substr(16, 4), "-", hex.substr(20));
}

bool IsUuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : !absl::ascii_isxdigit(static_cast<unsigned char>(text[i]))) {
      return false;
    }
  }
  return true;
}

bool IsResourceId(std::string_view text) {
  constexpr size_t kLongest = 63;
  return !text.empty() && text.size() <= kLongest && absl::ascii_islower(text.front()) &&
         text.back() != '-' && std::all_of(text.begin(), text.end(), [](unsigned char c) {
           return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '-';
         });
}

std::string Sha256(std::string_view data) {
  std::string digest(32, '\0');
  if (EVP_Digest(data.data(), data.size(), reinterpret_cast<unsigned char*>(digest.data()), nullptr,
                 EVP_sha256(), nullptr) != 1) {
    std::abort();  // SHA-256 is always there, and the buffer fits.
  }
  return digest;
}

std::string HmacSha256(std::string_view key, std::string_view data) {
  std::string mac(32, '\0');
  if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
           reinterpret_cast<const unsigned char*>(data.data()), data.size(),
           reinterpret_cast<unsigned char*>(mac.data()), nullptr) == nullptr) {
    std::abort();  // as above
  }
  return mac;
}

// SHA-256 is always there, and memory that runs out ends the process elsewhere too.
Sha256Hasher::Sha256Hasher() : context_(EVP_MD_CTX_new()) {
  if (EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) != 1) std::abort();
}

void Sha256Hasher::Add(std::string_view part) {
  if (EVP_DigestUpdate(context_.get(), part.data(), part.size()) != 1) std::abort();
}

std::string Sha256Hasher::Finish() {
  std::string digest(32, '\0');
  auto* bytes = reinterpret_cast<unsigned char*>(digest.data());
  if (EVP_DigestFinal_ex(context_.get(), bytes, nullptr) != 1) std::abort();
  return digest;
}

void Sha256Hasher::Deleter::operator()(evp_md_ctx_st* context) const { EVP_MD_CTX_free(context); }

std::string ToHex(std::string_view bytes) {
  return absl::BytesToHexString(absl::string_view(bytes.data(), bytes.size()));
}

}  // namespace baliprocess
