#include "common/auth/key_store.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "common/auth/fetch.h"
#include "common/base/status_macros.h"

namespace baliprocess::auth {
namespace {

constexpr absl::Duration kFileInterval = absl::Seconds(1);
constexpr absl::Duration kLongestInterval = absl::Hours(24);
// Anybody can send tokens that name unknown keys; this keeps them from making us ask all day.
constexpr absl::Duration kUnknownKeyInterval = absl::Seconds(10);

void WarnOfNoKeys(const std::string& source) {
  spdlog::warn("there is no key in {}: every token is refused", source);
}

}  // namespace

KeyStore::KeyStore(std::string source, absl::Duration refresh, const Clock& clock)
    : source_(std::move(source)),
      interval_(IsUrl(source_) ? std::min(refresh, kLongestInterval) : kFileInterval),
      is_url_(IsUrl(source_)),
      clock_(clock),
      last_read_micros_(absl::ToUnixMicros(clock.Now())) {}

absl::StatusOr<std::unique_ptr<KeyStore>> KeyStore::Create(std::string source,
                                                           absl::Duration refresh,
                                                           const Clock& clock) {
  std::unique_ptr<KeyStore> store(new KeyStore(std::move(source), refresh, clock));
  if (const absl::Status read = store->Read(); !read.ok()) {
    return absl::Status(read.code(), "the keys of tokens can't be read from " + store->source_ +
                                         ": " + std::string(read.message()));
  }
  if (store->Keys()->keys.empty()) WarnOfNoKeys(store->source_);
  if (store->is_url_) {
    store->follower_ = std::thread([raw = store.get()] { raw->Follow(); });
  }
  return store;
}

KeyStore::~KeyStore() {
  {
    const std::lock_guard lock(wake_mutex_);
    stopped_ = true;
  }
  wake_.notify_all();
  if (follower_.joinable()) follower_.join();
}

uint64_t KeyStore::Generation(absl::Time now) {
  if (Due(now, interval_)) {
    if (is_url_) {
      Wake();
    } else {
      ReadAndLog();
    }
  }
  return generation_.load(std::memory_order_acquire);
}

std::shared_ptr<const KeySet> KeyStore::Keys() const {
  const std::lock_guard lock(keys_mutex_);
  return keys_;
}

void KeyStore::KeyUnknown(absl::Time now) {
  if (is_url_ && Due(now, kUnknownKeyInterval)) Wake();
}

// True for one caller when the last read is `interval` ago, or in the future because the clock was
// set back.
bool KeyStore::Due(absl::Time now, absl::Duration interval) {
  const int64_t micros = absl::ToUnixMicros(now);
  int64_t last = last_read_micros_.load(std::memory_order_relaxed);
  const int64_t since = micros - last;
  if (since >= 0 && since < absl::ToInt64Microseconds(interval)) return false;
  return last_read_micros_.compare_exchange_strong(last, micros);
}

absl::Status KeyStore::Read() {
  ASSIGN_OR_RETURN(std::string document, Fetch(source_));
  if (generation_ != 0 && document == document_) return absl::OkStatus();
  auto set = std::make_shared<KeySet>();
  ASSIGN_OR_RETURN(set->keys, ParseJwks(document));
  const uint64_t generation = generation_ + 1;
  set->generation = generation;
  document_ = std::move(document);
  {
    const std::lock_guard lock(keys_mutex_);
    keys_ = std::move(set);
  }
  generation_.store(generation, std::memory_order_release);
  return absl::OkStatus();
}

void KeyStore::ReadAndLog() {
  const std::lock_guard lock(read_mutex_);
  const uint64_t before = generation_;
  const absl::Status read = Read();
  if (generation_ != before) spdlog::info("the keys of tokens have changed in {}", source_);
  if (generation_ != before && Keys()->keys.empty()) WarnOfNoKeys(source_);
  std::string error(read.message());
  if (!error.empty() && error != last_error_) {
    spdlog::warn("the keys of tokens can't be read from {}, the last good ones stay: {}", source_,
                 error);
  }
  last_error_ = std::move(error);
}

void KeyStore::Wake() {
  {
    const std::lock_guard lock(wake_mutex_);
    wanted_ = true;
  }
  wake_.notify_one();
}

void KeyStore::Follow() {
  std::unique_lock lock(wake_mutex_);
  while (!stopped_) {
    // Also without calls that ask for it: a key that was withdrawn must not outlive a quiet hour.
    wake_.wait_for(lock, absl::ToChronoMilliseconds(interval_),
                   [this] { return stopped_ || wanted_; });
    if (stopped_) return;
    wanted_ = false;
    lock.unlock();
    last_read_micros_ = absl::ToUnixMicros(clock_.Now());
    ReadAndLog();
    lock.lock();
  }
}

}  // namespace baliprocess::auth
