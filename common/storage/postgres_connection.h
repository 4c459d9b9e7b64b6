// One connection to a PostgreSQL server: opening, statements, values, errors.

#ifndef BALIPROCESS_COMMON_STORAGE_POSTGRES_CONNECTION_H_
#define BALIPROCESS_COMMON_STORAGE_POSTGRES_CONNECTION_H_

#include <libpq-fe.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "common/storage/database.h"
#include "common/storage/internal.h"

namespace baliprocess::storage {

// The statement as PostgreSQL wants it: each `?` outside of quotes and comments becomes `$n`.
std::string NumberParameters(std::string_view sql);

// Used by one thread at a time.
class PostgresConnection {
 public:
  // Connects within seconds or fails with kConnectionLost.
  static absl::StatusOr<std::unique_ptr<PostgresConnection>> Open(const std::string& url);

  // Runs one prepared statement; its rows go to `rows` and the number of rows it changed to
  // `changed`, unless they are nullptr.
  absl::Status Run(std::string_view sql, const std::vector<Value>& params, std::vector<Row>* rows,
                   int64_t* changed);

  // Runs a statement without preparing it.
  absl::Status Command(const char* sql);

  // An error of class kConnectionLost means that the outcome is unknown.
  absl::Status Commit();

  // Whether the connection can serve another transaction.
  bool usable() const;

  // For waiting on notifications.
  PGconn* get() const { return connection_.get(); }

 private:
  struct Closer {
    void operator()(PGconn* connection) const { PQfinish(connection); }
    void operator()(PGresult* result) const { PQclear(result); }
  };
  using Result = std::unique_ptr<PGresult, Closer>;

  // `types` has a 0 for a parameter that has only been NULL so far: the server infers its type.
  struct Statement {
    std::string name;
    std::vector<Oid> types;
  };

  explicit PostgresConnection(PGconn* connection) : connection_(connection) {}

  absl::Status Configure();
  absl::StatusOr<std::string> Prepared(std::string_view sql, const std::vector<Value>& params);
  absl::StatusOr<std::string> Prepare(std::string_view sql, const std::vector<Oid>& types);
  void Deallocate(const std::string& name);
  absl::Status StatusOf(const PGresult* result);

  std::unique_ptr<PGconn, Closer> connection_;
  StatementCache<Statement> statements_;
  uint64_t last_name_ = 0;
  bool lost_ = false;
  bool stale_ = false;  // the schema has changed under its statements
};

}  // namespace baliprocess::storage

#endif  // BALIPROCESS_COMMON_STORAGE_POSTGRES_CONNECTION_H_
