// The keys that page and resume tokens are sealed with (query/seal.h), as the store keeps them for
// all replicas.

#ifndef BALIPROCESS_COMMON_RESOURCE_STORE_TOKEN_KEYS_H_
#define BALIPROCESS_COMMON_RESOURCE_STORE_TOKEN_KEYS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "common/storage/database.h"

namespace baliprocess::resource {

struct TokenKey {
  std::string key;
  absl::Time made;
};

// A key seals when it is so old: replicas look for new ones more often (Engine::KeepHouse).
constexpr absl::Duration kTokenKeyRipens = absl::Minutes(5);
// So many are kept. What was sealed with an older one opens no more.
constexpr size_t kMostTokenKeys = 12;

// The keys, the oldest first. Made are the first one and, when the newest is older than `age`, one
// more. An infinite `age`: none but the first.
absl::StatusOr<std::vector<TokenKey>> KeepTokenKeys(storage::Database& database, absl::Time now,
                                                    absl::Duration age);

}  // namespace baliprocess::resource

#endif  // BALIPROCESS_COMMON_RESOURCE_STORE_TOKEN_KEYS_H_
