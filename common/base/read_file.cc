#include "common/base/read_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"

namespace baliprocess {
namespace {

absl::Status Unreadable(const std::string& path, std::string_view why) {
  return absl::InvalidArgumentError(
      absl::StrCat(path, ": can't be read: ", absl::string_view(why.data(), why.size())));
}

}  // namespace

absl::StatusOr<std::string> ReadFile(const std::string& path, size_t most) {
  // Without O_NONBLOCK, to open a pipe would wait for who writes into it.
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) return Unreadable(path, strerror(errno));
  const absl::Cleanup closing = [file] { close(file); };
  struct stat kind = {};
  if (fstat(file, &kind) != 0) return Unreadable(path, strerror(errno));
  if (!S_ISREG(kind.st_mode)) return Unreadable(path, "it isn't a file");
  std::string contents;
  std::array<char, 4096> part;
  while (true) {
    const ssize_t size = read(file, part.data(), part.size());
    if (size == 0) return contents;
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return Unreadable(path, strerror(errno));
    contents.append(part.data(), static_cast<size_t>(size));
    if (contents.size() > most) {
      return Unreadable(path, absl::StrCat("it has more than ", most, " bytes"));
    }
  }
}

}  // namespace baliprocess
