#include "common/storage/postgres_connection.h"

#include <poll.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

#include "common/base/status_macros.h"
#include "common/base/steady_time.h"
#include "common/storage/postgres_errors.h"
#include "common/storage/postgres_values.h"

namespace baliprocess::storage {
namespace {

constexpr size_t kMaxParameters = 65'535;  // the protocol counts them in 16 bits

constexpr absl::Duration kCheckInterval = absl::Milliseconds(100);

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

absl::StatusOr<std::unique_ptr<PostgresConnection>> PostgresConnection::Connect(
    const PostgresAddress& address, absl::Duration limit, WaitCheck check, bool* answered) {
  // What stands before the URL are defaults for it, what stands after overrides it. A server that
  // has become a standby is no use to who writes. Packets that vanish are noticed by the wait's own
  // limit, and by the kernel where nobody waits (tcp_user_timeout in milliseconds).
  std::vector<const char*> names = {
      "tcp_user_timeout", "keepalives_idle",      "keepalives_interval",
      "keepalives_count", "target_session_attrs", "application_name",
      "dbname",           "client_encoding"};
  std::vector<const char*> values = {
      "10000", "5", "2", "3", address.session.c_str(), "baliprocess", address.url.c_str(), "UTF8"};
  const auto add = [&](const char* name, const std::string& value) {
    if (value.empty()) return;
    names.push_back(name);
    values.push_back(value.c_str());
  };
  add("host", address.host);
  add("hostaddr", address.hostaddr);
  add("port", address.port);
  add("password", address.password);
  names.push_back(nullptr);
  values.push_back(nullptr);
  const SteadyTime begun = SteadyNow();
  std::unique_ptr<PostgresConnection> connection(new PostgresConnection(
      PQconnectStartParams(names.data(), values.data(), /*expand_dbname=*/1)));
  PGconn* const raw = connection->get();
  if (raw == nullptr) return StoreError(ErrorClass::kOther, "out of memory");
  connection->check_ = [begun, limit, check = std::move(check)](absl::Duration waited) {
    if (Since(begun) > limit) {
      return StoreError(ErrorClass::kConnectionLost, "the server doesn't answer");
    }
    return check == nullptr ? absl::OkStatus() : check(waited);
  };
  // So that the code of the server's error is in the text, which is all there is of it.
  PQsetErrorVerbosity(raw, PQERRORS_VERBOSE);
  PQsetNoticeReceiver(raw, NoteWarning, connection.get());
  RETURN_IF_ERROR(connection->AwaitConnected());
  if (PQstatus(raw) == CONNECTION_OK) return connection;
  const std::string message = PQerrorMessage(raw);
  const std::string_view code = CodeIn(message);
  // 57P01 to 57P03: the server ends or starts.
  *answered = !code.empty() && !code.starts_with("57P");
  const bool full = code == "53300";
  return StoreError(full ? ErrorClass::kTimeout : ErrorClass::kConnectionLost, FirstLine(message));
}

absl::StatusOr<std::unique_ptr<PostgresConnection>> PostgresConnection::Open(
    const PostgresAddress& address, absl::Duration limit, WaitCheck check) {
  bool answered = false;
  ASSIGN_OR_RETURN(auto connection, Connect(address, limit, check, &answered));
  RETURN_IF_ERROR(connection->Configure());
  connection->check_ = std::move(check);
  return connection;
}

absl::Status PostgresConnection::Probe(const PostgresAddress& address, absl::Duration limit,
                                       WaitCheck check) {
  bool answered = false;
  const auto connection = Connect(address, limit, std::move(check), &answered);
  return answered ? absl::OkStatus() : connection.status();
}

absl::Status PostgresConnection::AwaitConnected() {
  const SteadyTime begun = SteadyNow();
  PostgresPollingStatusType polled = PGRES_POLLING_WRITING;
  while (PQstatus(get()) != CONNECTION_BAD && polled != PGRES_POLLING_OK &&
         polled != PGRES_POLLING_FAILED) {
    RETURN_IF_ERROR(AwaitSocket(polled == PGRES_POLLING_READING ? POLLIN : POLLOUT, Since(begun)));
    polled = PQconnectPoll(get());
  }
  return absl::OkStatus();
}

absl::Status PostgresConnection::Configure() {
  // Details quote values, which don't belong into a log.
  PQsetErrorVerbosity(get(), PQERRORS_TERSE);
  if (PQsetnonblocking(get(), 1) != 0 || PQenterPipelineMode(get()) != 1) {
    return Lost(PQerrorMessage(get()));
  }
  // A pooler tells a process number of its own making. Until this is known nothing is prepared.
  direct_ = false;
  std::vector<Row> rows;
  RETURN_IF_ERROR(Run("SELECT CAST(pg_backend_pid() AS BIGINT)", {}, {.rows = &rows}));
  direct_ = !rows.empty() && AsInt(rows[0][0]) == PQbackendPID(get());
  return absl::OkStatus();
}

// Of libpq, for each notice; `connection` is the PostgresConnection.
void PostgresConnection::NoteWarning(void* connection, const PGresult* notice) {
  const char* const severity = PQresultErrorField(notice, PG_DIAG_SEVERITY_NONLOCALIZED);
  if (severity != nullptr && std::string_view(severity) == "WARNING") {
    static_cast<PostgresConnection*>(connection)->warned_ = true;
  }
}

absl::Status PostgresConnection::QueueNoLimit() {
  if (!std::exchange(limited_, false)) return absl::OkStatus();
  return Queue("SET LOCAL statement_timeout = 0");
}

absl::Status PostgresConnection::Lost(std::string_view why) {
  lost_ = true;
  return StoreError(ErrorClass::kConnectionLost, why);
}

// Waits until the socket is ready, but not for long, so that others have a word in it.
absl::Status PostgresConnection::AwaitSocket(short events, absl::Duration waited) {
  pollfd polled = {PQsocket(get()), events, 0};
  const int ready = poll(&polled, 1, static_cast<int>(absl::ToInt64Milliseconds(kCheckInterval)));
  // Where something comes all the time, too.
  if ((ready > 0 && waited < kCheckInterval) || check_ == nullptr) return absl::OkStatus();
  const absl::Status status = check_(waited);
  lost_ = lost_ || !status.ok();
  return status;
}

// Waits until there is a result, sending what is still to be sent.
absl::Status PostgresConnection::AwaitInput(SteadyTime begun) {
  while (PQisBusy(get()) != 0) {
    const int unsent = PQflush(get());
    if (unsent < 0) return Lost(PQerrorMessage(get()));
    const short events = static_cast<short>(unsent > 0 ? POLLIN | POLLOUT : POLLIN);
    RETURN_IF_ERROR(AwaitSocket(events, Since(begun)));
    if (PQconsumeInput(get()) == 0) return Lost(PQerrorMessage(get()));
  }
  return absl::OkStatus();
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
                                                       : ClassOfCode(sqlstate);
  lost_ = lost_ || error_class == ErrorClass::kConnectionLost;
  return StoreError(error_class, PQresultErrorMessage(result));
}

absl::Status PostgresConnection::Queued(int sent, Pending pending) {
  if (sent != 1) return Lost(PQerrorMessage(get()));
  pending_.push_back(std::move(pending));
  return absl::OkStatus();
}

absl::StatusOr<std::string> PostgresConnection::QueuePrepare(std::string_view sql,
                                                             const std::vector<Oid>& types) {
  std::string name = absl::StrCat("s", ++last_name_);
  const int sent = PQsendPrepare(get(), name.c_str(), NumberParameters(sql).c_str(),
                                 static_cast<int>(types.size()), types.data());
  RETURN_IF_ERROR(
      Queued(sent, {.results = {}, .prepares = std::string(sql), .drops = "", .known = false}));
  return name;
}

// In a pipeline of their own and outside of transactions, so that they fail nothing else.
absl::Status PostgresConnection::QueueDeallocations() {
  if (unwanted_.empty() || !pending_.empty() || PQtransactionStatus(get()) != PQTRANS_IDLE) {
    return absl::OkStatus();
  }
  for (std::string& name : std::exchange(unwanted_, {})) {
    const std::string sql = absl::StrCat("DEALLOCATE ", name);
    const int sent =
        PQsendQueryParams(get(), sql.c_str(), 0, nullptr, nullptr, nullptr, nullptr, 0);
    RETURN_IF_ERROR(
        Queued(sent, {.results = {}, .prepares = "", .drops = std::move(name), .known = false}));
  }
  ++syncs_;
  return PQpipelineSync(get()) == 1 ? absl::OkStatus() : Lost(PQerrorMessage(get()));
}

// The name of the prepared statement; `known` tells whether it was there before.
absl::StatusOr<std::string> PostgresConnection::Prepared(std::string_view sql,
                                                         const std::vector<Value>& params,
                                                         bool* known) {
  Statement* const found = statements_.Find(sql);
  // A NULL fits the type that the parameter has in the statement already.
  std::vector<Oid> types(params.size());
  for (size_t i = 0; i < params.size(); ++i) {
    types[i] = TypeOf(params[i]);
    if (types[i] == 0 && found != nullptr && i < found->types.size()) types[i] = found->types[i];
  }
  *known = found != nullptr && found->types == types;
  if (*known) return found->name;

  ASSIGN_OR_RETURN(std::string name, QueuePrepare(sql, types));
  if (found != nullptr) {
    unwanted_.push_back(std::exchange(found->name, name));
    found->types = std::move(types);
    return name;
  }
  std::optional<Statement> evicted;
  statements_.Insert(sql, Statement{name, std::move(types)}, &evicted);
  if (evicted.has_value()) unwanted_.push_back(evicted->name);
  return name;
}

absl::Status PostgresConnection::Queue(std::string_view sql, const std::vector<Value>& params,
                                       const Results& results) {
  if (lost_) return StoreError(ErrorClass::kConnectionLost, "the connection was lost before");
  if (params.size() > kMaxParameters) return StoreError(ErrorClass::kOther, "too many parameters");
  const Arguments arguments(params);
  if (arguments.has_nul()) return StoreError(ErrorClass::kOther, "text with a NUL");
  RETURN_IF_ERROR(QueueDeallocations());
  constexpr int kBinary = 1;
  if (!direct_) {
    std::vector<Oid> types;
    for (const Value& param : params) types.push_back(TypeOf(param));
    const int sent =
        PQsendQueryParams(get(), NumberParameters(sql).c_str(), arguments.size(), types.data(),
                          arguments.values(), arguments.lengths(), arguments.formats(), kBinary);
    return Queued(sent, {.results = results, .prepares = "", .drops = "", .known = false});
  }
  bool known = false;
  ASSIGN_OR_RETURN(const std::string name, Prepared(sql, params, &known));
  const int sent = PQsendQueryPrepared(get(), name.c_str(), arguments.size(), arguments.values(),
                                       arguments.lengths(), arguments.formats(), kBinary);
  return Queued(sent, {.results = results, .prepares = "", .drops = "", .known = known});
}

absl::Status PostgresConnection::Flush() {
  if (pending_.empty()) return absl::OkStatus();
  if (lost_) return StoreError(ErrorClass::kConnectionLost, "the connection was lost before");
  ++syncs_;
  if (PQpipelineSync(get()) != 1) return Lost(PQerrorMessage(get()));
  absl::Status status = TakeResults();
  pending_.clear();
  return status;
}

// Takes all results up to the end of the last pipeline: the first error.
absl::Status PostgresConnection::TakeResults() {
  const SteadyTime begun = SteadyNow();
  absl::Status first;
  while (true) {
    RETURN_IF_ERROR(AwaitInput(begun));
    const Result result(PQgetResult(get()));
    if (result == nullptr) {  // the end of one command's results
      if (PQstatus(get()) == CONNECTION_BAD) return Lost(PQerrorMessage(get()));
      continue;
    }
    if (PQresultStatus(result.get()) == PGRES_PIPELINE_SYNC) {
      if (--syncs_ == 0) return first;
      continue;
    }
    if (pending_.empty()) return Lost("a result that nobody asked for");
    RETURN_IF_ERROR(TakeNext(result.get(), first));
  }
}

// The result of the first command that is awaited; an error is a loss of the connection.
absl::Status PostgresConnection::TakeNext(const PGresult* result, absl::Status& first) {
  const Pending pending = std::move(pending_.front());
  pending_.pop_front();
  const bool aborted = PQresultStatus(result) == PGRES_PIPELINE_ABORTED;
  if (!pending.drops.empty()) {
    // What the server wouldn't forget it doesn't know.
    if (aborted) unwanted_.push_back(pending.drops);
    if (!aborted) StatusOf(result).IgnoreError();
  } else {
    // What comes behind an error isn't run.
    absl::Status status = aborted ? first : TakeResult(result, pending);
    if (!status.ok() && !pending.prepares.empty()) statements_.Erase(pending.prepares);
    if (first.ok()) first = std::move(status);
  }
  return lost_ ? (first.ok() ? Lost("the connection was lost") : first) : absl::OkStatus();
}

absl::Status PostgresConnection::TakeResult(const PGresult* result, const Pending& pending) {
  if (absl::Status status = StatusOf(result); !status.ok()) {
    const char* const sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    // A replica has changed the columns of a `SELECT *`. Run again on a new connection, the
    // statement succeeds.
    if (!pending.known || sqlstate == nullptr || std::string_view(sqlstate) != "0A000") {
      return status;
    }
    stale_ = true;
    return StoreError(ErrorClass::kConflict, std::string(status.message()));
  }
  const Results& results = pending.results;
  const std::string_view command = PQcmdStatus(const_cast<PGresult*>(result));
  if (results.rows != nullptr) RETURN_IF_ERROR(ReadRows(result, *results.rows));
  if (results.command != nullptr) *results.command = command;
  if (results.changed != nullptr &&
      (command.starts_with("SELECT") ||
       !absl::SimpleAtoi(PQcmdTuples(const_cast<PGresult*>(result)), results.changed))) {
    *results.changed = 0;
  }
  return absl::OkStatus();
}

absl::Status PostgresConnection::Run(std::string_view sql, const std::vector<Value>& params,
                                     const Results& results) {
  const absl::Status queued = Queue(sql, params, results);
  const absl::Status flushed = Flush();
  return queued.ok() ? flushed : queued;
}

absl::Status PostgresConnection::Commit() {
  std::string command;
  warned_ = false;
  RETURN_IF_ERROR(Run("COMMIT", {}, {.command = &command}));
  // The COMMIT of an aborted transaction succeeds, and says ROLLBACK.
  if (command != "COMMIT") return StoreError(ErrorClass::kOther, "the transaction was rolled back");
  // Such as when the wait for a synchronous standby was cancelled: a failover may lose the commit.
  if (warned_) return StoreError(ErrorClass::kConnectionLost, "the commit came with a warning");
  return absl::OkStatus();
}

bool PostgresConnection::usable() const {
  return !stale_ && !lost_ && pending_.empty() && PQstatus(get()) == CONNECTION_OK &&
         PQtransactionStatus(get()) == PQTRANS_IDLE;
}

}  // namespace baliprocess::storage
