// Files that may change while the program runs, such as certificates: whoever uses them is told.

#ifndef BALIPROCESS_COMMON_TELEMETRY_FILE_FOLLOWER_H_
#define BALIPROCESS_COMMON_TELEMETRY_FILE_FOLLOWER_H_

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace baliprocess::telemetry {

// Looks at the contents, now and then: unlike time stamps and inotify these can't miss a change,
// however it is made (written over, renamed, a symbolic link led elsewhere as Kubernetes does).
// All on a thread of its own, which the first call of Follow starts.
class FileFollower {
 public:
  // Is told how each attempt to read something anew has gone. May be null.
  using OnReload = std::function<void(std::string_view what, bool succeeded)>;

  explicit FileFollower(OnReload on_reload, absl::Duration every = absl::Seconds(2));
  ~FileFollower();  // waits for what it calls at the moment
  FileFollower(const FileFollower&) = delete;
  FileFollower& operator=(const FileFollower&) = delete;

  // Calls `take`, which reads the files and returns what is wrong with them; an error is returned,
  // and nothing followed. From then on `take` is called when one of the files has other contents
  // than it had last, or is gone. The log says how that went: with an error, what was read before
  // stays in use, and the files are tried again at each look. Another line, and another call of
  // OnReload, follows when that goes well or in another way. Empty paths are left out. `what` is
  // the word of logs and metrics for the files, such as `certificate`.
  absl::Status Follow(std::string what, const std::vector<std::string>& paths,
                      std::function<absl::Status()> take);

  // Has all of them taken anew soon, whether they have changed or not.
  void TakeNow();

 private:
  // The hash of a file's contents; nothing when it can't be read.
  using Print = std::optional<uint64_t>;
  struct Followed {
    std::string what;
    std::vector<std::string> paths;
    std::function<absl::Status()> take;
    std::vector<Print> prints;  // when they were taken last
    absl::Status taken = absl::OkStatus();
  };

  static Print PrintOf(const std::string& path);
  static std::vector<Print> PrintsOf(const std::vector<std::string>& paths);
  void Run();
  void Look(bool force);
  void Take(Followed& followed, bool force);

  const OnReload on_reload_;
  const absl::Duration every_;
  std::mutex looking_;              // one look at a time
  std::vector<Followed> followed_;  // guarded by looking_
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopped_ = false;  // guarded by mutex_
  bool wanted_ = false;   // guarded by mutex_
  std::thread thread_;
};

}  // namespace baliprocess::telemetry

#endif  // BALIPROCESS_COMMON_TELEMETRY_FILE_FOLLOWER_H_
