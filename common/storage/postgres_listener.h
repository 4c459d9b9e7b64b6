// Carries the news of commits between the processes that share a PostgreSQL database.

#ifndef BALIPROCESS_COMMON_STORAGE_POSTGRES_LISTENER_H_
#define BALIPROCESS_COMMON_STORAGE_POSTGRES_LISTENER_H_

#include <atomic>
#include <functional>
#include <memory>
#include <thread>

#include "common/storage/internal.h"
#include "common/storage/postgres_connection.h"
#include "common/storage/postgres_hosts.h"

namespace baliprocess::storage {

// A thread with its own connection, to the server itself: a pooler in between would deliver
// nothing. It notifies the other processes of our commits, and `signal` of theirs.
//
// It notifies after a COMMIT, once for all commits since the last time. NOTIFY within the
// transaction would take a lock of the whole database until the commit is on disk, and so keep
// commits from sharing a write. If a notification is lost with a connection, watchers hear of the
// commit a second later, when WaitForCommit returns anyway.
class PostgresListener {
 public:
  // `told` hears how it goes (Database::Options); may be nullptr. `check` fails when the process
  // gives up. `hosts` and `signal` outlive the listener.
  PostgresListener(PostgresHosts& hosts, CommitSignal& signal, std::function<absl::Status()> check,
                   std::function<void(const absl::Status&)> told);
  ~PostgresListener();

  PostgresListener(const PostgresListener&) = delete;
  PostgresListener& operator=(const PostgresListener&) = delete;

  // Tells the others. Doesn't block.
  void Announce();

 private:
  void Loop();
  void Pause(absl::Duration pause);
  void Tell(const absl::Status& status) const;
  absl::Status Serve(PostgresHosts::Opened& opened);
  absl::Status CheckWait(const PostgresHosts::Opened& opened, absl::Duration waited);
  absl::Status TellOthers(PostgresConnection& connection);

  // Waits for the socket (-1: none) or an announcement. Returns whether there is one.
  bool WaitForEvent(int socket, absl::Duration timeout);

  PostgresHosts& hosts_;
  CommitSignal& signal_;
  const std::function<absl::Status()> check_;
  const std::function<void(const absl::Status&)> told_;
  const int event_;  // an eventfd: announcements and the end
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

}  // namespace baliprocess::storage

#endif  // BALIPROCESS_COMMON_STORAGE_POSTGRES_LISTENER_H_
