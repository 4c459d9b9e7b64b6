// Reads of a PostgreSQL store on a standby of it, which may be behind.

#ifndef BALIPROCESS_COMMON_STORAGE_STANDBY_H_
#define BALIPROCESS_COMMON_STORAGE_STANDBY_H_

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "common/storage/database.h"

namespace baliprocess::storage {

// Safe for use by many threads. Its errors are those of a Database: what a standby fails, the
// primary can do.
class Standby {
 public:
  virtual ~Standby() = default;

  // Where a PostgreSQL store is, and where its standbys are. No server is asked yet, and none need
  // be there. `standbys` may name several hosts: one at a time is used, which must be a hot standby
  // unless the URL says otherwise by `target_session_attrs`. Of `options` count max_connections,
  // longest_read, give_up and password, which is that of both unless the URL of the standbys has
  // one.
  static absl::StatusOr<std::unique_ptr<Standby>> Open(const std::string& primary,
                                                       const std::string& standbys,
                                                       const Database::Options& options);

  // A SELECT, and who judges its rows.
  struct Question {
    std::string sql;
    std::vector<Value> params;
    std::function<absl::Status(const std::vector<Row>& rows)> judge;
  };

  // Runs `work` on one snapshot, on which `question` is asked first: it travels with the first
  // statement of `work`. When it is judged otherwise than OK, that is the answer, and `work` is
  // done with its first statement. No failure is tried again. kConflict when all connections are in
  // use for a quarter of a second: the primary has the answer sooner.
  virtual absl::Status Read(const Question& question, const Work& work) = 0;

  // The same for `work` that makes one Query, as Database::ReadOne: in one round trip.
  virtual absl::Status ReadOne(const Question& question, const Work& work) = 0;

  // Runs a statement on the primary as a transaction of its own, within two seconds. It takes no
  // turn among Writes, and nobody hears of it. For one thread at a time.
  virtual absl::Status Mark(std::string_view sql, const std::vector<Value>& params) = 0;

  // Leaves the host that is in use for the next one of the URL, if there are several.
  virtual void Leave() = 0;

  // Ends all waits, now and from now on: reads and marks fail with kConnectionLost until Start.
  virtual void Stop() = 0;

  // Takes Stop back: a start that has failed is tried again with the same standby.
  virtual void Start() = 0;
};

}  // namespace baliprocess::storage

#endif  // BALIPROCESS_COMMON_STORAGE_STANDBY_H_
