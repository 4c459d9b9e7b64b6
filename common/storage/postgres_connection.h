// One connection to a PostgreSQL server: opening, statements in pipelines, limits, errors. Internal
// to common/storage.

#ifndef BALIPROCESS_COMMON_STORAGE_POSTGRES_CONNECTION_H_
#define BALIPROCESS_COMMON_STORAGE_POSTGRES_CONNECTION_H_

#include <libpq-fe.h>

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "common/base/steady_time.h"
#include "common/storage/database.h"
#include "common/storage/internal.h"

namespace baliprocess::storage {

// The statement as PostgreSQL wants it: each `?` outside of quotes and comments becomes `$n`.
std::string NumberParameters(std::string_view sql);

// Where a connection goes: the parameters of a URL, those of one of its hosts in their place.
struct PostgresAddress {
  std::string url;
  std::string host;  // empty: as the URL says
  std::string hostaddr;
  std::string port;
  std::string password;
  // What the server must be, unless the URL says: a value of libpq's target_session_attrs.
  std::string session = "read-write";
};

// Where the results of a statement go, unless it is nullptr: its rows, the number of rows that it
// changed, the name of its command. They must live until Flush.
struct PostgresResults {
  std::vector<Row>* rows = nullptr;
  int64_t* changed = nullptr;
  std::string* command = nullptr;
};

// Used by one thread at a time.
//
// Statements are queued and travel together: they are on their way when Flush has returned, and
// their results are there.
class PostgresConnection {
 public:
  // Asked about ten times a second by whoever waits for the server, with how long the wait has
  // been: an error ends the wait and loses the connection.
  using WaitCheck = std::function<absl::Status(absl::Duration waited)>;

  // Connects within `limit`, besides what the resolver of names takes, or fails: kTimeout when the
  // server takes no more connections, kConnectionLost for any other reason.
  static absl::StatusOr<std::unique_ptr<PostgresConnection>> Open(const PostgresAddress& address,
                                                                  absl::Duration limit,
                                                                  WaitCheck check);

  // Whether a server that accepts writes, or a pooler, answers a new connection within `limit`: OK
  // also when it refuses this one, for its password, say, or because it has no more.
  static absl::Status Probe(const PostgresAddress& address, absl::Duration limit, WaitCheck check);

  using Results = PostgresResults;

  // Queues a statement.
  absl::Status Queue(std::string_view sql, const std::vector<Value>& params,
                     const Results& results);
  absl::Status Queue(std::string_view sql) { return Queue(sql, {}, {}); }

  // Sends what is queued and awaits the results: the first error. Statements behind one that fails
  // aren't run. Costs nothing when nothing is queued.
  absl::Status Flush();

  // Queue, then Flush.
  absl::Status Run(std::string_view sql, const std::vector<Value>& params = {},
                   const Results& results = {});

  // An error of class kConnectionLost means that the outcome is unknown.
  absl::Status Commit();

  // Whether the connection can serve another transaction.
  bool usable() const;

  // Whether a session of the server is this connection's own: settings stay, prepared statements
  // hold, notifications come. False when a pooler stands between.
  bool direct() const { return direct_; }

  void SetWaitCheck(WaitCheck check) { check_ = std::move(check); }

  // Statements of the transaction under way may take as long as they take: they change the schema.
  absl::Status QueueNoLimit();
  // From the next transaction on statements have their limit again.
  void RestoreLimit() { limited_ = true; }
  bool limited() const { return limited_; }

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

  // A command of the pipeline whose result is awaited.
  struct Pending {
    Results results;
    std::string prepares;  // the SQL that the command prepares; empty: it runs a statement
    std::string drops;     // the name of the prepared statement that the command forgets
    bool known = false;    // runs a statement that was prepared in an earlier pipeline
  };

  explicit PostgresConnection(PGconn* connection) : connection_(connection) {}

  static absl::StatusOr<std::unique_ptr<PostgresConnection>> Connect(const PostgresAddress& address,
                                                                     absl::Duration limit,
                                                                     WaitCheck check,
                                                                     bool* answered);
  absl::Status AwaitConnected();
  absl::Status Configure();
  absl::StatusOr<std::string> Prepared(std::string_view sql, const std::vector<Value>& params,
                                       bool* known);
  absl::StatusOr<std::string> QueuePrepare(std::string_view sql, const std::vector<Oid>& types);
  absl::Status QueueDeallocations();
  absl::Status Queued(int sent, Pending pending);
  absl::Status AwaitInput(SteadyTime begun);
  absl::Status AwaitSocket(short events, absl::Duration waited);
  absl::Status TakeResults();
  absl::Status TakeNext(const PGresult* result, absl::Status& first);
  absl::Status TakeResult(const PGresult* result, const Pending& pending);
  absl::Status StatusOf(const PGresult* result);
  absl::Status Lost(std::string_view why);
  static void NoteWarning(void* connection, const PGresult* notice);

  std::unique_ptr<PGconn, Closer> connection_;
  WaitCheck check_;
  StatementCache<Statement> statements_;
  std::vector<std::string> unwanted_;  // prepared statements that others made room for
  int syncs_ = 0;                      // ends of pipelines whose results are awaited
  std::deque<Pending> pending_;
  uint64_t last_name_ = 0;
  bool direct_ = true;
  bool limited_ = true;
  bool warned_ = false;  // the server has sent a warning
  bool lost_ = false;
  bool stale_ = false;  // the schema has changed under its statements
};

}  // namespace baliprocess::storage

#endif  // BALIPROCESS_COMMON_STORAGE_POSTGRES_CONNECTION_H_
