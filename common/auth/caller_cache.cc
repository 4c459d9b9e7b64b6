#include "common/auth/caller_cache.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "absl/hash/hash.h"

#include "common/base/ids.h"

namespace baliprocess::auth {
namespace {

uint64_t RandomSeed() {
  uint64_t seed = 0;
  std::memcpy(&seed, RandomBytes(sizeof(seed)).data(), sizeof(seed));
  return seed;
}

}  // namespace

CallerCache::CallerCache(size_t capacity)
    : half_(std::max<size_t>(1, capacity / kShards / 2)), seed_(RandomSeed()) {}

uint64_t CallerCache::Hash(std::string_view token) const {
  return absl::HashOf(seed_, absl::string_view(token.data(), token.size()));
}

// Forgets what older generations left behind. False when `generation` is the older one.
bool CallerCache::Enter(Shard& shard, uint64_t generation) {
  if (generation > shard.generation) {
    shard.young.clear();
    shard.old.clear();
    shard.generation = generation;
  }
  return generation == shard.generation;
}

void CallerCache::PutYoung(Shard& shard, uint64_t hash, Entry entry) const {
  if (shard.young.size() >= half_ && !shard.young.contains(hash)) {
    shard.old = std::exchange(shard.young, {});
  }
  shard.young[hash] = std::move(entry);
}

std::shared_ptr<const Caller> CallerCache::Find(std::string_view token, uint64_t generation) {
  const uint64_t hash = Hash(token);
  Shard& shard = ShardOf(hash);
  const std::lock_guard lock(shard.mutex);
  if (!Enter(shard, generation)) return nullptr;
  if (const auto young = shard.young.find(hash); young != shard.young.end()) {
    return young->second.token == token ? young->second.caller : nullptr;
  }
  const auto old = shard.old.find(hash);
  if (old == shard.old.end() || old->second.token != token) return nullptr;
  Entry entry = std::move(old->second);
  shard.old.erase(old);
  std::shared_ptr<const Caller> caller = entry.caller;
  PutYoung(shard, hash, std::move(entry));
  return caller;
}

void CallerCache::Put(std::string_view token, uint64_t generation,
                      std::shared_ptr<const Caller> caller) {
  const uint64_t hash = Hash(token);
  Shard& shard = ShardOf(hash);
  const std::lock_guard lock(shard.mutex);
  if (!Enter(shard, generation)) return;
  PutYoung(shard, hash, {std::string(token), std::move(caller)});
}

size_t CallerCache::size() const {
  size_t size = 0;
  for (const Shard& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    size += shard.young.size() + shard.old.size();
  }
  return size;
}

}  // namespace baliprocess::auth
