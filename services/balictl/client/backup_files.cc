#include "services/balictl/client/backup_files.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

#include "common/base/status_macros.h"
#include "services/balictl/contract/json.h"
#include "services/balictl/program/files.h"

namespace baliprocess::balictl {
namespace {

using operate::v1::BackUpManifest;

absl::Status Failed(const std::string& path, std::string_view what) {
  return absl::ErrnoToStatus(errno, absl::StrCat(path, " can't be ", std::string(what)));
}

std::string FolderOf(const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  return folder.empty() ? "." : folder;
}

// Brings the names of a folder to the disk.
absl::Status SyncFolder(const std::string& folder) {
  const int opened = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (opened < 0) return Failed(folder, "opened");
  const int synced = fsync(opened);
  const absl::Status status = synced == 0 ? absl::OkStatus() : Failed(folder, "synced");
  close(opened);
  return status;
}

constexpr char kTimeFormat[] = "%E4Y%m%dT%H%M%SZ";

bool IsBackupOf(const std::string& service, std::string_view name) {
  if (!name.starts_with(service + "-") || !name.ends_with(".db")) return false;
  name.remove_prefix(service.size() + 1);
  name.remove_suffix(3);
  absl::Time time;
  return absl::ParseTime(kTimeFormat, {name.data(), name.size()}, &time, nullptr);
}

}  // namespace

absl::StatusOr<std::unique_ptr<FileInTheMaking>> FileInTheMaking::Make(const std::string& path) {
  const std::string part = absl::StrCat(path, ".", getpid(), ".part");
  const int made = open(part.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  FILE* const file = made < 0 ? nullptr : fdopen(made, "wb");
  if (file == nullptr) return Failed(part, "made");
  return std::unique_ptr<FileInTheMaking>(new FileInTheMaking(part, file));
}

FileInTheMaking::~FileInTheMaking() { unlink(path_.c_str()); }

absl::Status FileInTheMaking::Add(std::string_view piece) {
  if (std::fwrite(piece.data(), 1, piece.size(), file_.get()) != piece.size()) {
    return Failed(path_, "written");
  }
  hasher_.Add(piece);
  bytes_ += static_cast<int64_t>(piece.size());
  return absl::OkStatus();
}

absl::Status FileInTheMaking::Sync() {
  if (std::fflush(file_.get()) != 0 || fsync(fileno(file_.get())) != 0) {
    return Failed(path_, "written");
  }
  return absl::OkStatus();
}

absl::Status FileInTheMaking::Check(const BackUpManifest& manifest) {
  if (bytes_ == manifest.bytes() && ToHex(hasher_.Finish()) == manifest.sha256()) {
    return absl::OkStatus();
  }
  return absl::DataLossError("the bytes aren't those that the manifest tells: SHA-256 differs");
}

absl::Status FileInTheMaking::Finish(const std::string& path) {
  // A link replaces nothing, where a new name would.
  if (link(path_.c_str(), path.c_str()) != 0) return Failed(path, "made");
  return SyncFolder(FolderOf(path));
}

std::string BackupName(const BackUpManifest& manifest) {
  const absl::Time begin = absl::FromUnixSeconds(manifest.begin_time().seconds());
  return absl::StrCat(manifest.service(), "-",
                      absl::FormatTime(kTimeFormat, begin, absl::UTCTimeZone()), ".db");
}

std::string ManifestPath(const std::string& backup) {
  return std::filesystem::path(backup).replace_extension(".json").string();
}

absl::StatusOr<BackUpManifest> ReadManifest(const std::string& backup) {
  const std::string path = ManifestPath(backup);
  ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  BackUpManifest manifest;
  const absl::Status status = FromJson(text, manifest);
  if (!status.ok()) return absl::DataLossError(absl::StrCat(path, ": ", status.message()));
  return manifest;
}

absl::StatusOr<int> RemoveOldBackups(const std::string& directory, const std::string& service,
                                     size_t keep) {
  std::vector<std::string> backups;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(directory, error)) {
    if (IsBackupOf(service, entry.path().filename().string())) {
      backups.push_back(entry.path().string());
    }
  }
  if (error) return absl::InternalError(absl::StrCat(directory, ": ", error.message()));
  std::sort(backups.begin(), backups.end());
  int removed = 0;
  for (; backups.size() > keep; backups.erase(backups.begin()), ++removed) {
    // The manifest last: a backup without one can't be restored.
    if (unlink(backups.front().c_str()) != 0) return Failed(backups.front(), "removed");
    unlink(ManifestPath(backups.front()).c_str());
  }
  return removed;
}

}  // namespace baliprocess::balictl
