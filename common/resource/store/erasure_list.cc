#include "common/resource/store/erasure_list.h"

#include <fcntl.h>
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/time_util.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"

#include "common/base/ids.h"
#include "common/base/status_macros.h"

namespace baliprocess::resource {
namespace {

using google::protobuf::util::TimeUtil;
using operate::v1::ListedErasure;
using storage::Bytes;
using storage::Row;
using storage::Transaction;

constexpr char kMark[] = "erased.";  // begins the keys of marks in engine_state
constexpr char kKeyName[] = "erasure_key";
constexpr size_t kKeySize = 32;
constexpr size_t kKeyIdSize = 8;
constexpr size_t kMostTold = 20;  // lines that can't be read

absl::Status Failed(const std::string& path, std::string_view what) {
  return absl::ErrnoToStatus(
      errno, absl::StrCat("the list of erasures ", path, " can't be ", std::string(what)));
}

// Brings the name of a new file to the disk.
absl::Status SyncFolderOf(const std::string& path) {
  const std::string folder = std::filesystem::absolute(path).parent_path().string();
  const int opened = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (opened < 0) return Failed(path, "synced");
  const absl::Status status = fsync(opened) == 0 ? absl::OkStatus() : Failed(path, "synced");
  close(opened);
  return status;
}

// The file is opened each time, as its disk may go and come back. It isn't made anew: a new one in
// the folder of a disk that is away would be hidden when the disk comes back.
absl::Status WriteTo(const std::string& path, const std::string& text) {
  const int file = open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
  if (file < 0) return Failed(path, "opened");
  // At once: what others write comes before or after.
  const ssize_t written = write(file, text.data(), text.size());
  absl::Status status;
  if (written < 0 || fsync(file) != 0) {
    status = Failed(path, "written");
  } else if (static_cast<size_t>(written) < text.size()) {
    status = absl::ResourceExhaustedError(
        absl::StrCat("the list of erasures ", path, " can't be written: its disk is full"));
  }
  close(file);
  return status;
}

// A write on a thread of its own, which ends when the disk answers.
struct Writing {
  std::mutex mutex;
  std::condition_variable ended;
  bool has_ended = false;
  bool overdue = false;
  absl::Status status;
};

absl::StatusOr<std::string> ToLine(const ListedErasure& erasure) {
  std::string line;
  const auto status = google::protobuf::util::MessageToJsonString(erasure, &line);
  if (!status.ok()) return absl::InternalError(status.ToString());
  return line;
}

// A newer program may have written more into a line.
bool Parse(const std::string& line, ListedErasure& erasure) {
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;
  erasure.Clear();
  return google::protobuf::util::JsonStringToMessage(line, &erasure, options).ok() &&
         IsUuid(erasure.id());
}

// Adds what a line says of an erasure to what those before say. A transaction that was run twice
// has two, of which the last is what was committed.
void Merge(const ListedErasure& line, ListedErasure& erasure) {
  const bool withdrawn = erasure.withdrawn() || line.withdrawn();
  if (!line.withdrawn()) erasure = line;
  erasure.set_withdrawn(withdrawn);
}

}  // namespace

absl::StatusOr<std::unique_ptr<ErasureList>> ErasureList::Open(std::string path) {
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return Failed(path, "opened");
  close(file);
  // Also where the file was there: who made it may have died before its name was on the disk.
  RETURN_IF_ERROR(SyncFolderOf(path));
  return std::unique_ptr<ErasureList>(new ErasureList(std::move(path)));
}

absl::Status ErasureList::Write(const std::string& text, bool urgent) const {
  if (!urgent && *overdue_ > 0) {
    return absl::UnavailableError(
        absl::StrCat("the disk of the list of erasures ", path_, " doesn't answer"));
  }
  const auto writing = std::make_shared<Writing>();
  std::thread([writing, path = path_, text, overdue = overdue_] {
    const absl::Status status = WriteTo(path, text);
    const std::lock_guard lock(writing->mutex);
    writing->status = status;
    writing->has_ended = true;
    if (writing->overdue) --*overdue;
    writing->ended.notify_all();
  }).detach();
  std::unique_lock lock(writing->mutex);
  const bool ended = writing->ended.wait_for(lock, absl::ToChronoNanoseconds(kLongestWrite),
                                             [&] { return writing->has_ended; });
  if (ended) return writing->status;
  writing->overdue = true;
  ++*overdue_;
  return absl::DeadlineExceededError(absl::StrCat("the disk of the list of erasures ", path_,
                                                  " doesn't answer within ",
                                                  absl::FormatDuration(kLongestWrite)));
}

absl::Status ErasureList::Append(const ListedErasure& erasure) const {
  ASSIGN_OR_RETURN(const std::string line, ToLine(erasure));
  // Whatever the one before was cut off at, this line begins anew.
  return Write(absl::StrCat("\n", line, "\n"), erasure.withdrawn());
}

absl::Status ErasureList::Probe() const { return Write("\n", false); }

absl::StatusOr<ErasureList::Contents> ErasureList::Read() const {
  std::ifstream file(path_);
  if (!file) return Failed(path_, "read");
  Contents contents;
  std::set<std::string> seen;
  std::map<std::string, ListedErasure> by_id;
  std::string line;
  ListedErasure erasure;
  for (int64_t number = 1; std::getline(file, line); ++number) {
    if (line.empty() || !seen.insert(line).second) continue;
    if (!Parse(line, erasure)) {
      ++contents.unreadable;
      auto& told = contents.unreadable_lines;
      if (told.size() < kMostTold) told.push_back(number);
      continue;
    }
    contents.lines.push_back({erasure.id(), line});
    Merge(erasure, by_id[erasure.id()]);
  }
  if (file.bad()) return Failed(path_, "read");
  for (auto& [id, listed] : by_id) {
    if (!listed.withdrawn()) contents.erasures.push_back(std::move(listed));
  }
  std::sort(contents.erasures.begin(), contents.erasures.end(),
            [](const ListedErasure& a, const ListedErasure& b) {
              return TimeUtil::TimestampToNanoseconds(a.erase_time()) <
                     TimeUtil::TimestampToNanoseconds(b.erase_time());
            });
  return contents;
}

absl::Status MarkErasure(Transaction& tx, const std::string& id, absl::Time now) {
  return tx.Send("INSERT INTO engine_state (key, value) VALUES (?, ?) ON CONFLICT (key) DO NOTHING",
                 {absl::StrCat(kMark, id), Bytes{absl::FormatTime(now, absl::UTCTimeZone())}});
}

absl::StatusOr<bool> IsErasureMarked(Transaction& tx, const std::string& id) {
  ASSIGN_OR_RETURN(
      const std::vector<Row> rows,
      tx.Query("SELECT key FROM engine_state WHERE key = ?", {absl::StrCat(kMark, id)}));
  return !rows.empty();
}

absl::StatusOr<std::set<std::string>> MarkedErasures(storage::Database& database) {
  std::set<std::string> ids;
  const absl::Status status = database.ReadOne([&](Transaction& tx) -> absl::Status {
    ids.clear();
    ASSIGN_OR_RETURN(
        const std::vector<Row> rows,
        tx.Query("SELECT key FROM engine_state WHERE key LIKE ?", {absl::StrCat(kMark, "%")}));
    for (const Row& row : rows) ids.insert(storage::AsText(row[0]).substr(sizeof(kMark) - 1));
    return absl::OkStatus();
  });
  RETURN_IF_ERROR(status);
  return ids;
}

absl::StatusOr<std::vector<ListedErasure>> UndoneErasures(const ErasureList::Contents& list,
                                                          storage::Database& database) {
  ASSIGN_OR_RETURN(const std::set<std::string> marked, MarkedErasures(database));
  std::vector<ListedErasure> undone;
  for (const ListedErasure& erasure : list.erasures) {
    if (marked.count(erasure.id()) == 0) undone.push_back(erasure);
  }
  return undone;
}

absl::StatusOr<std::string> KeepErasureKey(storage::Database& database) {
  std::string key;
  const auto read = [&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(
        const std::vector<Row> rows,
        tx.Query("SELECT value FROM engine_state WHERE key = ?", {std::string(kKeyName)}));
    key = rows.empty() ? "" : storage::AsBytes(rows[0][0]);
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(database.ReadOne(read));
  if (!key.empty()) return key;
  const absl::Status status = database.Write([&](Transaction& tx) -> absl::Status {
    // Another replica may have made it.
    RETURN_IF_ERROR(
        tx.Send("INSERT INTO engine_state (key, value) VALUES (?, ?) "
                "ON CONFLICT (key) DO NOTHING",
                {std::string(kKeyName), Bytes{RandomBytes(kKeySize)}}));
    return read(tx);
  });
  RETURN_IF_ERROR(status);
  return key;
}

ListedErasure::Erased ErasedText(std::string_view key, std::string_view text) {
  ListedErasure::Erased erased;
  erased.set_kind(ListedErasure::TEXT);
  erased.set_hash(ToHex(HmacSha256(key, text)));
  erased.set_key(ToHex(Sha256(key)).substr(0, kKeyIdSize));
  return erased;
}

}  // namespace baliprocess::resource
