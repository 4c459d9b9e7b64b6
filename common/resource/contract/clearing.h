// Clearing fields by what their contract says of them: what a client can't set, what is never kept,
// what a caller may not see, what is personal.

#ifndef BALIPROCESS_COMMON_RESOURCE_CONTRACT_CLEARING_H_
#define BALIPROCESS_COMMON_RESOURCE_CONTRACT_CLEARING_H_

#include <google/protobuf/message.h>

#include <functional>

#include "baliprocess/api/v1/visibility.pb.h"

namespace baliprocess::resource {

// Who gives a resource: a caller as any other, or the secretariat as it was recorded elsewhere (the
// `as_recorded` of a request), who may also give the OUTPUT_ONLY fields marked `recorded`.
enum class Given { kByCaller, kAsRecorded };

// Clears what a client can't set: OUTPUT_ONLY and IDENTIFIER fields and the etag, nested ones
// included. For the input of a Create.
void ClearServerFields(google::protobuf::Message& message, Given given = Given::kByCaller);

// Clears INPUT_ONLY fields, nested ones included. Nothing of them is ever kept.
void ClearInputOnly(google::protobuf::Message& message);

// Whether the type of `message` has INPUT_ONLY fields, nested ones included.
bool HasInputOnly(const google::protobuf::Message& message);

// Whether who looks takes part in what a resource stands for (ResourceRules.participants). Asked
// only where it matters.
using TakesPart = std::function<bool(const google::protobuf::Message& resource)>;

// Clears the fields whose visibility is above `clearance`, nested ones included, but for those
// shown to participants where `takes_part`; below the highest level also those that only a newer
// program knows. Without `takes_part` nobody does.
void Redact(google::protobuf::Message& message, api::v1::Visibility::Level clearance,
            const TakesPart& takes_part = nullptr);

// Clears the fields marked personal, nested ones included, and those that only a newer program
// knows. Whether there were any that are marked.
bool ErasePersonal(google::protobuf::Message& message);

}  // namespace baliprocess::resource

#endif  // BALIPROCESS_COMMON_RESOURCE_CONTRACT_CLEARING_H_
