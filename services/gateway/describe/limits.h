// What a value that is sent must be, in the words of JSON Schema: the rules that the contract has
// for its fields (baliprocess/api/v1/field.proto), as the services judge them.

#ifndef BALIPROCESS_SERVICES_GATEWAY_DESCRIBE_LIMITS_H_
#define BALIPROCESS_SERVICES_GATEWAY_DESCRIBE_LIMITS_H_

#include <google/protobuf/descriptor.h>

#include <string>

#include "services/gateway/describe/json.h"

namespace baliprocess::gateway {

// A regular expression for the last part of a resource's name, without anchors.
inline constexpr char kIdPattern[] = "[a-z]([a-z0-9-]{0,61}[a-z0-9])?";

// Whether `-` may stand for ids in the field, which names the parent of what is listed (AIP-159).
bool TakesAnyParent(const google::protobuf::FieldDescriptor& field);

// Adds the limits of one value of the field, which for a list is an element, to its schema. A
// string may be empty unless the field is REQUIRED.
void AddValueLimits(const google::protobuf::FieldDescriptor& field, Json& schema);

// Adds the limits of the number of elements.
void AddListLimits(const google::protobuf::FieldDescriptor& field, Json& schema);

// What no schema can say: what the field refers to, bounds of 64-bit numbers (strings in JSON), who
// sees it. Sentences, each with a blank before it.
std::string RemarksOn(const google::protobuf::FieldDescriptor& field);

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_DESCRIBE_LIMITS_H_
