// The errors of the store as callers may see them.

#ifndef BALIPROCESS_COMMON_RESOURCE_STORE_STORE_STATUS_H_
#define BALIPROCESS_COMMON_RESOURCE_STORE_STORE_STATUS_H_

#include "absl/status/status.h"

namespace baliprocess::resource {

// A status of a transaction: a conflict becomes CONFLICT, one that took too long OVERLOADED, a lost
// connection and a disk that is full or fails TEMPORARILY_UNAVAILABLE, each with a delay after
// which to try again. Others stay as they are.
absl::Status FromStore(absl::Status status);

}  // namespace baliprocess::resource

#endif  // BALIPROCESS_COMMON_RESOURCE_STORE_STORE_STATUS_H_
