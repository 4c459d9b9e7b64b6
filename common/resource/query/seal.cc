#include "common/resource/query/seal.h"

#include <openssl/evp.h>

#include <memory>
#include <utility>

#include "absl/strings/escaping.h"

#include "common/base/errors.h"
#include "common/base/ids.h"

namespace baliprocess::resource {
namespace {

constexpr size_t kNonceSize = 12;
constexpr size_t kTagSize = 16;

using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* Bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

absl::Status BadToken() {
  return Error(api::v1::Error::INVALID_PAGE_TOKEN,
               "the token isn't valid for this caller and this query; start again without it");
}

// Feeds the authenticated data. OpenSSL takes an empty update for the end of the message.
bool AddContext(EVP_CIPHER_CTX* cipher, std::string_view context) {
  int length = 0;
  return context.empty() || EVP_CipherUpdate(cipher, nullptr, &length, Bytes(context),
                                             static_cast<int>(context.size())) > 0;
}

// Feeds the text, and writes it transformed to `out`, of the same size.
bool Transform(EVP_CIPHER_CTX* cipher, std::string_view in, std::string& out) {
  int length = 0;
  return in.empty() ||
         EVP_CipherUpdate(cipher, Bytes(out), &length, Bytes(in), static_cast<int>(in.size())) > 0;
}

// Decrypts, and says whether the tag is right.
bool Decrypt(std::string_view key, std::string_view nonce, std::string_view sealed, std::string tag,
             std::string_view context, std::string& plain) {
  const CipherContext cipher(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  int length = 0;
  plain.resize(sealed.size());
  return cipher != nullptr &&
         EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, Bytes(key), Bytes(nonce)) &&
         AddContext(cipher.get(), context) && Transform(cipher.get(), sealed, plain) &&
         EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, kTagSize, tag.data()) &&
         EVP_DecryptFinal_ex(cipher.get(), Bytes(plain) + plain.size(), &length) > 0;
}

}  // namespace

Sealer::Sealer(std::string_view key) { SetKeys({std::string(key)}, 0); }

void Sealer::SetKeys(const std::vector<std::string>& keys, size_t sealing) {
  auto made = std::make_shared<Keys>();
  for (const std::string& key : keys) {
    made->all.push_back(key.size() == kKeySize ? key : Sha256(key));
  }
  made->sealing = sealing;
  const std::lock_guard<std::mutex> lock(mutex_);
  keys_ = std::move(made);
}

std::shared_ptr<const Sealer::Keys> Sealer::keys() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return keys_;
}

std::string Sealer::Seal(std::string_view plain, std::string_view context) const {
  const std::shared_ptr<const Keys> keys = this->keys();
  const std::string& key = keys->all[keys->sealing];
  const std::string nonce = RandomBytes(kNonceSize);
  std::string sealed(plain.size(), '\0');
  std::string tag(kTagSize, '\0');
  const CipherContext cipher(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  int length = 0;
  const bool done =
      cipher != nullptr &&
      EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, Bytes(key), Bytes(nonce)) &&
      AddContext(cipher.get(), context) && Transform(cipher.get(), plain, sealed) &&
      EVP_EncryptFinal_ex(cipher.get(), Bytes(sealed) + sealed.size(), &length) &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, kTagSize, tag.data());
  // Only for want of memory; such a token opens nowhere, which is the safe way to fail.
  if (!done) return "";
  return absl::WebSafeBase64Escape(nonce + sealed + tag);
}

absl::StatusOr<std::string> Sealer::Open(std::string_view token, std::string_view context) const {
  std::string bytes;
  if (token.size() > kMaxTokenLength ||
      !absl::WebSafeBase64Unescape(absl::string_view(token.data(), token.size()), &bytes) ||
      bytes.size() < kNonceSize + kTagSize) {
    return BadToken();
  }
  // One token, one spelling: padding, white space and stray bits at the end don't pass.
  if (absl::WebSafeBase64Escape(bytes) != token) return BadToken();
  const std::string_view view = bytes;
  const std::string_view sealed = view.substr(kNonceSize, bytes.size() - kNonceSize - kTagSize);
  const std::string tag(view.substr(bytes.size() - kTagSize));
  std::string plain;
  // Most often it is the newest.
  const std::shared_ptr<const Keys> keys = this->keys();
  for (auto key = keys->all.rbegin(); key != keys->all.rend(); ++key) {
    if (Decrypt(*key, view.substr(0, kNonceSize), sealed, tag, context, plain)) return plain;
  }
  return BadToken();
}

}  // namespace baliprocess::resource
