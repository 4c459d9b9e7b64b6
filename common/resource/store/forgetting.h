// Taking what was recorded out of the store, history and kept replies included.

#ifndef BALIPROCESS_COMMON_RESOURCE_STORE_FORGETTING_H_
#define BALIPROCESS_COMMON_RESOURCE_STORE_FORGETTING_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "common/resource/store/resource_type.h"
#include "common/storage/database.h"

namespace baliprocess::resource {

// What stands in the place of a text that was erased.
inline constexpr std::string_view kErasedText = "(name erased)";

// Replaces `text` by kErasedText in the fields of a message that may hold a person's name: those
// marked personal that are `text`, letter by letter, except in messages of those who have an
// erasure of their own (`erase_time`). Whether there were any.
bool EraseTextIn(google::protobuf::Message& message, std::string_view text);

// The names of the resources of a type, deleted ones too, whose stored bytes contain `text`.
absl::StatusOr<std::vector<std::string>> NamesOfContaining(storage::Transaction& tx,
                                                           const storage::Dialect& dialect,
                                                           const ResourceType& type,
                                                           std::string_view text);

// Erases `text` in the change log and in the kept replies.
absl::Status EraseTextInHistory(storage::Transaction& tx, const storage::Dialect& dialect,
                                const Registry& registry, std::string_view text);

// Removes the row of a resource, its references, and what the history and kept replies tell of it
// but who changed it when.
absl::Status Remove(storage::Transaction& tx, const storage::Dialect& dialect,
                    const ResourceType& type, const std::string& name);

}  // namespace baliprocess::resource

#endif  // BALIPROCESS_COMMON_RESOURCE_STORE_FORGETTING_H_
