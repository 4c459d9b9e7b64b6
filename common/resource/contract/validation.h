// Judges messages by the annotations of their contract: google.api.field_behavior, field_info and
// resource_reference, baliprocess.api.v1.field, and what the well-known types demand.
//
// Rules, all of them judged; what is broken beyond kMostViolations is counted:
//   - REQUIRED: a string isn't empty, an enum isn't 0, a message is present, a list has an element.
//     Numbers and bools are judged only where they are `optional`. The parent of a request within a
//     batch may be empty (AIP-233).
//   - enums have a declared value; lists at most `max_items` (100) elements
//   - strings are valid UTF-8 of at most `max_length` (1,000) code points, without control
//     characters other than tab and line feed, and without more than kMostMarks combining marks in
//     a row; empty, or of their `format`
//   - numbers lie within `minimum` and `maximum`
//   - the id that a Create gives its resource (`seat_id` beside `seat`) is a valid id, or empty
//   - references are names of the type's pattern (`*`: of any type); a `child_type` reference is
//     a parent of that type
//   - google.type.Date, google.protobuf.Timestamp and Duration are within what they can stand for;
//     a baliprocess.common.v1.Term doesn't certainly end before it starts
// OUTPUT_ONLY fields are skipped, whatever they hold: they are ignored on input (AIP-203). Those
// that an import brings along (FieldRules.recorded) are judged. The IDENTIFIER is skipped, except
// directly below ValidateOptions::partial. What is inside an Any isn't looked at. Messages nested
// deeper than 32 levels break a rule.

#ifndef BALIPROCESS_COMMON_RESOURCE_CONTRACT_VALIDATION_H_
#define BALIPROCESS_COMMON_RESOURCE_CONTRACT_VALIDATION_H_

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <string_view>

#include "common/base/errors.h"

namespace baliprocess::resource {

struct ValidateOptions {
  // The field of the request that holds the resource of an Update: below it, REQUIRED isn't judged
  // (the mask may leave fields out), but the resource's `name` is required and must be of its type.
  const google::protobuf::FieldDescriptor* partial = nullptr;

  // Whether `-` may stand for ids in the request's own `child_type` references: List and BatchGet
  // (AIP-159). Never in those of requests within the request.
  bool allow_wildcard_parent = false;
};

// Adds what is wrong with `message`. `prefix` is its path in the request: "" for the request
// itself, else `seat` or `requests[3].seat`. Safe for many threads; for messages of the linked
// contracts nothing is locked or allocated unless there is a violation.
void Validate(const google::protobuf::Message& message, std::string_view prefix,
              const ValidateOptions& options, Violations& violations);

// The same for a whole resource, such as one merged by a field mask: REQUIRED is judged, its name
// isn't.
void ValidateResource(const google::protobuf::Message& resource, std::string_view prefix,
                      Violations& violations);

}  // namespace baliprocess::resource

#endif  // BALIPROCESS_COMMON_RESOURCE_CONTRACT_VALIDATION_H_
