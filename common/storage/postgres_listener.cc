#include "common/storage/postgres_listener.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>
#include <utility>

#include "common/base/status_macros.h"

namespace baliprocess::storage {
namespace {

constexpr int kReconnectMs = 1000;

}  // namespace

PostgresListener::PostgresListener(std::string url, CommitSignal& signal,
                                   std::function<void(const absl::Status&)> told)
    : signal_(signal), told_(std::move(told)), event_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  thread_ = std::thread([this, url = std::move(url)] { Loop(url); });
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

bool PostgresListener::WaitForEvent(int socket, int timeout_ms) {
  pollfd polled[] = {{event_, POLLIN, 0}, {socket, POLLIN, 0}};
  poll(polled, 2, timeout_ms);
  uint64_t announcements = 0;
  return read(event_, &announcements, sizeof(announcements)) > 0;
}

void PostgresListener::Loop(const std::string& url) {
  while (!stopping_) {
    auto connection = PostgresConnection::Open(url);
    // Without it the news of others may be missed: waiters look for themselves meanwhile.
    const absl::Status status = connection.ok() ? Serve(**connection) : connection.status();
    if (stopping_) return;
    Tell(status);
    WaitForEvent(-1, kReconnectMs);
  }
}

void PostgresListener::Tell(const absl::Status& status) const {
  if (told_ != nullptr) told_(status);
}

absl::Status PostgresListener::Serve(PostgresConnection& connection) {
  // Only the notification is committed here, it needn't reach the disk.
  RETURN_IF_ERROR(connection.Command("SET synchronous_commit = off"));
  RETURN_IF_ERROR(connection.Command("LISTEN baliprocess_commit"));
  Tell(absl::OkStatus());
  PGconn* const raw = connection.get();
  signal_.Notify();  // for what happened while nobody listened
  while (!stopping_) {
    if (WaitForEvent(PQsocket(raw), /*timeout_ms=*/-1)) {
      RETURN_IF_ERROR(connection.Command("NOTIFY baliprocess_commit"));
    }
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
