// Taking what was recorded out of the store: out of a message, a change, a kept reply. How a whole
// history is gone through is erasure.h's.

#ifndef BALIPROCESS_COMMON_RESOURCE_STORE_FORGETTING_H_
#define BALIPROCESS_COMMON_RESOURCE_STORE_FORGETTING_H_

#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "common/resource/query/filter.h"
#include "common/resource/store/resource_type.h"
#include "common/storage/database.h"

namespace baliprocess::resource {

// What stands in the place of a text that was erased.
inline constexpr std::string_view kErasedText = "(name erased)";

// What is to be forgotten.
struct Forgotten {
  enum class What {
    kPersonal,  // the personal fields of a resource
    kResource,  // a resource: all but who changed it when
    kText,      // a text that is a person's name, as EraseTextIn takes it
  };
  What what = What::kPersonal;
  std::string text;  // the name of the resource, or the text
  friend auto operator<=>(const Forgotten&, const Forgotten&) = default;
};

// Replaces `text` by kErasedText in the fields of a message that may hold a person's name: those
// marked personal that are `text`, letter by letter, except in messages of those who have an
// erasure of their own (`erase_time`). Whether there were any.
bool EraseTextIn(google::protobuf::Message& message, std::string_view text);

// Calls `visit` with each text that EraseTextIn may replace.
void ForEachErasableText(google::protobuf::Message& message,
                         const std::function<void(const std::string& text)>& visit);

// The names of the resources of a type, deleted ones too, whose stored bytes contain `text`.
absl::StatusOr<std::vector<std::string>> NamesOfContaining(storage::Transaction& tx,
                                                           const storage::Dialect& dialect,
                                                           const ResourceType& type,
                                                           std::string_view text);

// Removes the row of a resource, its references and its words.
absl::Status Remove(storage::Transaction& tx, const ResourceType& type, const std::string& name);

// The changes among which are those that tell of `forgotten`, as a SQL condition on the change log.
Condition ChangesOf(const Forgotten& forgotten);

// Whether a body of a change that ChangesOf let through may tell of it: else there is nothing to
// do.
bool MayTell(const Forgotten& forgotten, const storage::Value& body);

// Whether a kept reply may tell of it; `resource` is what it is kept under, which may be nothing.
bool MayTell(const Forgotten& forgotten, const std::string& resource, const std::string& reply);

// Takes it out of the change with this number. There may be no such change any more.
absl::Status ForgetInChange(storage::Transaction& tx, const Registry& registry,
                            const Forgotten& forgotten, int64_t seq);

// Takes it out of a kept reply, and makes the hash of the request unrecognisable, which was made
// from it too. There may be no such reply any more.
absl::Status ForgetInReply(storage::Transaction& tx, const Forgotten& forgotten,
                           const std::string& caller, const std::string& request_id);

}  // namespace baliprocess::resource

#endif  // BALIPROCESS_COMMON_RESOURCE_STORE_FORGETTING_H_
