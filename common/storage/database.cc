#include "common/storage/database.h"

#include <algorithm>

#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"

#include "common/storage/internal.h"

namespace baliprocess::storage {
namespace {

// The payload holds the number of the ErrorClass.
constexpr absl::string_view kPayloadUrl = "type.baliprocess.net/storage.ErrorClass";

const std::string& EmptyString() {
  static const std::string* const empty = new std::string;
  return *empty;
}

absl::StatusCode CodeOf(ErrorClass error_class) {
  switch (error_class) {
    case ErrorClass::kNone:
      return absl::StatusCode::kUnknown;
    case ErrorClass::kUnique:
      return absl::StatusCode::kAlreadyExists;
    case ErrorClass::kCheck:
      return absl::StatusCode::kFailedPrecondition;
    case ErrorClass::kConflict:
      return absl::StatusCode::kAborted;
    case ErrorClass::kTimeout:
      return absl::StatusCode::kDeadlineExceeded;
    case ErrorClass::kConnectionLost:
    case ErrorClass::kDisk:
      return absl::StatusCode::kUnavailable;
    case ErrorClass::kOther:
      return absl::StatusCode::kInternal;
  }
  return absl::StatusCode::kInternal;
}

}  // namespace

int64_t AsInt(const Value& value) {
  if (const bool* flag = std::get_if<bool>(&value)) return *flag ? 1 : 0;
  const int64_t* number = std::get_if<int64_t>(&value);
  return number == nullptr ? 0 : *number;
}

const std::string& AsText(const Value& value) {
  const std::string* text = std::get_if<std::string>(&value);
  return text == nullptr ? EmptyString() : *text;
}

const std::string& AsBytes(const Value& value) {
  const Bytes* bytes = std::get_if<Bytes>(&value);
  return bytes == nullptr ? EmptyString() : bytes->data;
}

absl::Status StoreError(ErrorClass error_class, std::string_view message) {
  absl::Status status(CodeOf(error_class), absl::string_view(message.data(), message.size()));
  status.SetPayload(kPayloadUrl, absl::Cord(std::to_string(static_cast<int>(error_class))));
  return status;
}

ErrorClass ClassOf(const absl::Status& status) {
  const absl::optional<absl::Cord> payload = status.GetPayload(kPayloadUrl);
  int number = 0;
  if (!payload.has_value() || !absl::SimpleAtoi(std::string(*payload), &number)) {
    return ErrorClass::kNone;
  }
  return static_cast<ErrorClass>(number);
}

void CommitSignal::Notify() {
  std::lock_guard lock(mutex_);
  ++count_;
  changed_.notify_all();
}

uint64_t CommitSignal::Wait(uint64_t seen, absl::Duration timeout) {
  // Longer waits would overflow the clock; the contract lets us return early.
  timeout = std::min(timeout, absl::Hours(1));
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, absl::ToChronoNanoseconds(timeout),
                    [&] { return wake_all_ || count_ > seen; });
  return count_;
}

void CommitSignal::WakeAll() {
  std::lock_guard lock(mutex_);
  wake_all_ = true;
  changed_.notify_all();
}

namespace {

bool IsPostgres(std::string_view target) {
  return target.starts_with("postgresql://") || target.starts_with("postgres://");
}

}  // namespace

const Dialect& DialectOf(std::string_view target) {
  return IsPostgres(target) ? PostgresDialect() : SqliteDialect();
}

absl::StatusOr<std::unique_ptr<Database>> Database::Open(std::string_view target,
                                                         const Options& options) {
  if (IsPostgres(target)) return OpenPostgres(target, options);
  return OpenSqlite(target, options);
}

absl::StatusOr<std::unique_ptr<Database>> Database::Open(std::string_view target) {
  return Open(target, Options{});
}

}  // namespace baliprocess::storage
