// Opaque tokens that only this service can read, and that are worthless elsewhere: page and resume
// tokens.

#ifndef BALIPROCESS_COMMON_RESOURCE_QUERY_SEAL_H_
#define BALIPROCESS_COMMON_RESOURCE_QUERY_SEAL_H_

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace baliprocess::resource {

// AES-256-GCM with a random nonce, as base64url without padding. Safe for many threads. A random
// nonce of 96 bits is good for some 2^32 tokens per key; before that the key is to change.
class Sealer {
 public:
  static constexpr size_t kKeySize = 32;

  // Longer tokens are refused unread.
  static constexpr size_t kMaxTokenLength = 2000;

  // `key` is kKeySize secret bytes; any other length is hashed to that.
  explicit Sealer(std::string_view key);

  // Seals with the key of this index from now on, and opens what any of them has sealed. There is
  // one at least.
  void SetKeys(const std::vector<std::string>& keys, size_t sealing);

  // Seals `plain`. The token opens only with the same `context`: what it is for (method, query,
  // caller), which isn't in the token.
  std::string Seal(std::string_view plain, std::string_view context) const;

  // What was sealed. INVALID_PAGE_TOKEN for any damage, another context and an unknown key alike.
  absl::StatusOr<std::string> Open(std::string_view token, std::string_view context) const;

 private:
  struct Keys {
    std::vector<std::string> all;
    size_t sealing = 0;
  };
  std::shared_ptr<const Keys> keys() const;

  mutable std::mutex mutex_;
  std::shared_ptr<const Keys> keys_;  // guarded by mutex_
};

}  // namespace baliprocess::resource

#endif  // BALIPROCESS_COMMON_RESOURCE_QUERY_SEAL_H_
