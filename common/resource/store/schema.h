// The tables of a service, derived from its resource types, and their automatic migration.
//
// A resource type has a table: its columns (columns.h), `parent`, `layout` and `message`, the
// resource itself. The message is the truth and the columns are an index of it, so a migration only
// ever adds columns, tables and indexes, fills them from the messages, and drops indexes. Beside
// the resource tables stand
//   resource_references   which live resource refers to which (its parent included)
//   changes               the change log
//   histories             the histories that its changes are of (history.h)
//   erasures              those under way (erasure.h)
//   replays               replies by request_id
//   search_records        the resources that Search finds, and
//   search_words          their words (search_index.h)
//   engine_state          keys and versions
//   schema_columns        the columns there are, as neither engine tells it the same way

#ifndef BALIPROCESS_COMMON_RESOURCE_STORE_SCHEMA_H_
#define BALIPROCESS_COMMON_RESOURCE_STORE_SCHEMA_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "common/resource/store/resource_type.h"
#include "common/storage/database.h"

namespace baliprocess::resource {

// The DDL of an empty store, statements separated by ";\n": for --print_schema. The parts in which
// the engines differ are as `dialect` has them.
std::string PrintSchema(const Registry& registry, const storage::Dialect& dialect);

// Brings the store to the schema of `registry`: creates what is missing, begins a history
// (history.h), back-fills new columns, and brings texts of older rows into their form. In steps,
// each a transaction: replicas may start at the same time, and one that is ended in between leaves
// a store that the next start brings further.
// `version` is the service's schema version, raised with every change of its tables. Binaries one
// version apart run on the same store, so that replicas can be replaced one by one; a store that is
// newer than that is refused.
absl::Status Migrate(const Registry& registry, int version, storage::Database& database);

// Brings rows up to date that a binary of the version before has written since: while replicas are
// replaced one by one, the old ones go on writing. Costs little when there are none.
absl::Status BackFill(const Registry& registry, int version, storage::Database& database);

}  // namespace baliprocess::resource

#endif  // BALIPROCESS_COMMON_RESOURCE_STORE_SCHEMA_H_
