#include "common/telemetry/file_follower.h"

#include <utility>

#include "absl/hash/hash.h"

#include "common/base/read_file.h"
#include "common/telemetry/log.h"

namespace baliprocess::telemetry {

FileFollower::FileFollower(OnReload on_reload, absl::Duration every)
    : on_reload_(std::move(on_reload)), every_(every) {}

FileFollower::~FileFollower() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopped_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

FileFollower::Print FileFollower::PrintOf(const std::string& path) {
  const absl::StatusOr<std::string> contents = ReadFile(path);
  if (!contents.ok()) return std::nullopt;
  return absl::HashOf(*contents);
}

std::vector<FileFollower::Print> FileFollower::PrintsOf(const std::vector<std::string>& paths) {
  std::vector<Print> prints;
  for (const std::string& path : paths) prints.push_back(PrintOf(path));
  return prints;
}

absl::Status FileFollower::Follow(std::string what, const std::vector<std::string>& paths,
                                  std::function<absl::Status()> take) {
  Followed followed = {.what = std::move(what), .paths = {}, .take = std::move(take), .prints = {}};
  for (const std::string& path : paths) {
    if (!path.empty()) followed.paths.push_back(path);
  }
  // Before they are read: a change while they are read shows as one.
  followed.prints = PrintsOf(followed.paths);
  absl::Status taken = followed.take();
  if (!taken.ok() || followed.paths.empty()) return taken;
  const std::lock_guard<std::mutex> lock(looking_);
  followed_.push_back(std::move(followed));
  if (!thread_.joinable()) thread_ = std::thread([this] { Run(); });
  return absl::OkStatus();
}

void FileFollower::TakeNow() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    wanted_ = true;
  }
  changed_.notify_all();
}

void FileFollower::Run() {
  std::unique_lock<std::mutex> lock(mutex_);
  while (!stopped_) {
    changed_.wait_for(lock, absl::ToChronoNanoseconds(every_),
                      [this] { return stopped_ || wanted_; });
    if (stopped_) return;
    const bool force = std::exchange(wanted_, false);
    lock.unlock();
    Look(force);
    lock.lock();
  }
}

void FileFollower::Look(bool force) {
  const std::lock_guard<std::mutex> lock(looking_);
  for (Followed& followed : followed_) Take(followed, force);
}

// What can't be read now may be readable the next time without another change: for want of file
// descriptors, for one, or because a file that belongs to it comes later.
void FileFollower::Take(Followed& followed, bool force) {
  std::vector<Print> prints = PrintsOf(followed.paths);
  const bool changed = prints != followed.prints;
  if (!changed && !force && followed.taken.ok()) return;
  followed.prints = std::move(prints);
  const absl::Status before = std::exchange(followed.taken, followed.take());
  const absl::Status& taken = followed.taken;
  if (!changed && !force && taken == before) return;
  if (taken.ok()) {
    Log(Level::kInfo, "files", "read anew").Field("what", followed.what);
  } else {
    Log(Level::kError, "files", "can't be read anew: what was read before stays in use")
        .Field("what", followed.what)
        .Field("error", std::string_view(taken.ToString()));
  }
  if (on_reload_) on_reload_(followed.what, taken.ok());
}

}  // namespace baliprocess::telemetry
