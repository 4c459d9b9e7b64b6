// The spans of transactions in a call whose trace is recorded.

#ifndef BALIPROCESS_COMMON_RESOURCE_ENGINE_STORE_SPAN_H_
#define BALIPROCESS_COMMON_RESOURCE_ENGINE_STORE_SPAN_H_

#include <functional>
#include <string_view>

#include "absl/status/status.h"

#include "common/rpc/service.h"
#include "common/storage/database.h"

namespace baliprocess::resource {

// Runs a transaction, with its waits, retries and commit, and records it as a span of the call's:
// `read` or `write`, a literal.
absl::Status WithSpan(const rpc::Call& call, const storage::Database& database,
                      std::string_view what, const std::function<absl::Status()>& transaction);

}  // namespace baliprocess::resource

#endif  // BALIPROCESS_COMMON_RESOURCE_ENGINE_STORE_SPAN_H_
