// What the contract says of the fields of a message type as to who sets and who sees them, worked
// out once.

#ifndef BALIPROCESS_COMMON_RESOURCE_CONTRACT_FIELD_TRAITS_H_
#define BALIPROCESS_COMMON_RESOURCE_CONTRACT_FIELD_TRAITS_H_

#include <google/protobuf/descriptor.h>

#include <vector>

#include "baliprocess/api/v1/visibility.pb.h"
#include "common/base/descriptors.h"

namespace baliprocess::resource {

struct TypeTraits;

struct FieldTraits {
  const google::protobuf::FieldDescriptor* field = nullptr;
  api::v1::Visibility::Level visibility = api::v1::Visibility::LEVEL_UNSPECIFIED;
  bool personal = false;
  bool server = false;               // OUTPUT_ONLY, IDENTIFIER or the etag of a resource
  bool recorded = false;             // OUTPUT_ONLY, but an import brings it along
  bool immutable = false;            // IMMUTABLE
  bool input_only = false;           // INPUT_ONLY: never kept, in no form
  bool participants = false;         // shown to participants, whatever `visibility` says
  bool text = false;                 // a string that is text (text_form.h)
  bool filled = false;               // by the server where it is left out (FieldRules)
  const TypeTraits* type = nullptr;  // of a message field
};

struct TypeTraits {
  std::vector<FieldTraits> fields;  // all of them, in order of declaration
  bool has_participants = false;    // a resource type that says who takes part
  // Over the fields and all that they contain:
  api::v1::Visibility::Level most_restricted = api::v1::Visibility::LEVEL_UNSPECIFIED;
  bool any_personal = false;
  bool any_kept = false;  // set or filled in by the server, or immutable
  bool any_input_only = false;
  bool any_text = false;
};

// Traits of message types and of all that they contain.
class TraitsSet {
 public:
  const TypeTraits& Add(const google::protobuf::Descriptor* type);
  const TypeTraits* Find(const google::protobuf::Descriptor* type) const;

 private:
  TypeTraits* AddWithFields(const google::protobuf::Descriptor* type);
  void Summarise();

  ByType<TypeTraits> types_;
};

// The traits of `type`. Those of linked contracts are kept; of other types they are made in
// `scratch` and live as long as it does.
const TypeTraits& TraitsOf(const google::protobuf::Descriptor* type, TraitsSet& scratch);

}  // namespace baliprocess::resource

#endif  // BALIPROCESS_COMMON_RESOURCE_CONTRACT_FIELD_TRAITS_H_
