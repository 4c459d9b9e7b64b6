#include "common/storage/postgres_connection.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

#include "common/base/status_macros.h"
#include "common/storage/postgres_values.h"

namespace baliprocess::storage {
namespace {

constexpr size_t kMaxParameters = 65'535;  // the protocol counts them in 16 bits

// Settings that values and durability rely on, whatever a role's or a database's defaults are.
// Levels of synchronous_commit above `on` remain.
constexpr char kSettings[] =
    "SET standard_conforming_strings = on;"
    "SELECT set_config('synchronous_commit', 'on', false)"
    " WHERE current_setting('synchronous_commit') IN ('off', 'local')";

ErrorClass Classify(std::string_view sqlstate) {
  if (sqlstate == "23505") return ErrorClass::kUnique;
  if (sqlstate == "23514" || sqlstate == "23502") return ErrorClass::kCheck;
  if (sqlstate == "40001" || sqlstate == "40P01") return ErrorClass::kConflict;
  // 08P01 is a wrong number of parameters. 57P01 to 57P03: the server shuts down, crashes or
  // starts.
  if (sqlstate == "08P01") return ErrorClass::kOther;
  if (sqlstate == "57014") return ErrorClass::kTimeout;
  // 25006: what was the primary has become a standby.
  if (sqlstate.starts_with("08") || sqlstate == "25006" || sqlstate == "57P01" ||
      sqlstate == "57P02" || sqlstate == "57P03") {
    return ErrorClass::kConnectionLost;
  }
  return ErrorClass::kOther;
}

absl::Status ReadRows(const PGresult* result, std::vector<Row>& rows) {
  const int columns = PQnfields(result);
  rows.resize(PQntuples(result));
  for (int i = 0; i < PQntuples(result); ++i) {
    rows[i].resize(columns);  // of NULLs
    for (int j = 0; j < columns; ++j) {
      if (PQgetisnull(result, i, j)) continue;
      const std::string_view data(PQgetvalue(result, i, j), PQgetlength(result, i, j));
      ASSIGN_OR_RETURN(rows[i][j], ValueOf(PQftype(result, j), data));
    }
  }
  return absl::OkStatus();
}

}  // namespace

std::string NumberParameters(std::string_view sql) {
  std::string numbered;
  numbered.reserve(sql.size() + 16);
  int number = 0;
  for (size_t i = 0; i < sql.size();) {
    size_t end = i + 1;
    if (sql[i] == '\'' || sql[i] == '"') {
      end = sql.find(sql[i], i + 1);  // a doubled quote reads as the end and a new start
      end = end == std::string_view::npos ? sql.size() : end + 1;
    } else if (sql.substr(i, 2) == "--") {
      end = std::min(sql.find('\n', i), sql.size());
    } else if (sql[i] == '?') {
      absl::StrAppend(&numbered, "$", ++number);
      i = end;
      continue;
    }
    numbered.append(sql.substr(i, end - i));
    i = end;
  }
  return numbered;
}

absl::StatusOr<std::unique_ptr<PostgresConnection>> PostgresConnection::Open(
    const std::string& url) {
  // What stands before the URL are defaults for it, what stands after overrides it. An unreachable
  // server must be noticed in seconds, while a query waits for it too (tcp_user_timeout in
  // milliseconds); one that has become a standby is no use.
  const char* const names[] = {"connect_timeout",  "tcp_user_timeout",
                               "keepalives_idle",  "keepalives_interval",
                               "keepalives_count", "target_session_attrs",
                               "application_name", "dbname",
                               "client_encoding",  nullptr};
  const char* const values[] = {"3",          "10000",       "5",         "2",    "3",
                                "read-write", "baliprocess", url.c_str(), "UTF8", nullptr};
  std::unique_ptr<PostgresConnection> connection(
      new PostgresConnection(PQconnectdbParams(names, values, /*expand_dbname=*/1)));
  PGconn* const raw = connection->get();
  if (raw == nullptr) return StoreError(ErrorClass::kOther, "out of memory");
  if (PQstatus(raw) != CONNECTION_OK) {
    return StoreError(ErrorClass::kConnectionLost, PQerrorMessage(raw));
  }
  RETURN_IF_ERROR(connection->Configure());
  return connection;
}

absl::Status PostgresConnection::Configure() {
  // Details quote values, which don't belong into a log.
  PQsetErrorVerbosity(get(), PQERRORS_TERSE);
  PQsetNoticeReceiver(
      get(), [](void*, const PGresult*) {}, nullptr);
  return Command(kSettings);
}

absl::Status PostgresConnection::StatusOf(const PGresult* result) {
  const ExecStatusType status = PQresultStatus(result);
  if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) return absl::OkStatus();
  // An error without a SQLSTATE is libpq's own: it couldn't talk to the server. PQstatus may not
  // say so yet, when it was sending that failed.
  const char* const sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  const bool answered =
      status == PGRES_EMPTY_QUERY || (sqlstate != nullptr && PQstatus(get()) == CONNECTION_OK);
  const ErrorClass error_class = !answered             ? ErrorClass::kConnectionLost
                                 : sqlstate == nullptr ? ErrorClass::kOther
                                                       : Classify(sqlstate);
  lost_ = lost_ || error_class == ErrorClass::kConnectionLost;
  return StoreError(error_class, PQerrorMessage(get()));
}

absl::Status PostgresConnection::Command(const char* sql) {
  const Result result(PQexec(get(), sql));
  return StatusOf(result.get());
}

absl::Status PostgresConnection::Commit() {
  const Result result(PQexec(get(), "COMMIT"));
  RETURN_IF_ERROR(StatusOf(result.get()));
  // The COMMIT of an aborted transaction succeeds, and says ROLLBACK.
  if (std::string_view(PQcmdStatus(result.get())) != "COMMIT") {
    return StoreError(ErrorClass::kOther, "the transaction was rolled back");
  }
  return absl::OkStatus();
}

bool PostgresConnection::usable() const {
  return !stale_ && !lost_ && PQstatus(get()) == CONNECTION_OK &&
         PQtransactionStatus(get()) == PQTRANS_IDLE;
}

absl::StatusOr<std::string> PostgresConnection::Prepare(std::string_view sql,
                                                        const std::vector<Oid>& types) {
  std::string name = absl::StrCat("s", ++last_name_);
  const Result result(PQprepare(get(), name.c_str(), NumberParameters(sql).c_str(),
                                static_cast<int>(types.size()), types.data()));
  RETURN_IF_ERROR(StatusOf(result.get()));
  return name;
}

void PostgresConnection::Deallocate(const std::string& name) {
  // A failure costs memory on the server, until the connection ends.
  (void)Command(absl::StrCat("DEALLOCATE ", name).c_str());
}

absl::StatusOr<std::string> PostgresConnection::Prepared(std::string_view sql,
                                                         const std::vector<Value>& params) {
  Statement* const known = statements_.Find(sql);
  // A NULL fits the type that the parameter has in the statement already.
  std::vector<Oid> types(params.size());
  for (size_t i = 0; i < params.size(); ++i) {
    types[i] = TypeOf(params[i]);
    if (types[i] == 0 && known != nullptr && i < known->types.size()) types[i] = known->types[i];
  }
  if (known != nullptr && known->types == types) return known->name;

  ASSIGN_OR_RETURN(std::string name, Prepare(sql, types));
  if (known != nullptr) {
    Deallocate(std::exchange(known->name, name));
    known->types = std::move(types);
    return name;
  }
  std::optional<Statement> evicted;
  statements_.Insert(sql, Statement{name, std::move(types)}, &evicted);
  if (evicted.has_value()) Deallocate(evicted->name);
  return name;
}

absl::Status PostgresConnection::Run(std::string_view sql, const std::vector<Value>& params,
                                     std::vector<Row>* rows, int64_t* changed) {
  if (params.size() > kMaxParameters) return StoreError(ErrorClass::kOther, "too many parameters");
  const Arguments arguments(params);
  if (arguments.has_nul()) return StoreError(ErrorClass::kOther, "text with a NUL");
  const uint64_t last_name = last_name_;
  ASSIGN_OR_RETURN(const std::string name, Prepared(sql, params));
  const bool prepared_before = last_name == last_name_;
  const Result result(PQexecPrepared(get(), name.c_str(), arguments.size(), arguments.values(),
                                     arguments.lengths(), arguments.formats(),
                                     /*resultFormat=*/1));
  if (absl::Status status = StatusOf(result.get()); !status.ok()) {
    const char* const sqlstate = PQresultErrorField(result.get(), PG_DIAG_SQLSTATE);
    // 0A000: a replica has changed the columns of a `SELECT *`; 26000: a proxy between us has lost
    // the statement. Run again on a new connection, it succeeds.
    const std::string_view state = sqlstate == nullptr ? "" : sqlstate;
    if (!prepared_before || (state != "0A000" && state != "26000")) return status;
    stale_ = true;
    return StoreError(ErrorClass::kConflict, std::string(status.message()));
  }
  if (rows != nullptr) RETURN_IF_ERROR(ReadRows(result.get(), *rows));
  if (changed != nullptr) {
    const bool is_select = std::string_view(PQcmdStatus(result.get())).starts_with("SELECT");
    if (is_select || !absl::SimpleAtoi(PQcmdTuples(result.get()), changed)) *changed = 0;
  }
  return absl::OkStatus();
}

}  // namespace baliprocess::storage
