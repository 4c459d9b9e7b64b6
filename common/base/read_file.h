// Reading small files whole: certificates, keys, passwords.

#ifndef BALIPROCESS_COMMON_BASE_READ_FILE_H_
#define BALIPROCESS_COMMON_BASE_READ_FILE_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"

namespace baliprocess {

constexpr size_t kMostFileBytes = size_t{1} << 20;

// The contents of a file. Links are followed. INVALID_ARGUMENT, with the path, when it can't be
// read, has more than `most` bytes, or isn't a file but a folder, a pipe or a device: what could
// have no end isn't begun.
absl::StatusOr<std::string> ReadFile(const std::string& path, size_t most = kMostFileBytes);

}  // namespace baliprocess

#endif  // BALIPROCESS_COMMON_BASE_READ_FILE_H_
