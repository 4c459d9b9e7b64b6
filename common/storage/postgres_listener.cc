#include "common/storage/postgres_listener.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <utility>

#include "common/base/status_macros.h"

namespace baliprocess::storage {
namespace {

constexpr absl::Duration kFirstPause = absl::Seconds(1);
constexpr absl::Duration kLongestPause = absl::Seconds(10);
// So often a connection on which nothing comes is looked at: its host may be dead.
constexpr absl::Duration kLookInterval = absl::Seconds(1);
constexpr absl::Duration kLongestWait = absl::Seconds(10);

}  // namespace

PostgresListener::PostgresListener(PostgresHosts& hosts, CommitSignal& signal,
                                   std::function<absl::Status()> check,
                                   std::function<void(const absl::Status&)> told)
    : hosts_(hosts),
      signal_(signal),
      check_(std::move(check)),
      told_(std::move(told)),
      event_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  thread_ = std::thread([this] { Loop(); });
}

PostgresListener::~PostgresListener() {
  stopping_ = true;
  Announce();
  thread_.join();
  close(event_);
}

void PostgresListener::Announce() {
  const uint64_t one = 1;
  // It fails only when 2^64 announcements wait, and then the thread is awake.
  (void)!write(event_, &one, sizeof(one));
}

bool PostgresListener::WaitForEvent(int socket, absl::Duration timeout) {
  pollfd polled[] = {{event_, POLLIN, 0}, {socket, POLLIN, 0}};
  poll(polled, 2, static_cast<int>(absl::ToInt64Milliseconds(timeout)));
  uint64_t announcements = 0;
  return read(event_, &announcements, sizeof(announcements)) > 0;
}

absl::Status PostgresListener::CheckWait(const PostgresHosts::Opened& opened,
                                         absl::Duration waited) {
  RETURN_IF_ERROR(check_());
  if (stopping_ || waited > kLongestWait || hosts_.IsDropped(opened)) {
    return StoreError(ErrorClass::kConnectionLost, "the server isn't waited for any longer");
  }
  return absl::OkStatus();
}

void PostgresListener::Loop() {
  absl::Duration pause = kFirstPause;
  while (!stopping_) {
    auto opened = hosts_.Open([this](absl::Duration) {
      return stopping_ ? StoreError(ErrorClass::kConnectionLost, "the end") : check_();
    });
    // Without it the news of others may be missed: waiters look for themselves meanwhile.
    absl::Status status = opened.status();
    if (opened.ok()) {
      const SteadyTime begun = SteadyNow();
      status = Serve(*opened);
      if (Since(begun) > kLongestPause) pause = kFirstPause;
    }
    if (stopping_ || !check_().ok()) return;
    Tell(status);
    Pause(pause);
    pause = std::min(2 * pause, kLongestPause);
  }
}

// Whatever is announced meanwhile.
void PostgresListener::Pause(absl::Duration pause) {
  const SteadyTime begun = SteadyNow();
  while (!stopping_ && check_().ok() && Since(begun) < pause) {
    WaitForEvent(-1, std::min(pause - Since(begun) + absl::Milliseconds(1), kLookInterval));
  }
}

void PostgresListener::Tell(const absl::Status& status) const {
  if (told_ != nullptr) told_(status);
}

absl::Status PostgresListener::TellOthers(PostgresConnection& connection) {
  RETURN_IF_ERROR(connection.Queue("BEGIN"));
  // Only the notification is committed here, it needn't reach the disk.
  RETURN_IF_ERROR(connection.Queue("SET LOCAL synchronous_commit = off"));
  RETURN_IF_ERROR(connection.Queue("NOTIFY baliprocess_commit"));
  return connection.Commit();
}

absl::Status PostgresListener::Serve(PostgresHosts::Opened& opened) {
  PostgresConnection& connection = *opened.connection;
  if (!connection.direct()) {
    return StoreError(ErrorClass::kOther,
                      "a pooler stands before the server and delivers no notifications: give the "
                      "server's own address to listen at, or `none`");
  }
  connection.SetWaitCheck([&](absl::Duration waited) { return CheckWait(opened, waited); });
  RETURN_IF_ERROR(connection.Run("LISTEN baliprocess_commit"));
  Tell(absl::OkStatus());
  PGconn* const raw = connection.get();
  signal_.Notify();  // for what happened while nobody listened
  while (!stopping_) {
    if (WaitForEvent(PQsocket(raw), kLookInterval)) RETURN_IF_ERROR(TellOthers(connection));
    RETURN_IF_ERROR(CheckWait(opened, absl::ZeroDuration()));
    if (PQconsumeInput(raw) == 0) {
      return StoreError(ErrorClass::kConnectionLost, PQerrorMessage(raw));
    }
    bool news = false;
    while (PGnotify* const notification = PQnotifies(raw)) {
      news = news || notification->be_pid != PQbackendPID(raw);
      PQfreemem(notification);
    }
    if (news) signal_.Notify();
  }
  return absl::OkStatus();
}

}  // namespace baliprocess::storage
