// Bytes of documents in the store: uploads under way, and the chunks of each.

#ifndef BALIPROCESS_SERVICES_MEETINGS_CONTENT_STORE_H_
#define BALIPROCESS_SERVICES_MEETINGS_CONTENT_STORE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "common/storage/database.h"

namespace baliprocess::meetings {

// Content, complete or under way.
struct ContentKey {
  std::string document;  // its uid
  std::string sha256;
};

struct UploadState {
  int64_t size_bytes = 0;
  int64_t received_bytes = 0;
};

// nullopt when there is no upload of this content.
absl::StatusOr<std::optional<UploadState>> FindUpload(storage::Transaction& tx,
                                                      const ContentKey& key);

// Notes that content is being uploaded, or begins anew; forgets uploads of any document that
// nothing was heard of since `stale`.
absl::Status BeginUpload(storage::Transaction& tx, const ContentKey& key, int64_t size_bytes,
                         absl::Time now, absl::Time stale);

// Adds the bytes that follow those received so far.
absl::Status AppendChunk(storage::Transaction& tx, const ContentKey& key, int64_t position,
                         std::string data, absl::Time now);

// Forgets that content was being uploaded, and its bytes.
absl::Status DropUpload(storage::Transaction& tx, const ContentKey& key);

// The upload is complete: its bytes stay.
absl::Status KeepContent(storage::Transaction& tx, const ContentKey& key);

// Whether the bytes of this content are kept, all of them.
absl::StatusOr<bool> IsKept(storage::Transaction& tx, const ContentKey& key);

// Bytes from `position` on, to the end of their chunk and `most` at most; empty at the end.
absl::StatusOr<std::string> ReadChunk(storage::Transaction& tx, const ContentKey& key,
                                      int64_t position, size_t most);

}  // namespace baliprocess::meetings

#endif  // BALIPROCESS_SERVICES_MEETINGS_CONTENT_STORE_H_
