// What stores that an earlier version of the contract wrote have under fields that are no more.

#ifndef BALIPROCESS_COMMON_RESOURCE_CONTRACT_FORMER_FIELDS_H_
#define BALIPROCESS_COMMON_RESOURCE_CONTRACT_FORMER_FIELDS_H_

#include <google/protobuf/message.h>

namespace baliprocess::resource {

// Whether messages of a type, or those inside them, may have former fields.
bool HasFormerFields(const google::protobuf::Descriptor& type);

// Moves the strings of former fields to the fields that took their place (`FieldRules.formerly`),
// in the messages inside `stored` too. A field that is set stays. Of the former fields of one, in
// the order in which it names them, the first that is there is taken: what is left may belong to
// the next field that names it.
void CarryFormerFields(google::protobuf::Message& stored);

}  // namespace baliprocess::resource

#endif  // BALIPROCESS_COMMON_RESOURCE_CONTRACT_FORMER_FIELDS_H_
