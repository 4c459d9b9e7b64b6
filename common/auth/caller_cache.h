// Remembers the callers behind verified tokens.

#ifndef BALIPROCESS_COMMON_AUTH_CALLER_CACHE_H_
#define BALIPROCESS_COMMON_AUTH_CALLER_CACHE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"

#include "common/auth/caller.h"

namespace baliprocess::auth {

// A bounded map from token to caller, valid for one generation of keys. Safe for use by many
// threads, which rarely meet: it is split in shards by the token's hash.
//
// A shard keeps a young and an old half. When the young half is full it becomes the old one, whose
// entries are forgotten unless they were used: nearly "least recently used", at no cost per use.
class CallerCache {
 public:
  // At most about `capacity` tokens; no less than two per shard.
  explicit CallerCache(size_t capacity = 16384);

  // The caller that was put under this token and generation, or nullptr.
  std::shared_ptr<const Caller> Find(std::string_view token, uint64_t generation);

  // Remembers the caller. Callers of older generations than the shard has seen are ignored, those
  // of older ones forgotten.
  void Put(std::string_view token, uint64_t generation, std::shared_ptr<const Caller> caller);

  // How many tokens are remembered.
  size_t size() const;

 private:
  struct Entry {
    std::string token;
    std::shared_ptr<const Caller> caller;
  };
  // By the full hash: the token itself is compared once that is equal.
  using Map = absl::flat_hash_map<uint64_t, Entry>;
  struct alignas(64) Shard {
    mutable std::mutex mutex;
    uint64_t generation = 0;
    Map young;
    Map old;
  };

  static constexpr size_t kShards = 16;

  uint64_t Hash(std::string_view token) const;
  Shard& ShardOf(uint64_t hash) { return shards_[hash >> 60]; }
  static bool Enter(Shard& shard, uint64_t generation);
  void PutYoung(Shard& shard, uint64_t hash, Entry entry) const;

  const size_t half_;  // entries in each half of a shard
  const uint64_t seed_;
  std::array<Shard, kShards> shards_;
};

}  // namespace baliprocess::auth

#endif  // BALIPROCESS_COMMON_AUTH_CALLER_CACHE_H_
