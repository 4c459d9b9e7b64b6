// The hosts that a URL names, and which of them answers. Internal to common/storage.

#ifndef BALIPROCESS_COMMON_STORAGE_POSTGRES_HOSTS_H_
#define BALIPROCESS_COMMON_STORAGE_POSTGRES_HOSTS_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "common/base/steady_time.h"
#include "common/storage/postgres_connection.h"

namespace baliprocess::storage {

// Safe for use by many threads.
class PostgresHosts {
 public:
  using PasswordSource = std::function<absl::StatusOr<std::string>()>;

  // An error of class kOther when the URL is malformed; it doesn't quote the URL, which may have a
  // password in it.
  // `password` as in Database::Options. kOther as well when the URL has a password besides.
  // `session` as in PostgresAddress.
  static absl::StatusOr<std::unique_ptr<PostgresHosts>> Of(
      const std::string& url, PasswordSource password = nullptr,
      const std::string& session = PostgresAddress().session);

  // The same of a URL that may be another user's than the store's: a password in it counts before
  // `password`.
  static absl::StatusOr<std::unique_ptr<PostgresHosts>> OfOther(
      const std::string& url, PasswordSource password,
      const std::string& session = PostgresAddress().session);

  // A connection and where it leads.
  struct Opened {
    std::unique_ptr<PostgresConnection> connection;
    size_t host = 0;
    SteadyTime since;  // when it was begun to be opened
  };

  // Opens a connection to the first host that will do: at first the host that was used last,
  // then the others in the order of the URL. What the last of them answered when none does;
  // kTimeout when one has no connection left.
  absl::StatusOr<Opened> Open(const PostgresConnection::WaitCheck& check);

  // After a wait of kPatience: whether the host still answers a new connection, within a second. If
  // it doesn't, all connections to it that were opened before are dead (IsDropped), and the next
  // host is tried first from now on. One thread probes at a time, and a host that answered isn't
  // probed again within kPatience; OK for whoever needn't.
  absl::Status Probe(const Opened& waiting, const PostgresConnection::WaitCheck& check);
  static constexpr absl::Duration kPatience = absl::Seconds(2);

  // Leaves the host that was used last, which answers and is no use, as one that doesn't: for the
  // next one, if there are several.
  void Leave();

  // Whether the connection's host was found not to answer since it was opened.
  bool IsDropped(const Opened& opened) const;

 private:
  PostgresHosts(std::vector<PostgresAddress> addresses, PasswordSource password,
                absl::Duration connect_limit)
      : addresses_(std::move(addresses)),
        password_(std::move(password)),
        connect_limit_(connect_limit),
        probed_(addresses_.size(), SteadyTime::min()),
        dropped_(addresses_.size(), SteadyTime::min()) {}

  absl::StatusOr<std::unique_ptr<PostgresConnection>> Connect(
      size_t host, const PostgresConnection::WaitCheck& check);
  bool IsDue(size_t host);
  void Drop(size_t host, SteadyTime before);  // the lock is held

  size_t preferred() const;
  std::string good_password() const;

  const std::vector<PostgresAddress> addresses_;
  const PasswordSource password_;
  const absl::Duration connect_limit_;
  mutable std::mutex mutex_;
  std::mutex probing_;
  size_t preferred_ = 0;
  std::string good_password_;        // that a server took last
  std::vector<SteadyTime> probed_;   // by host: when it was probed last
  std::vector<SteadyTime> dropped_;  // by host: connections opened before that are dead
};

}  // namespace baliprocess::storage

#endif  // BALIPROCESS_COMMON_STORAGE_POSTGRES_HOSTS_H_
