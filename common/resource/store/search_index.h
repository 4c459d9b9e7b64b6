// The words of resources, so that Search finds them (search.h): a row for each word of a
// live resource, which comes and goes with its row, in the same transaction.
//
//   search_records   the resources that have words, numbered as they came
//   search_words     the words of each; how much one says of its resource (`weight`), and the least
//                    clearance by which it may be found (`level`)
//
// Both are plain tables, and the same SQL runs on all engines (ARCHITECTURE.md).

#ifndef BALIPROCESS_COMMON_RESOURCE_STORE_SEARCH_INDEX_H_
#define BALIPROCESS_COMMON_RESOURCE_STORE_SEARCH_INDEX_H_

#include <google/protobuf/message.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"

#include "baliprocess/api/v1/visibility.pb.h"
#include "common/resource/store/resource_type.h"
#include "common/storage/database.h"

namespace baliprocess::resource {

// The most words of a resource that are kept, each counted once, and that are read, counted each
// time. What the resource is called comes first.
inline constexpr size_t kMostIndexedWords = 1000;
inline constexpr size_t kMostReadWords = 20'000;

// How much a word of what a resource is called says of it, and one of its other texts; as much
// again, divided by the number of words there, is added.
inline constexpr int64_t kNameWeight = 100;
inline constexpr int64_t kTextWeight = 10;

// A text by which a resource is found.
struct SearchedText {
  std::string_view text;
  // The least clearance that sees the field, the resource's own visibility aside.
  api::v1::Visibility::Level level;
  // Whether it says what the resource is called: a field of the resource itself that is its title
  // or ends in `_name`, its other names, or its id.
  bool is_name;
};

// Calls `visit` with each searched text of a resource, first those that say what it is called. The
// others are all fields that are text by their contract (contract/text_form.h).
void ForEachSearchedText(const ResourceType& type, const google::protobuf::Message& resource,
                         const std::function<void(const SearchedText& text)>& visit);

// What a resource is called: its display name or title, or else that of a message within it. Empty
// where there is none.
std::string TitleOf(const google::protobuf::Message& resource);

// The words of a resource with the least clearance that finds each, and their weights.
using IndexedWords = std::map<std::pair<std::string, int64_t>, int64_t>;
IndexedWords IndexedWordsOf(const ResourceType& type, const google::protobuf::Message& resource);

// Makes the index have the words of `resource`; none if it is deleted. Without a read, and without
// a write where nothing changes. `before` is the resource as the index has it; nullptr where that
// isn't known.
absl::Status IndexResource(storage::Transaction& tx, const ResourceType& type,
                           const google::protobuf::Message* before,
                           const google::protobuf::Message& resource);

// Removes the words of a resource that is removed for good.
absl::Status RemoveFromIndex(storage::Transaction& tx, const std::string& name);

}  // namespace baliprocess::resource

#endif  // BALIPROCESS_COMMON_RESOURCE_STORE_SEARCH_INDEX_H_
