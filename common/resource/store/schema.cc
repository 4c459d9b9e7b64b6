#include "common/resource/store/schema.h"

#include <set>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "common/base/ids.h"
#include "common/base/status_macros.h"
#include "common/resource/contract/text_form.h"
#include "common/resource/query/order_by.h"
#include "common/resource/store/changes.h"
#include "common/resource/store/history.h"
#include "common/resource/store/sizes.h"
#include "common/resource/store/table.h"

namespace baliprocess::resource {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using storage::Bytes;
using storage::Row;
using storage::Transaction;
using storage::Value;

constexpr int kBackFillBatch = 500;

struct Table {
  std::string name;
  std::vector<std::string> columns;  // each with its type; the first makes the primary key
  std::string constraint;            // of the table, after the columns; may be empty
  std::vector<std::string> indexes;  // CREATE INDEX statements
  std::vector<std::string> dropped;  // DROP INDEX statements
};

std::string NameOfColumn(const std::string& declaration) {
  return declaration.substr(0, declaration.find(' '));
}

std::string Index(const std::string& table, const std::string& suffix, const std::string& on) {
  return absl::StrCat("CREATE INDEX IF NOT EXISTS ", table, "_", suffix, " ON ", table, " (", on,
                      ")");
}

// An index for filters and, where rows are ordered by something else, one for the order.
void AddIndexes(const Column& column, Table& table) {
  if (column.path == "name") return;
  if (!column.indexed) {
    // An earlier contract may have had it indexed.
    table.dropped.push_back(absl::StrCat("DROP INDEX IF EXISTS ", table.name, "_", column.name));
    return;
  }
  const std::string first = SqlNamesOf(column)[0];
  table.indexes.push_back(Index(table.name, column.name, absl::StrCat(first, ", name")));
  if (const std::string key = OrderKeyOf(column); key != first) {
    table.indexes.push_back(
        Index(table.name, column.name + "_order", absl::StrCat("(", key, "), name")));
  }
}

// RESTRICTED, as a default.
std::string Restricted() {
  return absl::StrCat(" BIGINT NOT NULL DEFAULT ",
                      static_cast<int>(api::v1::Visibility::RESTRICTED));
}

// The SQL columns of a column. Those that say who may see the row, or what belongs to it, have
// defaults by which only RESTRICTED clearance may: a program that doesn't know the column yet
// leaves it out, and the row is closed until it is filled (BackFill).
std::vector<std::string> ClosedDeclarationsOf(const ResourceType& type, const Column& column) {
  if (column.name == type.visibility->name()) return {column.name + Restricted()};
  if (column.name == type.closed_column) return {column.name + " BOOLEAN NOT NULL DEFAULT TRUE"};
  // No owner is called that; an empty text would be a row without an owner.
  if (column.name == type.circle_field) return {column.name + " TEXT NOT NULL DEFAULT '-'"};
  return DeclarationsOf(column);
}

Table TableOf(const ResourceType& type) {
  Table table;
  table.name = type.plural;
  for (const Column& column : type.columns) {
    for (std::string& declaration : ClosedDeclarationsOf(type, column)) {
      if (column.path == "name") declaration = "name TEXT PRIMARY KEY";
      table.columns.push_back(std::move(declaration));
    }
    AddIndexes(column, table);
  }
  if (!type.rules.due_column.empty()) {
    table.indexes.push_back(absl::StrCat(Index(table.name, "due", type.rules.due_column), " WHERE ",
                                         type.rules.due_when));
  }
  table.columns.push_back("parent TEXT NOT NULL DEFAULT ''");
  table.columns.push_back("layout BIGINT NOT NULL DEFAULT 0");
  table.columns.push_back("message BYTEA NOT NULL");
  // Rows that an older binary writes while it is being replaced are filled by and by (BackFill).
  table.indexes.push_back(Index(table.name, "layout", "layout, name"));
  if (type.parent != nullptr) table.indexes.push_back(Index(table.name, "parent", "parent, name"));
  for (const auto& [suffix, on] : type.rules.indexes) {
    table.indexes.push_back(Index(table.name, suffix, on));
  }
  return table;
}

std::vector<Table> EngineTables(const storage::Dialect& dialect) {
  return {
      {"engine_state", {"key TEXT PRIMARY KEY", "value BYTEA NOT NULL"}, "", {}, {}},
      {"resource_references",
       {"referrer TEXT NOT NULL", "target TEXT NOT NULL"},
       "PRIMARY KEY (referrer, target)",
       {Index("resource_references", "target", "target")},
       {}},
      {"changes",
       {absl::StrCat("seq ", std::string(dialect.serial_primary_key)), "epoch BIGINT NOT NULL",
        "change_time BIGINT NOT NULL", "kind BIGINT NOT NULL", "type TEXT NOT NULL",
        "resource TEXT NOT NULL", "actor TEXT NOT NULL", "method TEXT NOT NULL",
        "before_body BYTEA", "after_body BYTEA", "reason TEXT NOT NULL DEFAULT ''",
        "surroundings" + Restricted()},
       "",
       {Index("changes", "position", "epoch, seq"), Index("changes", "resource", "resource"),
        Index("changes", "time", "change_time")},
       {}},
      {"histories",
       {"epoch BIGINT PRIMARY KEY", "server TEXT NOT NULL", "after_epoch BIGINT NOT NULL",
        "after_seq BIGINT NOT NULL", "founding BOOLEAN NOT NULL"},
       "",
       {},
       {}},
      {"erasures", {"number BIGINT PRIMARY KEY", "begin_time BIGINT NOT NULL"}, "", {}, {}},
      {"replays",
       {"caller TEXT NOT NULL", "request_id TEXT NOT NULL", "method TEXT NOT NULL",
        "request_hash BYTEA NOT NULL", "reply BYTEA NOT NULL", "reply_time BIGINT NOT NULL",
        "resource TEXT NOT NULL DEFAULT ''", "erasing BIGINT NOT NULL DEFAULT 0"},
       "PRIMARY KEY (caller, request_id)",
       {Index("replays", "time", "reply_time"),
        // Few are kept while an erasure is under way.
        Index("replays", "erasing", "erasing") + " WHERE erasing > 0",
        Index("replays", "resource", "resource, caller, request_id")},
       {}},
      {"search_records",
       {absl::StrCat("record ", std::string(dialect.serial_primary_key)), "name TEXT NOT NULL",
        "type TEXT NOT NULL", "digest BYTEA NOT NULL"},
       "UNIQUE (name)",
       {},
       {}},
      {"search_words",
       {"record BIGINT NOT NULL", "word TEXT NOT NULL", "level BIGINT NOT NULL",
        "weight BIGINT NOT NULL"},
       "PRIMARY KEY (record, word, level)",
       {Index("search_words", "word", "word, weight DESC, record DESC, level")},
       {}},
  };
}

std::vector<Table> AllTables(const Registry& registry, const storage::Dialect& dialect) {
  std::vector<Table> tables = EngineTables(dialect);
  for (const auto& type : registry.types()) tables.push_back(TableOf(*type));
  for (const SideTable& side : registry.side_tables()) {
    Table table{side.name, side.columns, side.constraint, {}, {}};
    for (const auto& [suffix, on] : side.indexes) {
      table.indexes.push_back(Index(side.name, suffix, on));
    }
    tables.push_back(std::move(table));
  }
  return tables;
}

std::string CreateTable(const Table& table) {
  std::vector<std::string> lines = table.columns;
  if (!table.constraint.empty()) lines.push_back(table.constraint);
  return absl::StrCat("CREATE TABLE IF NOT EXISTS ", table.name, " (\n  ",
                      absl::StrJoin(lines, ",\n  "), "\n)");
}

constexpr char kCreateColumnCatalogue[] =
    "CREATE TABLE IF NOT EXISTS schema_columns (\n  table_name TEXT NOT NULL,\n"
    "  column_name TEXT NOT NULL,\n  PRIMARY KEY (table_name, column_name)\n)";

// Creates the table or adds the columns it lacks. May be repeated, from wherever it was ended.
absl::Status MigrateTable(Transaction& tx, const storage::Dialect& dialect, const Table& table) {
  ASSIGN_OR_RETURN(
      const std::vector<Row> rows,
      tx.Query("SELECT column_name FROM schema_columns WHERE table_name = ?", {table.name}));
  std::set<std::string> present;
  for (const Row& row : rows) present.insert(storage::AsText(row[0]));
  if (present.empty()) RETURN_IF_ERROR(tx.Send(CreateTable(table)));
  // A table that isn't in the catalogue is new, or an earlier program was ended when it had made
  // it.
  const bool alone = dialect.schema_changes_commit_alone;
  const char* add = alone ? " ADD COLUMN IF NOT EXISTS " : " ADD COLUMN ";
  for (const std::string& declaration : table.columns) {
    const std::string column = NameOfColumn(declaration);
    if (present.count(column) > 0) continue;
    if (!present.empty() || alone) {
      RETURN_IF_ERROR(tx.Send(absl::StrCat("ALTER TABLE ", table.name, add, declaration)));
    }
    RETURN_IF_ERROR(tx.Send("INSERT INTO schema_columns (table_name, column_name) VALUES (?, ?)",
                            {table.name, column}));
  }
  for (const std::string& index : table.dropped) RETURN_IF_ERROR(tx.Send(index));
  for (const std::string& index : table.indexes) RETURN_IF_ERROR(tx.Send(index));
  return absl::OkStatus();
}

void CopyField(const Message& from, const FieldDescriptor* source, const FieldDescriptor* field,
               Message& to) {
  if (!from.GetReflection()->HasField(from, source)) return;
  to.GetReflection()
      ->MutableMessage(&to, field)
      ->CopyFrom(from.GetReflection()->GetMessage(from, source));
}

// Adds a resource that an earlier program kept within another one, with the times of that one.
absl::Status AddSplit(Transaction& tx, const storage::Dialect& dialect, const Registry& registry,
                      int version, const ResourceType& from, const Message& whole, Message& part) {
  const ResourceType& type = *registry.Find(part.GetDescriptor());
  const auto existing = type.New();
  ASSIGN_OR_RETURN(const bool exists, Load(tx, type, type.NameOf(part), *existing));
  if (exists) return absl::OkStatus();
  const auto* reflection = part.GetReflection();
  reflection->SetString(&part, type.uid, NewUuid());
  reflection->SetString(&part, type.etag, NewUuid());
  reflection->SetEnumValue(&part, type.visibility, type.default_visibility);
  CopyField(whole, from.create_time, type.create_time, part);
  CopyField(whole, from.update_time, type.update_time, part);
  CopyField(whole, from.delete_time, type.delete_time, part);
  RETURN_IF_ERROR(Insert(tx, type, {version}, part));
  return AppendChange(tx, dialect, {absl::Now(), "", "", ""}, type, common::v1::Change::CREATED,
                      nullptr, &part);
}

// Makes columns and references of some rows that a binary of an older layout wrote what this one
// knows; how many there were.
absl::StatusOr<size_t> BackFillSome(Transaction& tx, const storage::Dialect& dialect,
                                    const Registry& registry, const ResourceType& type,
                                    int version) {
  ASSIGN_OR_RETURN(const std::vector<Row> rows,
                   tx.QueryUpTo({{"message"}, kMaxPageBytes},
                                absl::StrCat("SELECT message FROM ", type.plural,
                                             " WHERE layout < ? LIMIT ", kBackFillBatch),
                                {int64_t{version}}));
  const auto resource = type.New();
  for (const Row& row : rows) {
    RETURN_IF_ERROR(ParseBody(row[0], *resource));
    // Programs that knew no form of texts kept them as they came.
    NormaliseTexts(*resource);
    if (type.rules.split) {
      for (const auto& part : type.rules.split(*resource)) {
        RETURN_IF_ERROR(AddSplit(tx, dialect, registry, version, type, *resource, *part));
      }
    }
    RETURN_IF_ERROR(Replace(tx, type, {version}, nullptr, *resource));
  }
  return rows.size();
}

// Mostly there are none, and a read is cheaper than a write.
absl::StatusOr<bool> HasOlderRows(const ResourceType& type, int version,
                                  storage::Database& database) {
  bool has = false;
  const absl::Status status = database.ReadOne([&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(
        const std::vector<Row> rows,
        tx.Query(absl::StrCat("SELECT 1 FROM ", type.plural, " WHERE layout < ? LIMIT 1"),
                 {int64_t{version}}));
    has = !rows.empty();
    return absl::OkStatus();
  });
  RETURN_IF_ERROR(status);
  return has;
}

absl::StatusOr<int> StoredVersion(Transaction& tx) {
  ASSIGN_OR_RETURN(const std::vector<Row> rows,
                   tx.Query("SELECT value FROM engine_state WHERE key = 'schema_version'"));
  int version = 0;
  if (!rows.empty() && !absl::SimpleAtoi(storage::AsBytes(rows[0][0]), &version)) {
    return absl::DataLossError("the store's schema version can't be read");
  }
  return version;
}

// Makes what tells which version the store has; whether it is behind `version`.
absl::StatusOr<bool> IsBehind(Transaction& tx, int version, const storage::Dialect& dialect) {
  RETURN_IF_ERROR(tx.Send(kCreateColumnCatalogue));
  RETURN_IF_ERROR(MigrateTable(tx, dialect, EngineTables(dialect)[0]));  // engine_state
  ASSIGN_OR_RETURN(const int stored, StoredVersion(tx));
  if (stored > version + 1) {
    return absl::FailedPreconditionError(
        absl::StrCat("the store has schema version ", stored, ", this program knows ", version,
                     " and the one after it: run a newer program"));
  }
  return stored < version;
}

// A transaction for each table: whoever is ended in between goes on at the next start.
absl::Status MigrateTables(const Registry& registry, storage::Database& database) {
  for (const Table& table : AllTables(registry, database.dialect())) {
    RETURN_IF_ERROR(database.Write(
        [&](Transaction& tx) { return MigrateTable(tx, database.dialect(), table); }));
  }
  return absl::OkStatus();
}

absl::Status StoreVersion(Transaction& tx, int version) {
  return tx.Send(
      "INSERT INTO engine_state (key, value) VALUES ('schema_version', ?) "
      "ON CONFLICT (key) DO UPDATE SET value = excluded.value",
      {Bytes{absl::StrCat(version)}});
}

}  // namespace

std::string PrintSchema(const Registry& registry, const storage::Dialect& dialect) {
  std::string ddl = absl::StrCat(kCreateColumnCatalogue, ";\n");
  for (const Table& table : AllTables(registry, dialect)) {
    absl::StrAppend(&ddl, CreateTable(table), ";\n");
    for (const std::string& index : table.indexes) absl::StrAppend(&ddl, index, ";\n");
  }
  return ddl;
}

absl::Status Migrate(const Registry& registry, int version, storage::Database& database) {
  bool behind = false;
  RETURN_IF_ERROR(database.Write([&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(behind, IsBehind(tx, version, database.dialect()));
    return absl::OkStatus();
  }));
  if (behind) RETURN_IF_ERROR(MigrateTables(registry, database));
  RETURN_IF_ERROR(BeginHistory(database));
  RETURN_IF_ERROR(BackFill(registry, version, database));
  if (!behind) return absl::OkStatus();
  // Last: whoever is ended before this begins again.
  return database.Write([&](Transaction& tx) { return StoreVersion(tx, version); });
}

absl::Status BackFill(const Registry& registry, int version, storage::Database& database) {
  for (const auto& type : registry.types()) {
    ASSIGN_OR_RETURN(bool behind, HasOlderRows(*type, version, database));
    while (behind) {
      RETURN_IF_ERROR(WriteChanges(database, [&](Transaction& tx) -> absl::Status {
        ASSIGN_OR_RETURN(const size_t filled,
                         BackFillSome(tx, database.dialect(), registry, *type, version));
        behind = filled > 0;
        return absl::OkStatus();
      }));
    }
  }
  return absl::OkStatus();
}

}  // namespace baliprocess::resource
