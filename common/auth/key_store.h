// The keys that tokens are verified with, kept current.

#ifndef BALIPROCESS_COMMON_AUTH_KEY_STORE_H_
#define BALIPROCESS_COMMON_AUTH_KEY_STORE_H_

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "common/auth/jwk.h"
#include "common/auth/token.h"
#include "common/base/clock.h"

namespace baliprocess::auth {

// The keys of one version of the document.
struct KeySet {
  std::vector<Jwk> keys;
  // Differs from that of every other version.
  uint64_t generation = 0;
};

// Where keys are.
struct KeySource {
  // The path or URL of a JWKS document, or with `discover` the issuer's URL (discovery.h).
  std::string place;
  bool discover = false;
};

// Reads a JWKS document and follows its changes. Safe for use by many threads.
//
// A file is read again at most once a second, by the caller that asks next: a few microseconds, and
// unlike a look at its time stamps it can't miss a change. A URL is read by a thread of its own, so
// that nobody ever waits for the network: when four fifths have passed of the time that
// Cache-Control gives (not less than a minute, not more than a day), or else after `refresh`; half
// a minute after a read that failed. A read that fails leaves the keys as they are, however long,
// and is logged, once per kind of failure. A document without keys takes them all away.
class KeyStore {
 public:
  // `refresh` and `on_reload` as in VerifierOptions.
  static absl::StatusOr<std::unique_ptr<KeyStore>> Create(KeySource source, absl::Duration refresh,
                                                          const Clock& clock,
                                                          OnReload on_reload = nullptr);
  ~KeyStore();
  KeyStore(const KeyStore&) = delete;
  KeyStore& operator=(const KeyStore&) = delete;

  // The generation of the current keys. Sees to it that a due read happens (a file: now; a URL:
  // soon). Costs two atomic loads otherwise.
  uint64_t Generation(absl::Time now);

  std::shared_ptr<const KeySet> Keys() const;

  // A token names a key that isn't among them: asks for a read of the URL, at most every 10 s, and
  // returns at once.
  void KeyUnknown(absl::Time now);

  // Reads without waiting until it is due (a file: now; a URL: soon).
  void ReadNow();

 private:
  KeyStore(KeySource source, absl::Duration refresh, const Clock& clock, OnReload on_reload);

  absl::Status Read();
  // The document, unless it is as before.
  absl::StatusOr<std::optional<std::string>> FetchNew();
  absl::Duration interval() const { return absl::Microseconds(interval_micros_.load()); }
  void ReadAndLog();
  bool Due(absl::Time now, absl::Duration interval);
  void Wake();
  void Follow();

  const KeySource source_;
  const bool is_url_;
  const absl::Duration refresh_;
  const Clock& clock_;
  const OnReload on_reload_;
  std::atomic<int64_t> interval_micros_;  // between reads

  std::atomic<int64_t> last_read_micros_{0};
  std::atomic<uint64_t> generation_{0};
  mutable std::mutex keys_mutex_;
  std::shared_ptr<const KeySet> keys_;  // guarded by keys_mutex_

  std::mutex read_mutex_;   // one reader at a time
  std::string document_;    // guarded by read_mutex_; what keys_ was read from
  std::string last_error_;  // guarded by read_mutex_; empty after a good read
  std::string url_;         // guarded by read_mutex_; of the keys; empty: to be discovered
  std::string etag_;        // guarded by read_mutex_; of document_

  std::mutex wake_mutex_;
  std::condition_variable wake_;
  bool wanted_ = false;   // guarded by wake_mutex_
  bool stopped_ = false;  // guarded by wake_mutex_
  std::thread follower_;  // of a URL
};

}  // namespace baliprocess::auth

#endif  // BALIPROCESS_COMMON_AUTH_KEY_STORE_H_
