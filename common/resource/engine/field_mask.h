// Updates by field mask (AIP-134, 161, 203).

#ifndef BALIPROCESS_COMMON_RESOURCE_ENGINE_FIELD_MASK_H_
#define BALIPROCESS_COMMON_RESOURCE_ENGINE_FIELD_MASK_H_

#include <google/protobuf/field_mask.pb.h>
#include <google/protobuf/message.h>

#include <string_view>

#include "baliprocess/api/v1/visibility.pb.h"
#include "common/base/errors.h"
#include "common/resource/contract/clearing.h"

namespace baliprocess::resource {

// Changes `target` as `mask` and `patch`, of the same type, say.
//   - Paths name fields, through singular messages: `term.end_date`. A list is replaced whole. A
//     field that the patch doesn't have is cleared.
//   - `*`, alone: all fields.
//   - An empty mask: the fields that are set in the patch, messages merged; dates, times and other
//     google.* messages are replaced whole.
//   - OUTPUT_ONLY and IDENTIFIER fields and the etag are left as they are, named or not (AIP-203).
//   - A field whose visibility is above `clearance` keeps its value. Naming it, or setting it in
//     the patch, is a violation. Lists are replaced whole, so hidden fields of their elements are
//     lost.
//   - An IMMUTABLE field that is named, or that `*` or an empty mask finds set, must have the value
//     it has in `target`. Given::kAsRecorded, so must an OUTPUT_ONLY field marked `recorded`.
// Violations are on `update_mask`, or on the immutable field below `prefix` (the request's field
// with the resource, such as `seat`). With any, what `target` holds is of no use.
void ApplyMask(const google::protobuf::FieldMask& mask, const google::protobuf::Message& patch,
               std::string_view prefix, api::v1::Visibility::Level clearance,
               google::protobuf::Message& target, Violations& violations,
               Given given = Given::kByCaller);

}  // namespace baliprocess::resource

#endif  // BALIPROCESS_COMMON_RESOURCE_ENGINE_FIELD_MASK_H_
