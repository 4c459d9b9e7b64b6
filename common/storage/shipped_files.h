// What a service ships of its SQLite store to a folder, as files: for whoever writes them
// (sqlite_shipping.h) and whoever restores a store from them.
//
//   membership-000012-20261128T021000Z/   a chain: shipped without a gap by one process
//     0000000000.copy                     the store as a whole, when the chain began
//     0000000001.segment                  what was committed since, page by page
//     0000000002.segment
//     0000000002.copy                     the store again, as it was after segment 2
//
// A file is its body and then a footer of kShippedFooterBytes. The body of a copy is a database;
// the body of a segment is a record for each page that a commit wrote, in the order of commits: a
// header of kShippedRecordBytes and the page. Whole commits only. Each footer has the SHA-256 of
// body and footer, and that of the segment before: a file that is missing, cut, changed or of
// another chain is found. Numbers are little-endian, times are microseconds since 1970 (UTC).

#ifndef BALIPROCESS_COMMON_STORAGE_SHIPPED_FILES_H_
#define BALIPROCESS_COMMON_STORAGE_SHIPPED_FILES_H_

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "common/base/ids.h"

namespace baliprocess::storage {

inline constexpr size_t kShippedFooterBytes = 256;
inline constexpr size_t kShippedRecordBytes = 16;

enum class ShippedKind : uint32_t { kCopy = 1, kSegment = 2 };

// What a file is.
struct ShippedFooter {
  ShippedKind kind = ShippedKind::kSegment;
  std::string service;  // `membership`
  std::string chain;    // 16 random bytes
  uint64_t number = 0;  // of a segment, from 1 on; of a copy, the segment after which it was made
  uint32_t page_size = 0;
  // Of a copy: when the store was so. Of a segment: until when nothing was committed that isn't in
  // it or before it.
  absl::Time time;
  uint64_t body_bytes = 0;
  std::string previous;  // SHA-256 of the segment `number` - 1, or `number` for a copy; 0 for none
  std::string sha256 = {};  // of all but itself
};

// A page as a commit left it.
struct ShippedRecord {
  uint32_t page = 0;
  uint32_t size_after = 0;  // of the database in pages, in the last record of a commit; else 0
  absl::Time time;          // of the commit
};
std::string ToBytes(const ShippedRecord& record);
ShippedRecord RecordOf(std::string_view bytes);  // of kShippedRecordBytes

// The file with this number in the folder of a chain.
std::string ShippedPath(const std::string& chain, ShippedKind kind, uint64_t number);

// A file in the making, under a name that isn't its own. It is removed unless it is published.
class ShippedFileWriter {
 public:
  static absl::StatusOr<std::unique_ptr<ShippedFileWriter>> Make(const std::string& path);
  ~ShippedFileWriter();
  ShippedFileWriter(const ShippedFileWriter&) = delete;
  ShippedFileWriter& operator=(const ShippedFileWriter&) = delete;

  absl::Status Add(std::string_view bytes);
  // Appends the footer, of which it fills in the size and the SHA-256, and brings all to the disk.
  absl::Status Finish(ShippedFooter& footer);
  // Gives the file its name, after Finish.
  absl::Status Publish();

  uint64_t bytes() const { return bytes_; }

 private:
  ShippedFileWriter(std::string path, FILE* file);

  const std::string path_;
  const std::string part_;
  std::unique_ptr<FILE, int (*)(FILE*)> file_;
  Sha256Hasher hasher_;
  uint64_t bytes_ = 0;
};

// A file that was shipped. Errors name its path.
class ShippedFileReader {
 public:
  // Reads the footer. DATA_LOSS when the file is cut or has none.
  static absl::StatusOr<std::unique_ptr<ShippedFileReader>> Open(const std::string& path);

  const ShippedFooter& footer() const { return footer_; }

  // Reads the body in pieces of so many bytes, but for the last one. DATA_LOSS at the end when the
  // bytes aren't those that were shipped; what `take` has been given so far is worth nothing then.
  using Take = std::function<absl::Status(std::string_view piece)>;
  absl::Status ReadBody(size_t piece_bytes, const Take& take);

 private:
  ShippedFileReader(std::string path, FILE* file) : path_(std::move(path)), file_(file, &fclose) {}

  const std::string path_;
  std::unique_ptr<FILE, int (*)(FILE*)> file_;
  ShippedFooter footer_;
  std::string footer_bytes_;
};

// The folder of a chain, by the names that are there.
struct ShippedChain {
  std::string path = {};
  std::string service;
  uint64_t number = 0;  // counts the chains of the service, in the order in which they began
  absl::Time begin;     // by the clock of the time
  std::map<uint64_t, std::string> copies = {};  // paths
  std::map<uint64_t, std::string> segments = {};
};

// The chains in a folder, by services and then in their order. What has other names is passed over.
absl::StatusOr<std::vector<ShippedChain>> ListShippedChains(const std::string& folder);

// Makes the folder of the next chain of the service in `folder`, which must be there.
absl::StatusOr<ShippedChain> MakeShippedChain(const std::string& folder, const std::string& service,
                                              absl::Time now);

}  // namespace baliprocess::storage

#endif  // BALIPROCESS_COMMON_STORAGE_SHIPPED_FILES_H_
