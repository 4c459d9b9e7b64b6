// Files in a ZIP archive.

#ifndef BALIPROCESS_SERVICES_BALICTL_SHEETS_ZIP_FILE_H_
#define BALIPROCESS_SERVICES_BALICTL_SHEETS_ZIP_FILE_H_

#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace baliprocess::balictl {

// An archive in memory. What is read of it is bounded by what really comes out, whatever the
// archive says of its sizes. Errors are of usage, and complete the sentence "the file ...".
class ZipFile {
 public:
  // `bytes` outlive it. Not more than `most_unpacked` bytes are read of all files together.
  static absl::StatusOr<ZipFile> Open(std::string_view bytes, size_t most_unpacked);

  bool Has(const std::string& name) const { return entries_.contains(name); }

  // The contents of a file, whose checksum is right: `most` bytes at most. Neither encrypted nor
  // ZIP64, stored or deflated.
  absl::StatusOr<std::string> Read(const std::string& name,
                                   size_t most = std::numeric_limits<size_t>::max());

 private:
  struct Entry {
    bool encrypted = false;
    uint16_t method = 0;
    uint32_t checksum = 0;
    size_t size = 0;    // packed
    size_t offset = 0;  // of its own header
  };

  ZipFile(std::string_view bytes, size_t most_unpacked)
      : bytes_(bytes), most_unpacked_(most_unpacked) {}
  absl::Status ReadDirectory();
  // Packed.
  absl::StatusOr<std::string_view> DataOf(const Entry& entry) const;
  // Little more than `most` bytes.
  static absl::StatusOr<std::string> Inflate(std::string_view data, size_t most);

  std::string_view bytes_;
  size_t most_unpacked_;
  size_t unpacked_ = 0;
  std::map<std::string, Entry> entries_;
};

}  // namespace baliprocess::balictl

#endif  // BALIPROCESS_SERVICES_BALICTL_SHEETS_ZIP_FILE_H_
