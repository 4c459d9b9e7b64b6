// What validation has to look at in a message type, worked out once from its annotations.

#ifndef BALIPROCESS_COMMON_RESOURCE_CONTRACT_VALIDATION_PLAN_H_
#define BALIPROCESS_COMMON_RESOURCE_CONTRACT_VALIDATION_PLAN_H_

#include <google/protobuf/descriptor.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "baliprocess/api/v1/field.pb.h"
#include "common/base/descriptors.h"
#include "common/resource/contract/names.h"

namespace baliprocess::resource {

struct MessagePlan;

// The rules of one field.
struct FieldPlan {
  const google::protobuf::FieldDescriptor* field = nullptr;
  const MessagePlan* message = nullptr;  // of a message field
  bool required = false;
  bool identifier = false;
  size_t max_length = 0;
  int max_items = 0;
  std::optional<int64_t> minimum;
  std::optional<int64_t> maximum;
  api::v1::FieldRules::Format format = api::v1::FieldRules::FORMAT_UNSPECIFIED;
  bool uuid4 = false;
  std::vector<const google::protobuf::FieldDescriptor*> kinds;  // of a Party: what it may be
  std::string kinds_rule;                                       // "must be ..."
  bool resource_id = false;  // the id that a Create request gives to its resource

  // What a reference must be: a name of a type, a parent of a type, a name of any type.
  enum class Reference { kNone, kName, kParent, kAny };
  Reference reference = Reference::kNone;
  const NamePattern* pattern = nullptr;  // of kName and kParent; nullptr: no such type, none fits
  std::string reference_rule;            // "must be ..."
};

// The rules of a message type.
struct MessagePlan {
  // Types with rules of their own.
  enum class Special {
    kNone,
    kDate,
    kTimestamp,
    kDuration,
    kFieldMask,
    kTerm,
    kMoney,
    kIdentifier
  };
  Special special = Special::kNone;
  std::vector<FieldPlan> fields;  // those with rules
};

// Plans of message types and of all that they contain.
class PlanSet {
 public:
  // The plan of `type`, made when it is missing.
  const MessagePlan* Add(const google::protobuf::Descriptor* type);

  // The plan of `type`, or nullptr.
  const MessagePlan* Find(const google::protobuf::Descriptor* type) const;

 private:
  ByType<MessagePlan> plans_;
};

// The plans of all linked contracts.
const PlanSet& LinkedPlans();

}  // namespace baliprocess::resource

#endif  // BALIPROCESS_COMMON_RESOURCE_CONTRACT_VALIDATION_PLAN_H_
