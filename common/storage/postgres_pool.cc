#include "common/storage/postgres_pool.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"

#include "common/base/status_macros.h"
#include "common/base/steady_time.h"
#include "common/storage/store_error.h"

namespace baliprocess::storage {
namespace {

constexpr std::chrono::milliseconds kCheckInterval(100);
// The server ends a statement by its own limit, a little earlier, and tells so.
constexpr absl::Duration kMargin = absl::Seconds(2);

absl::Status NotAnswering() {
  return StoreError(ErrorClass::kConnectionLost, "the server was found not to answer");
}

}  // namespace

PostgresPool::PostgresPool(PostgresHosts& hosts, const Database::Options& options,
                           absl::Duration longest_wait)
    : hosts_(hosts),
      max_(std::max(options.max_connections, 2)),
      max_reads_(max_ - 1),
      limit_(options.longest_read + kMargin),
      longest_wait_(longest_wait),
      give_up_(options.give_up),
      dropped_(options.dropped),
      settings_(absl::StrCat("SET statement_timeout = ",
                             absl::ToInt64Milliseconds(options.longest_read))),
      numbers_(options.numbers) {}

absl::Status PostgresPool::CheckGivingUp() const {
  if (give_up_ == nullptr || !give_up_()) return absl::OkStatus();
  return StoreError(ErrorClass::kConnectionLost, "the process is ending");
}

absl::Status PostgresPool::CheckWait(const PostgresHosts::Opened& opened, absl::Duration waited) {
  RETURN_IF_ERROR(CheckGivingUp());
  if (hosts_.IsDropped(opened)) return NotAnswering();
  if (waited > limit_ && opened.connection->limited()) {
    return StoreError(ErrorClass::kConnectionLost, "the server takes longer than its limit");
  }
  if (waited >= PostgresHosts::kPatience) {
    const absl::Status probed =
        hosts_.Probe(opened, [this](absl::Duration) { return CheckGivingUp(); });
    if (!probed.ok() && dropped_ != nullptr) dropped_(probed);
  }
  return hosts_.IsDropped(opened) ? NotAnswering() : absl::OkStatus();
}

bool PostgresPool::HasOne(Use use, bool only_idle) const {
  if (use == Use::kRead && (reads_ >= max_reads_ || writer_waits_)) return false;
  // When all of them were lost, the server has room again.
  return !idle_.empty() || open_ < (only_idle ? 1 : max_);
}

// Those whose host was found dead.
void PostgresPool::DropDeadIdle() {
  const auto dead = [this](const Opened& opened) { return hosts_.IsDropped(*opened); };
  open_ -= static_cast<int>(std::erase_if(idle_, dead));
}

absl::Status PostgresPool::AwaitOne(Use use, bool only_idle, std::unique_lock<std::mutex>& lock) {
  const SteadyTime begun = SteadyNow();
  absl::Status status;
  // The next that is given back is the writer's.
  if (use == Use::kWrite) writer_waits_ = only_idle;
  while (status.ok() && !HasOne(use, only_idle)) {
    WaitersFor(use).wait_for(lock, kCheckInterval);
    status = CheckGivingUp();
    if (status.ok() && Since(begun) > longest_wait_) {
      status = StoreError(ErrorClass::kTimeout, "all connections are in use");
    }
  }
  if (use == Use::kWrite) writer_waits_ = false;
  numbers_->connection_waits.Add(SteadyNow() - begun);
  if (ClassOf(status) == ErrorClass::kTimeout) numbers_->connection_timeouts.Add();
  return status;
}

absl::StatusOr<PostgresPool::Opened> PostgresPool::Take(Use use, bool fresh) {
  bool only_idle = false;
  while (true) {
    std::unique_lock lock(mutex_);
    RETURN_IF_ERROR(AwaitOne(use, only_idle, lock));
    DropDeadIdle();
    // Found dead, a connection tells the same of those that have been idle.
    if (std::exchange(fresh, false)) {
      open_ -= static_cast<int>(idle_.size());
      idle_.clear();
    }
    if (use == Use::kRead) ++reads_;
    if (!idle_.empty()) {
      Opened opened = std::move(idle_.back());
      idle_.pop_back();
      NoteConnections();
      return opened;
    }
    ++open_;
    NoteConnections();
    lock.unlock();
    auto opened = Open();
    if (opened.ok()) return opened;
    Give(use, nullptr);
    lock.lock();
    // The server has no more: one of those that work is waited for.
    only_idle = ClassOf(opened.status()) == ErrorClass::kTimeout && open_ > 0;
    if (!only_idle) {
      return StoreError(ErrorClass::kConnectionLost, Text(opened.status().message()));
    }
  }
}

absl::StatusOr<PostgresPool::Opened> PostgresPool::Open() {
  const auto check = [this](absl::Duration) { return CheckGivingUp(); };
  auto made = hosts_.Open(check);
  (made.ok() ? numbers_->connects : numbers_->connect_failures).Add();
  RETURN_IF_ERROR(made.status());
  auto opened = std::make_unique<PostgresHosts::Opened>(*std::move(made));
  opened->connection->SetWaitCheck(
      [this, one = opened.get()](absl::Duration waited) { return CheckWait(*one, waited); });
  if (opened->connection->direct()) RETURN_IF_ERROR(opened->connection->Run(settings_));
  return opened;
}

void PostgresPool::NoteConnections() {
  numbers_->open_connections = open_;
  numbers_->busy_connections = open_ - static_cast<int>(idle_.size());
}

void PostgresPool::Give(Use use, Opened opened) {
  const std::lock_guard lock(mutex_);
  if (use == Use::kRead) --reads_;
  if (opened == nullptr) {
    --open_;
  } else {
    idle_.push_back(std::move(opened));
  }
  NoteConnections();
  // Whoever of the two comes first has it.
  WaitersFor(Use::kWrite).notify_one();
  WaitersFor(Use::kRead).notify_one();
}

}  // namespace baliprocess::storage
