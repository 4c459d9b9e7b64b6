// Writes a chain of shipped files. Not for use outside this folder.

#ifndef BALIPROCESS_COMMON_STORAGE_SHIPPED_CHAIN_WRITER_H_
#define BALIPROCESS_COMMON_STORAGE_SHIPPED_CHAIN_WRITER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "common/storage/shipped_files.h"

namespace baliprocess::storage {

// Used by one thread.
class ShippedChainWriter {
 public:
  // Begins a chain in `folder`, which must be there, of a store with pages of this size.
  // UNAVAILABLE when `most_an_hour` chains of the service have begun in the hour before.
  static absl::StatusOr<std::unique_ptr<ShippedChainWriter>> Begin(const std::string& folder,
                                                                   const std::string& service,
                                                                   uint32_t page_size,
                                                                   absl::Time now,
                                                                   int most_an_hour);

  // Removes the folder of a chain without a copy, with which nothing can be done.
  ~ShippedChainWriter();
  ShippedChainWriter(const ShippedChainWriter&) = delete;
  ShippedChainWriter& operator=(const ShippedChainWriter&) = delete;

  // Ships a segment, whose records `fill` writes. When `may_publish` says no in the end, there is
  // none: ABORTED.
  using Fill = std::function<absl::Status(ShippedFileWriter& file)>;
  absl::Status AddSegment(absl::Time until, const Fill& fill,
                          const std::function<bool()>& may_publish);

  // Where the chain is: behind its last segment.
  struct Place {
    uint64_t segment = 0;
    std::string sha256;
  };
  Place place() const { return {last_segment_, previous_}; }

  // Ships the database at `path`, the store as it was at `time` and at that place, in pieces of a
  // MiB. `between` is called after each of them, may add segments, and ends it by an error.
  absl::Status AddCopy(const std::string& path, absl::Time time, const Place& place,
                       const std::function<absl::Status()>& between);

  bool has_copy() const { return copy_bytes_ > 0; }
  // Of the last copy, and of segments since it was begun.
  uint64_t copy_bytes() const { return copy_bytes_; }
  uint64_t segment_bytes() const { return segment_bytes_; }
  const std::string& path() const { return chain_.path; }

 private:
  ShippedChainWriter(ShippedChain chain, uint32_t page_size);
  ShippedFooter Footer(ShippedKind kind, uint64_t number, absl::Time time) const;

  const ShippedChain chain_;
  const std::string id_;
  const uint32_t page_size_;
  uint64_t last_segment_ = 0;
  std::string previous_;  // the SHA-256 of that segment
  uint64_t copy_bytes_ = 0;
  uint64_t segment_bytes_ = 0;
};

// Removes what isn't needed to restore the store as it was at `since` or at any later moment.
absl::Status RemoveShippedBefore(const std::string& folder, const std::string& service,
                                 absl::Time since);

}  // namespace baliprocess::storage

#endif  // BALIPROCESS_COMMON_STORAGE_SHIPPED_CHAIN_WRITER_H_
