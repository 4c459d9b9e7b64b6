// Backups of stores as files: `membership-20241231T235959Z.db`, and beside it the manifest, with
// `.json` for `.db`.

#ifndef BALIPROCESS_SERVICES_BALICTL_CLIENT_BACKUP_FILES_H_
#define BALIPROCESS_SERVICES_BALICTL_CLIENT_BACKUP_FILES_H_

#include <cstdint>
#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "baliprocess/operate/v1/store_service.pb.h"
#include "common/base/ids.h"

namespace baliprocess::balictl {

// A file in the making, which only its owner may read. Nobody takes it for whole before Finish, and
// it is removed without that.
class FileInTheMaking {
 public:
  // Beside `path`, under a name of its own.
  static absl::StatusOr<std::unique_ptr<FileInTheMaking>> Make(const std::string& path);
  ~FileInTheMaking();
  FileInTheMaking(const FileInTheMaking&) = delete;
  FileInTheMaking& operator=(const FileInTheMaking&) = delete;

  absl::Status Add(std::string_view piece);
  // Brings all of it to the disk.
  absl::Status Sync();
  // OK when it has as many bytes as the manifest says, with this SHA-256. Call once.
  absl::Status Check(const operate::v1::BackUpManifest& manifest);
  // Gives it its name, after Sync. An error if there is a file of that name.
  absl::Status Finish(const std::string& path);

  // Where it is until then.
  const std::string& path() const { return path_; }

 private:
  FileInTheMaking(std::string path, FILE* file) : path_(std::move(path)), file_(file, &fclose) {}

  const std::string path_;
  std::unique_ptr<FILE, int (*)(FILE*)> file_;
  Sha256Hasher hasher_;
  int64_t bytes_ = 0;
};

// The name of a backup, without a folder.
std::string BackupName(const operate::v1::BackUpManifest& manifest);

// The manifest beside a backup.
std::string ManifestPath(const std::string& backup);
absl::StatusOr<operate::v1::BackUpManifest> ReadManifest(const std::string& backup);

// Removes the service's oldest backups in a folder, and their manifests, until `keep` are left.
// Returns how many were removed.
absl::StatusOr<int> RemoveOldBackups(const std::string& directory, const std::string& service,
                                     size_t keep);

}  // namespace baliprocess::balictl

#endif  // BALIPROCESS_SERVICES_BALICTL_CLIENT_BACKUP_FILES_H_
