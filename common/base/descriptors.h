// What everybody asks of the descriptors of the linked contracts.

#ifndef BALIPROCESS_COMMON_BASE_DESCRIPTORS_H_
#define BALIPROCESS_COMMON_BASE_DESCRIPTORS_H_

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "google/api/field_behavior.pb.h"

namespace baliprocess {

// Whether the contract says `behavior` of the field (AIP-203).
bool HasBehavior(const google::protobuf::FieldDescriptor& field,
                 google::api::FieldBehavior behavior);

// The path of calls of a method: `/package.Service/Method`.
std::string PathOf(const google::protobuf::MethodDescriptor& method);

// An empty message of a type that is compiled in.
std::unique_ptr<google::protobuf::Message> NewMessage(const google::protobuf::Descriptor& type);

// Every message type of the linked contracts (packages baliprocess.*), nested ones included, in the
// order of their files' names.
const std::vector<const google::protobuf::Descriptor*>& LinkedMessages();

// The message of a resource type of the linked contracts, such as `baliprocess.net/Member`; nullptr
// if there is none.
const google::protobuf::Descriptor* MessageOfType(std::string_view type);

// The method called `name` of the service that serves the resources of the package of `type`, which
// is called after the package: baliprocess.membership.v1.MembershipService. nullptr if there is
// none.
const google::protobuf::MethodDescriptor* MethodOfPackage(const google::protobuf::Descriptor& type,
                                                          const std::string& name);

// The fields on the way from a message to one of its fields.
using FieldPath = std::vector<const google::protobuf::FieldDescriptor*>;

// The way that `path`, such as `seat.member`, leads from a message of `type`. Empty if it leads
// nowhere, or through a list or a map.
FieldPath FindFieldPath(const google::protobuf::Descriptor& type, std::string_view path);

// The string at the end of a way that ends at one. A message on the way that is absent reads as an
// empty one; an empty way reads as "".
std::string TextAt(const google::protobuf::Message& message, const FieldPath& path);

// What was worked out of message types, by type. Entries stay where they are, so that the entry of
// a message can point to those of its fields' types, which may contain it in turn.
template <typename T>
class ByType {
 public:
  // The entry of `type`, made empty if it is missing, and whether it was.
  std::pair<T*, bool> Make(const google::protobuf::Descriptor* type) {
    const auto [entry, is_new] = entries_.try_emplace(type, nullptr);
    if (is_new) entry->second = std::make_unique<T>();
    return {entry->second.get(), is_new};
  }

  // The entry of `type`, or nullptr.
  const T* Find(const google::protobuf::Descriptor* type) const {
    const auto found = entries_.find(type);
    return found == entries_.end() ? nullptr : found->second.get();
  }

  const auto& entries() const { return entries_; }

 private:
  absl::flat_hash_map<const google::protobuf::Descriptor*, std::unique_ptr<T>> entries_;
};

}  // namespace baliprocess

#endif  // BALIPROCESS_COMMON_BASE_DESCRIPTORS_H_
