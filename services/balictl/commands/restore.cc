// balictl restore: a backup as the store of a service.

#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <ostream>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

#include "baliprocess/operate/v1/store_service.pb.h"
#include "common/base/status_macros.h"
#include "common/storage/shipped_restore.h"
#include "services/balictl/client/backup_files.h"
#include "services/balictl/commands/commands.h"
#include "services/balictl/contract/moments.h"
#include "services/balictl/program/files.h"

namespace baliprocess::balictl {
namespace {

using operate::v1::BackUpManifest;

constexpr size_t kPieceBytes = 1 << 20;

// A store that is there is never written over, nor is what one has left.
absl::Status CheckAbsent(const std::string& store) {
  for (const char* suffix : {"", "-wal", "-shm", "-journal"}) {
    std::error_code error;
    if (std::filesystem::exists(store + suffix, error)) {
      return UsageError(
          absl::StrCat(store, suffix, " is there already: move it away, with all that begins so"));
    }
  }
  return absl::OkStatus();
}

absl::Status Copy(const std::string& path, FileInTheMaking& file) {
  const std::unique_ptr<FILE, int (*)(FILE*)> source(std::fopen(path.c_str(), "rbe"), &std::fclose);
  if (source == nullptr) return UsageError(absl::StrCat(path, " can't be opened"));
  std::string piece(kPieceBytes, '\0');
  while (const size_t got = std::fread(piece.data(), 1, piece.size(), source.get())) {
    RETURN_IF_ERROR(file.Add({piece.data(), got}));
  }
  if (std::ferror(source.get()) != 0) return absl::DataLossError(path + " can't be read");
  return absl::OkStatus();
}

// Whether SQLite finds the file sound.
absl::Status CheckIntegrity(const std::string& path) {
  sqlite3* opened = nullptr;
  int code = sqlite3_open_v2(path.c_str(), &opened, SQLITE_OPEN_READWRITE, "unix-excl");
  const std::unique_ptr<sqlite3, int (*)(sqlite3*)> database(opened, &sqlite3_close);
  std::string said;
  const auto note = [](void* text, int, char** columns, char**) {
    absl::StrAppend(static_cast<std::string*>(text), columns[0] == nullptr ? "" : columns[0], "\n");
    return 0;
  };
  if (code == SQLITE_OK) {
    code = sqlite3_exec(database.get(), "PRAGMA integrity_check(3)", note, &said, nullptr);
  }
  if (code != SQLITE_OK) said = sqlite3_errstr(code);
  return said == "ok\n" ? absl::OkStatus()
                        : absl::DataLossError(absl::StrCat("the backup is damaged: ", said));
}

// Checks the store and gives it its name.
absl::Status Finish(FileInTheMaking& file, const std::string& store) {
  const absl::Status sound = CheckIntegrity(file.path());
  // SQLite has looked at it as at any store, and leaves no log when it found it so.
  unlink((file.path() + "-wal").c_str());
  RETURN_IF_ERROR(sound);
  return file.Finish(store);
}

absl::Status RestoreBackup(const std::string& backup, const std::string& store, Io& io) {
  ASSIGN_OR_RETURN(const BackUpManifest manifest, ReadManifest(backup));
  ASSIGN_OR_RETURN(const auto file, FileInTheMaking::Make(store));
  RETURN_IF_ERROR(Copy(backup, *file));
  RETURN_IF_ERROR(file->Sync());
  RETURN_IF_ERROR(file->Check(manifest));
  RETURN_IF_ERROR(Finish(*file, store));
  io.out << store << ": " << manifest.service() << ", change " << manifest.position().sequence()
         << "\n";
  return absl::OkStatus();
}

std::string InUtc(absl::Time time) {
  return absl::FormatTime("%E4Y-%m-%dT%H:%M:%E6SZ", time, absl::UTCTimeZone());
}

absl::Status RestoreShippedChanges(const Arguments& arguments, const std::string& folder,
                                   const std::string& store, Io& io) {
  absl::Time until = absl::InfiniteFuture();
  if (const std::string text = arguments.Text("until"); !text.empty()) {
    const auto moment = ParseMoment(text);
    if (!moment) {
      return UsageError("--until must be a moment with its zone, such as 2024-12-31T23:59:59Z");
    }
    until = *moment;
  }
  ASSIGN_OR_RETURN(const auto file, FileInTheMaking::Make(store));
  ASSIGN_OR_RETURN(const storage::RestoredState state,
                   storage::RestoreShipped(folder, arguments.Text("service"), until, file->path()));
  RETURN_IF_ERROR(file->Sync());
  RETURN_IF_ERROR(Finish(*file, store));
  io.out << store << ": " << state.service << ", of " << InUtc(state.time)
         << " with nothing after it by " << InUtc(std::min(state.through, until)) << ", from "
         << state.chain << "\n";
  return absl::OkStatus();
}

absl::Status RunRestore(const Arguments& arguments, Io& io) {
  const std::string& from = arguments.positional[0];
  const std::string store = arguments.Text("store");
  if (store.empty()) return UsageError("--store is required: where the store shall be");
  RETURN_IF_ERROR(CheckAbsent(store));
  std::error_code error;
  if (std::filesystem::is_directory(from, error)) {
    return RestoreShippedChanges(arguments, from, store, io);
  }
  if (!arguments.Text("until").empty() || !arguments.Text("service").empty()) {
    return UsageError("--until and --service are for a folder of --ship_changes, and " + from +
                      " is none");
  }
  return RestoreBackup(from, store, io);
}

}  // namespace

Command RestoreCommand() {
  return {
      .name = "restore",
      .arguments = "FILE | DIR",
      .min_arguments = 1,
      .max_arguments = 1,
      .summary = "Make a store of a backup, or of what was shipped until a moment",
      .description =
          "Copies FILE, which balictl backup made, to the path that --store of a service\n"
          "names, where there mustn't be a store yet, and checks it first: by its manifest,\n"
          "and by SQLite. Then start the service. Whoever watches changes and has seen what\n"
          "is lost is told so (HISTORY_COMPACTED), and begins anew.\n"
          "\n"
          "DIR is a folder to which the service ships what changes (--ship_changes): of that,\n"
          "the store is restored as it was at the moment that --until names, with all that\n"
          "was committed until then. A file that is missing, cut or was changed is told by its\n"
          "name, and so is a time at which nothing was shipped; no such hole is bridged.\n"
          "\n"
          "Examples:\n"
          "  balictl restore /backup/membership-20241231T235959Z.db \\\n"
          "    --store /var/lib/baliprocess/membership.db\n"
          "  balictl restore /shipped --service membership --until 2024-12-31T23:59:59Z \\\n"
          "    --store /var/lib/baliprocess/membership.db",
      .flags = {{"store", "PATH", "", "Where the store shall be. Required."},
                {"until", "MOMENT", "",
                 "As of when, such as 2024-12-31T23:59:59Z: of DIR. Default: as it was last."},
                {"service", "NAME", "", "Which service, where several ship to DIR."}},
      .run = RunRestore};
}

}  // namespace baliprocess::balictl
