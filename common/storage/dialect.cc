// The SQL of each engine, where they differ.
//
// CockroachDB and YugabyteDB speak PostgreSQL's protocol. What is said of them here follows their
// documentation; the tests run these dialects on PostgreSQL, not on those engines.

#include <string_view>
#include <vector>

#include "absl/strings/match.h"

#include "common/storage/internal.h"

namespace baliprocess::storage {
namespace {

constexpr Dialect kSqlite = {
    .engine = "SQLite",
    .begin_write = "",
    .take_turn = "",
    .begin_read = "",
    .server = "''",
    .serial_primary_key = "INTEGER PRIMARY KEY AUTOINCREMENT",
    .concatenate = "group_concat",
    .contains_bytes = "instr(@, ?) > 0",
    .listens = false,
    .schema_changes_commit_alone = false,
};

// Writers take turns by a lock of the transaction, under the suite's own number: it ends with the
// transaction however that ends, and a pooler in between doesn't matter. Every statement sees what
// was committed before it, so what follows the lock sees all that earlier writers did. Nothing more
// is needed for transactions that don't overlap, and a snapshot taken before the lock would be old.
//
// Reads see one snapshot. Serialisable ones would cost predicate locks and promise no more, as
// writes happen one after another.
constexpr Dialect kPostgres = {
    .engine = "PostgreSQL",
    .begin_write = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE",
    .take_turn = "SELECT pg_advisory_xact_lock(7310859437822)",
    .begin_read = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
    .server = "CAST(EXTRACT(EPOCH FROM pg_postmaster_start_time()) AS TEXT)",
    .serial_primary_key = "BIGSERIAL PRIMARY KEY",
    .concatenate = "string_agg",
    .contains_bytes = "POSITION(? IN @) > 0",
    .listens = true,
    .schema_changes_commit_alone = false,
};

// Engines of many servers. Their advisory locks are new or lock nothing, so writers take turns by a
// row; the row is locked by an UPDATE, which makes all who come at the same time wait or conflict,
// and conflicts are run again. Servers come and go without another history: a restored backup is
// noticed by the start of the services after it.
//
// Their SERIAL numbers come from each server's own share, in no order over all; a sequence that
// keeps no numbers in store gives them in order.
constexpr Dialect Distributed(std::string_view engine) {
  Dialect dialect = kPostgres;
  dialect.engine = engine;
  dialect.begin_write = "BEGIN ISOLATION LEVEL SERIALIZABLE READ WRITE";
  dialect.take_turn = "UPDATE write_turn SET turn = turn + 1 WHERE id = 1";
  dialect.server = "''";
  dialect.serial_primary_key = "BIGINT PRIMARY KEY DEFAULT nextval('serial_numbers')";
  dialect.listens = false;
  dialect.schema_changes_commit_alone = true;
  return dialect;
}

constexpr Dialect kCockroach = Distributed("CockroachDB");
constexpr Dialect kYugabyte = Distributed("YugabyteDB");

}  // namespace

const std::vector<std::string_view>& PreparationOf(const Dialect& dialect) {
  static const std::vector<std::string_view>* const none = new std::vector<std::string_view>;
  // What Distributed() names.
  static const auto* const distributed = new std::vector<std::string_view>{
      "CREATE TABLE IF NOT EXISTS write_turn (id BIGINT PRIMARY KEY, turn BIGINT NOT NULL)",
      "INSERT INTO write_turn (id, turn) VALUES (1, 0) ON CONFLICT (id) DO NOTHING",
      "CREATE SEQUENCE IF NOT EXISTS serial_numbers CACHE 1"};
  return dialect.schema_changes_commit_alone ? *distributed : *none;
}

const Dialect& SqliteDialect() { return kSqlite; }
const Dialect& PostgresDialect() { return kPostgres; }

const Dialect& DialectOfVersion(std::string_view version) {
  const absl::string_view text(version.data(), version.size());
  if (absl::StartsWith(text, "CockroachDB")) return kCockroach;
  // `PostgreSQL 11.2-YB-2.20...`
  if (absl::StrContains(text, "-YB-")) return kYugabyte;
  return kPostgres;
}

}  // namespace baliprocess::storage
