// balictl backup: copies of running SQLite stores.

#include <filesystem>
#include <optional>
#include <ostream>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

#include "baliprocess/operate/v1/store_service.pb.h"
#include "common/base/ids.h"
#include "common/base/status_macros.h"
#include "services/balictl/client/backup_files.h"
#include "services/balictl/client/erasures.h"
#include "services/balictl/client/store_servers.h"
#include "services/balictl/commands/commands.h"
#include "services/balictl/contract/json.h"
#include "services/balictl/program/files.h"

namespace baliprocess::balictl {
namespace {

using google::protobuf::Message;
using operate::v1::BackUpManifest;
using operate::v1::BackUpRequest;
using operate::v1::BackUpResponse;

// Receives the pieces, and the manifest, which comes last.
absl::StatusOr<BackUpManifest> Receive(Connection& connection, FileInTheMaking& file) {
  std::optional<BackUpManifest> manifest;
  const auto take = [&](const Message& message) -> absl::Status {
    const auto& part = static_cast<const BackUpResponse&>(message);
    if (part.has_manifest()) manifest = part.manifest();
    return file.Add(part.piece());
  };
  RETURN_IF_ERROR(connection.Stream(StoreMethod("BackUp"), BackUpRequest(), take));
  if (!manifest) return absl::DataLossError("the copy ended before it was whole");
  // It becomes part of the name of a file.
  if (!IsResourceId(manifest->service())) return absl::DataLossError("the service has no name");
  return *manifest;
}

absl::StatusOr<BackUpManifest> BackUp(const Arguments& arguments, const std::string& directory,
                                      const std::string& server, Io& io) {
  ASSIGN_OR_RETURN(const auto connection, OpenAt(arguments, server));
  ASSIGN_OR_RETURN(const auto file, FileInTheMaking::Make(directory + "/backup"));
  ASSIGN_OR_RETURN(const BackUpManifest manifest, Receive(*connection, *file));
  RETURN_IF_ERROR(file->Check(manifest));
  RETURN_IF_ERROR(file->Sync());
  const std::string path = absl::StrCat(directory, "/", BackupName(manifest));
  ASSIGN_OR_RETURN(const std::string json, ToJson(manifest));
  RETURN_IF_ERROR(CreateFile(ManifestPath(path), json, 0600));
  RETURN_IF_ERROR(file->Finish(path));
  io.out << path << ": " << manifest.bytes() << " bytes, change " << manifest.position().sequence()
         << "\n";
  ASSIGN_OR_RETURN(const Erasures erasures, ReadErasuresIfKnown(*connection, server, io.err));
  RETURN_IF_ERROR(
      AddErasures(erasures.lines, absl::StrCat(directory, "/", manifest.service(), ".erasures"))
          .status());
  return manifest;
}

absl::Status RunBackup(const Arguments& arguments, Io& io) {
  const std::string& directory = arguments.positional[0];
  int keep = 0;
  if (!absl::SimpleAtoi(arguments.Text("keep"), &keep) || keep < 0) {
    return UsageError("--keep must be a number, 0 for all");
  }
  RETURN_IF_ERROR(MakeDirectory(directory));
  for (const std::string& server : arguments.All("server")) {
    const auto manifest = BackUp(arguments, directory, server, io);
    if (!manifest.ok()) return At(server, manifest.status());
    if (keep == 0) continue;
    ASSIGN_OR_RETURN(const int removed,
                     RemoveOldBackups(directory, manifest->service(), static_cast<size_t>(keep)));
    if (removed > 0) io.out << "older ones removed: " << removed << "\n";
  }
  return absl::OkStatus();
}

}  // namespace

Command BackupCommand() {
  return {.name = "backup",
          .arguments = "DIR",
          .min_arguments = 1,
          .max_arguments = 1,
          .summary = "Copy the stores of running services to files",
          .description =
              "Writes DIR/<service>-<time>.db, the SQLite store of a service as it is at one\n"
              "moment while the service goes on with its work, and a manifest beside it (.json).\n"
              "Whatever was acknowledged before is in it, documents too. It has everything, also\n"
              "what is restricted: guard it as the store itself. Services are called directly, by\n"
              "a certificate that they take (--client_names) and the token of an operator.\n"
              "Stores on PostgreSQL are for its own tools. What the service lists as erased\n"
              "(--erasure_list) is added to DIR/<service>.erasures.\n"
              "\n"
              "Example:\n"
              "  balictl backup /backup --server 10.0.0.5:7401 --server 10.0.0.5:7402 --keep 14",
          .flags = WithServers(
              {{"keep", "NUMBER", "0",
                "How many backups of each service to keep in DIR: older ones are removed when the\n"
                "new one is whole. 0: all."}}),
          .run = RunBackup};
}

}  // namespace baliprocess::balictl
