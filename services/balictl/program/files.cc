#include "services/balictl/program/files.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "absl/strings/str_cat.h"

#include "common/base/status_macros.h"
#include "services/balictl/program/command_line.h"

namespace baliprocess::balictl {
namespace {

absl::Status FileError(const std::string& path, std::string_view what) {
  return absl::ErrnoToStatus(errno, absl::StrCat(path, " can't be ", std::string(what)));
}

// What can't be read was wrongly given: nothing was sent yet.
absl::Status UnreadableInput(const std::string& path, std::string_view what) {
  return UsageError(std::string(FileError(path, what).message()));
}

absl::Status WriteAll(int file, const std::string& path, std::string_view contents) {
  while (!contents.empty()) {
    const ssize_t written = write(file, contents.data(), contents.size());
    if (written < 0) return FileError(path, "written");
    contents.remove_prefix(static_cast<size_t>(written));
  }
  if (fsync(file) != 0) return FileError(path, "written");
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  const std::unique_ptr<FILE, int (*)(FILE*)> file(std::fopen(path.c_str(), "rbe"), &std::fclose);
  if (!file) return UnreadableInput(path, "opened");
  std::string contents;
  char buffer[65536];
  while (const size_t got = std::fread(buffer, 1, sizeof(buffer), file.get())) {
    contents.append(buffer, got);
  }
  if (std::ferror(file.get())) return UnreadableInput(path, "read");
  return contents;
}

absl::Status CreateFile(const std::string& path, std::string_view contents, mode_t mode) {
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (file < 0) return FileError(path, "made");
  const absl::Status written = WriteAll(file, path, contents);
  close(file);
  if (!written.ok()) unlink(path.c_str());
  return written;
}

absl::Status WriteFile(const std::string& path, std::string_view contents, mode_t mode) {
  const std::string temporary = absl::StrCat(path, ".", getpid(), ".tmp");
  RETURN_IF_ERROR(CreateFile(temporary, contents, mode));
  if (rename(temporary.c_str(), path.c_str()) != 0) {
    const absl::Status failed = FileError(path, "written");
    unlink(temporary.c_str());
    return failed;
  }
  return absl::OkStatus();
}

absl::Status MakeDirectory(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (!error) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(path, " can't be made: ", error.message()));
}

absl::Status CheckOutput(const std::string& path, bool replace) {
  std::error_code error;
  if (replace || !std::filesystem::exists(path, error)) return absl::OkStatus();
  return UsageError(absl::StrCat(path, " is there already; --force replaces it"));
}

absl::Status WriteOutput(const std::string& path, std::string_view contents, bool replace) {
  // For the owner's eyes: what a server gives to one isn't for everybody on the machine.
  constexpr mode_t kMode = 0600;
  if (replace) return WriteFile(path, contents, kMode);
  RETURN_IF_ERROR(CheckOutput(path, replace));
  return CreateFile(path, contents, kMode);
}

}  // namespace baliprocess::balictl
