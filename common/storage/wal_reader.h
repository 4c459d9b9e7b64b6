// SQLite's write-ahead log, read beside SQLite: https://www.sqlite.org/fileformat2.html, section 4.
// Not for use outside this folder.

#ifndef BALIPROCESS_COMMON_STORAGE_WAL_READER_H_
#define BALIPROCESS_COMMON_STORAGE_WAL_READER_H_

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace baliprocess::storage {

// A page as a transaction left it.
struct WalFrame {
  uint32_t number = 0;  // in the log, from 1 on
  uint32_t page = 0;
  uint32_t size_after = 0;  // of the database in pages, in the last frame of a commit; else 0
  std::string_view data;    // the page; valid until the next frame is read
};

// Reads the frames of a log in their order, each once. A log that begins anew is told by other
// salts in its header: then it is read from its first frame, and whoever lets a log begin anew sees
// to it that the one before was read to its end. Used by one thread.
class WalReader {
 public:
  // The file is there as long as a connection to the database is open; it may be empty.
  static absl::StatusOr<std::unique_ptr<WalReader>> Open(const std::string& path);
  ~WalReader();
  WalReader(const WalReader&) = delete;
  WalReader& operator=(const WalReader&) = delete;

  // Where the reader is in which log.
  using Pair = std::array<uint32_t, 2>;
  struct Place {
    Pair salts{};
    Pair sums{};  // of all up to the frame
    uint32_t frame = 0;
    uint32_t page_size = 0;  // 0: no log was seen yet
    bool big_endian = false;
  };
  Place place() const { return place_; }
  void GoTo(const Place& place) { place_ = place; }

  // Reads up to the frame `last`, which was committed. DATA_LOSS when a frame isn't what its
  // checksum says, or belongs to another log than the header; an error of `take` ends it. After an
  // error the reader is where it was before.
  using Take = std::function<absl::Status(const WalFrame& frame)>;
  absl::Status ReadTo(uint32_t last, const Take& take);

  // The last frame of the last commit that is whole, as SQLite finds it after a crash; 0: none.
  // The reader stays where it is.
  absl::StatusOr<uint32_t> LastCommit();

 private:
  explicit WalReader(int file) : file_(file) {}
  absl::StatusOr<bool> BeginOfLog(Place& place);
  absl::StatusOr<WalFrame> Next(Place& place);
  absl::Status ReadAt(uint64_t offset, char* to, size_t size) const;

  const int file_;
  Place place_;
  std::string buffer_;
};

}  // namespace baliprocess::storage

#endif  // BALIPROCESS_COMMON_STORAGE_WAL_READER_H_
