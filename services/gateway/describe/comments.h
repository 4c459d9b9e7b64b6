// The comments of the contract, which descriptors that are compiled in don't have.

#ifndef BALIPROCESS_SERVICES_GATEWAY_DESCRIBE_COMMENTS_H_
#define BALIPROCESS_SERVICES_GATEWAY_DESCRIBE_COMMENTS_H_

#include <google/protobuf/descriptor.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace baliprocess::gateway {

class Comments {
 public:
  // From the bytes of a google.protobuf.FileDescriptorSet that protoc wrote with
  // --include_source_info and --include_imports. INVALID_ARGUMENT when they aren't that.
  static absl::StatusOr<Comments> Parse(const std::string& bytes);

  // The comment before something of the contract, as Markdown: a line a paragraph. Empty when there
  // is none.
  std::string Of(const google::protobuf::ServiceDescriptor& service) const;
  std::string Of(const google::protobuf::MethodDescriptor& method) const;
  std::string Of(const google::protobuf::Descriptor& message) const;
  std::string Of(const google::protobuf::FieldDescriptor& field) const;
  std::string Of(const google::protobuf::EnumDescriptor& type) const;
  std::string Of(const google::protobuf::EnumValueDescriptor& value) const;

 private:
  explicit Comments(std::unique_ptr<google::protobuf::DescriptorPool> pool)
      : pool_(std::move(pool)) {}

  std::unique_ptr<google::protobuf::DescriptorPool> pool_;
};

// What a comment says first, without its full stop.
std::string FirstSentence(const std::string& comment);

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_DESCRIBE_COMMENTS_H_
