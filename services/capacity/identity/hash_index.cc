#include "services/capacity/identity/hash_index.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "common/base/status_macros.h"
#include "services/capacity/rules/rules.h"

namespace baliprocess::capacity {
namespace {

using storage::Row;
using storage::Transaction;
using storage::Value;

std::vector<std::string> TextsOf(const std::vector<Row>& rows) {
  std::vector<std::string> texts;
  texts.reserve(rows.size());
  for (const Row& row : rows) texts.push_back(storage::AsText(row[0]));
  return texts;
}

// Whether persons share them may have changed.
absl::Status Judge(Transaction& tx, const std::set<std::string>& hashes) {
  if (hashes.empty()) return absl::OkStatus();
  const std::vector<std::string> marks(hashes.size(), "?");
  return tx.Send(absl::StrCat("UPDATE identity_hashes SET shared = EXISTS (SELECT 1 FROM "
                              "identity_hashes o WHERE o.hash = identity_hashes.hash AND "
                              "o.person <> identity_hashes.person) WHERE hash IN (",
                              absl::StrJoin(marks, ", "), ")"),
                 std::vector<Value>(hashes.begin(), hashes.end()));
}

absl::Status AddRows(Transaction& tx, const std::string& practitioner, const std::string& person,
                     const std::set<std::string>& hashes) {
  if (hashes.empty()) return absl::OkStatus();
  const std::vector<std::string> rows(hashes.size(), "(?, ?, ?)");
  std::vector<Value> values;
  for (const std::string& hash : hashes) {
    values.insert(values.end(), {hash, practitioner, person});
  }
  return tx.Send(absl::StrCat("INSERT INTO identity_hashes (hash, practitioner, person) VALUES ",
                              absl::StrJoin(rows, ", ")),
                 values);
}

}  // namespace

resource::SideTable HashTable() {
  return {"identity_hashes",
          {"hash TEXT NOT NULL", "practitioner TEXT NOT NULL", "person TEXT NOT NULL",
           "shared BOOLEAN NOT NULL DEFAULT FALSE"},
          "PRIMARY KEY (hash, practitioner)",
          {{"practitioner", "practitioner"}, {"shared", "shared, person, hash"}}};
}

absl::Status KeepHashes(Transaction& tx, const v1::Practitioner& practitioner) {
  std::set<std::string> hashes;
  if (!practitioner.has_delete_time()) {
    hashes.insert(practitioner.identity_hashes().begin(), practitioner.identity_hashes().end());
  }
  ASSIGN_OR_RETURN(
      const auto before,
      tx.Query("SELECT hash FROM identity_hashes WHERE practitioner = ?", {practitioner.name()}));
  if (!before.empty()) {
    RETURN_IF_ERROR(
        tx.Send("DELETE FROM identity_hashes WHERE practitioner = ?", {practitioner.name()}));
  }
  RETURN_IF_ERROR(AddRows(tx, practitioner.name(), PersonOf(practitioner), hashes));
  for (std::string& hash : TextsOf(before)) hashes.insert(std::move(hash));
  return Judge(tx, hashes);
}

absl::StatusOr<std::vector<std::string>> SharingPersons(Transaction& tx, const std::string& after,
                                                        int limit) {
  ASSIGN_OR_RETURN(const auto rows,
                   tx.Query("SELECT DISTINCT person FROM identity_hashes WHERE shared = TRUE AND "
                            "person > ? ORDER BY person LIMIT ?",
                            {after, int64_t{limit}}));
  return TextsOf(rows);
}

absl::StatusOr<std::vector<std::string>> LinkedPersons(Transaction& tx, const std::string& person) {
  // On SQLite a CROSS JOIN isn't reordered: from persons to their hashes to others of these.
  ASSIGN_OR_RETURN(const auto rows,
                   tx.Query("WITH RECURSIVE linked (person) AS (SELECT CAST(? AS TEXT) UNION "
                            "SELECT o.person FROM linked l CROSS JOIN identity_hashes h CROSS JOIN "
                            "identity_hashes o WHERE h.shared = TRUE AND h.person = l.person AND "
                            "o.hash = h.hash) SELECT person FROM linked ORDER BY person",
                            {person}));
  return TextsOf(rows);
}

}  // namespace baliprocess::capacity
