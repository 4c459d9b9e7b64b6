#include "common/resource/store/search.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "common/base/status_macros.h"
#include "common/resource/contract/search_words.h"
#include "common/resource/store/sizes.h"

namespace baliprocess::resource {
namespace {

using storage::Row;
using storage::Transaction;
using storage::Value;

// Words that more rows have are equally common.
constexpr int kMostCounted = 5000;

// SQL and its parameters, put together from its front to its end.
struct Statement {
  std::string sql;
  std::vector<Value> params;

  void Add(std::string_view text, std::vector<Value> values = {}) {
    sql.append(text);
    for (Value& value : values) params.push_back(std::move(value));
  }
  void Add(Condition condition) { Add(condition.sql, std::move(condition.params)); }
};

// Whether a row of the words begins with a word and may be found.
Condition Begins(const std::string& rows, const std::string& word, const Viewer& viewer) {
  return {absl::StrCat(rows, ".word >= ? AND ", rows, ".word < ? AND ", rows, ".level <= ?"),
          {word, AfterBeginning(word), static_cast<int64_t>(viewer.clearance())}};
}

// What a row has points for, beside its weight.
constexpr std::string_view kTwiceIfWhole = ".weight * CASE WHEN ";

// The words, the rarest first.
absl::StatusOr<std::vector<std::string>> RarestFirst(Transaction& tx,
                                                     const std::vector<std::string>& words) {
  if (words.size() == 1) return words;
  Statement count;
  for (const std::string& word : words) {
    count.Add(absl::StrCat(count.sql.empty() ? "SELECT " : ", ",
                           "(SELECT COUNT(*) FROM (SELECT 1 FROM search_words WHERE word >= ? "
                           "AND word < ? LIMIT ",
                           kMostCounted, ") AS counted)"),
              {word, AfterBeginning(word)});
  }
  ASSIGN_OR_RETURN(const std::vector<Row> rows, tx.Query(count.sql, count.params));
  std::vector<std::pair<int64_t, std::string>> counted;
  for (size_t i = 0; i < words.size(); ++i) {
    counted.emplace_back(storage::AsInt(rows[0][i]), words[i]);
  }
  // Among equally common ones the longest.
  std::sort(counted.begin(), counted.end(), [](const auto& a, const auto& b) {
    if (a.first != b.first) return a.first < b.first;
    if (a.second.size() != b.second.size()) return a.second.size() > b.second.size();
    return a.second < b.second;
  });
  std::vector<std::string> sorted;
  for (auto& [rows_of_it, word] : counted) sorted.push_back(std::move(word));
  return sorted;
}

// True for records whose resource is live, of one of the types, and seen by the viewer. Scalar
// subqueries: of an EXISTS a planner may make a join that goes through whole tables.
void AddIsSeen(const SearchQuery& query, const Viewer& viewer, Statement& statement) {
  std::string_view between = " AND (";
  for (const ResourceType* type : query.types) {
    statement.Add(between, {});
    between = " OR ";
    statement.Add(
        absl::StrCat("(records.type = ? AND (SELECT 1 FROM ", type->plural, " WHERE ", type->plural,
                     ".name = records.name AND ", type->plural, ".delete_time IS NULL AND "),
        {type->type});
    statement.Add(VisibleTo(*type, viewer));
    statement.Add(") = 1)");
  }
  statement.Add(")");
}

// The rows of the first word that are hits, at most kMostHits, with their points for this word.
void AddCandidates(const SearchQuery& query, const std::vector<std::string>& words,
                   const Viewer& viewer, Statement& statement) {
  statement.Add(absl::StrCat("SELECT found.record, records.name, records.type, found",
                             std::string(kTwiceIfWhole),
                             "found.word = ? THEN 2 ELSE 1 END AS points "
                             "FROM search_words AS found CROSS JOIN search_records AS records "
                             "WHERE records.record = found.record AND "),
                {words[0]});
  statement.Add(Begins("found", words[0], viewer));
  if (!query.parent.empty()) {
    // What follows the slash is above every name below it.
    statement.Add(" AND records.name >= ? AND records.name < ?",
                  {query.parent + "/", query.parent + "0"});
  }
  for (size_t i = 1; i < words.size(); ++i) {
    statement.Add(
        " AND (SELECT 1 FROM search_words AS other WHERE other.record = found.record AND ");
    statement.Add(Begins("other", words[i], viewer));
    statement.Add(" LIMIT 1) = 1");
  }
  AddIsSeen(query, viewer, statement);
  statement.Add(
      absl::StrCat(" ORDER BY found.word, found.weight DESC, found.record DESC LIMIT ", kMostHits));
}

// The resources of the candidates, with all their points.
void AddScored(const SearchQuery& query, const std::vector<std::string>& words,
               const Viewer& viewer, Statement& statement) {
  statement.Add("SELECT candidates.name, candidates.type, MAX(candidates.points)");
  for (size_t i = 1; i < words.size(); ++i) {
    statement.Add(absl::StrCat(" + (SELECT MAX(other", std::string(kTwiceIfWhole),
                               "other.word = ? THEN 2 ELSE 1 END) FROM search_words AS other "
                               "WHERE other.record = candidates.record AND "),
                  {words[i]});
    statement.Add(Begins("other", words[i], viewer));
    statement.Add(")");
  }
  statement.Add(" AS points FROM (");
  AddCandidates(query, words, viewer, statement);
  statement.Add(") AS candidates GROUP BY candidates.record, candidates.name, candidates.type");
}

Statement SelectHits(const SearchQuery& query, const std::vector<std::string>& words,
                     const Viewer& viewer, const HitPosition* after, int limit) {
  Statement statement;
  statement.Add("SELECT page.name, page.points, page.type, CASE page.type");
  for (const ResourceType* type : query.types) {
    statement.Add(absl::StrCat(" WHEN ? THEN (SELECT message FROM ", type->plural, " WHERE ",
                               type->plural, ".name = page.name)"),
                  {type->type});
  }
  statement.Add(" END AS message FROM (SELECT scored.name, scored.points, scored.type FROM (");
  AddScored(query, words, viewer, statement);
  statement.Add(") AS scored");
  if (after != nullptr) {
    statement.Add(" WHERE scored.points < ? OR (scored.points = ? AND scored.name > ?)",
                  {after->points, after->points, after->name});
  }
  statement.Add(
      " ORDER BY scored.points DESC, scored.name LIMIT ?) AS page "
      "ORDER BY page.points DESC, page.name",
      {int64_t{limit} + 1});
  return statement;
}

absl::StatusOr<Hit> HitOf(const SearchQuery& query, const Row& row) {
  Hit hit;
  hit.position = {storage::AsInt(row[1]), storage::AsText(row[0])};
  for (const ResourceType* type : query.types) {
    if (type->type == storage::AsText(row[2])) hit.type = type;
  }
  if (hit.type == nullptr) return absl::InternalError("a hit of a type that wasn't asked for");
  hit.resource = hit.type->New();
  RETURN_IF_ERROR(ParseBody(row[3], *hit.resource));
  return hit;
}

}  // namespace

absl::StatusOr<Hits> FindHits(Transaction& tx, const SearchQuery& query, const Viewer& viewer,
                              const HitPosition* after, int limit) {
  Hits found;
  if (query.types.empty()) return found;
  ASSIGN_OR_RETURN(const std::vector<std::string> words, RarestFirst(tx, query.words));
  const Statement statement = SelectHits(query, words, viewer, after, limit);
  ASSIGN_OR_RETURN(const std::vector<Row> rows,
                   tx.QueryUpTo({{"message"}, kMaxPageBytes}, statement.sql, statement.params));
  PageBudget page;
  for (const Row& row : rows) {
    if (found.hits.size() == static_cast<size_t>(limit) ||
        !page.Take(storage::AsBytes(row[3]).size())) {
      break;
    }
    ASSIGN_OR_RETURN(Hit hit, HitOf(query, row));
    found.hits.push_back(std::move(hit));
  }
  found.more = rows.size() > found.hits.size() || page.exceeded();
  return found;
}

}  // namespace baliprocess::resource
