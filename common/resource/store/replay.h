// Replies by request_id (AIP-155), so that a mutation whose reply was lost can be repeated: the
// same caller and id within a day get the first reply.

#ifndef BALIPROCESS_COMMON_RESOURCE_STORE_REPLAY_H_
#define BALIPROCESS_COMMON_RESOURCE_STORE_REPLAY_H_

#include <google/protobuf/message.h>

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "common/storage/database.h"

namespace baliprocess::resource {

// How long replies are kept.
inline constexpr absl::Duration kReplayRetention = absl::Hours(24);

// A mutation that may be repeated.
struct ReplayKey {
  std::string caller;      // subject
  std::string request_id;  // in lower case, as the case of a UUID's letters means nothing
  std::string method;      // full name
  std::string request_hash;
};

// The key of a call. Without a request_id in the request, the key has none either. INPUT_ONLY
// fields don't count: whoever has a hash of what identifies a person can try out who it is.
ReplayKey MakeReplayKey(std::string_view caller, std::string_view method,
                        const google::protobuf::Message& request);

// Whether the mutation was done before: fills `reply` with its reply. REQUEST_ID_REUSED when the id
// was used for something else.
absl::StatusOr<bool> FindReplay(storage::Transaction& tx, const ReplayKey& key,
                                google::protobuf::Message& reply);

// Keeps the reply of a mutation.
absl::Status AddReplay(storage::Transaction& tx, const ReplayKey& key, absl::Time now,
                       const google::protobuf::Message& reply);

// Removes replies older than `before`, at most `limit`. How many.
absl::StatusOr<int64_t> RemoveReplays(storage::Transaction& tx, absl::Time before, int limit);

}  // namespace baliprocess::resource

#endif  // BALIPROCESS_COMMON_RESOURCE_STORE_REPLAY_H_
