#include "common/auth/key_store.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "common/auth/discovery.h"
#include "common/auth/fetch.h"
#include "common/base/status_macros.h"

namespace baliprocess::auth {
namespace {

constexpr absl::Duration kFileInterval = absl::Seconds(1);
constexpr absl::Duration kLongestInterval = absl::Hours(24);
// Of what Cache-Control says.
constexpr absl::Duration kShortestFresh = absl::Minutes(1);
constexpr double kUsedOfFresh = 0.8;
constexpr absl::Duration kAfterFailure = absl::Seconds(30);
// Anybody can send tokens that name unknown keys; this keeps them from making us ask all day.
constexpr absl::Duration kUnknownKeyInterval = absl::Seconds(10);

void WarnOfNoKeys(const std::string& source) {
  spdlog::warn("there is no key in {}: every token is refused", source);
}

}  // namespace

KeyStore::KeyStore(KeySource source, absl::Duration refresh, const Clock& clock, OnReload on_reload)
    : source_(std::move(source)),
      is_url_(source_.discover || IsUrl(source_.place)),
      refresh_(is_url_ ? std::min(refresh, kLongestInterval) : kFileInterval),
      clock_(clock),
      on_reload_(std::move(on_reload)),
      interval_micros_(absl::ToInt64Microseconds(refresh_)),
      last_read_micros_(absl::ToUnixMicros(clock.Now())),
      url_(source_.discover ? "" : source_.place) {}

absl::StatusOr<std::unique_ptr<KeyStore>> KeyStore::Create(KeySource source, absl::Duration refresh,
                                                           const Clock& clock, OnReload on_reload) {
  std::unique_ptr<KeyStore> store(
      new KeyStore(std::move(source), refresh, clock, std::move(on_reload)));
  if (const absl::Status read = store->Read(); !read.ok()) {
    return absl::Status(read.code(), "the keys of tokens can't be read from " +
                                         store->source_.place + ": " + std::string(read.message()));
  }
  if (store->Keys()->keys.empty()) WarnOfNoKeys(store->source_.place);
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
  if (Due(now, interval())) ReadNow();
  return generation_.load(std::memory_order_acquire);
}

std::shared_ptr<const KeySet> KeyStore::Keys() const {
  const std::lock_guard lock(keys_mutex_);
  return keys_;
}

void KeyStore::KeyUnknown(absl::Time now) {
  if (is_url_ && Due(now, kUnknownKeyInterval)) Wake();
}

void KeyStore::ReadNow() {
  if (is_url_) {
    Wake();
  } else {
    ReadAndLog();
  }
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

// What was discovered is discovered anew when nothing good comes from there any more.
absl::StatusOr<std::optional<std::string>> KeyStore::FetchNew() {
  if (url_.empty()) {
    ASSIGN_OR_RETURN(url_, DiscoverKeys(source_.place));
    etag_.clear();
  }
  absl::StatusOr<Fetched> fetched = Fetch(url_, etag_);
  if (!fetched.ok() && source_.discover) url_.clear();
  RETURN_IF_ERROR(fetched.status());
  if (is_url_ && fetched->fresh_for) {
    const absl::Duration fresh = std::clamp(*fetched->fresh_for, kShortestFresh, kLongestInterval);
    interval_micros_ = absl::ToInt64Microseconds(fresh * kUsedOfFresh);
  } else {
    interval_micros_ = absl::ToInt64Microseconds(refresh_);
  }
  if (fetched->unchanged) return std::nullopt;
  etag_ = std::move(fetched->etag);
  return std::move(fetched->body);
}

absl::Status KeyStore::Read() {
  ASSIGN_OR_RETURN(std::optional<std::string> fetched, FetchNew());
  if (!fetched || (generation_ != 0 && *fetched == document_)) return absl::OkStatus();
  std::string& document = *fetched;
  auto set = std::make_shared<KeySet>();
  // The next answer shall have its body again.
  const std::string etag = std::exchange(etag_, "");
  ASSIGN_OR_RETURN(set->keys, ParseJwks(document));
  etag_ = etag;
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
  if (generation_ != before) spdlog::info("the keys of tokens have changed in {}", source_.place);
  if (generation_ != before && Keys()->keys.empty()) WarnOfNoKeys(source_.place);
  std::string error(read.message());
  const bool news = !error.empty() && error != last_error_;
  if (news) {
    spdlog::error("the keys of tokens can't be read from {}, the last good ones stay: {}",
                  source_.place, error);
  }
  if (on_reload_ && (news || generation_ != before)) on_reload_("jwks", error.empty());
  last_error_ = std::move(error);
  if (is_url_ && !read.ok()) {
    interval_micros_ = absl::ToInt64Microseconds(std::min(refresh_, kAfterFailure));
  }
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
    wake_.wait_for(lock, absl::ToChronoMilliseconds(interval()),
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
