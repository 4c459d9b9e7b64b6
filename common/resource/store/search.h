// Finding resources by their words (search_index.h).
//
// The best hits are chosen in three steps, each of which all engines do alike, as nothing is
// compared but whole numbers and bytes:
//   1. The word that the fewest rows have, as far as they are counted, leads.
//   2. Its rows are gone through, whole words before beginnings and heavy ones before light ones,
//      until kMostHits are of resources that have the other words, too, and that the viewer may
//      see.
//   3. Their resources are ordered by points: for each word of the query the heaviest of the words
//      that begin with it, twice if it is the whole word. What has the same points is ordered by
//      name.

#ifndef BALIPROCESS_COMMON_RESOURCE_STORE_SEARCH_H_
#define BALIPROCESS_COMMON_RESOURCE_STORE_SEARCH_H_

#include <google/protobuf/message.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "common/resource/store/resource_type.h"
#include "common/resource/store/table.h"
#include "common/storage/database.h"

namespace baliprocess::resource {

// The most words of a query, and the most hits that are told of it.
inline constexpr size_t kMostQueryWords = 16;
inline constexpr int64_t kMostHits = 500;

struct SearchQuery {
  std::vector<std::string> words;  // in the form of search_words.h, each once; one at least
  std::vector<const ResourceType*> types;
  std::string parent;  // only what is below it; empty: everything
};

// Where a page ends.
struct HitPosition {
  int64_t points = 0;
  std::string name;
};

struct Hit {
  const ResourceType* type = nullptr;
  std::unique_ptr<google::protobuf::Message> resource;  // as stored
  HitPosition position;
};

struct Hits {
  std::vector<Hit> hits;
  bool more = false;  // whether there are others behind them
};

// At most `limit` hits behind `after` (nullptr: from the first), as many as fit in a page
// (sizes.h).
absl::StatusOr<Hits> FindHits(storage::Transaction& tx, const SearchQuery& query,
                              const Viewer& viewer, const HitPosition* after, int limit);

}  // namespace baliprocess::resource

#endif  // BALIPROCESS_COMMON_RESOURCE_STORE_SEARCH_H_
