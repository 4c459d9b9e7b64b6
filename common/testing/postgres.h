// A real PostgreSQL server for tests.

#ifndef BALIPROCESS_COMMON_TESTING_POSTGRES_H_
#define BALIPROCESS_COMMON_TESTING_POSTGRES_H_

#include <sys/types.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace baliprocess::testing {

// A server of its own: a temporary directory, a socket in it and nothing else to connect to, UTF-8
// and the C collation. It ends and its directory goes with this object, and also when the test
// crashes. Not for use by several threads at once.
class ThrowawayPostgres {
 public:
  struct Options {
    // Whether commits reach the disk. Tests that don't measure need not wait for that.
    bool fsync = false;
  };

  // Creates and starts a server. The thread that calls this must outlive it: the kernel ends the
  // server with the thread. Run by root, the server runs as the user `postgres`.
  static absl::StatusOr<std::unique_ptr<ThrowawayPostgres>> Create(const Options& options);
  static absl::StatusOr<std::unique_ptr<ThrowawayPostgres>> Create() { return Create(Options{}); }

  // The server that the tests of this process share, started when first asked for. Ends the process
  // when it can't be started.
  static ThrowawayPostgres& Shared();

  ~ThrowawayPostgres();
  ThrowawayPostgres(const ThrowawayPostgres&) = delete;
  ThrowawayPostgres& operator=(const ThrowawayPostgres&) = delete;

  // Creates an empty database and returns its URL. `options` are those of CREATE DATABASE.
  absl::StatusOr<std::string> CreateDatabase(std::string_view options = {});

  // Runs a statement in a database of this server, such as `postgres`.
  absl::Status Run(std::string_view database, const std::string& sql) const;

  // Removes a database that CreateDatabase made, cutting its connections.
  absl::Status DropDatabase(const std::string& url);

  // The URL of a database of this server, and the name of the database of such a URL.
  std::string Url(std::string_view database) const;
  static std::string NameIn(std::string_view url);

  // Ends the server: every connection is cut, transactions under way roll back.
  absl::Status Stop();

  // The same as a crash does it: what was committed is recovered at the next start.
  absl::Status Kill();

  // Starts the server again.
  absl::Status Start();

 private:
  ThrowawayPostgres(std::string directory, const Options& options)
      : directory_(std::move(directory)), options_(options) {}

  absl::Status Initialise();
  absl::Status StartCleaner();
  absl::Status AwaitReady() const;
  absl::Status Signal(int signal);

  const std::string directory_;
  const Options options_;
  pid_t server_ = -1;
  pid_t cleaner_ = -1;
  int cleaner_pipe_ = -1;
  int databases_ = 0;
};

}  // namespace baliprocess::testing

#endif  // BALIPROCESS_COMMON_TESTING_POSTGRES_H_
