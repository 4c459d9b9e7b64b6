// Files, whole.

#ifndef BALIPROCESS_SERVICES_BALICTL_PROGRAM_FILES_H_
#define BALIPROCESS_SERVICES_BALICTL_PROGRAM_FILES_H_

#include <sys/types.h>

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace baliprocess::balictl {

// Errors name the path.
absl::StatusOr<std::string> ReadFile(const std::string& path);

// Replaces the file as a whole: readers see the old contents or the new, never a part.
absl::Status WriteFile(const std::string& path, std::string_view contents, mode_t mode);

// A usage error, which names the flag --force, if the file is there and isn't to be replaced.
absl::Status CheckOutput(const std::string& path, bool replace);

// Writes what a command was asked for to a file, which is checked as by CheckOutput.
absl::Status WriteOutput(const std::string& path, std::string_view contents, bool replace);

// Makes a directory and those above it, as far as they aren't there.
absl::Status MakeDirectory(const std::string& path);

// Makes a file that mustn't exist.
absl::Status CreateFile(const std::string& path, std::string_view contents, mode_t mode);

}  // namespace baliprocess::balictl

#endif  // BALIPROCESS_SERVICES_BALICTL_PROGRAM_FILES_H_
